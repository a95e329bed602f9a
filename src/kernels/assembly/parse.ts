// Text to numbers, for the plain decimal forms; everything else, errors included, is declined for the per-row twin.
import { at, fail, isNull, NEED_SLOW, viewData } from './shared/rows';
import { tenTo } from './shared/wide';

// @ts-ignore: decorator
@inline
function isBlank(byte: u8): bool {
  return byte == 32 || byte - 9 < 5;
}

/** Blanks, sign, up to 18 digits, blanks. */
// @ts-ignore: decorator
@inline
function integers<T>(low: i64, high: i64, out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    let place = viewData(view);
    let end = place + load<u32>(view);
    while (place < end && isBlank(load<u8>(place))) place++;
    while (end > place && isBlank(load<u8>(end - 1))) end--;
    let negative = false;
    if (place < end && (load<u8>(place) == 45 || load<u8>(place) == 43)) {
      negative = load<u8>(place) == 45;
      place++;
    }
    if (place == end || end - place > 18) return fail(row, NEED_SLOW);
    let value: i64 = 0;
    for (; place < end; place++) {
      const digit = load<u8>(place) - 48;
      if (digit > 9) return fail(row, NEED_SLOW);
      value = value * 10 + <i64>digit;
    }
    if (negative) value = -value;
    if (value < low || value > high) return fail(row, NEED_SLOW);
    store<T>(out + <usize>row * sizeof<T>(), <T>value);
  }
  return 0;
}

export function cast_view_i16(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return integers<i32>(-32768, 32767, out, a, nulls, selection, count);
}
export function cast_view_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return integers<i32>(i32.MIN_VALUE, i32.MAX_VALUE, out, a, nulls, selection, count);
}
export function cast_view_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return integers<i64>(i64.MIN_VALUE, i64.MAX_VALUE, out, a, nulls, selection, count);
}

/**
 * Up to 15 significant digits and a power of ten up to 22 give the nearest float by one exact multiplication or division
 * (Clinger 1990); the rest is declined.
 */
export function cast_view_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    let place = viewData(view);
    const end = place + load<u32>(view);
    let negative = false;
    if (place < end && load<u8>(place) == 45) {
      negative = true;
      place++;
    }
    let mantissa: u64 = 0;
    let seen = 0;
    let power = 0;
    let point = false;
    let wrong = false;
    for (; place < end; place++) {
      const byte = load<u8>(place);
      if (byte == 46 && !point) {
        point = true;
        continue;
      }
      if (byte - 48 > 9) {
        wrong = true;
        break;
      }
      if (mantissa >= 100000000000000) {
        wrong = true;
        break;
      }
      mantissa = mantissa * 10 + <u64>(byte - 48);
      seen++;
      if (point) power++;
    }
    if (wrong || seen == 0 || power > 18) return fail(row, NEED_SLOW);
    const value = <f64>mantissa / <f64>tenTo(power);
    store<f64>(out + (<usize>row << 3), negative ? -value : value);
  }
  return 0;
}
