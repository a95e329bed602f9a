// String and byte functions. Positions and lengths count characters (code points); hot forms are kernels.
import { createHash, randomUUID } from 'node:crypto';
import { sqlError } from '../../errors/sql-error.ts';
import { formatHex, parseEscaped, parseHex } from '../../types/bytea.ts';
import type { Datum } from '../../types/datum.ts';
import { sqlArray } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { characterCount, decodeUtf8, trimBlanks } from '../../types/text.ts';
import { castToText } from '../casts/text-casts.ts';
import { type BodyFor, fn, kernel, op, row, rowFor } from '../define.ts';
import type { EvaluationContext, ScalarFunction } from '../function-definition.ts';
import { isKeyword } from './quoting.ts';

const text1 = (f: (a: string) => Datum | null): BodyFor => row(([a]) => f(a as string));
const text2 = (f: (a: string, b: string) => Datum | null): BodyFor => row(([a, b]) => f(a as string, b as string));

/** SUBSTRING's window over characters or bytes: 1-based start that may lie before the text. */
export function sliceWindow(start: number, length: number | undefined, total: number): readonly [number, number] {
  if (length !== undefined && length < 0) {
    throw sqlError('substring_error', 'negative substring length not allowed');
  }
  const from = Math.max(0, start - 1);
  const to = length === undefined ? total : Math.min(total, start - 1 + length);
  return [from, Math.max(from, to)];
}

function pad(text: string, length: number, fill: string, left: boolean): string {
  const characters = [...text];
  if (length <= characters.length) return characters.slice(0, Math.max(0, length)).join('');
  if (fill === '') return text;
  if (length > 268435456) throw sqlError('program_limit_exceeded', 'requested length too large');
  const filler = [...fill];
  let padding = '';
  for (let i = 0; i < length - characters.length; i++) padding += filler[i % filler.length];
  return left ? padding + text : text + padding;
}

function trim(text: string, set: string, left: boolean, right: boolean): string {
  const characters = [...text];
  const drop = new Set(set);
  let from = 0;
  let to = characters.length;
  while (left && from < to && drop.has(characters[from]!)) from++;
  while (right && to > from && drop.has(characters[to - 1]!)) to--;
  return characters.slice(from, to).join('');
}

function translate(text: string, from: string, to: string): string {
  const target = [...to];
  const map = new Map<string, string>();
  for (const [i, character] of [...from].entries()) if (!map.has(character)) map.set(character, target[i] ?? '');
  return [...text].map((character) => map.get(character) ?? character).join('');
}

function splitPart(text: string, separator: string, n: number): string {
  if (n === 0) throw sqlError('invalid_parameter_value', 'field position must not be zero');
  const parts = separator === '' ? [text] : text.split(separator);
  return parts[n > 0 ? n - 1 : parts.length + n] ?? '';
}

function initcap(text: string): string {
  return text.toLowerCase().replace(/[\p{L}\p{N}]+/gu, (word) => word[0]!.toUpperCase() + word.slice(1));
}

function chr(code: number): string {
  if (code === 0) throw sqlError('program_limit_exceeded', 'null character not permitted');
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    throw sqlError('program_limit_exceeded', `requested character not valid for encoding: ${code}`);
  }
  return String.fromCodePoint(code);
}

function decode(text: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case 'hex':
      return parseHex(text);
    case 'escape':
      return parseEscaped(text);
    case 'base64': {
      const body = text.replace(/\s/g, '');
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(body) || body.length % 4 !== 0) {
        throw sqlError('invalid_parameter_value', 'invalid base64 end sequence');
      }
      return Uint8Array.from(Buffer.from(body, 'base64'));
    }
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
        .replace(/.{76}(?=.)/g, '$&\n');
    default:
      throw sqlError('invalid_parameter_value', `unrecognized encoding: "${format}"`);
  }
}

