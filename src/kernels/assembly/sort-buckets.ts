// Sorting entries in buckets: distribution by bits of the prefix, and parts of the keys that take the prefix's place where it does not
// tell rows apart. Method: src/engine/rows/README.md.
import { bytesImage, bytesOf, normalised } from './shared/key-images';
import { D_FLAGS, D_NULL, D_SLOT, DESCRIPTOR_BYTES, FLAG_DESCENDING, FLAG_NULLS_FIRST, isNested, KIND_BPCHAR, KIND_I128, KIND_INTERVAL, KIND_NUMERIC, KIND_VIEW } from './shared/row-columns';
import { at } from './shared/rows';
import { copyEntry, ENTRY } from './shared/sort-entries';
import { sort_insert, sort_range } from './sort';

// @ts-ignore: decorator
@inline
function partOf(entry: usize, shift: i32, mask: u64): usize {
  return <usize>((load<u64>(entry) >> shift) & mask) << 2;
}

/** Counts entries [from, to) by the `bits` prefix bits above `shift` into `counts` (u32 each). */
export function sort_count(entries: usize, from: i32, to: i32, shift: i32, bits: i32, counts: usize): i32 {
  const mask = (<u64>1 << bits) - 1;
  for (let i = from; i < to; i++) {
    const at = counts + partOf(entries + <usize>i * ENTRY, shift, mask);
    store<u32>(at, load<u32>(at) + 1);
  }
  return 0;
}

/** Moves entries [from, to) to `out`, each to the next place (u32 in `places`) of its bits, in order. */
export function sort_distribute(entries: usize, from: i32, to: i32, shift: i32, bits: i32, places: usize, out: usize): i32 {
  const mask = (<u64>1 << bits) - 1;
  for (let i = from; i < to; i++) {
    const entry = entries + <usize>i * ENTRY;
    const at = places + partOf(entry, shift, mask);
    const place = load<u32>(at);
    store<u32>(at, place + 1);
    copyEntry(out + <usize>place * ENTRY, entry);
  }
  return 0;
}

/**
 * Sorts entries [from, to), whose top `bit` prefix bits are equal, stable: by 8 bits at a time down to a few entries; where whole prefixes
 * are equal they are replaced by what follows in the keys behind `seen` of key `key` (-2: nothing of it). `temp` has room at the same indexes; `scratch` .. `scratchEnd`
 * holds 1 KiB per level, where it ends rows are compared. `columns` 0: the prefix is the whole key.
 */
export function sort_bucket(entries: usize, from: i32, to: i32, temp: usize, bit: i32, scratch: usize, scratchEnd: usize, descriptors: usize, columns: i32, key: i32, seen: i32): i32 {
  sortBucket(entries, from, to, temp, bit, scratch, scratchEnd, descriptors, columns, key, seen);
  return 0;
}

/** How far a key has been looked at: not at all, whether it is NULL, or how many of its bytes. */
const NOT_BEGUN: i32 = -2;
const NULLNESS: i32 = -1;
const BYTES_PER_LEVEL: i32 = 7;
const LAST_LEVEL: i32 = 56;

function sortBucket(entries: usize, from: i32, to: i32, temp: usize, bit: i32, scratch: usize, scratchEnd: usize, descriptors: usize, columns: i32, key: i32, seen: i32): void {
  const count = to - from;
  if (count < 2) return;
  if (count <= 24) {
    // After a refinement the prefix is of one key, which the comparison of whole rows covers.
    sort_insert(entries, from, to, descriptors, columns);
    return;
  }
  if (bit >= 64) {
    if (columns > 0) refine(entries, from, to, temp, scratch, scratchEnd, descriptors, columns, key, seen);
    return;
  }
  if (scratch + 1024 > scratchEnd) {
    sort_range(entries, from, to, temp + <usize>from * ENTRY, descriptors, columns);
    return;
  }
  const shift = bit > 56 ? 0 : 56 - bit;
  const bits = min(8, 64 - bit);
  memory.fill(scratch, 0, 1024);
  sort_count(entries, from, to, shift, bits, scratch);
  const first = scratch + partOf(entries + <usize>from * ENTRY, shift, (<u64>1 << bits) - 1);
  if (load<u32>(first) == <u32>count) {
    sortBucket(entries, from, to, temp, bit + 8, scratch, scratchEnd, descriptors, columns, key, seen);
    return;
  }
  let place: u32 = <u32>from;
  for (let b: usize = 0; b < 256; b++) {
    const size = load<u32>(scratch + (b << 2));
    store<u32>(scratch + (b << 2), place);
    place += size;
  }
  sort_distribute(entries, from, to, shift, bits, scratch, temp);
  memory.copy(entries + <usize>from * ENTRY, temp + <usize>from * ENTRY, <usize>count * ENTRY);
  // scratch now holds where each part ends.
  let start = from;
  for (let b: usize = 0; b < 256; b++) {
    const end = load<i32>(scratch + (b << 2));
    if (end - start > 1) sortBucket(entries, start, end, temp, bit + 8, scratch + 1024, scratchEnd, descriptors, columns, key, seen);
    start = end;
  }
}

