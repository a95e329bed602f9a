// Numbers as text values: numerics of every form, and floats that have a short decimal form; the others are declined.
import { isNegative, isWide, loadMagnitude, scaleOf } from './shared/numeric-cell';
import { putDecimal, putShortFloat } from './shared/number-text';
import { at, fail, isNull, NEED_HEAP, NEED_SLOW } from './shared/rows';
import { closeView, openView } from './shared/text';
import { takeSign } from './shared/wide';

const MOST_PLACES: i32 = 38;
const CELL: usize = 112; // of putDecimal, its text from byte 64
const LONGEST_TEXT: u32 = 48;
const ROOM: u32 = 256;

/** Scratch memory in the heap window, behind the room of a result; 0: the window is too small. */
// @ts-ignore: decorator
@inline
function cellIn(heap: usize): usize {
  const cursor = load<u32>(heap);
  return <u64>cursor + ROOM > <u64>load<u32>(heap, 4) ? 0 : <usize>(cursor + LONGEST_TEXT);
}

function putText(out: usize, from: usize, end: usize, heap: usize): void {
  const length = <i32>(end - from);
  memory.copy(openView(out, length, heap), from, length);
  closeView(out);
}

export function cast_numeric_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    if (!isWide(x) || scaleOf(x) > MOST_PLACES) return fail(row, NEED_SLOW);
    const cell = cellIn(heap);
    if (cell == 0) return fail(row, NEED_HEAP);
    const magnitude = cell + CELL;
    loadMagnitude(magnitude, x);
    const end = putDecimal(cell, isNegative(x), load<u64>(magnitude, 8), load<u64>(magnitude), scaleOf(x));
    putText(out + (<usize>row << 4), cell + 64, end, heap);
  }
  return 0;
}

/** Scaled integers. */
// @ts-ignore: decorator
@inline
function decimals(wide: bool, out: usize, a: usize, scale: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const cell = cellIn(heap);
    if (cell == 0) return fail(row, NEED_HEAP);
    const magnitude = cell + CELL;
    if (wide) v128.store(magnitude, v128.load(a + (<usize>row << 4)));
    else {
      const value = load<i64>(a + (<usize>row << 3));
      store<i64>(magnitude, value);
      store<i64>(magnitude, value >> 63, 8);
    }
    const negative = takeSign(magnitude);
    const end = putDecimal(cell, negative, load<u64>(magnitude, 8), load<u64>(magnitude), scale);
    putText(out + (<usize>row << 4), cell + 64, end, heap);
  }
  return 0;
}

export function cast_decimal_i64_view(out: usize, a: usize, scale: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return decimals(false, out, a, scale, nulls, selection, count, start, heap);
}
export function cast_decimal_i128_view(out: usize, a: usize, scale: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return decimals(true, out, a, scale, nulls, selection, count, start, heap);
}

// @ts-ignore: decorator
@inline
function floats<T>(limit: f64, single: bool, out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const cell = cellIn(heap);
    if (cell == 0) return fail(row, NEED_HEAP);
    const end = putShortFloat(cell, <f64>load<T>(a + <usize>row * sizeof<T>()), limit, single);
    if (end == 0) return fail(row, NEED_SLOW);
    putText(out + (<usize>row << 4), cell, end, heap);
  }
  return 0;
}

export function cast_f64_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return floats<f64>(1e15, false, out, a, nulls, selection, count, start, heap);
}
export function cast_f32_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return floats<f32>(1e6, true, out, a, nulls, selection, count, start, heap);
}
