// Sorting row addresses: a 64-bit normalised prefix per row, radix passes over the prefix, merge sort of the ties by full
// comparison. Entry: u64 prefix, u32 row address (12 bytes). Method: src/engine/rows/README.md.
import { D_ELEMENT, D_FLAGS, D_NULL, D_SLOT, DESCRIPTOR_BYTES, KIND_ARRAY, KIND_BOOL, KIND_BPCHAR, KIND_F32, KIND_F64, KIND_I128, KIND_I32, KIND_I64, KIND_INTERVAL, KIND_NUMERIC, KIND_U32, KIND_VIEW } from './rows';
import { compareNumeric, equalValues, intervalDays, intervalRest } from './hash-table';

const ENTRY: usize = 12;
const FLAG_DESCENDING: u32 = 4;
const FLAG_NULLS_FIRST: u32 = 8;

function viewPointer(view: usize): usize {
  return load<u32>(view) <= 12 ? view + 4 : <usize>load<u32>(view, 8);
}

// @ts-ignore: decorator
@inline
function sign<T>(a: T, b: T): i32 {
  return a < b ? -1 : a > b ? 1 : 0;
}

// @ts-ignore: decorator
@inline
function compareF64(a: f64, b: f64): i32 {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return 0;
  return <i32>(a != a) - <i32>(b != b); // NaN is greatest
}

function compareBytes(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const shorter = aLength < bLength ? aLength : bLength;
  let i: u32 = 0;
  while (i + 8 <= shorter) {
    const left = load<u64>(a + i);
    const right = load<u64>(b + i);
    if (left != right) return bswap<u64>(left) < bswap<u64>(right) ? -1 : 1;
    i += 8;
  }
  for (; i < shorter; i++) {
    const left = load<u8>(a + i);
    const right = load<u8>(b + i);
    if (left != right) return left < right ? -1 : 1;
  }
  return sign<u32>(aLength, bLength);
}

function trimmed(pointer: usize, length: u32): u32 {
  while (length > 0 && load<u8>(pointer + length - 1) == 0x20) length--;
  return length;
}

// @ts-ignore: decorator
@inline
function bigEndian(at: usize): i32 {
  return <i32>bswap<u32>(load<u32>(at));
}

/** Arrays (bytes of columns/README.md) element by element, a NULL element last, then by number of elements and dimensions. Element bytes
 *  are compared as `element` says; view-like ones are bytes. */
function compareArrays(a: usize, b: usize, element: i32): i32 {
  const left = viewPointer(a);
  const right = viewPointer(b);
  const leftEnd = left + load<u32>(a);
  const rightEnd = right + load<u32>(b);
  let p = left + 12 + (<usize>bigEndian(left) << 3);
  let q = right + 12 + (<usize>bigEndian(right) << 3);
  while (p < leftEnd && q < rightEnd) {
    const m = bigEndian(p);
    const n = bigEndian(q);
    p += 4;
    q += 4;
    if (m < 0 || n < 0) {
      if (m >= 0 || n >= 0) return m < 0 ? 1 : -1;
      continue;
    }
    const order = element > KIND_INTERVAL && element != KIND_U32 || element == KIND_I128 ? compareBytes(p, m, q, n) : compareValues(element, p, q, 0);
    if (order != 0) return order;
    p += m;
    q += n;
  }
  if (p < leftEnd) return 1;
  if (q < rightEnd) return -1;
  return sign<i32>(bigEndian(left), bigEndian(right));
}

