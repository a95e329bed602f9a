// Looking into json and jsonb: -> ->> #> #>>, paths, types and lengths.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray } from '../../types/datum.ts';
import { quoteJson } from '../../types/json-value.ts';
import { type BodyFor, type Evaluate, fn, nullableKernel, op, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { JSON_SHAPE, JSONB_SHAPE, type JsonShape } from './json-shape.ts';

type Keys = readonly (Datum | null)[];

/** Without the members that are null; blanks go, as the value is written anew. */
function stripped<V>(shape: JsonShape<V>, value: V): string {
  const comma = shape.type === 'json' ? ',' : ', ';
  const colon = shape.type === 'json' ? ':' : ': ';
  const items = shape.items(value);
  if (items !== undefined) return `[${items.map((item) => stripped(shape, item)).join(comma)}]`;
  const members = shape.members(value);
  if (members === undefined) return shape.shown(value);
  const kept = members.filter(([, v]) => shape.typeName(v) !== 'null');
  return `{${kept.map(([key, v]) => quoteJson(key) + colon + stripped(shape, v)).join(comma)}}`;
}

function accessors<V>(shape: JsonShape<V>): ScalarFunction[] {
  const { type } = shape;

  function item(value: V, index: number): V | undefined {
    const items = shape.items(value);
    if (items !== undefined) return items[index < 0 ? items.length + index : index];
    // jsonb keeps a lone scalar as an array of one
    const lone = type === 'jsonb' && shape.members(value) === undefined && (index === 0 || index === -1);
    return lone ? value : undefined;
  }

  function step(value: V, key: string): V | undefined {
    const items = shape.items(value);
    if (items === undefined) return shape.member(value, key);
    if (!/^\s*[+-]?\d+$/.test(key)) return undefined;
    const index = Number(key);
    return items[index < 0 ? items.length + index : index];
  }

  function follow(value: V, path: Keys): V | undefined {
    let at: V | undefined = value;
    for (const key of path) {
      if (key === null || at === undefined) return undefined;
      at = step(at, key as string);
    }
    return at;
  }

  const shown = (value: V | undefined) => (value === undefined ? null : shape.shown(value));
  const asText = (value: V | undefined) => (value === undefined ? null : shape.text(value));
  const by =
    (find: (value: V, key: Datum) => V | undefined, out: typeof shown): Evaluate =>
    ([text, key]) =>
      out(find(shape.parse(text as string), key!));
  /** jsonb's canonical text is read by kernels (kernels/assembly/jsonb.ts). */
  const quick = (name: string, slow: Evaluate): BodyFor => (type === 'jsonb' ? nullableKernel(name, slow) : row(slow));
  const along = (out: typeof shown): BodyFor =>
    row(([text, ...keys]) => out(follow(shape.parse(text as string), keys)));
  const member = (value: V, key: Datum) => shape.member(value, key as string);
  const index = (value: V, n: Datum) => item(value, n as number);
  const path = (value: V, keys: Datum) => follow(value, (keys as SqlArray).elements);
  const one =
    (f: (value: V) => Datum): Evaluate =>
    ([text]) =>
      f(shape.parse(text as string));

  function length(value: V): number {
    const items = shape.items(value);
    if (items !== undefined) return items.length;
    const what = shape.members(value) === undefined ? 'a scalar' : 'a non-array';
    throw sqlError('invalid_parameter_value', `cannot get array length of ${what}`);
  }

  return [
    op('->', `${type},text`, type, quick('jsonb_member', by(member, shown))),
    op('->', `${type},int4`, type, quick('jsonb_item', by(index, shown))),
    op('->>', `${type},text`, 'text', quick('jsonb_member_text', by(member, asText))),
    op('->>', `${type},int4`, 'text', quick('jsonb_item_text', by(index, asText))),
    op('#>', `${type},text[]`, type, quick('jsonb_path', by(path, shown))),
    op('#>>', `${type},text[]`, 'text', quick('jsonb_path_text', by(path, asText))),
    fn(`${type}_extract_path`, `${type},text`, type, along(shown), { variadic: true }),
    fn(`${type}_extract_path_text`, `${type},text`, 'text', along(asText), { variadic: true }),
    fn(`${type}_typeof`, type, 'text', row(one(shape.typeName))),
    fn(`${type}_array_length`, type, 'int4', quick('jsonb_array_length', one(length))),
    fn(`${type}_strip_nulls`, type, type, row(one((value) => stripped(shape, value)))),
  ];
}

export const JSON_ACCESS: readonly ScalarFunction[] = [...accessors(JSON_SHAPE), ...accessors(JSONB_SHAPE)];
