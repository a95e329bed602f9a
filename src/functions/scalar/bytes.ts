// Functions over bytea: digests, encodings, bits and bytes, slices, and text in other encodings.
import { createHash } from 'node:crypto';
import { sqlError } from '../../errors/sql-error.ts';
import { formatHex, parseEscaped, parseHex } from '../../types/bytea.ts';
import type { Datum } from '../../types/datum.ts';
import { decodeUtf8 } from '../../types/text.ts';
import { type BodyFor, type FunctionOptions, fn, kernel, op, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { sliceWindow } from './text-slices.ts';

const bytesOf = (value: Datum) => (typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array));
const digest = (name: string) => row(([a]) => new Uint8Array(createHash(name).update(bytesOf(a!)).digest()));
const md5 = kernel('md5_view');

/** The kernel for a format that is a constant; what it declines goes on through `slow`. */
const byFormat =
  (
    kernels: Readonly<Record<string, string>>,
    slow: (value: Datum, format: string) => Datum,
  ): FunctionOptions['specialised'] =>
  ([, constant]) => {
    const format = typeof constant === 'string' ? constant.toLowerCase() : '';
    const name = kernels[format];
    return name === undefined ? undefined : { kernel: name, args: [0], slow: ([value]) => slow(value!, format) };
  };
const ENCODERS = byFormat({ hex: 'encode_hex_view', base64: 'encode_base64_view' }, (a, format) =>
  encode(a as Bytes, format),
);
const DECODERS = byFormat({ hex: 'decode_hex_view' }, (a, format) => decode(a as string, format));

function decodeBase64(text: string): Uint8Array {
  const odd = /[^A-Za-z0-9+/=\s]/u.exec(text)?.[0];
  if (odd !== undefined) {
    throw sqlError('invalid_parameter_value', `invalid symbol "${odd}" found while decoding base64 sequence`);
  }
  const body = text.replace(/\s/g, '');
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(body) && body.length % 4 === 0) return Uint8Array.from(Buffer.from(body, 'base64'));
  if (/^[A-Za-z0-9+/]*=/.test(body) && !/^[A-Za-z0-9+/]*={0,2}$/.test(body)) {
    throw sqlError('invalid_parameter_value', 'unexpected "=" while decoding base64 sequence');
  }
  const hint = 'Input data is missing padding, is truncated, or is otherwise corrupted.';
  throw sqlError('invalid_parameter_value', 'invalid base64 end sequence', { hint });
}

function decode(text: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case 'hex':
      return parseHex(text);
    case 'escape':
      return parseEscaped(text);
    case 'base64':
      return decodeBase64(text);
    default:
      throw sqlError('invalid_parameter_value', `unrecognized encoding: "${format}"`);
  }
}

/** encode(..., 'escape'): only zero bytes, bytes above 127 and backslashes are escaped. */
function escapeHighBytes(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) {
    if (byte === 0x5c) out += '\\\\';
    else out += byte === 0 || byte > 0x7f ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte);
  }
  return out;
}

function encode(bytes: Uint8Array, format: string): string {
  switch (format.toLowerCase()) {
    case 'hex':
      return formatHex(bytes);
    case 'escape':
      return escapeHighBytes(bytes);
    case 'base64':
      return Buffer.from(bytes)
        .toString('base64')
        .replace(/[^=]{76}/g, '$&\n');
    default:
      throw sqlError('invalid_parameter_value', `unrecognized encoding: "${format}"`);
  }
}

type Encoding = 'UTF8' | 'LATIN1' | 'SQL_ASCII';
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  utf8: 'UTF8',
  unicode: 'UTF8',
  latin1: 'LATIN1',
  iso88591: 'LATIN1',
  sqlascii: 'SQL_ASCII',
};

function encodingNamed(name: string, role: 'source' | 'destination'): Encoding {
  const found = ENCODINGS[name.toLowerCase().replace(/[^a-z0-9]/g, '')];
  if (found !== undefined) return found;
  throw sqlError('invalid_parameter_value', `invalid ${role} encoding name "${name}"`, {
    hint: 'UTF8, LATIN1 and SQL_ASCII are known here.',
  });
}

function convertTo(text: string, encoding: Encoding): Uint8Array {
  if (encoding !== 'LATIN1') return Uint8Array.from(Buffer.from(text));
  for (const character of text) {
    if (character.codePointAt(0)! <= 0xff) continue;
    const shown = [...Buffer.from(character)].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
    const message = `character with byte sequence ${shown} in encoding "UTF8" has no equivalent in encoding "LATIN1"`;
    throw sqlError('untranslatable_character', message);
  }
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

function convertFrom(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding !== 'LATIN1') return decodeUtf8(bytes);
  if (bytes.includes(0)) {
    throw sqlError('character_not_in_repertoire', 'invalid byte sequence for encoding "LATIN1": 0x00');
  }
  return Buffer.from(bytes).toString('latin1');
}

function outside(index: number | bigint, count: number): never {
  throw sqlError('array_subscript_error', `index ${index} out of valid range, 0..${count - 1}`);
}

function bitAt(bytes: Uint8Array, index: bigint): readonly [at: number, mask: number] {
  if (index < 0n || index >= BigInt(bytes.length) * 8n) outside(index, bytes.length * 8);
  return [Number(index >> 3n), 1 << Number(index & 7n)];
}

