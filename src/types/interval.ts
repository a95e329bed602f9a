// interval: months, days and microseconds kept apart. Reads the verbose, SQL-standard, clock and ISO 8601 forms; prints by
// IntervalStyle. Order takes a month as 30 days and a day as 24 hours.
import { sqlError } from '../errors/sql-error.ts';
import { MICROS_PER_DAY } from './calendar.ts';
import { fractionMicros } from './date-time-text.ts';
import type { Datum, Interval } from './datum.ts';
import { roundEven } from './float.ts';
import { cutToFields, lastField } from './interval-fields.ts';
import type { IntervalFields, SqlType } from './sql-type.ts';
import { roundMicros } from './time.ts';
import { bigEndian, DEFAULT_SETTINGS, type TypeOperations, viewOf } from './type-settings.ts';
import { hasForeignCharacters } from './white-space.ts';

interface Sum {
  months: number;
  days: number;
  micros: number | bigint;
  /** which units the text has given; none may come twice */
  readonly units: Set<string>;
}

// biome-ignore format: a table reads best in few lines
const UNIT_NAMES: Readonly<Record<string, string>> = {
  microsecond: 'us', microseconds: 'us', us: 'us', usec: 'us', usecs: 'us', microsecon: 'us', usecond: 'us', useconds: 'us',
  millisecond: 'ms', milliseconds: 'ms', ms: 'ms', msec: 'ms', msecs: 'ms', mseconds: 'ms', msecond: 'ms', millisecon: 'ms',
  second: 's', seconds: 's', sec: 's', secs: 's', s: 's', minute: 'min', minutes: 'min', min: 'min', mins: 'min', m: 'min',
  hour: 'h', hours: 'h', hr: 'h', hrs: 'h', h: 'h', day: 'd', days: 'd', d: 'd', week: 'w', weeks: 'w', w: 'w',
  month: 'mon', months: 'mon', mon: 'mon', mons: 'mon', year: 'y', years: 'y', yr: 'y', yrs: 'y', y: 'y', quarter: 'q', qtr: 'q',
  decade: 'dec', decades: 'dec', dec: 'dec', decs: 'dec', century: 'c', centuries: 'c', cent: 'c', c: 'c',
  millennium: 'mil', millennia: 'mil', mil: 'mil', mils: 'mil', millenniums: 'mil',
};
const MONTHS_PER: Readonly<Record<string, number>> = { mon: 1, q: 3, y: 12, dec: 120, c: 1200, mil: 12000 };
const DAYS_PER: Readonly<Record<string, number>> = { d: 1, w: 7 };
const MICROS_PER: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, min: 6e7, h: 3.6e9 };

function bad(text: string): never {
  throw sqlError('invalid_datetime_format', `invalid input syntax for type interval: "${text}"`);
}
function tooLarge(text: string): never {
  throw sqlError('interval_field_overflow', `interval field value out of range: "${text}"`);
}

/** Adds value (digits and fraction, signed) of a unit; fractions of years go into months, rounded, of months into days, of days into time. */
function addUnit(sum: Sum, unit: string, sign: number, whole: string, fraction: string): boolean {
  if (sum.units.has(unit)) return false;
  sum.units.add(unit);
  const value = sign * Number(whole === '' ? 0 : whole);
  const part = fraction === '' ? 0 : sign * Number(`0.${fraction}`);
  if (MONTHS_PER[unit] !== undefined) {
    const perUnit = MONTHS_PER[unit];
    sum.months += value * perUnit;
    if (perUnit > 1) sum.months += roundEven(part * perUnit);
    else addDays(sum, part * 30);
  } else if (DAYS_PER[unit] !== undefined) {
    sum.days += value * DAYS_PER[unit];
    addDays(sum, part * DAYS_PER[unit]);
  } else if (MICROS_PER[unit] !== undefined) {
    const micros = BigInt(Math.round(MICROS_PER[unit])) * BigInt(whole === '' ? 0 : whole) * BigInt(sign);
    sum.micros = BigInt(sum.micros) + micros + nearestMicros(part * MICROS_PER[unit]);
  } else return false;
  return true;
}

