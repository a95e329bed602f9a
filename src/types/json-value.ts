// A strict JSON reader that keeps numbers exact, the canonical printer of jsonb (keys by byte length, then bytes; the last
// of equal keys wins; numbers as numeric prints them) and jsonb's order.
import { sqlError } from '../errors/sql-error.ts';
import type { Decimal } from './datum.ts';
import { compareDecimals, formatDecimal, parseDecimal } from './decimal.ts';
import { compareText } from './text.ts';

/** Numbers are Decimals, objects are Maps in canonical key order (jsonb) or source order (json). */
export type JsonValue = null | boolean | string | Decimal | readonly JsonValue[] | ReadonlyMap<string, JsonValue>;

export function isJsonObject(value: JsonValue): value is ReadonlyMap<string, JsonValue> {
  return value instanceof Map;
}
export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
export function isJsonNumber(value: JsonValue): value is Decimal {
  return typeof value === 'object' && value !== null && 'coefficient' in value;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const MAX_DEPTH = 6000;

class Reader {
  private readonly text: string;
  at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  skip(): void {
    for (; this.at < this.text.length; this.at++) {
      const c = this.text.charCodeAt(this.at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
    }
  }

  /** The token at the position, as PostgreSQL names it in its errors. */
  fail(expected: string): never {
    const line = this.text.slice(0, this.at).split('\n').length;
    const rest = this.text.slice(this.at);
    const token = /^(?:[A-Za-z0-9_+\-.$\u0080-\uffff]+|"(?:[^"\\]|\\.)*"|.)/s.exec(rest)?.[0];
    const lineStart = this.text.lastIndexOf('\n', this.at - 1) + 1;
    const shown = this.text.slice(lineStart, this.at + (token?.length ?? 0));
    const more = this.at + (token?.length ?? 0) < this.text.length ? '...' : '';
    let detail = 'The input string ended unexpectedly.';
    if (token !== undefined) {
      const odd = /^[A-Za-z0-9_+\-.$\u0080-\uffff]/.test(token) && !/^(?:true|false|null)$/.test(token);
      const wellFormed = new RegExp(`^(?:${NUMBER.source})$`).test(token);
      detail =
        (odd && !wellFormed) || (/^[^"{}[\],:]$/.test(token) && !wellFormed)
          ? `Token "${token}" is invalid.`
          : `${expected}, but found "${token}".`;
    }
    throw sqlError('invalid_text_representation', 'invalid input syntax for type json', {
      detail,
      context: `JSON data, line ${line}: ${shown}${more}`,
    });
  }

  value(expected = 'Expected JSON value'): JsonValue {
    this.skip();
    if (++this.depth > MAX_DEPTH) throw sqlError('statement_too_complex', 'stack depth limit exceeded');
    const result = this.bare(expected);
    this.depth--;
    return result;
  }

  private bare(expected: string): JsonValue {
    const { text } = this;
    switch (text[this.at]) {
      case '{':
        return this.object();
      case '[':
        return this.array();
      case '"':
        return this.string();
    }
    const word = /(?:true|false|null)(?![A-Za-z0-9_])/y;
    word.lastIndex = this.at;
    const name = word.exec(text)?.[0];
    if (name !== undefined) {
      this.at += name.length;
      return name === 'null' ? null : name === 'true';
    }
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(text)?.[0];
    if (number === undefined || /[A-Za-z0-9_.+]/.test(text[this.at + number.length] ?? '')) this.fail(expected);
    this.at += number.length;
    return parseDecimal(number);
  }

  private object(): JsonValue {
    const map = new Map<string, JsonValue>();
    this.at++;
    this.skip();
    if (this.text[this.at] === '}') {
      this.at++;
      return map;
    }
    for (let expected = 'Expected string or "}"'; ; expected = 'Expected string') {
      this.skip();
      if (this.text[this.at] !== '"') this.fail(expected);
      const key = this.string();
      this.skip();
      if (this.text[this.at] !== ':') this.fail('Expected ":"');
      this.at++;
      map.set(key, this.value());
      this.skip();
      const next = this.text[this.at];
      if (next !== ',' && next !== '}') this.fail('Expected "," or "}"');
      this.at++;
      if (next === '}') return map;
    }
  }

  private array(): JsonValue {
    const items: JsonValue[] = [];
    this.at++;
    this.skip();
    if (this.text[this.at] === ']') {
      this.at++;
      return items;
    }
    for (let expected = 'Expected array element or "]"'; ; expected = 'Expected JSON value') {
      items.push(this.value(expected));
      this.skip();
      const next = this.text[this.at];
      if (next !== ',' && next !== ']') this.fail('Expected "," or "]"');
      this.at++;
      if (next === ']') return items;
    }
  }

  string(): string {
    const start = this.at;
    const { text } = this;
    for (let i = start + 1; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === 0x5c) i++;
      else if (c === 0x22) {
        this.at = i + 1;
        try {
          return JSON.parse(text.slice(start, this.at)) as string;
        } catch {
          this.at = start;
          throw sqlError('invalid_text_representation', 'invalid input syntax for type json', {
            detail: 'Escape sequence is invalid.',
          });
        }
      } else if (c < 0x20) {
        const code = c.toString(16).padStart(2, '0');
        throw sqlError('invalid_text_representation', 'invalid input syntax for type json', {
          detail: `Character with value 0x${code} must be escaped.`,
        });
      }
    }
    throw sqlError('invalid_text_representation', 'invalid input syntax for type json', {
      detail: `Token "${text.slice(start)}" is invalid.`,
    });
  }
}

/** Reads JSON; 22P02 with PostgreSQL's detail. Object keys keep source order, later duplicates win. */
export function readJson(text: string): JsonValue {
  const reader = new Reader(text);
  const value = reader.value();
  reader.skip();
  if (reader.at < text.length) reader.fail('Expected end of input');
  return value;
}

const KNOWN = new Map<string, JsonValue>();

/** Reads canonical jsonb text; recently read values are remembered, because operators chain. */
export function jsonbValue(text: string): JsonValue {
  let value = KNOWN.get(text);
  if (value === undefined) {
    value = readJson(text);
    if (KNOWN.size >= 256) KNOWN.clear();
    if (text.length < 4096) KNOWN.set(text, value);
  }
  return value;
}

/** A string as jsonb and to_json print it. */
export function quoteJson(text: string): string {
  let out = '"';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x20 && c !== 0x22 && c !== 0x5c) continue;
    out += text.slice(from, i) + escapeOf(c);
    from = i + 1;
  }
  return `${out}${text.slice(from)}"`;
}