/** SQL order of two values of a kind: -1, 0, 1. `element`: kind of array elements. */
export function compareValues(kind: i32, a: usize, b: usize, element: i32): i32 {
  switch (kind) {
    case KIND_BOOL: return sign<u8>(load<u8>(a), load<u8>(b));
    case KIND_I32: return sign<i32>(load<i32>(a), load<i32>(b));
    case KIND_U32: return sign<u32>(load<u32>(a), load<u32>(b));
    case KIND_I64: return sign<i64>(load<i64>(a), load<i64>(b));
    case KIND_F32: return compareF64(<f64>load<f32>(a), <f64>load<f32>(b));
    case KIND_F64: return compareF64(load<f64>(a), load<f64>(b));
    case KIND_I128: {
      const high = sign<i64>(load<i64>(a, 8), load<i64>(b, 8));
      return high != 0 ? high : sign<u64>(load<u64>(a), load<u64>(b));
    }
    case KIND_INTERVAL: {
      const days = sign<i64>(intervalDays(a), intervalDays(b));
      return days != 0 ? days : sign<i64>(intervalRest(a), intervalRest(b));
    }
    case KIND_NUMERIC: return compareNumeric(a, b);
    case KIND_ARRAY: return compareArrays(a, b, element);
    case KIND_BPCHAR: {
      const left = viewPointer(a);
      const right = viewPointer(b);
      return compareBytes(left, trimmed(left, load<u32>(a)), right, trimmed(right, load<u32>(b)));
    }
    default: return compareBytes(viewPointer(a), load<u32>(a), viewPointer(b), load<u32>(b));
  }
}

/** Order of two rows by the sort keys of the descriptors. */
export function compareRows(descriptors: usize, columns: i32, a: usize, b: usize): i32 {
  for (let c = 0; c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    const flags = load<u32>(d, D_FLAGS);
    const offset = <usize>load<u32>(d, D_NULL);
    const aNull = load<u8>(a + offset);
    const bNull = load<u8>(b + offset);
    if (aNull | bNull) {
      if (aNull == bNull) continue;
      return (aNull != 0) == ((flags & FLAG_NULLS_FIRST) != 0) ? -1 : 1;
    }
    const slot = <usize>load<u32>(d, D_SLOT);
    const order = compareValues(load<i32>(d), a + slot, b + slot, load<i32>(d, D_ELEMENT));
    if (order != 0) return flags & FLAG_DESCENDING ? -order : order;
  }
  return 0;
}

/** An order-preserving image of a value in the high bits of a u64. */
function normalised(kind: i32, at: usize): u64 {
  switch (kind) {
    case KIND_BOOL: return <u64>load<u8>(at) << 63;
    case KIND_I32: return (<u64>load<u32>(at) ^ 0x80000000) << 32;
    case KIND_U32: return <u64>load<u32>(at) << 32;
    case KIND_I64: return load<u64>(at) ^ 0x8000000000000000;
    case KIND_F32: return floatImage(<f64>load<f32>(at));
    case KIND_F64: return floatImage(load<f64>(at));
    case KIND_I128: return load<u64>(at, 8) ^ 0x8000000000000000;
    case KIND_INTERVAL: return <u64>(intervalDays(at)) ^ 0x8000000000000000;
    case KIND_NUMERIC: return numericImage(at);
    case KIND_ARRAY: return 0;
    default: {
      const length = bytesOf(kind, at);
      const pointer = viewPointer(at);
      if (length >= 8) return bswap<u64>(load<u64>(pointer));
      let image: u64 = 0;
      for (let i: u32 = 0; i < length; i++) image |= <u64>load<u8>(pointer + i) << (56 - (<u64>i << 3));
      return image;
    }
  }
}

/** Sign, decimal exponent (17 bits) and the first 13 digits of a numeric of at most 16 bytes of magnitude: exact, so order is kept. */
function numericImage(at: usize): u64 {
  const pointer = viewPointer(at);
  const kind = load<u8>(pointer);
  if (kind >= 2) return kind == 4 ? 0 : kind == 3 ? 0xfffffffffffffffe : 0xffffffffffffffff;
  let low: u64 = 0;
  let high: u64 = 0;
  for (let i = load<u32>(at) - 1; i > 2; i--) {
    high = (high << 8) | (low >> 56);
    low = (low << 8) | <u64>load<u8>(pointer + i);
  }
  if ((low | high) == 0) return 0x8000000000000000;
  let exponent: i32 = -<i32>load<u16>(pointer, 1);
  while (high != 0) {
    // (high, low) / 10 in three steps of 32 bits
    const upper = ((high % 10) << 32) | (low >> 32);
    const lower = ((upper % 10) << 32) | (low & 0xffffffff);
    high /= 10;
    low = ((upper / 10) << 32) | (lower / 10);
    exponent++;
  }
  while (low >= 10000000000000) {
    low /= 10;
    exponent++;
  }
  while (low < 1000000000000) {
    low *= 10;
    exponent--;
  }
  const image: u64 = 0x8000000000000000 | (<u64>(exponent + 65600) << 46) | (low << 2);
  return kind == 1 ? ~image : image;
}

