// Dates, times and intervals as text in ISO style. Conventions in encode-text.ts. Days and microseconds count from
// 1970-01-01; the civil date from the day number is computed by era arithmetic (400 years = 146,097 days).
import { eightDigits, putTwo, putU64 } from './shared/number-text';
import { markNull, markText, rowAt } from './shared/pieces';
import { at as valueAt, fail, isNull, NEED_HEAP, setView } from './shared/rows';

const DAY_MICROS: i64 = 86400000000;

/** year-month-day; the suffix " BC" of years before 1 goes behind the time, see putBc. */
function putDate(at: usize, days: i64): usize {
  const shifted = <u32>(days + 3641408); // from 8001-03-01 BC, which is before all dates: 32 bits without a sign divide fast
  const era = shifted / 146097;
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  let year = <i32>(yearOfEra + era * 400) - 8000 + (month <= 2 ? 1 : 0);
  if (year <= 0) year = 1 - year;
  if (year > 9999) at = putU64(at, <u64>year) - 4;
  const digits = eightDigits(((<u32>year % 10000) * 100 + month) * 100 + day);
  store<u32>(at, <u32>digits);
  store<u8>(at + 4, 45);
  store<u16>(at + 5, <u16>(digits >> 32));
  store<u8>(at + 7, 45);
  store<u16>(at + 8, <u16>(digits >> 48));
  return at + 10;
}

/** Days before 0001-01-01. */
// @ts-ignore: decorator
@inline
function isBc(days: i64): bool {
  return days < -719162;
}

function putBc(at: usize, days: i64): usize {
  if (!isBc(days)) return at;
  store<u32>(at, 0x434220); // " BC"
  return at + 3;
}

function putInfinity(at: usize, negative: bool): usize {
  if (negative) {
    store<u8>(at, 45);
    at++;
  }
  store<u64>(at, 0x7974696e69666e69); // "infinity"
  return at + 8;
}

/** .ffffff without trailing zeros, nothing for 0 */
function putFraction(at: usize, micros: u32): usize {
  if (micros == 0) return at;
  store<u8>(at, 46);
  at = putTwo(at + 1, micros / 10000);
  at = putTwo(at, (micros / 100) % 100);
  at = putTwo(at, micros % 100);
  while (load<u8>(at - 1) == 48) at--;
  return at;
}

function putTime(at: usize, micros: u64): usize {
  const seconds = <u32>(micros / 1000000);
  const fraction = <u32>(micros - <u64>seconds * 1000000);
  const minutes = seconds / 60;
  const hours = minutes / 60;
  const digits = eightDigits((hours * 100 + minutes % 60) * 100 + seconds % 60);
  store<u16>(at, <u16>(digits >> 16));
  store<u8>(at + 2, 58);
  store<u16>(at + 3, <u16>(digits >> 32));
  store<u8>(at + 5, 58);
  store<u16>(at + 6, <u16>(digits >> 48));
  return putFraction(at + 8, fraction);
}

/** scratch: 32 bytes per value */
export function encode_text_date(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const days = load<i32>(data + (row << 2));
    const start = at;
    if (days == i32.MAX_VALUE || days == i32.MIN_VALUE) at = putInfinity(at, days < 0);
    else at = putBc(putDate(at, days), days);
    markText(lens, ptrs, i, start, at);
  }
  return 0;
}

/** scratch: 32 bytes per value */
export function encode_text_time(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const start = at;
    at = putTime(at, load<u64>(data + (row << 3)));
    markText(lens, ptrs, i, start, at);
  }
  return 0;
}

/** +HH, +HH:MM or +HH:MM:SS; seconds east of UTC */
function putOffset(at: usize, offset: i32): usize {
  store<u8>(at, offset < 0 ? 45 : 43);
  const seconds = <u32>(offset < 0 ? -offset : offset);
  at = putTwo(at + 1, seconds / 3600);
  if (seconds % 3600 == 0) return at;
  store<u8>(at, 58);
  at = putTwo(at + 1, (seconds / 60) % 60);
  if (seconds % 60 == 0) return at;
  store<u8>(at, 58);
  return putTwo(at + 1, seconds % 60);
}

/** At most 48 bytes; `offset` = seconds east of UTC. */
function putTimestamp(at: usize, value: i64, zoned: bool, offset: i32): usize {
  if (value == i64.MAX_VALUE || value == i64.MIN_VALUE) return putInfinity(at, value < 0);
  const local = value + <i64>offset * 1000000;
  let days = local / DAY_MICROS;
  let micros = local - days * DAY_MICROS;
  if (micros < 0) {
    micros += DAY_MICROS;
    days--;
  }
  at = putDate(at, days);
  store<u8>(at, 32);
  at = putTime(at + 1, <u64>micros);
  if (zoned) at = putOffset(at, offset);
  return putBc(at, days);
}

