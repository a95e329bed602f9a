// bytea: hex and escape text forms, raw binary.
import { sqlError } from '../errors/sql-error.ts';
import { DEFAULT_SETTINGS, type TypeOperations } from './type-settings.ts';

/** Hexadecimal text as bytes, whitespace between pairs allowed; 22023 as PostgreSQL words it. */
export function parseHex(text: string): Uint8Array {
  const bytes: number[] = [];
  let high = -1;
  for (const character of text) {
    if (high < 0 && /\s/.test(character)) continue;
    const digit = /^[0-9a-fA-F]$/.test(character) ? Number.parseInt(character, 16) : -1;
    if (digit < 0) throw sqlError('invalid_parameter_value', `invalid hexadecimal digit: "${character}"`);
    if (high < 0) high = digit;
    else {
      bytes.push(high * 16 + digit);
      high = -1;
    }
  }
  if (high >= 0) throw sqlError('invalid_parameter_value', 'invalid hexadecimal data: odd number of digits');
  return Uint8Array.from(bytes);
}

export function parseEscaped(text: string): Uint8Array {
  const source = Buffer.from(text, 'utf8');
  const bytes: number[] = [];
  for (let i = 0; i < source.length; ) {
    if (source[i] !== 0x5c) bytes.push(source[i++]!);
    else if (source[i + 1] === 0x5c) {
      bytes.push(0x5c);
      i += 2;
    } else {
      const octal = source.subarray(i + 1, i + 4).toString('latin1');
      if (!/^[0-3][0-7]{2}$/.test(octal)) {
        throw sqlError('invalid_text_representation', 'invalid input syntax for type bytea');
      }
      bytes.push(Number.parseInt(octal, 8));
      i += 4;
    }
  }
  return Uint8Array.from(bytes);
}

function formatEscaped(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte < 0x20 || byte > 0x7e) text += `\\${byte.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return text;
}

export function formatHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

export const BYTEA_OPERATIONS: TypeOperations = {
  parseText: (text) => (text.startsWith('\\x') ? parseHex(text.slice(2)) : parseEscaped(text)),
  formatText: (datum, _type, settings = DEFAULT_SETTINGS) =>
    settings.byteaOutput === 'escape' ? formatEscaped(datum as Uint8Array) : `\\x${formatHex(datum as Uint8Array)}`,
  encodeBinary: (datum) => datum as Uint8Array,
  decodeBinary: (bytes) => bytes.slice(),
  compare: (a, b) => Buffer.compare(a as Uint8Array, b as Uint8Array),
};
