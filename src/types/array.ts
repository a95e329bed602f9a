// Arrays: the {a,b} text form with quoting, nesting and explicit bounds, the binary form, and element-wise order; and the
// space-separated vectors of the catalogs (int2vector, oidvector), which start at 0.
import { sqlError } from '../errors/sql-error.ts';
import { putSized, sizedLength } from './binary-format.ts';
import type { Datum, SqlArray } from './datum.ts';
import type { SqlType } from './sql-type.ts';
import { bigEndian, DEFAULT_SETTINGS, type TypeOperations, type TypeSettings, viewOf } from './type-settings.ts';
import { typeFromOid, typeOid } from './type-table.ts';
import { SPACE, trimSpace } from './white-space.ts';

/** What stands for the bounds that a[:] leaves out. */
export const OMITTED_BOUNDS = { lower: -2147483648, upper: 2147483647 } as const;

type Operations = (type: SqlType) => TypeOperations;

function malformed(text: string, detail: string): never {
  throw sqlError('invalid_text_representation', `malformed array literal: "${text}"`, { detail });
}

interface Nested {
  /** elements, or nested levels */
  readonly items: (string | null | Nested)[];
}

/** Reads braces, quotes and escapes; elements stay text. */
function readBraces(text: string, start: number): Nested {
  let at = start;
  const skip = () => {
    while (at < text.length && SPACE.test(text[at]!)) at++;
  };
  const element = (): string | null => {
    let out = '';
    let quoted = false;
    let solid = 0; // length up to the last significant character
    for (; ; at++) {
      const c = text[at];
      if (c === undefined) malformed(text, 'Unexpected end of input.');
      if (c === '"') {
        if (quoted || trimSpace(out) !== '') malformed(text, 'Unexpected array element.');
        quoted = true;
        out = '';
        for (at++; text[at] !== '"'; at++) {
          if (text[at] === undefined) malformed(text, 'Unexpected end of input.');
          if (text[at] === '\\') at++;
          out += text[at] ?? '';
        }
        solid = out.length;
      } else if (c === '\\') {
        at++;
        out += text[at] ?? '';
        solid = out.length;
      } else if (c === ',' || c === '}') break;
      else if (c === '{') malformed(text, 'Unexpected "{" character.');
      else if (!quoted) {
        out += c;
        if (!SPACE.test(c)) solid = out.length;
      } else if (!SPACE.test(c)) malformed(text, 'Unexpected array element.');
    }
    const value = out.slice(0, solid);
    if (!quoted && value === '') malformed(text, `Unexpected "${text[at]}" character.`);
    return !quoted && value.toLowerCase() === 'null' ? null : value;
  };
  const level = (depth: number): Nested => {
    if (depth > 6) {
      throw sqlError('program_limit_exceeded', `number of array dimensions (${depth}) exceeds the maximum allowed (6)`);
    }
    const items: (string | null | Nested)[] = [];
    at++;
    skip();
    if (text[at] === '}') {
      at++;
      return { items };
    }
    for (;;) {
      skip();
      items.push(text[at] === '{' ? level(depth + 1) : element());
      skip();
      const c = text[at];
      at++;
      if (c === '}') return { items };
      if (c === undefined) malformed(text, 'Unexpected end of input.');
      if (c !== ',') malformed(text, 'Unexpected array element.');
    }
  };
  const result = level(1);
  skip();
  if (at < text.length) malformed(text, 'Junk after closing right brace.');
  return result;
}

function flatten(text: string, nested: Nested, depth: number, dimensions: number[], out: (string | null)[]): void {
  const ragged = () => malformed(text, 'Multidimensional arrays must have sub-arrays with matching dimensions.');
  if (dimensions[depth] === undefined) dimensions.push(nested.items.length);
  else if (dimensions[depth] !== nested.items.length) ragged();
  const deeper = nested.items.some((item) => item !== null && typeof item === 'object');
  for (const item of nested.items) {
    const isLevel = item !== null && typeof item === 'object';
    if (
      isLevel !== deeper ||
      (isLevel && dimensions.length > depth + 1 && item.items.length !== dimensions[depth + 1])
    ) {
      ragged();
    }
    if (isLevel) flatten(text, item, depth + 1, dimensions, out);
    else out.push(item as string | null);
  }
}

