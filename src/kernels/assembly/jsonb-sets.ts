// Items and members of jsonb as rows, by the convention of expand.ts; functions with two result columns get a vector and null bytes for each.
// What is made are spans of the argument's own bytes (jsonb.ts).
import { CLOSE_ARRAY, CLOSE_OBJECT, hasEscape, NULL_LETTER, OPEN_ARRAY, OPEN_OBJECT, QUOTE, skipString, skipValue } from './shared/json-parts';
import { at, fail, isNull, NEED_SLOW, setView, viewData } from './shared/rows';

const POSITION: usize = 0;
const PLACE: usize = 4;
const ORDINAL: usize = 8;
const OUTER: usize = 16;
const MADE: usize = 20;

const AS_JSON: i32 = 0;
const AS_TEXT: i32 = 1;

/** A value as json, or as text without its quotes; false: null has no text. */
// @ts-ignore: decorator
@inline
function putPart(form: i32, out: usize, value: usize, behind: usize): bool {
  const first: u32 = load<u8>(value);
  if (form == AS_TEXT && first == NULL_LETTER) {
    v128.store(out, i64x2.splat(0));
    return false;
  }
  if (form == AS_TEXT && first == QUOTE) setView(out, value + 1, <u32>(behind - value - 2));
  else setView(out, value, <u32>(behind - value));
  return true;
}

/** Items of arrays as rows. Anything but an array, and texts with escapes, are declined. */
// @ts-ignore: decorator
@inline
function elements(form: i32, state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  let position = load<i32>(state, POSITION);
  let place: usize = load<u32>(state, PLACE);
  let ordinal = load<i64>(state, ORDINAL);
  const outer = load<u32>(state, OUTER) != 0;
  let made = 0;
  let status = 0;
  while (position < count && made < capacity) {
    const row = at(selection, position);
    const view = a + (<usize>row << 4);
    const from = viewData(view);
    const end = from + load<u32>(view);
    const given = !isNull(nulls, row);
    if (given && ordinal == 0) {
      if (load<u8>(from) != OPEN_ARRAY || (form == AS_TEXT && hasEscape(from, end))) {
        status = fail(row, NEED_SLOW);
        break;
      }
      place = 1;
    }
    let left = given && load<u8>(from + place) != CLOSE_ARRAY;
    if (!left && ordinal == 0 && outer) {
      store<i32>(sources + (<usize>made << 2), row);
      store<u8>(outNulls + made, 1);
      made++;
    }
    while (left && made < capacity) {
      ordinal++;
      store<i32>(sources + (<usize>made << 2), row);
      if (ordinals != 0) store<i64>(ordinals + (<usize>made << 3), ordinal);
      const value = from + place;
      const behind = skipValue(value, end);
      store<u8>(outNulls + made, putPart(form, out + (<usize>made << 4), value, behind) ? 0 : 1);
      place = behind - from;
      left = load<u8>(behind) != CLOSE_ARRAY;
      if (left) place += 2;
      made++;
    }
    if (left) break;
    position++;
    ordinal = 0;
  }
  store<i32>(state, position, POSITION);
  store<u32>(state, <u32>place, PLACE);
  store<i64>(state, ordinal, ORDINAL);
  store<i32>(state, made, MADE);
  return status;
}
export function jsonb_elements(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return elements(AS_JSON, state, out, outNulls, sources, ordinals, capacity, a, nulls, selection, count);
}
export function jsonb_elements_text(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return elements(AS_TEXT, state, out, outNulls, sources, ordinals, capacity, a, nulls, selection, count);
}

/** Members of objects as rows of a key and a value (0: not asked for). Anything but an object, and texts with escapes, are declined. */
// @ts-ignore: decorator
@inline
function members(form: i32, state: usize, keys: usize, keyNulls: usize, values: usize, valueNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  let position = load<i32>(state, POSITION);
  let place: usize = load<u32>(state, PLACE);
  let ordinal = load<i64>(state, ORDINAL);
  const outer = load<u32>(state, OUTER) != 0;
  let made = 0;
  let status = 0;
  while (position < count && made < capacity) {
    const row = at(selection, position);
    const view = a + (<usize>row << 4);
    const from = viewData(view);
    const end = from + load<u32>(view);
    const given = !isNull(nulls, row);
    if (given && ordinal == 0) {
      if (load<u8>(from) != OPEN_OBJECT || hasEscape(from, end)) {
        status = fail(row, NEED_SLOW);
        break;
      }
      place = 1;
    }
    let left = given && load<u8>(from + place) != CLOSE_OBJECT;
    if (!left && ordinal == 0 && outer) {
      store<i32>(sources + (<usize>made << 2), row);
      store<u8>(keyNulls + made, 1);
      if (values != 0) store<u8>(valueNulls + made, 1);
      made++;
    }
    while (left && made < capacity) {
      ordinal++;
      store<i32>(sources + (<usize>made << 2), row);
      if (ordinals != 0) store<i64>(ordinals + (<usize>made << 3), ordinal);
      const key = from + place;
      const value = skipString(key) + 2;
      const behind = skipValue(value, end);
      store<u8>(keyNulls + made, 0);
      setView(keys + (<usize>made << 4), key + 1, <u32>(value - key - 4));
      if (values != 0) store<u8>(valueNulls + made, putPart(form, values + (<usize>made << 4), value, behind) ? 0 : 1);
      place = behind - from;
      left = load<u8>(behind) != CLOSE_OBJECT;
      if (left) place += 2;
      made++;
    }
    if (left) break;
    position++;
    ordinal = 0;
  }
  store<i32>(state, position, POSITION);
  store<u32>(state, <u32>place, PLACE);
  store<i64>(state, ordinal, ORDINAL);
  store<i32>(state, made, MADE);
  return status;
}
export function jsonb_members(state: usize, keys: usize, keyNulls: usize, values: usize, valueNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return members(AS_JSON, state, keys, keyNulls, values, valueNulls, sources, ordinals, capacity, a, nulls, selection, count);
}
export function jsonb_members_text(state: usize, keys: usize, keyNulls: usize, values: usize, valueNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return members(AS_TEXT, state, keys, keyNulls, values, valueNulls, sources, ordinals, capacity, a, nulls, selection, count);
}
export function jsonb_keys(state: usize, keys: usize, keyNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return members(AS_JSON, state, keys, keyNulls, 0, 0, sources, ordinals, capacity, a, nulls, selection, count);
}
