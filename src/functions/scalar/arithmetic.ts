// + - * / % and unary minus on numbers. Hot forms are kernels; numeric + and - keep
// the larger scale, * adds scales; a derived precision over 38 or an unconstrained argument gives plain numeric.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, Decimal } from '../../types/datum.ts';
import * as dec from '../../types/decimal.ts';
import { NUMERIC, physicalOf, type SqlType } from '../../types/sql-type.ts';
import { type BodyFor, type Evaluate, kernel, op, row } from '../define.ts';
import type { KernelError, ParameterType, ScalarFunction } from '../function-definition.ts';

type Integer = 'int2' | 'int4' | 'int8';
const RANGE: Readonly<Record<string, KernelError>> = { int2: 'int2_range', int4: 'int4_range', int8: 'int8_range' };
const KERNEL_TYPE: Readonly<Record<string, string>> = {
  int2: 'i16',
  int4: 'i32',
  int8: 'i64',
  float4: 'f32',
  float8: 'f64',
};
const WIDTH: Readonly<Record<string, number>> = { int2: 2, int4: 4, int8: 8 };

/** A derived numeric type, or plain numeric where it would not fit 38 digits. */
export function derivedNumeric(precision: number, scale: number): SqlType {
  return precision > 38 ? NUMERIC : { name: 'numeric', precision, scale };
}

function sumType([a, b]: readonly SqlType[]): SqlType {
  if (a?.precision === undefined || b?.precision === undefined) return NUMERIC;
  const scale = Math.max(a.scale ?? 0, b.scale ?? 0);
  return derivedNumeric(Math.max(a.precision - (a.scale ?? 0), b.precision - (b.scale ?? 0)) + scale + 1, scale);
}

function productType([a, b]: readonly SqlType[]): SqlType {
  if (a?.precision === undefined || b?.precision === undefined) return NUMERIC;
  return derivedNumeric(a.precision + b.precision, (a.scale ?? 0) + (b.scale ?? 0));
}

/** Kernels exist for one physical type; int2+int4 share it, int4+int8 are aligned by the engine. */
function integerBody(
  base: string,
  a: Integer,
  b: Integer,
  result: Integer,
  errors: Record<number, KernelError>,
): BodyFor {
  if (a === b || (result === 'int4' && base !== 'divide' && base !== 'modulo')) {
    return kernel(`${base}_${KERNEL_TYPE[result]}`, errors);
  }
  return kernel(base, errors, 'width');
}

function integerOperators(): ScalarFunction[] {
  const out: ScalarFunction[] = [];
  for (const a of ['int2', 'int4', 'int8'] as const) {
    for (const b of ['int2', 'int4', 'int8'] as const) {
      const result = WIDTH[a]! >= WIDTH[b]! ? a : b;
      const range = { 2: RANGE[result]! };
      const types = `${a},${b}`;
      out.push(op('+', types, result, integerBody('add', a, b, result, range), { commutator: '+' }));
      out.push(op('-', types, result, integerBody('subtract', a, b, result, range)));
      out.push(op('*', types, result, integerBody('multiply', a, b, result, range), { commutator: '*' }));
      const division = { 1: 'division_by_zero', 2: RANGE[result]! } as const;
      out.push(op('/', types, result, integerBody('divide', a, b, result, division)));
      if (a === b) out.push(op('%', types, result, integerBody('modulo', a, b, result, division)));
    }
    const type = KERNEL_TYPE[a];
    out.push(op('-', a, a, kernel(`negate_${type}`, { 2: RANGE[a]! })));
    out.push(op('@', a, a, kernel(`absolute_${type}`, { 2: RANGE[a]! })));
    for (const [symbol, name] of [
      ['&', 'bit_and'],
      ['|', 'bit_or'],
      ['#', 'bit_xor'],
    ] as const) {
      out.push(op(symbol, `${a},${a}`, a, kernel(`${name}_${type}`), { commutator: symbol }));
    }
    out.push(op('~', a, a, kernel(`bit_not_${type}`)));
    out.push(op('<<', `${a},int4`, a, kernel(`shift_left_${type}`)));
    out.push(op('>>', `${a},int4`, a, kernel(`shift_right_${type}`)));
  }
  return out;
}

/** Fixed numerics of up to 18 digits are divided by a kernel. */
const fixedQuotient: ScalarFunction['specialised'] = (_constants, _context, types) => {
  if (types.some((type) => physicalOf(type) !== 'i64')) return undefined;
  const slow: Evaluate = ([a, b]) => dec.divide(a as Decimal, b as Decimal);
  return { kernel: 'quotient_i64', args: [0, 1], parameters: types.map((type) => type.scale ?? 0), slow };
};

const FLOAT_ERRORS = { 1: 'division_by_zero', 2: 'float_overflow' } as const;

const floats =
  (compute: (a: number, b: number) => number, zeroAllowed: (a: number, b: number) => boolean) =>
  ([a, b]: readonly (Datum | null)[]) => {
    const [x, y] = [a as number, b as number];
    return checkFloat(compute(x, y), Number.isFinite(x) && Number.isFinite(y), zeroAllowed(x, y));
  };

/** real with double precision: no kernel mixes the two. */
const FLOAT_ROWS = {
  add: floats(
    (a, b) => a + b,
    () => true,
  ),
  subtract: floats(
    (a, b) => a - b,
    () => true,
  ),
  multiply: floats(
    (a, b) => a * b,
    (a, b) => a === 0 || b === 0,
  ),
  divide: floats(
    (a, b) => {
      if (b === 0) throw sqlError('division_by_zero', 'division by zero');
      return a / b;
    },
    (a) => a === 0,
  ),
};