function addDays(sum: Sum, days: number): void {
  const whole = Math.trunc(days);
  sum.days += whole;
  sum.micros = BigInt(sum.micros) + nearestMicros((days - whole) * 86_400e6);
}

/** The nearest whole number; the half of a microsecond is none. */
function nearestMicros(micros: number): bigint {
  const whole = Math.trunc(micros);
  return BigInt(Math.abs(micros - whole) > 0.5 ? whole + Math.sign(micros) : whole);
}

const TOKEN =
  /\s*(?:@|([+-]?)(\d+):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?|\.(\d*))?(?![\d:])|([+-]?)(\d+)-(\d{1,2})(?![\d-])|([+-]?)(\d*)(?:\.(\d*))?\s*([A-Za-z]+)?(?!-))\s*/y;

const FIELD_UNITS = { year: 'y', month: 'mon', day: 'd', hour: 'h', minute: 'min', second: 's' } as const;

/** A bare number counts the last of the fields, seconds without any; two of them are days and hours. */
function parseVerbose(text: string, fields: IntervalFields | undefined): Sum {
  const sum: Sum = { months: 0, days: 0, micros: 0n, units: new Set() };
  let ago = false;
  let seen = false;
  TOKEN.lastIndex = 0;
  const pending: { sign: number; whole: string; fraction: string }[] = [];
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null || TOKEN.lastIndex === start) bad(text);
    if (match[0].trim() === '@') continue;
    if (match[2] !== undefined) {
      // a clock; a bare number before it counts days
      for (const p of pending.splice(0)) addUnit(sum, 'd', p.sign, p.whole, p.fraction);
      for (const unit of ['h', 'min', 's']) {
        if (sum.units.has(unit)) bad(text);
        sum.units.add(unit);
      }
      addClock(sum, text, match, fields);
    } else if (match[8] !== undefined) {
      const sign = match[7] === '-' ? -1 : 1;
      if (Number(match[9]) > 11) tooLarge(text);
      sum.months += sign * (Number(match[8]) * 12 + Number(match[9]));
    } else {
      const sign = match[10] === '-' ? -1 : 1;
      const [whole, fraction, word] = [match[11] ?? '', match[12] ?? '', match[13]?.toLowerCase()];
      if (whole === '' && fraction === '') {
        if (word === 'ago' && seen) ago = true;
        else bad(text);
        continue;
      }
      if (word === undefined) pending.push({ sign, whole, fraction });
      else if (!Object.hasOwn(UNIT_NAMES, word) || !addUnit(sum, UNIT_NAMES[word]!, sign, whole, fraction)) bad(text);
    }
    seen = true;
  }
  const units: readonly string[] = pending.length < 2 ? [FIELD_UNITS[lastField(fields)]] : ['d', 'h'];
  if (pending.length > 2 || (pending.length === 2 && lastField(fields) !== 'hour')) bad(text);
  for (const [i, p] of pending.entries()) {
    if (!addUnit(sum, units[i]!, p.sign, p.whole, p.fraction)) bad(text);
  }
  if (!seen) bad(text);
  if (ago) return { ...sum, months: -sum.months, days: -sum.days, micros: -BigInt(sum.micros) };
  return sum;
}

function addClock(sum: Sum, text: string, match: RegExpExecArray, fields: IntervalFields | undefined): void {
  const sign = match[1] === '-' ? -1n : 1n;
  // mm:ss.fraction
  const minutesFirst = match[6] !== undefined || (fields === 'minute to second' && match[4] === undefined);
  const hours = minutesFirst ? 0 : Number(match[2]);
  const minutes = Number(minutesFirst ? match[2] : match[3]);
  const seconds = Number(minutesFirst ? match[3] : (match[4] ?? 0));
  if (minutes > 59 || seconds > 60) tooLarge(text);
  const fraction = fractionMicros(match[5] ?? match[6] ?? '');
  const micros = (BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)) * 1_000_000n + BigInt(fraction);
  sum.micros = BigInt(sum.micros) + sign * micros;
}

