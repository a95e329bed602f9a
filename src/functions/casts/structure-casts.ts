// Casts between json and jsonb and from jsonb to scalars, of arrays element by element, and of vectors to arrays.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray } from '../../types/datum.ts';
import { decimalToInteger, decimalToNumber } from '../../types/decimal.ts';
import { canonicalJsonb } from '../../types/json.ts';
import { isJsonArray, isJsonNumber, isJsonObject, type JsonValue, jsonbValue } from '../../types/json-value.ts';
import { coerceDecimal } from '../../types/numeric.ts';
import type { SqlType, TypeName } from '../../types/sql-type.ts';
import { rowBody } from '../define.ts';
import type { CastFunction } from '../function-definition.ts';
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

function integerFrom(typeName: string, bits: number): (value: Datum) => Datum {
  return (text) => {
    const value = jsonbValue(text as string);
    if (!isJsonNumber(value)) cannot(value, typeName);
    const whole = decimalToInteger(value);
    if (whole !== BigInt.asIntN(bits, whole)) throw sqlError('numeric_value_out_of_range', `${typeName} out of range`);
    return bits === 64 ? whole : Number(whole);
  };
}

function floatFrom(typeName: string, round: (value: number) => number): (value: Datum) => Datum {
  return (text) => {
    const value = jsonbValue(text as string);
    return isJsonNumber(value) ? round(decimalToNumber(value)) : cannot(value, typeName);
  };
}

type ElementCast = (from: SqlType, to: SqlType) => CastFunction | undefined;
/** Single values where the cast of vectors is a kernel. */
type ConvertValue = (value: Datum, from: SqlType, to: SqlType) => Datum;

/** array -> array with the element cast that `find` gives. */
function arrayCast(find: ElementCast, convertValue: ConvertValue): CastFunction {
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
    const convert = (item: Datum) => evaluate?.([item], context) ?? convertValue(item, from, to);
    return { ...array, elements: array.elements.map((item) => (item === null ? null : convert(item))) };
  });
}

export function structureCasts(find: ElementCast, convertValue: ConvertValue): readonly CastFunction[] {
  const vectors: readonly TypeName[] = ['int2vector', 'oidvector'];
  return [
    rowCast('json', 'jsonb', 'assignment', (text) => canonicalJsonb(text as string)),
    rowCast('jsonb', 'json', 'assignment', (text) => text),
    rowCast('jsonb', 'bool', 'explicit', (text) => {
      const value = jsonbValue(text as string);
      return typeof value === 'boolean' ? value : cannot(value, 'boolean');
    }),
    rowCast('jsonb', 'numeric', 'explicit', (text, target) => {
      const value = jsonbValue(text as string);
      return isJsonNumber(value) ? coerceDecimal(value, target) : cannot(value, 'numeric');
    }),
    rowCast('jsonb', 'int2', 'explicit', integerFrom('smallint', 16)),
    rowCast('jsonb', 'int4', 'explicit', integerFrom('integer', 32)),
    rowCast('jsonb', 'int8', 'explicit', integerFrom('bigint', 64)),
    rowCast('jsonb', 'float4', 'explicit', floatFrom('real', Math.fround)),
    rowCast(
      'jsonb',
      'float8',
      'explicit',
      floatFrom('double precision', (value) => value),
    ),
    arrayCast(find, convertValue),
    ...vectors.map((vector) => rowCast(vector, 'array', 'implicit', (value) => value)),
  ];
}
