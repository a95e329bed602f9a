// Adding intervals to instants, by PostgreSQL's rules: months first (day clipped to the month's length), then days, then
// microseconds; for timestamptz months and days move local time.
import { sqlError } from '../../errors/sql-error.ts';
import {
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  isFiniteTimestamp,
  MICROS_PER_DAY,
  splitTimestamp,
} from '../../types/calendar.ts';
import type { Interval } from '../../types/datum.ts';
import { checkedInterval } from '../../types/interval-arithmetic.ts';
import { localToUtc, utcToLocal } from '../../types/time-zone.ts';
import { checkTimestamp } from '../../types/timestamp.ts';

/** A day number moved by whole months. */
function addMonths(days: number, months: number): number {
  const { year, month, day } = civilFromDays(days);
  const index = year * 12 + (month - 1) + months;
  const newYear = Math.floor(index / 12);
  const newMonth = index - newYear * 12 + 1;
  return daysFromCivil(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)));
}

function moveCalendar(local: bigint, by: Interval): bigint {
  const { days, time } = splitTimestamp(local);
  return BigInt(addMonths(days, by.months) + by.days) * MICROS_PER_DAY + time;
}

export function addInterval(micros: bigint, by: Interval): bigint {
  if (!isFiniteTimestamp(micros)) return micros;
  return checkTimestamp(moveCalendar(micros, by) + by.micros);
}

export function addIntervalInZone(micros: bigint, by: Interval, zone: string): bigint {
  if (!isFiniteTimestamp(micros)) return micros;
  const moved =
    by.months === 0 && by.days === 0 ? micros : localToUtc(zone, moveCalendar(utcToLocal(zone, micros), by));
  return checkTimestamp(moved + by.micros);
}

/** timestamp - timestamp: days and time, no months. */
export function timestampDifference(a: bigint, b: bigint): Interval {
  if (!isFiniteTimestamp(a) || !isFiniteTimestamp(b)) {
    throw sqlError('datetime_field_overflow', 'cannot subtract infinite timestamps');
  }
  const micros = a - b;
  const days = micros / MICROS_PER_DAY;
  return checkedInterval(0, Number(days), micros - days * MICROS_PER_DAY);
}

/** A time of day, whatever its size. */
export function withinDay(micros: bigint): bigint {
  return ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
}
