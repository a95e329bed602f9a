// Items and members of jsonb as rows, by the convention of expand.ts; functions with two result columns get a vector and null bytes for each.
// What is made are spans of the argument's own bytes (jsonb.ts).
import { isOuter, leaveAt, noteSource, ordinalOf, placeOf, positionOf } from './shared/expansion';
import { CLOSE_ARRAY, CLOSE_OBJECT, hasEscape, NULL_LETTER, OPEN_ARRAY, OPEN_OBJECT, QUOTE, skipString, skipValue } from './shared/json-parts';
import { at, fail, isNull, NEED_SLOW, setView, viewData } from './shared/rows';

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

/**
 * Items of arrays, or members of objects, which have `keys`, as rows; `values` 0: not asked for. Anything else, keys and asked for texts
 * with escapes are declined.
 */
// @ts-ignore: decorator
@inline
function parts(keyed: bool, form: i32, state: usize, keys: usize, keyNulls: usize, values: usize, valueNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  const open = keyed ? OPEN_OBJECT : OPEN_ARRAY;
  const close = keyed ? CLOSE_OBJECT : CLOSE_ARRAY;
  const outer = isOuter(state);
  let position = positionOf(state);
  let place = placeOf(state);
  let ordinal = ordinalOf(state);
  let made = 0;
  let status = 0;
  while (position < count && made < capacity) {
    const row = at(selection, position);
    const view = a + (<usize>row << 4);
    const from = viewData(view);
    const end = from + load<u32>(view);
    const given = !isNull(nulls, row);
    if (given && ordinal == 0) {
      if (load<u8>(from) != open || ((keyed || form == AS_TEXT) && hasEscape(from, end))) {
        status = fail(row, NEED_SLOW);
        break;
      }
      place = 1;
    }
    let left = given && load<u8>(from + place) != close;
    if (!left && ordinal == 0 && outer) {
      store<i32>(sources + (<usize>made << 2), row);
      if (keyed) store<u8>(keyNulls + made, 1);
      if (values != 0) store<u8>(valueNulls + made, 1);
      made++;
    }
    while (left && made < capacity) {
      ordinal++;
      noteSource(sources, ordinals, made, row, ordinal);
      let value = from + place;
      if (keyed) {
        const key = value;
        value = skipString(key) + 2;
        store<u8>(keyNulls + made, 0);
        setView(keys + (<usize>made << 4), key + 1, <u32>(value - key - 4));
      }
      const behind = skipValue(value, end);
      if (values != 0) store<u8>(valueNulls + made, putPart(form, values + (<usize>made << 4), value, behind) ? 0 : 1);
      place = behind - from;
      left = load<u8>(behind) != close;
      if (left) place += 2;
      made++;
    }
    if (left) break;
    position++;
    ordinal = 0;
  }
  leaveAt(state, position, place, ordinal, made);
  return status;
}

export function jsonb_elements(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return parts(false, AS_JSON, state, 0, 0, out, outNulls, sources, ordinals, capacity, a, nulls, selection, count);
}
export function jsonb_elements_text(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return parts(false, AS_TEXT, state, 0, 0, out, outNulls, sources, ordinals, capacity, a, nulls, selection, count);
}
export function jsonb_members(state: usize, keys: usize, keyNulls: usize, values: usize, valueNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return parts(true, AS_JSON, state, keys, keyNulls, values, valueNulls, sources, ordinals, capacity, a, nulls, selection, count);
}
export function jsonb_members_text(state: usize, keys: usize, keyNulls: usize, values: usize, valueNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return parts(true, AS_TEXT, state, keys, keyNulls, values, valueNulls, sources, ordinals, capacity, a, nulls, selection, count);
}
export function jsonb_keys(state: usize, keys: usize, keyNulls: usize, sources: usize, ordinals: usize, capacity: i32, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return parts(true, AS_JSON, state, keys, keyNulls, 0, 0, sources, ordinals, capacity, a, nulls, selection, count);
}
