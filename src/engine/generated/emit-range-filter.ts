// The first stage of a filter where it can be: all conjuncts that compare a column of codes with constants, sixteen rows at a time. Per
// column and batch they make one range of codes, and whether a code lies in it is a subtraction and an unsigned comparison.
import type { CodeBytes } from '../../columns/encoding.ts';
import {
  choose,
  type I32,
  type I64,
  i8x16,
  i16x8,
  i32,
  i32x4,
  i64,
  type Local,
  leave,
  repeatWhile,
  type Statement,
  select,
  sequence,
  type V128,
  v128,
  when,
} from '../../kernels/emitter/wasm-code.ts';
import { type ConstantSlots, constantSlot } from './emit-term.ts';
import type { FunctionScope } from './function-scope.ts';
import type { Comparison, Term } from './term.ts';

const ROWS = 16;
const MIRRORED: Readonly<Partial<Record<Comparison, Comparison>>> = {
  equal: 'equal', less: 'greater', less_equal: 'greater_equal', greater: 'less', greater_equal: 'less_equal',
}; // biome-ignore format: a table
const LANES = { 1: i8x16, 2: i16x8, 4: i32x4 } as const;
const ONE = i32.const(1);

type Constant = Extract<Term, { kind: 'constant' }>;

/** `column operation constant` */
interface RangeTerm {
  readonly column: number;
  readonly nullable: boolean;
  readonly operation: Comparison;
  readonly constant: Constant['value'];
}

/** The comparison as one of a column's range, or null. */
export function rangeTerm(term: Term, codes: ReadonlyMap<number, CodeBytes>): RangeTerm | null {
  if (term.kind !== 'compare' || term.left.representation !== 'int') return null;
  const [column, constant] = term.left.kind === 'column' ? [term.left, term.right] : [term.right, term.left];
  const operation = term.left.kind === 'column' ? term.operation : MIRRORED[term.operation];
  if (column.kind !== 'column' || constant.kind !== 'constant' || !codes.has(column.column)) return null;
  if (operation === undefined || MIRRORED[operation] === undefined) return null;
  return { column: column.column, nullable: column.nullable, operation, constant: constant.value };
}

interface StageVariables {
  /** first row not looked at yet */
  readonly at: Local<'i32'>;
  readonly count: Local<'i32'>;
  /** rows that pass so far, their indexes in the slot "selected" */
  readonly passed: Local<'i32'>;
}

/** Takes whole blocks of rows from `at` on, as many as there are before `count`. */
export function rangeStage(
  scope: FunctionScope,
  terms: readonly RangeTerm[],
  constants: ConstantSlots,
  { at, count, passed }: StageVariables,
): Statement {
  const columns = [...new Set(terms.map((term) => term.column))];
  const prepare: Statement[] = [];
  const inside = columns.map((column) => {
    const own = terms.filter((term) => term.column === column);
    const { least, span } = codeRange(scope, own, constants, prepare);
    return columnMask(scope, column, own[0]!.nullable, at.get, least, span, prepare);
  });
  const bits = scope.builder.local('i32');
  const block = sequence([
    bits.set(i8x16.bitmask(inside.reduce(v128.and))),
    when(i32.equal(bits.get, i32.const(0xffff)), takeAll(scope, at, passed), takeSome(scope, at, passed, bits)),
    at.set(i32.add(at.get, i32.const(ROWS))),
  ]);
  const hasBlock = i32.lessEqualUnsigned(i32.add(at.get, i32.const(ROWS)), count.get);
  return sequence([...prepare, when(hasBlock, repeatWhile(block, hasBlock))]);
}

