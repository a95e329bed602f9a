// Sorting row addresses: a 64-bit normalised prefix per row, radix passes over the prefix, merge sort of the ties by full
// comparison. Entry: u64 prefix, u32 row address (12 bytes). Method: src/engine/rows/README.md.
import { normalised } from './shared/key-images';
import { D_FLAGS, D_NULL, D_SHAPE, D_SLOT, DESCRIPTOR_BYTES, FLAG_DESCENDING, FLAG_NULLS_FIRST, KIND_I32, KIND_I64 } from './shared/row-columns';
import { compareRows } from './shared/row-keys';
import { isNull } from './shared/rows';
import { copyEntry, ENTRY } from './shared/sort-entries';
import { compareValues, equalValues } from './shared/values';

/**
 * Puts one key's bits into the prefixes of entries [0, count): [null bit if `nullable`] then `bits` bits of the image, ending `shift` bits
 * above the prefix's low end. The image is taken above that of the least value (u64 at `least`, or 0: none), its `lead` top bits,
 * always zero, left out. `first` = 1 also stores row addresses taken from `rows`.
 */
export function sort_prefix(entries: usize, rows: usize, count: i32, descriptor: usize, nullable: i32, bits: i32, shift: i32, first: i32, least: usize, lead: i32): i32 {
  if (first) {
    for (let i = 0; i < count; i++) {
      const entry = entries + <usize>i * ENTRY;
      store<u64>(entry, 0);
      store<u32>(entry, load<u32>(rows + (<usize>i << 2)), 8);
    }
  }
  const kind = load<i32>(descriptor);
  const flags = load<u32>(descriptor, D_FLAGS);
  const mask: u64 = bits == 64 ? 0xffffffffffffffff : ((<u64>1 << bits) - 1);
  const base: u64 = least == 0 ? 0 : normalised(kind, least);
  const slot = <usize>load<u32>(descriptor, D_SLOT);
  if (!nullable && (kind == KIND_I32 || kind == KIND_I64)) {
    const flip: u64 = flags & FLAG_DESCENDING ? mask : 0;
    if (kind == KIND_I32) addIntegers<u32>(entries, count, slot, base, lead, bits, flip, shift);
    else addIntegers<u64>(entries, count, slot, base, lead, bits, flip, shift);
    return 0;
  }
  const nullOffset = <usize>load<u32>(descriptor, D_NULL);
  for (let i = 0; i < count; i++) {
    const entry = entries + <usize>i * ENTRY;
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

/** As sort_prefix, for integers of which none is NULL. */
// @ts-ignore: decorator
@inline
function addIntegers<T>(entries: usize, count: i32, slot: usize, base: u64, lead: i32, bits: i32, flip: u64, shift: i32): void {
  for (let i = 0; i < count; i++) {
    const entry = entries + <usize>i * ENTRY;
    const value = load<T>(<usize>load<u32>(entry, 8) + slot);
    const image = sizeof<T>() == 4 ? (<u64>value ^ 0x80000000) << 32 : <u64>value ^ 0x8000000000000000;
    store<u64>(entry, load<u64>(entry) | ((((image - base) << lead) >> (64 - bits)) ^ flip) << shift);
  }
}

// @ts-ignore: decorator
@inline
function entryCompare(descriptors: usize, columns: i32, a: usize, b: usize): i32 {
  const left = load<u64>(a);
  const right = load<u64>(b);
  if (left != right) return left < right ? -1 : 1;
  return compareRows(descriptors, columns, <usize>load<u32>(a, 8), <usize>load<u32>(b, 8));
}

/** Sorts a few entries [from, to) by prefix and full comparison, stable. */
export function sort_insert(entries: usize, from: i32, to: i32, descriptors: usize, columns: i32): void {
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
  for (let i = from; i < to; i += RUN) sort_insert(entries, i, min(i + RUN, to), descriptors, columns);
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
      if (!equalValues(load<i32>(d), a + slot, b + slot, <usize>load<u32>(d, D_SHAPE))) differs = 1;
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
  const shape = <usize>load<u32>(descriptor, D_SHAPE);
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
      order = compareValues(kind, data + (<usize>index << shift), slot, shape);
      if (descending) order = -order;
    }
    store<i32>(out + (<usize>found << 2), index);
    found += <i32>(order <= 0);
  }
  return found;
}
