// Join tables: build rows chained from an array of heads by hash (row word 1 is the link). Probing yields pairs in bounded portions.
import { D_NULL, D_NULLS, DESCRIPTOR_BYTES, KIND_I32, KIND_I64, KIND_NUMERIC } from './shared/row-columns';
import { matchRow } from './shared/row-keys';
import { at, isNull, NEED_ROOM } from './shared/rows';


/** Links `count` rows at base, base + rowBytes, ... from last to first, so that a chain keeps their order. Rows with a NULL in a key
 *  column whose descriptor says so (`skipNulls`) stay out. Safe to run on several threads at once. Returns rows left out. */
export function join_link(heads: usize, mask: u32, base: usize, rowBytes: i32, count: i32, descriptors: usize, columns: i32, skipNulls: i32): i32 {
  let skipped = 0;
  for (let i = count - 1; i >= 0; i--) {
    const row = base + <usize>i * <usize>rowBytes;
    let isOut = false;
    for (let c = 0; c < columns; c++) {
      if ((skipNulls >> c) & 1 && load<u8>(row + <usize>load<u32>(descriptors + <usize>c * DESCRIPTOR_BYTES, D_NULL)) != 0) isOut = true;
    }
    if (isOut) {
      skipped++;
      continue;
    }
    const head = heads + (<usize>(load<u32>(row) & mask) << 2);
    const before = atomic.xchg<u32>(head, <u32>row);
    store<u32>(row, before, 4);
  }
  return skipped;
}

/**
 * Pairs for positions from state {position, chain row} on: outIndexes[k] = batch row index, outRows[k] = build row address, at most
 * `room` of them. state word 2 = pairs written, word 3 = 1 if some batch row has several. Returns NEED_ROOM until all positions are done.
 */
export function join_probe(heads: usize, mask: u32, descriptors: usize, columns: i32, hashes: usize, selection: usize, count: i32, state: usize, outIndexes: usize, outRows: usize, room: i32): i32 {
  let made = 0;
  let several = 0;
  let i = load<i32>(state);
  let row = <usize>load<u32>(state, 4);
  let resumed = row != 0;
  for (; i < count; i++) {
    const index = at(selection, i);
    const hash = load<u32>(hashes + (<usize>index << 2));
    if (!resumed) row = <usize>load<u32>(heads + (<usize>(hash & mask) << 2));
    resumed = false;
    const first = made;
    while (row != 0) {
      if (load<u32>(row) == hash && matchRow(descriptors, columns, row, index)) {
        if (made == room) {
          store<i32>(state, i);
          store<u32>(state, <u32>row, 4);
          store<i32>(state, made, 8);
          store<i32>(state, several, 12);
          return (i << 8) | NEED_ROOM;
        }
        if (made > first) several = 1;
        store<i32>(outIndexes + (<usize>made << 2), index);
        store<u32>(outRows + (<usize>made << 2), <u32>row);
        made++;
      }
      row = <usize>load<u32>(row, 4);
    }
  }
  store<i32>(state, count);
  store<u32>(state, 0, 4);
  store<i32>(state, made, 8);
  store<i32>(state, several, 12);
  return 0;
}

/** Selected rows that have (wanted = 1) or lack (wanted = 0) a partner; returns how many. For semi and anti joins without a residual. */
export function join_exists(heads: usize, mask: u32, descriptors: usize, columns: i32, hashes: usize, selection: usize, count: i32, wanted: i32, out: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    const hash = load<u32>(hashes + (<usize>index << 2));
    let row = <usize>load<u32>(heads + (<usize>(hash & mask) << 2));
    while (row != 0 && !(load<u32>(row) == hash && matchRow(descriptors, columns, row, index))) row = <usize>load<u32>(row, 4);
    store<i32>(out + (<usize>found << 2), index);
    found += <i32>(<i32>(row != 0) == wanted);
  }
  return found;
}

/** Marks rows (flag byte 8 of the header) as matched. */
export function rows_mark(rows: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) store<u8>(<usize>load<u32>(rows + (<usize>i << 2)), 1, 8);
  return 0;
}

/** Marks the rows at positions selection[0..count) of a pair list. */
export function rows_mark_selected(rows: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) store<u8>(<usize>load<u32>(rows + (<usize>at(selection, i) << 2)), 1, 8);
  return 0;
}

/** Addresses of the rows of a segment whose mark equals `wanted` (2: all); at most `count` rows are looked at; returns how many were found. */
export function rows_list(base: usize, rowBytes: i32, count: i32, wanted: i32, out: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const row = base + <usize>i * <usize>rowBytes;
    store<u32>(out + (<usize>found << 2), <u32>row);
    found += <i32>(wanted == 2 || <i32>load<u8>(row, 8) == wanted);
  }
  return found;
}

/** Selected rows with no NULL among the key columns; returns how many. */
export function select_keys_present(descriptors: usize, columns: i32, selection: usize, count: i32, out: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    let present = 1;
    for (let c = 0; c < columns; c++) {
      if (isNull(<usize>load<u32>(descriptors + <usize>c * DESCRIPTOR_BYTES, D_NULLS), index)) present = 0;
    }
    store<i32>(out + (<usize>found << 2), index);
    found += present;
  }
  return found;
}

// A dense table: one integer key, heads indexed by key - least key, so that equality of keys is equality of places. Where every place
// has one row (`unique`) the links are not looked at.

/** Widens the range {i64 least, i64 greatest, i64 values seen} by the values of a key, NULLs left out. Of other kinds
 *  they are counted only; of KIND_NUMERIC `greatest` is the length of the longest. */
