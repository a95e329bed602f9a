// Rows on their way to temporary files and back (src/engine/batch/spill-rows.ts): packed one behind the other, each with its long values
// behind it; and the merge of sorted runs of such rows by a heap of runs.
import { D_NULL, D_SLOT, DESCRIPTOR_BYTES, isView } from './shared/row-columns';
import { compareRows } from './shared/row-keys';
import { at, NEED_HEAP } from './shared/rows';

/** Bytes of a view that lies in its slot. */
const INLINE: u32 = 12;

// @ts-ignore: decorator
@inline
function aligned(bytes: usize): usize {
  return (bytes + 7) & ~7;
}

// @ts-ignore: decorator
@inline
function isLong(d: usize, row: usize): bool {
  return isView(load<i32>(d)) && load<u8>(row + <usize>load<u32>(d, D_NULL)) == 0 && load<u32>(row + <usize>load<u32>(d, D_SLOT)) > INLINE;
}

/** Bytes of a packed row. */
function packedBytes(descriptors: usize, columns: i32, row: usize, rowBytes: i32): usize {
  let bytes = <usize>rowBytes;
  for (let c = 0; c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    if (isLong(d, row)) bytes += aligned(<usize>load<u32>(row + <usize>load<u32>(d, D_SLOT)));
  }
  return bytes;
}

/** Packs rows[from .. count - 1] (addresses) into the window {cursor, limit, needed}. NEED_HEAP, with the first row left, when it is full. */
export function rows_pack(rows: usize, from: i32, count: i32, rowBytes: i32, descriptors: usize, columns: i32, window: usize): i32 {
  let out = <usize>load<u32>(window);
  const limit = <u64>load<u32>(window, 4);
  for (let i = from; i < count; i++) {
    const row = <usize>load<u32>(rows + (<usize>i << 2));
    const bytes = packedBytes(descriptors, columns, row, rowBytes);
    if (<u64>out + bytes > limit) {
      store<u32>(window, <u32>out);
      store<u32>(window, <u32>bytes, 8);
      return (i << 8) | NEED_HEAP;
    }
    memory.copy(out, row, <usize>rowBytes);
    let end = out + <usize>rowBytes;
    for (let c = 0; c < columns; c++) {
      const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
      if (!isLong(d, row)) continue;
      const view = row + <usize>load<u32>(d, D_SLOT);
      const length = <usize>load<u32>(view);
      memory.copy(end, <usize>load<u32>(view, 8), length);
      end += aligned(length);
    }
    out = end;
  }
  store<u32>(window, <u32>out);
  return 0;
}

/**
 * The addresses of `count` packed rows that lie at `at`, to `out`; their long values are found again where they lie now. 1: they do not
 * end where the block of `bytes` does.
 */
export function rows_unpack(at: usize, bytes: u32, count: i32, rowBytes: i32, descriptors: usize, columns: i32, out: usize): i32 {
  const limit = at + <usize>bytes;
  for (let i = 0; i < count; i++) {
    if (at + <usize>rowBytes > limit) return 1;
    store<u32>(out + (<usize>i << 2), at);
    let end = at + <usize>rowBytes;
    for (let c = 0; c < columns; c++) {
      const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
      if (!isLong(d, at)) continue;
      const view = at + <usize>load<u32>(d, D_SLOT);
      const length = <usize>load<u32>(view);
      if (<u64>end + <u64>length > <u64>limit) return 1;
      store<u32>(view, <u32>end, 8);
      end += aligned(length);
    }
    at = end;
  }
  return at == limit ? 0 : 1;
}