const BOUNDS = /^[ \t-\r]*((?:\[[+-]?\d+(?::[+-]?\d+)?\])+)[ \t-\r]*=[ \t-\r]*/;

function checkBounds(bounds: string): void {
  for (const [, low, high] of bounds.matchAll(/\[([+-]?\d+)(?::([+-]?\d+))?\]/g)) {
    if (high !== undefined && Number(high) < Number(low)) {
      throw sqlError('array_subscript_error', 'upper bound cannot be less than lower bound');
    }
  }
}

function parse(text: string, element: SqlType, operations: Operations, settings: TypeSettings): SqlArray {
  const explicit = BOUNDS.exec(text);
  const start = explicit === null ? text.search(/\S/) : explicit[0].length;
  if (text[start] !== '{') {
    malformed(text, 'Array value must start with "{" or dimension information.');
  }
  const dimensions: number[] = [];
  const texts: (string | null)[] = [];
  flatten(text, readBraces(text, start), 0, dimensions, texts);
  if (explicit !== null) checkBounds(explicit[1]!);
  if (texts.length === 0) {
    // only {} itself is the empty array
    if (dimensions.length > 1) malformed(text, 'Unexpected "}" character.');
    return { kind: 'array', dimensions: [], lowerBounds: [], elements: [] };
  }
  let lowerBounds = dimensions.map(() => 1);
  if (explicit !== null) {
    const bounds = [...explicit[1]!.matchAll(/\[([+-]?\d+)(?::([+-]?\d+))?\]/g)];
    lowerBounds = bounds.map((b) => (b[2] === undefined ? 1 : Number(b[1])));
    const sizes = bounds.map((b) => (b[2] === undefined ? Number(b[1]) : Number(b[2]) - Number(b[1]) + 1));
    if (sizes.join() !== dimensions.join()) {
      malformed(text, 'Specified array dimensions do not match array contents.');
    }
  }
  const { parseText } = operations(element);
  const elements = texts.map((item) => (item === null ? null : parseText(item, element, settings)));
  return { kind: 'array', dimensions, lowerBounds, elements };
}

