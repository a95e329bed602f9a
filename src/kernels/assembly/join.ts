// Join tables: build rows chained from an array of heads by hash (row word 1 is the link). Probing yields pairs in bounded portions.
import { D_NULL, D_NULLS, DESCRIPTOR_BYTES, isNullAt, rowAt } from './rows';
import { matchRow } from './hash-table';

const NEED_ROOM: i32 = 6;

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
    const index = rowAt(selection, i);
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
    const index = rowAt(selection, i);
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
  for (let i = 0; i < count; i++) store<u8>(<usize>load<u32>(rows + (<usize>rowAt(selection, i) << 2)), 1, 8);
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
    const index = rowAt(selection, i);
    let present = 1;
    for (let c = 0; c < columns; c++) {
      if (isNullAt(<usize>load<u32>(descriptors + <usize>c * DESCRIPTOR_BYTES, D_NULLS), index)) present = 0;
    }
    store<i32>(out + (<usize>found << 2), index);
    found += present;
  }
  return found;
}
