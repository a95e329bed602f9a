// Per-row twins of kernels that decline rows: numerics beyond the fast representation, non-ASCII text, and text that is no number
// (where the twin's task is to word the error).
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, Decimal } from '../../types/datum.ts';
import { absolute, add, compareDecimals, fitDecimal, multiply, negate, subtract } from '../../types/decimal.ts';
import { lowerCase, upperCase } from '../../types/letter-case.ts';
import { FLOAT8, INT2, INT4, INT8, type SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { DEFAULT_SETTINGS } from '../../types/type-settings.ts';
import type { RowBody } from './kernel-call.ts';

const binary = (compute: (a: Decimal, b: Decimal) => Decimal) => (args: readonly (Datum | null)[]) =>
  compute(args[0] as Decimal, args[1] as Decimal);

const comparison = (test: (order: number) => boolean) => (args: readonly (Datum | null)[]) =>
  test(compareDecimals(args[0] as Decimal, args[1] as Decimal));

const onText = (change: (text: string) => string) => (args: readonly (Datum | null)[]) => change(args[0] as string);

const parse = (type: SqlType) => (args: readonly (Datum | null)[]) =>
  typeOperations(type).parseText(args[0] as string, type, DEFAULT_SETTINGS);

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
  lower_view: onText(lowerCase),
  upper_view: onText(upperCase),
  reverse_view: onText((text) => [...text].reverse().join('')),
  substring_for_view: negativeLength,
  replace_view: tooLong,
  repeat_view: tooLong,
  like_view: badPattern,
  not_like_view: badPattern,
  cast_view_f64: parse(FLOAT8),
  cast_view_i64: parse(INT8),
  cast_view_i32: parse(INT4),
  cast_view_i16: parse(INT2),
};

/** The twin of `kernel` whose result has type `type`. */
export function slowTwin(kernel: string, type: SqlType): RowBody | undefined {
  const twin = TWINS[kernel];
  if (twin === undefined || type.name !== 'numeric' || type.precision === undefined) return twin;
  return (args, context) => fitDecimal(twin(args, context) as Decimal, type.precision!, type.scale ?? 0);
}
