// Where a row's group record is. No keys: there is one record. Dense keys: integers of a small range, proven from min and max, number
// the records of an array. Otherwise the hash table of engine/rows: the probe is generated for the key types, growth stays with the driver.

import {
  choose,
  copy,
  type F64,
  f64,
  fill,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  leave,
  repeatWhile,
  type Statement,
  select,
  sequence,
  when,
} from '../../kernels/emitter/wasm-code.ts';
import type { ModuleBuilder } from '../../kernels/emitter/wasm-module.ts';
import { STATUS } from '../../kernels/kernel-library.ts';
import { physicalOf } from '../../types/sql-type.ts';
import type { RowColumn, RowLayout } from '../rows/row-layout.ts';
import { storeInteger } from './emit-states.ts';
import type { Value } from './emit-term.ts';
import type { FunctionScope } from './function-scope.ts';
import type { Term } from './term.ts';

/** Bits of the hash that choose the table's partition. */
export const PARTITION_BITS = 4;
const ENTRY_SHIFT = 3;
const PARTITION_SHIFT = 4;
const VIEW_INLINE = 12n;
const HASH_FACTOR = -7046029254386353131n; // 2^64 / golden ratio

/** Kernels that generated code calls for texts longer than a view holds. */
export interface TextKernels {
  readonly hash: (view: I32) => I32;
  readonly equal: (a: I32, b: I32) => I32;
  readonly store: (slot: I32, view: I32, heap: I32) => I32;
}

export function textKernels(module: ModuleBuilder): TextKernels {
  const [hash, equal, store] = [
    module.kernel('view_hash', 1),
    module.kernel('view_equal', 2),
    module.kernel('view_store', 3),
  ];
  return { hash, equal, store };
}

/** Number of record i of dense keys: sum over keys of (value - least) * stride, NULL standing behind the greatest. */
export function denseIndex(scope: FunctionScope, keys: readonly Value[]): I32 {
  const parts = keys.map((key, i) => {
    const distance = i64.subtract(integerOf(key), scope.integer(`key ${i} least`));
    const number = key.isNull === null ? distance : select(scope.integer(`key ${i} null`), distance, key.isNull);
    return i === 0 ? number : i64.multiply(number, scope.integer(`key ${i} stride`));
  });
  return i32.wrap(parts.reduce(i64.add));
}

function integerOf(key: Value): I64 {
  if (key.representation === 'int') return key.value;
  if (key.representation === 'bool') return i64.extend(key.value);
  throw new Error('dense keys are integers');
}

/** Writes the keys of dense record number `index` into a row. */
export function denseKeys(
  scope: FunctionScope,
  terms: readonly Term[],
  layout: RowLayout,
  index: I32,
  row: I32,
): Statement {
  const left = scope.builder.local('i64');
  const number = scope.builder.local('i64');
  const statements = [left.set(i64.extend(index))];
  for (const [i, term] of terms.entries()) {
    const { type, slot, nullOffset } = layout.columns[i]!;
    const size = scope.integer(`key ${i} size`);
    statements.push(number.set(i64.remainderUnsigned(left.get, size)), left.set(i64.divideUnsigned(left.get, size)));
    const value = storeInteger(i64.add(number.get, scope.integer(`key ${i} least`)), row, slot, physicalOf(type));
    const isNull = i64.equal(number.get, scope.integer(`key ${i} null`));
    statements.push(term.nullable ? when(isNull, i32.store8(row, i32.const(1), nullOffset), value) : value);
  }
  return sequence(statements);
}

/** The keys of a stored row. */
export function storedKeys(
  scope: FunctionScope,
  terms: readonly Term[],
  layout: RowLayout,
  row: I32,
): { keys: Value[]; load: Statement[] } {
  const load: Statement[] = [];
  const keys = terms.map((term, i): Value => {
    const { slot, nullOffset, shift } = layout.columns[i]!;
    const isNull = term.nullable ? i32.load8(row, nullOffset) : null;
    switch (term.representation) {
      case 'int': {
        const local = scope.builder.local('i64');
        load.push(local.set(loadInteger(row, slot, shift)));
        return { representation: 'int', value: local.get, isNull };
      }
      case 'bool':
        return { representation: 'bool', value: i32.load8(row, slot), isNull };
      case 'float':
        return { representation: 'float', value: f64.load(row, slot), isNull };
      case 'text':
        return {
          representation: 'text',
          address: i32.add(row, i32.const(slot)),
          low: i64.load(row, slot),
          high: i64.load(row, slot + 8),
          isNull,
        };
      default:
        return { representation: 'wide', low: i64.load(row, slot), high: i64.load(row, slot + 8), isNull };
    }
  });
  return { keys, load };
}