/** Entries with equal prefixes, which hold the keys before `key` and `seen` of it: finds the next part of the keys that differs and sorts by it. */
function refine(entries: usize, from: i32, to: i32, temp: usize, scratch: usize, scratchEnd: usize, descriptors: usize, columns: i32, key: i32, seen: i32): void {
  const row = <usize>load<u32>(entries + <usize>from * ENTRY, 8);
  while (true) {
    while (key < columns) {
      seen = nextPart(descriptors + <usize>key * DESCRIPTOR_BYTES, row, seen);
      if (seen != NOT_BEGUN) break;
      key++;
    }
    if (key == columns) return;
    const d = descriptors + <usize>key * DESCRIPTOR_BYTES;
    if (!hasParts(load<i32>(d), seen)) {
      sort_range(entries, from, to, temp + <usize>from * ENTRY, descriptors, columns);
      return;
    }
    if (refinePrefixes(entries, from, to, d, seen)) {
      sortBucket(entries, from, to, temp, 0, scratch, scratchEnd, descriptors, columns, key, seen);
      return;
    }
  }
}

/** For callers that refine in slices: {key, seen} at `state` become the next part of the keys of the entry at `from`. 0: there is none; 1: a
 *  part; 2: only comparing rows tells. */
export function sort_next_part(entries: usize, from: i32, descriptors: usize, columns: i32, state: usize): i32 {
  const row = <usize>load<u32>(entries + <usize>from * ENTRY, 8);
  let key = load<i32>(state);
  let seen = load<i32>(state, 4);
  while (key < columns) {
    seen = nextPart(descriptors + <usize>key * DESCRIPTOR_BYTES, row, seen);
    if (seen != NOT_BEGUN) break;
    key++;
  }
  store<i32>(state, key);
  store<i32>(state, seen, 4);
  if (key == columns) return 0;
  return hasParts(load<i32>(descriptors + <usize>key * DESCRIPTOR_BYTES), seen) ? 1 : 2;
}

/** Makes the prefixes of entries [from, to) the part {key, seen}; 1 if one differs from that of the entry before `from` (of `from`, where that
 *  is `first`). */
export function sort_refine(entries: usize, from: i32, to: i32, descriptors: usize, state: usize, first: i32): i32 {
  const d = descriptors + <usize>load<i32>(state) * DESCRIPTOR_BYTES;
  const differs = refinePrefixes(entries, from, to, d, load<i32>(state, 4));
  if (from == first || differs) return <i32>differs;
  return <i32>(load<u64>(entries + <usize>from * ENTRY) != load<u64>(entries + <usize>(from - 1) * ENTRY));
}

// @ts-ignore: decorator
@inline
function hasParts(kind: i32, part: i32): bool {
  if (part > LAST_LEVEL) return false;
  return part < 0 || !(isNested(kind) || kind == KIND_NUMERIC || kind == KIND_I128 || kind == KIND_INTERVAL);
}

/** The part of a key after `seen`; NOT_BEGUN: there is none. `row` is one of the rows, which are equal so far. */
function nextPart(d: usize, row: usize, seen: i32): i32 {
  if (seen == NOT_BEGUN) return NULLNESS;
  if (load<u8>(row + <usize>load<u32>(d, D_NULL)) != 0) return NOT_BEGUN;
  if (seen == NULLNESS) return 0;
  const kind = load<i32>(d);
  if (kind != KIND_VIEW && kind != KIND_BPCHAR) return NOT_BEGUN;
  return bytesOf(kind, row + <usize>load<u32>(d, D_SLOT)) > <u32>(seen + BYTES_PER_LEVEL) ? seen + BYTES_PER_LEVEL : NOT_BEGUN;
}

/** Makes the prefixes of entries [from, to) that part of a key; false: they are all equal. */
function refinePrefixes(entries: usize, from: i32, to: i32, d: usize, part: i32): bool {
  const kind = load<i32>(d);
  const slot = <usize>load<u32>(d, D_SLOT);
  const nullOffset = <usize>load<u32>(d, D_NULL);
  const flags = load<u32>(d, D_FLAGS);
  const flip: u64 = flags & FLAG_DESCENDING ? 0xffffffffffffffff : 0;
  let differs: u64 = 0;
  let first: u64 = 0;
  for (let i = from; i < to; i++) {
    const entry = entries + <usize>i * ENTRY;
    const row = <usize>load<u32>(entry, 8);
    let image: u64 = 0;
    if (part == NULLNESS) image = <u64>((load<u8>(row + nullOffset) != 0) != ((flags & FLAG_NULLS_FIRST) != 0)) << 63;
    else if (kind == KIND_VIEW || kind == KIND_BPCHAR) image = bytesImage(kind, row + slot, <u32>part) ^ flip;
    else image = normalised(kind, row + slot) ^ flip;
    store<u64>(entry, image);
    if (i == from) first = image;
    differs |= image ^ first;
  }
  return differs != 0;
}