function floatOperators(): ScalarFunction[] {
  const out: ScalarFunction[] = [];
  for (const a of ['float4', 'float8'] as const) {
    for (const b of ['float4', 'float8'] as const) {
      const result = a === b ? a : 'float8';
      const body = (base: keyof typeof FLOAT_ROWS) =>
        a === b ? kernel(`${base}_${KERNEL_TYPE[a]}`, FLOAT_ERRORS) : row(FLOAT_ROWS[base]);
      out.push(op('+', `${a},${b}`, result, body('add'), { commutator: '+' }));
      out.push(op('-', `${a},${b}`, result, body('subtract')));
      out.push(op('*', `${a},${b}`, result, body('multiply'), { commutator: '*' }));
      out.push(op('/', `${a},${b}`, result, body('divide')));
    }
    out.push(op('-', a, a, kernel(`negate_${KERNEL_TYPE[a]}`)));
    out.push(op('@', a, a, kernel(`absolute_${KERNEL_TYPE[a]}`)));
  }
  out.push(
    op(
      '^',
      'float8,float8',
      'float8',
      row(([a, b]) => floatPower(a as number, b as number)),
    ),
  );
  out.push(
    op(
      '|/',
      'float8',
      'float8',
      kernel('sqrt_f64', undefined, undefined, ([a]) => floatSqrt(a as number)),
    ),
  );
  out.push(
    op(
      '||/',
      'float8',
      'float8',
      row(([a]) => Math.cbrt(a as number)),
    ),
  );
  return out;
}

export function floatSqrt(x: number): number {
  if (x < 0) throw sqlError('invalid_argument_for_power_function', 'cannot take square root of a negative number');
  return Math.sqrt(x);
}

export function floatPower(x: number, y: number): number {
  if (x === 1 || y === 0) return 1;
  if (x === -1 && !Number.isFinite(y) && !Number.isNaN(y)) return 1;
  if (x === 0 && y < 0) {
    throw sqlError('invalid_argument_for_power_function', 'zero raised to a negative power is undefined');
  }
  if (x < 0 && Number.isFinite(y) && !Number.isInteger(y)) {
    const message = 'a negative number raised to a non-integer power yields a complex result';
    throw sqlError('invalid_argument_for_power_function', message);
  }
  return checkFloat(x ** y, Number.isFinite(x) && Number.isFinite(y), x === 0);
}

/** Overflow and underflow errors of a double result from finite arguments. */
export function checkFloat(value: number, finiteInput: boolean, zeroAllowed: boolean): number {
  if (finiteInput && Number.isFinite(value) === false && !Number.isNaN(value)) {
    throw sqlError('numeric_value_out_of_range', 'value out of range: overflow');
  }
  if (finiteInput && value === 0 && !zeroAllowed) {
    throw sqlError('numeric_value_out_of_range', 'value out of range: underflow');
  }
  return value;
}

/** A kernel over two numerics with their own scales, and what it computes. */
export const numericKernel = (name: string, f: (a: Decimal, b: Decimal) => Decimal): BodyFor =>
  kernel(name, { 1: 'division_by_zero' }, 'own', ([a, b]) => f(a as Decimal, b as Decimal));

const NUMERIC_OPERATORS: readonly ScalarFunction[] = [
  op('+', 'numeric,numeric', 'numeric', kernel('add', { 2: 'numeric_overflow' }, 'scale'), {
    commutator: '+',
    resultType: sumType,
  }),
  op('-', 'numeric,numeric', 'numeric', kernel('subtract', { 2: 'numeric_overflow' }, 'scale'), {
    resultType: sumType,
  }),
  op('*', 'numeric,numeric', 'numeric', kernel('multiply', { 2: 'numeric_overflow' }, 'width'), {
    commutator: '*',
    resultType: productType,
  }),
  op('/', 'numeric,numeric', 'numeric', numericKernel('divide', dec.divide), {
    resultType: () => NUMERIC,
    specialised: fixedQuotient,
  }),
  op('%', 'numeric,numeric', 'numeric', numericKernel('modulo', dec.modulo), { resultType: () => NUMERIC }),
  op('-', 'numeric', 'numeric', kernel('negate', { 2: 'numeric_overflow' }, 'scale'), {
    resultType: ([a]) => derivedFrom(a),
  }),
  op('@', 'numeric', 'numeric', kernel('absolute', { 2: 'numeric_overflow' }, 'scale'), {
    resultType: ([a]) => derivedFrom(a),
  }),
];

/** The argument's precision and scale, not as a declared modifier. */
export function derivedFrom(type: SqlType | undefined): SqlType {
  if (type?.precision === undefined) return NUMERIC;
  return derivedNumeric(type.precision, type.scale ?? 0);
}

function unaryPlus(type: ParameterType): ScalarFunction {
  return op(
    '+',
    type,
    type,
    row(([a]) => a!),
    { resultType: ([a]) => (type === 'numeric' ? derivedFrom(a) : a!) },
  );
}

export const ARITHMETIC: readonly ScalarFunction[] = [
  ...integerOperators(),
  ...floatOperators(),
  ...NUMERIC_OPERATORS,
  ...(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'] as const).map(unaryPlus),
];
