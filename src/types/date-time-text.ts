// Reading dates and times: PostgreSQL's free-form input, token by token (numeric dates by DateStyle's field order, month
// names, times with AM/PM, zones, eras, Julian days, and the words now, today, epoch, infinity ...).
import { sqlError } from '../errors/sql-error.ts';
import { daysFromCivil, daysInMonth, MICROS_PER_DAY, MONTH_NAMES } from './calendar.ts';
import { abbreviationOffset, isTimeZone } from './time-zone.ts';
import { hasForeignCharacters } from './white-space.ts';

export interface DateTimeFields {
  /** day number since 1970-01-01; undefined: no date was given */
  days?: number;
  /** microseconds since midnight (86,400,000,000 for 24:00); undefined: no time was given */
  time?: bigint;
  /** seconds east of UTC */
  offset?: number;
  zone?: string;
  word?: 'now' | 'today' | 'tomorrow' | 'yesterday' | 'epoch' | 'infinity' | '-infinity';
}

interface Reading {
  readonly text: string;
  readonly typeName: string;
  readonly order: 'MDY' | 'DMY' | 'YMD';
  year?: number;
  yearDigits?: number;
  month?: number;
  day?: number;
  bc: boolean;
  meridiem?: 'am' | 'pm';
  julian?: number;
  dayOfYear?: number;
  fields: DateTimeFields;
}

const MONTHS = new Map<string, number>();
for (const [index, name] of MONTH_NAMES.entries()) {
  MONTHS.set(name.toLowerCase(), index + 1);
  MONTHS.set(name.slice(0, 3).toLowerCase(), index + 1);
}
MONTHS.set('sept', 9);
const WEEKDAYS =
  /^(?:sun(?:day)?|mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|weds|thu(?:r|rs)?(?:day)?|fri(?:day)?|sat(?:urday)?)$/;

function bad(reading: Reading): never {
  throw sqlError('invalid_datetime_format', `invalid input syntax for type ${reading.typeName}: "${reading.text}"`);
}

export function outOfRange(text: string, hint = false): never {
  throw sqlError(
    'datetime_field_overflow',
    `date/time field value out of range: "${text}"`,
    hint ? { hint: 'Perhaps you need a different "datestyle" setting.' } : {},
  );
}

/** Field order of a DateStyle setting such as "ISO, MDY". */
export function fieldOrder(dateStyle: string): 'MDY' | 'DMY' | 'YMD' {
  const upper = dateStyle.toUpperCase();
  return upper.includes('DMY') ? 'DMY' : upper.includes('YMD') ? 'YMD' : 'MDY';
}

const ISO = /^[ \t-\r]*(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?)?[ \t-\r]*$/;

/** Reads date/time text. 22007 for bad syntax, 22008 for fields out of range. */
export function readDateTime(text: string, typeName: string, dateStyle: string): DateTimeFields {
  const iso = ISO.exec(text);
  if (iso !== null) {
    const fields: DateTimeFields = { days: checkedDays(text, Number(iso[1]), Number(iso[2]), Number(iso[3])) };
    if (iso[1] === '0000') outOfRange(text, false);
    if (iso[4] !== undefined) fields.time = timeOf(text, iso[4], iso[5]!, iso[6], iso[7]);
    return fields;
  }
  const reading: Reading = { text, typeName, order: fieldOrder(dateStyle), bc: false, fields: {} };
  if (hasForeignCharacters(text)) bad(reading);
  let at = 0;
  while (at < text.length) {
    const used = readToken(reading, text.slice(at), at);
    if (used === 0) bad(reading);
    at += used;
  }
  return finish(reading);
}

function checkedDays(text: string, year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > 31) outOfRange(text, true);
  if (day > daysInMonth(year, month)) outOfRange(text);
  return daysFromCivil(year, month, day);
}

function timeOf(text: string, hour: string, minute: string, second?: string, fraction?: string): bigint {
  const h = Number(hour);
  const m = Number(minute);
  const s = Number(second ?? 0);
  if (h > 24 || m > 59 || s > 60) outOfRange(text);
  const micros =
    BigInt(h * 3600 + m * 60 + s) * 1_000_000n + (fraction === undefined ? 0n : BigInt(fractionMicros(fraction)));
  if (micros > MICROS_PER_DAY) outOfRange(text);
  return micros;
}

/** Microseconds of a fraction's digits, rounded half to even as a double would be. */
export function fractionMicros(digits: string): number {
  return digits === '' ? 0 : Math.round(Number(`0.${digits}`) * 1e6);
}

type TokenReader = readonly [RegExp, (reading: Reading, match: RegExpExecArray) => boolean];

