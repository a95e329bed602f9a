// What operators and casts of other SQL dialects do where PostgreSQL's do something else: a quotient of integers with a fraction,
// and a whole number by cutting the fraction off instead of rounding. sql/dialects writes calls of these.
import { sqlError } from '../../errors/sql-error.ts';
import {
  civilFromDays,
  daysInMonth,
  isFiniteTimestamp,
  MICROS_PER_SECOND,
  splitTimestamp,
} from '../../types/calendar.ts';
import { type Datum, type Decimal, decimal } from '../../types/datum.ts';
import * as dec from '../../types/decimal.ts';
import { NUMERIC } from '../../types/sql-type.ts';
import { fn, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** double / double, also of integers: Spark, Hive, BigQuery */
function trueDivide(a: number, b: number): number {
  if (b === 0) throw sqlError('division_by_zero', 'division by zero');
  return a / b;
}

/** The dividend's scale and `digits` more, rounded: MySQL (4), Snowflake (6) */
function scaledDivide(a: Decimal, b: Decimal, digits: number): Decimal {
  if (a.special !== undefined || b.special !== undefined || b.coefficient === 0n) return dec.divide(a, b);
  return dec.divideToScale(a, b, a.scale + digits);
}

function wholePart(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) {
    throw sqlError('numeric_value_out_of_range', 'bigint out of range');
  }
  return BigInt(Math.trunc(value));
}

const SECONDS_PER_DAY = 86400;

/** Whole months between the same days of the month or two last days of months; else with the rest in months of 31 days. Of Spark. */
function monthsBetween(later: bigint, earlier: bigint, rounded: boolean): number | null {
  if (!isFiniteTimestamp(later) || !isFiniteTimestamp(earlier)) return null;
  const [a, b] = [monthParts(later), monthParts(earlier)];
  const months = a.month - b.month;
  if (a.day === b.day || (a.isLast && b.isLast)) return months;
  const seconds = (a.day - b.day) * SECONDS_PER_DAY + a.seconds - b.seconds;
  const exact = months + seconds / (31 * SECONDS_PER_DAY);
  return rounded ? Math.round(exact * 1e8) / 1e8 : exact;
}

function monthParts(micros: bigint) {
  const { days, time } = splitTimestamp(micros);
  const { year, month, day } = civilFromDays(days);
  return {
    month: year * 12 + month,
    day,
    isLast: day === daysInMonth(year, month),
    seconds: Number(time / MICROS_PER_SECOND),
  };
}

/** All of them, for otherwise overloading prefers double. */
const INTEGER_PAIRS = ['int4,int4', 'int4,int8', 'int8,int4', 'int8,int8'] as const;

function whole(value: Datum): Decimal {
  return decimal(BigInt(value as number | bigint), 0);
}

/** The integer of a number, text or truth, cut or rounded; null where it is none or does not fit the bits. */
function tryInteger(value: Datum, isTruncated: boolean, bits: number): bigint | null {
  const exact = tryWhole(value, isTruncated);
  return exact !== null && exact === BigInt.asIntN(bits, exact) ? exact : null;
}

function tryWhole(value: Datum, isTruncated: boolean): bigint | null {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'string') return /^\s*[-+]?\d+\s*$/.test(value) ? BigInt(value.trim().replace(/^\+/, '')) : null;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null;
    return tryWhole(dec.decimalFromNumber(value), isTruncated);
  }
  const number = value as Decimal;
  if (number.special !== undefined) return null;
  return dec.decimalToInteger(isTruncated ? dec.truncate(number, 0) : number);
}

export const DIALECTS: readonly ScalarFunction[] = [
  ...['int8', 'float8', 'numeric', 'bool', 'text'].map((type) =>
    fn(
      'try_integer',
      `${type},bool,int4`,
      'int8',
      row(([value, isTruncated, bits]) => tryInteger(value!, isTruncated as boolean, bits as number)),
    ),
  ),
  fn(
    'true_divide',
    'int8,int8',
    'float8',
    row(([a, b]) => trueDivide(Number(a), Number(b))),
  ),
  fn(
    'true_divide',
    'float8,float8',
    'float8',
    row(([a, b]) => trueDivide(a as number, b as number)),
  ),
  fn(
    'true_divide',
    'numeric,numeric',
    'numeric',
    row(([a, b]) => dec.divide(a as Decimal, b as Decimal)),
    { resultType: () => NUMERIC },
  ),
  fn(
    'scaled_divide',
    'numeric,numeric,int4',
    'numeric',
    row(([a, b, digits]) => scaledDivide(a as Decimal, b as Decimal, digits as number)),
    { resultType: () => NUMERIC },
  ),
  ...INTEGER_PAIRS.map((pair) =>
    fn(
      'scaled_divide',
      `${pair},int4`,
      'numeric',
      row(([a, b, digits]) => scaledDivide(whole(a!), whole(b!), digits as number)),
      { resultType: () => NUMERIC },
    ),
  ),
  fn(
    'scaled_divide',
    'float8,float8,int4',
    'float8',
    row(([a, b]) => trueDivide(a as number, b as number)),
  ),
  fn(
    'months_between',
    'timestamp,timestamp,bool',
    'float8',
    row(([later, earlier, rounded]) => monthsBetween(later as bigint, earlier as bigint, rounded as boolean)),
    { defaults: [true] },
  ),
  fn(
    'whole_part',
    'int8',
    'int8',
    row(([value]) => value!),
  ),
  fn(
    'whole_part',
    'float8',
    'int8',
    row(([value]) => wholePart(value as number)),
  ),
  fn(
    'whole_part',
    'numeric',
    'int8',
    row(([value]) => dec.decimalToInteger(dec.truncate(value as Decimal, 0))),
  ),
  fn(
    'whole_part',
    'bool',
    'int8',
    row(([value]) => (value === true ? 1n : 0n)),
  ),
  fn(
    'whole_part',
    'text',
    'int8',
    row(([value]) => wholeText(value as string)),
  ),
];

function wholeText(value: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(value)) {
    throw sqlError('invalid_text_representation', `invalid input syntax for type bigint: "${value}"`);
  }
  const whole = BigInt(value.trim().replace(/^\+/, ''));
  if (whole === BigInt.asIntN(64, whole)) return whole;
  throw sqlError('numeric_value_out_of_range', `value "${value}" is out of range for type bigint`);
}
