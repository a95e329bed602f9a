// One number as another type: int2, int4, int8, float4, float8 and numeric among each other. This is what casts mean; the kernels that
// convert whole vectors (engine/expressions/numeric-conversion.ts) must agree with it and leave to it the rows they decline.
import { sqlError } from '../errors/sql-error.ts';
import { type Datum, type Decimal, decimal } from './datum.ts';
import { decimalFromNumber, decimalToInteger, decimalToNumber, formatDecimal } from './decimal.ts';
import { roundEven } from './float.ts';
import { coerceDecimal } from './numeric.ts';
import type { SqlType } from './sql-type.ts';

const LIMITS: Readonly<Record<string, readonly [bigint, bigint, string]>> = {
  int2: [-32768n, 32767n, 'smallint'],
  int4: [-2147483648n, 2147483647n, 'integer'],
  int8: [-(2n ** 63n), 2n ** 63n - 1n, 'bigint'],
};

export function isFloat(type: SqlType): boolean {
  return type.name === 'float4' || type.name === 'float8';
}

/**
 * Rounds as PostgreSQL: numeric to integer half away from zero, float to integer half to even, float to numeric by its first 15 (real: 6)
 * digits, to the scale of numeric(p,s). 22003 where it does not fit, 0A000 for NaN and infinite numerics as integers.
 */
export function convertNumber(value: Datum, from: SqlType, to: SqlType): Datum {
  if (isFloat(to)) return toFloat(value, from, to);
  if (to.name === 'numeric') return coerceDecimal(toDecimal(value, from), to);
  const [low, high, name] = LIMITS[to.name]!;
  const whole = toWhole(value, from, name);
  if (whole < low || whole > high) throw sqlError('numeric_value_out_of_range', `${name} out of range`);
  return to.name === 'int8' ? whole : Number(whole);
}

function toWhole(value: Datum, from: SqlType, name: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw sqlError('numeric_value_out_of_range', `${name} out of range`);
    return BigInt(isFloat(from) ? roundEven(value) : value);
  }
  const number = value as Decimal;
  if (number.special !== undefined) {
    const what = number.special === 'NaN' ? 'NaN' : 'infinity';
    throw sqlError('feature_not_supported', `cannot convert ${what} to ${name}`);
  }
  return decimalToInteger(number);
}

function toFloat(value: Datum, from: SqlType, to: SqlType): number {
  if (from.name === 'numeric') return decimalToFloat(value as Decimal, to);
  const wide = Number(value);
  if (to.name === 'float8') return wide;
  const narrow = Math.fround(wide);
  if (Number.isFinite(wide) && !Number.isFinite(narrow)) {
    throw sqlError('numeric_value_out_of_range', 'value out of range: overflow');
  }
  if (narrow === 0 && wide !== 0) throw sqlError('numeric_value_out_of_range', 'value out of range: underflow');
  return narrow;
}

/** A numeric becomes a float by way of its text, whose reader finds what is too large or too small. */
function decimalToFloat(value: Decimal, to: SqlType): number {
  const wide = decimalToNumber(value);
  const result = to.name === 'float4' ? Math.fround(wide) : wide;
  const lost = !Number.isFinite(result) || (result === 0 && value.coefficient !== 0n);
  if (!lost || value.special !== undefined) return result;
  const label = to.name === 'float4' ? 'real' : 'double precision';
  throw sqlError('numeric_value_out_of_range', `"${formatDecimal(value)}" is out of range for type ${label}`);
}

function toDecimal(value: Datum, from: SqlType): Decimal {
  if (typeof value === 'bigint') return decimal(value, 0);
  if (typeof value !== 'number') return value as Decimal;
  return isFloat(from) ? decimalFromNumber(value, from.name === 'float4' ? 6 : 15) : decimal(BigInt(value), 0);
}