const TOKENS: readonly TokenReader[] = [
  [/^[\s,]+/, () => true],
  [/^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d*))?)?(?![\d:])/, readTime],
  [/^T?(\d{2})(\d{2})(\d{2})(?:\.(\d*))?(?=[+-]|\s|$|Z)/i, readPackedTime],
  [/^(\d{2})(\d{2})(?=\s|$)/, (r, m) => r.typeName === 'time' && readTime(r, m)],
  [/^(\d{1,7})([-/.])(\d{1,2})\2(\d{1,7})(?![\d])/, readNumericDate],
  [/^(\d{1,6})([-/. ]?)([A-Za-z]{3,9})\2(\d{1,6})(?![\d:])/, readNamedDate],
  [/^([A-Za-z]{3,9})([-/.])(\d{1,2})\2(\d{1,6})(?![\d:])/, readMonthFirst],
  [/^(\d{4})\.(\d{3})(?!\d)/, readDayOfYear],
  [/^(\d{4})(\d{2})(\d{2})(?=T|\s|$|,|[+-])/i, (r, m) => setDate(r, Number(m[1]), Number(m[2]), Number(m[3]), 4)],
  [/^(\d{2})(\d{2})(\d{2})(?=T|\s|$|,)/i, (r, m) => setDate(r, Number(m[1]), Number(m[2]), Number(m[3]), 2)],
  [/^J(\d+)(?=\s|$|T)/i, (r, m) => readJulian(r, Number(m[1]))],
  [/^T(?=\d)/i, (r) => hasDate(r)],
  [/^[+-]\d{1,2}:?(?:\d{2})?(?::?\d{2})?(?![\d])/, readOffset],
  [/^-infinity\b/i, (r) => setWord(r, '-infinity')],
  [/^\+?[A-Za-z][A-Za-z0-9_]*(?:\/[A-Za-z0-9_+-]+)*(?:[+-]\d+)?/, readWord],
  [/^(\d+)(?:st|nd|rd|th)?(?=[\s,]|$|[A-Za-z])/, readNumber],
];

function readToken(reading: Reading, rest: string, at: number): number {
  for (const [pattern, read] of TOKENS) {
    const match = pattern.exec(rest);
    if (
      match !== null &&
      match[0] !== '' &&
      (at > 0 || reading.typeName === 'time' || !/^T\d/i.test(match[0])) &&
      read(reading, match)
    ) {
      return match[0].length;
    }
  }
  return 0;
}

function hasDate(reading: Reading): boolean {
  return reading.day !== undefined || reading.julian !== undefined || reading.dayOfYear !== undefined;
}

function readTime(reading: Reading, match: RegExpExecArray): boolean {
  if (reading.fields.time !== undefined) return false;
  reading.fields.time = timeOf(reading.text, match[1]!, match[2]!, match[3], match[4]);
  return true;
}

function readPackedTime(reading: Reading, match: RegExpExecArray): boolean {
  if (!hasDate(reading) && !match[0].startsWith('T') && reading.typeName !== 'time') return false;
  return readTime(reading, match);
}

function setDate(reading: Reading, year: number, month: number, day: number, yearDigits: number): boolean {
  if (hasDate(reading)) return false;
  Object.assign(reading, { year, month, day, yearDigits });
  return true;
}

function readNumericDate(reading: Reading, match: RegExpExecArray): boolean {
  const [first, second, third] = [match[1]!, match[3]!, match[4]!];
  const [a, b, c] = [Number(first), Number(second), Number(third)];
  if (first.length >= 3 || reading.order === 'YMD') {
    if (third.length > 2) outOfRange(reading.text);
    return setDate(reading, a, b, c, first.length);
  }
  return reading.order === 'DMY' ? setDate(reading, c, b, a, third.length) : setDate(reading, c, a, b, third.length);
}

function readNamedDate(reading: Reading, match: RegExpExecArray): boolean {
  const month = MONTHS.get(match[3]!.toLowerCase());
  if (month === undefined) return false;
  const [first, last] = [match[1]!, match[4]!];
  if (first.length >= 3) return setDate(reading, Number(first), month, Number(last), first.length);
  return setDate(reading, Number(last), month, Number(first), last.length);
}

function readMonthFirst(reading: Reading, match: RegExpExecArray): boolean {
  const month = MONTHS.get(match[1]!.toLowerCase());
  if (month === undefined) return false;
  return setDate(reading, Number(match[4]), month, Number(match[3]), match[4]!.length);
}

function readDayOfYear(reading: Reading, match: RegExpExecArray): boolean {
  if (hasDate(reading)) return false;
  reading.year = Number(match[1]);
  reading.yearDigits = 4;
  reading.dayOfYear = Number(match[2]);
  return true;
}

function readJulian(reading: Reading, day: number): boolean {
  if (hasDate(reading)) return false;
  reading.julian = day;
  return true;
}

