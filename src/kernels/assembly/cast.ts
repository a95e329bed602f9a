// Casts between integers and floats, booleans and integers, scaled integers to floats. Float to integer rounds half to even;
// what does not fit is OUT_OF_RANGE (float4: INVALID is underflow).
import { at, fail, INVALID, isNull, NEED_SLOW, OUT_OF_RANGE } from './shared/rows';
import { tenTo } from './shared/wide';

// @ts-ignore: decorator
@inline
function widen<S, T>(out: usize, a: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    store<T>(out + row * sizeof<T>(), <T>load<S>(a + row * sizeof<S>()));
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function shrink<S>(low: i64, high: i64, out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const x = <i64>load<S>(a + <usize>row * sizeof<S>());
    if ((x < low || x > high) && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<i32>(out + (<usize>row << 2), <i32>x);
  }
  return 0;
}

/** `high` is the first float above the range. */
// @ts-ignore: decorator
@inline
function round<S, T>(low: f64, high: f64, out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const x = nearest<f64>(<f64>load<S>(a + <usize>row * sizeof<S>()));
    if (!(x >= low && x < high)) {
      if (isNull(nulls, row)) continue;
      return fail(row, OUT_OF_RANGE);
    }
    store<T>(out + <usize>row * sizeof<T>(), <T>x);
  }
  return 0;
}

export function cast_i32_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<i32, i64>(out, a, selection, count); }
export function cast_i32_f32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<i32, f32>(out, a, selection, count); }
export function cast_i32_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<i32, f64>(out, a, selection, count); }
export function cast_i64_f32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<i64, f32>(out, a, selection, count); }
export function cast_i64_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<i64, f64>(out, a, selection, count); }
export function cast_f32_f64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<f32, f64>(out, a, selection, count); }
export function cast_i64_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<i64, i64>(out, a, selection, count); }
export function cast_i32_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<i32, i32>(out, a, selection, count); }
export function cast_bool_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<u8, i32>(out, a, selection, count); }
export function cast_u32_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return widen<u32, i64>(out, a, selection, count); }
export function cast_i64_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return shrink<i64>(i32.MIN_VALUE, i32.MAX_VALUE, out, a, nulls, selection, count); }
export function cast_i64_u32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return shrink<i64>(0, 0xffffffff, out, a, nulls, selection, count); }
export function cast_i64_i16(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return shrink<i64>(-32768, 32767, out, a, nulls, selection, count); }
export function cast_i32_i16(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return shrink<i32>(-32768, 32767, out, a, nulls, selection, count); }
export function cast_f32_i16(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return round<f32, i32>(-32768, 32768, out, a, nulls, selection, count); }
export function cast_f32_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return round<f32, i32>(-2147483648, 2147483648, out, a, nulls, selection, count); }
export function cast_f32_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return round<f32, i64>(-9223372036854775808.0, 9223372036854775808.0, out, a, nulls, selection, count); }
export function cast_f64_i16(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return round<f64, i32>(-32768, 32768, out, a, nulls, selection, count); }
export function cast_f64_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return round<f64, i32>(-2147483648, 2147483648, out, a, nulls, selection, count); }
export function cast_f64_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return round<f64, i64>(-9223372036854775808.0, 9223372036854775808.0, out, a, nulls, selection, count); }

export function cast_i32_bool(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    store<u8>(out + row, <u8>(load<i32>(a + (row << 2)) != 0));
  }
  return 0;
}

export function cast_f64_f32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const x = load<f64>(a + (<usize>row << 3));
    const result = <f32>x;
    if (abs<f32>(result) == <f32>Infinity && abs<f64>(x) != Infinity && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    if (result == 0 && x != 0 && !isNull(nulls, row)) return fail(row, INVALID);
    store<f32>(out + (<usize>row << 2), result);
  }
  return 0;
}

/** a / 10^scale correctly rounded: one division of exact floats; else declined. */
export function cast_decimal_f64(out: usize, a: usize, scale: i32, nulls: usize, selection: usize, count: i32): i32 {
  const divisor = <f64>tenTo(scale);
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const x = load<i64>(a + (<usize>row << 3));
    if ((x > 9007199254740992 || x < -9007199254740992 || scale > 19) && !isNull(nulls, row)) return fail(row, NEED_SLOW);
    store<f64>(out + (<usize>row << 3), <f64>x / divisor);
  }
  return 0;
}
export function cast_decimal_f32(out: usize, a: usize, scale: i32, nulls: usize, selection: usize, count: i32): i32 {
  const divisor = <f64>tenTo(scale);
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const x = load<i64>(a + (<usize>row << 3));
    if ((x > 9007199254740992 || x < -9007199254740992 || scale > 19) && !isNull(nulls, row)) return fail(row, NEED_SLOW);
    store<f32>(out + (<usize>row << 2), <f32>(<f64>x / divisor));
  }
  return 0;
}