const ESCAPES: Readonly<Record<number, string>> = {
  8: '\\b',
  9: '\\t',
  10: '\\n',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};
function escapeOf(code: number): string {
  return ESCAPES[code] ?? `\\u${code.toString(16).padStart(4, '0')}`;
}

export function keyOrder(a: string, b: string): number {
  return Buffer.byteLength(a) - Buffer.byteLength(b) || compareText(a, b);
}

/** jsonb's canonical text. */
export function printJsonb(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quoteJson(value);
  if (isJsonNumber(value)) return formatDecimal(value);
  if (isJsonArray(value)) return `[${value.map(printJsonb).join(', ')}]`;
  const keys = [...(value as ReadonlyMap<string, JsonValue>).keys()].sort(keyOrder);
  const at = value as ReadonlyMap<string, JsonValue>;
  return `{${keys.map((key) => `${quoteJson(key)}: ${printJsonb(at.get(key)!)}`).join(', ')}}`;
}

/** jsonb_pretty: four spaces per level. */
export function printPretty(value: JsonValue, indent = ''): string {
  const inner = `${indent}    `;
  if (isJsonArray(value)) {
    if (value.length === 0) return `[\n${indent}]`;
    return `[\n${value.map((item) => inner + printPretty(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (isJsonObject(value)) {
    if (value.size === 0) return `{\n${indent}}`;
    const keys = [...value.keys()].sort(keyOrder);
    return `{\n${keys.map((key) => `${inner}${quoteJson(key)}: ${printPretty(value.get(key)!, inner)}`).join(',\n')}\n${indent}}`;
  }
  return printJsonb(value);
}

/** Object > Array > Boolean > Number > String > Null (an empty array that is no item or member sorts lowest of all). */
function jsonRank(value: JsonValue, inner: boolean): number {
  if (value === null) return 0;
  if (typeof value === 'string') return 1;
  if (isJsonNumber(value)) return 2;
  if (typeof value === 'boolean') return 3;
  return isJsonArray(value) ? (value.length === 0 && !inner ? -1 : 4) : 5;
}

export function compareJson(a: JsonValue, b: JsonValue, inner = false): number {
  const rank = jsonRank(a, inner) - jsonRank(b, inner);
  if (rank !== 0 || a === null || b === null) return rank;
  if (typeof a === 'string') return compareText(a, b as string);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (isJsonNumber(a)) return compareDecimals(a, b as Decimal);
  if (isJsonArray(a)) {
    const other = b as readonly JsonValue[];
    if (a.length !== other.length) return a.length - other.length;
    for (const [i, item] of a.entries()) {
      const order = compareJson(item, other[i]!, true);
      if (order !== 0) return order;
    }
    return 0;
  }
  const left = a as ReadonlyMap<string, JsonValue>;
  const right = b as ReadonlyMap<string, JsonValue>;
  if (left.size !== right.size) return left.size - right.size;
  const leftKeys = [...left.keys()].sort(keyOrder);
  const rightKeys = [...right.keys()].sort(keyOrder);
  for (const [i, key] of leftKeys.entries()) {
    const order = compareText(key, rightKeys[i]!) || compareJson(left.get(key)!, right.get(rightKeys[i]!)!, true);
    if (order !== 0) return order;
  }
  return 0;
}
