// Hash table over rows: hashing of key columns, find and find-or-insert under SQL equality (shared/values.ts). Open addressing with linear probing inside partitions chosen by the high hash bits. Layout of the table
// and directory words: src/engine/rows/README.md.
import { D_DATA, D_NULL, D_NULLS, D_SHAPE, D_SLOT, DESCRIPTOR_BYTES, isView, storeView, widthShift } from './shared/row-columns';
import { matchRow } from './shared/row-keys';
import { at, isNull, NEED_HEAP, NEED_ROOM, viewData } from './shared/rows';
import { equalViews, hashBytes, mix } from './shared/value-bytes';
import { hashValue } from './shared/values';

/** hashes[row] (by row index) over all key columns; NULL hashes like a value of its own. */
export function hash_keys(descriptors: usize, columns: i32, selection: usize, count: i32, hashes: usize): i32 {
  if (columns == 0) {
    for (let i = 0; i < count; i++) store<u32>(hashes + (<usize>at(selection, i) << 2), 0);
    return 0;
  }
  for (let c = 0; c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    const kind = load<i32>(d);
    const data = <usize>load<u32>(d, D_DATA);
    const nulls = <usize>load<u32>(d, D_NULLS);
    const shape = <usize>load<u32>(d, D_SHAPE);
    const shift = widthShift(kind);
    for (let i = 0; i < count; i++) {
      const index = at(selection, i);
      const out = hashes + (<usize>index << 2);
      const before: u32 = c == 0 ? 0x2545f491 : load<u32>(out);
      store<u32>(out, isNull(nulls, index) ? mix(before, 0x6e756c6c) : hashValue(kind, before, data + (<usize>index << shift), shape));
    }
  }
  return 0;
}

/** Writes the descriptors' columns of batch row `index` into a fresh row. False: heap too small (its third word says for what). */
function fillRow(descriptors: usize, columns: i32, row: usize, index: i32, heap: usize): bool {
  for (let c = 0; c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    const slot = row + <usize>load<u32>(d, D_SLOT);
    if (isNull(<usize>load<u32>(d, D_NULLS), index)) {
      store<u8>(row + <usize>load<u32>(d, D_NULL), 1);
      continue;
    }
    const kind = load<i32>(d);
    const shift = widthShift(kind);
    const at = <usize>load<u32>(d, D_DATA) + (<usize>index << shift);
    if (isView(kind)) {
      if (!storeView(slot, at, heap)) return false;
    } else if (shift == 0) store<u8>(slot, load<u8>(at));
    else if (shift == 2) store<u32>(slot, load<u32>(at));
    else if (shift == 3) store<u64>(slot, load<u64>(at));
    else v128.store(slot, v128.load(at));
  }
  return true;
}

// Table words: 0 directory address, 4 partition bits, 8 rows, 12 new rows of this call, 16 why NEED_ROOM (0 rows, 1 partition), 20 partition, 24 free rows.
// Directory: 16 bytes per partition: entries address, mask, used, limit. Entry: u32 hash, u32 row address (0 = free).
// @ts-ignore: decorator
@inline
function partitionOf(table: usize, hash: u32): usize {
  const bits = load<u32>(table, 4);
  return <usize>load<u32>(table) + (bits == 0 ? 0 : (<usize>(hash >> (32 - bits)) << 4));
}

/**
 * For positions [from, count): outRows[row index] = the row with equal keys, inserted if there was none (its state zero). Indexes of
 * inserted rows are appended at `fresh` (their number in table word 12, which the caller zeroes). Returns NEED_ROOM (word 16) or
 * NEED_HEAP with the position to go on from.
 */
export function table_find_or_insert(table: usize, descriptors: usize, columns: i32, hashes: usize, selection: usize, from: i32, count: i32, outRows: usize, fresh: usize, room: usize, heap: usize, rowBytes: i32): i32 {
  let made = load<i32>(table, 12);
  let status = 0;
  for (let i = from; i < count; i++) {
    const index = at(selection, i);
    const hash = load<u32>(hashes + (<usize>index << 2));
    const partition = partitionOf(table, hash);
    const entries = <usize>load<u32>(partition);
    const mask = load<u32>(partition, 4);
    let slot = hash & mask;
    let row: usize = 0;
    let entry: usize = 0;
    while (true) {
      entry = entries + (<usize>slot << 3);
      row = <usize>load<u32>(entry, 4);
      if (row == 0) break;
      if (load<u32>(entry) == hash && matchRow(descriptors, columns, row, index)) break;
      slot = (slot + 1) & mask;
    }
    if (row == 0) {
      if (load<u32>(partition, 8) >= load<u32>(partition, 12)) {
        store<i32>(table, 1, 16);
        store<u32>(table, <u32>((partition - <usize>load<u32>(table)) >> 4), 20);
        status = (i << 8) | NEED_ROOM;
        break;
      }
      const free = <usize>load<u32>(table, 24);
      row = free != 0 ? free : <usize>load<u32>(room);
      if (free == 0 && <u64>row + rowBytes > load<u32>(room, 4)) {
        store<i32>(table, 0, 16);
        status = (i << 8) | NEED_ROOM;
        break;
      }
      const nextFree: u32 = free != 0 ? load<u32>(row, 4) : 0;
      memory.fill(row, 0, rowBytes);
      if (!fillRow(descriptors, columns, row, index, heap)) {
        if (free != 0) {
          store<u32>(row, nextFree, 4);
          store<u8>(row, 255, 8);
        }
        status = (i << 8) | NEED_HEAP;
        break;
      }
      store<u32>(row, hash);
      if (free != 0) store<u32>(table, nextFree, 24);
      else store<u32>(room, <u32>(row + rowBytes));
      store<u32>(entry, hash);
      store<u32>(entry, <u32>row, 4);
      store<u32>(partition, load<u32>(partition, 8) + 1, 8);
      if (fresh != 0) store<i32>(fresh + (<usize>made << 2), index);
      made++;
    }
    store<u32>(outRows + (<usize>index << 2), <u32>row);
  }
  store<i32>(table, made, 12);
  return status;
}