export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !isKeyword(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

type Texts = (context: EvaluationContext) => readonly (string | null)[];

/** concat and its kin: any arguments as their output text. */
function textsOf(args: readonly (Datum | null)[], types: readonly SqlType[]): Texts {
  const shown = (value: Datum | null, i: number, context: EvaluationContext) => {
    if (value === null) return null;
    return types[i]?.name === 'bool' ? (value ? 't' : 'f') : castToText(value, types[i] ?? { name: 'text' }, context);
  };
  return (context) => args.map((value, i) => shown(value, i, context));
}

function format(pattern: string, values: readonly (string | null)[]): string {
  let next = 0;
  return pattern.replace(/%(?:(\d+)\$)?(-)?(\d+)?(.?)/gs, (_all, position, minus, width, kind) => {
    if (kind === '%') return '%';
    if (kind === '') throw sqlError('invalid_parameter_value', 'unterminated format() type specifier');
    if (!'sIL'.includes(kind)) {
      const hint = 'For a single "%" use "%%".';
      throw sqlError('invalid_parameter_value', `unrecognized format() type specifier "${kind}"`, { hint });
    }
    const index = position === undefined ? next++ : Number(position) - 1;
    if (position !== undefined) next = index + 1;
    if (index >= values.length) throw sqlError('invalid_parameter_value', 'too few arguments for format()');
    const value = values[index]!;
    if (value === null && kind === 'I') {
      throw sqlError('null_value_not_allowed', 'null values cannot be formatted as an SQL identifier');
    }
    const out =
      kind === 's'
        ? (value ?? '')
        : kind === 'I'
          ? quoteIdentifier(value!)
          : value === null
            ? 'NULL'
            : quoteLiteral(value);
    if (width === undefined) return out;
    return minus
      ? pad(out, Math.max(Number(width), characterCount(out)), ' ', false)
      : pad(out, Math.max(Number(width), characterCount(out)), ' ', true);
  });
}

const loose = { strict: false, volatility: 'stable' } as const;
const digest = (name: string) => row(([a]) => new Uint8Array(createHash(name).update(bytesOf(a!)).digest()));
const bytesOf = (value: Datum) => (typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array));
const md5 = row(([a]) => createHash('md5').update(bytesOf(a!)).digest('hex'));

const CONCATENATION: readonly ScalarFunction[] = [
  op('||', 'text,text', 'text', kernel('concat_view')),
  op(
    '||',
    'bytea,bytea',
    'bytea',
    row(([a, b]) => Uint8Array.from(Buffer.concat([a as Uint8Array, b as Uint8Array]))),
  ),
  op(
    '||',
    'text,anynonarray',
    'text',
    rowFor(
      (types) =>
        ([a, b], c) =>
          (a as string) + castToText(b!, types[1]!, c),
    ),
    { volatility: 'stable' },
  ),
  op(
    '||',
    'anynonarray,text',
    'text',
    rowFor(
      (types) =>
        ([a, b], c) =>
          castToText(a!, types[0]!, c) + (b as string),
    ),
    { volatility: 'stable' },
  ),
  fn(
    'concat',
    'any',
    'text',
    rowFor((types) => (args, c) => textsOf(args, types)(c).join('')),
    { ...loose, variadic: true },
  ),
  fn(
    'concat_ws',
    'text,any',
    'text',
    rowFor((types) => ([separator, ...rest], c) => {
      if (separator === null) return null;
      return textsOf(
        rest,
        types.slice(1),
      )(c)
        .filter((part) => part !== null)
        .join(separator as string);
    }),
    { ...loose, variadic: true },
  ),
  fn(
    'format',
    'text',
    'text',
    row(([pattern]) => (pattern === null ? null : format(pattern as string, []))),
    loose,
  ),
  fn(
    'format',
    'text,any',
    'text',
    rowFor(
      (types) =>
        ([pattern, ...rest], c) =>
          pattern === null ? null : format(pattern as string, textsOf(rest, types.slice(1))(c)),
    ),
    { ...loose, variadic: true },
  ),
];

