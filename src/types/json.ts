// json (the text as it came, checked) and jsonb (canonical text; binary form has a version byte).
import { sqlError } from '../errors/sql-error.ts';
import { formatJsonPath, jsonPath } from './json-path.ts';
import { compareJson, jsonbValue, printJsonb, readJson } from './json-value.ts';
import { compareText, decodeUtf8 } from './text.ts';
import { TEXT_ENCODER, type TypeOperations } from './type-settings.ts';

export const JSON_OPERATIONS: TypeOperations = {
  parseText: (text) => {
    readJson(text);
    return text;
  },
  formatText: (datum) => datum as string,
  encodeBinary: (datum) => TEXT_ENCODER.encode(datum as string),
  decodeBinary: (bytes) => {
    const text = decodeUtf8(bytes);
    readJson(text);
    return text;
  },
  compare: (a, b) => compareText(a as string, b as string),
};

/** Any JSON text as jsonb's canonical text. */
export function canonicalJsonb(text: string): string {
  const canonical = printJsonb(readJson(text));
  if (!canonical.isWellFormed()) {
    throw sqlError('invalid_text_representation', 'invalid input syntax for type json', {
      detail: 'Unicode low surrogate must follow a high surrogate.',
    });
  }
  if (canonical.includes('\\u0000')) {
    throw sqlError('untranslatable_character', 'unsupported Unicode escape sequence', {
      detail: '\\u0000 cannot be converted to text.',
    });
  }
  return canonical;
}

export const JSONB_OPERATIONS: TypeOperations = {
  parseText: canonicalJsonb,
  formatText: (datum) => datum as string,
  encodeBinary: (datum) => {
    const text = TEXT_ENCODER.encode(datum as string);
    const bytes = new Uint8Array(text.length + 1);
    bytes[0] = 1;
    bytes.set(text, 1);
    return bytes;
  },
  decodeBinary: (bytes) => {
    if (bytes[0] !== 1) throw sqlError('internal_error', `unsupported jsonb version number ${bytes[0] ?? 0}`);
    return canonicalJsonb(decodeUtf8(bytes.subarray(1)));
  },
  compare: (a, b) => (a === b ? 0 : compareJson(jsonbValue(a as string), jsonbValue(b as string))),
};

const canonicalPath = (text: string) => formatJsonPath(jsonPath(text));

/** jsonpath: its canonical text; the binary form has a version byte. It has no order. */
export const JSONPATH_OPERATIONS: TypeOperations = {
  ...JSONB_OPERATIONS,
  parseText: canonicalPath,
  decodeBinary: (bytes) => {
    if (bytes[0] !== 1) throw sqlError('internal_error', `unsupported jsonpath version number ${bytes[0] ?? 0}`);
    return canonicalPath(decodeUtf8(bytes.subarray(1)));
  },
  compare: (a, b) => compareText(a as string, b as string),
};
