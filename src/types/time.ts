// time without time zone: microseconds since midnight, up to and including 24:00.
import { sqlError } from '../errors/sql-error.ts';
import { expectLength } from './binary-format.ts';
import { MICROS_PER_DAY, splitTimestamp } from './calendar.ts';
import { nowOf } from './date.ts';
import { readDateTime } from './date-time-text.ts';
import { compareBigints } from './int.ts';
import type { SqlType } from './sql-type.ts';
import { utcToLocal } from './time-zone.ts';
import { bigEndian, DEFAULT_SETTINGS, type TypeOperations, type TypeSettings, viewOf } from './type-settings.ts';

/** Microseconds rounded to the type's fractional digits, half away from zero. */
export function roundMicros(micros: bigint, type: SqlType): bigint {
  if (type.precision === undefined || type.precision >= 6) return micros;
  const unit = 10n ** BigInt(6 - type.precision);
  const half = unit / 2n;
  return micros >= 0n ? ((micros + half) / unit) * unit : -((-micros + half) / unit) * unit;
}

/** HH:MM:SS[.ffffff] of microseconds since midnight, without trailing zeros. */
export function formatClock(micros: bigint): string {
  const seconds = Number(micros / 1_000_000n);
  const fraction = Number(micros % 1_000_000n);
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === 0 ? clock : `${clock}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
}

function parse(text: string, type: SqlType, settings: TypeSettings): bigint {
  const fields = readDateTime(text, 'time', settings.dateStyle);
  if (fields.word === 'now') {
    return roundMicros(splitTimestamp(utcToLocal(settings.timeZone, nowOf(settings))).time, type);
  }
  if (fields.time === undefined) {
    throw sqlError('invalid_datetime_format', `invalid input syntax for type time: "${text}"`);
  }
  return roundMicros(fields.time, type);
}

export const TIME_OPERATIONS: TypeOperations = {
  parseText: (text, type, settings = DEFAULT_SETTINGS) => parse(text, type, settings),
  formatText: (datum) => formatClock(datum as bigint),
  encodeBinary: (datum) => bigEndian(8, (view) => view.setBigInt64(0, datum as bigint)),
  decodeBinary: (bytes, type) => {
    expectLength(bytes, 8);
    const micros = viewOf(bytes).getBigInt64(0);
    if (micros < 0n || micros > MICROS_PER_DAY) throw sqlError('datetime_field_overflow', 'time out of range');
    return roundMicros(micros, type);
  },
  compare: compareBigints,
};
