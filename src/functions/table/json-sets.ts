// JSON values as rows: the members of objects, the items of arrays, and records with declared columns.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlRecord } from '../../types/datum.ts';
import { printJsonb } from '../../types/json-value.ts';
import { JSONB, type SqlType, TEXT } from '../../types/sql-type.ts';
import type { EvaluationContext, TableFunction } from '../function-definition.ts';
import { pathItems } from '../scalar/json-path.ts';
import { recordFrom } from '../scalar/json-records.ts';
import { JSON_SHAPE, JSONB_SHAPE, type JsonShape } from '../scalar/json-shape.ts';
import { tableFunction } from './series.ts';

const fail = (message: string) => sqlError('invalid_parameter_value', message);

function walks<V>(shape: JsonShape<V>): TableFunction[] {
  const { type } = shape;
  const own: SqlType = { name: type };

  function members(text: Datum, caller: string): readonly (readonly [string, V])[] {
    const value = shape.parse(text as string);
    const found = shape.members(value);
    if (found !== undefined) return found;
    const array = shape.items(value) !== undefined;
    if (caller.endsWith('keys')) throw fail(`cannot call ${caller} on ${array ? 'an array' : 'a scalar'}`);
    if (type === 'jsonb') throw fail(`cannot call ${caller} on a non-object`);
    throw fail(array ? 'cannot deconstruct an array as an object' : 'cannot deconstruct a scalar');
  }

  function items(text: Datum, caller: string): readonly V[] {
    const value = shape.parse(text as string);
    const found = shape.items(value);
    if (found !== undefined) return found;
    const object = shape.members(value) !== undefined;
    if (type === 'jsonb') throw fail(`cannot extract elements from ${object ? 'an object' : 'a scalar'}`);
    throw fail(`cannot call ${caller} on ${object ? 'a non-array' : 'a scalar'}`);
  }

  const withKernel = (kernel: string) => (type === 'jsonb' ? { kernel: () => kernel } : {});
  const pairs = (name: string, result: SqlType, shown: (value: V) => string | null, kernel: string): TableFunction =>
    tableFunction(name, type, result, ([text]) => members(text!, name).map(([key, v]) => [key, shown(v)]), {
      outputs: () => [
        { name: 'key', type: TEXT },
        { name: 'value', type: result },
      ],
      ...withKernel(kernel),
    });
  const elements = (name: string, result: SqlType, shown: (value: V) => string | null, kernel: string): TableFunction =>
    tableFunction(name, type, result, ([text]) => items(text!, name).map((v) => [shown(v)]), {
      outputs: () => [{ name: 'value', type: result }],
      ...withKernel(kernel),
    });
  const keys = `${type}_object_keys`;
  return [
    pairs(`${type}_each`, own, shape.shown, 'jsonb_members'),
    pairs(`${type}_each_text`, TEXT, shape.text, 'jsonb_members_text'),
    elements(`${type}_array_elements`, own, shape.shown, 'jsonb_elements'),
    elements(`${type}_array_elements_text`, TEXT, shape.text, 'jsonb_elements_text'),
    tableFunction(keys, type, TEXT, ([text]) => members(text!, keys).map(([key]) => [key]), withKernel('jsonb_keys')),
  ];
}

/** The objects of an array, each its text. */
function objectsOf(type: 'json' | 'jsonb', text: string, caller: string): readonly (string | null)[] {
  const read = <V>(shape: JsonShape<V>): readonly (string | null)[] => {
    const value = shape.parse(text);
    const items = shape.items(value);
    if (items === undefined) {
      const what = shape.members(value) === undefined ? 'a scalar' : type === 'json' ? 'an object' : 'a non-array';
      throw fail(`cannot call ${caller} on ${what}`);
    }
    return items.map((item) => {
      const kind = shape.typeName(item);
      if (kind === 'object') return shape.shown(item);
      if (kind === 'null') return null;
      throw fail(`argument of ${caller} must be an array of objects`);
    });
  };
  return type === 'json' ? read(JSON_SHAPE) : read(JSONB_SHAPE);
}

function records(type: 'json' | 'jsonb'): TableFunction[] {
  const [single, set, populate] = [`${type}_to_record`, `${type}_to_recordset`, `${type}_populate_recordset`];
  const populated = (base: SqlRecord | null, text: string | null, fields: SqlType['fields'], at: EvaluationContext) =>
    text === null
      ? (base?.values ?? fields!.map(() => null))
      : recordFrom(type, text, fields!, base, at, populate).values;
  return [
    tableFunction(single, type, TEXT, ([text], at, _types, outputs) => [recordFrom(type, text as string, outputs, null, at, single).values], { declaredColumns: true }),
    tableFunction(set, type, TEXT, ([text], at, _types, outputs) =>
      objectsOf(type, text as string, set).map((one) => populated(null, one, outputs, at)), { declaredColumns: true }),
    tableFunction(populate, `anyelement,${type}`, TEXT, ([base, text], at, _types, outputs) =>
      text === null ? [] : objectsOf(type, text as string, populate).map((one) => populated(base as SqlRecord | null, one, outputs, at)),
      { strict: false, outputs: ([record]) => record?.fields ?? [] }),
  ]; // biome-ignore format: one function a paragraph
}

const pathQuery = (parameters: string) =>
  tableFunction('jsonb_path_query', parameters, JSONB, (args) =>
    (pathItems(args) ?? []).map((item) => [printJsonb(item)]),
  );

export const JSON_SETS: readonly TableFunction[] = [
  ...['jsonb,jsonpath', 'jsonb,jsonpath,jsonb', 'jsonb,jsonpath,jsonb,bool'].map(pathQuery),
  ...walks(JSON_SHAPE),
  ...walks(JSONB_SHAPE),
  ...records('json'),
  ...records('jsonb'),
];
