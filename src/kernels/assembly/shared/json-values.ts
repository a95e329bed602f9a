// Hash and order of jsonb, over its canonical text (types/json-value.ts): keys in their order, no repetitions, numbers in plain digits. What may
// differ between equal values is trailing zeros of numbers. Order: Object > Array > Boolean > Number > String > Null, containers by their
// count first, an empty outermost array least of all. Where two values agree so far their texts have the same shape, so both are walked
// at once, without a stack.
import { mix, sign } from './value-bytes';

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;
const ZERO: u8 = 0x30;
const NINE: u8 = 0x39;
const OPEN_ARRAY: u8 = 0x5b;
const BACKSLASH: u8 = 0x5c;
const CLOSE_ARRAY: u8 = 0x5d;
const OPEN_OBJECT: u8 = 0x7b;
const CLOSE_OBJECT: u8 = 0x7d;
const FNV_BASIS: u64 = 0xcbf29ce484222325;
const FNV_PRIME: u64 = 0x100000001b3;

// @ts-ignore: decorator
@inline
function startsNumber(c: u8): bool {
  return c == MINUS || (c >= ZERO && c <= NINE);
}

function numberEnd(at: usize, end: usize): usize {
  while (at < end && (startsNumber(load<u8>(at)) || load<u8>(at) == POINT)) at++;
  return at;
}

/** Behind the closing quote of the string that opens at `at`. */
function stringEnd(at: usize, end: usize): usize {
  for (at++; at < end; at++) {
    const c = load<u8>(at);
    if (c == QUOTE) return at + 1;
    if (c == BACKSLASH) at++;
  }
  return end;
}

function pointIn(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != POINT) at++;
  return at;
}

/** The end of a number without zeros at the end of its fraction. */
function significantEnd(at: usize, end: usize): usize {
  const point = pointIn(at, end);
  if (point == end) return end;
  while (load<u8>(end - 1) == ZERO) end--;
  return end - 1 == point ? point : end;
}

export function hashJson(hash: u32, pointer: usize, length: u32): u32 {
  const end = pointer + <usize>length;
  let bytes = FNV_BASIS;
  while (pointer < end) {
    const c = load<u8>(pointer);
    let next = pointer + 1;
    let last = next;
    if (c == QUOTE) {
      next = stringEnd(pointer, end);
      last = next;
    } else if (startsNumber(c)) {
      next = numberEnd(pointer, end);
      last = significantEnd(pointer, next);
    }
    for (; pointer < last; pointer++) bytes = (bytes ^ <u64>load<u8>(pointer)) * FNV_PRIME;
    pointer = next;
  }
  return mix(hash, bytes);
}

/** Place of the value that begins with `c` among types; -1: it is no value's beginning. */
function rankOf(c: u8): i32 {
  if (c == 0x6e) return 0; // null
  if (c == QUOTE) return 1;
  if (startsNumber(c)) return 2;
  if (c == 0x74 || c == 0x66) return 3; // true, false
  return c == OPEN_ARRAY ? 4 : c == OPEN_OBJECT ? 5 : -1;
}

export function compareJson(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const aEnd = a + <usize>aLength;
  const bEnd = b + <usize>bLength;
  const aEmpty = load<u8>(a) == OPEN_ARRAY && load<u8>(a, 1) == CLOSE_ARRAY;
  const bEmpty = load<u8>(b) == OPEN_ARRAY && load<u8>(b, 1) == CLOSE_ARRAY;
  if (aEmpty || bEmpty) return aEmpty == bEmpty ? 0 : aEmpty ? -1 : 1;
  while (a < aEnd && b < bEnd) {
    const c = load<u8>(a);
    const d = load<u8>(b);
    const rank = rankOf(c);
    const order = sign<i32>(rank, rankOf(d));
    if (order != 0) return order;
    let aNext = a + 1;
    let bNext = b + 1;
    let inside = 0;
    if (rank == 1) {
      aNext = stringEnd(a, aEnd);
      bNext = stringEnd(b, bEnd);
      inside = compareStrings(a + 1, aNext - 1, b + 1, bNext - 1);
    } else if (rank == 2) {
      aNext = numberEnd(a, aEnd);
      bNext = numberEnd(b, bEnd);
      inside = compareNumbers(a, aNext, b, bNext);
    } else if (rank == 3) inside = sign<u8>(c, d); // false before true, of which "rue" and "alse" are passed as no value's beginning
    else if (rank > 3) inside = sign<u32>(countItems(a, aEnd), countItems(b, bEnd));
    if (inside != 0) return inside;
    a = aNext;
    b = bNext;
  }
  return 0;
}

