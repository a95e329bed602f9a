// What every comparison of values stands on: mixing bits into a hash, ranges of bytes hashed, tested and ordered, views by theirs.
import { viewData } from './rows';

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
export function sign<T>(a: T, b: T): i32 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Length without trailing blanks. */
export function blankTrimmed(pointer: usize, length: u32): u32 {
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

export function equalBytes(a: usize, b: usize, length: u32): bool {
  if (length < 8) {
    for (let i: u32 = 0; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
    return true;
  }
  let i: u32 = 0;
  for (; i + 16 <= length; i += 16) if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  if (i + 8 <= length && load<u64>(a + i) != load<u64>(b + i)) return false;
  return load<u64>(a + length - 8) == load<u64>(b + length - 8); // what is left, with some of what was seen
}

/** Byte order of two ranges: -1, 0, 1. */
export function compareBytes(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
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

// @ts-ignore: decorator
@inline
export function equalViews(a: usize, b: usize): bool {
  if (load<u64>(a) != load<u64>(b)) return false; // length and prefix
  const length = load<u32>(a);
  if (length <= 12) return load<u64>(a, 8) == load<u64>(b, 8);
  return equalBytes(<usize>load<u32>(a, 8), <usize>load<u32>(b, 8), length);
}

export function orderViews(a: usize, b: usize): i32 {
  const left = load<u32>(a, 4);
  const right = load<u32>(b, 4);
  if (left != right) return bswap<u32>(left) < bswap<u32>(right) ? -1 : 1;
  return compareBytes(viewData(a), load<u32>(a), viewData(b), load<u32>(b));
}

// @ts-ignore: decorator
@inline
export function bigEndian(at: usize): i32 {
  return <i32>bswap<u32>(load<u32>(at));
}
