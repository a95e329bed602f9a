// JSON operators and functions. jsonb datums are canonical text, json datums the text as it came; paths are text[].

import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray } from '../../types/datum.ts';
import { formatDecimal } from '../../types/decimal.ts';
import {
  compareJson,
  isJsonArray,
  isJsonNumber,
  isJsonObject,
  type JsonValue,
  jsonbValue,
  printJsonb,
  printPretty,
  quoteJson,
  readJson,
} from '../../types/json-value.ts';
import { castToText } from '../casts/text-casts.ts';
import { type BodyFor, type Evaluate, fn, op, row, rowFor } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { toJsonbText, toJsonText } from './to-json.ts';

type JsonType = 'json' | 'jsonb';
const read = (type: JsonType, text: Datum): JsonValue =>
  type === 'jsonb' ? jsonbValue(text as string) : readJson(text as string);

/** ->> of a value: strings unquoted, JSON null is NULL. */
export function jsonText(value: JsonValue): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? value : isJsonNumber(value) ? formatDecimal(value) : printJsonb(value);
}

function member(value: JsonValue, key: string): JsonValue | undefined {
  return isJsonObject(value) ? value.get(key) : undefined;
}
function item(value: JsonValue, index: number): JsonValue | undefined {
  return isJsonArray(value) ? value[index < 0 ? value.length + index : index] : undefined;
}

function step(value: JsonValue, key: string): JsonValue | undefined {
  if (isJsonArray(value)) return /^\s*[+-]?\d+$/.test(key) ? item(value, Number(key)) : undefined;
  return member(value, key);
}

function follow(value: JsonValue, path: readonly (Datum | null)[]): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const key of path) {
    if (key === null || at === undefined) return undefined;
    at = step(at, key as string);
  }
  return at;
}

const shown = (value: JsonValue | undefined): Datum | null => (value === undefined ? null : printJsonb(value));
const asText = (value: JsonValue | undefined): Datum | null => (value === undefined ? null : jsonText(value));

function access(type: JsonType): ScalarFunction[] {
  const by = (find: (value: JsonValue, key: Datum) => JsonValue | undefined, out: typeof shown): BodyFor =>
    row(([text, key]) => out(find(read(type, text!), key!)));
  const key = (value: JsonValue, name: Datum) => member(value, name as string);
  const index = (value: JsonValue, n: Datum) => item(value, n as number);
  const path = (value: JsonValue, keys: Datum) => follow(value, (keys as SqlArray).elements);
  const along = (out: typeof shown): BodyFor => row(([text, ...keys]) => out(follow(read(type, text!), keys)));
  return [
    op('->', `${type},text`, type, by(key, shown)),
    op('->', `${type},int4`, type, by(index, shown)),
    op('->>', `${type},text`, 'text', by(key, asText)),
    op('->>', `${type},int4`, 'text', by(index, asText)),
    op('#>', `${type},text[]`, type, by(path, shown)),
    op('#>>', `${type},text[]`, 'text', by(path, asText)),
    fn(`${type}_extract_path`, `${type},text`, type, along(shown), { variadic: true }),
    fn(`${type}_extract_path_text`, `${type},text`, 'text', along(asText), { variadic: true }),
    fn(
      `${type}_typeof`,
      type,
      'text',
      row(([text]) => typeName(read(type, text!))),
    ),
    fn(
      `${type}_array_length`,
      type,
      'int4',
      row(([text]) => {
        const value = read(type, text!);
        if (isJsonArray(value)) return value.length;
        const what = isJsonObject(value) ? 'a non-array' : 'a scalar';
        throw sqlError('invalid_parameter_value', `cannot get array length of ${what}`);
      }),
    ),
    fn(
      `${type}_strip_nulls`,
      type,
      type,
      row(([text]) => printJsonb(stripNulls(read(type, text!)))),
    ),
  ];
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (isJsonNumber(value)) return 'number';
  return isJsonArray(value) ? 'array' : isJsonObject(value) ? 'object' : typeof value;
}

function stripNulls(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(stripNulls);
  if (!isJsonObject(value)) return value;
  return new Map([...value].filter(([, v]) => v !== null).map(([key, v]) => [key, stripNulls(v)]));
}

/** @>: structural containment; an array contains a scalar that is one of its items (top level only). */
export function contains(a: JsonValue, b: JsonValue, top = true): boolean {
  if (isJsonObject(a) && isJsonObject(b)) {
    return [...b].every(([key, value]) => a.has(key) && contains(a.get(key)!, value, false));
  }
  if (isJsonArray(a) && isJsonArray(b)) return b.every((x) => a.some((y) => contains(y, x, false)));
  if (isJsonArray(a) && top && !isJsonObject(b)) return a.some((y) => compareJson(y, b) === 0);
  return typeName(a) === typeName(b) && compareJson(a, b) === 0;
}