function parseIso(text: string): Sum {
  const sum: Sum = { months: 0, days: 0, micros: 0n, units: new Set() };
  const body = text.trim().slice(1);
  const alternative = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?)?$/.exec(body);
  if (alternative !== null) {
    sum.months = Number(alternative[1]) * 12 + Number(alternative[2]);
    sum.days = Number(alternative[3]);
    addUnit(sum, 'h', 1, alternative[4] ?? '', '');
    addUnit(sum, 'min', 1, alternative[5] ?? '', '');
    addUnit(sum, 's', 1, alternative[6] ?? '', alternative[7] ?? '');
    return sum;
  }
  const [date, time] = body.split('T') as [string, string | undefined];
  if (body === '') bad(text);
  const read = (part: string, units: Readonly<Record<string, string>>) => {
    const rest = part.replace(/([+-]?)(\d*)(?:[.,](\d*))?([A-Z])/g, (_all, sign, whole, fraction, unit) => {
      if (units[unit] === undefined || (whole === '' && !fraction)) bad(text);
      addUnit(sum, units[unit], sign === '-' ? -1 : 1, whole, fraction ?? '');
      return '';
    });
    if (rest !== '') bad(text);
  };
  read(date, { Y: 'y', M: 'mon', W: 'w', D: 'd' });
  if (time !== undefined) read(time, { H: 'h', M: 'min', S: 's' });
  return sum;
}

/** interval's input; the type's fields say what a bare number counts, and what is cut off. */
export function parseInterval(text: string, type: SqlType): Interval {
  if (hasForeignCharacters(text)) bad(text);
  const sum = /^\s*P/.test(text) ? parseIso(text) : parseVerbose(text, type.intervalFields);
  const fits = (n: number) => n >= -2147483648 && n <= 2147483647;
  const micros = BigInt(sum.micros);
  if (!fits(sum.months) || !fits(sum.days) || micros !== BigInt.asIntN(64, micros)) tooLarge(text);
  const interval: Interval = { kind: 'interval', months: sum.months | 0, days: sum.days | 0, micros };
  return restrictInterval(interval, type);
}

/** As a value of the type: cut to its fields, rounded to its precision. */
export function restrictInterval(interval: Interval, type: SqlType): Interval {
  const cut = cutToFields(interval, type.intervalFields);
  return { ...cut, micros: roundMicros(cut.micros, type) };
}

