// Dates and times made from numbers: make_date, make_time, make_timestamp, make_timestamptz, make_interval, to_timestamp(seconds).
import { sqlError } from '../../errors/sql-error.ts';
import { daysFromCivil, daysInMonth, MICROS_PER_DAY, MICROS_PER_SECOND } from '../../types/calendar.ts';
import { checkDate } from '../../types/date.ts';
import type { Datum } from '../../types/datum.ts';
import { formatGeneral, roundEven } from '../../types/float.ts';
import { checkedInterval } from '../../types/interval-arithmetic.ts';
import { checkTimestamp } from '../../types/timestamp.ts';
import { toZoned } from '../casts/date-casts.ts';
import { type Args, fn, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const overflow = (message: string) => sqlError('datetime_field_overflow', message);
const two = (n: number) => (n < 0 ? String(n) : String(n).padStart(2, '0'));

/** Days since 1970; year -1 is 1 BC. */
function makeDate(year: number, month: number, day: number): number {
  const astronomical = year < 0 ? year + 1 : year;
  const text = `${astronomical}-${two(month)}-${two(day)}`;
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(astronomical, month)) {
    throw overflow(`date field value out of range: ${text}`);
  }
  return checkDate(daysFromCivil(astronomical, month, day), text, false);
}

const clockText = (hour: number, minute: number, second: number) =>
  `${hour}:${two(minute)}:${formatGeneral(second, 6).padStart(2, '0')}`;

function makeTime(hour: number, minute: number, second: number): bigint {
  const outside = hour < 0 || hour > 24 || minute < 0 || minute > 59 || !(second >= 0 && second <= 60);
  if (outside || (hour === 24 && (minute > 0 || second > 0))) {
    throw overflow(`time field value out of range: ${clockText(hour, minute, second)}`);
  }
  return BigInt(hour * 3600 + minute * 60) * MICROS_PER_SECOND + BigInt(Math.round(second * 1e6));
}

function makeTimestamp(args: readonly (Datum | null)[]): bigint {
  const [year, month, day, hour, minute, second] = args as readonly [number, number, number, number, number, number];
  const days = makeDate(year, month, day);
  const micros = BigInt(days) * MICROS_PER_DAY + makeTime(hour, minute, second);
  const text = `${year}-${two(month)}-${two(day)} ${clockText(hour, minute, second)}`;
  return checkTimestamp(micros, `timestamp out of range: ${text}`);
}

/** Here "+02" is two hours east; elsewhere bare offsets count west, as POSIX has them. */
function makeZoned(args: readonly (Datum | null)[], zone: string): bigint {
  const local = makeTimestamp(args);
  const offset = /^([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(zone);
  if (offset === null) return toZoned(local, zone);
  const seconds = Number(offset[2]) * 3600 + Number(offset[3] ?? 0) * 60;
  return checkTimestamp(local - BigInt(offset[1] === '-' ? -seconds : seconds) * MICROS_PER_SECOND);
}

function makeInterval(args: Args): Datum {
  const [years, months, weeks, days, hours, minutes, seconds] = args as readonly number[];
  if (!Number.isFinite(seconds)) throw overflow('interval out of range');
  const micros = BigInt(hours! * 3600 + minutes! * 60) * MICROS_PER_SECOND + BigInt(Math.round(seconds! * 1e6));
  return checkedInterval(years! * 12 + months!, weeks! * 7 + days!, micros);
}

/** 2000-01-01 */
const EPOCH_SECONDS = 946_684_800;
const EPOCH_MICROS = 946_684_800_000_000n;

function fromSeconds(seconds: number): bigint {
  if (Number.isNaN(seconds)) throw overflow('timestamp cannot be NaN');
  if (!Number.isFinite(seconds)) return seconds > 0 ? (1n << 63n) - 1n : -(1n << 63n);
  // as PostgreSQL computes it: from its own epoch, which is nearer, to the nearest microsecond, ties to even
  const micros = roundEven((seconds - EPOCH_SECONDS) * 1e6);
  const moment = BigInt(micros) + EPOCH_MICROS;
  if (Number.isSafeInteger(micros)) return moment;
  return checkTimestamp(moment, `timestamp out of range: "${formatGeneral(seconds, 6)}"`);
}

const DATE_NAMES = ['year', 'month', 'day'];
const TIME_NAMES = ['hour', 'min', 'sec'];
const STAMP_NAMES = ['year', 'month', 'mday', ...TIME_NAMES];

// biome-ignore format: one function a line
export const DATE_MAKERS: readonly ScalarFunction[] = [
  fn('make_date', 'int4,int4,int4', 'date', row(([y, m, d]) => makeDate(y as number, m as number, d as number)), { parameterNames: DATE_NAMES }),
  fn('make_time', 'int4,int4,float8', 'time', row(([h, m, s]) => makeTime(h as number, m as number, s as number)), { parameterNames: TIME_NAMES }),
  fn('make_timestamp', 'int4,int4,int4,int4,int4,float8', 'timestamp', row(makeTimestamp), { parameterNames: STAMP_NAMES }),
  fn('make_timestamptz', 'int4,int4,int4,int4,int4,float8', 'timestamptz', row((args, { timeZone }) => toZoned(makeTimestamp(args), timeZone)), {
    volatility: 'stable', parameterNames: STAMP_NAMES,
  }),
  fn('make_timestamptz', 'int4,int4,int4,int4,int4,float8,text', 'timestamptz', row((args) => makeZoned(args, args[6] as string)), {
    volatility: 'stable', parameterNames: [...STAMP_NAMES, 'timezone'],
  }),
  fn('make_interval', 'int4,int4,int4,int4,int4,int4,float8', 'interval', row(makeInterval), {
    parameterNames: ['years', 'months', 'weeks', 'days', 'hours', 'mins', 'secs'], defaults: [0, 0, 0, 0, 0, 0, 0],
  }),
  fn('to_timestamp', 'float8', 'timestamptz', row(([seconds]) => fromSeconds(seconds as number))),
];
