// From terms to code: the values of one row, each computed once into variables. CASE and AND compute all of their branches and choose,
// which no branch predictor can miss; that is right because a term has no effects but giving the block up.

import {
  choose,
  type F64,
  f64,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  leave,
  type Statement,
  select,
  when,
} from '../../kernels/emitter/wasm-code.ts';
import { PHYSICAL_WIDTH, type Physical } from '../../types/sql-type.ts';
import { bitsBounds } from './bounds.ts';
import type { FunctionScope } from './function-scope.ts';
import type { Arithmetic, Comparison, ConstantValue, Term } from './term.ts';

/** A function's result when it leaves the block to the interpreter. */
export const GIVE_UP = -1;

/** `isNull` is null where there are no NULLs; the value of a NULL is 0 or anything. */
export type Value = { readonly isNull: I32 | null } & (
  | { readonly representation: 'int'; readonly value: I64 }
  | { readonly representation: 'float'; readonly value: F64 }
  | { readonly representation: 'bool'; readonly value: I32 }
  | { readonly representation: 'text'; readonly address: I32; readonly low: I64; readonly high: I64 }
  | { readonly representation: 'wide'; readonly low: I64; readonly high: I64 }
);

/** Constants by parameter slot, for the driver to write. */
export type ConstantSlots = Map<string, ConstantValue>;

/** Constants are named by their order, so that other values give the same code. */
export function constantSlot(constants: ConstantSlots, value: ConstantValue, part: string): string {
  for (const [name, each] of constants) if (each === value && name.endsWith(part)) return name;
  const name = `constant ${constants.size} ${part}`;
  constants.set(name, value);
  return name;
}

const TRUE = i32.const(1);

export function either(a: I32 | null, b: I32 | null): I32 | null {
  return a === null ? b : b === null ? a : i32.or(a, b);
}

/** True and not NULL. */
export function isTrue(value: Value): I32 {
  if (value.representation !== 'bool') throw new Error('a condition is a bool');
  return value.isNull === null ? value.value : i32.and(value.value, i32.isZero(value.isNull));
}

export class TermEmitter {
  readonly statements: Statement[] = [];
  private readonly scope: FunctionScope;
  private readonly row: I32;
  private readonly constants: ConstantSlots;
  private readonly done = new Map<Term, Value>();

  /** `row`: the row's index in the batch. */
  constructor(scope: FunctionScope, row: I32, constants: ConstantSlots) {
    this.scope = scope;
    this.row = row;
    this.constants = constants;
  }

  emit(term: Term): Value {
    const known = this.done.get(term);
    if (known !== undefined) return known;
    const value = this.compute(term);
    this.done.set(term, value);
    return value;
  }

  private compute(term: Term): Value {
    switch (term.kind) {
      case 'column':
        return this.column(term.column, term.physical, term.nullable);
      case 'constant':
        return this.constant(term.value);
      case 'arithmetic':
        return this.arithmetic(term);
      case 'float-arithmetic':
        return this.floatArithmetic(term);
      case 'compare':
        return this.compare(term.operation, this.emit(term.left), this.emit(term.right));
      case 'and':
      case 'or':
        return this.logic(
          term.kind === 'and',
          term.args.map((arg) => this.emit(arg)),
        );
      case 'not': {
        const arg = this.emit(term.arg);
        if (arg.representation !== 'bool') throw new Error('NOT of a bool only');
        return this.bool(i32.isZero(arg.value), arg.isNull);
      }
      case 'is-null': {
        const { isNull } = this.emit(term.arg);
        const code = isNull ?? i32.const(0);
        return this.bool(term.negated ? i32.isZero(code) : code, null);
      }
      case 'case':
        return this.caseOf(term);
      case 'to-float': {
        const arg = this.emit(term.arg);
        if (arg.representation !== 'int') throw new Error('only integers become floats');
        return this.float(f64.convert(arg.value), arg.isNull);
      }
    }
  }

  private keep32(code: I32): I32 {
    return this.keep(this.scope.builder.local('i32'), code);
  }

  private keep<T extends 'i32' | 'i64' | 'f64'>(local: Local<T>, code: { type: T; bytes: readonly number[] }) {
    this.statements.push(local.set(code));
    return local.get;
  }

  private int(code: I64, isNull: I32 | null): Value {
    return { representation: 'int', value: this.keep(this.scope.builder.local('i64'), code), isNull };
  }

  private float(code: F64, isNull: I32 | null): Value {
    return { representation: 'float', value: this.keep(this.scope.builder.local('f64'), code), isNull };
  }

  private bool(code: I32, isNull: I32 | null): Value {
    return { representation: 'bool', value: this.keep32(code), isNull };
  }

