// timestamp and timestamptz: microseconds since 1970 (UTC for timestamptz), text by DateStyle and TimeZone.
import { sqlError } from '../errors/sql-error.ts';
import { expectLength } from './binary-format.ts';
import {
  civilFromDays,
  DAY_NAMES,
  dayOfWeek,
  END_TIMESTAMP,
  isFiniteTimestamp,
  MICROS_PER_DAY,
  MICROS_PER_SECOND,
  MIN_TIMESTAMP,
  MONTH_NAMES,
  POSTGRES_EPOCH_DAYS,
  splitTimestamp,
  TIMESTAMP_INFINITY,
  TIMESTAMP_MINUS_INFINITY,
} from './calendar.ts';
import { dayOfWord, formatDay, nowOf } from './date.ts';
import { fieldOrder, readDateTime } from './date-time-text.ts';
import { compareBigints } from './int.ts';
import type { SqlType } from './sql-type.ts';
import { formatClock, roundMicros } from './time.ts';
import { formatOffset, localToUtc, offsetAt, utcToLocal, zoneAbbreviation } from './time-zone.ts';
import { bigEndian, DEFAULT_SETTINGS, type TypeOperations, type TypeSettings, viewOf } from './type-settings.ts';

/** 22008 unless the instant is infinite or within PostgreSQL's range. */
export function checkTimestamp(micros: bigint, message = 'timestamp out of range'): bigint {
  if (isFiniteTimestamp(micros) && (micros < MIN_TIMESTAMP || micros >= END_TIMESTAMP)) {
    throw sqlError('datetime_field_overflow', message);
  }
  return micros;
}

const EPOCH_MICROS = BigInt(POSTGRES_EPOCH_DAYS) * MICROS_PER_DAY;

/** Rounded to the type's fractional digits, half away from PostgreSQL's epoch, 2000. */
export function roundTimestamp(micros: bigint, type: SqlType): bigint {
  return isFiniteTimestamp(micros) ? roundMicros(micros - EPOCH_MICROS, type) + EPOCH_MICROS : micros;
}

function parse(text: string, type: SqlType, settings: TypeSettings, zoned: boolean): bigint {
  const fields = readDateTime(text, zoned ? 'timestamp with time zone' : 'timestamp', settings.dateStyle);
  const { timeZone } = settings;
  let local: bigint;
  switch (fields.word) {
    case 'infinity':
      return TIMESTAMP_INFINITY;
    case '-infinity':
      return TIMESTAMP_MINUS_INFINITY;
    case 'epoch':
      return 0n;
    case 'now':
      return roundTimestamp(zoned ? nowOf(settings) : utcToLocal(timeZone, nowOf(settings)), type);
    case undefined:
      if (fields.days === undefined) {
        const name = zoned ? 'timestamp with time zone' : 'timestamp';
        throw sqlError('invalid_datetime_format', `invalid input syntax for type ${name}: "${text}"`);
      }
      local = BigInt(fields.days) * MICROS_PER_DAY + (fields.time ?? 0n);
      break;
    default:
      local = BigInt(dayOfWord(fields.word, settings)) * MICROS_PER_DAY + (fields.time ?? 0n);
  }
  const message = `timestamp out of range: "${text}"`;
  if (!zoned) return checkTimestamp(roundTimestamp(local, type), message);
  checkTimestamp(local, message);
  const utc =
    fields.offset !== undefined
      ? local - BigInt(fields.offset) * MICROS_PER_SECOND
      : localToUtc(fields.zone ?? timeZone, local);
  return checkTimestamp(roundTimestamp(utc, type), message);
}

/** A timestamp (or, with `zone`, a timestamptz) as DateStyle prints it. */
function formatTimestamp(micros: bigint, dateStyle: string, zone?: string): string {
  if (micros === TIMESTAMP_INFINITY) return 'infinity';
  if (micros === TIMESTAMP_MINUS_INFINITY) return '-infinity';
  const offset = zone === undefined ? 0 : offsetAt(zone, micros);
  const { days, time } = splitTimestamp(micros + BigInt(offset) * MICROS_PER_SECOND);
  const style = dateStyle.toUpperCase();
  const { text, bc } = formatDay(days, dateStyle);
  const era = bc ? ' BC' : '';
  if (style.includes('POSTGRES')) {
    const { year, month, day } = civilFromDays(days);
    const monthName = MONTH_NAMES[month - 1]!.slice(0, 3);
    const dd = String(day).padStart(2, '0');
    const date = fieldOrder(dateStyle) === 'DMY' ? `${dd} ${monthName}` : `${monthName} ${dd}`;
    const yyyy = String(year <= 0 ? 1 - year : year).padStart(4, '0');
    const suffix = zone === undefined ? '' : ` ${zoneAbbreviation(zone, micros)}`;
    return `${DAY_NAMES[dayOfWeek(days)]!.slice(0, 3)} ${date} ${formatClock(time)} ${yyyy}${suffix}${era}`;
  }
  if (style.includes('SQL') || style.includes('GERMAN')) {
    const suffix = zone === undefined ? '' : ` ${zoneAbbreviation(zone, micros)}`;
    return `${text} ${formatClock(time)}${suffix}${era}`;
  }
  return `${text} ${formatClock(time)}${zone === undefined ? '' : formatOffset(offset)}${era}`;
}

const EPOCH_SHIFT = BigInt(POSTGRES_EPOCH_DAYS) * MICROS_PER_DAY;

function operations(zoned: boolean): TypeOperations {
  return {
    parseText: (text, type, settings = DEFAULT_SETTINGS) => parse(text, type, settings, zoned),
    formatText: (datum, _type, settings = DEFAULT_SETTINGS) =>
      formatTimestamp(datum as bigint, settings.dateStyle, zoned ? settings.timeZone : undefined),
    encodeBinary: (datum) => {
      const micros = datum as bigint;
      return bigEndian(8, (view) => view.setBigInt64(0, isFiniteTimestamp(micros) ? micros - EPOCH_SHIFT : micros));
    },
    decodeBinary: (bytes, type) => {
      expectLength(bytes, 8);
      const micros = viewOf(bytes).getBigInt64(0);
      return isFiniteTimestamp(micros) ? roundTimestamp(checkTimestamp(micros + EPOCH_SHIFT), type) : micros;
    },
    compare: compareBigints,
  };
}

export const TIMESTAMP_OPERATIONS = operations(false);
export const TIMESTAMPTZ_OPERATIONS = operations(true);
