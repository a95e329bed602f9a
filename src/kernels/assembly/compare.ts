// Comparisons: `name(out, a, b, nulls, selection, count)` and `name_const(out, a, valueAddress, ...)`. NaN equals itself and is greatest, as in PostgreSQL; intervals
// compare with months of 30 days; views by bytes. The operation is a literal, so every kernel is its own tight loop.
import { compareValues, compareWide, EQUAL, GREATER, GREATER_EQUAL, I128, INTERVAL, LESS, LESS_EQUAL, NOT_EQUAL, VIEW } from './shared/compare';
import { at, isNull } from './shared/rows';

// @ts-ignore: decorator
@inline
function vectors<T>(op: i32, out: usize, a: usize, b: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const offset = row * sizeof<T>();
    store<u8>(out + row, <u8>compareValues<T>(op, load<T>(a + offset), load<T>(b + offset)));
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function constant<T>(op: i32, out: usize, a: usize, b: usize, selection: usize, count: i32): i32 {
  const value = load<T>(b);
  if (selection == 0) {
    for (let row: usize = 0; row < <usize>count; row++) {
      store<u8>(out + row, <u8>compareValues<T>(op, load<T>(a + row * sizeof<T>()), value));
    }
    return 0;
  }
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>load<u32>(selection + (<usize>i << 2));
    store<u8>(out + row, <u8>compareValues<T>(op, load<T>(a + row * sizeof<T>()), value));
  }
  return 0;
}

/** `step` = 16 for a vector, 0 for one value. Skips NULL rows: their views may point anywhere. */
// @ts-ignore: decorator
@inline
function wide(kind: i32, op: i32, out: usize, a: usize, b: usize, step: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (kind == VIEW && isNull(nulls, row)) continue;
    store<u8>(out + row, <u8>compareWide(kind, op, a + ((<usize>row) << 4), b + <usize>row * step));
  }
  return 0;
}

