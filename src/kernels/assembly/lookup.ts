// IN over sorted constants, by binary search: `in_sorted_P(out, a, table, size, nulls, selection, count)`.
import { at, isNull, viewData } from './shared/rows';
import { compareBytes } from './shared/value-bytes';
import { order128 } from './shared/wide';

// @ts-ignore: decorator
@inline
function search<T>(out: usize, a: usize, table: usize, size: i32, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const value = load<T>(a + row * sizeof<T>());
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (load<T>(table + <usize>middle * sizeof<T>()) < value) low = middle + 1;
      else high = middle;
    }
    store<u8>(out + row, <u8>(low < size && load<T>(table + <usize>low * sizeof<T>()) == value));
  }
  return 0;
}

export function in_sorted_i32(out: usize, a: usize, table: usize, size: i32, nulls: usize, selection: usize, count: i32): i32 {
  return search<i32>(out, a, table, size, selection, count);
}
export function in_sorted_i64(out: usize, a: usize, table: usize, size: i32, nulls: usize, selection: usize, count: i32): i32 {
  return search<i64>(out, a, table, size, selection, count);
}
export function in_sorted_view(out: usize, a: usize, table: usize, size: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) {
      store<u8>(out + row, 0);
      continue;
    }
    const view = a + (<usize>row << 4);
    const bytes = viewData(view);
    const length = load<u32>(view);
    let low = 0;
    let high = size;
    let found: u8 = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = table + (<usize>middle << 4);
      const order = compareBytes(viewData(item), load<u32>(item), bytes, length);
      if (order == 0) {
        found = 1;
        break;
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    store<u8>(out + row, found);
  }
  return 0;
}
export function in_sorted_i128(out: usize, a: usize, table: usize, size: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const value = a + (row << 4);
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (order128(table + (<usize>middle << 4), value) < 0) low = middle + 1;
      else high = middle;
    }
    store<u8>(out + row, <u8>(low < size && order128(table + (<usize>low << 4), value) == 0));
  }
  return 0;
}
