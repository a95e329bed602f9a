// Square roots, exponentials, logarithms and powers of decimals, to the scale PostgreSQL shows (16 significant digits and
// at least the argument's scale). Series run in fixed point over bigint with guard digits:
//   exp: argument halved k times, Taylor, squared k times;  ln: x = m * 2^k with m near 1, atanh series.
import { sqlError } from '../errors/sql-error.ts';
import { type Decimal, decimal } from './datum.ts';
import {
  absolute,
  checkedDecimal,
  clampScale,
  compareDecimals,
  DECIMAL_INFINITY,
  DECIMAL_NAN,
  DECIMAL_ONE,
  DECIMAL_ZERO,
  decimalToNumber,
  digitCount,
  divideRounded,
  divideToScale,
  leadingDigit,
  MIN_SIGNIFICANT,
  multiply,
  round,
  sign,
  subtract,
  tenTo,
} from './decimal.ts';

/** floor(sqrt(n)) by Newton's iteration. */
function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

export function sqrt(value: Decimal): Decimal {
  if (value.special === 'NaN' || value.special === 'Infinity') return value;
  if (sign(value) < 0) {
    throw sqlError('invalid_argument_for_power_function', 'cannot take square root of a negative number');
  }
  const before = Math.trunc((leadingDigit(value).weight * 4) / 2) + 1;
  const scale = clampScale(Math.max(MIN_SIGNIFICANT - before, value.scale));
  const shift = 2 * (scale + 1) - value.scale;
  const scaled = shift >= 0 ? value.coefficient * tenTo(shift) : value.coefficient / tenTo(-shift);
  return decimal(divideRounded(integerSqrt(scaled), 10n), scale);
}

/**
 * e^x in fixed point with `digits` decimals; `approximate` is x as a number. Works in bits, whose quotients are shifts; halving the argument
 * as often as the root of the digits makes the series about as long as the squarings that undo it.
 */
function expFixed(x: bigint, digits: number, approximate: number): bigint {
  const halvings = Math.max(12, Math.ceil(Math.sqrt(digits))) + Math.ceil(Math.log2(Math.abs(approximate) + 1));
  const bits = BigInt(Math.ceil(digits * Math.log2(10)) + 2 * halvings + 64); // squaring doubles the error
  const small = ((x << bits) / tenTo(digits)) >> BigInt(halvings);
  let term = 1n << bits;
  let sum = term;
  for (let n = 1n; term !== 0n; n++) {
    term = ((term * small) >> bits) / n;
    sum += term;
  }
  for (let i = 0; i < halvings; i++) sum = (sum * sum) >> bits;
  return (sum * tenTo(digits)) >> bits;
}

/** ln(x) in fixed point with `digits` decimals for x > 0 given as coefficient and scale. */
function lnFixed(value: Decimal, digits: number): bigint {
  const unit = tenTo(digits);
  let x = divideRounded(value.coefficient * unit, tenTo(value.scale));
  let lost = 0;
  if (x < tenTo(Math.max(0, digits - 10))) {
    // a tiny value: scale it up by powers of ten first, so that no digits are lost
    lost = value.scale - digitCount(value.coefficient) + 1;
    x = divideRounded(value.coefficient * unit, tenTo(value.scale - lost));
  }
  let doublings = 0;
  while (x > unit + unit / 3n) {
    const steps = Math.max(1, x.toString(2).length - unit.toString(2).length);
    x >>= BigInt(steps);
    doublings += steps;
  }
  while (x < (unit * 2n) / 3n) {
    x <<= 1n;
    doublings--;
  }
  let result = atanhSeries(x - unit, x + unit, unit) * 2n;
  if (doublings !== 0) result += BigInt(doublings) * lnTwo(unit);
  if (lost !== 0) result -= BigInt(lost) * (lnTwo(unit) * 3n + atanhSeries(1n, 9n, unit) * 2n); // ln 10 = 3 ln 2 + ln 1.25
  return result;
}

function atanhSeries(numerator: bigint, denominator: bigint, unit: bigint): bigint {
  const ratio = (numerator * unit) / denominator;
  const square = (ratio * ratio) / unit;
  let term = ratio;
  let sum = ratio;
  for (let n = 3n; term !== 0n; n += 2n) {
    term = (term * square) / unit;
    sum += term / n;
  }
  return sum;
}

const LN_TWO = new Map<bigint, bigint>();
function lnTwo(unit: bigint): bigint {
  let known = LN_TWO.get(unit);
  if (known === undefined) {
    known = atanhSeries(1n, 3n, unit) * 2n;
    if (LN_TWO.size > 50) LN_TWO.clear();
    LN_TWO.set(unit, known);
  }
  return known;
}

