// Rows: fixed-size records that operators keep (hash-table groups, join build sides, sort input). Layout, column descriptors and
// the growth protocol: src/engine/rows/README.md. Kernels here move columns into rows and back, column at a time.
import { D_DATA, D_NULL, D_NULLS, D_SLOT, DESCRIPTOR_BYTES, isView, storeView, widthShift } from './shared/row-columns';
import { at, isNull, NEED_HEAP } from './shared/rows';

/** Row addresses base, base + rowBytes, ... for positions [from, to), written by row index; the rows' fixed part is zeroed. */
export function rows_allocate(base: usize, rowBytes: i32, selection: usize, from: i32, to: i32, hashes: usize, out: usize): i32 {
  memory.fill(base, 0, <usize>(to - from) * <usize>rowBytes);
  for (let i = from; i < to; i++) {
    const index = <usize>at(selection, i) << 2;
    store<u32>(out + index, <u32>base);
    if (hashes != 0) store<u32>(base, load<u32>(hashes + index));
    base += rowBytes;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function scatter<T>(d: usize, rows: usize, selection: usize, from: i32, to: i32): void {
  const slot = <usize>load<u32>(d, D_SLOT);
  const data = <usize>load<u32>(d, D_DATA);
  for (let i = from; i < to; i++) {
    const index = <usize>at(selection, i);
    store<T>(<usize>load<u32>(rows + (index << 2)) + slot, load<T>(data + index * sizeof<T>()));
  }
}

function scatterNulls(d: usize, rows: usize, selection: usize, from: i32, to: i32): void {
  const nulls = <usize>load<u32>(d, D_NULLS);
  if (nulls == 0) return;
  const offset = <usize>load<u32>(d, D_NULL);
  for (let i = from; i < to; i++) {
    const index = <usize>at(selection, i);
    store<u8>(<usize>load<u32>(rows + (index << 2)) + offset, load<u8>(nulls + index));
  }
}

/** Stores columns of positions [from, to) into the rows named by `rows` (by row index). `resume` {column, position} is where to
 *  go on after NEED_HEAP; zero it before the first call. */
export function rows_scatter(descriptors: usize, columns: i32, rows: usize, selection: usize, from: i32, to: i32, heap: usize, resume: usize): i32 {
  let position = load<i32>(resume, 4) == 0 ? from : load<i32>(resume, 4);
  for (let c = load<i32>(resume); c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    const kind = load<i32>(d);
    if (position == from) scatterNulls(d, rows, selection, from, to);
    if (isView(kind)) {
      const slot = <usize>load<u32>(d, D_SLOT);
      const data = <usize>load<u32>(d, D_DATA);
      const nulls = <usize>load<u32>(d, D_NULLS);
      for (let i = position; i < to; i++) {
        const index = at(selection, i);
        if (isNull(nulls, index)) continue;
        if (!storeView(<usize>load<u32>(rows + (<usize>index << 2)) + slot, data + (<usize>index << 4), heap)) {
          store<i32>(resume, c);
          store<i32>(resume, i, 4);
          return (i << 8) | NEED_HEAP;
        }
      }
      position = from;
      continue;
    }
    const shift = widthShift(kind);
    if (shift == 0) scatter<u8>(d, rows, selection, from, to);
    else if (shift == 2) scatter<u32>(d, rows, selection, from, to);
    else if (shift == 3) scatter<u64>(d, rows, selection, from, to);
    else scatter<v128>(d, rows, selection, from, to);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function gather<T>(out: usize, rows: usize, slot: usize, selection: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const index = <usize>at(selection, i);
    const row = <usize>load<u32>(rows + (<usize>i << 2));
    if (row != 0) store<T>(out + index * sizeof<T>(), load<T>(row + slot));
  }
}

/** out[at(selection, i)] = the column of rows[i] (row address 0: NULL; rows is dense by position). Returns 1 if any was NULL;
 *  `outNulls` is written for every position. */
export function rows_gather(out: usize, outNulls: usize, rows: usize, shift: i32, slot: usize, nullOffset: usize, selection: usize, count: i32): i32 {
  let any: u32 = 0;
  for (let i = 0; i < count; i++) {
    const row = <usize>load<u32>(rows + (<usize>i << 2));
    const isNull = row == 0 ? <u32>1 : <u32>load<u8>(row + nullOffset);
    store<u8>(outNulls + at(selection, i), <u8>isNull);
    any |= isNull;
  }
  if (shift == 0) gather<u8>(out, rows, slot, selection, count);
  else if (shift == 2) gather<u32>(out, rows, slot, selection, count);
  else if (shift == 3) gather<u64>(out, rows, slot, selection, count);
  else gather<v128>(out, rows, slot, selection, count);
  return <i32>(any != 0);
}

// @ts-ignore: decorator
@inline
function take<T>(out: usize, data: usize, indexes: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<T>(out + <usize>i * sizeof<T>(), load<T>(data + <usize>load<u32>(indexes + (<usize>i << 2)) * sizeof<T>()));
  }
}

/** out[i] = data[indexes[i]] with null bytes; values are 1 << shift bytes. */
export function take_column(out: usize, outNulls: usize, data: usize, nulls: usize, shift: i32, indexes: usize, count: i32): i32 {
  if (shift == 0) take<u8>(out, data, indexes, count);
  else if (shift == 2) take<u32>(out, data, indexes, count);
  else if (shift == 3) take<u64>(out, data, indexes, count);
  else take<v128>(out, data, indexes, count);
  if (nulls != 0) take<u8>(outNulls, nulls, indexes, count);
  return 0;
}

/** words[i] = value for i in 0..count-1 */
export function fill_u32(out: usize, value: i32, count: i32): i32 {
  for (let i = 0; i < count; i++) store<i32>(out + (<usize>i << 2), value);
  return 0;
}

/** words[i] = first + i * step */
export function sequence_u32(out: usize, first: i32, step: i32, count: i32): i32 {
  for (let i = 0; i < count; i++) store<i32>(out + (<usize>i << 2), first + i * step);
  return 0;
}

/** i64 values[i] = base (two words, low first) + i */
export function sequence_i64(out: usize, low: i32, high: i32, count: i32): i32 {
  const base = (<i64>high << 32) | <i64>(<u32>low);
  for (let i = 0; i < count; i++) store<i64>(out + (<usize>i << 3), base + i);
  return 0;
}

/** Positions [from, to) of a row group that a reader at `epoch` (address of an i64) sees, as indexes relative to `from`; returns how many. */
export function visible_rows(out: usize, inserts: usize, deletes: usize, epoch: usize, from: i32, to: i32): i32 {
  const at = load<i64>(epoch);
  let found = 0;
  for (let i = from; i < to; i++) {
    const inserted: bool = inserts == 0 || load<i64>(inserts + (<usize>i << 3)) <= at;
    const deleted = deletes == 0 ? <i64>0 : load<i64>(deletes + (<usize>i << 3));
    store<i32>(out + (<usize>found << 2), i - from);
    found += <i32>(inserted && (deleted == 0 || deleted > at));
  }
  return found;
}

/** The selected rows whose byte in `flags` (by row index) equals `wanted`; returns how many. */
export function select_flagged(out: usize, flags: usize, wanted: i32, selection: usize, count: i32): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    store<i32>(out + (<usize>found << 2), index);
    found += <i32>(<i32>load<u8>(flags + index) == wanted);
  }
  return found;
}