const LENGTHS: readonly ScalarFunction[] = [
  ...['length', 'char_length', 'character_length'].flatMap((name) => [
    fn(name, 'text', 'int4', kernel('length_view')),
    fn(
      name,
      'bpchar',
      'int4',
      text1((a) => characterCount(trimBlanks(a))),
    ),
  ]),
  fn('length', 'bytea', 'int4', kernel('octet_length_view')),
  fn('octet_length', 'text', 'int4', kernel('octet_length_view')),
  fn('octet_length', 'bytea', 'int4', kernel('octet_length_view')),
  fn('octet_length', 'bpchar', 'int4', kernel('octet_length_view')),
  fn(
    'bit_length',
    'text',
    'int4',
    text1((a) => Buffer.byteLength(a) * 8),
  ),
  fn(
    'bit_length',
    'bytea',
    'int4',
    row(([a]) => (a as Uint8Array).length * 8),
  ),
];

const SLICES: readonly ScalarFunction[] = [
  ...['substring', 'substr'].flatMap((name) => [
    fn(name, 'text,int4', 'text', kernel('substring_view')),
    fn(name, 'text,int4,int4', 'text', kernel('substring_for_view')),
    fn(
      name,
      'bytea,int4',
      'bytea',
      row(([a, from]) => (a as Uint8Array).slice(Math.max(0, (from as number) - 1))),
    ),
    fn(
      name,
      'bytea,int4,int4',
      'bytea',
      row(([a, from, length]) =>
        (a as Uint8Array).slice(...sliceWindow(from as number, length as number, (a as Uint8Array).length)),
      ),
    ),
  ]),
  fn('left', 'text,int4', 'text', kernel('left_view')),
  fn('right', 'text,int4', 'text', kernel('right_view')),
  fn(
    'overlay',
    'text,text,int4',
    'text',
    row(([a, b, from]) => overlay(a as string, b as string, from as number, characterCount(b as string))),
  ),
  fn(
    'overlay',
    'text,text,int4,int4',
    'text',
    row(([a, b, from, length]) => overlay(a as string, b as string, from as number, length as number)),
  ),
  fn(
    'split_part',
    'text,text,int4',
    'text',
    row(([a, b, n]) => splitPart(a as string, b as string, n as number)),
  ),
  ...(['position', 'strpos'] as const).map((name) =>
    fn(
      name,
      'text,text',
      'int4',
      text2((a, b) => position(a, b)),
    ),
  ),
];

function position(text: string, part: string): number {
  const at = text.indexOf(part);
  return at < 0 ? 0 : characterCount(text.slice(0, at)) + 1;
}

function overlay(text: string, part: string, from: number, length: number): string {
  if (from <= 0) throw sqlError('substring_error', 'negative substring length not allowed');
  const characters = [...text];
  return [...characters.slice(0, from - 1), part, ...characters.slice(Math.max(0, from - 1 + length))].join('');
}

const TRIMS: readonly ScalarFunction[] = (
  [
    ['btrim', true, true, 'trim_view'],
    ['ltrim', true, false, 'ltrim_view'],
    ['rtrim', false, true, 'rtrim_view'],
  ] as const
).flatMap(([name, left, right, kernelName]) => [
  fn(name, 'text', 'text', kernel(kernelName)),
  fn(
    name,
    'text,text',
    'text',
    text2((a, set) => trim(a, set, left, right)),
  ),
]);

