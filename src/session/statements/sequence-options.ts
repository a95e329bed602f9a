// Options of CREATE SEQUENCE and of identity columns to a sequence's numbers, with PostgreSQL's defaults and checks.
import type { Sequence } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { SequenceOption } from '../../sql/ast-definition.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { SessionState } from '../session-state.ts';
import { requireTable, resolveTypeName } from './resolve-names.ts';

type SequenceNumbers = Pick<Sequence, 'start' | 'increment' | 'minimum' | 'maximum' | 'cycle' | 'dataType'>;

const MAXIMA: Readonly<Record<string, bigint>> = { int2: 32767n, int4: 2147483647n, int8: 9223372036854775807n };

function sequenceType(type: SqlType): 'int2' | 'int4' | 'int8' {
  if (type.name === 'int2' || type.name === 'int4' || type.name === 'int8') return type.name;
  throw sqlError('invalid_parameter_value', 'sequence type must be smallint, integer, or bigint');
}

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
  return { start, increment, minimum, maximum, cycle, dataType: sequenceType(type) };
}

/** The numbers of a sequence after ALTER SEQUENCE; what is not named stays, or follows the new type or direction. */
export function changedNumbers(sequence: Sequence, options: readonly SequenceOption[]): SequenceNumbers {
  const names = new Set(options.map(({ kind }) => kind));
  const type = options.find((option) => option.kind === 'as');
  const kept: SequenceOption[] = [];
  const keep = (kind: 'increment' | 'minvalue' | 'maxvalue' | 'start', value: bigint) => {
    if (!names.has(kind)) kept.push({ kind, value: String(value), position: 0 });
  };
  keep('increment', sequence.increment);
  keep('start', sequence.start);
  const before = MAXIMA[sequence.dataType ?? 'int8']!;
  if (type === undefined || sequence.minimum !== -before - 1n) keep('minvalue', sequence.minimum);
  if (type === undefined || sequence.maximum !== before) keep('maxvalue', sequence.maximum);
  if (!names.has('cycle')) kept.push({ kind: 'cycle', value: sequence.cycle, position: 0 });
  const sqlType = type?.kind === 'as' ? resolveTypeName(type.type) : ({ name: sequence.dataType ?? 'int8' } as SqlType);
  return sequenceFromOptions(sqlType, [...kept, ...options]);
}

/** Where the sequence stands, or shall go on, lies within its bounds. */
export function requireWithin(sequence: Sequence, options: readonly SequenceOption[], lastValue: bigint): void {
  const restart = options.find((option) => option.kind === 'restart');
  const value =
    restart?.kind !== 'restart' ? lastValue : restart.value === null ? sequence.start : BigInt(restart.value);
  const fail = (text: string) => {
    throw sqlError('invalid_parameter_value', `RESTART value (${value}) cannot be ${text}`);
  };
  if (value < sequence.minimum) fail(`less than MINVALUE (${sequence.minimum})`);
  if (value > sequence.maximum) fail(`greater than MAXVALUE (${sequence.maximum})`);
}

/** OWNED BY table.column, or NONE. */
export function ownedBy(state: SessionState, options: readonly SequenceOption[]): Pick<Sequence, 'ownedBy'> | object {
  const option = options.find((one) => one.kind === 'owned_by');
  if (option?.kind !== 'owned_by') return {};
  if (option.name.length === 1 && option.name[0] === 'none') return { ownedBy: null };
  const [column, ...table] = option.name.toReversed();
  if (table.length === 0) {
    throw sqlError('syntax_error', 'invalid OWNED BY option', {
      hint: 'Specify OWNED BY table.column or OWNED BY NONE.',
    });
  }
  const relation = requireTable(state, { parts: table.reverse(), position: option.position });
  const found = relation.columns.find((one) => one.name === column);
  if (found === undefined)
    throw sqlError('undefined_column', `column "${column}" of relation "${relation.name}" does not exist`);
  return { ownedBy: { table: relation.oid, attribute: found.attribute } };
}