  private column(column: number, physical: Physical, nullable: boolean): Value {
    const { scope, row } = this;
    const codeBytes = scope.slots.codes.get(column) ?? null;
    const shift = Math.log2(codeBytes ?? PHYSICAL_WIDTH[physical]);
    const base = scope.address(`data ${column}`);
    const at = shift === 0 ? i32.add(base, row) : i32.add(base, i32.shiftLeft(row, i32.const(shift)));
    let isNull: I32 | null = null;
    if (nullable) {
      const nulls = scope.address(`nulls ${column}`);
      isNull = this.keep32(choose(nulls, i32.load8(i32.add(nulls, row)), i32.const(0)));
    }
    const orZero = (code: I64) => (isNull === null ? code : select(i64.const(0n), code, isNull));
    if (codeBytes !== null && physical === 'view') {
      const entry = i32.shiftLeft(i32.load16(at), i32.const(4));
      return this.view(i32.add(scope.address(`dictionary ${column}`), entry), isNull);
    }
    if (codeBytes !== null) {
      const code = { 1: i64.load8, 2: i64.load16, 4: i64.load32Unsigned }[codeBytes](at);
      return this.int(orZero(i64.add(code, scope.integer(`base ${column}`))), isNull);
    }
    switch (physical) {
      case 'bool':
        return this.bool(i32.load8(at), isNull);
      case 'i32':
        return this.int(orZero(i64.load32(at)), isNull);
      case 'i64':
        return this.int(orZero(i64.load(at)), isNull);
      case 'f32':
        return this.float(f64.load32(at), isNull);
      case 'f64':
        return this.float(f64.load(at), isNull);
      case 'i128':
        return { representation: 'wide', ...this.words(this.keep32(at)), isNull };
      case 'view':
        return this.view(at, isNull);
      case 'interval':
        throw new Error('intervals have no representation');
    }
  }

  private view(code: I32, isNull: I32 | null): Value {
    const address = this.keep32(code);
    return { representation: 'text', address, ...this.words(address), isNull };
  }

  private words(address: I32): { readonly low: I64; readonly high: I64 } {
    const low = this.keep(this.scope.builder.local('i64'), i64.load(address));
    const high = this.keep(this.scope.builder.local('i64'), i64.load(address, 8));
    return { low, high };
  }

  private constant(value: ConstantValue): Value {
    const slot = (part: string) => constantSlot(this.constants, value, part);
    switch (value.kind) {
      case 'int':
        return { representation: 'int', value: this.scope.integer(slot('int')), isNull: null };
      case 'float':
        return { representation: 'float', value: this.scope.float(slot('float')), isNull: null };
      case 'bool':
        return { representation: 'bool', value: i32.const(value.value ? 1 : 0), isNull: null };
      case 'text': {
        const [low, high] = [this.scope.integer(slot('low')), this.scope.integer(slot('high'))];
        return { representation: 'text', address: i32.const(0), low, high, isNull: null };
      }
    }
  }

  private giveUpIf(condition: I32, isNull: I32 | null): void {
    const present = isNull === null ? condition : i32.and(condition, i32.isZero(isNull));
    this.statements.push(when(present, leave(i32.const(GIVE_UP))));
  }

  private arithmetic(term: Extract<Term, { kind: 'arithmetic' }>): Value {
    const left = this.emit(term.left);
    const right = this.emit(term.right);
    if (left.representation !== 'int' || right.representation !== 'int') throw new Error('integers only');
    const isNull = this.keepNull(either(left.isNull, right.isNull));
    const result = this.int(i64[term.operation](left.value, right.value), isNull);
    if (result.representation !== 'int' || term.bits === 0) return result;
    if (term.bits === 64) this.giveUpIf(overflowed(term.operation, left.value, right.value, result.value), isNull);
    else {
      const { low, high } = bitsBounds(term.bits);
      const outside = i32.or(i64.less(result.value, i64.const(low)), i64.greater(result.value, i64.const(high)));
      this.giveUpIf(outside, isNull);
    }
    return result;
  }

  private keepNull(isNull: I32 | null): I32 | null {
    return isNull === null || isNull.bytes.length <= 4 ? isNull : this.keep32(isNull);
  }

  private floatArithmetic(term: Extract<Term, { kind: 'float-arithmetic' }>): Value {
    const left = this.emit(term.left);
    const right = this.emit(term.right);
    if (left.representation !== 'float' || right.representation !== 'float') throw new Error('floats only');
    const isNull = this.keepNull(either(left.isNull, right.isNull));
    const result = this.float(f64[term.operation](left.value, right.value), isNull);
    if (result.representation !== 'float') return result;
    // A result that is not finite, or a product of 0, is rare: let the interpreter say whether it is an error.
    const finite = f64.less(f64.absolute(result.value), f64.const(Number.POSITIVE_INFINITY));
    const odd = i32.isZero(finite);
    const zero = i32.and(
      f64.equal(result.value, f64.const(0)),
      i32.and(f64.notEqual(left.value, f64.const(0)), f64.notEqual(right.value, f64.const(0))),
    );
    this.giveUpIf(term.operation === 'multiply' ? i32.or(odd, zero) : odd, isNull);
    return result;
  }

