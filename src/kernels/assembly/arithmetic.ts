// Integer and float arithmetic over vectors, with PostgreSQL's overflow rules. i16 kernels compute int2 values, which live in i32
// lanes. Status 2 is out of range; for floats that is overflow, and 5 is underflow. Convention: ../README.md.
import { at, DIVISION_BY_ZERO, fail, INVALID, isNull, OUT_OF_RANGE } from './shared/rows';

const ADD: i32 = 0;
const SUBTRACT: i32 = 1;
const MULTIPLY: i32 = 2;
const DIVIDE: i32 = 3;
const MODULO: i32 = 4;

/** 32- and 16-bit lanes, computed in 64 bits, checked against +-`limit`. */
// @ts-ignore: decorator
@inline
function narrow(op: i32, limit: i64, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 2;
    const x = <i64>load<i32>(a + offset);
    const y = <i64>load<i32>(b + offset);
    let result: i64 = 0;
    if (op == ADD) result = x + y;
    if (op == SUBTRACT) result = x - y;
    if (op == MULTIPLY) result = x * y;
    if (op >= DIVIDE) {
      if (isNull(nulls, row)) continue;
      if (y == 0) return fail(row, DIVISION_BY_ZERO);
      result = op == DIVIDE ? x / y : x % y;
    }
    if ((result > limit || result < -limit - 1) && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<i32>(out + offset, <i32>result);
  }
  return 0;
}

/** Dense add or subtract of 32-bit lanes, four at a time: overflow shows in the sign bits. Falls back for the exact row. */
// @ts-ignore: decorator
@inline
function dense32(op: i32, out: usize, a: usize, b: usize, nulls: usize, count: i32): i32 {
  let overflow = i32x4.splat(0);
  let offset: usize = 0;
  const end = <usize>(count & ~3) << 2;
  for (; offset < end; offset += 16) {
    const x = v128.load(a + offset);
    const y = v128.load(b + offset);
    const result = op == ADD ? i32x4.add(x, y) : i32x4.sub(x, y);
    const wrong = op == ADD ? v128.and(v128.xor(x, result), v128.xor(y, result)) : v128.and(v128.xor(x, y), v128.xor(x, result));
    overflow = v128.or(overflow, wrong);
    v128.store(out + offset, result);
  }
  if (i32x4.bitmask(overflow) != 0) return narrow(op, i32.MAX_VALUE, out, a, b, nulls, 0, count);
  const done = count & ~3;
  const status = narrow(op, i32.MAX_VALUE, out + end, a + end, b + end, nulls == 0 ? 0 : nulls + done, 0, count - done);
  return status == 0 ? 0 : status + (done << 8);
}

export function add_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return narrow(ADD, 32767, out, a, b, nulls, selection, count);
}
export function subtract_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return narrow(SUBTRACT, 32767, out, a, b, nulls, selection, count);
}
export function multiply_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return narrow(MULTIPLY, 32767, out, a, b, nulls, selection, count);
}
export function divide_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return narrow(DIVIDE, 32767, out, a, b, nulls, selection, count);
}
export function modulo_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return narrow(MODULO, 32767, out, a, b, nulls, selection, count);
}
/** out = a + b, OUT_OF_RANGE on overflow of 32 bits. */
export function add_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return dense32(ADD, out, a, b, nulls, count);
  return narrow(ADD, i32.MAX_VALUE, out, a, b, nulls, selection, count);
}
export function subtract_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return dense32(SUBTRACT, out, a, b, nulls, count);
  return narrow(SUBTRACT, i32.MAX_VALUE, out, a, b, nulls, selection, count);
}
export function multiply_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return narrow(MULTIPLY, i32.MAX_VALUE, out, a, b, nulls, selection, count);
}
/** out = a / b truncated towards zero. */
export function divide_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return narrow(DIVIDE, i32.MAX_VALUE, out, a, b, nulls, selection, count);
}
/** The remainder has the sign of a. */
export function modulo_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return narrow(MODULO, i32.MAX_VALUE, out, a, b, nulls, selection, count);
}

