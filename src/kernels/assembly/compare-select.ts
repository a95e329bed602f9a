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

/** One bit per row of 16 dense rows of 4- or 8-byte values against `value` (not NaN), all lanes of `splat`. */
// @ts-ignore: decorator
@inline
function mask16<T>(op: i32, at: usize, splat: v128): i32 {
  if (sizeof<T>() == 4) {
    return i8x16.bitmask(i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(lanes<T>(op, v128.load(at), splat), lanes<T>(op, v128.load(at, 16), splat)),
      i16x8.narrow_i32x4_s(lanes<T>(op, v128.load(at, 32), splat), lanes<T>(op, v128.load(at, 48), splat)),
    ));
  }
  const low = i16x8.narrow_i32x4_s(
    v128.shuffle<i32>(lanes<T>(op, v128.load(at), splat), lanes<T>(op, v128.load(at, 16), splat), 0, 2, 4, 6),
    v128.shuffle<i32>(lanes<T>(op, v128.load(at, 32), splat), lanes<T>(op, v128.load(at, 48), splat), 0, 2, 4, 6),
  );
  const high = i16x8.narrow_i32x4_s(
    v128.shuffle<i32>(lanes<T>(op, v128.load(at, 64), splat), lanes<T>(op, v128.load(at, 80), splat), 0, 2, 4, 6),
    v128.shuffle<i32>(lanes<T>(op, v128.load(at, 96), splat), lanes<T>(op, v128.load(at, 112), splat), 0, 2, 4, 6),
  );
  return i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
}

/** All ones where the comparison holds. NaN is greatest: "greater" is "not less or equal". */
// @ts-ignore: decorator
@inline
function lanes<T>(op: i32, x: v128, y: v128): v128 {
  if (op == EQUAL) return v128.eq<T>(x, y);
  if (op == NOT_EQUAL) return v128.ne<T>(x, y);
  if (op == LESS) return v128.lt<T>(x, y);
  if (op == LESS_EQUAL) return v128.le<T>(x, y);
  if (op == GREATER) return isFloat<T>() ? v128.not(v128.le<T>(x, y)) : v128.gt<T>(x, y);
  return isFloat<T>() ? v128.not(v128.lt<T>(x, y)) : v128.ge<T>(x, y);
}

/** Dense rows, 16 at a time: blocks of which no row or every row holds cost next to nothing. Returns how many rows were found. */
// @ts-ignore: decorator
@inline
function denseBlocks<T>(op: i32, out: usize, a: usize, value: T, blocks: i32): usize {
  const splat = v128.splat<T>(value);
  let found: usize = 0;
  let row: u32 = 0;
  for (let block = 0; block < blocks; block++, row += 16) {
    let mask = mask16<T>(op, a + <usize>row * sizeof<T>(), splat);
    if (mask == 0) continue;
    const to = out + (found << 2);
    if (mask == 0xffff) {
      const rows = i32x4.add(i32x4.splat(row), i32x4(0, 1, 2, 3));
      v128.store(to, rows);
      v128.store(to, i32x4.add(rows, i32x4.splat(4)), 16);
      v128.store(to, i32x4.add(rows, i32x4.splat(8)), 32);
      v128.store(to, i32x4.add(rows, i32x4.splat(12)), 48);
      found += 16;
      continue;
    }
    for (let i: u32 = 0; i < 16; i++) {
      store<u32>(out + (found << 2), row + i);
      found += <usize>(mask & 1);
      mask >>= 1;
    }
  }
  return found;
}

// @ts-ignore: decorator
@inline
function constant<T>(op: i32, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  const value = load<T>(b);
  let found: usize = 0;
  if (nulls == 0 && selection == 0) {
    let start: usize = 0;
    if (sizeof<T>() >= 4 && (!isFloat<T>() || value == value)) {
      found = denseBlocks<T>(op, out, a, value, count >> 4);
      start = <usize>(count & ~15);
    }
    for (let row = start; row < <usize>count; row++) {
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
