// Records: the (a,b) text form, the binary form with field oids, and field-by-field order (NULL last).
import { sqlError } from '../errors/sql-error.ts';
import type { Datum, SqlRecord } from './datum.ts';
import { type SqlType, TEXT } from './sql-type.ts';
import { DEFAULT_SETTINGS, type TypeOperations, viewOf } from './type-settings.ts';
import { typeFromOid, typeOid } from './type-table.ts';
import { trimSpace } from './white-space.ts';

type Operations = (type: SqlType) => TypeOperations;

function fieldType(type: SqlType, index: number): SqlType {
  return type.fields?.[index]?.type ?? TEXT;
}

function malformed(text: string, detail: string): never {
  throw sqlError('invalid_text_representation', `malformed record literal: "${text}"`, { detail });
}

function readFields(text: string): (string | null)[] {
  const body = trimSpace(text);
  if (!body.startsWith('(')) malformed(text, 'Missing left parenthesis.');
  const fields: (string | null)[] = [];
  let at = 1;
  for (;;) {
    let out = '';
    let seen = false;
    for (; body[at] !== ',' && body[at] !== ')'; at++) {
      const c = body[at];
      if (c === undefined) malformed(text, 'Unexpected end of input.');
      seen = true;
      if (c === '\\') out += body[++at] ?? '';
      else if (c !== '"') out += c;
      else {
        for (at++; ; at++) {
          if (body[at] === undefined) malformed(text, 'Unexpected end of input.');
          if (body[at] === '"' && body[at + 1] === '"') at++;
          else if (body[at] === '"') break;
          else if (body[at] === '\\') at++;
          out += body[at] ?? '';
        }
      }
    }
    fields.push(seen ? out : null);
    if (body[at++] === ')') break;
  }
  if (at < body.length) malformed(text, 'Junk after right parenthesis.');
  return fields;
}

function quoteField(text: string): string {
  if (text !== '' && !/[ \t-\r"\\(),]/.test(text)) return text;
  return `"${text.replace(/["\\]/g, '$&$&')}"`;
}

export function recordOperations(operations: Operations): TypeOperations {
  return {
    parseText: (text, type, settings = DEFAULT_SETTINGS) => {
      if (type.fields === undefined) {
        throw sqlError('feature_not_supported', 'input of anonymous composite types is not implemented');
      }
      const texts = readFields(text);
      if (texts.length < type.fields.length) malformed(text, 'Too few columns.');
      if (texts.length > type.fields.length) malformed(text, 'Too many columns.');
      const values = texts.map((field, i) => {
        const of = fieldType(type, i);
        return field === null ? null : operations(of).parseText(field, of, settings);
      });
      return { kind: 'record', values };
    },
    formatText: (datum, type, settings = DEFAULT_SETTINGS) => {
      const parts = (datum as SqlRecord).values.map((value, i) => {
        const of = fieldType(type, i);
        return value === null ? '' : quoteField(operations(of).formatText(value, of, settings));
      });
      return `(${parts.join(',')})`;
    },
    encodeBinary: (datum, type) => {
      const parts = (datum as SqlRecord).values.map((value, i) => {
        const of = fieldType(type, i);
        return value === null ? null : operations(of).encodeBinary(value, of);
      });
      const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 8 + (part?.length ?? 0), 4));
      const view = viewOf(bytes);
      view.setInt32(0, parts.length);
      let at = 4;
      for (const [i, part] of parts.entries()) {
        view.setInt32(at, typeOid(fieldType(type, i)));
        view.setInt32(at + 4, part === null ? -1 : part.length);
        at += 8;
        if (part !== null) bytes.set(part, at);
        at += part?.length ?? 0;
      }
      return bytes;
    },
    decodeBinary: (bytes) => {
      const view = viewOf(bytes);
      const values: (Datum | null)[] = [];
      const short = () => sqlError('protocol_violation', 'insufficient data left in message');
      if (bytes.length < 4) throw short();
      let at = 4;
      for (let i = view.getInt32(0); i > 0; i--) {
        if (at + 8 > bytes.length) throw short();
        const of = typeFromOid(view.getInt32(at)) ?? TEXT;
        const length = view.getInt32(at + 4);
        at += 8;
        if (length > bytes.length - at) throw short();
        values.push(length < 0 ? null : operations(of).decodeBinary(bytes.subarray(at, at + length), of));
        at += Math.max(0, length);
      }
      return { kind: 'record', values };
    },
    compare: (a, b, type) => {
      const x = (a as SqlRecord).values;
      const y = (b as SqlRecord).values;
      if (x.length !== y.length) {
        throw sqlError('datatype_mismatch', 'cannot compare record types with different numbers of columns');
      }
      for (const [i, left] of x.entries()) {
        const right = y[i]!;
        if (left === null || right === null) {
          if (left !== right) return left === null ? 1 : -1;
          continue;
        }
        const of = fieldType(type, i);
        const order = operations(of).compare(left, right, of);
        if (order !== 0) return order;
      }
      return 0;
    },
  };
}
