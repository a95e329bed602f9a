// Per-row twins of kernels that decline rows: numerics beyond the fast representation, non-ASCII text, and text that is no number
// (where the twin's task is to word the error).
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, Decimal } from '../../types/datum.ts';
import { absolute, add, compareDecimals, multiply, negate, subtract } from '../../types/decimal.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { RowBody } from './kernel-call.ts';
import { fitPrecision } from './numeric-conversion.ts';

const binary = (compute: (a: Decimal, b: Decimal) => Decimal) => (args: readonly (Datum | null)[]) =>
  compute(args[0] as Decimal, args[1] as Decimal);

const comparison = (test: (order: number) => boolean) => (args: readonly (Datum | null)[]) =>
  test(compareDecimals(args[0] as Decimal, args[1] as Decimal));

const onText = (change: (text: string) => string) => (args: readonly (Datum | null)[]) => change(args[0] as string);

const NUMBER =
  /^[ \t\n\r\v\f]*([+-]?)(?:(0[xX](?:_?[0-9a-fA-F])+)|(0[oO](?:_?[0-7])+)|(0[bB](?:_?[01])+)|(\d+(?:_\d+)*))[ \t\n\r\v\f]*$/;

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

function negativeLength(): never {
  throw sqlError('substring_error', 'negative substring length not allowed');
}

function tooLong(): never {
  throw sqlError('program_limit_exceeded', 'requested length too large');
}

const TWINS: Readonly<Record<string, RowBody>> = {
  add_numeric: binary(add),
  subtract_numeric: binary(subtract),
  multiply_numeric: binary(multiply),
  negate_numeric: (args) => negate(args[0] as Decimal),
  absolute_numeric: (args) => absolute(args[0] as Decimal),
  equal_numeric: comparison((order) => order === 0),
  not_equal_numeric: comparison((order) => order !== 0),
  less_numeric: comparison((order) => order < 0),
  less_equal_numeric: comparison((order) => order <= 0),
  greater_numeric: comparison((order) => order > 0),
  greater_equal_numeric: comparison((order) => order >= 0),
  lower_view: onText((text) => text.toLowerCase()),
  upper_view: onText((text) => text.toUpperCase()),
  reverse_view: onText((text) => [...text].reverse().join('')),
  substring_for_view: negativeLength,
  replace_view: tooLong,
  repeat_view: tooLong,
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
