// Arithmetic of one argument, bits and shifts. Convention: ../README.md.
import { at, fail, isNull, NEED_SLOW, OUT_OF_RANGE } from './shared/rows';
import { negate128 } from './shared/wide';

const NEGATE: i32 = 0;
const ABSOLUTE: i32 = 1;

/** `least`: the value whose negation does not exist. */
// @ts-ignore: decorator
@inline
function signed<T>(op: i32, least: T, out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row * sizeof<T>();
    const x = load<T>(a + offset);
    if (isInteger<T>() && x == least) {
      if (isNull(nulls, row)) continue;
      return fail(row, OUT_OF_RANGE);
    }
    const negative = isFloat<T>() ? -x : <T>0 - x;
    const result = op == NEGATE ? negative : isFloat<T>() ? abs<T>(x) : x < <T>0 ? negative : x;
    store<T>(out + offset, result);
  }
  return 0;
}

export function negate_i16(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<i32>(NEGATE, -32768, out, a, nulls, selection, count); }
export function negate_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<i32>(NEGATE, i32.MIN_VALUE, out, a, nulls, selection, count); }
export function negate_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<i64>(NEGATE, i64.MIN_VALUE, out, a, nulls, selection, count); }
export function negate_f32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<f32>(NEGATE, 0, out, a, nulls, selection, count); }
export function negate_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<f64>(NEGATE, 0, out, a, nulls, selection, count); }
export function absolute_i16(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<i32>(ABSOLUTE, -32768, out, a, nulls, selection, count); }
export function absolute_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<i32>(ABSOLUTE, i32.MIN_VALUE, out, a, nulls, selection, count); }
export function absolute_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<i64>(ABSOLUTE, i64.MIN_VALUE, out, a, nulls, selection, count); }
export function absolute_f32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<f32>(ABSOLUTE, 0, out, a, nulls, selection, count); }
export function absolute_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return signed<f64>(ABSOLUTE, 0, out, a, nulls, selection, count); }

export function negate_i128(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const offset = <usize>at(selection, i) << 4;
    negate128(out + offset, a + offset);
  }
  return 0;
}
export function absolute_i128(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const offset = <usize>at(selection, i) << 4;
    if (load<i64>(a + offset + 8) < 0) negate128(out + offset, a + offset);
    else v128.store(out + offset, v128.load(a + offset));
  }
  return 0;
}

const AND: i32 = 0;
const OR: i32 = 1;
const XOR: i32 = 2;
const LEFT: i32 = 3;
const RIGHT: i32 = 4;

/** Shift amounts are taken modulo the width, as PostgreSQL's hardware does; i16 results wrap to 16 bits. */
// @ts-ignore: decorator
@inline
function bits<T>(op: i32, isShort: bool, out: usize, a: usize, b: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const x = load<T>(a + row * sizeof<T>());
    let result: T = 0;
    if (op == AND) result = x & load<T>(b + row * sizeof<T>());
    if (op == OR) result = x | load<T>(b + row * sizeof<T>());
    if (op == XOR) result = x ^ load<T>(b + row * sizeof<T>());
    if (op == LEFT) result = x << <T>load<i32>(b + (row << 2));
    if (op == RIGHT) result = x >> <T>load<i32>(b + (row << 2));
    if (isShort) result = <T>(<i16>result);
    store<T>(out + row * sizeof<T>(), result);
  }
  return 0;
}

export function bit_and_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(AND, true, out, a, b, selection, count); }
export function bit_or_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(OR, true, out, a, b, selection, count); }
export function bit_xor_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(XOR, true, out, a, b, selection, count); }
export function shift_left_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(LEFT, true, out, a, b, selection, count); }
export function shift_right_i16(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(RIGHT, true, out, a, b, selection, count); }
export function bit_and_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(AND, false, out, a, b, selection, count); }
export function bit_or_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(OR, false, out, a, b, selection, count); }
export function bit_xor_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(XOR, false, out, a, b, selection, count); }
export function shift_left_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(LEFT, false, out, a, b, selection, count); }
export function shift_right_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i32>(RIGHT, false, out, a, b, selection, count); }
export function bit_and_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i64>(AND, false, out, a, b, selection, count); }
export function bit_or_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i64>(OR, false, out, a, b, selection, count); }
export function bit_xor_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i64>(XOR, false, out, a, b, selection, count); }
export function shift_left_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i64>(LEFT, false, out, a, b, selection, count); }
export function shift_right_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return bits<i64>(RIGHT, false, out, a, b, selection, count); }

// @ts-ignore: decorator
@inline
function invert<T>(out: usize, a: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const offset = <usize>at(selection, i) * sizeof<T>();
    store<T>(out + offset, ~load<T>(a + offset));
  }
  return 0;
}
export function bit_not_i16(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return invert<i32>(out, a, selection, count); }
export function bit_not_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return invert<i32>(out, a, selection, count); }
export function bit_not_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return invert<i64>(out, a, selection, count); }

const FLOOR: i32 = 0;
const CEIL: i32 = 1;
const ROUND_EVEN: i32 = 2;
const TRUNCATE: i32 = 3;

// @ts-ignore: decorator
@inline
function rounding(op: i32, out: usize, a: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const offset = <usize>at(selection, i) << 3;
    const x = load<f64>(a + offset);
    const result = op == FLOOR ? floor<f64>(x) : op == CEIL ? ceil<f64>(x) : op == ROUND_EVEN ? nearest<f64>(x) : trunc<f64>(x);
    store<f64>(out + offset, result);
  }
  return 0;
}

export function floor_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return rounding(FLOOR, out, a, selection, count); }
export function ceil_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return rounding(CEIL, out, a, selection, count); }
export function round_even_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return rounding(ROUND_EVEN, out, a, selection, count); }
export function truncate_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return rounding(TRUNCATE, out, a, selection, count); }

/** A negative argument is declined. */
export function sqrt_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 3;
    const x = load<f64>(a + offset);
    if (x < 0 && !isNull(nulls, row)) return fail(row, NEED_SLOW);
    store<f64>(out + offset, sqrt<f64>(x));
  }
  return 0;
}
