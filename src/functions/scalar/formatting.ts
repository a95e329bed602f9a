// to_char: dates and intervals printed along a picture. An empty picture and infinite timestamps give NULL.
import { isFiniteTimestamp } from '../../types/calendar.ts';
import type { Interval } from '../../types/datum.ts';
import { offsetAt, utcToLocal, zoneAbbreviation } from '../../types/time-zone.ts';
import { fn, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { formatIntervalAs, formatTimestampAs } from './date-format.ts';

const stable = { volatility: 'stable' } as const;

export const FORMATTING: readonly ScalarFunction[] = [
  fn(
    'to_char',
    'timestamp,text',
    'text',
    row(([value, picture]) => {
      const micros = value as bigint;
      return picture === '' || !isFiniteTimestamp(micros) ? null : formatTimestampAs(micros, picture as string);
    }),
    stable,
  ),
  fn(
    'to_char',
    'timestamptz,text',
    'text',
    row(([value, picture], { timeZone }) => {
      const micros = value as bigint;
      if (picture === '' || !isFiniteTimestamp(micros)) return null;
      const zone = /tz/i.test(picture as string) ? zoneAbbreviation(timeZone, micros) : '';
      return formatTimestampAs(utcToLocal(timeZone, micros), picture as string, offsetAt(timeZone, micros), zone);
    }),
    stable,
  ),
  fn(
    'to_char',
    'interval,text',
    'text',
    row(([value, picture]) => (picture === '' ? null : formatIntervalAs(value as Interval, picture as string))),
    stable,
  ),
];
