// The proleptic Gregorian calendar on day numbers since 1970-01-01, by Howard Hinnant's civil-date algorithms. Years are
// astronomical: 0 is 1 BC.
export const MICROS_PER_SECOND = 1_000_000n;
export const MICROS_PER_DAY = 86_400_000_000n;
/** +-infinity of date, and of timestamp and timestamptz. */
export const DATE_INFINITY = 2147483647;
export const DATE_MINUS_INFINITY = -2147483648;
export const TIMESTAMP_INFINITY = (1n << 63n) - 1n;
export const TIMESTAMP_MINUS_INFINITY = -(1n << 63n);
/**
 * First and last instants and days: 4714-11-24 BC; 294247-01-09 for timestamps (64 bits of microseconds from 1970; PostgreSQL, which
 * counts from 2000, ends 30 years later), 5874897 AD for dates.
 */
export const MIN_DAY = -2440588;
export const MAX_DAY = 2145042905;
export const MIN_TIMESTAMP = BigInt(MIN_DAY) * MICROS_PER_DAY;
export const END_TIMESTAMP = 106751991n * MICROS_PER_DAY; // exclusive
/** Days from 1970-01-01 to 2000-01-01, PostgreSQL's epoch. */
export const POSTGRES_EPOCH_DAYS = 10957;

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

export function civilFromDays(days: number): CivilDate {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : MONTH_DAYS[month - 1]!;
}

/** 0 = Sunday. */
export function dayOfWeek(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** ISO 8601 week number and the year it belongs to. */
export function isoWeek(days: number): { year: number; week: number } {
  const monday = days - ((dayOfWeek(days) + 6) % 7);
  const year = civilFromDays(monday + 3).year;
  const firstThursday = daysFromCivil(year, 1, 4);
  const firstMonday = firstThursday - ((dayOfWeek(firstThursday) + 6) % 7);
  return { year, week: Math.floor((monday - firstMonday) / 7) + 1 };
}

export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** A timestamp as its day number and the microseconds within the day. */
export function splitTimestamp(micros: bigint): { days: number; time: bigint } {
  const days = floorDivide(micros, MICROS_PER_DAY);
  return { days: Number(days), time: micros - days * MICROS_PER_DAY };
}

export function isFiniteTimestamp(micros: bigint): boolean {
  return micros !== TIMESTAMP_INFINITY && micros !== TIMESTAMP_MINUS_INFINITY;
}

export function isFiniteDate(days: number): boolean {
  return days !== DATE_INFINITY && days !== DATE_MINUS_INFINITY;
}

export const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
export const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