function loadInteger(row: I32, slot: number, shift: number): I64 {
  return shift === 2 ? i64.load32(row, slot) : i64.load(row, slot); // of an i128 the low word says it all
}

export interface HashLookup {
  readonly scope: FunctionScope;
  readonly layout: RowLayout;
  readonly keys: readonly Value[];
  readonly texts: TextKernels | null;
  /** the position that a status names */
  readonly position: I32;
  /** receives the record's address */
  readonly record: Local<'i32'>;
}

/** Finds the keys' record or makes one; leaves with NEED_ROOM or NEED_HEAP where the driver has to make room first. */
export function hashLookup(lookup: HashLookup): Statement {
  const { scope, record } = lookup;
  const hash = scope.builder.local('i32');
  const partition = scope.builder.local('i32');
  const entries = scope.builder.local('i32');
  const mask = scope.builder.local('i32');
  const slot = scope.builder.local('i32');
  const entry = scope.builder.local('i32');
  const number = i32.shiftRightUnsigned(hash.get, i32.const(32 - PARTITION_BITS));
  const differs = i32.isZero(sameKeys(lookup));
  const probe = sequence([
    entry.set(i32.add(entries.get, i32.shiftLeft(slot.get, i32.const(ENTRY_SHIFT)))),
    record.set(i32.load(entry.get, 4)),
    slot.set(i32.and(i32.add(slot.get, i32.const(1)), mask.get)),
  ]);
  const goOn = choose(
    record.get,
    choose(i32.equal(i32.load(entry.get), hash.get), differs, i32.const(1)),
    i32.const(0),
  );
  return sequence([
    ...hashKeys(lookup, hash),
    partition.set(i32.add(scope.address('directory'), i32.shiftLeft(number, i32.const(PARTITION_SHIFT)))),
    entries.set(i32.load(partition.get)),
    mask.set(i32.load(partition.get, 4)),
    slot.set(i32.and(hash.get, mask.get)),
    repeatWhile(probe, goOn),
    when(i32.isZero(record.get), insertion(lookup, hash.get, partition.get, number, entry.get)),
  ]);
}

/** Multilinear: words times odd constants of their own, added up, so that no multiplication waits for another; then mixed once. */
function hashKeys(lookup: HashLookup, hash: Local<'i32'>): Statement[] {
  const sum = lookup.scope.builder.local('i64');
  const words = lookup.keys.flatMap((key) => hashWords(key, lookup.texts));
  const total = words.map((word, i) => i64.multiply(word, i64.const(wordFactor(i)))).reduce(i64.add);
  const folded = i64.xor(sum.get, i64.shiftRightUnsigned(sum.get, i64.const(32n)));
  return [
    sum.set(total),
    sum.set(i64.multiply(folded, i64.const(HASH_FACTOR))),
    hash.set(i32.wrap(i64.shiftRightUnsigned(sum.get, i64.const(32n)))),
  ];
}

function wordFactor(index: number): bigint {
  return BigInt.asIntN(64, HASH_FACTOR * (2n * BigInt(index * index) + 1n) + 0x5851f42d4c957f2cn * BigInt(index)) | 1n;
}

function hashWords(key: Value, texts: TextKernels | null): I64[] {
  const orNull = (word: I64, nullWord: bigint) =>
    key.isNull === null ? word : choose(key.isNull, i64.const(nullWord), word);
  switch (key.representation) {
    case 'int':
      return [orNull(key.value, 0x6e756c6cn)];
    case 'bool':
      return [orNull(i64.extend(key.value), 2n)];
    case 'float':
      return [orNull(i64.reinterpret(canonical(key.value)), 0x6e756c6cn)];
    case 'wide':
      return [orNull(key.low, 0x6e756c6cn), orNull(key.high, 0n)];
    case 'text': {
      // The second word of a long text is its address: its bytes are hashed instead.
      const long = i64.extend(texts!.hash(key.address));
      return [orNull(key.low, 0n), orNull(choose(isInline(key.low), key.high, long), 0x6e756c6cn)];
    }
  }
}

function isInline(low: I64): I32 {
  return i64.lessEqual(i64.and(low, i64.const(0xffffffffn)), i64.const(VIEW_INLINE));
}

/** -0 as 0, every NaN as one. */
function canonical(value: F64): F64 {
  return select(f64.add(value, f64.const(0)), f64.const(Number.NaN), f64.equal(value, value));
}

