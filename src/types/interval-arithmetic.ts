// Sums, multiples and quotients of intervals. Months, days and microseconds are apart; what a factor leaves of a month goes into days
// (30 of them), of a day into time. Throws 22008 "interval out of range" where a part does not fit.
import { sqlError } from '../errors/sql-error.ts';
import { type Interval, interval } from './datum.ts';
import { roundEven } from './float.ts';

export function negateInterval(value: Interval): Interval {
  return checkedInterval(-value.months, -value.days, -value.micros);
}

export function checkedInterval(months: number, days: number, micros: bigint): Interval {
  const fits = (n: number) => n >= -2147483648 && n <= 2147483647;
  if (!fits(months) || !fits(days) || micros !== BigInt.asIntN(64, micros)) {
    throw sqlError('datetime_field_overflow', 'interval out of range');
  }
  return interval(months === 0 ? 0 : months, days === 0 ? 0 : days, micros);
}

export function sumIntervals(a: Interval, b: Interval): Interval {
  return checkedInterval(a.months + b.months, a.days + b.days, a.micros + b.micros);
}

/** interval * factor: fractions of months become days, fractions of days become time. */
export function scaleInterval(value: Interval, factor: number): Interval {
  return scaledBy(value, (part) => part * factor);
}

/** Not the product with the reciprocal, which would make 29.99... days of 49 months / 49. Throws 22012. */
export function divideInterval(value: Interval, by: number): Interval {
  if (by === 0) throw sqlError('division_by_zero', 'division by zero');
  return scaledBy(value, (part) => part / by);
}

function scaledBy(value: Interval, scale: (part: number) => number): Interval {
  const months = scale(value.months);
  const wholeMonths = Math.trunc(months);
  const monthDays = Number(((months - wholeMonths) * 30).toFixed(6));
  const days = scale(value.days);
  const wholeDays = Math.trunc(days);
  let extraDays = Math.trunc(monthDays);
  let seconds = Number(((days - wholeDays + (monthDays - extraDays)) * 86400).toFixed(6));
  if (Math.abs(seconds) >= 86400) {
    const carried = Math.trunc(seconds / 86400);
    extraDays += carried;
    seconds -= carried * 86400;
  }
  const micros = scale(Number(value.micros)) + seconds * 1e6;
  if (!Number.isFinite(micros) || !Number.isFinite(months) || !Number.isFinite(days)) {
    throw sqlError('datetime_field_overflow', 'interval out of range');
  }
  return checkedInterval(wholeMonths, wholeDays + extraDays, BigInt(roundEven(micros)));
}
