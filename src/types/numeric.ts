// numeric: text and binary form (base-10000 digits), typmod. The arithmetic is in decimal.ts.
import { sqlError } from '../errors/sql-error.ts';
import { type Datum, type Decimal, decimal } from './datum.ts';
import {
  compareDecimals,
  DECIMAL_INFINITY,
  DECIMAL_MINUS_INFINITY,
  DECIMAL_NAN,
  fitDecimal,
  formatDecimal,
  parseDecimal,
  tenTo,
} from './decimal.ts';
import type { SqlType } from './sql-type.ts';
import { bigEndian, type TypeOperations, viewOf } from './type-settings.ts';

/** Applies numeric(p,s) where the type has it. */
export function coerceDecimal(value: Decimal, type: SqlType): Decimal {
  return type.precision === undefined ? value : fitDecimal(value, type.precision, type.scale ?? 0);
}

const SIGNS = { NaN: 0xc000, Infinity: 0xd000, '-Infinity': 0xf000 } as const;

function encode(datum: Datum): Uint8Array {
  const value = datum as Decimal;
  if (value.special !== undefined) {
    const sign = SIGNS[value.special];
    return bigEndian(8, (view) => view.setUint16(4, sign));
  }
  const magnitude = value.coefficient < 0n ? -value.coefficient : value.coefficient;
  const fractionDigits = Math.ceil(value.scale / 4);
  let text = (magnitude * tenTo(fractionDigits * 4 - value.scale)).toString();
  text = text.padStart(Math.ceil(text.length / 4) * 4, '0');
  const digits: number[] = [];
  for (let i = 0; i < text.length; i += 4) digits.push(Number(text.slice(i, i + 4)));
  let weight = digits.length - 1 - fractionDigits;
  while (digits.length > 0 && digits[digits.length - 1] === 0) digits.pop();
  while (digits.length > 0 && digits[0] === 0) {
    digits.shift();
    weight--;
  }
  if (digits.length === 0) weight = 0;
  return bigEndian(8 + 2 * digits.length, (view) => {
    view.setInt16(0, digits.length);
    view.setInt16(2, weight);
    view.setUint16(4, value.coefficient < 0n ? 0x4000 : 0);
    view.setUint16(6, value.scale);
    digits.forEach((digit, i) => {
      view.setUint16(8 + 2 * i, digit);
    });
  });
}

function decode(bytes: Uint8Array): Decimal {
  if (bytes.length < 8) throw sqlError('protocol_violation', 'insufficient data left in message');
  const view = viewOf(bytes);
  const count = view.getInt16(0);
  const weight = view.getInt16(2);
  const sign = view.getUint16(4);
  const scale = view.getUint16(6);
  if (sign === 0xc000) return DECIMAL_NAN;
  if (sign === 0xd000) return DECIMAL_INFINITY;
  if (sign === 0xf000) return DECIMAL_MINUS_INFINITY;
  if (sign !== 0 && sign !== 0x4000) {
    throw sqlError('invalid_binary_representation', 'invalid sign in external "numeric" value');
  }
  if (scale > 16383) throw sqlError('invalid_binary_representation', 'invalid scale in external "numeric" value');
  if (count < 0 || bytes.length !== 8 + 2 * count) {
    throw sqlError('invalid_binary_representation', 'invalid length in external "numeric" value');
  }
  let digits = '';
  for (let i = 0; i < count; i++) {
    const digit = view.getUint16(8 + 2 * i);
    if (digit >= 10000) throw sqlError('invalid_binary_representation', 'invalid digit in external "numeric" value');
    digits += String(digit).padStart(4, '0');
  }
  // value = digits * 10000^(weight - count + 1); bring it to `scale`, truncating hidden digits as PostgreSQL does
  const shift = (weight - count + 1) * 4 + scale;
  let coefficient = BigInt(digits === '' ? '0' : digits);
  coefficient = shift >= 0 ? coefficient * tenTo(shift) : coefficient / tenTo(-shift);
  return decimal(sign === 0x4000 ? -coefficient : coefficient, scale);
}

export const NUMERIC_OPERATIONS: TypeOperations = {
  parseText: (text, type) => coerceDecimal(parseDecimal(text), type),
  formatText: (datum) => formatDecimal(datum as Decimal),
  encodeBinary: encode,
  decodeBinary: (bytes, type) => coerceDecimal(decode(bytes), type),
  compare: (a, b) => compareDecimals(a as Decimal, b as Decimal),
};
