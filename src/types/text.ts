// text, varchar(n), character(n), name, "char" and the types that behave like text. Order is by UTF-8 bytes (collation "C").
import { sqlError } from '../errors/sql-error.ts';
import type { Datum } from './datum.ts';
import type { SqlType } from './sql-type.ts';
import { TEXT_DECODER, TEXT_ENCODER, type TypeOperations } from './type-settings.ts';

/** Order by UTF-8 bytes = by code points; UTF-16 units differ only where surrogates meet U+E000 and above. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const high = x >= 0xd800 && x < 0xe000;
    if (high !== (y >= 0xd800 && y < 0xe000) && x >= 0xd800 && y >= 0xd800) return high ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

/** Length in characters (code points). */
export function characterCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) count--;
  }
  return count;
}

/** The first `count` characters. */
function firstCharacters(text: string, count: number): string {
  if (text.length <= count) return text;
  let at = 0;
  for (let i = 0; i < count && at < text.length; i++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return text.slice(0, at);
}

/**
 * varchar(n)/character(n): too long is 22001 unless only blanks are lost; an explicit cast truncates silently.
 * character(n) pads with blanks.
 */
export function coerceText(text: string, type: SqlType, explicit = false): string {
  if (type.name === 'name') return truncateName(text);
  if (type.name === 'char') return firstByte(text);
  const limit = type.length;
  if (limit === undefined || (type.name !== 'varchar' && type.name !== 'bpchar')) return text;
  const length = characterCount(text);
  if (length > limit) {
    const kept = firstCharacters(text, limit);
    if (!explicit && text.slice(kept.length).trimEnd() !== '' && /[^ ]/.test(text.slice(kept.length))) {
      const label = type.name === 'varchar' ? 'character varying' : 'character';
      throw sqlError('string_data_right_truncation', `value too long for type ${label}(${limit})`);
    }
    return kept;
  }
  return type.name === 'bpchar' ? text + ' '.repeat(limit - length) : text;
}

/** "char" holds one byte, as the character of that code; bytes above 127 read and print as \ooo. */
function firstByte(text: string): string {
  if (/^\\[0-3][0-7]{2}$/.test(text)) return String.fromCharCode(Number.parseInt(text.slice(1), 8));
  return Buffer.from(text).subarray(0, 1).toString('latin1');
}

function formatByte(text: string): string {
  const code = text.charCodeAt(0);
  return code > 127 ? `\\${code.toString(8)}` : text;
}

/** Identifiers keep at most 63 bytes, cut at a character. */
export function truncateName(text: string): string {
  const bytes = TEXT_ENCODER.encode(text);
  if (bytes.length <= 63) return text;
  let end = 63;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return TEXT_DECODER.decode(bytes.subarray(0, end));
}

/** character(n) compares without trailing blanks. */
export function trimBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  return end === text.length ? text : text.slice(0, end);
}

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    const text = TEXT_DECODER.decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    throw sqlError('character_not_in_repertoire', `invalid byte sequence for encoding "UTF8"${badBytes(bytes)}`);
  }
  throw sqlError('character_not_in_repertoire', 'invalid byte sequence for encoding "UTF8": 0x00');
}

function badBytes(bytes: Uint8Array): string {
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i]!;
    const length = (lead & 0xe0) === 0xc0 ? 2 : (lead & 0xf0) === 0xe0 ? 3 : (lead & 0xf8) === 0xf0 ? 4 : 1;
    const part = bytes.subarray(i, i + length);
    if (lead === 0) return ': 0x00';
    try {
      TEXT_DECODER.decode(part);
    } catch {
      return `: ${[...part].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')}`;
    }
    i += length;
  }
  return '';
}

export const TEXT_OPERATIONS: TypeOperations = {
  parseText: (text, type) => coerceText(text, type),
  formatText: (datum, type) => (type.name === 'char' ? formatByte(datum as string) : (datum as string)),
  encodeBinary: (datum) => TEXT_ENCODER.encode(datum as string),
  decodeBinary: (bytes, type) => coerceText(decodeUtf8(bytes), type),
  compare: (a: Datum, b: Datum, type: SqlType) =>
    type.name === 'bpchar'
      ? compareText(trimBlanks(a as string), trimBlanks(b as string))
      : compareText(a as string, b as string),
};
