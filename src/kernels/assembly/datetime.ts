// Dates (i32 days since 1970-01-01) and timestamps (i64 microseconds): casts, arithmetic with intervals. Infinities are the extreme
// values: they stay what they are, and a difference with one is out of range.
import { civilFromDays, DAY, dayOf, dayOfMicros, daysFromCivil, daysInMonth, monthOf, yearOf } from './shared/civil';
import { at, fail, isNull, OUT_OF_RANGE } from './shared/rows';

const FIRST_DAY: i64 = -2440588; // 4714-11-24 BC
const END_DAY: i64 = 106751991; // 294247-01-10: microseconds from 1970 fit 64 bits before it
const END_DATE: i64 = 2145042906; // 5874898-01-01

// @ts-ignore: decorator
@inline
function isInfinite(micros: i64): bool {
  return micros == i64.MAX_VALUE || micros == i64.MIN_VALUE;
}

export function cast_date_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const days = load<i32>(a + (<usize>row << 2));
    let micros = <i64>days * DAY;
    if (days == i32.MAX_VALUE) micros = i64.MAX_VALUE;
    else if (days == i32.MIN_VALUE) micros = i64.MIN_VALUE;
    else if ((<i64>days < FIRST_DAY || <i64>days >= END_DAY) && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<i64>(out + (<usize>row << 3), micros);
  }
  return 0;
}

export function cast_timestamp_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const micros = load<i64>(a + (row << 3));
    let days = <i32>dayOfMicros(micros);
    if (micros == i64.MAX_VALUE) days = i32.MAX_VALUE;
    if (micros == i64.MIN_VALUE) days = i32.MIN_VALUE;
    store<i32>(out + (row << 2), days);
  }
  return 0;
}

/** Microseconds since midnight. */
export function cast_timestamp_time(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const micros = load<i64>(a + (row << 3));
    store<i64>(out + (row << 3), micros - dayOfMicros(micros) * DAY);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function moveDate(sign: i64, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 2;
    const days = load<i32>(a + offset);
    let result = <i64>days + sign * <i64>load<i32>(b + offset);
    if (days == i32.MAX_VALUE || days == i32.MIN_VALUE) result = <i64>days;
    else if ((result < FIRST_DAY || result >= END_DATE) && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<i32>(out + offset, <i32>result);
  }
  return 0;
}

export function add_date_days(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return moveDate(1, out, a, b, nulls, selection, count);
}
export function subtract_date_days(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return moveDate(-1, out, a, b, nulls, selection, count);
}

/** Days between. */
export function subtract_dates(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 2;
    const x = load<i32>(a + offset);
    const y = load<i32>(b + offset);
    const infinite = x == i32.MAX_VALUE || x == i32.MIN_VALUE || y == i32.MAX_VALUE || y == i32.MIN_VALUE;
    if (infinite && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<i32>(out + offset, x - y);
  }
  return 0;
}

/** Months first (the day clipped to the month's end), then days, then microseconds: PostgreSQL's order. */
// @ts-ignore: decorator
@inline
function move(sign: i64, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const micros = load<i64>(a + (<usize>row << 3));
    if (isInfinite(micros)) {
      store<i64>(out + (<usize>row << 3), micros);
      continue;
    }
    const span = b + (<usize>row << 4);
    const months = sign * <i64>load<i32>(span + 12);
    let day = dayOfMicros(micros);
    const time = micros - day * DAY;
    if (months != 0) {
      const civil = civilFromDays(day);
      const total = yearOf(civil) * 12 + monthOf(civil) - 1 + months;
      let year = total / 12;
      if (year * 12 > total) year--;
      const month = total - year * 12 + 1;
      day = daysFromCivil(year, month, min(dayOf(civil), daysInMonth(year, month)));
    }
    day += sign * <i64>load<i32>(span + 8);
    if (day < FIRST_DAY - 110000000 || day > END_DAY + 110000000) return fail(row, OUT_OF_RANGE);
    const spanMicros = load<i64>(span);
    if (spanMicros == i64.MIN_VALUE) return fail(row, OUT_OF_RANGE);
    // in days and a rest, lest the sum overflow before it is known to be in range
    const spanDays = spanMicros / DAY;
    let rest = time + sign * (spanMicros - spanDays * DAY);
    day += sign * spanDays;
    if (rest < 0) {
      rest += DAY;
      day--;
    } else if (rest >= DAY) {
      rest -= DAY;
      day++;
    }
    if (day < FIRST_DAY || day >= END_DAY) return fail(row, OUT_OF_RANGE);
    store<i64>(out + (<usize>row << 3), day * DAY + rest);
  }
  return 0;
}

export function add_timestamp_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return move(1, out, a, b, nulls, selection, count);
}
export function subtract_timestamp_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return move(-1, out, a, b, nulls, selection, count);
}

/** An interval of days and microseconds. */
export function subtract_timestamps(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const x = load<i64>(a + (<usize>row << 3));
    const y = load<i64>(b + (<usize>row << 3));
    const difference = x - y;
    const wrong = isInfinite(x) || isInfinite(y) || ((x ^ y) & (x ^ difference)) < 0;
    if (wrong && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    const to = out + (<usize>row << 4);
    const days = difference / DAY;
    store<i64>(to, difference - days * DAY);
    store<i32>(to + 8, <i32>days);
    store<i32>(to + 12, 0);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function combineIntervals(sign: i64, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 4;
    const x = load<i64>(a + offset);
    const y = load<i64>(b + offset);
    const micros = sign > 0 ? x + y : x - y;
    const days = <i64>load<i32>(a + offset + 8) + sign * <i64>load<i32>(b + offset + 8);
    const months = <i64>load<i32>(a + offset + 12) + sign * <i64>load<i32>(b + offset + 12);
    const wrong = sign > 0 ? ((x ^ micros) & (y ^ micros)) < 0 : ((x ^ y) & (x ^ micros)) < 0;
    if ((wrong || days != <i64>(<i32>days) || months != <i64>(<i32>months)) && !isNull(nulls, row)) return fail(row, OUT_OF_RANGE);
    store<i64>(out + offset, micros);
    store<i32>(out + offset + 8, <i32>days);
    store<i32>(out + offset + 12, <i32>months);
  }
  return 0;
}

export function add_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return combineIntervals(1, out, a, b, nulls, selection, count);
}
export function subtract_interval(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return combineIntervals(-1, out, a, b, nulls, selection, count);
}
