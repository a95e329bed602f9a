// Looking into jsonb as it is stored: canonical text, ", " and ": " between parts and no other blanks. Members, items and paths are
// spans of the argument's own bytes (shared/json-parts.ts), so nothing is copied. Kernels here are nullable: where there is no such part they set the row's null
// byte. Strings with escapes where their text is asked for, keys that would be escaped, and uses that raise errors are declined.
import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, countItems, ESCAPE, findItem, findMember, hasEscape, NULL_LETTER, OPEN_ARRAY, OPEN_OBJECT, QUOTE, skipString, skipValue } from './shared/json-parts';
import { at, fail, isNull, NEED_SLOW, setView, viewData } from './shared/rows';
import { equalBytes } from './shared/value-bytes';

function needsEscape(from: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) {
    const byte: u32 = load<u8>(from + i);
    if (byte == QUOTE || byte == ESCAPE || byte < 32) return true;
  }
  return false;
}

function hasPoint(from: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(from + i) == 46) return true;
  return false;
}

const AS_JSON: i32 = 0;
const AS_TEXT: i32 = 1;

/** The part at `value` (0: there is none) as the result of a row; false: declined. */
function answer(form: i32, out: usize, nulls: usize, row: i32, value: usize, end: usize): bool {
  const target = out + (<usize>row << 4);
  const first: u32 = value == 0 ? 0 : load<u8>(value);
  if (value == 0 || (form == AS_TEXT && first == NULL_LETTER)) {
    store<u8>(nulls + row, 1);
    return true;
  }
  const behind = skipValue(value, end);
  if (form == AS_TEXT && first == QUOTE) {
    if (hasEscape(value, behind)) return false;
    setView(target, value + 1, <u32>(behind - value - 2));
  } else setView(target, value, <u32>(behind - value));
  return true;
}

// @ts-ignore: decorator
@inline
function member(form: i32, out: usize, a: usize, keys: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const from = viewData(view);
    const end = from + load<u32>(view);
    const key = viewData(keys + (<usize>row << 4));
    const keyLength: usize = load<u32>(keys + (<usize>row << 4));
    if (needsEscape(key, keyLength)) return fail(row, NEED_SLOW);
    if (!answer(form, out, nulls, row, findMember(from, end, key, keyLength), end)) return fail(row, NEED_SLOW);
  }
  return 0;
}
export function jsonb_member(out: usize, a: usize, keys: usize, nulls: usize, selection: usize, count: i32): i32 {
  return member(AS_JSON, out, a, keys, nulls, selection, count);
}
export function jsonb_member_text(out: usize, a: usize, keys: usize, nulls: usize, selection: usize, count: i32): i32 {
  return member(AS_TEXT, out, a, keys, nulls, selection, count);
}

/** Items of arrays only: what -> means for a lone scalar is the per-row body's. */
// @ts-ignore: decorator
@inline
function item(form: i32, out: usize, a: usize, indexes: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const from = viewData(view);
    const end = from + load<u32>(view);
    if (load<u8>(from) != OPEN_ARRAY) return fail(row, NEED_SLOW);
    const value = findItem(from, end, load<i32>(indexes + (<usize>row << 2)));
    if (!answer(form, out, nulls, row, value, end)) return fail(row, NEED_SLOW);
  }
  return 0;
}
export function jsonb_item(out: usize, a: usize, indexes: usize, nulls: usize, selection: usize, count: i32): i32 {
  return item(AS_JSON, out, a, indexes, nulls, selection, count);
}
export function jsonb_item_text(out: usize, a: usize, indexes: usize, nulls: usize, selection: usize, count: i32): i32 {
  return item(AS_TEXT, out, a, indexes, nulls, selection, count);
}

const ODD_INDEX: i32 = i32.MIN_VALUE;

/** An index as a path spells it, of at most nine digits; else ODD_INDEX. */
function indexOf(from: usize, length: usize): i32 {
  const negative = length > 0 && load<u8>(from) == 45;
  const start: usize = negative ? 1 : 0;
  if (length == start || length - start > 9) return ODD_INDEX;
  let value = 0;
  for (let i = start; i < length; i++) {
    const digit = <u32>load<u8>(from + i) - 48;
    if (digit > 9) return ODD_INDEX;
    value = value * 10 + <i32>digit;
  }
  return negative ? -value : value;
}