/** Items or members of the container that opens at `at`. */
function countItems(at: usize, end: usize): u32 {
  const first = load<u8>(at, 1);
  if (first == CLOSE_ARRAY || first == CLOSE_OBJECT) return 0;
  let count: u32 = 1;
  let depth = 0;
  while (at < end) {
    const c = load<u8>(at);
    if (c == QUOTE) {
      at = stringEnd(at, end);
      continue;
    }
    if (c == OPEN_ARRAY || c == OPEN_OBJECT) depth++;
    else if (c == CLOSE_ARRAY || c == CLOSE_OBJECT) {
      if (--depth == 0) break;
    } else if (c == COMMA && depth == 1) count++;
    at++;
  }
  return count;
}

/** The character that the escape at `at` stands for: those below a blank, quotes and backslashes are escaped, no others. */
function unescaped(at: usize): u8 {
  switch (load<u8>(at, 1)) {
    case 0x62: return 8;
    case 0x66: return 12;
    case 0x6e: return 10;
    case 0x72: return 13;
    case 0x74: return 9;
    case 0x75: {
      const digit = load<u8>(at, 5);
      return ((load<u8>(at, 4) - ZERO) << 4) | (digit <= NINE ? digit - ZERO : (digit | 32) - 87);
    }
    default: return load<u8>(at, 1);
  }
}

// @ts-ignore: decorator
@inline
function characterAt(at: usize): u8 {
  const c = load<u8>(at);
  return c == BACKSLASH ? unescaped(at) : c;
}

// @ts-ignore: decorator
@inline
function behind(at: usize): usize {
  return load<u8>(at) != BACKSLASH ? at + 1 : load<u8>(at, 1) == 0x75 ? at + 6 : at + 2;
}

/** The insides of two strings, by their bytes without escapes. */
function compareStrings(a: usize, aEnd: usize, b: usize, bEnd: usize): i32 {
  while (a < aEnd && b < bEnd) {
    const order = sign<u8>(characterAt(a), characterAt(b));
    if (order != 0) return order;
    a = behind(a);
    b = behind(b);
  }
  return <i32>(a < aEnd) - <i32>(b < bEnd);
}

/** Plain digits without leading zeros, maybe a sign and a fraction; zero has no sign. */
function compareNumbers(a: usize, aEnd: usize, b: usize, bEnd: usize): i32 {
  const aNegative = load<u8>(a) == MINUS;
  const bNegative = load<u8>(b) == MINUS;
  if (aNegative != bNegative) return aNegative ? -1 : 1;
  if (aNegative) {
    a++;
    b++;
  }
  const aPoint = pointIn(a, aEnd);
  const bPoint = pointIn(b, bEnd);
  let order = sign<usize>(aPoint - a, bPoint - b);
  while (order == 0 && (a < aEnd || b < bEnd)) {
    order = sign<u8>(a < aEnd ? load<u8>(a) : ZERO, b < bEnd ? load<u8>(b) : ZERO);
    a++;
    b++;
    // the points stand side by side: of a number without one, zeros follow it
    if (order != 0 && (a - 1 == aPoint || b - 1 == bPoint)) order = 0;
  }
  return aNegative ? -order : order;
}
