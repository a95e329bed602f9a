// Fixed-point numerics: scaled 64- and 128-bit integers. Add, subtract and multiply, changes of scale, range limits, and the way
// between the widths. Products and scalings compute on magnitudes; rounding is half away from zero.
import { at, fail, isNull, NEED_SLOW, OUT_OF_RANGE } from './shared/rows';
import { multiply64, negate128, scaleDownMagnitude, scaleMagnitude, scaleUpMagnitude, takeSign, tenTo } from './shared/wide';

// @ts-ignore: decorator
@inline
function sum(subtract: bool, from64: bool, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 4;
    const source = from64 ? <usize>row << 3 : offset;
    const xLow = load<u64>(a + source);
    const yLow = load<u64>(b + source);
    const xHigh = from64 ? <i64>xLow >> 63 : load<i64>(a + source + 8);
    const yHigh = from64 ? <i64>yLow >> 63 : load<i64>(b + source + 8);
    const low = subtract ? xLow - yLow : xLow + yLow;
    const carry: i64 = subtract ? <i64>(xLow < yLow) : <i64>(low < xLow);
    const high = subtract ? xHigh - yHigh - carry : xHigh + yHigh + carry;
    const wrong = subtract ? ((xHigh ^ yHigh) & (xHigh ^ high)) < 0 : ((xHigh ^ high) & (yHigh ^ high)) < 0;
    if (wrong && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<u64>(out + offset, low);
    store<i64>(out + offset + 8, high);
  }
  return 0;
}

export function add_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return sum(false, false, out, a, b, nulls, selection, count);
}
export function subtract_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return sum(true, false, out, a, b, nulls, selection, count);
}
export function add_i64_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return sum(false, true, out, a, b, nulls, selection, count);
}
export function subtract_i64_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return sum(true, true, out, a, b, nulls, selection, count);
}

/** The exact 128-bit product of 64-bit values. */
export function multiply_i64_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const x = load<i64>(a + (row << 3));
    const y = load<i64>(b + (row << 3));
    const to = out + (row << 4);
    const product = x * y;
    if (((x + 0x80000000) | (y + 0x80000000)) >> 32 == 0) {
      store<i64>(to, product);
      store<i64>(to + 8, product >> 63);
      continue;
    }
    multiply64(to, x < 0 ? 0 - <u64>x : <u64>x, y < 0 ? 0 - <u64>y : <u64>y);
    if ((x ^ y) < 0) negate128(to, to);
  }
  return 0;
}

/** OUT_OF_RANGE past 127 bits. */
export function multiply_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const to = out + offset;
    const negative = (load<i64>(a + offset + 8) ^ load<i64>(b + offset + 8)) < 0;
    const yHigh = load<i64>(b + offset + 8);
    let yLow = load<u64>(b + offset);
    let yTop = <u64>yHigh;
    if (yHigh < 0) {
      yTop = ~yTop + (yLow == 0 ? 1 : 0);
      yLow = 0 - yLow;
    }
    const xHigh = load<i64>(a + offset + 8);
    let xLow = load<u64>(a + offset);
    let xTop = <u64>xHigh;
    if (xHigh < 0) {
      xTop = ~xTop + (xLow == 0 ? 1 : 0);
      xLow = 0 - xLow;
    }
    if (xTop != 0 && yTop != 0) return fail(row, OUT_OF_RANGE);
    const big = xTop != 0;
    store<u64>(to, big ? xLow : yLow);
    store<u64>(to + 8, big ? xTop : yTop);
    if (!scaleMagnitude(to, big ? yLow : xLow)) return fail(row, OUT_OF_RANGE);
    if (negative) negate128(to, to);
  }
  return 0;
}

/** out = a * 10^power. */
export function scale_up_i64(out: usize, a: usize, power: i32, nulls: usize, selection: usize, count: i32): i32 {
  const factor = <i64>tenTo(power);
  const limit = i64.MAX_VALUE / factor;
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 3;
    const x = load<i64>(a + offset);
    if ((x > limit || x < -limit) && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<i64>(out + offset, x * factor);
  }
  return 0;
}

