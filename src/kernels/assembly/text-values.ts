// Texts of dates, timestamps, booleans and decimals in their commonest forms -> values; every other form is declined (NEED_SLOW) for the
// per-value input function. Value convention: name(out, views, nulls, selection, count, ...).
import { DAY, daysFromCivil, daysInMonth } from './shared/civil';
import { at, fail, isNull, NEED_SLOW, viewData } from './shared/rows';
import { tenTo } from './shared/wide';

// @ts-ignore: decorator
@inline
function digit(place: usize): u32 {
  return <u32>load<u8>(place) - 48;
}

/** Two digits, or 255. */
// @ts-ignore: decorator
@inline
function pair(place: usize): u32 {
  const high = digit(place);
  const low = digit(place + 1);
  return high > 9 || low > 9 ? 255 : high * 10 + low;
}

/** Day number of YYYY-MM-DD, or i64.MIN_VALUE. */
function dayOf(place: usize): i64 {
  const century = pair(place);
  const year = pair(place + 2);
  const month = pair(place + 5);
  const day = pair(place + 8);
  if (century == 255 || year == 255 || load<u8>(place + 4) != 45 || load<u8>(place + 7) != 45) return i64.MIN_VALUE;
  const full = <i64>century * 100 + year;
  if (full == 0 || month == 0 || month > 12 || day == 0 || <i64>day > daysInMonth(full, month)) return i64.MIN_VALUE;
  return daysFromCivil(full, month, day);
}

export function parse_text_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    if (load<u32>(view) != 10) return fail(row, NEED_SLOW);
    const days = dayOf(view + 4);
    if (days == i64.MIN_VALUE) return fail(row, NEED_SLOW);
    store<i32>(out + (<usize>row << 2), <i32>days);
  }
  return 0;
}

/** Microseconds of the zone at [place, end): Z, +HH, +HH:MM; i64.MIN_VALUE: another form. */
function zoneMicros(place: usize, end: usize): i64 {
  const length = end - place;
  const sign = load<u8>(place);
  if (length == 1) return sign == 90 ? 0 : i64.MIN_VALUE;
  if ((sign != 43 && sign != 45) || (length != 3 && (length != 6 || load<u8>(place + 3) != 58))) return i64.MIN_VALUE;
  const hours = pair(place + 1);
  const minutes: u32 = length == 6 ? pair(place + 4) : 0;
  if (hours > 15 || minutes > 59) return i64.MIN_VALUE;
  const micros = (<i64>hours * 60 + minutes) * 60000000;
  return sign == 45 ? -micros : micros;
}

/** YYYY-MM-DD[ HH:MM:SS[.ffffff]][zone]; `zoned`: 0 no zone is read, 1 a zone must be there, 2 none means UTC. */
export function parse_text_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32, zoned: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const length = load<u32>(view);
    if (length < 10 || (length != 10 && length < 19)) return fail(row, NEED_SLOW);
    const start = viewData(view);
    const days = dayOf(start);
    if (days == i64.MIN_VALUE) return fail(row, NEED_SLOW);
    let micros = days * DAY;
    let place = start + 10;
    const end = start + length;
    if (place < end) {
      const hour = pair(place + 1);
      const minute = pair(place + 4);
      const second = pair(place + 7);
      const wrong =
        (load<u8>(place) != 32 && load<u8>(place) != 84) || hour > 23 || minute > 59 || second > 59 ||
        load<u8>(place + 3) != 58 || load<u8>(place + 6) != 58;
      if (wrong) return fail(row, NEED_SLOW);
      micros += ((<i64>hour * 60 + minute) * 60 + second) * 1000000;
      place += 9;
      if (place < end && load<u8>(place) == 46) {
        place++;
        let unit: i64 = 100000;
        while (place < end && digit(place) < 10 && unit > 0) {
          micros += <i64>digit(place++) * unit;
          unit /= 10;
        }
        if (unit == 100000 || (place < end && digit(place) < 10)) return fail(row, NEED_SLOW);
      }
    }
    if (place < end) {
      if (zoned == 0) return fail(row, NEED_SLOW);
      const zone = zoneMicros(place, end);
      if (zone == i64.MIN_VALUE) return fail(row, NEED_SLOW);
      micros -= zone;
    } else if (zoned == 1) return fail(row, NEED_SLOW);
    store<i64>(out + (<usize>row << 3), micros);
  }
  return 0;
}

