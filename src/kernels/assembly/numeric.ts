// Variable numerics: add, subtract, multiply, negate, compare. Magnitudes below 2^63 are computed in registers, those below 2^127 in scratch
// memory (shared/numeric-cell.ts); all others are declined, row by row.
import { isNegative, isSmall, isWide, loadMagnitude, putNumeric, scaleOf, scratchIn, setNumeric, smallScale, smallValue } from './shared/numeric-cell';
import { at, fail, isNull, NEED_HEAP, NEED_SLOW, viewData } from './shared/rows';
import { order128, scaleMagnitude, scaleUpMagnitude, takeSign, tenTo } from './shared/wide';

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

/** x + y (or x - y) of small ones into `out`; false: it takes more than 63 bits. */
// @ts-ignore: decorator
@inline
function addSmall(subtract: bool, out: usize, x: usize, y: usize): bool {
  const xScale = smallScale(x);
  const yScale = smallScale(y);
  const scale = max(xScale, yScale);
  const left = scaled(smallValue(x), scale - xScale);
  let right = scaled(smallValue(y), scale - yScale);
  if (left == TOO_BIG || right == TOO_BIG) return false;
  if (subtract) right = -right;
  const result = left + right;
  if (((left ^ result) & (right ^ result)) < 0 || result == TOO_BIG) return false;
  setNumeric(out, result, scale);
  return true;
}

/** The same for wide ones. */
function addWide(subtract: bool, out: usize, x: usize, y: usize, scratch: usize, heap: usize): bool {
  const scale = max(scaleOf(x), scaleOf(y));
  const left = scratch;
  const right = scratch + 16;
  loadMagnitude(left, x);
  loadMagnitude(right, y);
  if (!scaleUpMagnitude(left, scale - scaleOf(x)) || !scaleUpMagnitude(right, scale - scaleOf(y))) return false;
  const negative = isNegative(x);
  if (negative == (isNegative(y) != subtract)) {
    const low = load<u64>(left) + load<u64>(right);
    const high = load<u64>(left, 8) + load<u64>(right, 8) + <u64>(low < load<u64>(left));
    if (<i64>high < 0) return false;
    store<u64>(left, low);
    store<u64>(left, high, 8);
    putNumeric(out, left, negative, scale, heap);
    return true;
  }
  const less = order128(left, right) < 0;
  const larger = less ? right : left;
  const smaller = less ? left : right;
  const low = load<u64>(larger);
  store<u64>(larger, low - load<u64>(smaller));
  store<u64>(larger, load<u64>(larger, 8) - load<u64>(smaller, 8) - <u64>(low < load<u64>(smaller)), 8);
  putNumeric(out, larger, negative != less, scale, heap);
  return true;
}

// @ts-ignore: decorator
@inline
function sum(subtract: bool, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    const y = b + (<usize>row << 4);
    const to = out + (<usize>row << 4);
    if (isSmall(x) && isSmall(y) && addSmall(subtract, to, x, y)) continue;
    if (!isWide(x) || !isWide(y)) return fail(row, NEED_SLOW);
    const scratch = scratchIn(heap);
    if (scratch == 0) return fail(row, NEED_HEAP);
    if (!addWide(subtract, to, x, y, scratch, heap)) return fail(row, NEED_SLOW);
  }
  return 0;
}

export function add_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return sum(false, out, a, b, nulls, selection, count, start, heap);
}
export function subtract_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return sum(true, out, a, b, nulls, selection, count, start, heap);
}

function multiplyWide(out: usize, x: usize, y: usize, scratch: usize, heap: usize): bool {
  const other = scratch + 16;
  loadMagnitude(scratch, x);
  loadMagnitude(other, y);
  const xIsWide = load<u64>(scratch, 8) != 0;
  if (xIsWide && load<u64>(other, 8) != 0) return false;
  const product = xIsWide ? scratch : other;
  if (!scaleMagnitude(product, load<u64>(xIsWide ? other : scratch))) return false;
  putNumeric(out, product, isNegative(x) != isNegative(y), scaleOf(x) + scaleOf(y), heap);
  return true;
}