export function equal_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(EQUAL, out, a, b, selection, count); }
export function equal_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(EQUAL, out, a, b, selection, count); }
export function not_equal_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(NOT_EQUAL, out, a, b, selection, count); }
export function not_equal_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(NOT_EQUAL, out, a, b, selection, count); }
export function less_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(LESS, out, a, b, selection, count); }
export function less_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(LESS, out, a, b, selection, count); }
export function less_equal_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(LESS_EQUAL, out, a, b, selection, count); }
export function less_equal_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(LESS_EQUAL, out, a, b, selection, count); }
export function greater_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(GREATER, out, a, b, selection, count); }
export function greater_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(GREATER, out, a, b, selection, count); }
export function greater_equal_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(GREATER_EQUAL, out, a, b, selection, count); }
export function greater_equal_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(GREATER_EQUAL, out, a, b, selection, count); }
export function equal_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(EQUAL, out, a, b, selection, count); }
export function equal_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(EQUAL, out, a, b, selection, count); }
export function not_equal_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(NOT_EQUAL, out, a, b, selection, count); }
export function not_equal_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(NOT_EQUAL, out, a, b, selection, count); }
export function less_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(LESS, out, a, b, selection, count); }
export function less_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(LESS, out, a, b, selection, count); }
export function less_equal_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(LESS_EQUAL, out, a, b, selection, count); }
export function less_equal_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(LESS_EQUAL, out, a, b, selection, count); }
export function greater_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(GREATER, out, a, b, selection, count); }
export function greater_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(GREATER, out, a, b, selection, count); }
export function greater_equal_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(GREATER_EQUAL, out, a, b, selection, count); }
export function greater_equal_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(GREATER_EQUAL, out, a, b, selection, count); }
export function equal_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(EQUAL, out, a, b, selection, count); }
export function equal_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(EQUAL, out, a, b, selection, count); }
export function not_equal_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(NOT_EQUAL, out, a, b, selection, count); }
export function not_equal_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(NOT_EQUAL, out, a, b, selection, count); }
export function less_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(LESS, out, a, b, selection, count); }
export function less_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(LESS, out, a, b, selection, count); }
export function less_equal_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(LESS_EQUAL, out, a, b, selection, count); }
export function less_equal_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(LESS_EQUAL, out, a, b, selection, count); }
export function greater_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(GREATER, out, a, b, selection, count); }
export function greater_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(GREATER, out, a, b, selection, count); }
export function greater_equal_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(GREATER_EQUAL, out, a, b, selection, count); }
export function greater_equal_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(GREATER_EQUAL, out, a, b, selection, count); }
export function equal_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(EQUAL, out, a, b, selection, count); }
export function equal_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(EQUAL, out, a, b, selection, count); }
export function not_equal_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(NOT_EQUAL, out, a, b, selection, count); }
export function not_equal_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(NOT_EQUAL, out, a, b, selection, count); }
export function less_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(LESS, out, a, b, selection, count); }
export function less_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(LESS, out, a, b, selection, count); }
export function less_equal_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(LESS_EQUAL, out, a, b, selection, count); }
export function less_equal_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(LESS_EQUAL, out, a, b, selection, count); }
export function greater_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(GREATER, out, a, b, selection, count); }
export function greater_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(GREATER, out, a, b, selection, count); }
export function greater_equal_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(GREATER_EQUAL, out, a, b, selection, count); }
export function greater_equal_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(GREATER_EQUAL, out, a, b, selection, count); }
export function equal_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(EQUAL, out, a, b, selection, count); }
export function equal_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(EQUAL, out, a, b, selection, count); }
export function not_equal_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(NOT_EQUAL, out, a, b, selection, count); }
export function not_equal_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(NOT_EQUAL, out, a, b, selection, count); }
export function less_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(LESS, out, a, b, selection, count); }
export function less_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(LESS, out, a, b, selection, count); }
export function less_equal_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(LESS_EQUAL, out, a, b, selection, count); }
export function less_equal_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(LESS_EQUAL, out, a, b, selection, count); }
export function greater_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(GREATER, out, a, b, selection, count); }
export function greater_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(GREATER, out, a, b, selection, count); }
export function greater_equal_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(GREATER_EQUAL, out, a, b, selection, count); }
export function greater_equal_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(GREATER_EQUAL, out, a, b, selection, count); }
export function equal_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(EQUAL, out, a, b, selection, count); }
export function equal_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(EQUAL, out, a, b, selection, count); }
export function not_equal_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(NOT_EQUAL, out, a, b, selection, count); }
export function not_equal_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(NOT_EQUAL, out, a, b, selection, count); }
export function less_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(LESS, out, a, b, selection, count); }
export function less_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(LESS, out, a, b, selection, count); }
export function less_equal_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(LESS_EQUAL, out, a, b, selection, count); }
export function less_equal_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(LESS_EQUAL, out, a, b, selection, count); }
export function greater_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(GREATER, out, a, b, selection, count); }
export function greater_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(GREATER, out, a, b, selection, count); }
export function greater_equal_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(GREATER_EQUAL, out, a, b, selection, count); }
export function greater_equal_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(GREATER_EQUAL, out, a, b, selection, count); }
export function equal_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, EQUAL, out, a, b, 16, nulls, selection, count); }
export function equal_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, EQUAL, out, a, b, 0, nulls, selection, count); }
export function not_equal_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, NOT_EQUAL, out, a, b, 16, nulls, selection, count); }
export function not_equal_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, NOT_EQUAL, out, a, b, 0, nulls, selection, count); }
export function less_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, LESS, out, a, b, 16, nulls, selection, count); }
export function less_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, LESS, out, a, b, 0, nulls, selection, count); }
export function less_equal_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, LESS_EQUAL, out, a, b, 16, nulls, selection, count); }
export function less_equal_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, LESS_EQUAL, out, a, b, 0, nulls, selection, count); }
export function greater_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, GREATER, out, a, b, 16, nulls, selection, count); }
export function greater_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, GREATER, out, a, b, 0, nulls, selection, count); }
export function greater_equal_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, GREATER_EQUAL, out, a, b, 16, nulls, selection, count); }
export function greater_equal_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, GREATER_EQUAL, out, a, b, 0, nulls, selection, count); }
export function equal_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, EQUAL, out, a, b, 16, nulls, selection, count); }
export function equal_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, EQUAL, out, a, b, 0, nulls, selection, count); }
export function not_equal_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, NOT_EQUAL, out, a, b, 16, nulls, selection, count); }
export function not_equal_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, NOT_EQUAL, out, a, b, 0, nulls, selection, count); }
export function less_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, LESS, out, a, b, 16, nulls, selection, count); }
export function less_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, LESS, out, a, b, 0, nulls, selection, count); }
export function less_equal_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, LESS_EQUAL, out, a, b, 16, nulls, selection, count); }
export function less_equal_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, LESS_EQUAL, out, a, b, 0, nulls, selection, count); }
export function greater_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, GREATER, out, a, b, 16, nulls, selection, count); }
export function greater_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, GREATER, out, a, b, 0, nulls, selection, count); }
export function greater_equal_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, GREATER_EQUAL, out, a, b, 16, nulls, selection, count); }
export function greater_equal_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, GREATER_EQUAL, out, a, b, 0, nulls, selection, count); }
export function equal_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, EQUAL, out, a, b, 16, nulls, selection, count); }
export function equal_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, EQUAL, out, a, b, 0, nulls, selection, count); }
export function not_equal_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, NOT_EQUAL, out, a, b, 16, nulls, selection, count); }
export function not_equal_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, NOT_EQUAL, out, a, b, 0, nulls, selection, count); }
export function less_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, LESS, out, a, b, 16, nulls, selection, count); }
export function less_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, LESS, out, a, b, 0, nulls, selection, count); }
export function less_equal_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, LESS_EQUAL, out, a, b, 16, nulls, selection, count); }
export function less_equal_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, LESS_EQUAL, out, a, b, 0, nulls, selection, count); }
export function greater_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, GREATER, out, a, b, 16, nulls, selection, count); }
export function greater_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, GREATER, out, a, b, 0, nulls, selection, count); }
export function greater_equal_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, GREATER_EQUAL, out, a, b, 16, nulls, selection, count); }
export function greater_equal_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, GREATER_EQUAL, out, a, b, 0, nulls, selection, count); }