function setBit(bytes: Uint8Array, index: bigint, value: number): Uint8Array {
  const [at, mask] = bitAt(bytes, index);
  if (value !== 0 && value !== 1) throw sqlError('invalid_parameter_value', 'new bit must be 0 or 1');
  const copy = bytes.slice();
  copy[at] = value === 1 ? copy[at]! | mask : copy[at]! & ~mask;
  return copy;
}

function setByte(bytes: Uint8Array, index: number, value: number): Uint8Array {
  if (index < 0 || index >= bytes.length) outside(index, bytes.length);
  const copy = bytes.slice();
  copy[index] = value;
  return copy;
}

function bitCount(bytes: Uint8Array): bigint {
  let count = 0;
  for (const byte of bytes) for (let rest = byte; rest > 0; rest &= rest - 1) count++;
  return BigInt(count);
}

function overlayBytes(bytes: Uint8Array, part: Uint8Array, from: number, length: number): Uint8Array {
  if (from <= 0) throw sqlError('substring_error', 'negative substring length not allowed');
  const tail = bytes.subarray(Math.max(0, from - 1 + length));
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, from - 1), part, tail]));
}

function trimBytes(bytes: Uint8Array, set: Uint8Array, left: boolean, right: boolean): Uint8Array {
  let from = 0;
  let to = bytes.length;
  while (left && from < to && set.includes(bytes[from]!)) from++;
  while (right && to > from && set.includes(bytes[to - 1]!)) to--;
  return bytes.slice(from, to);
}

type Bytes = Uint8Array;
const withBytes = (f: (bytes: Bytes, ...rest: (Datum | null)[]) => Datum): BodyFor =>
  row(([bytes, ...rest]) => f(bytes as Bytes, ...rest));

// biome-ignore format: one function a line
export const BYTES: readonly ScalarFunction[] = [
  op('||', 'bytea,bytea', 'bytea', withBytes((a, b) => Uint8Array.from(Buffer.concat([a, b as Bytes])))),
  fn('length', 'bytea', 'int4', kernel('octet_length_view')),
  fn('octet_length', 'bytea', 'int4', kernel('octet_length_view')),
  fn('bit_length', 'bytea', 'int4', kernel('bit_length_view')),
  fn('bit_count', 'bytea', 'int8', withBytes(bitCount)),
  ...['substring', 'substr'].flatMap((name) => [
    fn(name, 'bytea,int4', 'bytea', withBytes((a, from) => a.slice(Math.max(0, (from as number) - 1)))),
    fn(name, 'bytea,int4,int4', 'bytea', withBytes((a, from, n) => a.slice(...sliceWindow(from as number, n as number, a.length)))),
  ]),
  fn('position', 'bytea,bytea', 'int4', withBytes((a, part) => Buffer.from(a).indexOf(part as Bytes) + 1)),
  fn('overlay', 'bytea,bytea,int4', 'bytea', withBytes((a, b, from) => overlayBytes(a, b as Bytes, from as number, (b as Bytes).length))),
  fn('overlay', 'bytea,bytea,int4,int4', 'bytea', withBytes((a, b, from, n) => overlayBytes(a, b as Bytes, from as number, n as number))),
  fn('btrim', 'bytea,bytea', 'bytea', withBytes((a, set) => trimBytes(a, set as Bytes, true, true))),
  fn('ltrim', 'bytea,bytea', 'bytea', withBytes((a, set) => trimBytes(a, set as Bytes, true, false))),
  fn('rtrim', 'bytea,bytea', 'bytea', withBytes((a, set) => trimBytes(a, set as Bytes, false, true))),
  fn('get_byte', 'bytea,int4', 'int4', withBytes((a, n) => a[n as number] ?? outside(n as number, a.length))),
  fn('set_byte', 'bytea,int4,int4', 'bytea', withBytes((a, n, value) => setByte(a, n as number, value as number))),
  fn('get_bit', 'bytea,int8', 'int4', withBytes((a, n) => { const [at, mask] = bitAt(a, n as bigint); return (a[at]! & mask) === 0 ? 0 : 1; })),
  fn('set_bit', 'bytea,int8,int4', 'bytea', withBytes((a, n, value) => setBit(a, n as bigint, value as number))),
  fn('md5', 'text', 'text', md5),
  fn('md5', 'bytea', 'text', md5),
  ...['sha224', 'sha256', 'sha384', 'sha512'].map((name) => fn(name, 'bytea', 'bytea', digest(name))),
  fn('encode', 'bytea,text', 'text', withBytes((a, format) => encode(a, format as string)), { specialised: ENCODERS }),
  fn('decode', 'text,text', 'bytea', row(([a, format]) => decode(a as string, format as string)), { specialised: DECODERS }),
  fn('convert_to', 'text,name', 'bytea', row(([a, to]) => convertTo(a as string, encodingNamed(to as string, 'destination')))),
  fn('convert_from', 'bytea,name', 'text', withBytes((a, from) => convertFrom(a, encodingNamed(from as string, 'source')))),
  fn('convert', 'bytea,name,name', 'bytea', withBytes((a, from, to) => {
    const target = encodingNamed(to as string, 'destination');
    return convertTo(convertFrom(a, encodingNamed(from as string, 'source')), target);
  })),
];
