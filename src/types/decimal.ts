// Exact decimal arithmetic by PostgreSQL's scale rules: + and - keep the larger scale, * adds scales, / shows at least 16
// significant digits (select_div_scale). Rounding is half away from zero. NaN equals itself and sorts above Infinity.
// Roots, exponentials and logarithms are in decimal-functions.ts.
import { sqlError } from '../errors/sql-error.ts';
import { type Decimal, decimal } from './datum.ts';
import { trimSpace } from './white-space.ts';

export const DECIMAL_NAN: Decimal = { kind: 'decimal', coefficient: 0n, scale: 0, special: 'NaN' };
export const DECIMAL_INFINITY: Decimal = { kind: 'decimal', coefficient: 0n, scale: 0, special: 'Infinity' };
export const DECIMAL_MINUS_INFINITY: Decimal = { kind: 'decimal', coefficient: 0n, scale: 0, special: '-Infinity' };
export const DECIMAL_ZERO: Decimal = decimal(0n, 0);
export const DECIMAL_ONE: Decimal = decimal(1n, 0);

/** Digits that a result scale may have at most, and digits a quotient shows at least. */
export const MAX_SCALE = 1000;
export const MIN_SIGNIFICANT = 16;
const MAX_INTEGER_DIGITS = 131072;

const POWERS: bigint[] = [1n];

/** 10^exponent; small powers are remembered. */
export function tenTo(exponent: number): bigint {
  const known = POWERS[exponent];
  if (known !== undefined) return known;
  const power = 10n ** BigInt(exponent);
  if (exponent < 400) POWERS[exponent] = power;
  return power;
}

/** numerator / denominator rounded half away from zero. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const q = (n + n + d) / (d + d);
  return negative ? -q : q;
}

/** The coefficient of a finite value at another scale, rounded half away from zero. */
export function atScale(value: Decimal, scale: number): bigint {
  if (value.scale === scale) return value.coefficient;
  if (value.scale < scale) return value.coefficient * tenTo(scale - value.scale);
  return divideRounded(value.coefficient, tenTo(value.scale - scale));
}

const OVERFLOW = () => sqlError('numeric_value_out_of_range', 'value overflows numeric format');

/** A checked result: at most 131072 digits before the point. */
export function checkedDecimal(coefficient: bigint, scale: number): Decimal {
  if (coefficient > 0xffff_ffff_ffff_ffffn || coefficient < -0xffff_ffff_ffff_ffffn) {
    if (digitCount(coefficient) - scale > MAX_INTEGER_DIGITS) throw OVERFLOW();
  }
  return decimal(coefficient, scale);
}

/** Decimal digits of |value|; 1 for zero. */
export function digitCount(value: bigint): number {
  const text = value.toString();
  return value < 0n ? text.length - 1 : text.length;
}

function invalid(text: string): never {
  throw sqlError('invalid_text_representation', `invalid input syntax for type numeric: "${text}"`);
}