  private compare(operation: Comparison, left: Value, right: Value): Value {
    const isNull = this.keepNull(either(left.isNull, right.isNull));
    if (left.representation === 'int' && right.representation === 'int')
      return this.bool(INT_COMPARISON[operation](left.value, right.value), isNull);
    if (left.representation === 'bool' && right.representation === 'bool')
      return this.bool(INT_COMPARISON[operation](i64.extend(left.value), i64.extend(right.value)), isNull);
    if (left.representation === 'float' && right.representation === 'float')
      return this.bool(floatComparison(operation, left.value, right.value), isNull);
    if (left.representation !== 'text' || right.representation !== 'text') throw new Error('unlike operands');
    // One side is a constant that lies inside its view, so the sixteen bytes decide.
    const equal = i32.and(i64.equal(left.low, right.low), i64.equal(left.high, right.high));
    return this.bool(operation === 'equal' ? equal : i32.isZero(equal), isNull);
  }

  /** Three-valued: false (true for OR) wins over NULL. */
  private logic(isAnd: boolean, args: readonly Value[]): Value {
    const no = (value: Value) => {
      if (value.representation !== 'bool') throw new Error('conditions only');
      const isFalse = i32.isZero(value.value);
      return value.isNull === null ? isFalse : i32.and(isFalse, i32.isZero(value.isNull));
    };
    const decides = this.keep32(args.map(isAnd ? no : isTrue).reduce(i32.or));
    const passes = this.keep32(args.map(isAnd ? isTrue : no).reduce(i32.and));
    const isNull = args.every((arg) => arg.isNull === null) ? null : this.keep32(i32.isZero(i32.or(decides, passes)));
    return this.bool(isAnd ? passes : decides, isNull);
  }

  private caseOf(term: Extract<Term, { kind: 'case' }>): Value {
    let result = term.otherwise === null ? this.nothing(term) : this.emit(term.otherwise);
    for (const branch of [...term.branches].reverse()) {
      const holds = this.keep32(isTrue(this.emit(branch.when)));
      const then = this.emit(branch.then);
      const someNull = then.isNull !== null || result.isNull !== null;
      const zero = i32.const(0);
      const isNull = someNull ? this.keep32(select(then.isNull ?? zero, result.isNull ?? zero, holds)) : null;
      if (then.representation === 'int' && result.representation === 'int')
        result = this.int(select(then.value, result.value, holds), isNull);
      else if (then.representation === 'float' && result.representation === 'float')
        result = this.float(select(then.value, result.value, holds), isNull);
      else if (then.representation === 'bool' && result.representation === 'bool')
        result = this.bool(select(then.value, result.value, holds), isNull);
      else throw new Error('branches of one kind');
    }
    return result;
  }

  private nothing(term: Term): Value {
    const isNull = TRUE;
    if (term.representation === 'int') return { representation: 'int', value: i64.const(0n), isNull };
    if (term.representation === 'float') return { representation: 'float', value: f64.const(0), isNull };
    return { representation: 'bool', value: i32.const(0), isNull };
  }
}

const INT_COMPARISON: Readonly<Record<Comparison, (a: I64, b: I64) => I32>> = {
  equal: i64.equal,
  not_equal: i64.notEqual,
  less: i64.less,
  less_equal: i64.lessEqual,
  greater: i64.greater,
  greater_equal: i64.greaterEqual,
};

/** SQL's order of floats: NaN equals NaN and is greater than everything else. */
export function floatComparison(operation: Comparison, a: F64, b: F64): I32 {
  const unordered = (x: F64) => f64.notEqual(x, x);
  const less = (x: F64, y: F64) => i32.or(f64.less(x, y), i32.and(unordered(y), i32.isZero(unordered(x))));
  const equal = () => i32.or(f64.equal(a, b), i32.and(unordered(a), unordered(b)));
  switch (operation) {
    case 'equal':
      return equal();
    case 'not_equal':
      return i32.isZero(equal());
    case 'less':
      return less(a, b);
    case 'greater_equal':
      return i32.isZero(less(a, b));
    case 'greater':
      return less(b, a);
    case 'less_equal':
      return i32.isZero(less(b, a));
  }
}

/** Whether a 64-bit sum or difference left the range: both operands against the result's sign. */
function overflowed(operation: Arithmetic, a: I64, b: I64, result: I64): I32 {
  const signs = operation === 'add' ? i64.xor(b, result) : i64.xor(a, b);
  return i64.less(i64.and(i64.xor(a, result), signs), i64.const(0n));
}
