// Exact decimals for finishing aggregates: sums, quotients with the scale PostgreSQL chooses (numeric.c, select_div_scale), square
// roots. Specials follow PostgreSQL: NaN wins, Infinity - Infinity is NaN.
import { powerOfTen } from '../../columns/numeric-bytes.ts';
import { type Decimal, decimal } from '../../types/datum.ts';

const SIGNIFICANT_DIGITS = 16;
const MAX_SCALE = 1000;

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Weight and leading digit in base 10000, as numeric.c keeps numbers. */
function leading(value: Decimal): { weight: number; digit: number } {
  const digits = absolute(value.coefficient).toString();
  if (value.coefficient === 0n) return { weight: 0, digit: 0 };
  const integerDigits = digits.length - value.scale; // may be <= 0
  const weight = Math.ceil(integerDigits / 4) - 1;
  const inGroup = integerDigits - weight * 4; // 1..4 digits of the leading group
  const group = digits.slice(0, inGroup).padEnd(inGroup, '0');
  return { weight, digit: Number(group) };
}

/** Scale of a / b: at least 16 significant digits and no fewer decimals than either input. */
export function quotientScale(a: Decimal, b: Decimal): number {
  const left = leading(a);
  const right = leading(b);
  let weight = left.weight - right.weight;
  if (left.digit <= right.digit) weight--;
  const scale = Math.max(SIGNIFICANT_DIGITS - weight * 4, a.scale, b.scale, 0);
  return Math.min(scale, MAX_SCALE);
}

/** Integer quotient rounded half away from zero. */
function roundedQuotient(a: bigint, b: bigint): bigint {
  const negative = a < 0n !== b < 0n;
  const numerator = absolute(a);
  const denominator = absolute(b);
  const quotient = (2n * numerator + denominator) / (2n * denominator);
  return negative ? -quotient : quotient;
}

export function divideDecimal(a: Decimal, b: Decimal, scale: number = quotientScale(a, b)): Decimal {
  const shift = scale - a.scale + b.scale;
  const numerator = shift >= 0 ? a.coefficient * powerOfTen(shift) : a.coefficient;
  const denominator = shift >= 0 ? b.coefficient : b.coefficient * powerOfTen(-shift);
  return decimal(roundedQuotient(numerator, denominator), scale);
}

function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = BigInt(Math.floor(Math.sqrt(Number(value)))) || 1n;
  if (value > 1n << 1000n) guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (absolute(next - guess) <= 1n) {
      guess = next;
      break;
    }
    guess = next;
  }
  while (guess * guess > value) guess--;
  while ((guess + 1n) * (guess + 1n) <= value) guess++;
  return guess;
}

/** Square root rounded to `scale` decimals. */
function rootDecimal(value: Decimal, scale: number): Decimal {
  const shifted = decimalAtScale(value, scale * 2 + 2);
  return decimal(roundedQuotient(integerRoot(shifted), 10n), scale);
}

function decimalAtScale(value: Decimal, scale: number): bigint {
  const shift = scale - value.scale;
  return shift >= 0 ? value.coefficient * powerOfTen(shift) : value.coefficient / powerOfTen(-shift);
}

const NAN: Decimal = { kind: 'decimal', coefficient: 0n, scale: 0, special: 'NaN' };

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === undefined) return b;
    if (b.special === undefined || b.special === a.special) return a;
    return NAN;
  }
  const scale = Math.max(a.scale, b.scale);
  return decimal(decimalAtScale(a, scale) + decimalAtScale(b, scale), scale);
}

export function multiplyDecimal(a: Decimal, b: Decimal): Decimal {
  return decimal(a.coefficient * b.coefficient, a.scale + b.scale);
}

export type VarianceVariant = 'var_pop' | 'var_samp' | 'stddev_pop' | 'stddev_samp';

/** Variance or deviation from the exact count, sum and sum of squares; null for too few values. */
export function decimalVariance(
  count: bigint,
  sum: Decimal,
  squares: Decimal,
  variant: VarianceVariant,
): Decimal | null {
  const sample = variant.endsWith('samp');
  if (count === 0n || (sample && count < 2n)) return null;
  if (sum.special !== undefined || squares.special !== undefined) return NAN;
  const n = decimal(count, 0);
  const spread = addDecimal(multiplyDecimal(n, squares), negated(multiplyDecimal(sum, sum)));
  if (spread.coefficient <= 0n) return decimal(0n, 0);
  const divisor = decimal(sample ? count * (count - 1n) : count * count, 0);
  const scale = quotientScale(spread, divisor);
  const variance = divideDecimal(spread, divisor, scale);
  return variant.startsWith('stddev') ? rootDecimal(variance, scale) : variance;
}

function negated(value: Decimal): Decimal {
  return decimal(-value.coefficient, value.scale);
}
