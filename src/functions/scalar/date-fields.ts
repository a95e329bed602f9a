// EXTRACT, date_part, date_trunc and age over local timestamps (microseconds since 1970) and intervals.
import { sqlError } from '../../errors/sql-error.ts';
import {
  civilFromDays,
  dayOfWeek,
  daysFromCivil,
  daysInMonth,
  floorDivide,
  isFiniteTimestamp,
  isoWeek,
  MICROS_PER_DAY,
  splitTimestamp,
} from '../../types/calendar.ts';
import { type Decimal, decimal, type Interval, interval } from '../../types/datum.ts';
import { add, DECIMAL_INFINITY, DECIMAL_MINUS_INFINITY, divide } from '../../types/decimal.ts';
import { checkTimestamp } from '../../types/timestamp.ts';

/** Other spellings of the fields, as interval input knows them too. */
const SPELLINGS: Readonly<Record<string, string>> = {
  year: 'y yr yrs years',
  month: 'mon mons months',
  day: 'd days',
  hour: 'h hr hrs hours',
  minute: 'm min mins minutes',
  second: 's sec secs seconds',
  milliseconds: 'ms msec msecs msecond mseconds millisecond',
  microseconds: 'us usec usecs usecond useconds microsecond',
  week: 'w weeks',
  quarter: 'qtr quarters',
  decade: 'dec decs decades',
  century: 'c cent centuries',
  millennium: 'mil mils millenniums millennia',
};
const ALIASES = new Map(
  Object.entries(SPELLINGS).flatMap(([name, words]) => words.split(' ').map((word) => [word, name] as const)),
);
const OTHER_FIELDS = 'dow isodow doy isoyear julian epoch timezone timezone_hour timezone_minute'.split(' ');
const KNOWN = new Set([...Object.keys(SPELLINGS), ...OTHER_FIELDS]);
/** What date_trunc takes for units; the day of the week is none. */
const UNITS = new Set([...Object.keys(SPELLINGS), ...OTHER_FIELDS.filter((name) => name.startsWith('timezone'))]);

export function fieldName(field: string): string {
  const lower = field.toLowerCase();
  return ALIASES.get(lower) ?? lower;
}

/** The error for a field that values of the type do not have: 0A000 where other types have it, else 22023. */
export function unknownField(field: string, typeName: string, names: ReadonlySet<string> = KNOWN): never {
  const known = names.has(fieldName(field));
  const condition = known ? 'feature_not_supported' : 'invalid_parameter_value';
  const text = `unit "${field.toLowerCase()}" not ${known ? 'supported' : 'recognized'} for type ${typeName}`;
  throw sqlError(condition, text);
}

export function unknownUnit(unit: string, typeName: string): never {
  return unknownField(unit, typeName, UNITS);
}

const whole = (n: number | bigint): Decimal => decimal(BigInt(n), 0);

function yearFields(field: string, year: number): Decimal | undefined {
  switch (field) {
    case 'year':
      return whole(year > 0 ? year : year - 1);
    case 'decade':
      return whole(Math.floor(year / 10));
    case 'century':
      return whole(year > 0 ? Math.floor((year + 99) / 100) : -Math.floor((99 - (year - 1)) / 100));
    case 'millennium':
      return whole(year > 0 ? Math.floor((year + 999) / 1000) : -Math.floor((999 - (year - 1)) / 1000));
    default:
      return undefined;
  }
}

/** Fields of a time of day, as numeric with PostgreSQL's display scales. */
export function clockField(field: string, time: bigint): Decimal | undefined {
  switch (field) {
    case 'hour':
      return whole(time / 3_600_000_000n);
    case 'minute':
      return whole((time / 60_000_000n) % 60n);
    case 'second':
      return decimal(time % 60_000_000n, 6);
    case 'milliseconds':
      return decimal(time % 60_000_000n, 3);
    case 'microseconds':
      return whole(time % 60_000_000n);
    default:
      return undefined;
  }
}

const GROWING = new Set(['year', 'decade', 'century', 'millennium', 'epoch', 'julian', 'isoyear']);

/** A field of an infinite timestamp or date: infinite where it grows with time, else NULL. undefined: no such field. */
export function infiniteField(field: string, negative: boolean): Decimal | null | undefined {
  if (GROWING.has(field)) return negative ? DECIMAL_MINUS_INFINITY : DECIMAL_INFINITY;
  return KNOWN.has(field) ? null : undefined;
}

/** Julian day with the part of the day that has passed. */
function julian(days: number, time: bigint): Decimal {
  return add(whole(days + 2440588), divide(whole(time), whole(MICROS_PER_DAY)));
}

/** A field of a local timestamp; the zone's fields are the caller's. undefined: no such field. */
export function timestampField(field: string, micros: bigint): Decimal | null | undefined {
  if (!isFiniteTimestamp(micros)) return infiniteField(field, micros < 0n);
  const { days, time } = splitTimestamp(micros);
  if (field === 'julian') return julian(days, time);
  if (field === 'epoch') return decimal(micros, 6);
  return dayField(field, days) ?? clockField(field, time);
}