/** text::timestamp and text::timestamptz: what names no zone, and what does. */
export function cast_view_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return parse_text_timestamp(out, a, nulls, selection, count, 0);
}
export function cast_view_timestamptz(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return parse_text_timestamp(out, a, nulls, selection, count, 1);
}

export function parse_text_bool(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const length = load<u32>(view);
    const word = load<u64>(view + 4) | 0x2020202020202020;
    let value: u8 = 2;
    if (length == 1) {
      const byte = load<u8>(view + 4);
      if (byte == 116 || byte == 49) value = 1;
      else if (byte == 102 || byte == 48) value = 0;
    } else if (length == 4 && (word & 0xffffffff) == 0x65757274) value = 1; // true
    else if (length == 5 && (word & 0xffffffffff) == 0x65736c6166) value = 0; // false
    if (value == 2) return fail(row, NEED_SLOW);
    store<u8>(out + row, value);
  }
  return 0;
}

const FIXED: i32 = 0;
const VARIABLE: i32 = 1;

/** Decimals with up to 18 digits; `digits` = precision and `scale` are those of a fixed result. */
// @ts-ignore: decorator
@inline
function decimals(form: i32, out: usize, a: usize, nulls: usize, selection: usize, count: i32, scale: i32, digits: i32): i32 {
  const limit: u64 = form == FIXED ? tenTo(digits) : 0;
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const length = load<u32>(view);
    let place = viewData(view);
    const end = place + length;
    const negative = length > 0 && load<u8>(place) == 45;
    if (negative) place++;
    if (place == end || end - place > 18) return fail(row, NEED_SLOW);
    let value: u64 = 0;
    let behind = -1;
    let seen = 0;
    for (; place < end; place++) {
      const next = digit(place);
      if (next < 10) {
        value = value * 10 + <u64>next;
        seen++;
        if (behind >= 0) behind++;
      } else if (load<u8>(place) == 46 && behind < 0) behind = 0;
      else return fail(row, NEED_SLOW);
    }
    if (seen == 0) return fail(row, NEED_SLOW);
    if (behind < 0) behind = 0;
    if (form == FIXED) {
      const missing = scale - behind;
      if (missing < 0 || seen + missing > 18) return fail(row, NEED_SLOW);
      value *= tenTo(missing);
      if (value >= limit) return fail(row, NEED_SLOW);
      store<i64>(out + (<usize>row << 3), negative ? -(<i64>value) : <i64>value);
    } else {
      const bytes: u32 = value == 0 ? 0 : (71 - <u32>clz<u64>(value)) >> 3;
      const target = out + (<usize>row << 4);
      store<u32>(target, 3 + bytes);
      store<u8>(target + 4, negative && value != 0 ? 1 : 0);
      store<u16>(target + 5, <u16>behind);
      store<u64>(target + 7, value);
      store<u8>(target + 15, 0);
    }
  }
  return 0;
}

/** A decimal as a whole number at `scale`; digits behind the scale are declined. */
export function parse_text_decimal(out: usize, a: usize, nulls: usize, selection: usize, count: i32, scale: i32, digits: i32): i32 {
  return decimals(FIXED, out, a, nulls, selection, count, scale, digits);
}

/** A decimal as a numeric view (see columns/numeric-bytes.ts): always inline. */
export function parse_text_numeric(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return decimals(VARIABLE, out, a, nulls, selection, count, 0, 0);
}
