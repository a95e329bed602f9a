// SQL values made into json and jsonb: to_json, row_to_json, json_build_*, json_object.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray } from '../../types/datum.ts';
import { canonicalJsonb } from '../../types/json.ts';
import { quoteJson } from '../../types/json-value.ts';
import { castToText } from '../casts/text-casts.ts';
import { type BodyFor, fn, row, rowFor } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { toJsonbText, toJsonText } from './to-json.ts';

type JsonType = 'json' | 'jsonb';
const finished = (type: JsonType, text: string) => (type === 'jsonb' ? canonicalJsonb(text) : text);
const NOT_KEYS = new Set(['array', 'record', 'json', 'jsonb']);

function buildObject(type: JsonType): BodyFor {
  return rowFor((types) => (args, context) => {
    if (args.length % 2 !== 0) {
      const hint = `The arguments of ${type}_build_object() must consist of alternating keys and values.`;
      throw sqlError('invalid_parameter_value', 'argument list must have even number of elements', { hint });
    }
    const fields: string[] = [];
    for (let i = 0; i < args.length; i += 2) {
      const key = args[i]!;
      if (key === null) {
        const message =
          type === 'jsonb' ? `argument ${i + 1}: key must not be null` : `argument ${i + 1} cannot be null`;
        throw sqlError(
          'invalid_parameter_value',
          message,
          type === 'jsonb' ? {} : { hint: 'Object keys should be text.' },
        );
      }
      if (NOT_KEYS.has(types[i]!.name)) {
        throw sqlError('invalid_parameter_value', 'key value must be scalar, not array, composite, or json');
      }
      const name = castToText(key, types[i]!, context);
      fields.push(`${quoteJson(name)} : ${toJsonText(args[i + 1]!, types[i + 1]!, context)}`);
    }
    return finished(type, `{${fields.join(', ')}}`);
  });
}

const buildArray = (type: JsonType): BodyFor =>
  rowFor(
    (types) => (args, context) =>
      finished(type, `[${args.map((arg, i) => toJsonText(arg, types[i]!, context)).join(', ')}]`),
  );

const subscripts = (message: string) => sqlError('array_subscript_error', message);

function pairsOf({ dimensions, elements }: SqlArray): (readonly [Datum | null, Datum | null])[] {
  if (dimensions.length > 2) throw subscripts('wrong number of array subscripts');
  if (dimensions.length === 2 && dimensions[1] !== 2) throw subscripts('array must have two columns');
  if (elements.length % 2 !== 0) throw subscripts('array must have even number of elements');
  return elements.flatMap((key, i) => (i % 2 === 0 ? [[key, elements[i + 1]!] as const] : []));
}

function zipped(keys: SqlArray, values: SqlArray): (readonly [Datum | null, Datum | null])[] {
  if (keys.dimensions.length > 1 || values.dimensions.length > 1) throw subscripts('wrong number of array subscripts');
  if (keys.elements.length !== values.elements.length) throw subscripts('mismatched array dimensions');
  return keys.elements.map((key, i) => [key, values.elements[i]!] as const);
}

function objectText(pairs: readonly (readonly [Datum | null, Datum | null])[]): string {
  const fields = pairs.map(([key, value]) => {
    if (key === null) throw sqlError('null_value_not_allowed', 'null value not allowed for object key');
    return `${quoteJson(key as string)} : ${value === null ? 'null' : quoteJson(value as string)}`;
  });
  return `{${fields.join(', ')}}`;
}

const loose = { strict: false, volatility: 'stable' } as const;
const stable = { volatility: 'stable' } as const;
const toJson: BodyFor = rowFor(
  ([type]) =>
    ([value], context) =>
      toJsonText(value!, type!, context),
);
/** With line feeds between the parts of the outermost row or array where the second argument says so. */
const toJsonLines: BodyFor = rowFor(
  ([type]) =>
    ([value, lines], context) =>
      toJsonText(value!, type!, context, lines === true),
);

// biome-ignore format: one function a line
export const JSON_MAKING: readonly ScalarFunction[] = [
  fn('to_json', 'anyelement', 'json', toJson, stable),
  fn('to_jsonb', 'anyelement', 'jsonb', rowFor(([type]) => ([value], context) => toJsonbText(value!, type!, context)), stable),
  fn('row_to_json', 'record', 'json', toJson, stable),
  fn('row_to_json', 'record,bool', 'json', toJsonLines, stable),
  fn('array_to_json', 'anyarray', 'json', toJson, stable),
  fn('array_to_json', 'anyarray,bool', 'json', toJsonLines, stable),
  ...(['json', 'jsonb'] as const).flatMap((type) => [
    fn(`${type}_build_object`, '', type, row(() => '{}')),
    fn(`${type}_build_object`, 'any', type, buildObject(type), { ...loose, variadic: true }),
    fn(`${type}_build_array`, '', type, row(() => '[]')),
    fn(`${type}_build_array`, 'any', type, buildArray(type), { ...loose, variadic: true }),
    fn(`${type}_object`, 'text[]', type, row(([pairs]) => finished(type, objectText(pairsOf(pairs as SqlArray))))),
    fn(`${type}_object`, 'text[],text[]', type, row(([keys, values]) => finished(type, objectText(zipped(keys as SqlArray, values as SqlArray))))),
  ]),
];
