// Number to number for single values: what the engine's 'convert' does for vectors, with the same rounding and errors.
// Also the two date casts that are kernels.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, Decimal } from '../../types/datum.ts';
import { decimal } from '../../types/datum.ts';
import { decimalFromNumber, decimalToInteger, decimalToNumber } from '../../types/decimal.ts';
import { coerceDecimal } from '../../types/numeric.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { dateToTimestamp, timestampToDate } from './date-casts.ts';

const BITS: Readonly<Record<string, { readonly bits: number; readonly label: string }>> = {
  int2: { bits: 16, label: 'smallint' },
  int4: { bits: 32, label: 'integer' },
  int8: { bits: 64, label: 'bigint' },
};

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function toInteger(value: Datum, from: SqlType, to: SqlType): Datum {
  const { bits, label } = BITS[to.name]!;
  let whole: bigint;
  const outside = () => sqlError('numeric_value_out_of_range', `${label} out of range`);
  if (from.name === 'numeric') {
    const exact = value as Decimal;
    if (exact.special !== undefined) {
      const what = exact.special === 'NaN' ? 'NaN' : 'infinity';
      throw sqlError('feature_not_supported', `cannot convert ${what} to ${label}`);
    }
    whole = decimalToInteger(exact);
  } else if (typeof value === 'bigint') whole = value;
  else {
    if (!Number.isFinite(value as number)) throw outside();
    whole = BigInt(roundEven(value as number));
  }
  if (whole !== BigInt.asIntN(bits, whole)) throw outside();
  return bits === 64 ? whole : Number(whole);
}

/** The value of a number (or date) in another number (or date) type; 22003 where it does not fit. */
export function convertValue(value: Datum, from: SqlType, to: SqlType): Datum {
  if (from.name === 'date' && to.name === 'timestamp') return dateToTimestamp(value as number);
  if (from.name === 'timestamp' && to.name === 'date') return timestampToDate(value as bigint);
  if (BITS[to.name] !== undefined) return toInteger(value, from, to);
  if (to.name === 'numeric') {
    if (from.name === 'numeric') return coerceDecimal(value as Decimal, to);
    const exact =
      from.name === 'float4' || from.name === 'float8'
        ? decimalFromNumber(value as number, from.name === 'float4' ? 6 : 15)
        : decimal(BigInt(value as number | bigint), 0);
    return coerceDecimal(exact, to);
  }
  const number = from.name === 'numeric' ? decimalToNumber(value as Decimal) : Number(value);
  if (to.name === 'float8') return number;
  const single = Math.fround(number);
  if (Number.isFinite(number) && !Number.isFinite(single)) {
    throw sqlError('numeric_value_out_of_range', 'value out of range: overflow');
  }
  return single;
}