/** Whether the record's keys are this row's. */
function sameKeys({ layout, keys, texts, record }: HashLookup): I32 {
  const row = record.get;
  const tests = keys.map((key, i): I32 => {
    const { nullOffset } = layout.columns[i]!;
    const equal = sameKey(key, row, layout.columns[i]!, texts);
    if (key.isNull === null) return equal;
    const bothNull = i32.and(i32.load8(row, nullOffset), key.isNull);
    const neither = i32.isZero(i32.or(i32.load8(row, nullOffset), key.isNull));
    return choose(neither, equal, bothNull);
  });
  return tests.reduceRight((rest, test) => choose(test, rest, i32.const(0)));
}

function sameKey(key: Value, row: I32, { slot, shift }: RowColumn, texts: TextKernels | null): I32 {
  switch (key.representation) {
    case 'int':
      return i64.equal(loadInteger(row, slot, shift), key.value);
    case 'bool':
      return i32.equal(i32.load8(row, slot), key.value);
    case 'float': {
      const bits = (value: F64) => i64.reinterpret(canonical(value));
      return i64.equal(bits(f64.load(row, slot)), bits(key.value));
    }
    case 'wide':
      return i32.and(i64.equal(i64.load(row, slot), key.low), i64.equal(i64.load(row, slot + 8), key.high));
    case 'text': {
      const second = i64.equal(i64.load(row, slot + 8), key.high);
      const bytes = choose(isInline(key.low), i32.const(0), texts!.equal(i32.add(row, i32.const(slot)), key.address));
      return choose(i64.equal(i64.load(row, slot), key.low), choose(second, i32.const(1), bytes), i32.const(0));
    }
  }
}

/** A zeroed record with the keys, entered into the table. The words of table and directory are those of engine/rows/README.md. */
function insertion(lookup: HashLookup, hash: I32, partition: I32, number: I32, entry: I32): Statement {
  const { scope, layout, record } = lookup;
  const table = scope.address('table');
  const room = scope.address('room');
  const bytes = layout.rowBytes;
  const status = (code: number) => leave(i32.or(i32.shiftLeft(lookup.position, i32.const(8)), i32.const(code)));
  const isFull = i32.greaterEqualUnsigned(i32.load(partition, 8), i32.load(partition, 12));
  const growTable = sequence([
    i32.store(table, i32.const(1), 16),
    i32.store(table, number, 20),
    status(STATUS.NEED_ROOM),
  ]);
  const end = i64.add(i64.load32Unsigned(room), i64.const(BigInt(bytes)));
  const growRows = sequence([i32.store(table, i32.const(0), 16), status(STATUS.NEED_ROOM)]);
  return sequence([
    when(isFull, growTable),
    when(i64.greater(end, i64.load32Unsigned(room, 4)), growRows),
    record.set(i32.load(room)),
    fill(record.get, i32.const(0), i32.const(bytes)),
    ...lookup.keys.map((key, i) => storeKey(lookup, key, layout.columns[i]!, status(STATUS.NEED_HEAP))),
    i32.store(record.get, hash),
    i32.store(room, i32.add(record.get, i32.const(bytes))),
    i32.store(entry, hash),
    i32.store(entry, record.get, 4),
    i32.store(partition, i32.add(i32.load(partition, 8), i32.const(1)), 8),
  ]);
}

function storeKey(lookup: HashLookup, key: Value, column: RowColumn, noHeap: Statement): Statement {
  const row = lookup.record.get;
  const { slot, nullOffset, type } = column;
  const value = (): Statement => {
    switch (key.representation) {
      case 'int':
        return storeInteger(key.value, row, slot, physicalOf(type));
      case 'bool':
        return i32.store8(row, key.value, slot);
      case 'float':
        return f64.store(row, key.value, slot);
      case 'wide':
        return sequence([i64.store(row, key.low, slot), i64.store(row, key.high, slot + 8)]);
      case 'text': {
        const stored = lookup.texts!.store(i32.add(row, i32.const(slot)), key.address, lookup.scope.address('heap'));
        return when(i32.isZero(stored), noHeap);
      }
    }
  };
  return key.isNull === null ? value() : when(key.isNull, i32.store8(row, i32.const(1), nullOffset), value());
}

/** Copies a stored row's header and keys. */
export function copyKeys(layout: RowLayout, from: I32, to: I32): Statement {
  return copy(to, from, i32.const(layout.stateOffset));
}
