// Aggregate states inside generated group records. A record begins with the number of its rows; each aggregate adds the fields it needs
// and no more: a sum that provably fits is one word, a count of an argument without NULLs is the record's own count. When groups
// are read, `expand` writes the states as the interpreter's aggregates lay them out (src/engine/aggregates/README.md), whose finish is used.
import {
  type Code,
  type F64,
  f64,
  type I32,
  type I64,
  i32,
  i64,
  leave,
  type Statement,
  select,
  sequence,
  type ValueType,
  when,
} from '../../kernels/emitter/wasm-code.ts';
import type { Physical } from '../../types/sql-type.ts';
import { either, floatComparison, GIVE_UP, isTrue, type TermEmitter, type Value } from './emit-term.ts';
import type { Term } from './term.ts';

/** What an aggregate keeps: a sum in 64 bits is proven to fit, one in 128 is not. */
export type StateKind = 'count' | 'sum64' | 'sum128' | 'sum-float' | 'true-count' | 'min' | 'max';

export interface AggregateTerm {
  readonly kind: StateKind;
  /** null: count(*) */
  readonly argument: Term | null;
  readonly filter: Term | null;
  /** where values carry their scales: 1 << the scale of each; the sum remembers which have been seen */
  readonly scales: Term | null;
  /** bytes from the start of the standard row's states, and how the value is written there */
  readonly standardOffset: number;
  readonly standard: Physical;
}

/** A word of a record: in memory, or in a variable where there is one record only. */
export interface Field<T extends ValueType> {
  read(record: I32): Code<T>;
  write(record: I32, value: Code<T>): Statement;
}

export interface FieldMaker {
  field<T extends 'i64' | 'f64'>(type: T): Field<T>;
}

const ONE = i64.const(1n);
const NOTHING = sequence([]);

/** Fields in memory, one after the other from `start`. */
export class MemoryFields implements FieldMaker {
  private end: number;

  constructor(start: number) {
    this.end = start;
  }

  get bytes(): number {
    return this.end;
  }

  field<T extends 'i64' | 'f64'>(type: T): Field<T> {
    const at = this.end;
    this.end += 8;
    const field = type === 'i64' ? wordField(at) : floatField(at);
    return field as unknown as Field<T>;
  }
}

function wordField(at: number): Field<'i64'> {
  return { read: (record) => i64.load(record, at), write: (record, value) => i64.store(record, value, at) };
}

function floatField(at: number): Field<'f64'> {
  return { read: (record) => f64.load(record, at), write: (record, value) => f64.store(record, value, at) };
}

/** One aggregate's code. */
export interface StateCode {
  update(record: I32, emitter: TermEmitter): Statement;
  /** Adds what `from` counted to `into`. */
  merge(into: I32, from: I32): Statement;
  /** Writes the standard state at `out`. */
  expand(record: I32, out: I32): Statement;
}

export function stateCode(aggregate: AggregateTerm, rows: Field<'i64'>, fields: FieldMaker): StateCode {
  const { argument, filter } = aggregate;
  const seen = aggregate.scales === null ? null : fields.field('i64');
  const ownCount = filter !== null || argument?.nullable === true;
  const count = ownCount ? fields.field('i64') : rows;
  const body = valueCode(aggregate, count, fields);
  const counted = (record: I32) => (ownCount ? count.write(record, i64.add(count.read(record), ONE)) : NOTHING);
  const mergedCount = (into: I32, from: I32) =>
    ownCount ? count.write(into, i64.add(count.read(into), count.read(from))) : NOTHING;
  const noteScale = (record: I32, emitter: TermEmitter) =>
    seen === null ? NOTHING : seen.write(record, i64.or(seen.read(record), intOf(emitter.emit(aggregate.scales!))));
  const mergedScales = (into: I32, from: I32) =>
    seen === null ? NOTHING : seen.write(into, i64.or(seen.read(into), seen.read(from)));
  const expandedScales = (record: I32, out: I32) =>
    seen === null ? NOTHING : i64.store(out, seen.read(record), aggregate.standardOffset + 8);
  return {
    update(record, emitter) {
      const value = argument === null ? null : emitter.emit(argument);
      const condition = filter === null ? null : isTrue(emitter.emit(filter));
      const absent = either(condition === null ? null : i32.isZero(condition), value?.isNull ?? null);
      const change = value === null ? NOTHING : sequence([body.update(record, value), noteScale(record, emitter)]);
      const both = sequence([change, counted(record)]);
      return absent === null ? both : when(i32.isZero(absent), both);
    },
    merge: (into, from) => sequence([body.merge(into, from), mergedScales(into, from), mergedCount(into, from)]),
    expand(record, out) {
      const at = aggregate.standardOffset;
      const value = sequence([body.expand(record, out, at), expandedScales(record, out)]);
      return sequence([i64.store(out, count.read(record), at), value]);
    },
  };
}

interface ValuePart {
  /** Runs before the count grows. */
  update(record: I32, value: Value): Statement;
  merge(into: I32, from: I32): Statement;
  expand(record: I32, out: I32, at: number): Statement;
}