// @ts-ignore: decorator
@inline
function floatImage(value: f64): u64 {
  if (value != value) return 0xffffffffffffffff;
  const bits = reinterpret<u64>(value + 0.0);
  return bits >> 63 ? ~bits : bits | 0x8000000000000000;
}

/**
 * Puts one key's bits into the prefixes of entries [0, count): [null bit if `nullable`] then `bits` bits of the image, ending `shift` bits
 * above the prefix's low end. The image is taken above that of the least value (u64 at `least`, or 0: none), its `lead` top bits,
 * always zero, left out. `first` = 1 also stores row addresses taken from `rows`.
 */
export function sort_prefix(entries: usize, rows: usize, count: i32, descriptor: usize, nullable: i32, bits: i32, shift: i32, first: i32, least: usize, lead: i32): i32 {
  const kind = load<i32>(descriptor);
  const slot = <usize>load<u32>(descriptor, D_SLOT);
  const nullOffset = <usize>load<u32>(descriptor, D_NULL);
  const flags = load<u32>(descriptor, D_FLAGS);
  const mask: u64 = bits == 64 ? 0xffffffffffffffff : ((<u64>1 << bits) - 1);
  const base: u64 = least == 0 ? 0 : normalised(kind, least);
  for (let i = 0; i < count; i++) {
    const entry = entries + <usize>i * ENTRY;
    if (first) {
      store<u64>(entry, 0);
      store<u32>(entry, load<u32>(rows + (<usize>i << 2)), 8);
    }
    const row = <usize>load<u32>(entry, 8);
    const isNull = load<u8>(row + nullOffset) != 0;
    let image: u64 = 0;
    if (!isNull) {
      image = ((normalised(kind, row + slot) - base) << lead) >> (64 - bits);
      if (flags & FLAG_DESCENDING) image = ~image & mask;
    }
    if (nullable && isNull != ((flags & FLAG_NULLS_FIRST) != 0)) image |= <u64>1 << bits;
    store<u64>(entry, load<u64>(entry) | (image << shift));
  }
  return 0;
}

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
    insertionSort(entries, from, to, descriptors, columns);
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
  return part < 0 || !(kind == KIND_NUMERIC || kind == KIND_ARRAY || kind == KIND_I128 || kind == KIND_INTERVAL);
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

