// Parts of canonical jsonb text by address: ", " and ": " between them and no other blanks (types/json-value.ts).
import { equalBytes } from './value-bytes';

export const QUOTE: u32 = 34;
export const COMMA: u32 = 44;
export const OPEN_ARRAY: u32 = 91;
export const ESCAPE: u32 = 92;
export const CLOSE_ARRAY: u32 = 93;
export const OPEN_OBJECT: u32 = 123;
export const CLOSE_OBJECT: u32 = 125;
export const NULL_LETTER: u32 = 110;

/** Behind the string whose opening quote stands at `from`. */
export function skipString(from: usize): usize {
  let place = from + 1;
  for (let byte: u32 = load<u8>(place); byte != QUOTE; byte = load<u8>(place)) place += byte == ESCAPE ? 2 : 1;
  return place + 1;
}

/** Behind the value at `from`. */
export function skipValue(from: usize, end: usize): usize {
  let place = from;
  let depth = 0;
  while (place < end) {
    const byte: u32 = load<u8>(place);
    if (byte == QUOTE) {
      place = skipString(place);
      if (depth == 0) return place;
      continue;
    }
    if (byte == OPEN_OBJECT || byte == OPEN_ARRAY) depth++;
    else if (byte == CLOSE_OBJECT || byte == CLOSE_ARRAY) {
      if (depth == 0) return place;
      if (--depth == 0) return place + 1;
    } else if (byte == COMMA && depth == 0) return place;
    place++;
  }
  return place;
}

/** The value of a member of the object at `from`, or 0. */
export function findMember(from: usize, end: usize, key: usize, keyLength: usize): usize {
  if (load<u8>(from) != OPEN_OBJECT || load<u8>(from + 1) == CLOSE_OBJECT) return 0;
  let place = from + 1;
  while (place < end) {
    const behind = skipString(place);
    const value = behind + 2;
    if (behind - place - 2 == keyLength && equalBytes(place + 1, key, <u32>keyLength)) return value;
    place = skipValue(value, end);
    if (load<u8>(place) == CLOSE_OBJECT) return 0; // of this object: others may follow it
    place += 2;
  }
  return 0;
}

export function countItems(from: usize, end: usize): i32 {
  if (load<u8>(from + 1) == CLOSE_ARRAY) return 0;
  let items = 1;
  for (let place = skipValue(from + 1, end); load<u8>(place) != CLOSE_ARRAY; place = skipValue(place + 2, end)) items++;
  return items;
}

/** An item of the array at `from`, counted from the end where negative, or 0. */
export function findItem(from: usize, end: usize, index: i32): usize {
  if (load<u8>(from + 1) == CLOSE_ARRAY) return 0;
  let left = index < 0 ? index + countItems(from, end) : index;
  if (left < 0) return 0;
  let place = from + 1;
  for (; left > 0; left--) {
    place = skipValue(place, end);
    if (load<u8>(place) == CLOSE_ARRAY) return 0;
    place += 2;
  }
  return place;
}

export function hasEscape(from: usize, end: usize): bool {
  for (let place = from; place < end; place++) if (load<u8>(place) == ESCAPE) return true;
  return false;
}
