// to_date and to_timestamp: text read along a date picture. First the fields are collected as they come (PictureReader), then they are
// put together to a moment (assemble): centuries with short years, ISO weeks, days of the year, the 12-hour clock.
import { sqlError } from '../../errors/sql-error.ts';
import {
  civilFromDays,
  DAY_NAMES,
  dayOfWeek,
  daysFromCivil,
  daysInMonth,
  isLeapYear,
  MICROS_PER_DAY,
  MONTH_NAMES,
} from '../../types/calendar.ts';
import { type Calendar, type DateField, type DateStep, datePicture, ROMAN_MONTHS } from './date-pictures.ts';

/** Fields as read; absent ones are undefined. */
interface Fields {
  calendar: Calendar | undefined;
  values: Map<string, number>;
  /** digits the picture gave the year */
  yearDigits: number;
  twelveHours: boolean;
  zoneSign: number;
}

const invalid = (message: string, detail?: string, hint?: string) =>
  sqlError('invalid_datetime_format', message, { ...(detail && { detail }), ...(hint && { hint }) });
const isSpace = (c: string | undefined) => c !== undefined && /\s/.test(c);
const isSeparator = (c: string | undefined) => c !== undefined && c > ' ' && c < '\x7f' && !/[A-Za-z0-9]/.test(c);

/** How many digits a field takes where digits follow it, and the value it fills. */
const NUMBERS: Readonly<Record<string, readonly [length: number, value: string]>> = {
  HH: [2, 'hour'],
  HH12: [2, 'hour'],
  HH24: [2, 'hour'],
  MI: [2, 'minute'],
  SS: [2, 'second'],
  SSSS: [4, 'seconds of day'],
  SSSSS: [5, 'seconds of day'],
  MM: [2, 'month'],
  DD: [2, 'day'],
  DDD: [3, 'day of year'],
  IDDD: [3, 'day of year'],
  D: [1, 'weekday'],
  WW: [2, 'week'],
  IW: [2, 'week'],
  W: [1, 'week of month'],
  CC: [2, 'century'],
  J: [1, 'julian day'],
  TZM: [2, 'zone minutes'],
};
const YEARS: Readonly<Record<string, number>> = { YYYY: 4, YYY: 3, YY: 2, Y: 1, IYYY: 4, IYY: 3, IY: 2, I: 1 };
const FRACTIONS: Readonly<Record<string, number>> = { MS: 3, US: 6, FF1: 1, FF2: 2, FF3: 3, FF4: 4, FF5: 5, FF6: 6 };
const short = (names: readonly string[]) => names.map((name) => name.slice(0, 3));
const ROMAN_LONGEST_FIRST = [...ROMAN_MONTHS].sort((a, b) => b.length - a.length);

/** A short year is one of the years around 2020. */
function fullYear(year: number): number {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  return year < 1000 ? year + 1000 : year;
}

class PictureReader {
  readonly fields: Fields = {
    calendar: undefined,
    values: new Map(),
    yearDigits: 0,
    twelveHours: false,
    zoneSign: 0,
  };
  private readonly text: string;
  private readonly steps: readonly DateStep[];
  private at = 0;
  private exact = false;
  private skipped = 0;

  constructor(text: string, steps: readonly DateStep[]) {
    this.text = text;
    this.steps = steps;
  }

  run(): Fields {
    for (const [i, step] of this.steps.entries()) {
      if (this.at >= this.text.length) break;
      const isFx = step.kind === 'field' && step.name === 'FX';
      if (!this.exact && !isFx && (step.kind === 'field' || i === 0)) this.skipSpaces();
      if (step.kind === 'field') {
        this.field(step, i);
        if (!this.exact) {
          this.skipped = 0;
          this.skipSpaces();
        }
      } else if (step.kind === 'text') this.literal();
      else this.separator();
    }
    return this.fields;
  }

  private skipSpaces(): void {
    for (; isSpace(this.text[this.at]); this.at++) this.skipped++;
  }

  private literal(): void {
    if (!this.exact && this.skipped > 0) this.skipped--;
    else this.at += this.text.codePointAt(this.at)! > 0xffff ? 2 : 1;
  }