export function key_range(kind: i32, data: usize, nulls: usize, selection: usize, count: i32, range: usize): i32 {
  if (kind != KIND_I32 && kind != KIND_I64) {
    let present = 0;
    let longest = load<i64>(range, 8);
    for (let i = 0; i < count; i++) {
      const index = at(selection, i);
      if (isNull(nulls, index)) continue;
      present++;
      if (kind == KIND_NUMERIC) longest = max(longest, <i64>load<u32>(data + (<usize>index << 4)));
    }
    store<i64>(range, longest, 8);
    store<i64>(range, load<i64>(range, 16) + present, 16);
    return 0;
  }
  if (selection == 0 && nulls == 0) {
    if (kind == KIND_I64) widenRange<i64>(data, count, range);
    else widenRange<i32>(data, count, range);
    return 0;
  }
  let least = load<i64>(range);
  let greatest = load<i64>(range, 8);
  let seen = load<i64>(range, 16);
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const value = integerAt(kind, data, index);
    if (seen == 0) {
      least = value;
      greatest = value;
    }
    seen++;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  store<i64>(range, least);
  store<i64>(range, greatest, 8);
  store<i64>(range, seen, 16);
  return 0;
}

// @ts-ignore: decorator
@inline
function widenRange<T>(data: usize, count: i32, range: usize): void {
  if (count == 0) return;
  const seen = load<i64>(range, 16);
  let least = load<T>(data);
  let greatest = least;
  for (let i = 1; i < count; i++) {
    const value = load<T>(data + <usize>i * sizeof<T>());
    least = select<T>(value, least, value < least);
    greatest = select<T>(value, greatest, value > greatest);
  }
  store<i64>(range, seen == 0 ? <i64>least : min<i64>(load<i64>(range), least));
  store<i64>(range, seen == 0 ? <i64>greatest : max<i64>(load<i64>(range, 8), greatest), 8);
  store<i64>(range, seen + count, 16);
}

// @ts-ignore: decorator
@inline
function integerAt(kind: i32, data: usize, index: i32): i64 {
  return kind == KIND_I64 ? load<i64>(data + (<usize>index << 3)) : <i64>load<i32>(data + (<usize>index << 2));
}

/** As join_link, by place. `least`: address of the least key. Adds rows with a NULL key to result[0] and rows that found their place taken to result[1]. */
export function join_link_dense(heads: usize, least: usize, base: usize, rowBytes: i32, count: i32, kind: i32, slot: usize, nullOffset: usize, result: usize): i32 {
  const first = load<i64>(least);
  let nulls = 0;
  let shared = 0;
  for (let i = count - 1; i >= 0; i--) {
    const row = base + <usize>i * <usize>rowBytes;
    if (load<u8>(row + nullOffset) != 0) {
      nulls++;
      continue;
    }
    const place = <usize>(integerAt(kind, row + slot, 0) - first);
    const before = atomic.xchg<u32>(heads + (place << 2), <u32>row);
    store<u32>(row, before, 4);
    shared += <i32>(before != 0);
  }
  store<i32>(result, load<i32>(result) + nulls);
  store<i32>(result, load<i32>(result, 4) + shared, 4);
  return 0;
}

// @ts-ignore: decorator
@inline
function denseHead(heads: usize, size: u32, first: i64, kind: i32, data: usize, nulls: usize, index: i32): u32 {
  const place = <u64>(integerAt(kind, data, index) - first);
  if (place >= <u64>size || isNull(nulls, index)) return 0;
  return load<u32>(heads + (<usize>place << 2));
}

/** As join_probe, over a dense table. With `unique` a batch is done in one call: `room` holds it. */
export function join_probe_dense(heads: usize, size: u32, least: usize, unique: i32, kind: i32, data: usize, nulls: usize, selection: usize, count: i32, state: usize, outIndexes: usize, outRows: usize, room: i32): i32 {
  const first = load<i64>(least);
  let made = 0;
  let several = 0;
  let i = load<i32>(state);
  if (unique) {
    for (; i < count; i++) {
      const index = at(selection, i);
      const row = denseHead(heads, size, first, kind, data, nulls, index);
      store<i32>(outIndexes + (<usize>made << 2), index);
      store<u32>(outRows + (<usize>made << 2), row);
      made += <i32>(row != 0);
    }
  } else {
    let row = load<u32>(state, 4);
    let resumed = row != 0;
    for (; i < count; i++) {
      const index = at(selection, i);
      if (!resumed) row = denseHead(heads, size, first, kind, data, nulls, index);
      resumed = false;
      const before = made;
      while (row != 0) {
        if (made == room) {
          store<i32>(state, i);
          store<u32>(state, row, 4);
          store<i32>(state, made, 8);
          store<i32>(state, several, 12);
          return (i << 8) | NEED_ROOM;
        }
        if (made > before) several = 1;
        store<i32>(outIndexes + (<usize>made << 2), index);
        store<u32>(outRows + (<usize>made << 2), row);
        made++;
        row = load<u32>(<usize>row, 4);
      }
    }
  }
  store<i32>(state, count);
  store<u32>(state, 0, 4);
  store<i32>(state, made, 8);
  store<i32>(state, several, 12);
  return 0;
}

/** As join_exists, over a dense table. */
export function join_exists_dense(heads: usize, size: u32, least: usize, kind: i32, data: usize, nulls: usize, selection: usize, count: i32, wanted: i32, out: usize): i32 {
  const first = load<i64>(least);
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    const row = denseHead(heads, size, first, kind, data, nulls, index);
    store<i32>(out + (<usize>found << 2), index);
    found += <i32>(<i32>(row != 0) == wanted);
  }
  return found;
}