/** True when x * y does not fit 64 bits. */
// @ts-ignore: decorator
@inline
function multiplyOverflows(x: i64, y: i64, product: i64): bool {
  if (((x + 0x80000000) | (y + 0x80000000)) >> 32 == 0) return false; // both fit 32 bits
  if (x == 0 || y == 0) return false;
  if ((x == -1 && y == i64.MIN_VALUE) || (y == -1 && x == i64.MIN_VALUE)) return true;
  return product / y != x;
}

// @ts-ignore: decorator
@inline
function long(op: i32, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 3;
    const x = load<i64>(a + offset);
    const y = load<i64>(b + offset);
    let result: i64 = 0;
    let wrong = false;
    if (op == ADD) {
      result = x + y;
      wrong = ((x ^ result) & (y ^ result)) < 0;
    }
    if (op == SUBTRACT) {
      result = x - y;
      wrong = ((x ^ y) & (x ^ result)) < 0;
    }
    if (op == MULTIPLY) {
      result = x * y;
      wrong = multiplyOverflows(x, y, result);
    }
    if (op >= DIVIDE) {
      if (isNull(nulls, row)) continue;
      if (y == 0) return fail(row, DIVISION_BY_ZERO);
      if (y == -1) {
        wrong = op == DIVIDE && x == i64.MIN_VALUE;
        result = op == DIVIDE ? 0 - x : 0;
      } else {
        result = op == DIVIDE ? x / y : x % y;
      }
    }
    if (wrong && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<i64>(out + offset, result);
  }
  return 0;
}

/** Dense add or subtract of 64-bit lanes, two at a time. */
// @ts-ignore: decorator
@inline
function dense64(op: i32, out: usize, a: usize, b: usize, nulls: usize, count: i32): i32 {
  let overflow = i64x2.splat(0);
  let offset: usize = 0;
  const end = <usize>(count & ~1) << 3;
  for (; offset < end; offset += 16) {
    const x = v128.load(a + offset);
    const y = v128.load(b + offset);
    const result = op == ADD ? i64x2.add(x, y) : i64x2.sub(x, y);
    const wrong = op == ADD ? v128.and(v128.xor(x, result), v128.xor(y, result)) : v128.and(v128.xor(x, y), v128.xor(x, result));
    overflow = v128.or(overflow, wrong);
    v128.store(out + offset, result);
  }
  if (i64x2.bitmask(overflow) != 0) return long(op, out, a, b, nulls, 0, count);
  const done = count & ~1;
  const status = long(op, out + end, a + end, b + end, nulls == 0 ? 0 : nulls + done, 0, count - done);
  return status == 0 ? 0 : status + (done << 8);
}

export function add_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return dense64(ADD, out, a, b, nulls, count);
  return long(ADD, out, a, b, nulls, selection, count);
}
export function subtract_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return dense64(SUBTRACT, out, a, b, nulls, count);
  return long(SUBTRACT, out, a, b, nulls, selection, count);
}
export function multiply_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return long(MULTIPLY, out, a, b, nulls, selection, count);
}
export function divide_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return long(DIVIDE, out, a, b, nulls, selection, count);
}
export function modulo_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return long(MODULO, out, a, b, nulls, selection, count);
}

/**
 * Dense floats, a vector register at a time. Lanes that might break a rule (an infinite result, a zero one, a zero divisor) are only
 * noted; if there are any, the exact loop runs again over all rows.
 */