/** Deals row addresses into 1 << bits lists of `room` addresses by the bits of their hash (word 0) above `shift`; `counts` (u32) must be 0. */
export function rows_deal(rows: usize, count: i32, shift: i32, bits: i32, counts: usize, lists: usize, room: i32): i32 {
  const mask: u32 = (<u32>1 << bits) - 1;
  for (let i = 0; i < count; i++) {
    const row = load<u32>(rows + (<usize>i << 2));
    const list = <usize>((load<u32>(<usize>row) >> shift) & mask);
    const at = load<u32>(counts + (list << 2));
    store<u32>(lists + ((list * <usize>room + <usize>at) << 2), row);
    store<u32>(counts + (list << 2), at + 1);
  }
  return 0;
}

// A merge: {u32 runs left, u32 1: the first run has new rows}, then per run {u32 at, u32 end} of its list of row addresses, then the heap
// of run numbers, of which the first one has the least row.
const RUNS: usize = 8;

// @ts-ignore: decorator
@inline
function leastOf(state: usize, run: u32): usize {
  return <usize>load<u32>(<usize>load<u32>(state + RUNS + (<usize>run << 3)));
}

/** Runs before others come first where rows are equal. */
function comesBefore(state: usize, descriptors: usize, columns: i32, a: u32, b: u32): bool {
  const order = compareRows(descriptors, columns, leastOf(state, a), leastOf(state, b));
  return order != 0 ? order < 0 : a < b;
}

function sink(state: usize, heap: usize, descriptors: usize, columns: i32, from: u32): void {
  const left = load<u32>(state);
  let at = from;
  const run = load<u32>(heap + (<usize>at << 2));
  for (;;) {
    let child = at * 2 + 1;
    if (child >= left) break;
    let least = load<u32>(heap + (<usize>child << 2));
    if (child + 1 < left) {
      const other = load<u32>(heap + (<usize>(child + 1) << 2));
      if (comesBefore(state, descriptors, columns, other, least)) {
        least = other;
        child++;
      }
    }
    if (!comesBefore(state, descriptors, columns, least, run)) break;
    store<u32>(heap + (<usize>at << 2), least);
    at = child;
  }
  store<u32>(heap + (<usize>at << 2), run);
}

/** Makes a heap of all `runs`, each of which has a row. */
export function merge_begin(state: usize, runs: i32, descriptors: usize, columns: i32): i32 {
  const heap = state + RUNS + (<usize>runs << 3);
  for (let i: u32 = 0; i < <u32>runs; i++) store<u32>(heap + (<usize>i << 2), i);
  store<u32>(state, <u32>runs);
  store<u32>(state, 0, 4);
  for (let i = runs / 2 - 1; i >= 0; i--) sink(state, heap, descriptors, columns, <u32>i);
  return 0;
}

/**
 * The next rows in order, at most `room`, to `out`; returns how many. It stops where the list of the first run of the heap has ended, which is
 * to be given new rows (at < end), or none if it is over, and state word 1 set before the next call; word 1 says 1 then.
 */
export function merge_rows(state: usize, runs: i32, descriptors: usize, columns: i32, out: usize, room: i32): i32 {
  const heap = state + RUNS + (<usize>runs << 3);
  if (load<u32>(state, 4) != 0) {
    store<u32>(state, 0, 4);
    const first = state + RUNS + (<usize>load<u32>(heap) << 3);
    if (load<u32>(first) == load<u32>(first, 4)) {
      const left = load<u32>(state) - 1;
      store<u32>(state, left);
      store<u32>(heap, load<u32>(heap + (<usize>left << 2)));
    }
    if (load<u32>(state) > 0) sink(state, heap, descriptors, columns, 0);
  }
  let made = 0;
  while (made < room && load<u32>(state) > 0) {
    const first = state + RUNS + (<usize>load<u32>(heap) << 3);
    const at = <usize>load<u32>(first);
    store<u32>(out + (<usize>made << 2), load<u32>(at));
    made++;
    store<u32>(first, <u32>at + 4);
    if (<u32>at + 4 == load<u32>(first, 4)) {
      store<u32>(state, 1, 4);
      break;
    }
    sink(state, heap, descriptors, columns, 0);
  }
  return made;
}
