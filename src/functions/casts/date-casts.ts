// Casts among date, time, timestamp, timestamptz and interval, and the precision coercions of time types.

import {
  DATE_INFINITY,
  DATE_MINUS_INFINITY,
  isFiniteDate,
  isFiniteTimestamp,
  MICROS_PER_DAY,
  splitTimestamp,
  TIMESTAMP_INFINITY,
  TIMESTAMP_MINUS_INFINITY,
} from '../../types/calendar.ts';
import type { Datum, Interval } from '../../types/datum.ts';
import { restrictInterval } from '../../types/interval.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { roundMicros } from '../../types/time.ts';
import { localToUtc, utcToLocal } from '../../types/time-zone.ts';
import { checkTimestamp, roundTimestamp } from '../../types/timestamp.ts';
import { kernel } from '../define.ts';
import type { CastFunction } from '../function-definition.ts';
import { cast, rowCast } from './define-cast.ts';

export function dateToTimestamp(days: number): bigint {
  if (days === DATE_INFINITY) return TIMESTAMP_INFINITY;
  if (days === DATE_MINUS_INFINITY) return TIMESTAMP_MINUS_INFINITY;
  return checkTimestamp(BigInt(days) * MICROS_PER_DAY, 'date out of range for timestamp');
}

export function timestampToDate(micros: bigint): number {
  if (!isFiniteTimestamp(micros)) return micros > 0n ? DATE_INFINITY : DATE_MINUS_INFINITY;
  return splitTimestamp(micros).days;
}

export function toZoned(local: bigint, zone: string): bigint {
  return isFiniteTimestamp(local) ? checkTimestamp(localToUtc(zone, local)) : local;
}
export function toLocal(utc: bigint, zone: string): bigint {
  return isFiniteTimestamp(utc) ? checkTimestamp(utcToLocal(zone, utc)) : utc;
}

/** The time of day; NULL of the infinities. */
function timeOfDay(micros: bigint, target: SqlType): Datum | null {
  return isFiniteTimestamp(micros) ? roundMicros(splitTimestamp(micros).time, target) : null;
}

export const DATE_CASTS: readonly CastFunction[] = [
  cast('date', 'timestamp', 'implicit', kernel('cast_date_timestamp', { 2: 'date_for_timestamp' })),
  cast('timestamp', 'date', 'assignment', kernel('cast_timestamp_date', { 2: 'timestamp_range' })),
  rowCast(
    'date',
    'timestamptz',
    'implicit',
    (days, _target, { timeZone }) =>
      isFiniteDate(days as number)
        ? toZoned(dateToTimestamp(days as number), timeZone)
        : dateToTimestamp(days as number),
    'stable',
  ),
  rowCast(
    'timestamptz',
    'date',
    'assignment',
    (micros, _target, { timeZone }) => timestampToDate(toLocal(micros as bigint, timeZone)),
    'stable',
  ),
  rowCast(
    'timestamp',
    'timestamptz',
    'implicit',
    (micros, target, { timeZone }) => roundTimestamp(toZoned(micros as bigint, timeZone), target),
    'stable',
  ),
  rowCast(
    'timestamptz',
    'timestamp',
    'assignment',
    (micros, target, { timeZone }) => roundTimestamp(toLocal(micros as bigint, timeZone), target),
    'stable',
  ),
  rowCast('timestamp', 'time', 'assignment', (micros, target) => timeOfDay(micros as bigint, target)),
  rowCast(
    'timestamptz',
    'time',
    'assignment',
    (micros, target, { timeZone }) => timeOfDay(toLocal(micros as bigint, timeZone), target),
    'stable',
  ),
  rowCast('time', 'interval', 'implicit', (micros) => ({
    kind: 'interval',
    months: 0,
    days: 0,
    micros: micros as bigint,
  })),
  rowCast('interval', 'time', 'assignment', (value) => {
    const rest = (value as Interval).micros % MICROS_PER_DAY;
    return rest < 0n ? rest + MICROS_PER_DAY : rest;
  }),
  rowCast('time', 'time', 'implicit', (micros, target) => roundMicros(micros as bigint, target)),
  rowCast('timestamp', 'timestamp', 'implicit', (micros, target) => roundTimestamp(micros as bigint, target)),
  rowCast('timestamptz', 'timestamptz', 'implicit', (micros, target) => roundTimestamp(micros as bigint, target)),
  rowCast('interval', 'interval', 'implicit', (value, target) => restrictInterval(value as Interval, target)),
];
