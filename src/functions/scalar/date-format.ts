// to_char of timestamps and intervals: one output per field of the picture. Years before Christ print their absolute value;
// an interval's fields keep their signs and widen by one place for them.
import { sqlError } from '../../errors/sql-error.ts';
import {
  civilFromDays,
  DAY_NAMES,
  dayOfWeek,
  daysFromCivil,
  isoWeek,
  MONTH_NAMES,
  splitTimestamp,
} from '../../types/calendar.ts';
import type { Interval } from '../../types/datum.ts';
import { type DateField, datePicture, ordinalSuffix, ROMAN_MONTHS } from './date-pictures.ts';

/** What is printed, broken down. Years are astronomical for timestamps and plain for intervals. */
interface Moment {
  readonly interval: boolean;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  /** seconds east of UTC and abbreviation; timestamps without zone have none */
  readonly offset: number;
  readonly zone: string;
}

const MONTH_ABBREVIATION = 3;
/** Fields that only a calendar date has. */
// biome-ignore format: a table
const NEEDS_DATE = new Set(['TZ', 'TZH', 'TZM', 'OF', 'A.D.', 'B.C.', 'AD', 'BC', 'MONTH', 'MON', 'DAY', 'DY', 'D', 'ID']);

function cased(word: string, spelled: string): string {
  if (spelled === spelled.toUpperCase()) return word.toUpperCase();
  return spelled === spelled.toLowerCase() ? word.toLowerCase() : word;
}

/** A number of at least `width` places, one more for a minus sign; unpadded under FM. */
function places(value: number, width: number, fill: boolean): string {
  const digits = String(Math.abs(value)).padStart(fill ? 0 : width, '0');
  return value < 0 ? `-${digits}` : digits;
}

/** The same where a minus sign takes one of the places, as in days of intervals. */
const withinPlaces = (value: number, width: number, fill: boolean) =>
  places(value, value < 0 ? width - 1 : width, fill);

const fields = (m: Moment) => daysFromCivil(m.year, m.month, m.day);
const shownYear = (m: Moment, year: number) => (m.interval || year > 0 ? year : 1 - year);

function century(m: Moment): number {
  if (m.interval) return Math.trunc(m.year / 100);
  return m.year > 0 ? Math.trunc((m.year - 1) / 100) + 1 : Math.trunc(m.year / 100) - 1;
}

function yearField(field: DateField, m: Moment): string | undefined {
  const iso = field.name.startsWith('I');
  const year = shownYear(m, iso ? isoWeek(fields(m)).year : m.year);
  switch (field.name) {
    case 'Y,YYY': {
      const thousands = Math.trunc(year / 1000);
      return `${thousands},${places(year - thousands * 1000, 3, false)}`;
    }
    case 'YYYY':
    case 'IYYY':
      return places(year, 4, field.fill);
    case 'YYY':
    case 'IYY':
      return places(year % 1000, 3, field.fill);
    case 'YY':
    case 'IY':
      return places(year % 100, 2, field.fill);
    case 'Y':
    case 'I':
      return places(year % 10, 1, field.fill);
    default:
      return undefined;
  }
}

function isoDayOfYear(m: Moment): number {
  const days = fields(m);
  const fourth = daysFromCivil(isoWeek(days).year, 1, 4);
  return days - (fourth - ((dayOfWeek(fourth) + 6) % 7)) + 1;
}

function calendarField(field: DateField, m: Moment): string | undefined {
  const { fill } = field;
  const weekday = () => dayOfWeek(fields(m));
  switch (field.name) {
    case 'CC':
      return places(century(m), 2, fill);
    case 'MM':
      return places(m.month, 2, fill);
    case 'DDD':
      return withinPlaces(m.dayOfYear, 3, fill);
    case 'IDDD':
      return places(isoDayOfYear(m), 3, fill);
    case 'DD':
      return withinPlaces(m.day, 2, fill);
    case 'D':
      return String(weekday() + 1);
    case 'ID':
      return String(weekday() || 7);
    case 'WW':
      return withinPlaces(Math.trunc((m.dayOfYear - 1) / 7) + 1, 2, fill);
    case 'IW':
      return places(isoWeek(fields(m)).week, 2, fill);
    case 'W':
      return String(Math.trunc((m.day - 1) / 7) + 1);
    case 'Q':
      return m.month === 0 ? '' : String(Math.trunc((m.month - 1) / 3) + 1);
    case 'J':
      return String(fields(m) + 2440588);
    default:
      return yearField(field, m);
  }
}

