// The proleptic Gregorian calendar in integers: days since 1970-01-01 to year, month, day and back, by eras of 400 years that begin
// on March 1st (so the leap day is a year's last). Month lengths follow from (153 * month + 2) / 5.

// @ts-ignore: decorator
@inline
function floorDivide(a: i64, b: i64): i64 {
  const quotient = a / b;
  return quotient * b > a ? quotient - 1 : quotient;
}

export const DAY: i64 = 86400000000;

export function daysFromCivil(year: i64, month: i64, day: i64): i64 {
  const shifted = month <= 2 ? year - 1 : year;
  const era = floorDivide(shifted, 400);
  const yearOfEra = shifted - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

/** year * 512 + month * 32 + day: one number, as a kernel has no other way to return three. Unpack with the functions below. */
export function civilFromDays(days: i64): i64 {
  const shifted = days + 719468;
  const era = floorDivide(shifted, 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return year * 512 + month * 32 + day;
}

// @ts-ignore: decorator
@inline
export function yearOf(civil: i64): i64 {
  return civil >> 9;
}
// @ts-ignore: decorator
@inline
export function monthOf(civil: i64): i64 {
  return (civil >> 5) & 15;
}
// @ts-ignore: decorator
@inline
export function dayOf(civil: i64): i64 {
  return civil & 31;
}

/** The day a microsecond timestamp lies in. */
// @ts-ignore: decorator
@inline
export function dayOfMicros(micros: i64): i64 {
  return floorDivide(micros, DAY);
}

/** 1 Monday .. 7 Sunday. */
// @ts-ignore: decorator
@inline
export function isoWeekday(days: i64): i64 {
  const shifted = (days + 3) % 7;
  return (shifted < 0 ? shifted + 7 : shifted) + 1;
}

/** The Monday of the ISO week 1 of the ISO year that `days` lies in. */
export function isoYearStart(days: i64): i64 {
  const thursday = days - isoWeekday(days) + 4;
  const january4 = daysFromCivil(yearOf(civilFromDays(thursday)), 1, 4);
  return january4 - isoWeekday(january4) + 1;
}

export function daysInMonth(year: i64, month: i64): i64 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}
