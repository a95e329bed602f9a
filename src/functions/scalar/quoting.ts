// Quoting: identifiers and literals as SQL writes them, format(), parse_ident(), Unicode escapes and normal forms.
import { sqlError } from '../../errors/sql-error.ts';
import { type Datum, sqlArray } from '../../types/datum.ts';
import { parseInteger } from '../../types/int.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { castToText } from '../casts/text-casts.ts';
import { type BodyFor, fn, row, rowFor } from '../define.ts';
import type { EvaluationContext, ScalarFunction } from '../function-definition.ts';
import { KEYWORDS } from '../keywords.ts';

/** True for words that quote_ident must quote: all keywords but the unreserved. */
export function isKeyword(name: string): boolean {
  return (KEYWORDS.get(name)?.category ?? 'unreserved') !== 'unreserved';
}

export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !isKeyword(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

type Texts = (context: EvaluationContext) => readonly (string | null)[];

/** Any values as their output text, as concat and format show them (booleans as t and f). */
export function textsOf(args: readonly (Datum | null)[], types: readonly SqlType[]): Texts {
  const shown = (value: Datum | null, i: number, context: EvaluationContext) => {
    if (value === null) return null;
    return types[i]?.name === 'bool' ? (value ? 't' : 'f') : castToText(value, types[i] ?? { name: 'text' }, context);
  };
  return (context) => args.map((value, i) => shown(value, i, context));
}

const invalid = (message: string, hint?: string) =>
  sqlError('invalid_parameter_value', message, hint === undefined ? {} : { hint });

function formatted(value: string | null, kind: string): string {
  if (kind === 's') return value ?? '';
  if (kind === 'L') return value === null ? 'NULL' : quoteLiteral(value);
  if (value === null) {
    throw sqlError('null_value_not_allowed', 'null values cannot be formatted as an SQL identifier');
  }
  return quoteIdentifier(value);
}

function padded(text: string, width: number, left: boolean): string {
  const missing = Math.abs(width) - [...text].length;
  if (missing <= 0) return text;
  return left || width < 0 ? text + ' '.repeat(missing) : ' '.repeat(missing) + text;
}

// %[position$][-][width | * | *position$]type
const SPECIFIER = /%(?:%|(?:(\d+)\$)?(-*)(?:(\d+)|\*(?:(\d+)\$)?()|)([\s\S]|$))/gu;

function format(pattern: string, values: readonly (string | null)[]): string {
  let next = 0;
  const take = (position: string | undefined): string | null => {
    if (position !== undefined) next = Number(position) - 1;
    if (next < 0) throw invalid('format specifies argument 0, but arguments are numbered from 1');
    if (next >= values.length) throw invalid('too few arguments for format()');
    return values[next++]!;
  };
  return pattern.replace(SPECIFIER, (all, position, minus: string, width, widthFrom, star, kind: string) => {
    if (all === '%%') return '%';
    const hint = 'For a single "%" use "%%".';
    if (kind === '') throw invalid('unterminated format() type specifier', hint);
    let room = width === undefined ? 0 : Number(width);
    if (star !== undefined) {
      const given = take(widthFrom);
      room = given === null ? 0 : Number(parseInteger(given, -2147483648n, 2147483647n, 'integer'));
    }
    if (!'sIL'.includes(kind)) throw invalid(`unrecognized format() type specifier "${kind}"`, hint);
    return padded(formatted(take(position), kind), room, minus !== '');
  });
}

/** The parts of a dotted name, folded to lower case where they are not quoted; `strict`: nothing may follow. */
function parseIdentifier(text: string, strict: boolean): string[] {
  const fail = () => invalid(`string is not a valid identifier: "${text}"`);
  const part = /\s*(?:"((?:[^"]|"")+)"|([A-Za-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*))\s*/uy;
  const parts: string[] = [];
  for (let at = 0; ; at++) {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null) throw fail();
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2]!.replace(/[A-Z]/g, (c) => c.toLowerCase()));
    at = part.lastIndex;
    if (text[at] === '.') continue;
    if (at < text.length && strict) throw fail();
    return parts;
  }
}

/** \XXXX, \+XXXXXX, \uXXXX, \UXXXXXXXX and \\; surrogates only in pairs. */
function unescapeUnicode(text: string): string {
  const hint = 'Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.';
  const out = text.replace(
    /\\(?:\\|([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|)/g,
    (all, ...forms) => {
      if (all === '\\\\') return '\\';
      const digits = forms.slice(0, 4).find((form) => form !== undefined) as string | undefined;
      if (digits === undefined) throw sqlError('syntax_error', 'invalid Unicode escape', { hint });
      const code = Number.parseInt(digits, 16);
      if (code === 0 || code > 0x10ffff) throw sqlError('syntax_error', 'invalid Unicode escape value');
      return String.fromCodePoint(code);
    },
  );
  if (!out.isWellFormed()) throw sqlError('syntax_error', 'invalid Unicode surrogate pair');
  return out;
}

function normalized(text: string, form: string): string {
  if (!/^nfk?[cd]$/i.test(form)) throw invalid(`invalid normalization form: ${form}`);
  return text.normalize(form.toUpperCase());
}

const loose = { strict: false, volatility: 'stable' } as const;
const text1 = (f: (a: string) => Datum): BodyFor => row(([a]) => f(a as string));
const shown = (f: (text: string) => string): BodyFor =>
  rowFor(
    ([type]) =>
      ([value], context) =>
        f(castToText(value!, type!, context)),
  );
const nullable = (text: string | null) => (text === null ? 'NULL' : quoteLiteral(text));

// biome-ignore format: one function a line
export const QUOTING: readonly ScalarFunction[] = [
  fn('quote_ident', 'text', 'text', text1(quoteIdentifier)),
  fn('quote_literal', 'text', 'text', text1(quoteLiteral)),
  fn('quote_literal', 'anyelement', 'text', shown(quoteLiteral), { volatility: 'stable' }),
  fn('quote_nullable', 'text', 'text', row(([a]) => nullable(a as string | null)), { strict: false }),
  fn('quote_nullable', 'anyelement', 'text', rowFor(([type]) => ([a], context) => nullable(a === null ? null : castToText(a!, type!, context))), loose),
  fn('format', 'text', 'text', row(([pattern]) => (pattern === null ? null : format(pattern as string, []))), loose),
  fn('format', 'text,any', 'text', rowFor((types) => ([pattern, ...rest], context) =>
    pattern === null ? null : format(pattern as string, textsOf(rest, types.slice(1))(context)),
  ), { ...loose, variadic: true }),
  fn('parse_ident', 'text,bool', 'text[]', row(([a, strict]) => sqlArray(parseIdentifier(a as string, strict as boolean))), { defaults: [true] }),
  fn('unistr', 'text', 'text', text1(unescapeUnicode)),
  fn('normalize', 'text,text', 'text', row(([a, form]) => normalized(a as string, form as string)), { defaults: ['NFC'] }),
  fn('is_normalized', 'text,text', 'bool', row(([a, form]) => normalized(a as string, form as string) === a), { defaults: ['NFC'] }),
];