function valueCode(aggregate: AggregateTerm, count: Field<'i64'>, fields: FieldMaker): ValuePart {
  switch (aggregate.kind) {
    case 'count':
      return { update: () => NOTHING, merge: () => NOTHING, expand: () => NOTHING };
    case 'sum64':
      return smallSum(fields.field('i64'), intOf, aggregate.standard);
    case 'true-count':
      return smallSum(fields.field('i64'), trueOf, 'i64');
    case 'sum128':
      return wideSum(fields.field('i64'), fields.field('i64'));
    case 'sum-float':
      return floatSum(fields.field('f64'));
    case 'min':
    case 'max':
      return aggregate.argument!.representation === 'float'
        ? extreme(count, fields.field('f64'), floatOf, (a, b) => floatComparison(aggregate.kind === 'min' ? 'less' : 'greater', a, b),
            (value, out, at) => f64.store(out, value, at + 16))
        : extreme(count, fields.field('i64'), intOf, aggregate.kind === 'min' ? i64.less : i64.greater,
            (value, out, at) => storeInteger(value, out, at + 16, aggregate.standard)); // biome-ignore format: one call each
  }
}

function intOf(value: Value): I64 {
  if (value.representation !== 'int') throw new Error('an integer state');
  return value.value;
}

function trueOf(value: Value): I64 {
  if (value.representation !== 'bool') throw new Error('a bool state');
  return i64.extend(value.value);
}

function floatOf(value: Value): F64 {
  if (value.representation !== 'float') throw new Error('a float state');
  return value.value;
}

/** i32 sums stand behind the count, 128-bit ones at 16. */
function smallSum(sum: Field<'i64'>, pick: (value: Value) => I64, standard: Physical): ValuePart {
  return {
    update: (record, value) => sum.write(record, i64.add(sum.read(record), pick(value))),
    merge: (into, from) => sum.write(into, i64.add(sum.read(into), sum.read(from))),
    expand: (record, out, at) =>
      standard === 'i128'
        ? storeInteger(sum.read(record), out, at + 16, 'i128')
        : i64.store(out, sum.read(record), at + 8),
  };
}

/** Sums in two words, low first. A 64-bit value cannot leave 128 bits in so many rows as there can be; an i128 can: give up. */
function wideSum(low: Field<'i64'>, high: Field<'i64'>): ValuePart {
  const add = (record: I32, valueLow: I64, valueHigh: I64, checked: boolean): Statement => {
    // The low word is stored first: it wrapped around if it is then below what was added.
    const carry = i64.extend(i64.lessUnsigned(low.read(record), valueLow));
    const sum = i64.add(i64.add(high.read(record), valueHigh), carry);
    const signs = i64.and(i64.xor(high.read(record), sum), i64.xor(valueHigh, sum));
    const check = checked ? when(i64.less(signs, i64.const(0n)), leave(i32.const(GIVE_UP))) : NOTHING;
    return sequence([low.write(record, i64.add(low.read(record), valueLow)), check, high.write(record, sum)]);
  };
  return {
    update(record, value) {
      if (value.representation === 'wide') return add(record, value.low, value.high, true);
      const word = intOf(value);
      return add(record, word, i64.shiftRight(word, i64.const(63n)), false);
    },
    merge: (into, from) => add(into, low.read(from), high.read(from), true),
    expand: (record, out, at) =>
      sequence([i64.store(out, low.read(record), at + 16), i64.store(out, high.read(record), at + 24)]),
  };
}

/** A sum that leaves the finite numbers is rare: the interpreter says whether that is an error. */
function floatSum(sum: Field<'f64'>): ValuePart {
  const add = (record: I32, value: F64): Statement => {
    const finite = f64.less(f64.absolute(sum.read(record)), f64.const(Number.POSITIVE_INFINITY));
    const check = when(i32.isZero(finite), leave(i32.const(GIVE_UP)));
    return sequence([sum.write(record, f64.add(sum.read(record), value)), check]);
  };
  return {
    update: (record, value) => add(record, floatOf(value)),
    merge: (into, from) => add(into, sum.read(from)),
    expand: (record, out, at) => f64.store(out, sum.read(record), at + 8),
  };
}

function extreme<T extends 'i64' | 'f64'>(
  count: Field<'i64'>,
  best: Field<T>,
  pick: (value: Value) => Code<T>,
  isBetter: (a: Code<T>, b: Code<T>) => I32,
  store: (value: Code<T>, out: I32, at: number) => Statement,
): ValuePart {
  const take = (record: I32, value: Code<T>) => {
    const wins = i32.or(i64.isZero(count.read(record)), isBetter(value, best.read(record)));
    return best.write(record, select(value, best.read(record), wins));
  };
  return {
    update: (record, value) => take(record, pick(value)),
    merge: (into, from) => when(i64.notEqual(count.read(from), i64.const(0n)), take(into, best.read(from))),
    expand: (record, out, at) => store(best.read(record), out, at),
  };
}

/** A 64-bit integer in a column's layout. */
export function storeInteger(value: I64, out: I32, at: number, physical: Physical): Statement {
  if (physical === 'i32') return i64.store32(out, value, at);
  if (physical === 'bool') return i64.store8(out, value, at);
  const low = i64.store(out, value, at);
  return physical === 'i128' ? sequence([low, i64.store(out, i64.shiftRight(value, i64.const(63n)), at + 8)]) : low;
}