/** flags[indexes[i]] = 1 for all i */
export function set_flags(flags: usize, indexes: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) store<u8>(flags + <usize>load<u32>(indexes + (<usize>i << 2)), 1);
  return 0;
}

/** out[i] = values[indexes[i]] over u32, e.g. to follow one selection by another. */
export function compose_u32(out: usize, values: usize, indexes: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) store<u32>(out + (<usize>i << 2), load<u32>(values + (<usize>load<u32>(indexes + (<usize>i << 2)) << 2)));
  return 0;
}

/** The `nth` window (0 = latest start) holding each selected time, settings {i64 size, slide, offset, step}: start, end and end - 1 ms by
 *  row index; the rows that have such a window are listed in `out`; returns how many. `step` not 0: windows that grow by it up to size;
 *  infinite times have none. */
export function assign_window(start: usize, end: usize, last: usize, data: usize, nulls: usize, selection: usize, count: i32, settings: usize, nth: i32, out: usize): i32 {
  const size = load<i64>(settings);
  const slide = load<i64>(settings, 8);
  const offset = load<i64>(settings, 16);
  const step = load<i64>(settings, 24);
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const at = <usize>index << 3;
    const time = load<i64>(data + at);
    if (time == i64.MAX_VALUE || time == i64.MIN_VALUE) continue;
    let rest = (time - offset) % slide;
    if (rest < 0) rest += slide;
    let begin = time - rest;
    let length = size;
    if (step == 0) begin -= slide * <i64>nth;
    else length = (rest / step + 1 + <i64>nth) * step;
    if (begin + length <= time || length > size) continue;
    store<i64>(start + at, begin);
    store<i64>(end + at, begin + length);
    store<i64>(last + at, begin + length - 1000);
    store<i32>(out + (<usize>found << 2), index);
    found++;
  }
  return found;
}
