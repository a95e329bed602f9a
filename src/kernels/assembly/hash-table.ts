// Hash table over rows: hashing of key columns, SQL equality (1.0 = 1.00, -0 = 0, NaN = NaN, 1 month = 30 days), find and
// find-or-insert. Open addressing with linear probing inside partitions chosen by the high hash bits. Layout of the table
// and directory words: src/engine/rows/README.md.
import {
  D_DATA, D_FLAGS, D_NULL, D_NULLS, D_SLOT, DESCRIPTOR_BYTES, isNullAt, isView, KIND_BOOL, KIND_BPCHAR, KIND_F32, KIND_F64, KIND_I128,
  KIND_I32, KIND_I64, KIND_INTERVAL, KIND_NUMERIC, KIND_U32, KIND_VIEW, rowAt, storeView, widthShift,
} from './rows';

const NEED_HEAP: i32 = 3;
const NEED_ROOM: i32 = 6;
const FLAG_NULLS_EQUAL: u32 = 1;
const FLAG_NULL_MATCHES: u32 = 2;
const DAY: i64 = 86400000000;
const PRIME: u64 = 4294967291; // 2^32 - 5
const INVERSE_TEN: u64 = 3865470562; // 10 * this = 1 modulo PRIME

// @ts-ignore: decorator
@inline
export function mix(hash: u32, value: u64): u32 {
  let x = value + 0x9e3779b97f4a7c15 + ((<u64>hash << 32) | <u64>hash);
  x = (x ^ (x >> 32)) * 0xff51afd7ed558ccd;
  x = (x ^ (x >> 29)) * 0xc4ceb9fe1a85ec53;
  return <u32>(x >> 32);
}

// @ts-ignore: decorator
@inline
function viewPointer(view: usize): usize {
  return load<u32>(view) <= 12 ? view + 4 : <usize>load<u32>(view, 8);
}

/** Length without trailing blanks. */
function blankTrimmed(pointer: usize, length: u32): u32 {
  while (length > 0 && load<u8>(pointer + length - 1) == 0x20) length--;
  return length;
}

/** The last bytes are read as a whole word that overlaps the one before; up to 7 bytes past a short value are read and masked away. */
export function hashBytes(hash: u32, pointer: usize, length: u32): u32 {
  if (length < 8) {
    const word = length == 0 ? 0 : load<u64>(pointer) & (<u64>-1 >> (64 - (<u64>length << 3)));
    return mix(hash ^ length, word);
  }
  let h = hash ^ length;
  const last = pointer + length - 8;
  while (pointer < last) {
    h = mix(h, load<u64>(pointer));
    pointer += 8;
  }
  return mix(h, load<u64>(last));
}

function powerModulo(base: u64, exponent: u32, prime: u64): u64 {
  let result: u64 = 1;
  while (exponent > 0) {
    if (exponent & 1) result = (result * base) % prime;
    base = (base * base) % prime;
    exponent >>= 1;
  }
  return result;
}

/** coefficient * 10^-scale modulo a prime: the same for every way of writing one number. */
function numericResidue(pointer: usize, length: u32, prime: u64, tenth: u64): u64 {
  let residue: u64 = 0;
  for (let i = length; i > 3; i--) residue = ((residue << 8) | <u64>load<u8>(pointer + i - 1)) % prime;
  residue = (residue * powerModulo(tenth, <u32>load<u16>(pointer, 1), prime)) % prime;
  return load<u8>(pointer) == 1 && residue != 0 ? prime - residue : residue;
}

function hashNumeric(hash: u32, view: usize): u32 {
  const pointer = viewPointer(view);
  const kind = load<u8>(pointer);
  if (kind >= 2) return mix(hash, <u64>kind);
  return mix(hash, numericResidue(pointer, load<u32>(view), PRIME, INVERSE_TEN) << 3);
}

// @ts-ignore: decorator
@inline
function canonicalF64(value: f64): u64 {
  if (value != value) return 0x7ff8000000000000;
  return reinterpret<u64>(value + 0.0);
}

// @ts-ignore: decorator
@inline
export function intervalDays(at: usize): i64 {
  const micros = load<i64>(at);
  let days = micros / DAY;
  if (micros % DAY < 0) days--;
  return <i64>load<i32>(at, 12) * 30 + <i64>load<i32>(at, 8) + days;
}

// @ts-ignore: decorator
@inline
export function intervalRest(at: usize): i64 {
  const rest = load<i64>(at) % DAY;
  return rest < 0 ? rest + DAY : rest;
}

