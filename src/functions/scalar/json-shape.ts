// What json and jsonb have in common for functions that look into values: json hands out slices of its text, jsonb canonical text.
import { sqlError } from '../../errors/sql-error.ts';
import { formatDecimal } from '../../types/decimal.ts';
import { type JsonSpan, jsonSpan } from '../../types/json-spans.ts';
import {
  isJsonArray,
  isJsonNumber,
  isJsonObject,
  type JsonValue,
  jsonbValue,
  keyOrder,
  printJsonb,
} from '../../types/json-value.ts';

export interface JsonShape<V> {
  readonly type: 'json' | 'jsonb';
  parse(text: string): V;
  /** the members of an object, the items of an array; undefined for anything else */
  members(value: V): readonly (readonly [string, V])[] | undefined;
  member(value: V, key: string): V | undefined;
  items(value: V): readonly V[] | undefined;
  /** as a value of the type itself */
  shown(value: V): string;
  /** as ->> gives it: strings unquoted, JSON null as NULL */
  text(value: V): string | null;
  typeName(value: V): string;
}

/** ->> of a value: strings unquoted, JSON null is NULL. */
function jsonText(value: JsonValue): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? value : isJsonNumber(value) ? formatDecimal(value) : printJsonb(value);
}

export function jsonTypeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (isJsonNumber(value)) return 'number';
  return isJsonArray(value) ? 'array' : isJsonObject(value) ? 'object' : typeof value;
}

export const JSONB_SHAPE: JsonShape<JsonValue> = {
  type: 'jsonb',
  parse: jsonbValue,
  members: (value) => (isJsonObject(value) ? [...value].sort(([a], [b]) => keyOrder(a, b)) : undefined),
  member: (value, key) => (isJsonObject(value) ? value.get(key) : undefined),
  items: (value) => (isJsonArray(value) ? value : undefined),
  shown: printJsonb,
  text: jsonText,
  typeName: jsonTypeName,
};

/** A string without quotes and escapes; 22P05 where it holds a zero. */
function unquoted(text: string): string {
  const value = JSON.parse(text) as string;
  if (!value.includes('\0')) return value;
  throw sqlError('untranslatable_character', 'unsupported Unicode escape sequence', {
    detail: '\\u0000 cannot be converted to text.',
  });
}

const LETTERS: Readonly<Record<string, string>> = { '{': 'object', '[': 'array', '"': 'string', n: 'null' };

export const JSON_SHAPE: JsonShape<JsonSpan> = {
  type: 'json',
  parse: jsonSpan,
  members: (value) => value.members,
  member: (value, key) => value.members?.findLast(([name]) => name === key)?.[1],
  items: (value) => value.items,
  shown: (value) => value.text,
  text: ({ text }) => (text === 'null' ? null : text.startsWith('"') ? unquoted(text) : text),
  typeName: ({ text }) => LETTERS[text[0]!] ?? (text === 'true' || text === 'false' ? 'boolean' : 'number'),
};