function hasKey(value: JsonValue, key: Datum | null): boolean {
  if (isJsonObject(value)) return value.has(key as string);
  return isJsonArray(value) ? value.includes(key as string) : value === key;
}

function concatenate(a: JsonValue, b: JsonValue): JsonValue {
  if (isJsonObject(a) && isJsonObject(b)) return new Map([...a, ...b]);
  return [...(isJsonArray(a) ? a : [a]), ...(isJsonArray(b) ? b : [b])];
}

function removeKeys(value: JsonValue, keys: readonly (Datum | null)[]): JsonValue {
  if (isJsonArray(value)) return value.filter((x) => !keys.includes(x as string));
  if (isJsonObject(value)) return new Map([...value].filter(([key]) => !keys.includes(key)));
  throw sqlError('invalid_parameter_value', 'cannot delete from scalar');
}

type Change = (old: JsonValue | undefined) => JsonValue | undefined;

/** Rebuilds the value with `change` applied at the path; an undefined result removes. */
function changeAt(
  value: JsonValue,
  path: readonly string[],
  change: Change,
  insert: 'before' | 'after' | null,
): JsonValue {
  const [head, ...rest] = path as [string, ...string[]];
  if (isJsonObject(value)) {
    const old = value.get(head);
    if (rest.length > 0 && old === undefined) return value;
    if (rest.length === 0 && insert !== null && old !== undefined) {
      throw sqlError('invalid_parameter_value', 'cannot replace existing key');
    }
    const next = rest.length > 0 ? changeAt(old!, rest, change, insert) : change(old);
    const copy = new Map(value);
    if (next === undefined) copy.delete(head);
    else copy.set(head, next);
    return copy;
  }
  if (!isJsonArray(value)) return value;
  if (!/^[+-]?\d+$/.test(head)) {
    throw sqlError('invalid_text_representation', `path element at position 1 is not an integer: "${head}"`);
  }
  const index = Number(head) < 0 ? value.length + Number(head) : Number(head);
  const old = value[index];
  if (rest.length > 0)
    return old === undefined ? value : value.map((x, i) => (i === index ? changeAt(x, rest, change, insert) : x));
  const next = change(insert === null ? old : undefined);
  if (old !== undefined && insert === null)
    return value.flatMap((x, i) => (i !== index ? [x] : next === undefined ? [] : [next]));
  if (next === undefined) return value;
  const at = Math.max(0, Math.min(value.length, insert === 'after' && old !== undefined ? index + 1 : index));
  return [...value.slice(0, at), next, ...value.slice(at)];
}

const keysOf = (path: Datum) => (path as SqlArray).elements.map((key) => key as string);

function setPath([text, path, value, create]: readonly (Datum | null)[]): string {
  const keys = keysOf(path!);
  const target = jsonbValue(text as string);
  if (keys.length === 0) return text as string;
  const replacement = jsonbValue(value as string);
  return printJsonb(
    changeAt(target, keys, (old) => (old === undefined && create === false ? undefined : replacement), null),
  );
}

function buildObject(type: JsonType): BodyFor {
  return rowFor((types) => (args, context) => {
    if (args.length % 2 !== 0) {
      const hint = `The arguments of ${type}_build_object() must consist of alternating keys and values.`;
      throw sqlError('invalid_parameter_value', 'argument list must have even number of elements', { hint });
    }
    const fields: string[] = [];
    for (let i = 0; i < args.length; i += 2) {
      const key = args[i]!;
      if (key === null)
        throw sqlError('invalid_parameter_value', `argument ${i + 1} cannot be null`, {
          hint: 'Object keys should be text.',
        });
      fields.push(
        `${quoteJson(castToText(key, types[i]!, context))} : ${toJsonText(args[i + 1]!, types[i + 1]!, context)}`,
      );
    }
    const text = `{${fields.join(', ')}}`;
    return type === 'jsonb' ? printJsonb(readJson(text)) : text;
  });
}

function buildArray(type: JsonType): BodyFor {
  return rowFor((types) => (args, context) => {
    const text = `[${args.map((arg, i) => toJsonText(arg, types[i]!, context)).join(', ')}]`;
    return type === 'jsonb' ? printJsonb(readJson(text)) : text;
  });
}

const loose = { strict: false, volatility: 'stable' } as const;
const empty =
  (text: string): Evaluate =>
  () =>
    text;
