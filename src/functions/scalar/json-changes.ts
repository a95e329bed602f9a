// jsonb compared, joined and changed: @> ? || - #-, jsonb_set, jsonb_insert, jsonb_set_lax, jsonb_pretty.

import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray } from '../../types/datum.ts';
import {
  compareJson,
  isJsonArray,
  isJsonObject,
  type JsonValue,
  jsonbValue,
  printJsonb,
  printPretty,
} from '../../types/json-value.ts';
import { type Args, type BodyFor, fn, kernel, op, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { jsonTypeName } from './json-shape.ts';

/** @>: structural containment; an array contains a scalar that is one of its items (top level only). */
export function contains(a: JsonValue, b: JsonValue, top = true): boolean {
  if (isJsonObject(a) && isJsonObject(b)) {
    return [...b].every(([key, value]) => a.has(key) && contains(a.get(key)!, value, false));
  }
  if (isJsonArray(a) && isJsonArray(b)) return b.every((x) => a.some((y) => contains(y, x, false)));
  if (isJsonArray(a) && top && !isJsonObject(b)) return a.some((y) => compareJson(y, b) === 0);
  return jsonTypeName(a) === jsonTypeName(b) && compareJson(a, b) === 0;
}

function hasKey(value: JsonValue, key: Datum | null): boolean {
  if (isJsonObject(value)) return value.has(key as string);
  return isJsonArray(value) ? value.includes(key as string) : value === key;
}

function concatenate(a: JsonValue, b: JsonValue): JsonValue {
  if (isJsonObject(a) && isJsonObject(b)) return new Map([...a, ...b]);
  return [...(isJsonArray(a) ? a : [a]), ...(isJsonArray(b) ? b : [b])];
}

const fail = (message: string, hint?: string) =>
  sqlError('invalid_parameter_value', message, hint === undefined ? {} : { hint });

function removeKeys(value: JsonValue, keys: readonly (Datum | null)[]): JsonValue {
  if (isJsonArray(value)) return value.filter((x) => !keys.includes(x as string));
  if (isJsonObject(value)) return new Map([...value].filter(([key]) => !keys.includes(key)));
  throw fail('cannot delete from scalar');
}

function removeIndex(value: JsonValue, index: number): JsonValue {
  if (isJsonObject(value)) throw fail('cannot delete from object using integer index');
  if (!isJsonArray(value)) throw fail('cannot delete from scalar');
  const at = index < 0 ? value.length + index : index;
  return value.filter((_x, i) => i !== at);
}

type Operation = 'create' | 'replace' | 'delete' | 'before' | 'after';

/** One change of a value at a path, by jsonb_set's and jsonb_insert's rules: what does not fit leaves the value as it is. */
class PathChange {
  private readonly path: readonly (Datum | null)[];
  private readonly operation: Operation;
  private readonly fresh: JsonValue;

  constructor(path: readonly (Datum | null)[], operation: Operation, fresh: JsonValue) {
    this.path = path;
    this.operation = operation;
    this.fresh = fresh;
  }

  private get adds(): boolean {
    return this.operation === 'create' || this.operation === 'before' || this.operation === 'after';
  }

  apply(value: JsonValue, level = 0): JsonValue {
    if (!isJsonObject(value) && !isJsonArray(value)) return value;
    const step = this.path[level];
    if (step === null) throw sqlError('null_value_not_allowed', `path element at position ${level + 1} is null`);
    const last = level === this.path.length - 1;
    return isJsonObject(value)
      ? this.inObject(value, step as string, level, last)
      : this.inArray(value, step as string, level, last);
  }

  private inObject(value: ReadonlyMap<string, JsonValue>, key: string, level: number, last: boolean): JsonValue {
    const old = value.get(key);
    const copy = new Map(value);
    if (old === undefined) return last && this.adds ? copy.set(key, this.fresh) : value;
    if (!last) return copy.set(key, this.apply(old, level + 1));
    if (this.operation === 'before' || this.operation === 'after') {
      throw fail('cannot replace existing key', 'Try using the function jsonb_set to replace key value.');
    }
    if (this.operation === 'delete') copy.delete(key);
    else copy.set(key, this.fresh);
    return copy;
  }

  private inArray(value: readonly JsonValue[], step: string, level: number, last: boolean): JsonValue {
    if (!/^\s*[+-]?\d+$/.test(step) || Math.abs(Number(step)) > 2147483647) {
      const message = `path element at position ${level + 1} is not an integer: "${step}"`;
      throw sqlError('invalid_text_representation', message);
    }
    const given = Number(step);
    const index = given < 0 ? value.length + given : given;
    const old = value[index];
    if (old === undefined) {
      if (!last || !this.adds) return value;
      return index < 0 ? [this.fresh, ...value] : [...value, this.fresh];
    }
    const changed = last ? this.replaced(old) : [this.apply(old, level + 1)];
    return [...value.slice(0, index), ...changed, ...value.slice(index + 1)];
  }

  private replaced(old: JsonValue): readonly JsonValue[] {
    if (this.operation === 'delete') return [];
    if (this.operation === 'before') return [this.fresh, old];
    return this.operation === 'after' ? [old, this.fresh] : [this.fresh];
  }
}

function change(text: Datum, path: Datum, operation: Operation, fresh: JsonValue = null): string {
  const { dimensions, elements } = path as SqlArray;
  if (dimensions.length > 1) throw sqlError('array_subscript_error', 'wrong number of array subscripts');
  const value = jsonbValue(text as string);
  if (!isJsonObject(value) && !isJsonArray(value)) {
    throw fail(operation === 'delete' ? 'cannot delete path in scalar' : 'cannot set path in scalar');
  }
  const empty = isJsonArray(value) ? value.length === 0 : value.size === 0;
  if (elements.length === 0 || (empty && (operation === 'delete' || operation === 'replace'))) return text as string;
  return printJsonb(new PathChange(elements, operation, fresh).apply(value));
}

const setPath = ([text, path, fresh, create]: Args): string =>
  change(text!, path!, create === true ? 'create' : 'replace', jsonbValue(fresh as string));

function setLax([text, path, fresh, create, treatment]: Args): string | null {
  if (text === null || path === null || create === null) return null;
  if (fresh !== null && treatment !== null) return setPath([text!, path!, fresh!, create!]);
  switch (treatment) {
    case 'raise_exception':
      throw sqlError('null_value_not_allowed', 'JSON value must not be null', {
        detail: 'Exception was raised because null_value_treatment is "raise_exception".',
        hint: 'To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.',
      });
    case 'use_json_null':
      return setPath([text!, path!, 'null', create!]);
    case 'delete_key':
      return change(text!, path!, 'delete');
    case 'return_target':
      return text as string;
    default: {
      const known = '"delete_key", "return_target", "use_json_null", or "raise_exception"';
      throw fail(`null_value_treatment must be ${known}`);
    }
  }
}

const pair = (f: (a: JsonValue, b: JsonValue) => Datum | null): BodyFor =>
  row(([a, b]) => f(jsonbValue(a as string), jsonbValue(b as string)));
const changed = (f: (a: JsonValue, b: Datum) => JsonValue): BodyFor =>
  row(([a, b]) => printJsonb(f(jsonbValue(a as string), b!)));
/** Whether b is part of a, where b is a constant object of scalars. */
const containsFlat: ScalarFunction['specialised'] = ([, part]) => {
  if (part === undefined) return undefined;
  const wanted = jsonbValue(part as string);
  if (!isJsonObject(wanted) || [...wanted.values()].some((v) => isJsonObject(v) || isJsonArray(v))) return undefined;
  const slow = ([a, b]: Args) => contains(jsonbValue(a as string), jsonbValue(b as string));
  return { kernel: 'jsonb_contains_flat', args: [0, 1], slow };
};
const keysOf = (array: Datum) => (array as SqlArray).elements;
const keyTest = (every: boolean): BodyFor =>
  row(([a, keys]) => {
    const value = jsonbValue(a as string);
    const list = keysOf(keys!).filter((key) => key !== null);
    return every ? list.every((key) => hasKey(value, key)) : list.some((key) => hasKey(value, key));
  });

// biome-ignore format: one function a line
export const JSON_CHANGES: readonly ScalarFunction[] = [
  op('@>', 'jsonb,jsonb', 'bool', pair((a, b) => contains(a, b)), { commutator: '<@', specialised: containsFlat }),
  op('<@', 'jsonb,jsonb', 'bool', pair((a, b) => contains(b, a)), { commutator: '@>' }),
  op('?', 'jsonb,text', 'bool', kernel('jsonb_has_key', undefined, undefined, ([a, key]) => hasKey(jsonbValue(a as string), key!))),
  op('?|', 'jsonb,text[]', 'bool', keyTest(false)),
  op('?&', 'jsonb,text[]', 'bool', keyTest(true)),
  op('||', 'jsonb,jsonb', 'jsonb', pair((a, b) => printJsonb(concatenate(a, b)))),
  op('-', 'jsonb,text', 'jsonb', changed((a, key) => removeKeys(a, [key]))),
  op('-', 'jsonb,text[]', 'jsonb', changed((a, keys) => removeKeys(a, keysOf(keys)))),
  op('-', 'jsonb,int4', 'jsonb', changed((a, index) => removeIndex(a, index as number))),
  op('#-', 'jsonb,text[]', 'jsonb', row(([a, path]) => change(a!, path!, 'delete'))),
  fn('jsonb_set', 'jsonb,text[],jsonb,bool', 'jsonb', row(setPath), {
    defaults: [true], parameterNames: ['jsonb_in', 'path', 'replacement', 'create_if_missing'],
  }),
  fn('jsonb_set_lax', 'jsonb,text[],jsonb,bool,text', 'jsonb', row(setLax), {
    strict: false, defaults: [true, 'use_json_null'],
    parameterNames: ['jsonb_in', 'path', 'replacement', 'create_if_missing', 'null_value_treatment'],
  }),
  fn('jsonb_insert', 'jsonb,text[],jsonb,bool', 'jsonb', row(([a, path, fresh, after]) =>
    change(a!, path!, after === true ? 'after' : 'before', jsonbValue(fresh as string)),
  ), { defaults: [false], parameterNames: ['jsonb_in', 'path', 'replacement', 'insert_after'] }),
  fn('jsonb_pretty', 'jsonb', 'text', row(([a]) => printPretty(jsonbValue(a as string)))),
];