const NUMBER = /^[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;

/** numeric's input function. 22P02 for bad text, 22003 for too many digits. */
export function parseDecimal(source: string): Decimal {
  const text = trimSpace(source);
  const match = NUMBER.exec(text);
  if (match === null) {
    switch (text.toLowerCase()) {
      case 'nan':
        return DECIMAL_NAN;
      case 'infinity':
      case '+infinity':
      case 'inf':
      case '+inf':
        return DECIMAL_INFINITY;
      case '-infinity':
      case '-inf':
        return DECIMAL_MINUS_INFINITY;
      default:
        return invalid(source);
    }
  }
  const fraction = match[2] ?? match[3] ?? '';
  const exponent = match[4] === undefined ? 0 : Number(match[4]);
  if (exponent > 1_000_000 || exponent < -1_000_000) throw OVERFLOW();
  let coefficient = BigInt((match[1] ?? '') + fraction);
  let scale = fraction.length - exponent;
  if (scale < 0) {
    if (-scale > MAX_INTEGER_DIGITS && coefficient !== 0n) throw OVERFLOW();
    coefficient = coefficient === 0n ? 0n : coefficient * tenTo(-scale);
    scale = 0;
  }
  if (scale > 16383) {
    coefficient = divideRounded(coefficient, tenTo(scale - 16383));
    scale = 16383;
  }
  return checkedDecimal(text.startsWith('-') ? -coefficient : coefficient, scale);
}

export function formatDecimal(value: Decimal): string {
  if (value.special !== undefined) return value.special;
  if (value.scale === 0) return value.coefficient.toString();
  const negative = value.coefficient < 0n;
  const digits = (negative ? -value.coefficient : value.coefficient).toString().padStart(value.scale + 1, '0');
  const point = digits.length - value.scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const SPECIAL_RANK = { '-Infinity': -1, Infinity: 1, NaN: 2 } as const;
function rank(value: Decimal): number {
  return value.special === undefined ? 0 : SPECIAL_RANK[value.special];
}

/** SQL order: -Infinity < finite < Infinity < NaN = NaN; scale does not matter. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.special !== undefined || b.special !== undefined) return Math.sign(rank(a) - rank(b));
  const scale = Math.max(a.scale, b.scale);
  const left = atScale(a, scale);
  const right = atScale(b, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function negate(value: Decimal): Decimal {
  if (value.special === 'NaN') return value;
  if (value.special !== undefined) return value.special === 'Infinity' ? DECIMAL_MINUS_INFINITY : DECIMAL_INFINITY;
  return decimal(-value.coefficient, value.scale);
}

export function absolute(value: Decimal): Decimal {
  if (value.special !== undefined) return value.special === 'NaN' ? value : DECIMAL_INFINITY;
  return value.coefficient < 0n ? decimal(-value.coefficient, value.scale) : value;
}

export function sign(value: Decimal): number {
  if (value.special !== undefined) return value.special === '-Infinity' ? -1 : 1;
  return value.coefficient < 0n ? -1 : value.coefficient > 0n ? 1 : 0;
}

export function add(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === 'NaN' || b.special === 'NaN') return DECIMAL_NAN;
    if (a.special !== undefined && b.special !== undefined && a.special !== b.special) return DECIMAL_NAN;
    return a.special !== undefined ? a : b;
  }
  const scale = Math.max(a.scale, b.scale);
  return checkedDecimal(atScale(a, scale) + atScale(b, scale), scale);
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negate(b));
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === 'NaN' || b.special === 'NaN') return DECIMAL_NAN;
    const direction = sign(a) * sign(b);
    return direction === 0 ? DECIMAL_NAN : direction > 0 ? DECIMAL_INFINITY : DECIMAL_MINUS_INFINITY;
  }
  const scale = a.scale + b.scale;
  if (scale > 16383) {
    return checkedDecimal(divideRounded(a.coefficient * b.coefficient, tenTo(scale - 16383)), 16383);
  }
  return checkedDecimal(a.coefficient * b.coefficient, scale);
}

/** Position and value of the first non-zero base-10000 digit, as PostgreSQL stores numerics; zero gives 0, 0. */
export function leadingDigit(value: Decimal): { weight: number; digit: number } {
  const magnitude = value.coefficient < 0n ? -value.coefficient : value.coefficient;
  if (magnitude === 0n) return { weight: 0, digit: 0 };
  const text = magnitude.toString();
  const exponent = text.length - 1 - value.scale; // decimal exponent of the first digit
  const weight = Math.floor(exponent / 4);
  const digits = exponent - weight * 4 + 1;
  return { weight, digit: Number(text.slice(0, digits).padEnd(digits, '0')) };
}

/** The scale of a / b by PostgreSQL's select_div_scale. */
export function quotientScale(a: Decimal, b: Decimal): number {
  const left = leadingDigit(a);
  const right = leadingDigit(b);
  let weight = left.weight - right.weight;
  if (left.digit <= right.digit) weight--;
  return clampScale(Math.max(MIN_SIGNIFICANT - weight * 4, a.scale, b.scale));
}

export function clampScale(scale: number): number {
  return Math.min(Math.max(scale, 0), MAX_SCALE);
}

const ZERO_DIVIDE = () => sqlError('division_by_zero', 'division by zero');

export function divide(a: Decimal, b: Decimal): Decimal {
  if (a.special === 'NaN' || b.special === 'NaN') return DECIMAL_NAN;
  if (a.special !== undefined) {
    if (b.special !== undefined) return DECIMAL_NAN;
    if (b.coefficient === 0n) throw ZERO_DIVIDE();
    return sign(a) * sign(b) > 0 ? DECIMAL_INFINITY : DECIMAL_MINUS_INFINITY;
  }
  if (b.special !== undefined) return DECIMAL_ZERO;
  if (b.coefficient === 0n) throw ZERO_DIVIDE();
  return divideToScale(a, b, quotientScale(a, b));
}

/** a / b rounded to a given scale; finite values, b not zero. */
export function divideToScale(a: Decimal, b: Decimal, scale: number): Decimal {
  const shift = scale + b.scale - a.scale;
  const numerator = shift >= 0 ? a.coefficient * tenTo(shift) : a.coefficient;
  const denominator = shift >= 0 ? b.coefficient : b.coefficient * tenTo(-shift);
  return checkedDecimal(divideRounded(numerator, denominator), scale);
}

/** div(): the quotient truncated towards zero, scale 0. */
export function divideTruncated(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) return divide(a, b);
  if (b.coefficient === 0n) throw ZERO_DIVIDE();
  const scale = Math.max(a.scale, b.scale);
  return decimal(atScale(a, scale) / atScale(b, scale), 0);
}

/** Remainder with the sign of the dividend. */
export function modulo(a: Decimal, b: Decimal): Decimal {
  if (a.special === 'NaN' || b.special === 'NaN') return DECIMAL_NAN;
  if (b.special === undefined && b.coefficient === 0n) throw ZERO_DIVIDE();
  if (a.special !== undefined) return DECIMAL_NAN;
  if (b.special !== undefined) return a;
  const scale = Math.max(a.scale, b.scale);
  return decimal(atScale(a, scale) % atScale(b, scale), scale);
}

/** round(value, digits): digits may be negative. */
function bothWhole(a: Decimal, b: Decimal): { x: bigint; y: bigint; scale: number } | undefined {
  if (a.special !== undefined || b.special !== undefined) return undefined;
  const scale = Math.max(a.scale, b.scale);
  const size = (value: bigint) => (value < 0n ? -value : value);
  return { x: size(atScale(a, scale)), y: size(atScale(b, scale)), scale };
}

function divisorOf(x: bigint, y: bigint): bigint {
  let [a, b] = [x, y];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** The largest number both are multiples of, at the larger scale; NaN for NaN and the infinities. */
export function greatestCommonDivisor(a: Decimal, b: Decimal): Decimal {
  const both = bothWhole(a, b);
  return both === undefined ? DECIMAL_NAN : decimal(divisorOf(both.x, both.y), both.scale);
}

export function leastCommonMultiple(a: Decimal, b: Decimal): Decimal {
  const both = bothWhole(a, b);
  if (both === undefined) return DECIMAL_NAN;
  const { x, y, scale } = both;
  return x === 0n || y === 0n ? decimal(0n, scale) : checkedDecimal((x / divisorOf(x, y)) * y, scale);
}

export function round(value: Decimal, digits: number): Decimal {
  if (value.special !== undefined) return value;
  const places = Math.max(-MAX_SCALE * 2, Math.min(MAX_SCALE * 2, digits));
  if (places >= 0) return decimal(atScale(value, places), places);
  const unit = tenTo(-places);
  return checkedDecimal(divideRounded(value.coefficient, unit * tenTo(value.scale)) * unit, 0);
}

export function truncate(value: Decimal, digits: number): Decimal {
  if (value.special !== undefined) return value;
  const places = Math.max(-MAX_SCALE * 2, Math.min(MAX_SCALE * 2, digits));
  if (places >= value.scale) return decimal(value.coefficient * tenTo(places - value.scale), places);
  if (places >= 0) return decimal(value.coefficient / tenTo(value.scale - places), places);
  const unit = tenTo(-places);
  return decimal((value.coefficient / (unit * tenTo(value.scale))) * unit, 0);
}

export function floor(value: Decimal): Decimal {
  if (value.special !== undefined || value.scale === 0) return value;
  const whole = truncate(value, 0);
  const exact = whole.coefficient * tenTo(value.scale) === value.coefficient;
  return exact || value.coefficient > 0n ? whole : decimal(whole.coefficient - 1n, 0);
}

export function ceil(value: Decimal): Decimal {
  return negate(floor(negate(value)));
}

/** Without trailing zeros after the point. */
export function trimScale(value: Decimal): Decimal {
  let { coefficient, scale } = value;
  while (scale > 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    scale--;
  }
  return value.special !== undefined ? value : decimal(coefficient, scale);
}

/** The nearest double. */
export function decimalToNumber(value: Decimal): number {
  return Number(formatDecimal(value));
}

/** The nearest integer, half away from zero; the caller handles NaN and infinities. */
export function decimalToInteger(value: Decimal): bigint {
  return atScale(value, 0);
}

/** A double as numeric: 15 significant digits, as PostgreSQL converts (6 for a real). */
export function decimalFromNumber(value: number, digits: 15 | 6 = 15): Decimal {
  if (Number.isNaN(value)) return DECIMAL_NAN;
  if (!Number.isFinite(value)) return value > 0 ? DECIMAL_INFINITY : DECIMAL_MINUS_INFINITY;
  return trimScale(parseDecimal(isTie(value, digits) ? toEven(value, digits) : value.toPrecision(digits)));
}

/** Whether the exact value lies in the middle between two numbers of so many digits: those behind are a 5 and zeros. */
function isTie(value: number, digits: number): boolean {
  const behind = (more: number) =>
    value
      .toPrecision(digits + more)
      .replace(/e.*$/, '')
      .replace(/[-.]/g, '')
      .replace(/^0+/, '')
      .slice(digits);
  return behind(2) === '50' && /^50*$/.test(behind(60));
}

/** toPrecision takes the larger of two numbers equally near, PostgreSQL the one with an even last digit. */
function toEven(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits).split('e') as [string, string];
  const even = Number(mantissa.at(-2)) % 2 === 0;
  return even ? `${mantissa.slice(0, -1)}e${exponent}` : value.toPrecision(digits);
}

/** Fits a value into numeric(precision, scale): rounds, then 22003 when it is too large. */
export function fitDecimal(value: Decimal, precision: number, scale: number): Decimal {
  if (value.special === 'NaN') return value;
  const overflow = (limit: string) =>
    sqlError('numeric_value_out_of_range', 'numeric field overflow', {
      detail: `A field with precision ${precision}, scale ${scale} ${limit}.`,
    });
  if (value.special !== undefined) throw overflow('cannot hold an infinite value');
  const coefficient = atScale(value, scale);
  const limit = tenTo(precision);
  if (coefficient >= limit || coefficient <= -limit) {
    const room = precision - scale;
    throw overflow(`must round to an absolute value less than ${room === 0 ? '1' : `10^${room}`}`);
  }
  return decimal(coefficient, scale);
}
