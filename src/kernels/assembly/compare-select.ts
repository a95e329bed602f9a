// Comparisons that select: `select_<name>(outSelection, a, b, nulls, selection, count) -> count of rows that are true`, and
// `select_<name>_const(outSelection, a, valueAddress, ...)`. The output may be the input selection: it is written behind the reading.
import { compareValues, compareWide, EQUAL, GREATER, GREATER_EQUAL, I128, INTERVAL, LESS, LESS_EQUAL, NOT_EQUAL, VIEW } from './shared/compare';
import { at, isNull } from './shared/rows';

// @ts-ignore: decorator
@inline
function vectors<T>(op: i32, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  let found: usize = 0;
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const offset = row * sizeof<T>();
    store<u32>(out + (found << 2), <u32>row);
    const test = compareValues<T>(op, load<T>(a + offset), load<T>(b + offset));
    found += nulls == 0 ? <usize>test : <usize>test & <usize>(load<u8>(nulls + row) ^ 1);
  }
  return <i32>found;
}

// @ts-ignore: decorator
@inline
function constant<T>(op: i32, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  const value = load<T>(b);
  let found: usize = 0;
  if (nulls == 0 && selection == 0) {
    for (let row: usize = 0; row < <usize>count; row++) {
      store<u32>(out + (found << 2), <u32>row);
      found += <usize>compareValues<T>(op, load<T>(a + row * sizeof<T>()), value);
    }
    return <i32>found;
  }
  if (nulls == 0) {
    for (let i: usize = 0; i < <usize>count; i++) {
      const row: usize = <usize>load<u32>(selection + (i << 2));
      store<u32>(out + (found << 2), <u32>row);
      found += <usize>compareValues<T>(op, load<T>(a + row * sizeof<T>()), value);
    }
    return <i32>found;
  }
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    store<u32>(out + (found << 2), <u32>row);
    const test = compareValues<T>(op, load<T>(a + row * sizeof<T>()), value);
    found += <usize>test & <usize>(load<u8>(nulls + row) ^ 1);
  }
  return <i32>found;
}

// @ts-ignore: decorator
@inline
function wide(kind: i32, op: i32, out: usize, a: usize, b: usize, step: usize, nulls: usize, selection: usize, count: i32): i32 {
  let found: usize = 0;
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    if (!compareWide(kind, op, a + ((<usize>row) << 4), b + <usize>row * step)) continue;
    store<u32>(out + (found << 2), <u32>row);
    found++;
  }
  return <i32>found;
}

export function select_equal_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(LESS, out, a, b, nulls, selection, count); }
export function select_less_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(LESS, out, a, b, nulls, selection, count); }
export function select_less_equal_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_equal_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_equal_bool(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u8>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_equal_bool_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u8>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(LESS, out, a, b, nulls, selection, count); }
export function select_less_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(LESS, out, a, b, nulls, selection, count); }
export function select_less_equal_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_equal_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_equal_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i32>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_equal_i32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i32>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(LESS, out, a, b, nulls, selection, count); }
export function select_less_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(LESS, out, a, b, nulls, selection, count); }
export function select_less_equal_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_equal_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_equal_u32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<u32>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_equal_u32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<u32>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(LESS, out, a, b, nulls, selection, count); }
export function select_less_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(LESS, out, a, b, nulls, selection, count); }
export function select_less_equal_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_equal_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_equal_i64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<i64>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_equal_i64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<i64>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(LESS, out, a, b, nulls, selection, count); }
export function select_less_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(LESS, out, a, b, nulls, selection, count); }
export function select_less_equal_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_equal_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_equal_f32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f32>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_equal_f32_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f32>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_not_equal_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(NOT_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(LESS, out, a, b, nulls, selection, count); }
export function select_less_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(LESS, out, a, b, nulls, selection, count); }
export function select_less_equal_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_less_equal_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(LESS_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(GREATER, out, a, b, nulls, selection, count); }
export function select_greater_equal_f64(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return vectors<f64>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_greater_equal_f64_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return constant<f64>(GREATER_EQUAL, out, a, b, nulls, selection, count); }
export function select_equal_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_equal_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_not_equal_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, NOT_EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_not_equal_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, NOT_EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_less_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, LESS, out, a, b, 16, nulls, selection, count); }
export function select_less_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, LESS, out, a, b, 0, nulls, selection, count); }
export function select_less_equal_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, LESS_EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_less_equal_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, LESS_EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_greater_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, GREATER, out, a, b, 16, nulls, selection, count); }
export function select_greater_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, GREATER, out, a, b, 0, nulls, selection, count); }
export function select_greater_equal_i128(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, GREATER_EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_greater_equal_i128_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(I128, GREATER_EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_equal_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_equal_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_not_equal_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, NOT_EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_not_equal_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, NOT_EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_less_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, LESS, out, a, b, 16, nulls, selection, count); }
export function select_less_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, LESS, out, a, b, 0, nulls, selection, count); }
export function select_less_equal_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, LESS_EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_less_equal_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, LESS_EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_greater_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, GREATER, out, a, b, 16, nulls, selection, count); }
export function select_greater_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, GREATER, out, a, b, 0, nulls, selection, count); }
export function select_greater_equal_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, GREATER_EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_greater_equal_interval_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(INTERVAL, GREATER_EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_equal_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_equal_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_not_equal_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, NOT_EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_not_equal_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, NOT_EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_less_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, LESS, out, a, b, 16, nulls, selection, count); }
export function select_less_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, LESS, out, a, b, 0, nulls, selection, count); }
export function select_less_equal_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, LESS_EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_less_equal_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, LESS_EQUAL, out, a, b, 0, nulls, selection, count); }
export function select_greater_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, GREATER, out, a, b, 16, nulls, selection, count); }
export function select_greater_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, GREATER, out, a, b, 0, nulls, selection, count); }
export function select_greater_equal_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, GREATER_EQUAL, out, a, b, 16, nulls, selection, count); }
export function select_greater_equal_view_const(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 { return wide(VIEW, GREATER_EQUAL, out, a, b, 0, nulls, selection, count); }