function clockField(field: DateField, m: Moment): string | undefined {
  const { name, fill } = field;
  const two = (n: number) => {
    const widened = m.hour < 0 && n >= 0 && name.startsWith('HH') ? 3 : 2;
    return places(n, widened, fill);
  };
  switch (name) {
    case 'HH':
    case 'HH12':
      return two(m.hour % 12 === 0 ? 12 : m.hour % 12);
    case 'HH24':
      return two(m.hour);
    case 'MI':
      return two(m.minute);
    case 'SS':
      return two(m.second);
    case 'SSSS':
    case 'SSSSS':
      return String(m.hour * 3600 + m.minute * 60 + m.second);
    case 'MS':
      return places(Math.trunc(m.micros / 1000), 3, false);
    case 'US':
      return places(m.micros, 6, false);
    default:
      if (!name.startsWith('FF')) return undefined;
      return places(Math.trunc(m.micros / 10 ** (6 - Number(name[2]))), Number(name[2]), false);
  }
}

function romanMonth(field: DateField, m: Moment): string {
  if (m.month === 0 && m.year === 0) return '';
  const index = m.month === 0 ? (m.year >= 0 ? 11 : 0) : m.month < 0 ? 12 + m.month : m.month - 1;
  const roman = ROMAN_MONTHS[(index + 12) % 12]!;
  return cased(field.fill ? roman : roman.padEnd(4), field.spelled);
}

function zoneField(name: string, spelled: string, fill: boolean, m: Moment): string {
  const size = Math.abs(m.offset);
  const hours = places(Math.trunc(size / 3600), 2, fill && name === 'OF');
  const minutes = Math.trunc((size % 3600) / 60);
  const sign = m.offset < 0 ? '-' : '+';
  if (name === 'TZH') return sign + hours;
  if (name === 'TZM') return places(minutes, 2, false);
  if (name === 'OF') return sign + hours + (minutes === 0 ? '' : `:${places(minutes, 2, false)}`);
  return spelled === 'tz' ? m.zone.toLowerCase() : m.zone;
}

function wordField(field: DateField, m: Moment): string {
  const { name, spelled, fill } = field;
  const full = (word: string) => cased(word, spelled).padEnd(fill ? 0 : 9);
  switch (name) {
    case 'A.M.':
    case 'P.M.':
      return cased(m.hour % 24 >= 12 ? 'P.M.' : 'A.M.', spelled);
    case 'AM':
    case 'PM':
      return cased(m.hour % 24 >= 12 ? 'PM' : 'AM', spelled);
    case 'A.D.':
    case 'B.C.':
      return cased(m.year <= 0 ? 'B.C.' : 'A.D.', spelled);
    case 'AD':
    case 'BC':
      return cased(m.year <= 0 ? 'BC' : 'AD', spelled);
    case 'MONTH':
      return full(MONTH_NAMES[m.month - 1]!);
    case 'MON':
      return cased(MONTH_NAMES[m.month - 1]!.slice(0, MONTH_ABBREVIATION), spelled);
    case 'DAY':
      return full(DAY_NAMES[dayOfWeek(fields(m))]!);
    case 'DY':
      return cased(DAY_NAMES[dayOfWeek(fields(m))]!.slice(0, 3), spelled);
    case 'RM':
      return romanMonth(field, m);
    case 'FX':
      return '';
    default:
      return zoneField(name, spelled, fill, m);
  }
}

function formatMoment(m: Moment, picture: string): string {
  let out = '';
  for (const step of datePicture(picture)) {
    if (step.kind !== 'field') {
      out += step.text;
      continue;
    }
    if (m.interval && NEEDS_DATE.has(step.name)) {
      const hint = 'Intervals are not tied to specific calendar dates.';
      throw sqlError('invalid_datetime_format', 'invalid format specification for an interval value', { hint });
    }
    const number = clockField(step, m) ?? calendarField(step, m);
    if (number === undefined) out += wordField(step, m);
    else out += number + (step.ordinal === '' || number === '' ? '' : ordinalSuffix(number, step.ordinal));
  }
  return out;
}

/** to_char of a finite local timestamp; offset and zone are those of a timestamptz, else 0 and ''. */
export function formatTimestampAs(local: bigint, picture: string, offset = 0, zone = ''): string {
  const { days, time } = splitTimestamp(local);
  const { year, month, day } = civilFromDays(days);
  const seconds = Number(time / 1_000_000n);
  return formatMoment(
    {
      interval: false,
      year,
      month,
      day,
      dayOfYear: days - daysFromCivil(year, 1, 1) + 1,
      hour: Math.trunc(seconds / 3600),
      minute: Math.trunc(seconds / 60) % 60,
      second: seconds % 60,
      micros: Number(time % 1_000_000n),
      offset,
      zone,
    },
    picture,
  );
}

/** to_char of an interval; 22007 for fields of calendar dates. */
export function formatIntervalAs(value: Interval, picture: string): string {
  const seconds = Number(value.micros / 1_000_000n);
  const year = Math.trunc(value.months / 12);
  const month = value.months % 12;
  return formatMoment(
    {
      interval: true,
      year,
      month,
      day: value.days,
      dayOfYear: (year * 12 + month) * 30 + value.days,
      hour: Math.trunc(seconds / 3600),
      minute: Math.trunc(seconds / 60) % 60,
      second: seconds % 60,
      micros: Number(value.micros % 1_000_000n),
      offset: 0,
      zone: '',
    },
    picture,
  );
}