function clockParts(micros: bigint): { hours: bigint; minutes: number; seconds: number; fraction: string } {
  const size = micros < 0n ? -micros : micros;
  const fraction = String(size % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const seconds = size / 1_000_000n;
  return {
    hours: seconds / 3600n,
    minutes: Number((seconds / 60n) % 60n),
    seconds: Number(seconds % 60n),
    fraction: fraction === '' ? '' : `.${fraction}`,
  };
}

const two = (n: number | bigint) => String(n).padStart(2, '0');

function clockText(micros: bigint): string {
  const { hours, minutes, seconds, fraction } = clockParts(micros);
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${fraction}`;
}

function formatPostgres(value: Interval): string {
  const years = Math.trunc(value.months / 12);
  const months = value.months % 12;
  const parts: string[] = [];
  let negative = false;
  const put = (n: number, unit: string) => {
    if (n === 0) return;
    parts.push(`${negative && n > 0 ? '+' : ''}${n} ${unit}${n === 1 ? '' : 's'}`);
    negative = n < 0;
  };
  put(years, 'year');
  put(months, 'mon');
  put(value.days, 'day');
  if (value.micros !== 0n || parts.length === 0) {
    const sign = value.micros < 0n ? '-' : negative ? '+' : '';
    parts.push(sign + clockText(value.micros));
  }
  return parts.join(' ');
}

function formatVerbose(value: Interval): string {
  const years = Math.trunc(value.months / 12);
  const micros = value.micros;
  const sign = micros < 0n ? -1 : 1;
  const { hours, minutes, seconds, fraction } = clockParts(micros);
  const amounts: [number, string, string][] = [
    [years, '', 'year'],
    [value.months % 12, '', 'mon'],
    [value.days, '', 'day'],
    [sign * Number(hours), '', 'hour'],
    [sign * minutes, '', 'min'],
    [sign * (seconds === 0 && fraction !== '' ? 0.5 : seconds), fraction, 'sec'],
  ];
  const shown = amounts.filter(([n]) => n !== 0);
  if (shown.length === 0) return '@ 0';
  const ago = shown[0]![0] < 0;
  let text = '@';
  for (const [n, tail, unit] of shown) {
    const flipped = ago ? -n : n;
    const size = unit === 'sec' ? `${seconds}${tail}` : String(flipped);
    const minus = unit === 'sec' && flipped < 0 ? '-' : '';
    text += ` ${minus}${size} ${unit}${size === '1' ? '' : 's'}`;
  }
  return ago ? `${text} ago` : text;
}

function formatIso(value: Interval): string {
  if (value.months === 0 && value.days === 0 && value.micros === 0n) return 'PT0S';
  const years = Math.trunc(value.months / 12);
  const sign = value.micros < 0n ? '-' : '';
  const { hours, minutes, seconds, fraction } = clockParts(value.micros);
  let text = 'P';
  if (years !== 0) text += `${years}Y`;
  if (value.months % 12 !== 0) text += `${value.months % 12}M`;
  if (value.days !== 0) text += `${value.days}D`;
  if (value.micros !== 0n) {
    text += 'T';
    if (hours !== 0n) text += `${sign}${hours}H`;
    if (minutes !== 0) text += `${sign}${minutes}M`;
    if (seconds !== 0 || fraction !== '') text += `${sign}${seconds}${fraction}S`;
  }
  return text;
}

function formatStandard(value: Interval): string {
  const { months, days, micros } = value;
  const negative = months < 0 || days < 0 || micros < 0n;
  const positive = months > 0 || days > 0 || micros > 0n;
  const { hours, minutes, seconds, fraction } = clockParts(micros);
  const time = `${hours}:${two(minutes)}:${two(seconds)}${fraction}`;
  const years = Math.abs(Math.trunc(months / 12));
  const rest = Math.abs(months % 12);
  if (!negative && !positive) return '0';
  if ((negative && positive) || (months !== 0 && (days !== 0 || micros !== 0n))) {
    const s = (n: number | bigint) => (n < 0 ? '-' : '+');
    return `${s(months)}${years}-${rest} ${s(days)}${Math.abs(days)} ${s(micros)}${time}`;
  }
  const lead = negative ? '-' : '';
  if (months !== 0) return `${lead}${years}-${rest}`;
  if (days !== 0) return `${lead}${Math.abs(days)} ${time}`;
  return `${lead}${time}`;
}

export function formatInterval(value: Interval, style: string): string {
  if (style === 'iso_8601') return formatIso(value);
  if (style === 'sql_standard') return formatStandard(value);
  return style === 'postgres_verbose' ? formatVerbose(value) : formatPostgres(value);
}

/** The comparison value: 30-day months, 24-hour days. */
export function intervalSpan(value: Interval): bigint {
  return value.micros + (BigInt(value.months) * 30n + BigInt(value.days)) * MICROS_PER_DAY;
}

export const INTERVAL_OPERATIONS: TypeOperations = {
  parseText: (text, type) => parseInterval(text, type),
  formatText: (datum, _type, settings = DEFAULT_SETTINGS) => formatInterval(datum as Interval, settings.intervalStyle),
  encodeBinary: (datum) => {
    const { months, days, micros } = datum as Interval;
    return bigEndian(16, (view) => {
      view.setBigInt64(0, micros);
      view.setInt32(8, days);
      view.setInt32(12, months);
    });
  },
  decodeBinary: (bytes, type) => {
    if (bytes.length !== 16) throw sqlError('protocol_violation', 'insufficient data left in message');
    const view = viewOf(bytes);
    const micros = roundMicros(view.getBigInt64(0), type);
    return { kind: 'interval', months: view.getInt32(12), days: view.getInt32(8), micros };
  },
  compare: (a: Datum, b: Datum) => {
    const x = intervalSpan(a as Interval);
    const y = intervalSpan(b as Interval);
    return x < y ? -1 : x > y ? 1 : 0;
  },
};
