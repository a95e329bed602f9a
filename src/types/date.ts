// date: days since 1970-01-01; text by DateStyle; binary days since 2000-01-01.
import { sqlError } from '../errors/sql-error.ts';
import { expectLength } from './binary-format.ts';
import {
  civilFromDays,
  DATE_INFINITY,
  DATE_MINUS_INFINITY,
  isFiniteDate,
  MAX_DAY,
  MIN_DAY,
  POSTGRES_EPOCH_DAYS,
  splitTimestamp,
} from './calendar.ts';
import { fieldOrder, readDateTime } from './date-time-text.ts';
import { utcToLocal } from './time-zone.ts';
import { bigEndian, DEFAULT_SETTINGS, type TypeOperations, type TypeSettings, viewOf } from './type-settings.ts';

export function nowOf(settings: TypeSettings): bigint {
  return settings.nowMicros ?? BigInt(Date.now()) * 1000n;
}

/** Day number of 'today', 'yesterday' ... in the session's zone. */
export function dayOfWord(word: string, settings: TypeSettings): number {
  const today = splitTimestamp(utcToLocal(settings.timeZone, nowOf(settings))).days;
  return word === 'tomorrow' ? today + 1 : word === 'yesterday' ? today - 1 : today;
}

export function checkDate(days: number, text: string, quoted = true): number {
  const shown = quoted ? `"${text}"` : text;
  if (days < MIN_DAY || days > MAX_DAY) throw sqlError('datetime_field_overflow', `date out of range: ${shown}`);
  return days;
}

function parse(text: string, settings: TypeSettings): number {
  const fields = readDateTime(text, 'date', settings.dateStyle);
  switch (fields.word) {
    case undefined:
      break;
    case 'infinity':
      return DATE_INFINITY;
    case '-infinity':
      return DATE_MINUS_INFINITY;
    case 'epoch':
      return 0;
    default:
      return dayOfWord(fields.word, settings);
  }
  if (fields.days === undefined) {
    throw sqlError('invalid_datetime_format', `invalid input syntax for type date: "${text}"`);
  }
  return checkDate(fields.days, text); // the time plays no part, not even 24:00
}

const two = (n: number) => String(n).padStart(2, '0');

/** A finite day in DateStyle, without the era. */
export function formatDay(days: number, dateStyle: string): { text: string; bc: boolean } {
  const { year, month, day } = civilFromDays(days);
  const bc = year <= 0;
  const yyyy = String(bc ? 1 - year : year).padStart(4, '0');
  const style = dateStyle.toUpperCase();
  const dayFirst = fieldOrder(dateStyle) === 'DMY';
  if (style.includes('SQL')) {
    return { text: dayFirst ? `${two(day)}/${two(month)}/${yyyy}` : `${two(month)}/${two(day)}/${yyyy}`, bc };
  }
  if (style.includes('GERMAN')) return { text: `${two(day)}.${two(month)}.${yyyy}`, bc };
  if (style.includes('POSTGRES')) {
    return { text: dayFirst ? `${two(day)}-${two(month)}-${yyyy}` : `${two(month)}-${two(day)}-${yyyy}`, bc };
  }
  return { text: `${yyyy}-${two(month)}-${two(day)}`, bc };
}

function formatDate(days: number, dateStyle: string): string {
  if (!isFiniteDate(days)) return days > 0 ? 'infinity' : '-infinity';
  const { text, bc } = formatDay(days, dateStyle);
  return bc ? `${text} BC` : text;
}

export const DATE_OPERATIONS: TypeOperations = {
  parseText: (text, _type, settings = DEFAULT_SETTINGS) => parse(text, settings),
  formatText: (datum, _type, settings = DEFAULT_SETTINGS) => formatDate(datum as number, settings.dateStyle),
  encodeBinary: (datum) => {
    const days = datum as number;
    return bigEndian(4, (view) => view.setInt32(0, isFiniteDate(days) ? days - POSTGRES_EPOCH_DAYS : days));
  },
  decodeBinary: (bytes) => {
    expectLength(bytes, 4);
    const days = viewOf(bytes).getInt32(0);
    if (!isFiniteDate(days)) return days;
    const result = days + POSTGRES_EPOCH_DAYS;
    if (result < MIN_DAY || result > MAX_DAY) throw sqlError('datetime_field_overflow', 'date out of range');
    return result;
  },
  compare: (a, b) => (a as number) - (b as number),
};
