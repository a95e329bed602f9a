// extract and date_trunc on timestamps and dates, in integers. Infinite values are declined: NULL or infinity is the per-row
// body's to say.
import { civilFromDays, DAY, dayOf, dayOfMicros, daysFromCivil, isoWeekday, isoYearStart, monthOf, yearOf } from './shared/civil';
import { setNumeric } from './shared/numeric-cell';
import { at, fail, isNull, NEED_SLOW } from './shared/rows';

const YEAR: i32 = 0;
const MONTH: i32 = 1;
const DAY_OF_MONTH: i32 = 2;
const QUARTER: i32 = 3;
const DOW: i32 = 4;
const ISODOW: i32 = 5;
const DOY: i32 = 6;
const WEEK: i32 = 7;
const ISOYEAR: i32 = 8;
const DECADE: i32 = 9;
const CENTURY: i32 = 10;
const MILLENNIUM: i32 = 11;
const HOUR: i32 = 12;
const MINUTE: i32 = 13;
const SECOND_MICROS: i32 = 14;
const EPOCH_MICROS: i32 = 15;

/** Year, decade and so on count as PostgreSQL does: there is no year 0, 1 BC is -1. */
function dateField(field: i32, days: i64): i64 {
  if (field == ISODOW) return isoWeekday(days);
  if (field == DOW) return isoWeekday(days) % 7;
  if (field == WEEK) return (days - isoYearStart(days)) / 7 + 1;
  if (field == ISOYEAR) {
    const year = yearOf(civilFromDays(isoYearStart(days) + 3));
    return year <= 0 ? year - 1 : year;
  }
  const civil = civilFromDays(days);
  const year = yearOf(civil);
  if (field == YEAR) return year <= 0 ? year - 1 : year;
  if (field == MONTH) return monthOf(civil);
  if (field == DAY_OF_MONTH) return dayOf(civil);
  if (field == QUARTER) return (monthOf(civil) - 1) / 3 + 1;
  if (field == DOY) return days - daysFromCivil(year, 1, 1) + 1;
  if (field == DECADE) return year >= 0 ? year / 10 : -((8 - (year - 1)) / 10);
  if (field == CENTURY) return year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100);
  return year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000);
}

function timestampField(field: i32, micros: i64): i64 {
  if (field == EPOCH_MICROS) return micros;
  const days = dayOfMicros(micros);
  if (field < HOUR) return dateField(field, days);
  const time = micros - days * DAY;
  if (field == HOUR) return time / 3600000000;
  return field == MINUTE ? (time / 60000000) % 60 : time % 60000000;
}

// @ts-ignore: decorator
@inline
function isInfinite(micros: i64): bool {
  return micros == i64.MAX_VALUE || micros == i64.MIN_VALUE;
}

/** extract: the field (numbered as above) as a numeric of that scale. */
export function extract_timestamp_numeric(out: usize, a: usize, field: i32, scale: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const micros = load<i64>(a + (<usize>row << 3));
    if (isInfinite(micros)) return fail(row, NEED_SLOW);
    setNumeric(out + (<usize>row << 4), timestampField(field, micros), scale);
  }
  return 0;
}

export function extract_date_numeric(out: usize, a: usize, field: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const days = load<i32>(a + (<usize>row << 2));
    if (days == i32.MAX_VALUE || days == i32.MIN_VALUE) return fail(row, NEED_SLOW);
    setNumeric(out + (<usize>row << 4), dateField(field, <i64>days), 0);
  }
  return 0;
}