  /** One separator of the picture stands for one of the text, or for none. */
  private separator(): void {
    if (this.exact) {
      this.at++;
      return;
    }
    this.skipped--;
    if (!isSpace(this.text[this.at]) && !isSeparator(this.text[this.at])) return;
    this.at++;
    this.skipped++;
  }

  private set(name: string, value: number, field: DateField): void {
    const known = this.fields.values.get(name);
    if (known !== undefined && known !== 0 && known !== value) {
      const detail = 'This value contradicts a previous setting for the same field type.';
      throw invalid(`conflicting values for "${field.spelled}" field in formatting string`, detail);
    }
    this.fields.values.set(name, value);
  }

  private field(field: DateField, index: number): void {
    const { name } = field;
    this.setCalendar(field);
    const number = NUMBERS[name];
    if (number !== undefined) {
      if (name === 'HH' || name === 'HH12') this.fields.twelveHours = true;
      this.set(number[1], this.integer(number[0], field, index).value, field);
    } else if (YEARS[name] !== undefined) this.year(YEARS[name], field, index);
    else if (FRACTIONS[name] !== undefined) this.fraction(FRACTIONS[name], field, index);
    else this.named(field, index);
    if (field.ordinal !== '') this.at = Math.min(this.text.length, this.at + 2);
  }

  private setCalendar({ calendar }: DateField): void {
    if (calendar === undefined) return;
    if (this.fields.calendar !== undefined && this.fields.calendar !== calendar) {
      const hint = 'Do not mix Gregorian and ISO week date conventions in a formatting template.';
      throw invalid('invalid combination of date conventions', undefined, hint);
    }
    this.fields.calendar = calendar;
  }

  private year(digits: number, field: DateField, index: number): void {
    const { value, used } = this.integer(digits, field, index);
    this.set('year', used < 4 && digits < 4 ? fullYear(value) : value, field);
    this.fields.yearDigits = digits;
  }

  private fraction(digits: number, field: DateField, index: number): void {
    const { value, used } = this.integer(digits, field, index);
    const unit = field.name === 'MS' ? 3 : 6;
    const micros = value * 10 ** Math.max(0, (unit === 3 ? 3 : 6) - used) * (unit === 3 ? 1000 : 1);
    this.set(unit === 3 ? 'milliseconds' : 'microseconds', micros, field);
  }

  private named(field: DateField, index: number): void {
    const names = (list: readonly string[]) => this.word(list, field);
    switch (field.name) {
      case 'FX':
        this.exact = true;
        return;
      case 'AM':
      case 'PM':
        this.set('afternoon', names(['am', 'pm']), field);
        this.fields.twelveHours = true;
        return;
      case 'A.M.':
      case 'P.M.':
        this.set('afternoon', names(['a.m.', 'p.m.']), field);
        this.fields.twelveHours = true;
        return;
      case 'AD':
      case 'BC':
        return this.set('before christ', names(['ad', 'bc']), field);
      case 'A.D.':
      case 'B.C.':
        return this.set('before christ', names(['a.d.', 'b.c.']), field);
      case 'MONTH':
        return this.set('month', names(MONTH_NAMES) + 1, field);
      case 'MON':
        return this.set('month', names(short(MONTH_NAMES)) + 1, field);
      case 'DAY':
        return this.set('weekday', names(DAY_NAMES) + 1, field);
      case 'DY':
        return this.set('weekday', names(short(DAY_NAMES)) + 1, field);
      case 'RM': {
        const found = ROMAN_LONGEST_FIRST[names(ROMAN_LONGEST_FIRST)]!;
        return this.set('month', ROMAN_MONTHS.indexOf(found) + 1, field);
      }
      case 'ID':
        return this.set('weekday', (this.integer(1, field, index).value % 7) + 1, field);
      case 'Q':
        this.integer(1, field, index); // which day of the quarter would it be
        return;
      case 'Y,YYY':
        return this.thousands(field);
      case 'TZH':
        return this.zoneHours(field, index);
      default:
        throw sqlError('feature_not_supported', `formatting field "${field.spelled}" is only supported in to_char`);
    }
  }

  private thousands(field: DateField): void {
    const match = /^\s*([+-]?\d+),(\d{1,3})/.exec(this.text.slice(this.at));
    if (match === null) throw invalid('invalid input string for "Y,YYY"');
    this.at += match[0].length;
    this.set('year', Number(match[1]) * 1000 + Number(match[2]), field);
    this.fields.yearDigits = 4;
  }