const pair = (f: (a: JsonValue, b: JsonValue) => Datum | null): BodyFor =>
  row(([a, b]) => f(jsonbValue(a as string), jsonbValue(b as string)));
const keyTest = (every: boolean): BodyFor =>
  row(([a, keys]) => {
    const value = jsonbValue(a as string);
    const list = (keys as SqlArray).elements;
    return every ? list.every((key) => hasKey(value, key)) : list.some((key) => hasKey(value, key));
  });

export const JSON_FUNCTIONS: readonly ScalarFunction[] = [
  ...access('json'),
  ...access('jsonb'),
  op(
    '@>',
    'jsonb,jsonb',
    'bool',
    pair((a, b) => contains(a, b)),
    { commutator: '<@' },
  ),
  op(
    '<@',
    'jsonb,jsonb',
    'bool',
    pair((a, b) => contains(b, a)),
    { commutator: '@>' },
  ),
  op(
    '?',
    'jsonb,text',
    'bool',
    row(([a, key]) => hasKey(jsonbValue(a as string), key!)),
  ),
  op('?|', 'jsonb,text[]', 'bool', keyTest(false)),
  op('?&', 'jsonb,text[]', 'bool', keyTest(true)),
  op(
    '||',
    'jsonb,jsonb',
    'jsonb',
    pair((a, b) => printJsonb(concatenate(a, b))),
  ),
  op(
    '-',
    'jsonb,text',
    'jsonb',
    row(([a, key]) => printJsonb(removeKeys(jsonbValue(a as string), [key!]))),
  ),
  op(
    '-',
    'jsonb,text[]',
    'jsonb',
    row(([a, keys]) => printJsonb(removeKeys(jsonbValue(a as string), (keys as SqlArray).elements))),
  ),
  op(
    '-',
    'jsonb,int4',
    'jsonb',
    row(([a, index]) => {
      const value = jsonbValue(a as string);
      if (!isJsonArray(value))
        throw sqlError(
          'invalid_parameter_value',
          isJsonObject(value) ? 'cannot delete from object using integer index' : 'cannot delete from scalar',
        );
      const at = (index as number) < 0 ? value.length + (index as number) : (index as number);
      return printJsonb(value.filter((_x, i) => i !== at));
    }),
  ),
  op(
    '#-',
    'jsonb,text[]',
    'jsonb',
    row(([a, path]) => {
      const keys = keysOf(path!);
      return keys.length === 0 ? a! : printJsonb(changeAt(jsonbValue(a as string), keys, () => undefined, null));
    }),
  ),
  fn('jsonb_set', 'jsonb,text[],jsonb,bool', 'jsonb', row(setPath), { defaults: [true] }),
  fn(
    'jsonb_insert',
    'jsonb,text[],jsonb,bool',
    'jsonb',
    row(([a, path, value, after]) =>
      printJsonb(
        changeAt(
          jsonbValue(a as string),
          keysOf(path!),
          () => jsonbValue(value as string),
          after === true ? 'after' : 'before',
        ),
      ),
    ),
    { defaults: [false] },
  ),
  fn(
    'jsonb_pretty',
    'jsonb',
    'text',
    row(([a]) => printPretty(jsonbValue(a as string))),
  ),
  fn(
    'to_json',
    'anyelement',
    'json',
    rowFor(
      (types) =>
        ([a], c) =>
          toJsonText(a!, types[0]!, c),
    ),
    { volatility: 'stable' },
  ),
  fn(
    'to_jsonb',
    'anyelement',
    'jsonb',
    rowFor(
      (types) =>
        ([a], c) =>
          toJsonbText(a!, types[0]!, c),
    ),
    { volatility: 'stable' },
  ),
  fn(
    'row_to_json',
    'record',
    'json',
    rowFor(
      (types) =>
        ([a], c) =>
          toJsonText(a!, types[0]!, c),
    ),
    { volatility: 'stable' },
  ),
  fn(
    'array_to_json',
    'anyarray',
    'json',
    rowFor(
      (types) =>
        ([a], c) =>
          toJsonText(a!, types[0]!, c),
    ),
    { volatility: 'stable' },
  ),
  ...(['json', 'jsonb'] as const).flatMap((type) => [
    fn(`${type}_build_object`, '', type, row(empty('{}'))),
    fn(`${type}_build_object`, 'any', type, buildObject(type), { ...loose, variadic: true }),
    fn(`${type}_build_array`, '', type, row(empty('[]'))),
    fn(`${type}_build_array`, 'any', type, buildArray(type), { ...loose, variadic: true }),
  ]),
];
