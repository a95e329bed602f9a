// The SqlError behind a kernel's status code: the texts and SQLSTATEs of PostgreSQL.
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { KernelError } from '../../functions/function-definition.ts';
import { STATUS } from '../../kernels/kernel-library.ts';
import type { SqlType } from '../../types/sql-type.ts';

function errorOf(error: KernelError): SqlError {
  switch (error) {
    case 'division_by_zero':
      return sqlError('division_by_zero', 'division by zero');
    case 'int2_range':
      return sqlError('numeric_value_out_of_range', 'smallint out of range');
    case 'int4_range':
      return sqlError('numeric_value_out_of_range', 'integer out of range');
    case 'int8_range':
      return sqlError('numeric_value_out_of_range', 'bigint out of range');
    case 'float_overflow':
      return sqlError('numeric_value_out_of_range', 'value out of range: overflow');
    case 'float_underflow':
      return sqlError('numeric_value_out_of_range', 'value out of range: underflow');
    case 'numeric_overflow':
      return sqlError('numeric_value_out_of_range', 'value overflows numeric format');
    case 'timestamp_range':
      return sqlError('datetime_field_overflow', 'timestamp out of range');
    case 'interval_range':
      return sqlError('datetime_field_overflow', 'interval out of range');
    case 'date_for_timestamp':
      return sqlError('datetime_field_overflow', 'date out of range for timestamp');
    case 'infinite_dates':
      return sqlError('datetime_field_overflow', 'cannot subtract infinite dates');
  }
}

function outOfRange(type: SqlType): KernelError | null {
  switch (type.name) {
    case 'int2':
      return 'int2_range';
    case 'int4':
      return 'int4_range';
    case 'int8':
      return 'int8_range';
    case 'float4':
    case 'float8':
      return 'float_overflow';
    case 'numeric':
      return 'numeric_overflow';
    case 'timestamp':
    case 'timestamptz':
      return 'timestamp_range';
    case 'interval':
      return 'interval_range';
    default:
      return null;
  }
}

/** The error of status `code` of a kernel whose result has `type`; `errors` is the function definition's own table. */
export function kernelError(code: number, type: SqlType, errors?: Readonly<Record<number, KernelError>>): Error {
  const named = errors?.[code];
  if (named !== undefined) return errorOf(named);
  if (code === STATUS.DIVISION_BY_ZERO) return errorOf('division_by_zero');
  if (code === STATUS.OUT_OF_RANGE) {
    if (type.name === 'date') return sqlError('datetime_field_overflow', 'date out of range');
    const error = outOfRange(type);
    if (error !== null) return errorOf(error);
  }
  if (code === STATUS.INVALID && (type.name === 'float4' || type.name === 'float8')) return errorOf('float_underflow');
  if (code === STATUS.CARDINALITY) {
    return sqlError('cardinality_violation', 'more than one row returned by a subquery used as an expression');
  }
  return new Error(`a kernel failed with status ${code}`);
}