/** A calendar field of a day. undefined: no such field. */
export function dayField(field: string, days: number): Decimal | undefined {
  const { year, month, day } = civilFromDays(days);
  switch (field) {
    case 'month':
      return whole(month);
    case 'day':
      return whole(day);
    case 'quarter':
      return whole(Math.floor((month - 1) / 3) + 1);
    case 'week':
      return whole(isoWeek(days).week);
    case 'isoyear': {
      const iso = isoWeek(days).year;
      return whole(iso > 0 ? iso : iso - 1);
    }
    case 'dow':
      return whole(dayOfWeek(days));
    case 'isodow':
      return whole(dayOfWeek(days) === 0 ? 7 : dayOfWeek(days));
    case 'doy':
      return whole(days - daysFromCivil(year, 1, 1) + 1);
    default:
      return yearFields(field, year);
  }
}

export function intervalField(field: string, value: Interval): Decimal | undefined {
  const years = Math.trunc(value.months / 12);
  switch (field) {
    case 'year':
      return whole(years);
    case 'month':
      return whole(value.months % 12);
    case 'quarter':
      return whole(Math.trunc((value.months % 12) / 3) + 1);
    case 'day':
      return whole(value.days);
    case 'decade':
      return whole(Math.trunc(years / 10));
    case 'century':
      return whole(Math.trunc(years / 100));
    case 'millennium':
      return whole(Math.trunc(years / 1000));
    case 'epoch': {
      // a year counts 365.25 days here, a month 30
      const days = BigInt(value.months % 12) * 30n + BigInt(value.days);
      return decimal(value.micros + days * MICROS_PER_DAY + BigInt(years) * 31_557_600_000_000n, 6);
    }
    default:
      return clockField(field, value.micros);
  }
}

const CLOCK_UNITS: Readonly<Record<string, bigint>> = {
  microseconds: 1n,
  milliseconds: 1000n,
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
  day: MICROS_PER_DAY,
};

/** date_trunc on a local timestamp, infinite ones as they are; undefined: no such unit. */
export function truncateTimestamp(unit: string, micros: bigint): bigint | undefined {
  if (!isFiniteTimestamp(micros)) return micros;
  const step = CLOCK_UNITS[unit];
  if (step !== undefined) return floorDivide(micros, step) * step;
  const { days } = splitTimestamp(micros);
  const { year, month } = civilFromDays(days);
  const at = (y: number, m: number) => BigInt(daysFromCivil(y, m, 1)) * MICROS_PER_DAY;
  let result: bigint;
  switch (unit) {
    case 'week':
      result = BigInt(days - ((dayOfWeek(days) + 6) % 7)) * MICROS_PER_DAY;
      break;
    case 'month':
      result = at(year, month);
      break;
    case 'quarter':
      result = at(year, month - ((month - 1) % 3));
      break;
    case 'year':
      result = at(year, 1);
      break;
    case 'decade':
      result = at(Math.floor(year / 10) * 10, 1);
      break;
    case 'century':
      result = at(Math.floor((year - 1) / 100) * 100 + 1, 1);
      break;
    case 'millennium':
      result = at(Math.floor((year - 1) / 1000) * 1000 + 1, 1);
      break;
    default:
      return undefined;
  }
  return checkTimestamp(result);
}

export function truncateInterval(unit: string, value: Interval): Interval | undefined {
  const step = CLOCK_UNITS[unit];
  if (unit === 'day') return interval(value.months, value.days, 0n);
  if (step !== undefined) return interval(value.months, value.days, (value.micros / step) * step);
  const months = { month: 1, quarter: 3, year: 12, decade: 120, century: 1200, millennium: 12000 }[unit];
  return months === undefined ? undefined : interval(Math.trunc(value.months / months) * months, 0, 0n);
}

/** age(a, b): the difference in years, months, days and time, symbolically. */
export function age(a: bigint, b: bigint): Interval {
  if (!isFiniteTimestamp(a) || !isFiniteTimestamp(b)) {
    throw sqlError('datetime_field_overflow', 'timestamp out of range');
  }
  if (a < b) {
    const { months, days, micros } = age(b, a);
    return interval(0 - months, 0 - days, -micros);
  }
  const [left, right] = [splitTimestamp(a), splitTimestamp(b)];
  const [x, y] = [civilFromDays(left.days), civilFromDays(right.days)];
  let months = (x.year - y.year) * 12 + x.month - y.month;
  let days = x.day - y.day;
  let micros = left.time - right.time;
  if (micros < 0n) {
    micros += MICROS_PER_DAY;
    days--;
  }
  if (days < 0) {
    days += daysInMonth(y.year, y.month);
    months--;
  }
  return interval(months, days, micros);
}
