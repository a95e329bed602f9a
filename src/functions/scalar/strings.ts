// String functions. Positions and lengths count characters (code points); hot forms are kernels.
import { randomUUID } from 'node:crypto';
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum } from '../../types/datum.ts';
import { sqlArray } from '../../types/datum.ts';
import { initialCapitals } from '../../types/letter-case.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { characterCount, trimBlanks } from '../../types/text.ts';
import { castToText } from '../casts/text-casts.ts';
import { type BodyFor, type Evaluate, fn, kernel, op, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { textsOf } from './quoting.ts';

/** A kernel and its twin for the rows it declines. */
const withSlow = (name: string, slow: Evaluate) => kernel(name, undefined, undefined, slow);
const text1 = (f: (a: string) => Datum | null): BodyFor => row(([a]) => f(a as string));

/** Arguments one behind the other: what `make` says, and by a kernel where all are texts or integers. */
function joined(
  make: (types: readonly SqlType[]) => Evaluate,
  { separated = false, passOver = false }: { readonly separated?: boolean; readonly passOver?: boolean } = {},
): BodyFor {
  return (types) => ({ kind: 'join', separated, passOver, evaluate: make(types) });
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

function chr(code: number): string {
  if (code === 0) throw sqlError('program_limit_exceeded', 'null character not permitted');
  if (code < 0) throw sqlError('invalid_parameter_value', 'character number must be positive');
  if (code > 0x10ffff) {
    throw sqlError('program_limit_exceeded', `requested character too large for encoding: ${code}`);
  }
  if (code >= 0xd800 && code < 0xe000) {
    throw sqlError('program_limit_exceeded', `requested character not valid for encoding: ${code}`);
  }
  return String.fromCodePoint(code);
}

const loose = { strict: false, volatility: 'stable' } as const;
const CONCATENATION: readonly ScalarFunction[] = [
  op('||', 'text,text', 'text', kernel('concat_view')),
  op(
    '||',
    'text,anynonarray',
    'text',
    joined(
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
    joined(
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
    joined((types) => (args, c) => textsOf(args, types)(c).join(''), { passOver: true }),
    { ...loose, variadic: true },
  ),
  fn(
    'concat_ws',
    'text,any',
    'text',
    joined(
      (types) =>
        ([separator, ...rest], c) => {
          if (separator === null) return null;
          const texts = textsOf(rest, types.slice(1))(c);
          return texts.filter((part) => part !== null).join(separator as string);
        },
      { separated: true, passOver: true },
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
  fn('octet_length', 'text', 'int4', kernel('octet_length_view')),
  fn('octet_length', 'bpchar', 'int4', kernel('octet_length_view')),
  fn('bit_length', 'text', 'int4', kernel('bit_length_view')),
];

const SLICES: readonly ScalarFunction[] = [
  ...['substring', 'substr'].flatMap((name) => [
    fn(name, 'text,int4', 'text', kernel('substring_view')),
    fn(name, 'text,int4,int4', 'text', kernel('substring_for_view')),
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
    withSlow('split_part_view', ([a, b, n]) => splitPart(a as string, b as string, n as number)),
  ),
  ...['position', 'strpos'].map((name) => fn(name, 'text,text', 'int4', kernel('position_view'))),
];

function overlay(text: string, part: string, from: number, length: number): string {
  if (from <= 0) throw sqlError('substring_error', 'negative substring length not allowed');
  const characters = [...text];
  return [...characters.slice(0, from - 1), part, ...characters.slice(Math.max(0, from - 1 + length))].join('');
}

const TRIMS: readonly ScalarFunction[] = (
  [
    ['btrim', true, true, 'trim'],
    ['ltrim', true, false, 'ltrim'],
    ['rtrim', false, true, 'rtrim'],
  ] as const
).flatMap(([name, left, right, kernelName]) => [
  fn(name, 'text', 'text', kernel(`${kernelName}_view`)),
  fn(
    name,
    'text,text',
    'text',
    withSlow(`${kernelName}_set_view`, ([a, set]) => trim(a as string, set as string, left, right)),
  ),
]);

export const STRINGS: readonly ScalarFunction[] = [
  ...CONCATENATION,
  ...LENGTHS,
  ...SLICES,
  ...TRIMS,
  fn('lower', 'text', 'text', kernel('lower_view')),
  fn('upper', 'text', 'text', kernel('upper_view')),
  fn(
    'initcap',
    'text',
    'text',
    withSlow('initcap_view', ([a]) => initialCapitals(a as string)),
  ),
  fn('reverse', 'text', 'text', kernel('reverse_view')),
  fn('repeat', 'text,int4', 'text', kernel('repeat_view')),
  fn('replace', 'text,text,text', 'text', kernel('replace_view')),
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
      'text,int4,text',
      'text',
      withSlow(`${name}_view`, ([a, n, fill]) => pad(a as string, n as number, fill as string, left)),
      { defaults: [' '] },
    ),
  ]),
  fn('starts_with', 'text,text', 'bool', kernel('starts_with_view')),
  op('^@', 'text,text', 'bool', kernel('starts_with_view')),
  fn('ascii', 'text', 'int4', kernel('ascii_view')),
  fn(
    'chr',
    'int4',
    'text',
    withSlow('chr_i32', ([n]) => chr(n as number)),
  ),
  fn('to_hex', 'int4', 'text', kernel('to_hex_i32')),
  fn('to_hex', 'int8', 'text', kernel('to_hex_i64')),
  fn(
    'string_to_array',
    'text,text',
    'text[]',
    row(([a, separator]) => splitToArray(a, separator ?? null, null)),
    {
      strict: false,
      specialised: ([, separator]) =>
        separator === undefined || separator === '' ? undefined : { kernel: 'string_to_array_view', args: [0, 1] },
    },
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
  return sqlArray(splitText(text as string, separator as string | null, none as string | null));
}

/** The fields between separators (characters where there is none), those equal to `none` as NULL. */
export function splitText(text: string, separator: string | null, none: string | null): (string | null)[] {
  if (text === '') return [];
  const parts = separator === null ? [...text] : separator === '' ? [text] : text.split(separator);
  return parts.map((part) => (part === none ? null : part));
}
