// Options of CREATE SEQUENCE and of identity columns to a sequence's numbers, with PostgreSQL's defaults and checks.
import type { Sequence } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { SequenceOption } from '../../sql/ast-definition.ts';
import type { SqlType } from '../../types/sql-type.ts';

type SequenceNumbers = Pick<Sequence, 'start' | 'increment' | 'minimum' | 'maximum' | 'cycle'>;

const MAXIMA: Readonly<Record<string, bigint>> = { int2: 32767n, int4: 2147483647n, int8: 9223372036854775807n };

export function sequenceFromOptions(type: SqlType, options: readonly SequenceOption[]): SequenceNumbers {
  let increment = 1n;
  let cycle = false;
  const given: { start?: bigint; minimum?: bigint; maximum?: bigint } = {};
  for (const option of options) {
    if (option.kind === 'increment') increment = BigInt(option.value!);
    else if (option.kind === 'cycle') cycle = option.value;
    else if (option.kind === 'minvalue' && option.value !== null) given.minimum = BigInt(option.value);
    else if (option.kind === 'maxvalue' && option.value !== null) given.maximum = BigInt(option.value);
    else if (option.kind === 'start' && option.value !== null) given.start = BigInt(option.value);
  }
  if (increment === 0n) throw sqlError('invalid_parameter_value', 'INCREMENT must not be zero');
  const limit = MAXIMA[type.name] ?? MAXIMA.int8!;
  const minimum = given.minimum ?? (increment > 0n ? 1n : -limit - 1n);
  const maximum = given.maximum ?? (increment > 0n ? limit : -1n);
  if (minimum >= maximum) {
    throw sqlError('invalid_parameter_value', `MINVALUE (${minimum}) must be less than MAXVALUE (${maximum})`);
  }
  const start = given.start ?? (increment > 0n ? minimum : maximum);
  if (start < minimum)
    throw sqlError('invalid_parameter_value', `START value (${start}) cannot be less than MINVALUE (${minimum})`);
  if (start > maximum)
    throw sqlError('invalid_parameter_value', `START value (${start}) cannot be greater than MAXVALUE (${maximum})`);
  return { start, increment, minimum, maximum, cycle };
}