// @ts-ignore: decorator
@inline
function denseFloat<T>(op: i32, out: usize, a: usize, b: usize, nulls: usize, count: i32): i32 {
  const infinity = v128.splat<T>(<T>Infinity);
  const zero = v128.splat<T>(<T>0);
  let suspect = i64x2.splat(0);
  const end = <usize>count * sizeof<T>() & ~15;
  for (let offset: usize = 0; offset < end; offset += 16) {
    const x = v128.load(a + offset);
    const y = v128.load(b + offset);
    let result = zero;
    if (op == ADD) result = v128.add<T>(x, y);
    if (op == SUBTRACT) result = v128.sub<T>(x, y);
    if (op == MULTIPLY) result = v128.mul<T>(x, y);
    if (op == DIVIDE) result = v128.div<T>(x, y);
    suspect = v128.or(suspect, v128.eq<T>(v128.abs<T>(result), infinity));
    if (op == MULTIPLY) {
      const zeroArgument = v128.or(v128.eq<T>(x, zero), v128.eq<T>(y, zero));
      suspect = v128.or(suspect, v128.andnot(v128.eq<T>(result, zero), zeroArgument));
    }
    if (op == DIVIDE) {
      suspect = v128.or(suspect, v128.eq<T>(y, zero));
      suspect = v128.or(suspect, v128.andnot(v128.eq<T>(result, zero), v128.eq<T>(x, zero)));
    }
    v128.store(out + offset, result);
  }
  if (v128.any_true(suspect)) return float<T>(op, out, a, b, nulls, 0, count);
  const done = <i32>(end / sizeof<T>());
  const status = float<T>(op, out + end, a + end, b + end, nulls == 0 ? 0 : nulls + done, 0, count - done);
  return status == 0 ? 0 : status + (done << 8);
}

/** PostgreSQL's float checks: infinity from finite arguments is overflow, zero from a product or quotient underflow. */
// @ts-ignore: decorator
@inline
function float<T>(op: i32, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  const infinity = <T>Infinity;
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row * sizeof<T>();
    const x = load<T>(a + offset);
    const y = load<T>(b + offset);
    let result: T = <T>0;
    if (op == ADD) result = x + y;
    if (op == SUBTRACT) result = x - y;
    if (op == MULTIPLY) result = x * y;
    if (op == DIVIDE) {
      if (y == <T>0 && x == x) {
        if (isNull(nulls, row)) continue;
        return fail(row, DIVISION_BY_ZERO);
      }
      result = x / y;
    }
    if (abs<T>(result) == infinity && abs<T>(x) != infinity && (op == DIVIDE || abs<T>(y) != infinity) && !isNull(nulls, row)) {
      return fail(row, OUT_OF_RANGE);
    }
    if (op == MULTIPLY && result == <T>0 && x != <T>0 && y != <T>0 && !isNull(nulls, row)) return fail(row, INVALID);
    if (op == DIVIDE && result == <T>0 && x != <T>0 && abs<T>(y) != infinity && !isNull(nulls, row)) return fail(row, INVALID);
    store<T>(out + offset, result);
  }
  return 0;
}

export function add_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return denseFloat<f32>(ADD, out, a, b, nulls, count);
  return float<f32>(ADD, out, a, b, nulls, selection, count);
}
export function subtract_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return denseFloat<f32>(SUBTRACT, out, a, b, nulls, count);
  return float<f32>(SUBTRACT, out, a, b, nulls, selection, count);
}
export function multiply_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return denseFloat<f32>(MULTIPLY, out, a, b, nulls, count);
  return float<f32>(MULTIPLY, out, a, b, nulls, selection, count);
}
export function divide_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return denseFloat<f32>(DIVIDE, out, a, b, nulls, count);
  return float<f32>(DIVIDE, out, a, b, nulls, selection, count);
}
export function add_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return denseFloat<f64>(ADD, out, a, b, nulls, count);
  return float<f64>(ADD, out, a, b, nulls, selection, count);
}
export function subtract_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return denseFloat<f64>(SUBTRACT, out, a, b, nulls, count);
  return float<f64>(SUBTRACT, out, a, b, nulls, selection, count);
}
export function multiply_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return denseFloat<f64>(MULTIPLY, out, a, b, nulls, count);
  return float<f64>(MULTIPLY, out, a, b, nulls, selection, count);
}
export function divide_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) return denseFloat<f64>(DIVIDE, out, a, b, nulls, count);
  return float<f64>(DIVIDE, out, a, b, nulls, selection, count);
}