  private zoneHours(field: DateField, index: number): void {
    const c = this.text[this.at];
    if (c === '+' || c === '-' || c === ' ') {
      this.fields.zoneSign = c === '-' ? -1 : 1;
      this.at++;
    } else this.fields.zoneSign = this.skipped > 0 && this.text[this.at - 1] === '-' ? -1 : 1;
    this.set('zone hours', this.integer(2, field, index).value, field);
  }

  /** The position of the word that the text goes on with, in any case. */
  private word(names: readonly string[], field: DateField): number {
    const rest = this.text.slice(this.at).toLowerCase();
    const found = names.findIndex((name) => rest.startsWith(name.toLowerCase()));
    if (found < 0) {
      const shown = /^\S*/.exec(this.text.slice(this.at))![0];
      const detail = 'The given value did not match any of the allowed values for this field.';
      throw invalid(`invalid value "${shown}" for "${field.spelled}"`, detail);
    }
    this.at += names[found]!.length;
    return found;
  }

  /** True where what follows the field is no digit, so that it may take all digits there are. */
  private endsAtSeparator(field: DateField, index: number): boolean {
    const next = this.steps[index + 1];
    if (field.ordinal !== '' || next === undefined) return true;
    return next.kind === 'field' ? !next.numeric : !/^\d$/.test(next.text);
  }

  private integer(length: number, field: DateField, index: number): { value: number; used: number } {
    while (isSpace(this.text[this.at])) this.at++;
    const rest = this.text.slice(this.at);
    const part = rest.slice(0, length);
    const free = field.fill || this.endsAtSeparator(field, index);
    const digits = /^[+-]?\d+/.exec(free ? rest : part)?.[0];
    const hint = 'If your source string is not fixed-width, try using the "FM" modifier.';
    if (!free && part.length < length) {
      const detail = `Field requires ${length} characters, but only ${part.length} remain.`;
      throw invalid(`source string too short for "${field.spelled}" formatting field`, detail, hint);
    }
    if (digits === undefined)
      throw invalid(`invalid value "${part}" for "${field.spelled}"`, 'Value must be an integer.');
    if (!free && digits.length < length) {
      const detail = `Field requires ${length} characters, but only ${digits.length} could be parsed.`;
      throw invalid(`invalid value "${part}" for "${field.spelled}"`, detail, hint);
    }
    const value = Number(digits);
    if (Math.abs(value) > 2147483647) {
      throw sqlError('datetime_field_overflow', `value for "${field.spelled}" in source string is out of range`, {
        detail: 'Value must be in the range -2147483648 to 2147483647.',
      });
    }
    this.at += digits.length;
    return { value, used: digits.length };
  }
}

/** The day on which the ISO week of an ISO year begins (Monday), counted from 1970. */
function isoWeekStart(year: number, week: number): number {
  const fourth = daysFromCivil(year, 1, 4);
  return fourth - ((dayOfWeek(fourth) + 6) % 7) + (week - 1) * 7;
}

function yearOf({ values, yearDigits }: Fields): number | undefined {
  const year = values.get('year') ?? 0;
  const before = values.get('before christ') === 1;
  const century = (values.get('century') ?? 0) * (before ? -1 : 1);
  if (year !== 0) {
    if (century !== 0 && yearDigits <= 2) {
      const within = year % 100;
      if (within === 0) return century * 100 + (century >= 0 ? 0 : 1);
      return century >= 0 ? within + (century - 1) * 100 : (century + 1) * 100 - within + 1;
    }
    const signed = before ? -year : year;
    return signed < 0 ? signed + 1 : signed;
  }
  if (century !== 0) return century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
  return undefined;
}

interface Day {
  year: number;
  month: number;
  day: number;
}