/** Paths are text[] as columns/README.md lays them out. */
// @ts-ignore: decorator
@inline
function path(form: i32, out: usize, a: usize, paths: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    let value = viewData(view);
    const end = value + load<u32>(view);
    const steps = viewData(paths + (<usize>row << 4));
    const stepsEnd = steps + load<u32>(paths + (<usize>row << 4));
    let step = steps + 12 + (<usize>bswap<u32>(load<u32>(steps)) << 3);
    while (step < stepsEnd && value != 0) {
      const length = bswap<i32>(load<i32>(step));
      step += 4;
      const first: u32 = load<u8>(value);
      if (length < 0) value = 0;
      else if (first == OPEN_OBJECT) {
        if (needsEscape(step, length)) return fail(row, NEED_SLOW);
        value = findMember(value, end, step, length);
      } else if (first == OPEN_ARRAY) {
        const index = indexOf(step, length);
        if (index == ODD_INDEX) return fail(row, NEED_SLOW);
        value = findItem(value, end, index);
      } else value = 0;
      step += length < 0 ? 0 : length;
    }
    if (!answer(form, out, nulls, row, value, end)) return fail(row, NEED_SLOW);
  }
  return 0;
}
export function jsonb_path(out: usize, a: usize, paths: usize, nulls: usize, selection: usize, count: i32): i32 {
  return path(AS_JSON, out, a, paths, nulls, selection, count);
}
export function jsonb_path_text(out: usize, a: usize, paths: usize, nulls: usize, selection: usize, count: i32): i32 {
  return path(AS_TEXT, out, a, paths, nulls, selection, count);
}

export function jsonb_array_length(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const from = viewData(view);
    if (load<u8>(from) != OPEN_ARRAY) return fail(row, NEED_SLOW);
    store<i32>(out + (<usize>row << 2), countItems(from, from + load<u32>(view)));
  }
  return 0;
}

/** Whether the objects of b, whose members are all scalars, are part of those of a. */
export function jsonb_contains_flat(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const whole = viewData(a + (<usize>row << 4));
    const wholeEnd = whole + load<u32>(a + (<usize>row << 4));
    const part = viewData(b + (<usize>row << 4));
    const partEnd = part + load<u32>(b + (<usize>row << 4));
    let holds = load<u8>(whole) == OPEN_OBJECT;
    let place = part + 1;
    while (holds && load<u8>(place) != CLOSE_OBJECT) {
      const behind = skipString(place);
      const wanted = behind + 2;
      const wantedEnd = skipValue(wanted, partEnd);
      const found = findMember(whole, wholeEnd, place + 1, behind - place - 2);
      if (found == 0) holds = false;
      else {
        const size = skipValue(found, wholeEnd) - found;
        if (size != wantedEnd - wanted || !equalBytes(found, wanted, <u32>size)) {
          const bothNumbers = <u32>load<u8>(found) - 45 < 13 && <u32>load<u8>(wanted) - 45 < 13;
          if (bothNumbers && (hasPoint(found, size) || hasPoint(wanted, wantedEnd - wanted))) return fail(row, NEED_SLOW); // 1 is 1.0
          holds = false;
        }
      }
      place = load<u8>(wantedEnd) == COMMA ? wantedEnd + 2 : wantedEnd;
    }
    store<u8>(out + row, holds ? 1 : 0);
  }
  return 0;
}

/** Whether the string in quotes at `from` is the key, which needs no escapes. */
function isString(from: usize, key: usize, keyLength: usize): bool {
  return load<u8>(from) == QUOTE && skipString(from) - from - 2 == keyLength && equalBytes(from + 1, key, <u32>keyLength);
}

/** Whether the key is one of an object, a string in an array, or the string itself. */
function hasKey(from: usize, end: usize, key: usize, keyLength: usize): bool {
  const first: u32 = load<u8>(from);
  if (first == OPEN_OBJECT) return findMember(from, end, key, keyLength) != 0;
  if (first != OPEN_ARRAY) return isString(from, key, keyLength);
  if (load<u8>(from + 1) == CLOSE_ARRAY) return false;
  let place = from + 1;
  while (!isString(place, key, keyLength)) {
    place = skipValue(place, end);
    if (load<u8>(place) == CLOSE_ARRAY) return false;
    place += 2;
  }
  return true;
}

export function jsonb_has_key(out: usize, a: usize, keys: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const from = viewData(view);
    const key = viewData(keys + (<usize>row << 4));
    const keyLength: usize = load<u32>(keys + (<usize>row << 4));
    if (needsEscape(key, keyLength)) return fail(row, NEED_SLOW);
    store<u8>(out + row, hasKey(from, from + load<u32>(view), key, keyLength) ? 1 : 0);
  }
  return 0;
}