/** The codes that all comparisons of one column admit, as i32s; leaves the filter where there are none. */
function codeRange(
  scope: FunctionScope,
  terms: readonly RangeTerm[],
  constants: ConstantSlots,
  prepare: Statement[],
): { least: I32; span: I32 } {
  const { column } = terms[0]!;
  const base = scope.integer(`base ${column}`);
  const most = i64.const((1n << BigInt(8 * scope.slots.codes.get(column)!)) - 1n);
  const least = scope.builder.local('i64');
  const greatest = scope.builder.local('i64');
  prepare.push(least.set(i64.const(0n)), greatest.set(most));
  const none = leave(i32.const(0));
  for (const { operation, constant } of terms) {
    const value = scope.integer(constantSlot(constants, constant, 'int'));
    // Differences count as unsigned where the constant is not below the base: they cannot overflow then.
    const code = i64.subtract(value, base);
    if (operation !== 'less' && operation !== 'less_equal') {
      const first = operation === 'greater' ? i64.add(code, i64.const(1n)) : code;
      const raised = i64.greaterUnsigned(first, least.get);
      const isAbove = operation === 'greater' ? i64.greaterEqual(value, base) : i64.greater(value, base);
      prepare.push(when(i32.and(isAbove, raised), least.set(first)));
    }
    if (operation !== 'greater' && operation !== 'greater_equal') {
      const last = operation === 'less' ? i64.subtract(code, i64.const(1n)) : code;
      const isBelow = operation === 'less' ? i64.lessEqual(value, base) : i64.less(value, base);
      const lowered = i64.greaterUnsigned(greatest.get, last);
      prepare.push(when(isBelow, none), greatest.set(select<'i64'>(last, greatest.get, lowered)));
    }
  }
  prepare.push(when(i64.greaterUnsigned(least.get, greatest.get), none));
  const low = (code: I64): I32 => {
    const local = scope.builder.local('i32');
    prepare.push(local.set(i32.wrap(code)));
    return local.get;
  };
  return { least: low(least.get), span: low(i64.subtract(greatest.get, least.get)) };
}

/** A byte per row of the block at `at`: all ones where its code is in the range and not NULL. */
function columnMask(
  scope: FunctionScope,
  column: number,
  nullable: boolean,
  at: I32,
  least: I32,
  span: I32,
  prepare: Statement[],
): V128 {
  const codeBytes = scope.slots.codes.get(column)!;
  const lanes = LANES[codeBytes];
  const splat = (value: I32): V128 => {
    const local = scope.builder.local('v128');
    prepare.push(local.set(lanes.splat(value)));
    return local.get;
  };
  const [low, width] = [splat(least), splat(span)];
  const data = i32.add(scope.address(`data ${column}`), i32.multiply(at, i32.const(codeBytes)));
  const part = (nth: number) => lanes.lessEqualUnsigned(lanes.subtract(v128.load(data, 16 * nth), low), width);
  const mask = ((): V128 => {
    if (codeBytes === 1) return part(0);
    if (codeBytes === 2) return i8x16.narrow(part(0), part(1));
    return i8x16.narrow(i16x8.narrow(part(0), part(1)), i16x8.narrow(part(2), part(3)));
  })();
  if (!nullable) return mask;
  const nulls = scope.address(`nulls ${column}`);
  const zero = v128.const(new Uint8Array(16));
  const present = i8x16.equal(v128.load(i32.add(nulls, at)), zero);
  return v128.and(mask, choose<'v128'>(nulls, present, v128.const(new Uint8Array(16).fill(255))));
}

function slotOf(scope: FunctionScope, passed: Local<'i32'>): I32 {
  return i32.add(scope.address('selected'), i32.shiftLeft(passed.get, i32.const(2)));
}

function takeAll(scope: FunctionScope, at: Local<'i32'>, passed: Local<'i32'>): Statement {
  const to = slotOf(scope, passed);
  const numbers = (first: number) => new Uint8Array(new Int32Array([first, first + 1, first + 2, first + 3]).buffer);
  const stores = [0, 4, 8, 12].map((first) =>
    v128.store(to, i32x4.add(i32x4.splat(at.get), v128.const(numbers(first))), first * 4),
  );
  return sequence([...stores, passed.set(i32.add(passed.get, i32.const(ROWS)))]);
}

/** A bit at a time, lowest first. */
function takeSome(scope: FunctionScope, at: Local<'i32'>, passed: Local<'i32'>, bits: Local<'i32'>): Statement {
  const step = sequence([
    i32.store(slotOf(scope, passed), i32.add(at.get, i32.trailingZeros(bits.get))),
    passed.set(i32.add(passed.get, ONE)),
    bits.set(i32.and(bits.get, i32.subtract(bits.get, ONE))),
  ]);
  return when(bits.get, repeatWhile(step, bits.get));
}
