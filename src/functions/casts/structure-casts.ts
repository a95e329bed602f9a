// Casts between json and jsonb and from jsonb to scalars, of arrays element by element, and of vectors to arrays.
import { sqlError } from '../../errors/sql-error.ts';
import { convertNumber } from '../../types/convert-number.ts';
import type { Datum, SqlArray } from '../../types/datum.ts';
import { canonicalJsonb } from '../../types/json.ts';
import { isJsonArray, isJsonNumber, isJsonObject, type JsonValue, jsonbValue } from '../../types/json-value.ts';
import { NUMERIC, type SqlType, type TypeName } from '../../types/sql-type.ts';
import { rowBody } from '../define.ts';
import type { CastFunction, ScalarFunction } from '../function-definition.ts';
import { dateToTimestamp, timestampToDate } from './date-casts.ts';
import { rowCast } from './define-cast.ts';

function jsonKind(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (isJsonNumber(value)) return 'numeric';
  return isJsonArray(value) ? 'array' : isJsonObject(value) ? 'object' : 'scalar';
}

function cannot(value: JsonValue, typeName: string): never {
  throw sqlError('invalid_parameter_value', `cannot cast jsonb ${jsonKind(value)} to type ${typeName}`);
}

/** Numbers of a jsonb in PostgreSQL's words for their types. */
const NUMBERS = [
  ['numeric', 'numeric'],
  ['int2', 'smallint'],
  ['int4', 'integer'],
  ['int8', 'bigint'],
  ['float4', 'real'],
  ['float8', 'double precision'],
] as const;

/** A single value where the cast of vectors is a kernel. */
function convertValue(value: Datum, from: SqlType, to: SqlType): Datum {
  if (from.name === 'date') return dateToTimestamp(value as number);
  if (from.name === 'timestamp') return timestampToDate(value as bigint);
  return convertNumber(value, from, to);
}

type ElementCast = (from: SqlType, to: SqlType) => CastFunction | undefined;

/** array -> array with the element cast that `find` gives, in assignments the one that cuts nothing off. */
function arrayCast(find: ElementCast): CastFunction {
  const written = elementwise(find);
  const assigned = elementwise((from, to) => {
    const found = find(from, to);
    return found?.assignmentFunction === undefined ? found : { ...found, function: found.assignmentFunction };
  });
  const assignmentFunction = { ...(assigned.function as ScalarFunction), id: 'cast(array->array,assignment)' };
  return { ...written, assignmentFunction };
}

function elementwise(find: ElementCast): CastFunction {
  return rowCast('array', 'array', 'implicit', (value, target, context, source) => {
    const from = source.element!;
    const to = target.element!;
    if (from.name === to.name && to.length === undefined && to.precision === undefined) return value;
    const found = find(from, to);
    if (found === undefined) {
      throw sqlError('cannot_coerce', `cannot cast array element type ${from.name} to ${to.name}`);
    }
    if (found.function === 'binary-compatible') return value;
    const body = found.function.body([from], to);
    const array = value as SqlArray;
    const evaluate = rowBody(body);
    const convert = (item: Datum) =>
      evaluate === undefined ? convertValue(item, from, to) : evaluate([item], context);
    return { ...array, elements: array.elements.map((item) => (item === null ? null : convert(item))) };
  });
}

export function structureCasts(find: ElementCast): readonly CastFunction[] {
  const vectors: readonly TypeName[] = ['int2vector', 'oidvector'];
  return [
    rowCast('json', 'jsonb', 'assignment', (text) => canonicalJsonb(text as string)),
    rowCast('jsonb', 'json', 'assignment', (text) => text),
    rowCast('jsonb', 'bool', 'explicit', (text) => {
      const value = jsonbValue(text as string);
      return typeof value === 'boolean' ? value : cannot(value, 'boolean');
    }),
    ...NUMBERS.map(([type, words]) =>
      rowCast('jsonb', type, 'explicit', (text, target) => {
        const value = jsonbValue(text as string);
        return isJsonNumber(value) ? convertNumber(value, NUMERIC, target) : cannot(value, words);
      }),
    ),
    arrayCast(find),
    ...vectors.map((vector) => rowCast(vector, 'array', 'implicit', (value) => value)),
  ];
}
