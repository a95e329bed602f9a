// JSON values as SQL values of declared types: json(b)_populate_record and what json(b)_to_record and their set forms share.
// Strings go through the type's input function, nested objects and arrays become records, arrays or their JSON text.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray, SqlRecord } from '../../types/datum.ts';
import type { JsonSpan } from '../../types/json-spans.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { fn, rowFor, settingsOf } from '../define.ts';
import type { EvaluationContext, ScalarFunction } from '../function-definition.ts';
import { JSON_SHAPE, JSONB_SHAPE, type JsonShape } from './json-shape.ts';

export type Fields = readonly { readonly name: string; readonly type: SqlType }[];

function malformedArray(): never {
  throw sqlError('invalid_text_representation', 'malformed JSON array', {
    detail: 'Multidimensional arrays must have sub-arrays with matching dimensions.',
  });
}

function recordReader<V>(shape: JsonShape<V>) {
  function arrayOf(items: readonly V[], element: SqlType, context: EvaluationContext): SqlArray {
    if (items.length === 0) return { kind: 'array', dimensions: [], lowerBounds: [], elements: [] };
    const deeper = items.map((item) => shape.items(item));
    if (deeper.every((inner) => inner === undefined)) {
      const elements = items.map((item) => read(item, element, context));
      return { kind: 'array', dimensions: [items.length], lowerBounds: [1], elements };
    }
    const parts = deeper.map((inner) => (inner === undefined ? malformedArray() : arrayOf(inner, element, context)));
    const [first] = parts as [SqlArray];
    if (parts.some((part) => part.dimensions.join() !== first.dimensions.join())) malformedArray();
    return {
      kind: 'array',
      dimensions: [parts.length, ...first.dimensions],
      lowerBounds: [1, ...first.lowerBounds],
      elements: parts.flatMap((part) => part.elements),
    };
  }

  /** One value as a value of the type. Throws what the type's input function throws. */
  function read(value: V, type: SqlType, context: EvaluationContext): Datum | null {
    if (type.name === 'json' || type.name === 'jsonb') {
      if (shape.type === 'json' && type.name === 'json') return shape.shown(value);
      return shape.typeName(value) === 'null' && type.name === 'jsonb'
        ? 'null'
        : parse(shape.shown(value), type, context);
    }
    const text = shape.text(value);
    if (text === null) return null;
    const items = type.name === 'array' ? shape.items(value) : undefined;
    if (items !== undefined) return arrayOf(items, type.element!, context);
    if (type.name === 'array' && shape.typeName(value) !== 'string') {
      throw sqlError('invalid_text_representation', 'expected JSON array');
    }
    if (type.name === 'record' && type.fields !== undefined && shape.members(value) !== undefined) {
      return recordOf(value, type.fields, null, context);
    }
    return parse(text, type, context);
  }

  function parse(text: string, type: SqlType, context: EvaluationContext): Datum {
    return typeOperations(type).parseText(text, type, settingsOf(context));
  }

  /** An object's members by field name; absent ones keep the base's values, or are NULL. */
  function recordOf(value: V, fields: Fields, base: SqlRecord | null, context: EvaluationContext): SqlRecord {
    const values = fields.map(({ name, type }, i) => {
      const member = shape.member(value, name);
      return member === undefined ? (base?.values[i] ?? null) : read(member, type, context);
    });
    return { kind: 'record', values };
  }

  return { recordOf };
}

const READERS = { json: recordReader<JsonSpan>(JSON_SHAPE), jsonb: recordReader(JSONB_SHAPE) } as const;

/** The fields of one JSON object, in order. `caller` names the function in errors. */
export function recordFrom(
  type: 'json' | 'jsonb',
  text: string,
  fields: Fields,
  base: SqlRecord | null,
  context: EvaluationContext,
  caller: string,
): SqlRecord {
  const read = <V>(shape: JsonShape<V>, reader: ReturnType<typeof recordReader<V>>): SqlRecord => {
    const value = shape.parse(text);
    if (shape.members(value) !== undefined) return reader.recordOf(value, fields, base, context);
    const what = shape.items(value) === undefined ? 'a scalar' : 'an array';
    throw sqlError('invalid_parameter_value', `cannot call ${caller} on ${what}`);
  };
  return type === 'json' ? read(JSON_SHAPE, READERS.json) : read(JSONB_SHAPE, READERS.jsonb);
}

export const JSON_RECORDS: readonly ScalarFunction[] = (['json', 'jsonb'] as const).map((type) => {
  const name = `${type}_populate_record`;
  const body = rowFor(([record]) => ([base, text], context) => {
    if (text === null) return base!;
    if (record?.name !== 'record' || record.fields === undefined) {
      throw sqlError('datatype_mismatch', `first argument of ${name} must be a row type`);
    }
    return recordFrom(type, text as string, record.fields, base as SqlRecord | null, context, name);
  });
  return fn(name, `anyelement,${type}`, 'anyelement', body, {
    strict: false,
    volatility: 'stable',
    resultType: ([record]) => record!,
  });
});