function readOffset(reading: Reading, match: RegExpExecArray): boolean {
  if (reading.fields.offset !== undefined) return false;
  const parts = /^([+-])(\d{1,2}):?(\d{2})?:?(\d{2})?$/.exec(match[0]);
  if (parts === null) return false;
  const hours = Number(parts[2]);
  const minutes = Number(parts[3] ?? 0);
  const seconds = Number(parts[4] ?? 0);
  if (hours > 15 || minutes > 59 || seconds > 59 || /^[+-]\d{5}/.test(match[0])) {
    throw sqlError('invalid_time_zone_displacement_value', `time zone displacement out of range: "${reading.text}"`);
  }
  if (reading.fields.time === undefined && !hasDate(reading)) return false;
  const size = hours * 3600 + minutes * 60 + seconds;
  reading.fields.offset = parts[1] === '-' ? -size : size;
  return true;
}

function setWord(reading: Reading, word: NonNullable<DateTimeFields['word']>): boolean {
  if (reading.fields.word !== undefined) return false;
  reading.fields.word = word;
  return true;
}

function readWord(reading: Reading, match: RegExpExecArray): boolean {
  const word = match[0].toLowerCase();
  const month = MONTHS.get(word);
  if (month !== undefined) {
    if (reading.month !== undefined) return false;
    reading.month = month;
    return true;
  }
  switch (word) {
    case 'now':
    case 'today':
    case 'tomorrow':
    case 'yesterday':
    case 'epoch':
    case 'infinity':
      return setWord(reading, word);
    case '+infinity':
      return setWord(reading, 'infinity');
    case 'am':
    case 'pm':
      reading.meridiem = word;
      return true;
    case 'bc':
    case 'ad':
      reading.bc = word === 'bc';
      return true;
    case 'allballs':
      reading.fields.time = 0n;
      return true;
    case 'at':
    case 'on':
    case 'dst':
      return true;
  }
  if (WEEKDAYS.test(word)) return true;
  return readZone(reading, match[0]);
}

function readZone(reading: Reading, word: string): boolean {
  if (reading.fields.offset !== undefined || reading.fields.zone !== undefined) return false;
  if (reading.fields.time === undefined && !hasDate(reading)) return false;
  const offset = abbreviationOffset(word);
  if (offset !== undefined) {
    reading.fields.offset = offset;
    return true;
  }
  if (!isTimeZone(word)) {
    if (word.includes('/'))
      throw sqlError('invalid_parameter_value', `time zone "${word.toLowerCase()}" not recognized`);
    return false;
  }
  reading.fields.zone = word;
  return true;
}

function readNumber(reading: Reading, match: RegExpExecArray): boolean {
  const digits = match[1]!;
  const value = Number(digits);
  if (digits.length >= 3) {
    if (reading.year !== undefined) return false;
    reading.year = value;
    reading.yearDigits = digits.length;
  } else if (
    reading.month === undefined &&
    reading.day === undefined &&
    reading.order !== 'DMY' &&
    reading.year !== undefined
  ) {
    reading.month = value;
  } else if (reading.day === undefined) reading.day = value;
  else if (reading.year === undefined) {
    reading.year = value;
    reading.yearDigits = digits.length;
  } else return false;
  return true;
}

function fullYear(reading: Reading): number {
  const year = reading.year!;
  if (reading.bc) {
    if (year <= 0) outOfRange(reading.text);
    return 1 - year;
  }
  if (year === 0 && (reading.yearDigits ?? 0) > 2) outOfRange(reading.text);
  if ((reading.yearDigits ?? 4) <= 2) return year < 70 ? year + 2000 : year + 1900;
  return year;
}

function finish(reading: Reading): DateTimeFields {
  const { fields } = reading;
  if (reading.meridiem !== undefined) {
    if (fields.time === undefined) bad(reading);
    const hour = Number(fields.time / 3_600_000_000n);
    if (hour < 1 || hour > 12) outOfRange(reading.text);
    if (reading.meridiem === 'pm' && hour < 12) fields.time += 12n * 3_600_000_000n;
    if (reading.meridiem === 'am' && hour === 12) fields.time -= 12n * 3_600_000_000n;
  }
  if (reading.julian !== undefined) fields.days = reading.julian - 2440588;
  else if (reading.dayOfYear !== undefined) {
    const year = fullYear(reading);
    if (reading.dayOfYear < 1 || reading.dayOfYear > 366) outOfRange(reading.text);
    fields.days = daysFromCivil(year, 1, 1) + reading.dayOfYear - 1;
  } else if (reading.year !== undefined || reading.month !== undefined || reading.day !== undefined) {
    if (reading.year === undefined || reading.month === undefined || reading.day === undefined) bad(reading);
    fields.days = checkedDays(reading.text, fullYear(reading), reading.month, reading.day);
  }
  if (fields.days === undefined && fields.time === undefined && fields.word === undefined) bad(reading);
  return fields;
}
