// Literals of the syntax tree as typed constants: integers by size, decimals exactly, strings untyped.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import { decimal } from '../../types/datum.ts';
import { parseDecimal } from '../../types/decimal.ts';
import { BOOL, INT4, INT8, NUMERIC, UNKNOWN } from '../../types/sql-type.ts';
import { constantType } from './coerce.ts';

/** int4 if it fits, else int8, else numeric. */
export function integerConstant(text: string): Expression {
  const value = BigInt(text);
  if (value <= 2147483647n) return { kind: 'constant', type: INT4, value: Number(value) };
  if (value <= 9223372036854775807n) return { kind: 'constant', type: INT8, value };
  const exact = decimal(value, 0);
  return { kind: 'constant', type: constantType(NUMERIC, exact), value: exact };
}

export function decimalConstant(text: string, position: number): Expression {
  const value = parseDecimal(text);
  if (value.special !== undefined)
    throw sqlError('numeric_value_out_of_range', 'value overflows numeric format', { position });
  return { kind: 'constant', type: constantType(NUMERIC, value), value };
}

export function stringConstant(value: string): Expression {
  return { kind: 'constant', type: UNKNOWN, value };
}

export function booleanConstant(value: boolean): Expression {
  return { kind: 'constant', type: BOOL, value };
}
