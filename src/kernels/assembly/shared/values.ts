// What hash, equality and order mean for values of every kind, in one place: 1.0 = 1.00, -0 = 0, NaN = NaN and greatest, 1 month = 30 days, blanks
// at the end of bpchar do not count, and all of this inside arrays, records and jsonb, too. A value at an address has the layout of a vector or
// row slot; an item is the bytes of an element or field (columns/README.md). `shape`: {u32 items, per item u32 kind, u32 shape}, of arrays the one
// kind of their elements, of records their fields (engine/rows/value-kind.ts).
import { compareJson, hashJson } from './json-values';
import { compareNumeric, hashNumeric } from './numeric-values';
import { KIND_ARRAY, KIND_BOOL, KIND_BPCHAR, KIND_F32, KIND_F64, KIND_I128, KIND_I32, KIND_I64, KIND_INTERVAL, KIND_JSONB, KIND_NUMERIC, KIND_RECORD, KIND_U32, KIND_VIEW } from './row-columns';
import { viewData } from './rows';
import { bigEndian, blankTrimmed, compareBytes, equalBytes, equalViews, hashBytes, mix, sign } from './value-bytes';
import { intervalDays, intervalRest } from './wide';

// @ts-ignore: decorator
@inline
function canonicalF64(value: f64): u64 {
  if (value != value) return 0x7ff8000000000000;
  return reinterpret<u64>(value + 0.0);
}

// @ts-ignore: decorator
@inline
export function hashValue(kind: i32, hash: u32, at: usize, shape: usize): u32 {
  switch (kind) {
    case KIND_BOOL: return mix(hash, <u64>load<u8>(at));
    case KIND_I32: case KIND_U32: return mix(hash, <u64>load<u32>(at));
    case KIND_I64: return mix(hash, load<u64>(at));
    case KIND_F32: return mix(hash, canonicalF64(<f64>load<f32>(at)));
    case KIND_F64: return mix(hash, canonicalF64(load<f64>(at)));
    case KIND_I128: return mix(mix(hash, load<u64>(at)), load<u64>(at, 8));
    case KIND_INTERVAL: return mix(mix(hash, <u64>intervalDays(at)), <u64>intervalRest(at));
    case KIND_VIEW: return hashBytes(hash, viewData(at), load<u32>(at));
    default: return hashItem(kind, hash, viewData(at), load<u32>(at), shape);
  }
}

function hashItem(kind: i32, hash: u32, item: usize, length: u32, shape: usize): u32 {
  switch (kind) {
    case KIND_VIEW: return hashBytes(hash, item, length);
    case KIND_BPCHAR: return hashBytes(hash, item, blankTrimmed(item, length));
    case KIND_NUMERIC: return hashNumeric(hash, item, length);
    case KIND_JSONB: return hashJson(hash, item, length);
    case KIND_ARRAY: return hashItems(hash, item + 12 + (<usize>bigEndian(item) << 3), item + length, 4, shape, 0);
    case KIND_RECORD: return hashItems(hash, item + 4, item + length, 8, shape, 8);
    default: return hashValue(kind, hash, item, shape);
  }
}

/** Items in their order, each behind `head` bytes that end with its length (-1: NULL); `step`: from one item's kind to the next one's. */
function hashItems(hash: u32, at: usize, end: usize, head: usize, shape: usize, step: usize): u32 {
  let count = 0;
  for (; at < end; count++) {
    const length = bigEndian(at + head - 4);
    at += head;
    if (length < 0) hash = mix(hash, 0x6e756c6c);
    else hash = hashItem(load<i32>(shape, 4), hash, at, length, <usize>load<u32>(shape, 8));
    at += <usize>max(0, length);
    shape += step;
  }
  return mix(hash, <u64>count);
}

// @ts-ignore: decorator
@inline
function equalF64(a: f64, b: f64): bool {
  return a == b || (a != a && b != b);
}