/** PostgreSQL's estimate of the decimal weight of ln(value). */
function lnWeight(value: Decimal): number {
  if (sign(value) <= 0) return 0;
  if (compareDecimals(value, decimal(9n, 1)) >= 0 && compareDecimals(value, decimal(11n, 1)) <= 0) {
    const x = subtract(value, DECIMAL_ONE);
    if (x.coefficient === 0n) return 0;
    const { weight, digit } = leadingDigit(x);
    return weight * 4 + Math.trunc(Math.log10(digit));
  }
  const text = value.coefficient.toString();
  const head = Number(text.slice(0, 15));
  const exponent = text.length - Math.min(15, text.length) - value.scale;
  return Math.trunc(Math.log10(Math.abs(Math.log(head) + exponent * Math.LN10)));
}

function logarithmOfNonPositive(value: Decimal): never {
  const what = value.coefficient === 0n && value.special === undefined ? 'zero' : 'a negative number';
  throw sqlError('invalid_argument_for_logarithm', `cannot take logarithm of ${what}`);
}

export function ln(value: Decimal): Decimal {
  if (value.special === 'NaN' || value.special === 'Infinity') return value;
  if (sign(value) <= 0) logarithmOfNonPositive(value);
  return lnAt(value, clampScale(Math.max(MIN_SIGNIFICANT - lnWeight(value), value.scale)));
}

function lnAt(value: Decimal, scale: number): Decimal {
  const guard = 12;
  return decimal(divideRounded(lnFixed(value, scale + guard), tenTo(guard)), scale);
}

export function log(base: Decimal, value: Decimal): Decimal {
  if (base.special === 'NaN' || value.special === 'NaN') return DECIMAL_NAN;
  if (sign(base) <= 0) logarithmOfNonPositive(base);
  if (sign(value) <= 0) logarithmOfNonPositive(value);
  if (base.special !== undefined) return value.special !== undefined ? DECIMAL_NAN : DECIMAL_ZERO;
  if (value.special !== undefined) return DECIMAL_INFINITY;
  const weight = lnWeight(value) - lnWeight(base);
  const scale = clampScale(Math.max(MIN_SIGNIFICANT - weight, base.scale, value.scale));
  const digits = scale + 20 + Math.max(0, -lnWeight(base));
  const denominator = lnFixed(base, digits);
  if (denominator === 0n) throw sqlError('division_by_zero', 'division by zero');
  return decimal(divideRounded(lnFixed(value, digits) * tenTo(scale), denominator), scale);
}

export function exp(value: Decimal): Decimal {
  if (value.special !== undefined) return value.special === '-Infinity' ? DECIMAL_ZERO : value;
  const magnitude = Math.max(-1000, Math.min(1000, decimalToNumber(value) * Math.LOG10E));
  const scale = clampScale(Math.max(MIN_SIGNIFICANT - Math.trunc(magnitude), value.scale));
  return expAt(value, scale);
}

/** Of e; PostgreSQL's own. */
const MAX_EXPONENT = 6000;

function expAt(value: Decimal, scale: number): Decimal {
  const approximate = decimalToNumber(value);
  if (approximate >= MAX_EXPONENT) throw sqlError('numeric_value_out_of_range', 'value overflows numeric format');
  if (approximate < -scale * 2.4 - 20) return decimal(0n, scale);
  const digits = scale + 12 + Math.max(0, Math.ceil(approximate * Math.LOG10E));
  const x = divideRounded(value.coefficient * tenTo(digits), tenTo(value.scale));
  return checkedDecimal(divideRounded(expFixed(x, digits, approximate), tenTo(digits - scale)), scale);
}

function isInteger(value: Decimal): boolean {
  return value.coefficient % tenTo(value.scale) === 0n;
}

export function power(base: Decimal, exponent: Decimal): Decimal {
  const special = specialPower(base, exponent);
  if (special !== undefined) return special;
  if (base.coefficient === 0n && sign(exponent) < 0) {
    throw sqlError('invalid_argument_for_power_function', 'zero raised to a negative power is undefined');
  }
  if (sign(base) < 0 && !isInteger(exponent)) {
    throw sqlError(
      'invalid_argument_for_power_function',
      'a negative number raised to a non-integer power yields a complex result',
    );
  }
  if (isInteger(exponent)) {
    const n = exponent.coefficient / tenTo(exponent.scale);
    if (n >= -2147483648n && n <= 2147483647n) return integerPower(base, Number(n));
  }
  if (base.coefficient === 0n) return decimal(0n, MIN_SIGNIFICANT);
  const estimate = decimalToNumber(exponent) * log10Of(base);
  const scale = clampScale(Math.max(MIN_SIGNIFICANT - Math.trunc(estimate), base.scale, exponent.scale));
  const digits = Math.max(0, scale + Math.ceil(Math.abs(estimate)) + 12);
  const logarithm = lnAt(absolute(base), digits);
  const result = expAt(round(multiply(logarithm, exponent), digits), scale);
  const odd = sign(base) < 0 && (exponent.coefficient / tenTo(exponent.scale)) % 2n !== 0n;
  return odd ? decimal(-result.coefficient, result.scale) : result;
}

