// Sizes in bytes for people: pg_size_pretty and pg_size_bytes.
import { sqlError } from '../../errors/sql-error.ts';
import { type Decimal, decimal } from '../../types/datum.ts';
import * as dec from '../../types/decimal.ts';
import { fn, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Half of a number, away from zero. */
const half = (n: bigint) => (n < 0n ? (n - 1n) / 2n : (n + 1n) / 2n);
const size = (n: bigint) => (n < 0n ? -n : n);

/** The largest unit that leaves at most five digits, rounded. */
function pretty(value: bigint): string {
  if (size(value) < 10240n) return `${value} bytes`;
  let halves = value / 512n;
  let unit = 1;
  for (; size(halves) >= 20479n && unit < UNITS.length - 1; unit++) halves /= 1024n;
  return `${half(halves)} ${UNITS[unit]}`;
}

function prettyDecimal(value: Decimal): string {
  if (value.special !== undefined || dec.compareDecimals(dec.absolute(value), decimal(10240n, 0)) < 0) {
    return `${dec.formatDecimal(value)} bytes`;
  }
  return pretty(dec.atScale(dec.round(value, 0), 0));
}

const SIZE = /^\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Z]*)\s*$/;

/** "2.5 MB" as bytes. Throws 22023. */
function sizeOf(text: string): bigint {
  const match = SIZE.exec(text);
  const invalid = (detail?: string, hint?: string) =>
    sqlError('invalid_parameter_value', `invalid size: "${text}"`, {
      ...(detail && { detail }),
      ...(hint && { hint }),
    });
  if (match === null) throw invalid();
  const spelled = match[2]!.toLowerCase();
  const unit = spelled === '' ? 0 : UNITS.findIndex((name) => name.toLowerCase() === spelled);
  if (unit < 0) {
    const hint = 'Valid units are "bytes", "kB", "MB", "GB", "TB", and "PB".';
    throw invalid(`Invalid size unit: "${match[2]}".`, hint);
  }
  const bytes = dec.multiply(dec.parseDecimal(match[1]!), decimal(1024n ** BigInt(unit), 0));
  const whole = dec.decimalToInteger(bytes);
  if (whole !== BigInt.asIntN(64, whole)) throw sqlError('numeric_value_out_of_range', 'bigint out of range');
  return whole;
}

// biome-ignore format: one function a line
export const SIZES: readonly ScalarFunction[] = [
  fn('pg_size_pretty', 'int8', 'text', row(([value]) => pretty(value as bigint))),
  fn('pg_size_pretty', 'numeric', 'text', row(([value]) => prettyDecimal(value as Decimal))),
  fn('pg_size_bytes', 'text', 'int8', row(([text]) => sizeOf(text as string))),
];
