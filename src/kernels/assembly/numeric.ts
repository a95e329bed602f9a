// Variable numerics (view bytes: kind, u16 scale, magnitude; columns/README.md) of up to 9 magnitude bytes that fit 63 bits: add,
// subtract, multiply, negate, compare. All others are declined, row by row.
import { setNumeric } from './shared/numeric-cell';
import { at, fail, isNull, NEED_SLOW } from './shared/rows';

/** Small: inline, finite, magnitude below 2^63. */
// @ts-ignore: decorator
@inline
function isSmall(view: usize): bool {
  const length = load<u32>(view);
  if (length > 11) return false;
  return load<u8>(view + 4) <= 1 && (length < 11 || load<i8>(view + 14) >= 0);
}

// @ts-ignore: decorator
@inline
function scaleOf(view: usize): i32 {
  return <i32>load<u16>(view + 5);
}

/** The bytes behind the magnitude are zero, as in every inline view. */
// @ts-ignore: decorator
@inline
function valueOf(view: usize): i64 {
  const magnitude = load<i64>(view + 7);
  return load<u8>(view + 4) == 0 ? magnitude : -magnitude;
}

const TOO_BIG: i64 = i64.MIN_VALUE;

/** value * 10^power, or TOO_BIG. */
function scaled(value: i64, power: i32): i64 {
  let result = value;
  if (result == 0) return 0;
  for (let i = 0; i < power; i++) {
    if (result > 922337203685477580 || result < -922337203685477580) return TOO_BIG;
    result *= 10;
  }
  return result;
}

// @ts-ignore: decorator
@inline
function sum(subtract: bool, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    const y = b + (<usize>row << 4);
    if (!isSmall(x) || !isSmall(y)) return fail(row, NEED_SLOW);
    const xScale = scaleOf(x);
    const yScale = scaleOf(y);
    const scale = max(xScale, yScale);
    const left = scaled(valueOf(x), scale - xScale);
    let right = scaled(valueOf(y), scale - yScale);
    if (left == TOO_BIG || right == TOO_BIG) return fail(row, NEED_SLOW);
    if (subtract) right = -right;
    const result = left + right;
    if (((left ^ result) & (right ^ result)) < 0 || result == TOO_BIG) return fail(row, NEED_SLOW);
    setNumeric(out + (<usize>row << 4), result, scale);
  }
  return 0;
}

export function add_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return sum(false, out, a, b, nulls, selection, count);
}
export function subtract_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return sum(true, out, a, b, nulls, selection, count);
}

export function multiply_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    const y = b + (<usize>row << 4);
    if (!isSmall(x) || !isSmall(y)) return fail(row, NEED_SLOW);
    const scale = scaleOf(x) + scaleOf(y);
    const left = valueOf(x);
    const right = valueOf(y);
    const product = left * right;
    if (left != 0 && (product == TOO_BIG || product / left != right)) return fail(row, NEED_SLOW);
    if (scale > 1000) return fail(row, NEED_SLOW);
    setNumeric(out + (<usize>row << 4), product, scale);
  }
  return 0;
}

export function negate_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    if (!isSmall(x)) return fail(row, NEED_SLOW);
    setNumeric(out + (<usize>row << 4), -valueOf(x), scaleOf(x));
  }
  return 0;
}

export function absolute_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    if (!isSmall(x)) return fail(row, NEED_SLOW);
    setNumeric(out + (<usize>row << 4), abs<i64>(valueOf(x)), scaleOf(x));
  }
  return 0;
}

const EQUAL: i32 = 0;
const NOT_EQUAL: i32 = 1;
const LESS: i32 = 2;
const LESS_EQUAL: i32 = 3;
const GREATER: i32 = 4;

// @ts-ignore: decorator
@inline
function compare(op: i32, step: usize, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    const y = b + <usize>row * step;
    if (!isSmall(x) || !isSmall(y)) return fail(row, NEED_SLOW);
    const scale = max(scaleOf(x), scaleOf(y));
    const left = scaled(valueOf(x), scale - scaleOf(x));
    const right = scaled(valueOf(y), scale - scaleOf(y));
    if (left == TOO_BIG || right == TOO_BIG) return fail(row, NEED_SLOW);
    let result = left >= right;
    if (op == EQUAL) result = left == right;
    if (op == NOT_EQUAL) result = left != right;
    if (op == LESS) result = left < right;
    if (op == LESS_EQUAL) result = left <= right;
    if (op == GREATER) result = left > right;
    store<u8>(out + row, <u8>result);
  }
  return 0;
}

export function equal_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(EQUAL, 16, out, a, b, nulls, selection, count); }
export function equal_numeric_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(EQUAL, 0, out, a, b, nulls, selection, count); }
export function not_equal_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(NOT_EQUAL, 16, out, a, b, nulls, selection, count); }
export function not_equal_numeric_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(NOT_EQUAL, 0, out, a, b, nulls, selection, count); }
export function less_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(LESS, 16, out, a, b, nulls, selection, count); }
export function less_numeric_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(LESS, 0, out, a, b, nulls, selection, count); }
export function less_equal_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(LESS_EQUAL, 16, out, a, b, nulls, selection, count); }
export function less_equal_numeric_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(LESS_EQUAL, 0, out, a, b, nulls, selection, count); }
export function greater_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(GREATER, 16, out, a, b, nulls, selection, count); }
export function greater_numeric_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(GREATER, 0, out, a, b, nulls, selection, count); }
export function greater_equal_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(5, 16, out, a, b, nulls, selection, count); }
export function greater_equal_numeric_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return compare(5, 0, out, a, b, nulls, selection, count); }

/** Scaled integers as variable numerics: always inline. */
export function cast_i64_numeric(out: usize, a: usize, scale: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const x = load<i64>(a + (<usize>row << 3));
    if (x == TOO_BIG && !isNull(nulls, row)) return fail(row, NEED_SLOW);
    setNumeric(out + (<usize>row << 4), x, scale);
  }
  return 0;
}

/** Those within 63 bits; the others are declined. */
export function cast_i128_numeric(out: usize, a: usize, scale: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = load<i64>(a + (<usize>row << 4));
    if (load<i64>(a + (<usize>row << 4) + 8) != x >> 63 || x == TOO_BIG) return fail(row, NEED_SLOW);
    setNumeric(out + (<usize>row << 4), x, scale);
  }
  return 0;
}
