// smallint, integer, bigint, oid and xid: text and binary forms. Datums are numbers, bigint for int8.
import { sqlError } from '../errors/sql-error.ts';
import { expectLength } from './binary-format.ts';
import type { Datum } from './datum.ts';
import type { SqlType } from './sql-type.ts';
import { bigEndian, type TypeOperations, viewOf } from './type-settings.ts';

const INTEGER = /^[ \t-\r]*[+-]?\d+[ \t-\r]*$/;
const SHORT = /^-?\d{1,9}$/;

/** An integer within [low, high]; 22P02 or 22003 naming the SQL type. */
export function parseInteger(text: string, low: bigint, high: bigint, typeName: string): bigint {
  if (!INTEGER.test(text)) {
    // digits are read before what follows them: too many of them is the first error found
    const digits = /^[ \t-\r]*([+-]?\d+)/.exec(text)?.[1];
    if (digits !== undefined && typeName !== 'oid' && (BigInt(digits) < low || BigInt(digits) > high))
      outOfRange(text, typeName);
    throw sqlError('invalid_text_representation', `invalid input syntax for type ${typeName}: "${text}"`);
  }
  const trimmed = text.trim();
  const value = BigInt(trimmed.startsWith('+') ? trimmed.slice(1) : trimmed);
  if (value < low || value > high) outOfRange(text, typeName);
  return value;
}

function outOfRange(text: string, typeName: string): never {
  throw sqlError('numeric_value_out_of_range', `value "${text}" is out of range for type ${typeName}`);
}

function small(low: number, high: number, typeName: string, bytes: 2 | 4): TypeOperations {
  return {
    parseText: (text) => {
      const value = SHORT.test(text) ? Number(text) + 0 : Number.NaN; // -0 is 0
      return value >= low && value <= high ? value : Number(parseInteger(text, BigInt(low), BigInt(high), typeName));
    },
    formatText: (datum) => String(datum as number),
    encodeBinary: (datum) =>
      bigEndian(bytes, (view) => (bytes === 2 ? view.setInt16(0, datum as number) : view.setInt32(0, datum as number))),
    decodeBinary: (data) => {
      expectLength(data, bytes);
      return bytes === 2 ? viewOf(data).getInt16(0) : viewOf(data).getInt32(0);
    },
    compare: compareNumbers,
  };
}

function compareNumbers(a: Datum, b: Datum): number {
  return (a as number) - (b as number);
}

export function compareBigints(a: Datum, b: Datum): number {
  return (a as bigint) < (b as bigint) ? -1 : (a as bigint) > (b as bigint) ? 1 : 0;
}

export const INT2_OPERATIONS = small(-32768, 32767, 'smallint', 2);
export const INT4_OPERATIONS = small(-2147483648, 2147483647, 'integer', 4);

const INT8_LOW = -(1n << 63n);
const INT8_HIGH = (1n << 63n) - 1n;

export const INT8_OPERATIONS: TypeOperations = {
  parseText: (text) => parseInteger(text, INT8_LOW, INT8_HIGH, 'bigint'),
  formatText: (datum) => (datum as bigint).toString(),
  encodeBinary: (datum) => bigEndian(8, (view) => view.setBigInt64(0, datum as bigint)),
  decodeBinary: (data) => {
    expectLength(data, 8);
    return viewOf(data).getBigInt64(0);
  },
  compare: compareBigints,
};

/** oid, xid and the reg* types: numbers; a session's settings know the names behind reg* ones. */
export const OID_OPERATIONS: TypeOperations = {
  parseText: (text: string, type: SqlType) => {
    if (type.name.startsWith('reg') && text.trim() === '-') return 0;
    const value = parseInteger(text, -2147483648n, 4294967295n, type.name);
    return Number(BigInt.asUintN(32, value));
  },
  formatText: (datum, type, settings) => {
    const value = (datum as number) >>> 0;
    if (!type.name.startsWith('reg')) return String(value);
    if (value === 0) return '-';
    return settings?.registeredName?.(type.name, value) ?? String(value);
  },
  encodeBinary: (datum) => bigEndian(4, (view) => view.setUint32(0, (datum as number) >>> 0)),
  decodeBinary: (data) => {
    expectLength(data, 4);
    return viewOf(data).getUint32(0);
  },
  compare: (a, b) => ((a as number) >>> 0) - ((b as number) >>> 0),
};