// @ts-ignore: decorator
@inline
function bytesOf(kind: i32, view: usize): u32 {
  const length = load<u32>(view);
  return kind == KIND_BPCHAR ? trimmed(viewPointer(view), length) : length;
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

/** Seven bytes from `offset` on and how many there are from there (8: more than these): ordered as the bytes and then the lengths are. */
function bytesImage(kind: i32, view: usize, offset: u32): u64 {
  const length = bytesOf(kind, view);
  const pointer = viewPointer(view) + offset;
  const left = length > offset ? length - offset : 0;
  let image: u64 = 0;
  if (left > 7) return (bswap<u64>(load<u64>(pointer)) & ~<u64>0xff) | 8;
  for (let i: u32 = 0; i < left; i++) image |= <u64>load<u8>(pointer + i) << (56 - (<u64>i << 3));
  return image | left;
}

// @ts-ignore: decorator
@inline
function entryCompare(descriptors: usize, columns: i32, a: usize, b: usize): i32 {
  const left = load<u64>(a);
  const right = load<u64>(b);
  if (left != right) return left < right ? -1 : 1;
  return compareRows(descriptors, columns, <usize>load<u32>(a, 8), <usize>load<u32>(b, 8));
}

// @ts-ignore: decorator
@inline
function copyEntry(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  store<u32>(to, load<u32>(from, 8), 8);
}

function insertionSort(entries: usize, from: i32, to: i32, descriptors: usize, columns: i32): void {
  for (let i = from + 1; i < to; i++) {
    const current = entries + <usize>i * ENTRY;
    const key = load<u64>(current);
    const row = load<u32>(current, 8);
    let j = i;
    while (j > from) {
      const before = entries + <usize>(j - 1) * ENTRY;
      const other = load<u64>(before);
      if (other < key || (other == key && compareRows(descriptors, columns, <usize>load<u32>(before, 8), <usize>row) <= 0)) break;
      copyEntry(before + ENTRY, before);
      j--;
    }
    store<u64>(entries + <usize>j * ENTRY, key);
    store<u32>(entries + <usize>j * ENTRY, row, 8);
  }
}

/** Merges entries [a, aEnd) and [b, bEnd) (addresses) into `out`, stable. Returns 0. */
export function sort_merge(a: usize, aEnd: usize, b: usize, bEnd: usize, out: usize, descriptors: usize, columns: i32): i32 {
  while (a < aEnd && b < bEnd) {
    if (entryCompare(descriptors, columns, a, b) <= 0) {
      copyEntry(out, a);
      a += ENTRY;
    } else {
      copyEntry(out, b);
      b += ENTRY;
    }
    out += ENTRY;
  }
  if (a < aEnd) memory.copy(out, a, aEnd - a);
  else memory.copy(out, b, bEnd - b);
  return 0;
}

/** Sorts entries [from, to) by prefix and full comparison, stable; `temp` has as many entries. */
export function sort_range(entries: usize, from: i32, to: i32, temp: usize, descriptors: usize, columns: i32): i32 {
  const RUN: i32 = 12;
  for (let i = from; i < to; i += RUN) insertionSort(entries, i, min(i + RUN, to), descriptors, columns);
  let source = entries + <usize>from * ENTRY;
  let target = temp;
  const count = to - from;
  for (let width = RUN; width < count; width <<= 1) {
    for (let i = 0; i < count; i += width << 1) {
      const middle = min(i + width, count);
      const end = min(i + (width << 1), count);
      sort_merge(source + <usize>i * ENTRY, source + <usize>middle * ENTRY, source + <usize>middle * ENTRY, source + <usize>end * ENTRY, target + <usize>i * ENTRY, descriptors, columns);
    }
    const swap = source;
    source = target;
    target = swap;
  }
  const home = entries + <usize>from * ENTRY;
  if (source != home) memory.copy(home, source, <usize>count * ENTRY);
  return 0;
}

/** out[i] = row address of entry from + i */
export function sort_rows(entries: usize, from: i32, count: i32, out: usize): i32 {
  for (let i = 0; i < count; i++) store<u32>(out + (<usize>i << 2), load<u32>(entries + <usize>(from + i) * ENTRY, 8));
  return 0;
}

/** flags[i] (byte) = 1 where row i differs from row i - 1 in the key columns (SQL equality, NULLs equal); flags[0] is left alone. `rows`: addresses. */
export function rows_boundaries(rows: usize, from: i32, to: i32, descriptors: usize, columns: i32, flags: usize): i32 {
  for (let i = from; i < to; i++) {
    if (i == 0) continue;
    const a = <usize>load<u32>(rows + (<usize>(i - 1) << 2));
    const b = <usize>load<u32>(rows + (<usize>i << 2));
    let differs: u8 = 0;
    for (let c = 0; c < columns; c++) {
      const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
      const offset = <usize>load<u32>(d, D_NULL);
      const aNull = load<u8>(a + offset);
      const bNull = load<u8>(b + offset);
      if (aNull | bNull) {
        if (aNull != bNull) differs = 1;
        continue;
      }
      const slot = <usize>load<u32>(d, D_SLOT);
      if (!equalValues(load<i32>(d), a + slot, b + slot)) differs = 1;
    }
    store<u8>(flags + i, differs);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function notAfter<T>(out: usize, data: usize, limit: T, descending: bool, selection: usize, count: i32): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = selection == 0 ? i : load<i32>(selection + (<usize>i << 2));
    const value = load<T>(data + <usize>index * sizeof<T>());
    store<i32>(out + (<usize>found << 2), index);
    found += <i32>(descending ? value >= limit : value <= limit);
  }
  return found;
}

/** starts[i] = the last position at or before i whose flag is set, for positions [from, to); `carry`: the one before `from`. Returns the last. */
export function window_starts(flags: usize, from: i32, to: i32, carry: i32, starts: usize): i32 {
  let first = carry;
  for (let i = from; i < to; i++) {
    if (load<u8>(flags + i) != 0) first = i;
    store<i32>(starts + (<usize>i << 2), first);
  }
  return first;
}

/** ends[i] = the next start after i, for positions [from, to) backwards; `carry`: the one at or after `to`. Returns the one at or after `from`. */
export function window_ends(starts: usize, from: i32, to: i32, carry: i32, ends: usize): i32 {
  let last = carry;
  for (let i = to - 1; i >= from; i--) {
    store<i32>(ends + (<usize>i << 2), last);
    if (load<i32>(starts + (<usize>i << 2)) == i) last = i;
  }
  return last;
}

// @ts-ignore: decorator
@inline
function anyNotAfter<T>(data: usize, limit: T, descending: bool, count: i32): i32 {
  const PER: i32 = 16 / sizeof<T>();
  const limits = v128.splat<T>(limit);
  let i = 0;
  let found = v128.splat<i32>(0);
  while (i + 256 <= count) {
    for (let end = i + 256; i < end; i += PER) {
      const values = v128.load(data + <usize>i * sizeof<T>());
      found = v128.or(found, descending ? v128.ge<T>(values, limits) : v128.le<T>(values, limits));
    }
    if (v128.any_true(found)) return 1;
  }
  for (; i < count; i++) {
    const value = load<T>(data + <usize>i * sizeof<T>());
    if (descending ? value >= limit : value <= limit) return 1;
  }
  return 0;
}

/** Whether one of `count` values (KIND_I32 or KIND_I64) does not come after the row's first key, which is not NULL. */
export function sort_any_wanted(descriptor: usize, data: usize, count: i32, row: usize): i32 {
  const descending = (load<u32>(descriptor, D_FLAGS) & FLAG_DESCENDING) != 0;
  const slot = row + <usize>load<u32>(descriptor, D_SLOT);
  if (load<i32>(descriptor) == KIND_I64) {
    const limit = load<i64>(slot);
    return descending ? anyNotAfter<i64>(data, limit, true, count) : anyNotAfter<i64>(data, limit, false, count);
  }
  const limit = load<i32>(slot);
  return descending ? anyNotAfter<i32>(data, limit, true, count) : anyNotAfter<i32>(data, limit, false, count);
}

/** SQL order of a batch's column value against a stored row for top-n: selected rows whose first key is not after the row's first key; returns how many. */
export function sort_threshold(out: usize, descriptor: usize, data: usize, nulls: usize, shift: i32, row: usize, selection: usize, count: i32): i32 {
  const kind = load<i32>(descriptor);
  const element = load<i32>(descriptor, D_ELEMENT);
  const flags = load<u32>(descriptor, D_FLAGS);
  const slot = row + <usize>load<u32>(descriptor, D_SLOT);
  const rowNull = load<u8>(row + <usize>load<u32>(descriptor, D_NULL)) != 0;
  const nullsFirst = (flags & FLAG_NULLS_FIRST) != 0;
  const descending = (flags & FLAG_DESCENDING) != 0;
  if (nulls == 0 && !rowNull) {
    if (kind == KIND_I64) {
      const limit = load<i64>(slot);
      return descending ? notAfter<i64>(out, data, limit, true, selection, count) : notAfter<i64>(out, data, limit, false, selection, count);
    }
    if (kind == KIND_I32) {
      const limit = load<i32>(slot);
      return descending ? notAfter<i32>(out, data, limit, true, selection, count) : notAfter<i32>(out, data, limit, false, selection, count);
    }
  }
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = selection == 0 ? i : load<i32>(selection + (<usize>i << 2));
    const isNull = nulls != 0 && load<u8>(nulls + index) != 0;
    let order = 0;
    if (isNull || rowNull) order = isNull == rowNull ? 0 : isNull == nullsFirst ? -1 : 1;
    else {
      order = compareValues(kind, data + (<usize>index << shift), slot, element);
      if (descending) order = -order;
    }
    store<i32>(out + (<usize>found << 2), index);
    found += <i32>(order <= 0);
  }
  return found;
}