export function scale_up_i128(out: usize, a: usize, power: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const to = out + (<usize>row << 4);
    v128.store(to, v128.load(a + (<usize>row << 4)));
    const negative = takeSign(to);
    if (!scaleUpMagnitude(to, power)) return fail(row, OUT_OF_RANGE);
    if (negative) negate128(to, to);
  }
  return 0;
}

/** out = a / 10^power, half away from zero; power >= 1. */
export function scale_down_i64(out: usize, a: usize, power: i32, nulls: usize, selection: usize, count: i32): i32 {
  const divisor = power > 19 ? 0 : tenTo(power);
  for (let i = 0; i < count; i++) {
    const offset = <usize>at(selection, i) << 3;
    const x = load<i64>(a + offset);
    const magnitude = x < 0 ? 0 - <u64>x : <u64>x;
    let result: u64 = 0;
    if (divisor != 0) {
      result = magnitude / divisor;
      if (magnitude - result * divisor >= divisor - (divisor >> 1)) result++;
    }
    store<i64>(out + offset, x < 0 ? 0 - <i64>result : <i64>result);
  }
  return 0;
}

export function scale_down_i128(out: usize, a: usize, power: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const to = out + (<usize>row << 4);
    v128.store(to, v128.load(a + (<usize>row << 4)));
    const negative = takeSign(to);
    scaleDownMagnitude(to, power);
    if (negative) negate128(to, to);
  }
  return 0;
}

export function cast_i64_i128(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const x = load<i64>(a + (row << 3));
    store<i64>(out + (row << 4), x);
    store<i64>(out + (row << 4) + 8, x >> 63);
  }
  return 0;
}
export function cast_i32_i128(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const x = <i64>load<i32>(a + (row << 2));
    store<i64>(out + (row << 4), x);
    store<i64>(out + (row << 4) + 8, x >> 63);
  }
  return 0;
}
export function cast_i128_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const x = load<i64>(a + (<usize>row << 4));
    if (load<i64>(a + (<usize>row << 4) + 8) != x >> 63 && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<i64>(out + (<usize>row << 3), x);
  }
  return 0;
}

/** True where |a| >= 10^digits; digits <= 38. */
function exceeds(a: usize, digits: i32): bool {
  const high = load<i64>(a + 8);
  let low = load<u64>(a);
  let top = <u64>high;
  if (high < 0) {
    top = ~top + (low == 0 ? 1 : 0);
    low = 0 - low;
  }
  if (digits <= 19) return top != 0 || low >= tenTo(digits);
  // 10^digits = 10^19 * 10^rest, by the schoolbook
  const x: u64 = 10000000000000000000;
  const y = tenTo(digits - 19);
  const p00 = (x & 0xffffffff) * (y & 0xffffffff);
  const p01 = (x & 0xffffffff) * (y >> 32);
  const p10 = (x >> 32) * (y & 0xffffffff);
  const middle = (p00 >> 32) + (p01 & 0xffffffff) + (p10 & 0xffffffff);
  const limitLow = (p00 & 0xffffffff) | (middle << 32);
  const limitHigh = (x >> 32) * (y >> 32) + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
  return top > limitHigh || (top == limitHigh && low >= limitLow);
}

/** Values of at most `digits` digits pass; others are declined, for the per-row twin to word the error. */
export function limit_i128_i128(out: usize, a: usize, digits: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 4;
    if (!isNull(nulls, row) && exceeds(a + offset, digits)) return fail(row, NEED_SLOW);
    v128.store(out + offset, v128.load(a + offset));
  }
  return 0;
}
export function limit_i128_i64(out: usize, a: usize, digits: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const from = a + (<usize>row << 4);
    if (!isNull(nulls, row) && exceeds(from, digits)) return fail(row, NEED_SLOW);
    store<i64>(out + (<usize>row << 3), load<i64>(from));
  }
  return 0;
}