// @ts-ignore: decorator
@inline
export function hashValue(kind: i32, hash: u32, at: usize): u32 {
  switch (kind) {
    case KIND_BOOL: return mix(hash, <u64>load<u8>(at));
    case KIND_I32: case KIND_U32: return mix(hash, <u64>load<u32>(at));
    case KIND_I64: return mix(hash, load<u64>(at));
    case KIND_F32: return mix(hash, canonicalF64(<f64>load<f32>(at)));
    case KIND_F64: return mix(hash, canonicalF64(load<f64>(at)));
    case KIND_I128: return mix(mix(hash, load<u64>(at)), load<u64>(at, 8));
    case KIND_INTERVAL: return mix(mix(hash, <u64>intervalDays(at)), <u64>intervalRest(at));
    case KIND_NUMERIC: return hashNumeric(hash, at);
    case KIND_BPCHAR: {
      const pointer = viewPointer(at);
      return hashBytes(hash, pointer, blankTrimmed(pointer, load<u32>(at)));
    }
    default: return hashBytes(hash, viewPointer(at), load<u32>(at));
  }
}

/** hashes[row] (by row index) over all key columns; NULL hashes like a value of its own. */
export function hash_keys(descriptors: usize, columns: i32, selection: usize, count: i32, hashes: usize): i32 {
  if (columns == 0) {
    for (let i = 0; i < count; i++) store<u32>(hashes + (<usize>rowAt(selection, i) << 2), 0);
    return 0;
  }
  for (let c = 0; c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    const kind = load<i32>(d);
    const data = <usize>load<u32>(d, D_DATA);
    const nulls = <usize>load<u32>(d, D_NULLS);
    const shift = widthShift(kind);
    for (let i = 0; i < count; i++) {
      const index = rowAt(selection, i);
      const out = hashes + (<usize>index << 2);
      const before: u32 = c == 0 ? 0x2545f491 : load<u32>(out);
      store<u32>(out, isNullAt(nulls, index) ? mix(before, 0x6e756c6c) : hashValue(kind, before, data + (<usize>index << shift)));
    }
  }
  return 0;
}