function specialPower(base: Decimal, exponent: Decimal): Decimal | undefined {
  if (base.special === undefined && exponent.special === undefined) return undefined;
  const isOne = base.special === undefined && compareDecimals(base, DECIMAL_ONE) === 0;
  const isZeroth = exponent.special === undefined && exponent.coefficient === 0n;
  if (isOne || isZeroth) return DECIMAL_ONE;
  if (base.special === 'NaN' || exponent.special === 'NaN') return DECIMAL_NAN;
  if (exponent.special !== undefined) {
    if (base.special === undefined) {
      const size = compareDecimals(absolute(base), DECIMAL_ONE);
      if (size === 0) return DECIMAL_ONE;
      if (base.coefficient === 0n && exponent.special === '-Infinity') {
        throw sqlError('invalid_argument_for_power_function', 'zero raised to a negative power is undefined');
      }
      return size > 0 === (exponent.special === 'Infinity') ? DECIMAL_INFINITY : DECIMAL_ZERO;
    }
    return exponent.special === 'Infinity' ? DECIMAL_INFINITY : DECIMAL_ZERO;
  }
  if (sign(exponent) < 0) return DECIMAL_ZERO;
  if (base.special === 'Infinity') return DECIMAL_INFINITY;
  if (!isInteger(exponent)) {
    throw sqlError(
      'invalid_argument_for_power_function',
      'a negative number raised to a non-integer power yields a complex result',
    );
  }
  const odd = (exponent.coefficient / tenTo(exponent.scale)) % 2n !== 0n;
  return odd ? base : DECIMAL_INFINITY;
}

/** base^n by repeated squaring, with enough digits kept that the result is right to its scale. */
function integerPower(base: Decimal, n: number): Decimal {
  const scale = clampScale(Math.max(MIN_SIGNIFICANT, base.scale));
  if (n === 0) return decimal(tenTo(scale), scale);
  if (base.coefficient === 0n) return decimal(0n, scale);
  const weight = log10Of(base) * n;
  if (weight > 131072) throw sqlError('numeric_value_out_of_range', 'value overflows numeric format');
  if (weight < -scale - 2) return decimal(0n, scale);
  const keep = Math.ceil(Math.max(weight, 0)) + scale + 20 + digitCount(BigInt(Math.abs(n)));
  let result: Decimal = DECIMAL_ONE;
  let square = base;
  for (let k = Math.abs(n); k > 0; k = Math.floor(k / 2)) {
    if (k % 2 === 1) result = significant(multiplyExact(result, square), keep);
    if (k > 1) square = significant(multiplyExact(square, square), keep);
  }
  if (n < 0) return divideToScale(DECIMAL_ONE, result, scale);
  return checkedDecimal(round(result, scale).coefficient, scale);
}

/** Of the size, as a number, though the value may be too large or too small to be one. */
function log10Of(value: Decimal): number {
  const digits = absolute(value).coefficient.toString();
  return Math.log10(Number(`0.${digits.slice(0, 20)}`)) + digits.length - value.scale;
}

function multiplyExact(a: Decimal, b: Decimal): Decimal {
  return decimal(a.coefficient * b.coefficient, a.scale + b.scale);
}

/** Drops digits beyond `keep` significant ones (after the point only). */
function significant(value: Decimal, keep: number): Decimal {
  const excess = Math.min(digitCount(value.coefficient) - keep, value.scale);
  return excess > 0 ? decimal(divideRounded(value.coefficient, tenTo(excess)), value.scale - excess) : value;
}

/** n! as a decimal. */
export function factorial(n: bigint): Decimal {
  if (n < 0n) throw sqlError('numeric_value_out_of_range', 'factorial of a negative number is undefined');
  if (n > 32177n) throw sqlError('numeric_value_out_of_range', 'value overflows numeric format');
  let product = 1n;
  for (let i = 2n; i <= n; i++) product *= i;
  return decimal(product, 0);
}
