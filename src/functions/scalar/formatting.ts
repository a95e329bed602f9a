// to_char, to_number, to_date and to_timestamp: values printed and read along a picture. For dates an empty picture and infinite
// values give NULL.
import { isFiniteTimestamp, MICROS_PER_SECOND } from '../../types/calendar.ts';
import { checkDate } from '../../types/date.ts';
import type { Decimal, Interval } from '../../types/datum.ts';
import { NUMERIC } from '../../types/sql-type.ts';
import { offsetAt, utcToLocal, zoneAbbreviation } from '../../types/time-zone.ts';
import { checkTimestamp } from '../../types/timestamp.ts';
import { toZoned } from '../casts/date-casts.ts';
import { fn, row } from '../define.ts';
import type { EvaluationContext, ScalarFunction } from '../function-definition.ts';
import { formatIntervalAs, formatTimestampAs } from './date-format.ts';
import { localMicros, readMoment } from './date-read.ts';
import { formatDecimalAs, formatFloatAs, formatIntegerAs } from './number-format.ts';
import { readNumber } from './number-read.ts';

const stable = { volatility: 'stable' } as const;

/** The moment in UTC: in the zone that the text names, else in the session's. */
function readZoned(text: string, picture: string, { timeZone }: EvaluationContext): bigint {
  const moment = readMoment(text, picture);
  const local = localMicros(moment);
  return checkTimestamp(
    moment.offset === undefined ? toZoned(local, timeZone) : local - BigInt(moment.offset) * MICROS_PER_SECOND,
  );
}

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
  // biome-ignore format: one function a line
  ...[
    fn('to_char', 'numeric,text', 'text', row(([value, picture]) => formatDecimalAs(value as Decimal, picture as string)), stable),
    fn('to_char', 'int4,text', 'text', row(([value, picture]) => formatIntegerAs(BigInt(value as number), picture as string, 32)), stable),
    fn('to_char', 'int8,text', 'text', row(([value, picture]) => formatIntegerAs(value as bigint, picture as string, 64)), stable),
    fn('to_char', 'float4,text', 'text', row(([value, picture]) => formatFloatAs(value as number, picture as string, 6)), stable),
    fn('to_char', 'float8,text', 'text', row(([value, picture]) => formatFloatAs(value as number, picture as string, 15)), stable),
    fn('to_date', 'text,text', 'date', row(([text, picture]) => checkDate(readMoment(text as string, picture as string).days, text as string)), stable),
    fn('to_timestamp', 'text,text', 'timestamptz', row(([text, picture], context) => readZoned(text as string, picture as string, context)), stable),
    fn('to_number', 'text,text', 'numeric', row(([text, picture]) => readNumber(text as string, picture as string)), {
      ...stable,
      resultType: () => NUMERIC,
    }),
  ],
];