export const STRINGS: readonly ScalarFunction[] = [
  ...CONCATENATION,
  ...LENGTHS,
  ...SLICES,
  ...TRIMS,
  fn('lower', 'text', 'text', kernel('lower_view')),
  fn('upper', 'text', 'text', kernel('upper_view')),
  fn('initcap', 'text', 'text', text1(initcap)),
  fn('reverse', 'text', 'text', kernel('reverse_view')),
  fn(
    'repeat',
    'text,int4',
    'text',
    row(([a, n]) => {
      const count = Math.max(0, n as number);
      if ((a as string).length * count > 268435456)
        throw sqlError('program_limit_exceeded', 'requested length too large');
      return (a as string).repeat(count);
    }),
  ),
  fn(
    'replace',
    'text,text,text',
    'text',
    row(([a, from, to]) => (from === '' ? a! : (a as string).replaceAll(from as string, () => to as string))),
  ),
  fn(
    'translate',
    'text,text,text',
    'text',
    row(([a, from, to]) => translate(a as string, from as string, to as string)),
  ),
  ...(
    [
      ['lpad', true],
      ['rpad', false],
    ] as const
  ).flatMap(([name, left]) => [
    fn(
      name,
      'text,int4',
      'text',
      row(([a, n]) => pad(a as string, n as number, ' ', left)),
    ),
    fn(
      name,
      'text,int4,text',
      'text',
      row(([a, n, fill]) => pad(a as string, n as number, fill as string, left)),
    ),
  ]),
  fn('starts_with', 'text,text', 'bool', kernel('starts_with_view')),
  op('^@', 'text,text', 'bool', kernel('starts_with_view')),
  fn(
    'ascii',
    'text',
    'int4',
    text1((a) => a.codePointAt(0) ?? 0),
  ),
  fn(
    'chr',
    'int4',
    'text',
    row(([n]) => chr(n as number)),
  ),
  fn(
    'to_hex',
    'int4',
    'text',
    row(([n]) => ((n as number) >>> 0).toString(16)),
  ),
  fn(
    'to_hex',
    'int8',
    'text',
    row(([n]) => BigInt.asUintN(64, n as bigint).toString(16)),
  ),
  fn('md5', 'text', 'text', md5),
  fn('md5', 'bytea', 'text', md5),
  ...['sha224', 'sha256', 'sha384', 'sha512'].map((name) => fn(name, 'bytea', 'bytea', digest(name))),
  fn(
    'encode',
    'bytea,text',
    'text',
    row(([a, b]) => encode(a as Uint8Array, b as string)),
  ),
  fn('decode', 'text,text', 'bytea', text2(decode)),
  fn(
    'convert_to',
    'text,name',
    'bytea',
    row(([a]) => Uint8Array.from(Buffer.from(a as string))),
  ),
  fn(
    'convert_from',
    'bytea,name',
    'text',
    row(([a]) => decodeUtf8(a as Uint8Array)),
  ),
  fn(
    'get_byte',
    'bytea,int4',
    'int4',
    row(([a, n]) => {
      const bytes = a as Uint8Array;
      const index = n as number;
      if (index >= 0 && index < bytes.length) return bytes[index]!;
      throw sqlError('array_subscript_error', `index ${index} out of valid range, 0..${bytes.length - 1}`);
    }),
  ),
  fn('quote_ident', 'text', 'text', text1(quoteIdentifier)),
  fn('quote_literal', 'text', 'text', text1(quoteLiteral)),
  fn(
    'quote_nullable',
    'text',
    'text',
    row(([a]) => (a === null ? 'NULL' : quoteLiteral(a as string))),
    { strict: false },
  ),
  fn(
    'string_to_array',
    'text,text',
    'text[]',
    row(([a, separator]) => splitToArray(a, separator ?? null, null)),
    { strict: false },
  ),
  fn(
    'string_to_array',
    'text,text,text',
    'text[]',
    row(([a, separator, none]) => splitToArray(a, separator ?? null, none ?? null)),
    { strict: false },
  ),
  fn(
    'gen_random_uuid',
    '',
    'uuid',
    row(() => randomUUID()),
    { volatility: 'volatile' },
  ),
];

function splitToArray(text: Datum | null | undefined, separator: Datum | null, none: Datum | null): Datum | null {
  if (text === null || text === undefined) return null;
  if (text === '') return sqlArray([]);
  const parts =
    separator === null
      ? [...(text as string)]
      : separator === ''
        ? [text as string]
        : (text as string).split(separator as string);
  return sqlArray(parts.map((part) => (part === none ? null : part)));
}