/** date_part: whole fields as floats. */
export function date_part_timestamp(out: usize, a: usize, field: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const micros = load<i64>(a + (<usize>row << 3));
    if (isInfinite(micros)) return fail(row, NEED_SLOW);
    store<f64>(out + (<usize>row << 3), <f64>timestampField(field, micros));
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function extractTimestamp(field: i32, out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const micros = load<i64>(a + (<usize>row << 3));
    if ((micros == i64.MAX_VALUE || micros == i64.MIN_VALUE) && !isNull(nulls, row)) return fail(row, NEED_SLOW);
    store<i64>(out + (<usize>row << 3), timestampField(field, micros));
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function extractDate(field: i32, out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const days = load<i32>(a + (<usize>row << 2));
    if ((days == i32.MAX_VALUE || days == i32.MIN_VALUE) && !isNull(nulls, row)) return fail(row, NEED_SLOW);
    store<i64>(out + (<usize>row << 3), field == EPOCH_MICROS ? <i64>days * DAY : dateField(field, <i64>days));
  }
  return 0;
}

export function extract_year_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(YEAR, out, a, nulls, selection, count); }
export function extract_month_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(MONTH, out, a, nulls, selection, count); }
export function extract_day_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(DAY_OF_MONTH, out, a, nulls, selection, count); }
export function extract_quarter_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(QUARTER, out, a, nulls, selection, count); }
export function extract_dow_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(DOW, out, a, nulls, selection, count); }
export function extract_isodow_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(ISODOW, out, a, nulls, selection, count); }
export function extract_doy_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(DOY, out, a, nulls, selection, count); }
export function extract_week_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(WEEK, out, a, nulls, selection, count); }
export function extract_isoyear_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(ISOYEAR, out, a, nulls, selection, count); }
export function extract_decade_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(DECADE, out, a, nulls, selection, count); }
export function extract_century_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(CENTURY, out, a, nulls, selection, count); }
export function extract_millennium_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(MILLENNIUM, out, a, nulls, selection, count); }
export function extract_hour_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(HOUR, out, a, nulls, selection, count); }
export function extract_minute_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(MINUTE, out, a, nulls, selection, count); }
export function extract_second_micros_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(SECOND_MICROS, out, a, nulls, selection, count); }
export function extract_epoch_micros_timestamp(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractTimestamp(EPOCH_MICROS, out, a, nulls, selection, count); }
export function extract_year_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(YEAR, out, a, nulls, selection, count); }
export function extract_month_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(MONTH, out, a, nulls, selection, count); }
export function extract_day_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(DAY_OF_MONTH, out, a, nulls, selection, count); }
export function extract_quarter_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(QUARTER, out, a, nulls, selection, count); }
export function extract_dow_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(DOW, out, a, nulls, selection, count); }
export function extract_isodow_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(ISODOW, out, a, nulls, selection, count); }
export function extract_doy_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(DOY, out, a, nulls, selection, count); }
export function extract_week_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(WEEK, out, a, nulls, selection, count); }
export function extract_isoyear_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(ISOYEAR, out, a, nulls, selection, count); }
export function extract_decade_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(DECADE, out, a, nulls, selection, count); }
export function extract_century_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(CENTURY, out, a, nulls, selection, count); }
export function extract_millennium_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(MILLENNIUM, out, a, nulls, selection, count); }
export function extract_epoch_micros_date(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return extractDate(EPOCH_MICROS, out, a, nulls, selection, count); }

// @ts-ignore: decorator
@inline
function truncateMicros(unit: i64, out: usize, a: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const offset = <usize>at(selection, i) << 3;
    const micros = load<i64>(a + offset);
    let rest = micros % unit;
    if (rest < 0) rest += unit;
    const infinite = micros == i64.MAX_VALUE || micros == i64.MIN_VALUE;
    store<i64>(out + offset, infinite ? micros : micros - rest);
  }
  return 0;
}

function truncatedDay(field: i32, days: i64): i64 {
  if (field == WEEK) return days - isoWeekday(days) + 1;
  const civil = civilFromDays(days);
  let year = yearOf(civil);
  const month = monthOf(civil);
  if (field == MONTH) return days - dayOf(civil) + 1;
  if (field == QUARTER) return daysFromCivil(year, ((month - 1) / 3) * 3 + 1, 1);
  if (field == DECADE) year = year >= 0 ? (year / 10) * 10 : -((8 - (year - 1)) / 10) * 10;
  if (field == CENTURY) year = year > 0 ? ((year + 99) / 100) * 100 - 99 : -((99 - (year - 1)) / 100) * 100 + 1;
  if (field == MILLENNIUM) year = year > 0 ? ((year + 999) / 1000) * 1000 - 999 : -((999 - (year - 1)) / 1000) * 1000 + 1;
  return daysFromCivil(year, 1, 1);
}

// @ts-ignore: decorator
@inline
function truncateDays(field: i32, out: usize, a: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const offset = <usize>at(selection, i) << 3;
    const micros = load<i64>(a + offset);
    const infinite = micros == i64.MAX_VALUE || micros == i64.MIN_VALUE;
    store<i64>(out + offset, infinite ? micros : truncatedDay(field, dayOfMicros(micros)) * DAY);
  }
  return 0;
}

export function date_trunc_microseconds(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateMicros(1, out, a, selection, count); }
export function date_trunc_milliseconds(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateMicros(1000, out, a, selection, count); }
export function date_trunc_second(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateMicros(1000000, out, a, selection, count); }
export function date_trunc_minute(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateMicros(60000000, out, a, selection, count); }
export function date_trunc_hour(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateMicros(3600000000, out, a, selection, count); }
export function date_trunc_day(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateMicros(DAY, out, a, selection, count); }
export function date_trunc_week(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateDays(WEEK, out, a, selection, count); }
export function date_trunc_month(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateDays(MONTH, out, a, selection, count); }
export function date_trunc_quarter(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateDays(QUARTER, out, a, selection, count); }
export function date_trunc_year(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateDays(YEAR, out, a, selection, count); }
export function date_trunc_decade(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateDays(DECADE, out, a, selection, count); }
export function date_trunc_century(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateDays(CENTURY, out, a, selection, count); }
export function date_trunc_millennium(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 { return truncateDays(MILLENNIUM, out, a, selection, count); }