/** The date of the fields; out of range values are left to the check. */
function dayOf(fields: Fields): Day & { readonly checked: boolean } {
  const { values, calendar } = fields;
  const year = yearOf(fields);
  let date: Day = { year: year ?? 0, month: 1, day: 1 };
  let dayOfYear = values.get('day of year') ?? 0;
  let checked = year !== undefined;
  const take = (days: number) => {
    date = civilFromDays(days);
    checked = true;
  };
  const julian = values.get('julian day') ?? 0;
  if (julian !== 0) take(julian - 2440588);
  const week = values.get('week') ?? 0;
  if (week !== 0 && calendar === 'iso') {
    const weekday = values.get('weekday') ?? 0;
    take(isoWeekStart(date.year, week) + (weekday === 0 ? 0 : weekday === 1 ? 6 : weekday - 2));
  } else if (week !== 0) dayOfYear = (week - 1) * 7 + 1;
  const weekOfMonth = values.get('week of month') ?? 0;
  const day = weekOfMonth === 0 ? (values.get('day') ?? 0) : (weekOfMonth - 1) * 7 + 1;
  const month = values.get('month') ?? 0;
  if (day !== 0) date.day = day;
  if (month !== 0) date.month = month;
  if (dayOfYear !== 0 && (date.month <= 1 || date.day <= 1)) {
    if (date.year === 0 && values.get('before christ') !== 1) {
      throw invalid('cannot calculate day of year without year information');
    }
    if (calendar === 'iso') take(isoWeekStart(date.year, 1) - 1 + dayOfYear);
    else if (dayOfYear >= 1 && dayOfYear <= (isLeapYear(date.year) ? 366 : 365)) {
      const found = civilFromDays(daysFromCivil(date.year, 1, 1) + dayOfYear - 1);
      if (date.month <= 1) date.month = found.month;
      if (date.day <= 1) date.day = found.day;
    } else date.day = 99; // no such day
  }
  return { ...date, checked: checked || day !== 0 || month !== 0 || dayOfYear !== 0 };
}

function hourOf({ values, twelveHours }: Fields, hour: number): number {
  if (!twelveHours) return hour;
  if (hour < 1 || hour > 12) {
    const hint = 'Use the 24-hour clock, or give an hour between 1 and 12.';
    throw invalid(`hour "${hour}" is invalid for the 12-hour clock`, undefined, hint);
  }
  if (values.get('afternoon') === 1) return hour < 12 ? hour + 12 : 12;
  return hour === 12 ? 0 : hour;
}

/** The time of day in microseconds; undefined: out of range. */
function timeOf(fields: Fields): bigint | undefined {
  const { values } = fields;
  const seconds = values.get('seconds of day') ?? 0;
  const hour = values.get('hour') ?? Math.trunc(seconds / 3600);
  const minute = values.get('minute') ?? Math.trunc((seconds % 3600) / 60);
  const second = values.get('second') ?? seconds % 60;
  const shown = fields.twelveHours && values.has('hour') ? hourOf(fields, hour) : hour;
  const micros = (values.get('milliseconds') ?? 0) + (values.get('microseconds') ?? 0);
  const within = (n: number, end: number) => n >= 0 && n < end;
  if (!within(shown, 24) || !within(minute, 60) || !within(second, 60) || !within(micros, 1e6)) return undefined;
  return BigInt((shown * 60 + minute) * 60 + second) * 1_000_000n + BigInt(micros);
}

export interface ReadMoment {
  /** days since 1970 */
  readonly days: number;
  /** microseconds since midnight */
  readonly micros: bigint;
  /** seconds east of UTC where the picture has a zone */
  readonly offset: number | undefined;
}

/** Reads a text along a picture. Throws 22007 for text that does not fit, 22008 for values out of range. */
export function readMoment(text: string, picture: string): ReadMoment {
  const outOfRange = () => sqlError('datetime_field_overflow', `date/time field value out of range: "${text}"`);
  const fields = new PictureReader(text, datePicture(picture)).run();
  const { year, month, day, checked } = dayOf(fields);
  if (checked && (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))) throw outOfRange();
  const micros = timeOf(fields);
  if (micros === undefined) throw outOfRange();
  let offset: number | undefined;
  if (fields.zoneSign !== 0) {
    const hours = fields.values.get('zone hours') ?? 0;
    const minutes = fields.values.get('zone minutes') ?? 0;
    if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) throw outOfRange();
    offset = fields.zoneSign * (hours * 3600 + minutes * 60);
  }
  return { days: daysFromCivil(year, month, day), micros, offset };
}

export function localMicros({ days, micros }: ReadMoment): bigint {
  return BigInt(days) * MICROS_PER_DAY + micros;
}
