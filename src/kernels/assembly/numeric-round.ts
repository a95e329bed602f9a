// Variable numerics brought to fewer digits behind the point, and to and from integers and floats. What needs more than 127 bits, NaN,
// infinities and results outside the target's range are declined.
import { isNegative, isWide, loadMagnitude, putNumeric, scaleOf, scratchIn } from './shared/numeric-cell';
import { at, fail, isNull, NEED_HEAP, NEED_SLOW } from './shared/rows';
import { cutMagnitude, incrementMagnitude, multiply64, negate128, order128, scaleDownMagnitude, scaleUpMagnitude, tenTo } from './shared/wide';

const ROUND: i32 = 0;
const TRUNCATE: i32 = 1;
const FLOOR: i32 = 2;
const CEIL: i32 = 3;
const MOST_PLACES: i32 = 1000;

/** Half away from zero, towards zero, downwards, upwards. */
function cutDigits(form: i32, magnitude: usize, power: i32, negative: bool): void {
  if (form == ROUND) {
    scaleDownMagnitude(magnitude, power);
    return;
  }
  const inexact = cutMagnitude(magnitude, power);
  if (inexact && ((form == FLOOR && negative) || (form == CEIL && !negative))) incrementMagnitude(magnitude);
}

/** `places`: vector of i32, 0: none behind the point. */
// @ts-ignore: decorator
@inline
function reduce(form: i32, out: usize, a: usize, places: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    const wanted = places == 0 ? 0 : load<i32>(places + (<usize>row << 2));
    if (!isWide(x) || wanted < 0 || wanted > MOST_PLACES) return fail(row, NEED_SLOW);
    const scratch = scratchIn(heap);
    if (scratch == 0) return fail(row, NEED_HEAP);
    const scale = scaleOf(x);
    loadMagnitude(scratch, x);
    if (wanted < scale) cutDigits(form, scratch, scale - wanted, isNegative(x));
    else if (!scaleUpMagnitude(scratch, wanted - scale)) return fail(row, NEED_SLOW);
    putNumeric(out + (<usize>row << 4), scratch, isNegative(x), wanted, heap);
  }
  return 0;
}

export function round_numeric(out: usize, a: usize, places: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return reduce(ROUND, out, a, places, nulls, selection, count, start, heap);
}
export function truncate_numeric(out: usize, a: usize, places: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return reduce(TRUNCATE, out, a, places, nulls, selection, count, start, heap);
}
export function round_whole_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return reduce(ROUND, out, a, 0, nulls, selection, count, start, heap);
}
export function truncate_whole_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return reduce(TRUNCATE, out, a, 0, nulls, selection, count, start, heap);
}
export function floor_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return reduce(FLOOR, out, a, 0, nulls, selection, count, start, heap);
}
export function ceil_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return reduce(CEIL, out, a, 0, nulls, selection, count, start, heap);
}

/** Results of a fixed width leave the heap window as it is, so its scratch serves all rows. Up to `high`; the least value is declined, too. */
// @ts-ignore: decorator
@inline
function whole<T>(high: i64, out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  const scratch = scratchIn(heap);
  if (scratch == 0) return fail(at(selection, start), NEED_HEAP);
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    if (!isWide(x)) return fail(row, NEED_SLOW);
    loadMagnitude(scratch, x);
    const scale = scaleOf(x);
    if (scale > 0) scaleDownMagnitude(scratch, scale);
    const magnitude = load<u64>(scratch);
    if (load<u64>(scratch, 8) != 0 || magnitude > <u64>high) return fail(row, NEED_SLOW);
    store<T>(out + <usize>row * sizeof<T>(), <T>(isNegative(x) ? -(<i64>magnitude) : <i64>magnitude));
  }
  return 0;
}

export function cast_numeric_i16(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return whole<i32>(0x7fff, out, a, nulls, selection, count, start, heap);
}
export function cast_numeric_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return whole<i32>(i32.MAX_VALUE, out, a, nulls, selection, count, start, heap);
}
export function cast_numeric_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return whole<i64>(i64.MAX_VALUE, out, a, nulls, selection, count, start, heap);
}

