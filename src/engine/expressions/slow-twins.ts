// Per-row twins of kernels that decline rows: numerics beyond the fast representation, non-ASCII text, and text that is no number
// (where the twin's task is to word the error).
import { coefficientAt, powerOfTen } from '../../columns/numeric-bytes.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { type Datum, type Decimal, decimal } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { RowBody } from './kernel-call.ts';
import { fitPrecision } from './numeric-conversion.ts';

function special(name: 'NaN' | 'Infinity' | '-Infinity'): Decimal {
  return { kind: 'decimal', coefficient: 0n, scale: 0, special: name };
}

/** Rank among the special values and the finite ones: -Infinity < finite < Infinity < NaN. */
function rank(value: Decimal): number {
  if (value.special === undefined) return 0;
  return value.special === 'NaN' ? 2 : value.special === 'Infinity' ? 1 : -1;
}

/** Order of numerics, ignoring display scale; NaN equals itself and is greatest. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const ranks = rank(a) - rank(b);
  if (ranks !== 0 || a.special !== undefined) return ranks;
  const scale = Math.max(a.scale, b.scale);
  const left = coefficientAt(a, scale);
  const right = coefficientAt(b, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === 'NaN' || b.special === 'NaN') return special('NaN');
    if (a.special === undefined) return b;
    if (b.special === undefined || a.special === b.special) return a;
    return special('NaN');
  }
  const scale = Math.max(a.scale, b.scale);
  return decimal(coefficientAt(a, scale) + coefficientAt(b, scale), scale);
}

function negateDecimal(a: Decimal): Decimal {
  if (a.special === undefined) return decimal(-a.coefficient, a.scale);
  return a.special === 'NaN' ? a : special(a.special === 'Infinity' ? '-Infinity' : 'Infinity');
}

function signOf(value: Decimal): number {
  if (value.special !== undefined) return value.special === '-Infinity' ? -1 : 1;
  return value.coefficient < 0n ? -1 : value.coefficient > 0n ? 1 : 0;
}

const MAX_SCALE = 16383;

function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === 'NaN' || b.special === 'NaN') return special('NaN');
    const sign = signOf(a) * signOf(b);
    return special(sign === 0 ? 'NaN' : sign > 0 ? 'Infinity' : '-Infinity');
  }
  const product = decimal(a.coefficient * b.coefficient, a.scale + b.scale);
  if (product.scale <= MAX_SCALE) return product;
  return decimal(coefficientAt(product, MAX_SCALE), MAX_SCALE);
}

const MAX_DIGITS = 131_072;

function checked(value: Decimal): Decimal {
  const { coefficient, scale } = value;
  if (coefficient.toString(16).length < 100_000) return value; // far below the limit
  const magnitude = coefficient < 0n ? -coefficient : coefficient;
  if (magnitude < powerOfTen(MAX_DIGITS + scale)) return value;
  throw sqlError('numeric_value_out_of_range', 'value overflows numeric format');
}

const binary = (compute: (a: Decimal, b: Decimal) => Decimal) => (args: readonly (Datum | null)[]) =>
  checked(compute(args[0] as Decimal, args[1] as Decimal));

const comparison = (test: (order: number) => boolean) => (args: readonly (Datum | null)[]) =>
  test(compareDecimals(args[0] as Decimal, args[1] as Decimal));

const onText = (change: (text: string) => string) => (args: readonly (Datum | null)[]) => change(args[0] as string);

const NUMBER = /^[ \t\n\r\v\f]*([+-]?)(?:(0[xX](?:_?[0-9a-fA-F])+)|(0[oO](?:_?[0-7])+)|(0[bB](?:_?[01])+)|(\d+(?:_\d+)*))[ \t\n\r\v\f]*$/;

/** An integer as PostgreSQL reads it: blanks around, a sign, decimal, hexadecimal, octal or binary digits, underscores between. */
function parseInteger(text: string, name: string, bits: bigint): bigint {
  const match = NUMBER.exec(text);
  if (match === null) throw sqlError('invalid_text_representation', `invalid input syntax for type ${name}: "${text}"`);
  const digits = (match[2] ?? match[3] ?? match[4] ?? match[5])!.replaceAll('_', '');
  const value = match[1] === '-' ? -BigInt(digits) : BigInt(digits);
  if (BigInt.asIntN(Number(bits), value) === value) return value;
  throw sqlError('numeric_value_out_of_range', `value "${text}" is out of range for type ${name}`);
}

const FLOAT = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$/i;

function parseFloat8(text: string): number {
  const trimmed = text.replace(/^[ \t\n\r\v\f]+|[ \t\n\r\v\f]+$/g, '');
  if (!FLOAT.test(trimmed)) {
    throw sqlError('invalid_text_representation', `invalid input syntax for type double precision: "${text}"`);
  }
  if (/nan$/i.test(trimmed)) return Number.NaN;
  if (/y$|f$/i.test(trimmed)) return trimmed.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = Number(trimmed);
  if (Number.isFinite(value) && (value !== 0 || !/[1-9].*?(e|$)/i.test(trimmed.replace(/e.*$/i, '')))) return value;
  throw sqlError('numeric_value_out_of_range', `"${text}" is out of range for type double precision`);
}

function badPattern(): never {
  throw sqlError('invalid_escape_sequence', 'LIKE pattern must not end with escape character');
}

const TWINS: Readonly<Record<string, RowBody>> = {
  add_numeric: binary(addDecimals),
  subtract_numeric: binary((a, b) => addDecimals(a, negateDecimal(b))),
  multiply_numeric: binary(multiplyDecimals),
  negate_numeric: (args) => negateDecimal(args[0] as Decimal),
  absolute_numeric: (args) => (signOf(args[0] as Decimal) < 0 ? negateDecimal(args[0] as Decimal) : args[0]!),
  equal_numeric: comparison((order) => order === 0),
  not_equal_numeric: comparison((order) => order !== 0),
  less_numeric: comparison((order) => order < 0),
  less_equal_numeric: comparison((order) => order <= 0),
  greater_numeric: comparison((order) => order > 0),
  greater_equal_numeric: comparison((order) => order >= 0),
  lower_view: onText((text) => text.toLowerCase()),
  upper_view: onText((text) => text.toUpperCase()),
  reverse_view: onText((text) => [...text].reverse().join('')),
  like_view: badPattern,
  not_like_view: badPattern,
  cast_view_f64: (args) => parseFloat8(args[0] as string),
  cast_view_i64: (args) => parseInteger(args[0] as string, 'bigint', 64n),
  cast_view_i32: (args) => Number(parseInteger(args[0] as string, 'integer', 32n)),
  cast_view_i16: (args) => Number(parseInteger(args[0] as string, 'smallint', 16n)),
};

/** The twin of `kernel` whose result has type `type`. */
export function slowTwin(kernel: string, type: SqlType): RowBody | undefined {
  const twin = TWINS[kernel];
  if (twin === undefined || type.name !== 'numeric' || type.precision === undefined) return twin;
  return (args, context) => fitPrecision(twin(args, context) as Decimal, type);
}
