// UTF-8 text by address and length: searching, counting and walking characters, and room in the heap window.
import { equalBytes } from './value-bytes';

/** First position of the needle in the text from `from` on, or -1. 16 candidates at a time by their first and last byte. */
export function find(text: usize, length: i32, needle: usize, needleLength: i32, from: i32): i32 {
  if (needleLength == 0) return from;
  const last = length - needleLength;
  const firstByte = load<u8>(needle);
  const lastByte = load<u8>(needle + needleLength - 1);
  const firsts = i8x16.splat(<i8>firstByte);
  const lasts = i8x16.splat(<i8>lastByte);
  let i = from;
  for (; i + 15 <= last; i += 16) {
    const heads = i8x16.eq(v128.load(text + i), firsts);
    const tails = i8x16.eq(v128.load(text + i + needleLength - 1), lasts);
    let mask = i8x16.bitmask(v128.and(heads, tails));
    while (mask != 0) {
      const place = i + ctz<i32>(mask);
      if (equalBytes(text + place, needle, needleLength)) return place;
      mask &= mask - 1;
    }
  }
  if (i <= last && last >= 15) {
    // The candidates left, as the end of a block of 16 of which the first have been seen.
    const start = last - 15;
    const heads = i8x16.eq(v128.load(text + start), firsts);
    const tails = i8x16.eq(v128.load(text + start + needleLength - 1), lasts);
    let mask = (i8x16.bitmask(v128.and(heads, tails)) >> (i - start)) << (i - start);
    while (mask != 0) {
      const place = start + ctz<i32>(mask);
      if (equalBytes(text + place, needle, needleLength)) return place;
      mask &= mask - 1;
    }
    return -1;
  }
  for (; i <= last; i++) {
    if (load<u8>(text + i) == firstByte && equalBytes(text + i, needle, needleLength)) return i;
  }
  return -1;
}

/** Characters in a range: bytes that do not continue one. */
export function countCharacters(text: usize, length: i32): i32 {
  let characters = 0;
  let i = 0;
  const limit = i8x16.splat(-65); // continuation bytes are -128..-65
  for (; i + 16 <= length; i += 16) characters += popcnt<i32>(i8x16.bitmask(i8x16.gt_s(v128.load(text + i), limit)));
  for (; i < length; i++) characters += load<i8>(text + i) > -65 ? 1 : 0;
  return characters;
}

/** Bytes of the first `characters` characters, at most `length`. */
export function bytesOfCharacters(text: usize, length: i32, characters: i32): i32 {
  let i = 0;
  let left = characters;
  while (i < length) {
    if (load<i8>(text + i) > -65) {
      if (left == 0) return i;
      left--;
    }
    i++;
  }
  return length;
}

/** Length of the character that starts at `text`. */
// @ts-ignore: decorator
@inline
export function characterBytes(text: usize): i32 {
  const lead = load<u8>(text);
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

export function isAscii(text: usize, length: i32): bool {
  let i = 0;
  for (; i + 16 <= length; i += 16) {
    if (i8x16.bitmask(v128.load(text + i)) != 0) return false;
  }
  for (; i < length; i++) {
    if (load<i8>(text + i) < 0) return false;
  }
  return true;
}

/** Bytes a value may have; what would be longer finds no room, and its caller asks in vain until that is an error. */
const LONGEST_VALUE: i64 = 0x3fffffff;

/** Where `length` result bytes of the view at `out` go: into it, or to the heap (its cursor moves); 0: no room. Sets the length. */
export function openView(out: usize, length: i64, heap: usize): usize {
  if (length <= 12) {
    store<u64>(out + 4, 0);
    store<u32>(out + 12, 0);
    store<u32>(out, <u32>length);
    return out + 4;
  }
  const cursor = load<u32>(heap);
  if (length > LONGEST_VALUE || <u64>cursor + <u64>length > <u64>load<u32>(heap + 4)) return 0;
  store<u32>(heap, cursor + <u32>length);
  store<u32>(out, <u32>length);
  store<u32>(out + 8, cursor);
  store<u32>(out + 12, 0);
  return <usize>cursor;
}

/** After the bytes of a long view are written: its prefix. */
// @ts-ignore: decorator
@inline
export function closeView(out: usize): void {
  if (load<u32>(out) > 12) store<u32>(out + 4, load<u32>(<usize>load<u32>(out + 8)));
}