export function multiply_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    const y = b + (<usize>row << 4);
    const to = out + (<usize>row << 4);
    if (!isWide(x) || !isWide(y) || scaleOf(x) + scaleOf(y) > 1000) return fail(row, NEED_SLOW);
    if (isSmall(x) && isSmall(y)) {
      const left = smallValue(x);
      const right = smallValue(y);
      const product = left * right;
      if (left == 0 || (product != TOO_BIG && product / left == right)) {
        setNumeric(to, product, smallScale(x) + smallScale(y));
        continue;
      }
    }
    const scratch = scratchIn(heap);
    if (scratch == 0) return fail(row, NEED_HEAP);
    if (!multiplyWide(to, x, y, scratch, heap)) return fail(row, NEED_SLOW);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function signed(negate: bool, out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    if (!isWide(x)) return fail(row, NEED_SLOW);
    const scratch = scratchIn(heap);
    if (scratch == 0) return fail(row, NEED_HEAP);
    loadMagnitude(scratch, x);
    putNumeric(out + (<usize>row << 4), scratch, negate && !isNegative(x), scaleOf(x), heap);
  }
  return 0;
}

export function negate_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return signed(true, out, a, nulls, selection, count, start, heap);
}
export function absolute_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return signed(false, out, a, nulls, selection, count, start, heap);
}

const EQUAL: i32 = 0;
const NOT_EQUAL: i32 = 1;
const LESS: i32 = 2;
const LESS_EQUAL: i32 = 3;
const GREATER: i32 = 4;

/** Not finite, or a magnitude of more than 16 bytes: declined. */
// @ts-ignore: decorator
@inline
function isOdd(view: usize): bool {
  return load<u32>(view) > 19 || load<u8>(viewData(view)) > 1;
}

/** The low or high eight of the sixteen bytes of a magnitude. */
function halfOf(view: usize, high: bool): u64 {
  const given = load<u32>(view) - 3;
  const bytes: u32 = high ? given : min<u32>(given, 8);
  const from = viewData(view) + 3;
  let value: u64 = 0;
  for (let i: u32 = high ? 8 : 0; i < bytes; i++) value |= <u64>load<u8>(from + i) << ((i & 7) << 3);
  return value;
}

/** The order of x and y / 10^power, magnitudes of 128 bits; what is left of the division makes y the greater. */
function orderScaled(xHigh: u64, xLow: u64, yHigh: u64, yLow: u64, power: i32): i32 {
  let y3 = yHigh >> 32;
  let y2 = yHigh & 0xffffffff;
  let y1 = yLow >> 32;
  let y0 = yLow & 0xffffffff;
  let rest = false;
  for (let left = power; left > 0 && (y3 | y2 | y1 | y0) != 0; left -= 9) {
    const divisor = tenTo(left < 9 ? left : 9);
    let part = y3;
    y3 = part / divisor;
    part = ((part % divisor) << 32) | y2;
    y2 = part / divisor;
    part = ((part % divisor) << 32) | y1;
    y1 = part / divisor;
    part = ((part % divisor) << 32) | y0;
    y0 = part / divisor;
    if (part % divisor != 0) rest = true;
  }
  const high = (y3 << 32) | y2;
  const low = (y1 << 32) | y0;
  if (xHigh != high) return xHigh < high ? -1 : 1;
  if (xLow != low) return xLow < low ? -1 : 1;
  return rest ? -1 : 0;
}

/** The order of two finite numerics of up to 128 bits. */
function order(x: usize, y: usize): i32 {
  const xHigh = halfOf(x, true);
  const xLow = halfOf(x, false);
  const yHigh = halfOf(y, true);
  const yLow = halfOf(y, false);
  const xNegative = load<u8>(viewData(x)) == 1;
  const yNegative = load<u8>(viewData(y)) == 1;
  if (xNegative != yNegative) return xNegative ? -1 : 1;
  const power = <i32>load<u16>(viewData(y) + 1) - <i32>load<u16>(viewData(x) + 1);
  const magnitudes = power >= 0 ? orderScaled(xHigh, xLow, yHigh, yLow, power) : -orderScaled(yHigh, yLow, xHigh, xLow, -power);
  return xNegative ? -magnitudes : magnitudes;
}

// @ts-ignore: decorator
@inline
function compare(op: i32, step: usize, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    const y = b + <usize>row * step;
    let left: i64 = 0;
    let right: i64 = 0;
    if (isSmall(x) && isSmall(y) && smallScale(x) == smallScale(y)) {
      left = smallValue(x);
      right = smallValue(y);
    } else {
      if (isOdd(x) || isOdd(y)) return fail(row, NEED_SLOW);
      left = order(x, y);
    }
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

/** Those below 2^127. */
export function cast_i128_numeric(out: usize, a: usize, scale: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const scratch = scratchIn(heap);
    if (scratch == 0) return fail(row, NEED_HEAP);
    v128.store(scratch, v128.load(a + (<usize>row << 4)));
    const negative = takeSign(scratch);
    if (load<i64>(scratch, 8) < 0) return fail(row, NEED_SLOW);
    putNumeric(out + (<usize>row << 4), scratch, negative, scale, heap);
  }
  return 0;
}