function equalBytes(a: usize, b: usize, length: u32): bool {
  if (length < 8) {
    for (let i: u32 = 0; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
    return true;
  }
  const last = a + length - 8;
  while (a < last) {
    if (load<u64>(a) != load<u64>(b)) return false;
    a += 8;
    b += 8;
  }
  return load<u64>(last) == load<u64>(b + last - a);
}

function equalViews(a: usize, b: usize): bool {
  if (load<u64>(a) != load<u64>(b)) return false; // length and prefix
  const length = load<u32>(a);
  if (length <= 12) return load<u64>(a, 8) == load<u64>(b, 8);
  return equalBytes(load<u32>(a, 8), load<u32>(b, 8), length);
}

function equalBlankTrimmed(a: usize, b: usize): bool {
  const left = viewPointer(a);
  const right = viewPointer(b);
  const length = blankTrimmed(left, load<u32>(a));
  return length == blankTrimmed(right, load<u32>(b)) && equalBytes(left, right, length);
}

/** magnitude(a) * 10^shift against magnitude(b), shift <= 16: -1, 0, 1. Bytes are little-endian; the product is formed on the way. */
function compareShifted(a: usize, aLength: u32, shift: u32, b: usize, bLength: u32): i32 {
  let factor: u64 = 1;
  for (let i: u32 = 0; i < shift; i++) factor *= 10;
  let carry: u64 = 0;
  let result = 0;
  for (let i: u32 = 0; i < aLength || i < bLength || carry != 0; i++) {
    if (i < aLength) carry += <u64>load<u8>(a + i) * factor;
    const mine = <i32>(carry & 0xff);
    const other = i < bLength ? <i32>load<u8>(b + i) : 0;
    carry >>= 8;
    if (mine != other) result = mine < other ? -1 : 1;
  }
  return result;
}

function magnitudeEstimate(pointer: usize, length: u32): f64 {
  let value: f64 = 0;
  let exponent: f64 = 1;
  const scale = <u32>load<u16>(pointer, 1);
  for (let i = length; i > 3; i--) value = value * 256.0 + <f64>load<u8>(pointer + i - 1);
  for (let i: u32 = 0; i < scale; i++) exponent *= 10.0;
  return value / exponent;
}

function compareMagnitudes(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const aScale = <u32>load<u16>(a, 1);
  const bScale = <u32>load<u16>(b, 1);
  if (aLength == 3 || bLength == 3) return aLength == bLength ? 0 : aLength == 3 ? -1 : 1;
  if (aScale == bScale || (aScale < bScale && bScale - aScale <= 16)) return compareShifted(a + 3, aLength - 3, bScale - aScale, b + 3, bLength - 3);
  if (aScale > bScale && aScale - bScale <= 16) return -compareShifted(b + 3, bLength - 3, aScale - bScale, a + 3, aLength - 3);
  // Scales far apart: equal numbers agree in both residues; others differ in the estimate unless they agree to 15 digits.
  const same = numericResidue(a, aLength, PRIME, INVERSE_TEN) == numericResidue(b, bLength, PRIME, INVERSE_TEN);
  const left = magnitudeEstimate(a, aLength);
  const right = magnitudeEstimate(b, bLength);
  const difference = left > right ? left - right : right - left;
  if (same && difference <= left * 1e-12) return 0;
  return left < right ? -1 : left > right ? 1 : aScale < bScale ? -1 : 1;
}

/** Order of two variable numerics: -Infinity < numbers < Infinity < NaN. */
export function compareNumeric(a: usize, b: usize): i32 {
  const left = viewPointer(a);
  const right = viewPointer(b);
  const leftRank = numericRank(left);
  const rightRank = numericRank(right);
  if (leftRank != rightRank || leftRank != 1) return leftRank < rightRank ? -1 : leftRank > rightRank ? 1 : 0;
  const aLength = load<u32>(a);
  const bLength = load<u32>(b);
  const aNegative = load<u8>(left) == 1 && aLength > 3;
  const bNegative = load<u8>(right) == 1 && bLength > 3;
  if (aNegative != bNegative) return aNegative ? -1 : 1;
  const order = compareMagnitudes(left, aLength, right, bLength);
  return aNegative ? -order : order;
}

// @ts-ignore: decorator
@inline
function numericRank(pointer: usize): i32 {
  const kind = load<u8>(pointer);
  return kind <= 1 ? 1 : kind == 4 ? 0 : kind == 3 ? 2 : 3;
}

// @ts-ignore: decorator
@inline
function equalF64(a: f64, b: f64): bool {
  return a == b || (a != a && b != b);
}

// @ts-ignore: decorator
@inline
export function equalValues(kind: i32, a: usize, b: usize): bool {
  switch (kind) {
    case KIND_BOOL: return load<u8>(a) == load<u8>(b);
    case KIND_I32: case KIND_U32: return load<u32>(a) == load<u32>(b);
    case KIND_I64: return load<u64>(a) == load<u64>(b);
    case KIND_F32: return equalF64(<f64>load<f32>(a), <f64>load<f32>(b));
    case KIND_F64: return equalF64(load<f64>(a), load<f64>(b));
    case KIND_I128: return load<u64>(a) == load<u64>(b) && load<u64>(a, 8) == load<u64>(b, 8);
    case KIND_INTERVAL: return intervalDays(a) == intervalDays(b) && intervalRest(a) == intervalRest(b);
    case KIND_NUMERIC: return compareNumeric(a, b) == 0;
    case KIND_BPCHAR: return equalBlankTrimmed(a, b);
    default: return equalViews(a, b);
  }
}

/** Whether the stored row's key columns equal those of batch row `index`, by each descriptor's null rule. */
export function matchRow(descriptors: usize, columns: i32, row: usize, index: i32): bool {
  for (let c = 0; c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    const rowNull = load<u8>(row + <usize>load<u32>(d, D_NULL)) != 0;
    const isNull = isNullAt(<usize>load<u32>(d, D_NULLS), index);
    if (rowNull || isNull) {
      const flags = load<u32>(d, D_FLAGS);
      if (flags & FLAG_NULL_MATCHES) continue;
      if ((flags & FLAG_NULLS_EQUAL) && rowNull && isNull) continue;
      return false;
    }
    const kind = load<i32>(d);
    if (!equalValues(kind, row + <usize>load<u32>(d, D_SLOT), <usize>load<u32>(d, D_DATA) + (<usize>index << widthShift(kind)))) return false;
  }
  return true;
}

/** Writes the descriptors' columns of batch row `index` into a fresh row. False: heap too small (its third word says for what). */
function fillRow(descriptors: usize, columns: i32, row: usize, index: i32, heap: usize): bool {
  for (let c = 0; c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    const slot = row + <usize>load<u32>(d, D_SLOT);
    if (isNullAt(<usize>load<u32>(d, D_NULLS), index)) {
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
    const index = rowAt(selection, i);
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
    const index = rowAt(selection, i);
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
  return <i32>hashBytes(0x2545f491, viewPointer(view), load<u32>(view));
}

export function view_equal(a: usize, b: usize): i32 {
  return <i32>equalViews(a, b);
}

/** Copies a view to `slot`, its long bytes to the heap window {u32 cursor, u32 limit, u32 needed}; 0: they do not fit. */
export function view_store(slot: usize, view: usize, heap: usize): i32 {
  return <i32>storeView(slot, view, heap);
}
