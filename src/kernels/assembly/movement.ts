// Moving values by width, whatever they mean: copies of selected rows, gathers, fills.
import { at } from './shared/rows';

// @ts-ignore: decorator
@inline
function move<T>(out: usize, outRow: usize, a: usize, row: usize, width: usize): void {
  if (width == 16) v128.store(out + (outRow << 4), v128.load(a + (row << 4)));
  else store<T>(out + outRow * width, load<T>(a + row * width));
}

// @ts-ignore: decorator
@inline
function copy<T>(width: usize, out: usize, a: usize, selection: usize, count: i32): i32 {
  if (selection == 0) {
    memory.copy(out, a, <usize>count * width);
    return 0;
  }
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    move<T>(out, row, a, row, width);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function gather<T>(width: usize, out: usize, a: usize, rows: usize, count: i32): i32 {
  for (let i: usize = 0; i < <usize>count; i++) move<T>(out, i, a, <usize>load<u32>(rows + (i << 2)), width);
  return 0;
}

// @ts-ignore: decorator
@inline
function fill<T>(width: usize, out: usize, value: usize, rows: i32): i32 {
  for (let i: usize = 0; i < <usize>rows; i++) move<T>(out, i, value, 0, width);
  return 0;
}

/** out[row] = a[row] for the selected rows. */
export function copy_1(out: usize, a: usize, selection: usize, count: i32): i32 { return copy<u8>(1, out, a, selection, count); }
/** out[i] = a[rows[i]]. */
export function gather_1(out: usize, a: usize, rows: usize, count: i32): i32 { return gather<u8>(1, out, a, rows, count); }
/** out[i] = the value at `value`, i < rows. */
export function fill_1(out: usize, value: usize, rows: i32): i32 { return fill<u8>(1, out, value, rows); }
/** out[row] = a[row] for the selected rows. */
export function copy_4(out: usize, a: usize, selection: usize, count: i32): i32 { return copy<u32>(4, out, a, selection, count); }
/** out[i] = a[rows[i]]. */
export function gather_4(out: usize, a: usize, rows: usize, count: i32): i32 { return gather<u32>(4, out, a, rows, count); }
/** out[i] = the value at `value`, i < rows. */
export function fill_4(out: usize, value: usize, rows: i32): i32 { return fill<u32>(4, out, value, rows); }
/** out[row] = a[row] for the selected rows. */
export function copy_8(out: usize, a: usize, selection: usize, count: i32): i32 { return copy<u64>(8, out, a, selection, count); }
/** out[i] = a[rows[i]]. */
export function gather_8(out: usize, a: usize, rows: usize, count: i32): i32 { return gather<u64>(8, out, a, rows, count); }
/** out[i] = the value at `value`, i < rows. */
export function fill_8(out: usize, value: usize, rows: i32): i32 { return fill<u64>(8, out, value, rows); }
/** out[row] = a[row] for the selected rows. */
export function copy_16(out: usize, a: usize, selection: usize, count: i32): i32 { return copy<u64>(16, out, a, selection, count); }
/** out[i] = a[rows[i]]. */
export function gather_16(out: usize, a: usize, rows: usize, count: i32): i32 { return gather<u64>(16, out, a, rows, count); }
/** out[i] = the value at `value`, i < rows. */
export function fill_16(out: usize, value: usize, rows: i32): i32 { return fill<u64>(16, out, value, rows); }