/**
 * timestamp, and timestamptz where `zoned`: `offsets` = address of i32 seconds east of UTC per position, or 0: UTC.
 * scratch: 48 bytes per value
 */
export function encode_text_timestamp(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize, zoned: i32, offsets: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const value = load<i64>(data + (row << 3));
    const start = at;
    at = putTimestamp(at, value, zoned != 0, offsets == 0 ? 0 : load<i32>(offsets + (i << 2)));
    markText(lens, ptrs, i, start, at);
  }
  return 0;
}

/** One unit of an interval ("3 days"): a sign is shown after a negative part. `unit` = its name, up to 4 letters, low byte first. */
function putUnit(at: usize, start: usize, value: i32, unit: u32, unitLength: usize, afterNegative: bool): usize {
  if (value == 0) return at;
  if (at != start) {
    store<u8>(at, 32);
    at++;
  }
  if (value < 0) {
    store<u8>(at, 45);
    at++;
  } else if (afterNegative) {
    store<u8>(at, 43);
    at++;
  }
  at = putU64(at, value < 0 ? <u64>(-(<i64>value)) : <u64>value);
  store<u8>(at, 32);
  store<u32>(at + 1, unit);
  at += 1 + unitLength;
  if (value != 1) {
    store<u8>(at, 115);
    at++;
  }
  return at;
}

/** PostgreSQL's own style: `1 year 2 mons -3 days +04:05:06.7`; scratch: 96 bytes per value */
export function encode_text_interval(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const cell = data + (row << 4);
    const micros = load<i64>(cell);
    const days = load<i32>(cell + 8);
    const months = load<i32>(cell + 12);
    const start = at;
    const years = months / 12;
    const rest = months - years * 12;
    at = putUnit(at, start, years, 0x72616579, 4, false);
    let negative = years < 0;
    at = putUnit(at, start, rest, 0x6e6f6d, 3, negative);
    if (rest != 0) negative = rest < 0;
    at = putUnit(at, start, days, 0x796164, 3, negative);
    if (days != 0) negative = days < 0;
    if (micros != 0 || at == start) {
      if (at != start) {
        store<u8>(at, 32);
        at++;
      }
      if (micros < 0 || negative) {
        store<u8>(at, micros < 0 ? 45 : 43);
        at++;
      }
      const magnitude = micros < 0 ? <u64>0 - <u64>micros : <u64>micros;
      const hours = magnitude / 3600000000;
      at = hours < 100 ? putTwo(at, <u32>hours) : putU64(at, hours);
      store<u8>(at, 58);
      const within = magnitude - hours * 3600000000;
      at = putTwo(at + 1, <u32>(within / 60000000));
      store<u8>(at, 58);
      const seconds = <u32>((within / 1000000) % 60);
      at = putFraction(putTwo(at + 1, seconds), <u32>(within % 1000000));
    }
    markText(lens, ptrs, i, start, at);
  }
  return 0;
}

const TEXT_ROOM: u64 = 48;

/** Whether the heap window holds one more text; it is written at its cursor before its length is known. */
// @ts-ignore: decorator
@inline
function hasRoom(heap: usize): bool {
  return <u64>load<u32>(heap) + TEXT_ROOM <= <u64>load<u32>(heap + 4);
}

/** The view of the text from the cursor to `end`: the cursor moves where the view does not hold its bytes itself. */
function keepText(out: usize, heap: usize, end: usize): void {
  const start = <usize>load<u32>(heap);
  const length = <u32>(end - start);
  setView(out, start, length);
  if (length > 12) store<u32>(heap, <u32>end);
}

// @ts-ignore: decorator
@inline
function timestampText(zoned: bool, out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = valueAt(selection, i);
    if (isNull(nulls, row)) continue;
    if (!hasRoom(heap)) return fail(row, NEED_HEAP);
    const end = putTimestamp(<usize>load<u32>(heap), load<i64>(a + (<usize>row << 3)), zoned, 0);
    keepText(out + (<usize>row << 4), heap, end);
  }
  return 0;
}

/** In ISO style. */
export function cast_timestamp_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return timestampText(false, out, a, nulls, selection, count, start, heap);
}
/** In UTC. */
export function cast_timestamptz_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return timestampText(true, out, a, nulls, selection, count, start, heap);
}
export function cast_date_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = valueAt(selection, i);
    if (isNull(nulls, row)) continue;
    if (!hasRoom(heap)) return fail(row, NEED_HEAP);
    const at = <usize>load<u32>(heap);
    const days = load<i32>(a + (<usize>row << 2));
    const infinite = days == i32.MAX_VALUE || days == i32.MIN_VALUE;
    keepText(out + (<usize>row << 4), heap, infinite ? putInfinity(at, days < 0) : putBc(putDate(at, days), days));
  }
  return 0;
}