// @ts-ignore: decorator
@inline
export function equalValues(kind: i32, a: usize, b: usize, shape: usize): bool {
  switch (kind) {
    case KIND_BOOL: return load<u8>(a) == load<u8>(b);
    case KIND_I32: case KIND_U32: return load<u32>(a) == load<u32>(b);
    case KIND_I64: return load<u64>(a) == load<u64>(b);
    case KIND_F32: return equalF64(<f64>load<f32>(a), <f64>load<f32>(b));
    case KIND_F64: return equalF64(load<f64>(a), load<f64>(b));
    case KIND_I128: return load<u64>(a) == load<u64>(b) && load<u64>(a, 8) == load<u64>(b, 8);
    case KIND_INTERVAL: return intervalDays(a) == intervalDays(b) && intervalRest(a) == intervalRest(b);
    case KIND_VIEW: return equalViews(a, b);
    case KIND_BPCHAR: return equalBlankTrimmed(a, b);
    default: return equalViews(a, b) || compareValues(kind, a, b, shape) == 0;
  }
}

function equalBlankTrimmed(a: usize, b: usize): bool {
  const left = viewData(a);
  const right = viewData(b);
  const length = blankTrimmed(left, load<u32>(a));
  return length == blankTrimmed(right, load<u32>(b)) && equalBytes(left, right, length);
}

// @ts-ignore: decorator
@inline
function compareF64(a: f64, b: f64): i32 {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return 0;
  return <i32>(a != a) - <i32>(b != b); // NaN is greatest
}

/** SQL order of two values of a kind: -1, 0, 1. */
export function compareValues(kind: i32, a: usize, b: usize, shape: usize): i32 {
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
    case KIND_VIEW: return compareBytes(viewData(a), load<u32>(a), viewData(b), load<u32>(b));
    default: return compareItems(kind, viewData(a), load<u32>(a), viewData(b), load<u32>(b), shape);
  }
}

function compareItems(kind: i32, a: usize, aLength: u32, b: usize, bLength: u32, shape: usize): i32 {
  switch (kind) {
    case KIND_VIEW: return compareBytes(a, aLength, b, bLength);
    case KIND_BPCHAR: return compareBytes(a, blankTrimmed(a, aLength), b, blankTrimmed(b, bLength));
    case KIND_NUMERIC: return compareNumeric(a, aLength, b, bLength);
    case KIND_JSONB: return compareJson(a, aLength, b, bLength);
    case KIND_ARRAY: return compareArrays(a, a + aLength, b, b + bLength, shape);
    case KIND_RECORD: return compareLists(a + 4, a + aLength, b + 4, b + bLength, 8, shape, 8);
    default: return compareValues(kind, a, b, shape);
  }
}

/** Items one by one, NULLs equal and last, then by their number; see hashItems. */
function compareLists(a: usize, aEnd: usize, b: usize, bEnd: usize, head: usize, shape: usize, step: usize): i32 {
  while (a < aEnd && b < bEnd) {
    const m = bigEndian(a + head - 4);
    const n = bigEndian(b + head - 4);
    a += head;
    b += head;
    if (m < 0 || n < 0) {
      if (m >= 0 || n >= 0) return m < 0 ? 1 : -1;
    } else {
      const order = compareItems(load<i32>(shape, 4), a, m, b, n, <usize>load<u32>(shape, 8));
      if (order != 0) return order;
      a += <usize>m;
      b += <usize>n;
    }
    shape += step;
  }
  return <i32>(a < aEnd) - <i32>(b < bEnd);
}

/** By elements, then by the number of dimensions, their sizes, their lower bounds. */
function compareArrays(a: usize, aEnd: usize, b: usize, bEnd: usize, shape: usize): i32 {
  const dimensions = bigEndian(a);
  const others = bigEndian(b);
  const order = compareLists(a + 12 + (<usize>dimensions << 3), aEnd, b + 12 + (<usize>others << 3), bEnd, 4, shape, 0);
  if (order != 0) return order;
  if (dimensions != others) return sign<i32>(dimensions, others);
  for (let part: usize = 12; part <= 16; part += 4) {
    for (let i: usize = 0; i < <usize>dimensions; i++) {
      const bound = sign<i32>(bigEndian(a + part + (i << 3)), bigEndian(b + part + (i << 3)));
      if (bound != 0) return bound;
    }
  }
  return 0;
}