function quoteElement(text: string): string {
  if (text !== '' && !/[ \t-\r"\\{},]/.test(text) && text.toLowerCase() !== 'null') return text;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function format(value: SqlArray, element: SqlType, operations: Operations, settings: TypeSettings): string {
  if (value.dimensions.length === 0) return '{}';
  const { formatText } = operations(element);
  let next = 0;
  const level = (depth: number): string => {
    const parts: string[] = [];
    for (let i = 0; i < value.dimensions[depth]!; i++) {
      if (depth + 1 < value.dimensions.length) parts.push(level(depth + 1));
      else {
        const item = value.elements[next++]!;
        parts.push(item === null ? 'NULL' : quoteElement(formatText(item, element, settings)));
      }
    }
    return `{${parts.join(',')}}`;
  };
  const bounds = value.lowerBounds.some((low) => low !== 1)
    ? `${value.dimensions.map((size, i) => `[${value.lowerBounds[i]}:${value.lowerBounds[i]! + size - 1}]`).join('')}=`
    : '';
  return bounds + level(0);
}

function encode(value: SqlArray, element: SqlType, operations: Operations): Uint8Array {
  const { encodeBinary } = operations(element);
  const parts = value.elements.map((item) => (item === null ? null : encodeBinary(item, element)));
  const head = 12 + 8 * value.dimensions.length;
  const bytes = new Uint8Array(head + sizedLength(parts));
  const view = viewOf(bytes);
  view.setInt32(0, value.dimensions.length);
  view.setInt32(4, parts.includes(null) ? 1 : 0);
  view.setInt32(8, typeOid(element));
  value.dimensions.forEach((size, i) => {
    view.setInt32(12 + 8 * i, size);
    view.setInt32(16 + 8 * i, value.lowerBounds[i]!);
  });
  putSized(bytes, head, parts);
  return bytes;
}

function decode(bytes: Uint8Array, element: SqlType, operations: Operations): SqlArray {
  const short = () => sqlError('protocol_violation', 'insufficient data left in message');
  if (bytes.length < 12) throw short();
  const view = viewOf(bytes);
  const count = view.getInt32(0);
  if (count < 0 || count > 6) {
    throw sqlError('invalid_binary_representation', `invalid number of dimensions: ${count}`);
  }
  const sent = view.getInt32(8);
  if (sent !== typeOid(element)) {
    const name = typeFromOid(sent)?.name ?? String(sent);
    throw sqlError(
      'datatype_mismatch',
      `binary data has array element type ${sent} (${name}) instead of expected ${typeOid(element)} (${element.name})`,
    );
  }
  if (bytes.length < 12 + 8 * count) throw short();
  const dimensions: number[] = [];
  const lowerBounds: number[] = [];
  let total = count === 0 ? 0 : 1;
  for (let i = 0; i < count; i++) {
    const size = view.getInt32(12 + 8 * i);
    if (size < 0) throw sqlError('invalid_binary_representation', 'invalid array size');
    dimensions.push(size);
    lowerBounds.push(view.getInt32(16 + 8 * i));
    total *= size;
  }
  if (total * 4 > bytes.length) throw short();
  const { decodeBinary } = operations(element);
  const elements: (Datum | null)[] = [];
  let at = 12 + 8 * count;
  for (let i = 0; i < total; i++) {
    if (at + 4 > bytes.length) throw short();
    const length = view.getInt32(at);
    at += 4;
    if (length > bytes.length - at) throw short();
    elements.push(length < 0 ? null : decodeBinary(bytes.subarray(at, at + length), element));
    at += Math.max(0, length);
  }
  if (total === 0) return { kind: 'array', dimensions: [], lowerBounds: [], elements: [] };
  return { kind: 'array', dimensions, lowerBounds, elements };
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value - b[i]!;
  return 0;
}

/** Element by element, then by length, dimensions and bounds; NULL sorts last. */
function compare(a: SqlArray, b: SqlArray, element: SqlType, operations: Operations): number {
  const common = Math.min(a.elements.length, b.elements.length);
  const order = operations(element);
  for (let i = 0; i < common; i++) {
    const x = a.elements[i]!;
    const y = b.elements[i]!;
    if (x === null || y === null) {
      if (x !== y) return x === null ? 1 : -1;
      continue;
    }
    const result = order.compare(x, y, element);
    if (result !== 0) return result;
  }
  if (a.elements.length !== b.elements.length) return a.elements.length - b.elements.length;
  if (a.dimensions.length !== b.dimensions.length) return a.dimensions.length - b.dimensions.length;
  return compareNumbers(a.dimensions, b.dimensions) || compareNumbers(a.lowerBounds, b.lowerBounds);
}

function asVector(datum: Datum, element: SqlType, operations: Operations): SqlArray {
  if (typeof datum !== 'string') return datum as SqlArray;
  const words = datum.split(/\s+/).filter((word) => word !== '');
  const elements = words.map((word) => operations(element).parseText(word, element));
  return {
    kind: 'array',
    dimensions: words.length === 0 ? [] : [words.length],
    lowerBounds: words.length === 0 ? [] : [0],
    elements,
  };
}

export function arrayOperations(operations: Operations): {
  readonly array: TypeOperations;
  readonly vector: (element: SqlType) => TypeOperations;
} {
  const elementOf = (type: SqlType) => type.element ?? { name: 'text' as const };
  return {
    array: {
      parseText: (text, type, settings = DEFAULT_SETTINGS) => parse(text, elementOf(type), operations, settings),
      formatText: (datum, type, settings = DEFAULT_SETTINGS) =>
        format(datum as SqlArray, elementOf(type), operations, settings),
      encodeBinary: (datum, type) => encode(datum as SqlArray, elementOf(type), operations),
      decodeBinary: (bytes, type) => decode(bytes, elementOf(type), operations),
      compare: (a, b, type) => compare(a as SqlArray, b as SqlArray, elementOf(type), operations),
    },
    vector: (element) => ({
      parseText: (text) => asVector(text, element, operations),
      formatText: (datum) => (typeof datum === 'string' ? datum : (datum as SqlArray).elements.join(' ')),
      encodeBinary: (datum) => {
        const value = asVector(datum, element, operations);
        if (value.elements.length > 0) return encode(value, element, operations);
        // an empty vector still has one dimension, of size 0
        return bigEndian(20, (view) => {
          view.setInt32(0, 1);
          view.setInt32(8, typeOid(element));
        });
      },
      decodeBinary: (bytes) => decode(bytes, element, operations),
      compare: (a, b) =>
        compare(asVector(a, element, operations), asVector(b, element, operations), element, operations),
    }),
  };
}