/** numeric(digits, scale) as a scaled i64 or i128. */
// @ts-ignore: decorator
@inline
function fixed(wide: bool, out: usize, a: usize, digits: i32, scale: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  const scratch = scratchIn(heap);
  if (scratch == 0) return fail(at(selection, start), NEED_HEAP);
  const limit = scratch + 16;
  multiply64(limit, tenTo(digits >> 1), tenTo(digits - (digits >> 1)));
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    if (!isWide(x)) return fail(row, NEED_SLOW);
    loadMagnitude(scratch, x);
    const own = scaleOf(x);
    if (own > scale) scaleDownMagnitude(scratch, own - scale);
    else if (!scaleUpMagnitude(scratch, scale - own)) return fail(row, NEED_SLOW);
    if (order128(scratch, limit) >= 0) return fail(row, NEED_SLOW);
    if (isNegative(x)) negate128(scratch, scratch);
    if (wide) v128.store(out + (<usize>row << 4), v128.load(scratch));
    else store<i64>(out + (<usize>row << 3), load<i64>(scratch));
  }
  return 0;
}

export function limit_numeric_i64(out: usize, a: usize, digits: i32, scale: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return fixed(false, out, a, digits, scale, nulls, selection, count, start, heap);
}
export function limit_numeric_i128(out: usize, a: usize, digits: i32, scale: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return fixed(true, out, a, digits, scale, nulls, selection, count, start, heap);
}

const EXACT: u64 = 1 << 53;

/** Quotients of two exact doubles, an integer and a power of ten: one division rounds them as their text would be read. Others are declined. */
export function cast_numeric_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  const scratch = scratchIn(heap);
  if (scratch == 0) return fail(at(selection, start), NEED_HEAP);
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    if (!isWide(x)) return fail(row, NEED_SLOW);
    loadMagnitude(scratch, x);
    let scale = scaleOf(x);
    while (scale > 0 && (load<u64>(scratch, 8) != 0 || load<u64>(scratch) > EXACT)) {
      if (cutMagnitude(scratch, 1)) return fail(row, NEED_SLOW); // but zeros
      scale--;
    }
    if (load<u64>(scratch, 8) != 0 || load<u64>(scratch) > EXACT || scale > 22) return fail(row, NEED_SLOW);
    let divisor: f64 = 1;
    for (let power = 0; power < scale; power++) divisor *= 10;
    const value = <f64>load<u64>(scratch) / divisor;
    store<f64>(out + (<usize>row << 3), isNegative(x) ? -value : value);
  }
  return 0;
}

/**
 * The `digits` significant digits of a double within 1e-4 .. 10^digits, half to even, as %.15g prints them, without zeros at the end: the
 * coefficient goes to `scratch` (16 bytes), the scale is returned. Exact: mantissa * 10^scale has less than 128 bits.
 */
function decimalOf(scratch: usize, value: f64, digits: i32): i32 {
  let scale = digits + <i32>(value < 0.1) + <i32>(value < 0.01) + <i32>(value < 0.001);
  for (let power: f64 = 1; value >= power; power *= 10) scale--;
  const bits = reinterpret<u64>(value);
  multiply64(scratch, (bits & 0xfffffffffffff) | 0x10000000000000, tenTo(scale));
  let coefficient = halved(load<u64>(scratch), load<u64>(scratch, 8), 1075 - (bits >> 52));
  while (scale > 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    scale--;
  }
  store<u64>(scratch, coefficient);
  store<u64>(scratch, 0, 8);
  return scale;
}

/** 128 bits / 2^shift, half to even, for a shift of 3 .. 66 with which the result has at most 64. */
function halved(low: u64, high: u64, shift: u64): u64 {
  const result = shift > 64 ? high >> (shift - 64) : shift == 64 ? high : (low >> shift) | (high << (64 - shift));
  const last = shift > 64 ? (high >> (shift - 65)) & 1 : (low >> (shift - 1)) & 1;
  const rest = shift > 64 ? low | (high & (((<u64>1) << (shift - 65)) - 1)) : low & (((<u64>1) << (shift - 1)) - 1);
  return result + (last & ((rest != 0 ? 1 : 0) | (result & 1)));
}

// @ts-ignore: decorator
@inline
function floats<T>(digits: i32, out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  const limit = <f64>tenTo(digits);
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const value = <f64>load<T>(a + <usize>row * sizeof<T>());
    const size = Math.abs(value);
    if (size != 0 && !(size >= 1e-4 && size < limit)) return fail(row, NEED_SLOW);
    const scratch = scratchIn(heap);
    if (scratch == 0) return fail(row, NEED_HEAP);
    v128.store(scratch, i64x2.splat(0));
    const scale = size == 0 ? 0 : decimalOf(scratch, size, digits);
    putNumeric(out + (<usize>row << 4), scratch, value < 0, scale, heap);
  }
  return 0;
}

/** Values of 1e-4 to 10^15 (10^6): what needs no exponent. */
export function cast_f64_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return floats<f64>(15, out, a, nulls, selection, count, start, heap);
}
export function cast_f32_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return floats<f32>(6, out, a, nulls, selection, count, start, heap);
}