/** outRows[row index] = the row with equal keys, or 0. */
export function table_find(table: usize, descriptors: usize, columns: i32, hashes: usize, selection: usize, count: i32, outRows: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    const hash = load<u32>(hashes + (<usize>index << 2));
    const partition = partitionOf(table, hash);
    const entries = <usize>load<u32>(partition);
    const mask = load<u32>(partition, 4);
    let slot = hash & mask;
    let row: usize = 0;
    while (true) {
      const entry = entries + (<usize>slot << 3);
      row = <usize>load<u32>(entry, 4);
      if (row == 0 || (load<u32>(entry) == hash && matchRow(descriptors, columns, row, index))) break;
      slot = (slot + 1) & mask;
    }
    store<u32>(outRows + (<usize>index << 2), <u32>row);
  }
  return 0;
}

/** Moves a partition's entries into a larger, zeroed array; the rows stay where they are. */
export function table_rehash(oldEntries: usize, oldMask: u32, entries: usize, mask: u32): i32 {
  for (let i: u32 = 0; i <= oldMask; i++) {
    const row = load<u32>(oldEntries + (<usize>i << 3), 4);
    if (row == 0) continue;
    const hash = load<u32>(oldEntries + (<usize>i << 3));
    let slot = hash & mask;
    while (load<u32>(entries + (<usize>slot << 3), 4) != 0) slot = (slot + 1) & mask;
    store<u32>(entries + (<usize>slot << 3), hash);
    store<u32>(entries + (<usize>slot << 3), row, 4);
  }
  return 0;
}

/** Takes rows[0..count) (addresses) out of the table by shifting later entries back; returns how many were found. */
export function table_remove(table: usize, rows: usize, count: i32): i32 {
  let removed = 0;
  for (let i = 0; i < count; i++) {
    const row = load<u32>(rows + (<usize>i << 2));
    const hash = load<u32>(<usize>row);
    const partition = partitionOf(table, hash);
    const entries = <usize>load<u32>(partition);
    const mask = load<u32>(partition, 4);
    let slot = hash & mask;
    let there = load<u32>(entries + (<usize>slot << 3), 4);
    while (there != 0 && there != row) {
      slot = (slot + 1) & mask;
      there = load<u32>(entries + (<usize>slot << 3), 4);
    }
    if (there == 0) continue;
    let next = (slot + 1) & mask;
    while (load<u32>(entries + (<usize>next << 3), 4) != 0) {
      const home = load<u32>(entries + (<usize>next << 3)) & mask;
      if (((next - home) & mask) >= ((next - slot) & mask)) {
        store<u64>(entries + (<usize>slot << 3), load<u64>(entries + (<usize>next << 3)));
        slot = next;
      }
      next = (next + 1) & mask;
    }
    store<u64>(entries + (<usize>slot << 3), 0);
    store<u32>(partition, load<u32>(partition, 8) - 1, 8);
    removed++;
  }
  return removed;
}

/** Puts rows that were taken out of the table on its list of free rows (linked by word 1, mark byte 255), which later inserts use first. */
export function table_free(table: usize, rows: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = load<u32>(rows + (<usize>i << 2));
    store<u32>(<usize>row, load<u32>(table, 24), 4);
    store<u8>(<usize>row, 255, 8);
    store<u32>(table, row, 24);
  }
  return 0;
}

/** For generated code: hash of the bytes of a view. */
export function view_hash(view: usize): i32 {
  return <i32>hashBytes(0x2545f491, viewData(view), load<u32>(view));
}

export function view_equal(a: usize, b: usize): i32 {
  return <i32>equalViews(a, b);
}

/** Copies a view to `slot`, its long bytes to the heap window {u32 cursor, u32 limit, u32 needed}; 0: they do not fit. */
export function view_store(slot: usize, view: usize, heap: usize): i32 {
  return <i32>storeView(slot, view, heap);
}
