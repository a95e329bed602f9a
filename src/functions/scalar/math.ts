// Mathematical functions over double precision and numeric.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, Decimal, SqlArray } from '../../types/datum.ts';
import { decimal } from '../../types/datum.ts';
import * as dec from '../../types/decimal.ts';
import * as transcendental from '../../types/decimal-functions.ts';
import { roundEven } from '../../types/float.ts';
import { NUMERIC, numericOf, physicalOf, type SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { type BodyFor, type Evaluate, fn, kernel, op, row, rowFor } from '../define.ts';
import type { ParameterType, ScalarFunction } from '../function-definition.ts';
import { checkFloat, derivedFrom, floatPower, floatSqrt, numericKernel } from './arithmetic.ts';
import * as degrees from './degrees.ts';

const plain = { resultType: () => NUMERIC };
const num = (f: (a: Decimal) => Decimal): BodyFor => row(([a]) => f(a as Decimal));
const num2 = (f: (a: Decimal, b: Decimal) => Decimal): BodyFor => row(([a, b]) => f(a as Decimal, b as Decimal));
const float = (f: (x: number) => number): BodyFor => row(([x]) => f(x as number));

function logarithm(f: (x: number) => number): (x: number) => number {
  return (x) => {
    if (x === 0) throw sqlError('invalid_argument_for_logarithm', 'cannot take logarithm of zero');
    if (x < 0) throw sqlError('invalid_argument_for_logarithm', 'cannot take logarithm of a negative number');
    return f(x);
  };
}

function withinRange(f: (x: number) => number, low: number, high: number): (x: number) => number {
  return (x) => {
    if (x < low || x > high) throw sqlError('numeric_value_out_of_range', 'input is out of range');
    return f(x);
  };
}

const finite = (f: (x: number) => number) => (x: number) => {
  if (!Number.isFinite(x) && !Number.isNaN(x)) throw sqlError('numeric_value_out_of_range', 'input is out of range');
  return f(x);
};

const toDegrees = (x: number) => (x * 180) / Math.PI;

const FLOATS: readonly (readonly [string, (x: number) => number])[] = [
  ['exp', (x) => checkFloat(Math.exp(x), Number.isFinite(x), false)],
  ['ln', logarithm(Math.log)],
  ['log', logarithm(Math.log10)],
  ['log10', logarithm(Math.log10)],
  ['sin', finite(Math.sin)],
  ['cos', finite(Math.cos)],
  ['tan', finite(Math.tan)],
  ['cot', finite((x) => 1 / Math.tan(x))],
  ['asin', withinRange(Math.asin, -1, 1)],
  ['acos', withinRange(Math.acos, -1, 1)],
  ['atan', Math.atan],
  ['sinh', Math.sinh],
  ['cosh', Math.cosh],
  ['tanh', Math.tanh],
  ['asinh', Math.asinh],
  ['acosh', withinRange(Math.acosh, 1, Number.POSITIVE_INFINITY)],
  ['atanh', withinRange(Math.atanh, -1, 1)],
  ['degrees', toDegrees],
  ['radians', (x) => (x * Math.PI) / 180],
  ['sind', finite(degrees.sind)],
  ['cosd', finite(degrees.cosd)],
  ['tand', finite(degrees.tand)],
  ['cotd', finite(degrees.cotd)],
  ['asind', withinRange(degrees.asind, -1, 1)],
  ['acosd', withinRange(degrees.acosd, -1, 1)],
  ['atand', degrees.atand],
  ['cbrt', Math.cbrt],
  ['sign', (x) => (x > 0 ? 1 : x < 0 ? -1 : 0)],
];

/** Those that are an instruction, with the same for one row. */
const FLOAT_KERNELS: readonly (readonly [name: string, kernel: string, (x: number) => number])[] = [
  ['sqrt', 'sqrt_f64', floatSqrt],
  ['ceil', 'ceil_f64', Math.ceil],
  ['ceiling', 'ceil_f64', Math.ceil],
  ['floor', 'floor_f64', Math.floor],
  ['round', 'round_even_f64', roundEven],
  ['trunc', 'truncate_f64', Math.trunc],
];

const NUMERICS: readonly (readonly [string, (a: Decimal) => Decimal])[] = [
  ['sqrt', transcendental.sqrt],
  ['exp', transcendental.exp],
  ['ln', transcendental.ln],
  ['log', (a) => transcendental.log(decimal(10n, 0), a)],
  ['log10', (a) => transcendental.log(decimal(10n, 0), a)],
  ['sign', (a) => (a.special === 'NaN' ? a : decimal(BigInt(dec.sign(a)), 0))],
  ['trim_scale', dec.trimScale],
];

const WHOLE: readonly (readonly [string, string, (a: Decimal) => Decimal])[] = [
  ['ceil', 'ceil', dec.ceil],
  ['ceiling', 'ceil', dec.ceil],
  ['floor', 'floor', dec.floor],
  ['round', 'round_whole', (a) => dec.round(a, 0)],
  ['trunc', 'truncate_whole', (a) => dec.truncate(a, 0)],
];

const own = (name: string, slow: Evaluate): BodyFor => kernel(name, undefined, 'own', slow);

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function integerFunctions(type: 'int2' | 'int4' | 'int8', suffix: string): ScalarFunction[] {
  const range = { 2: `${type}_range` } as { readonly 2: 'int2_range' | 'int4_range' | 'int8_range' };
  const out = [
    fn('abs', type, type, kernel(`absolute_${suffix}`, range)),
    fn('mod', `${type},${type}`, type, kernel(`modulo_${suffix}`, { 1: 'division_by_zero', ...range })),
  ];
  if (type === 'int2') return out;
  const pick = (value: bigint): Datum => {
    if (value !== BigInt.asIntN(type === 'int8' ? 64 : 32, value)) {
      throw sqlError('numeric_value_out_of_range', `${type === 'int8' ? 'bigint' : 'integer'} out of range`);
    }
    return type === 'int8' ? value : Number(value);
  };
  const big = (value: Datum | null | undefined) => BigInt(value as number | bigint);
  out.push(
    fn(
      'gcd',
      `${type},${type}`,
      type,
      row(([a, b]) => pick(gcd(big(a), big(b)))),
    ),
  );
  out.push(
    fn(
      'lcm',
      `${type},${type}`,
      type,
      row(([a, b]) => {
        const divisor = gcd(big(a), big(b));
        const product = divisor === 0n ? 0n : (big(a) / divisor) * big(b);
        return pick(product < 0n ? -product : product);
      }),
    ),
  );
  return out;
}

function widthBucket(x: number, low: number, high: number, count: number): number {
  const fail = (message: string) => sqlError('invalid_argument_for_width_bucket_function', message);
  if (count <= 0) throw fail('count must be greater than zero');
  if (Number.isNaN(x) || Number.isNaN(low) || Number.isNaN(high)) {
    throw fail('operand, lower bound, and upper bound cannot be NaN');
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw fail('lower and upper bounds must be finite');
  if (low === high) throw fail('lower bound cannot equal upper bound');
  const at = low < high ? (x - low) / (high - low) : (low - x) / (low - high);
  return at < 0 ? 0 : at >= 1 ? count + 1 : Math.floor(at * count) + 1;
}

/** round(x, n) of a fixed numeric with more than n digits behind the point. */
const roundedDown: ScalarFunction['specialised'] = ([, digits], _context, [type]) => {
  const [places, scale] = [digits as number | undefined, type?.scale ?? 0];
  if (places === undefined || places < 0 || places >= scale || physicalOf(type!) !== 'i64') return undefined;
  return { kernel: 'scale_down_i64', args: [0], parameters: [scale - places], type: numericOf(18, places, false) };
};

/** Which of the sorted lower bounds is the last not above the operand; 0 below all of them. */
function bucketOf(operand: Datum, bounds: SqlArray, type: SqlType): number {
  if (bounds.dimensions.length > 1) {
    throw sqlError('array_subscript_error', 'thresholds must be one-dimensional array');
  }
  if (bounds.elements.includes(null)) {
    throw sqlError('null_value_not_allowed', 'thresholds array must not contain NULLs');
  }
  const { compare } = typeOperations(type);
  let [low, high] = [0, bounds.elements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(operand, bounds.elements[middle]!, type) < 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

const same = (type: ParameterType) => (type === 'numeric' ? { resultType: plain.resultType } : {});

export const MATH: readonly ScalarFunction[] = [
  ...FLOATS.map(([name, f]) => fn(name, 'float8', 'float8', float(f))),
  ...FLOAT_KERNELS.map(([name, vector, f]) =>
    fn(
      name,
      'float8',
      'float8',
      kernel(vector, undefined, undefined, ([x]) => f(x as number)),
    ),
  ),
  ...NUMERICS.map(([name, f]) => fn(name, 'numeric', 'numeric', num(f), plain)),
  ...WHOLE.map(([name, base, f]) =>
    fn(
      name,
      'numeric',
      'numeric',
      own(base, ([a]) => f(a as Decimal)),
      plain,
    ),
  ),
  ...integerFunctions('int2', 'i16'),
  ...integerFunctions('int4', 'i32'),
  ...integerFunctions('int8', 'i64'),
  fn('abs', 'float4', 'float4', kernel('absolute_f32')),
  fn('abs', 'float8', 'float8', kernel('absolute_f64')),
  fn('abs', 'numeric', 'numeric', kernel('absolute', { 2: 'numeric_overflow' }, 'scale'), {
    resultType: ([a]) => derivedFrom(a),
  }),
  fn('mod', 'numeric,numeric', 'numeric', numericKernel('modulo', dec.modulo), plain),
  fn('div', 'numeric,numeric', 'numeric', numericKernel('whole_quotient', dec.divideTruncated), plain),
  fn('gcd', 'numeric,numeric', 'numeric', num2(dec.greatestCommonDivisor), plain),
  fn('lcm', 'numeric,numeric', 'numeric', num2(dec.leastCommonMultiple), plain),
  fn(
    'round',
    'numeric,int4',
    'numeric',
    own('round', ([a, n]) => dec.round(a as Decimal, n as number)),
    { ...plain, specialised: roundedDown },
  ),
  fn(
    'trunc',
    'numeric,int4',
    'numeric',
    own('truncate', ([a, n]) => dec.truncate(a as Decimal, n as number)),
    plain,
  ),
  ...(['power', 'pow'] as const).flatMap((name) => [
    fn(
      name,
      'float8,float8',
      'float8',
      row(([a, b]) => floatPower(a as number, b as number)),
    ),
    fn(name, 'numeric,numeric', 'numeric', num2(transcendental.power), same('numeric')),
  ]),
  op('^', 'numeric,numeric', 'numeric', num2(transcendental.power), plain),
  fn('log', 'numeric,numeric', 'numeric', num2(transcendental.log), plain),
  fn(
    'atan2',
    'float8,float8',
    'float8',
    row(([a, b]) => Math.atan2(a as number, b as number)),
  ),
  fn(
    'atan2d',
    'float8,float8',
    'float8',
    row(([a, b]) => degrees.atan2d(a as number, b as number)),
  ),
  fn(
    'pi',
    '',
    'float8',
    row(() => Math.PI),
  ),
  fn(
    'random',
    '',
    'float8',
    row(() => Math.random()),
    { volatility: 'volatile' },
  ),
  fn(
    'factorial',
    'int8',
    'numeric',
    row(([n]) => transcendental.factorial(n as bigint)),
    plain,
  ),
  fn(
    'scale',
    'numeric',
    'int4',
    row(([a]) => ((a as Decimal).special ? null : (a as Decimal).scale)),
  ),
  fn(
    'min_scale',
    'numeric',
    'int4',
    row(([a]) => ((a as Decimal).special ? null : dec.trimScale(a as Decimal).scale)),
  ),
  fn(
    'width_bucket',
    'anycompatible,anycompatiblearray',
    'int4',
    rowFor(
      ([type]) =>
        ([operand, bounds]) =>
          bucketOf(operand!, bounds as SqlArray, type!),
    ),
  ),
  fn(
    'width_bucket',
    'float8,float8,float8,int4',
    'int4',
    row((a) => {
      const [x, low, high, count] = a as readonly number[];
      return widthBucket(x!, low!, high!, count!);
    }),
  ),
  fn(
    'width_bucket',
    'numeric,numeric,numeric,int4',
    'int4',
    row(([x, low, high, count]) =>
      widthBucket(
        dec.decimalToNumber(x as Decimal),
        dec.decimalToNumber(low as Decimal),
        dec.decimalToNumber(high as Decimal),
        count as number,
      ),
    ),
  ),
];
