// LIKE, ILIKE and regular expressions. LIKE is a kernel; its escaped and case-insensitive forms and POSIX ~ become JavaScript
// RegExps, remembered by pattern. PostgreSQL's AREs are translated: classes such as [[:alpha:]], \m \M \y \A \Z, embedded
// options (?i) and ***: directors.
import { sqlError } from '../../errors/sql-error.ts';
import { type Datum, sqlArray } from '../../types/datum.ts';
import { type BodyFor, fn, kernel, op, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const COMPILED = new Map<string, RegExp>();

function remember(key: string, make: () => RegExp): RegExp {
  let known = COMPILED.get(key);
  if (known === undefined) {
    known = make();
    if (COMPILED.size > 500) COMPILED.clear();
    COMPILED.set(key, known);
  }
  known.lastIndex = 0;
  return known;
}

const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

export function likeRegExp(pattern: string, escapeWith: string, insensitive: boolean): RegExp {
  return remember(`L${insensitive ? 'i' : ''}${escapeWith}\0${pattern}`, () => {
    let source = '';
    const characters = [...pattern];
    for (let i = 0; i < characters.length; i++) {
      let c = characters[i]!;
      if (c === escapeWith) {
        c = characters[++i] ?? '';
        if (c === '') {
          throw sqlError('invalid_escape_sequence', 'LIKE pattern must not end with escape character');
        }
        source += c.replace(SPECIAL, '\\$&');
      } else source += c === '%' ? '.*' : c === '_' ? '.' : c.replace(SPECIAL, '\\$&');
    }
    return new RegExp(`^(?:${source})$`, `su${insensitive ? 'i' : ''}`);
  });
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '0-9',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`\\{-~',
  print: '\\x20-\\x7e\\u00a0-\\u{10ffff}',
  graph: '\\x21-\\x7e\\u00a1-\\u{10ffff}',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
};

const ESCAPES: Readonly<Record<string, string>> = {
  m: '\\b(?=\\w)',
  M: '\\b(?<=\\w)',
  y: '\\b',
  Y: '\\B',
  A: '(?<![\\s\\S])',
  Z: '(?![\\s\\S])',
  a: '\\x07',
  e: '\\x1b',
};

/** A bracket expression from '[' on; returns its translation and where it ends. */
function bracket(pattern: string, start: number): readonly [string, number] {
  let at = start + 1;
  let out = '[';
  if (pattern[at] === '^') {
    out += '^';
    at++;
  }
  for (let first = true; ; first = false) {
    const c = pattern[at];
    if (c === undefined) throw badPattern('brackets [] not balanced');
    if (c === ']' && !first) return [`${out}]`, at + 1];
    const named = /^\[([:.=])(.*?)\1\]/.exec(pattern.slice(at));
    if (named !== null) {
      const translated = named[1] === ':' ? CLASSES[named[2]!] : named[2]!.replace(/[\\\]^[-]/g, '\\$&');
      if (translated === undefined) throw badPattern('invalid character class');
      out += translated;
      at += named[0].length;
    } else if (c === '\\') {
      const next = pattern[at + 1] ?? '';
      out += /[A-Za-z0-9]/.test(next) ? `\\${next}` : next.replace(/[\\\]^[-]/g, '\\$&');
      at += 2;
    } else {
      out += c === '[' || (c === ']' && first) || /[&~!#%,:;<=>@`]/.test(c) ? c.replace(/[[\]]/, '\\$&') : c;
      at++;
    }
  }
}

function badPattern(reason: string) {
  return sqlError('invalid_regular_expression', `invalid regular expression: ${reason}`);
}

function translate(pattern: string): string {
  let out = '';
  for (let i = 0; i < pattern.length; ) {
    const c = pattern[i]!;
    if (c === '[') {
      const [text, next] = bracket(pattern, i);
      out += text;
      i = next;
    } else if (c === '\\') {
      const next = pattern[i + 1];
      if (next === undefined) throw badPattern('invalid escape \\ sequence');
      if (/[A-Za-z0-9]/.test(next)) out += ESCAPES[next] ?? `\\${next}`;
      else out += next.replace(SPECIAL, '\\$&');
      i += 2;
    } else if (c === '{' && !/^\{\d+(?:,\d*)?\}/.test(pattern.slice(i))) {
      out += '\\{';
      i++;
    } else if (c === '}' && !/\{\d+(?:,\d*)?$/.test(out)) {
      out += '\\}';
      i++;
    } else if (c === ']' || c === '/') {
      out += `\\${c}`;
      i++;
    } else {
      out += c;
      i++;
    }
  }
  return out;
}

/** A POSIX pattern with PostgreSQL's option letters as a RegExp; 2201B where it is invalid. */
export function posixRegExp(pattern: string, options = '', global = false): RegExp {
  return remember(`R${global ? 'g' : ''}${options}\0${pattern}`, () => {
    let body = pattern;
    let letters = options;
    let literal = letters.includes('q');
    if (body.startsWith('***=')) {
      literal = true;
      body = body.slice(4);
    } else if (body.startsWith('***:')) body = body.slice(4);
    const embedded = /^\(\?([a-z]+)\)/.exec(body);
    if (embedded !== null && !literal) {
      letters += embedded[1];
      body = body.slice(embedded[0].length);
    }
    let flags = 'u';
    const lineSensitive = /[nm]/.test(letters);
    if (/i/.test(letters) && letters.lastIndexOf('i') > letters.lastIndexOf('c')) flags += 'i';
    if (lineSensitive || letters.includes('w')) flags += 'm';
    if (!lineSensitive && !letters.includes('p')) flags += 's';
    if (global) flags += 'g';
    try {
      return new RegExp(literal ? body.replace(SPECIAL, '\\$&') : translate(body), flags);
    } catch (error) {
      if (error instanceof SyntaxError) throw badPattern(reasonOf(error.message));
      throw error;
    }
  });
}

function reasonOf(message: string): string {
  if (/group|parenthes/i.test(message)) return 'parentheses () not balanced';
  if (/nothing to repeat|quantifier/i.test(message)) return 'quantifier operand invalid';
  if (/range/i.test(message)) return 'invalid character range';
  if (/class/i.test(message)) return 'brackets [] not balanced';
  return 'invalid escape \\ sequence';
}

function checkOptions(flags: string): string {
  for (const letter of flags) {
    if (!'gbceimnpqstwx'.includes(letter)) {
      throw sqlError('invalid_parameter_value', `invalid regular expression option: "${letter}"`);
    }
  }
  return flags.replaceAll('g', '');
}

/** \1 and \& of a replacement. */
function replacer(replacement: string): (...match: unknown[]) => string {
  return (...match) =>
    replacement.replace(/\\([\s\S]?)/g, (_all, c: string) => {
      if (c === '&') return String(match[0]);
      if (/[0-9]/.test(c)) return typeof match[Number(c)] === 'string' ? String(match[Number(c)]) : '';
      return c === '' ? '\\' : c === '\\' ? '\\' : `\\${c}`;
    });
}

function regexpReplace(text: string, pattern: string, replacement: string, flags = ''): string {
  return text.replace(posixRegExp(pattern, checkOptions(flags), flags.includes('g')), replacer(replacement));
}

export function captures(match: RegExpMatchArray): Datum {
  return sqlArray((match.length > 1 ? match.slice(1) : [match[0]]).map((part) => part ?? null));
}

function likeFamily(symbol: string, name: string, insensitive: boolean, negated: boolean): ScalarFunction[] {
  const evaluate = row(([a, b]) => likeRegExp(b as string, '\\', insensitive).test(a as string) !== negated);
  const body: BodyFor = insensitive ? evaluate : kernel(negated ? 'not_like_view' : 'like_view');
  const negator = symbol.startsWith('!') ? symbol.slice(1) : `!${symbol}`;
  return [op(symbol, 'text,text', 'bool', body, { negator }), fn(name, 'text,text', 'bool', evaluate)];
}

function matchOperator(symbol: string, insensitive: boolean, negated: boolean): ScalarFunction {
  const negator = negated ? symbol.slice(1) : `!${symbol}`;
  const test: BodyFor = row(([a, b]) => posixRegExp(b as string, insensitive ? 'i' : '').test(a as string) !== negated);
  return op(symbol, 'text,text', 'bool', test, { negator });
}

function likeEscape(pattern: string, escapeWith: string): string {
  if ([...escapeWith].length > 1) {
    const hint = 'Escape string must be empty or one character.';
    throw sqlError('invalid_escape_sequence', 'invalid escape string', { hint });
  }
  if (escapeWith === '\\') return pattern;
  let out = '';
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const c = characters[i]!;
    if (escapeWith !== '' && c === escapeWith) out += `\\${characters[++i] ?? ''}`;
    else out += c === '\\' ? '\\\\' : c;
  }
  return out;
}

/** A SIMILAR TO pattern as a POSIX one. */
function similarToEscape(pattern: string, escapeWith: string): string {
  let out = '^(?:';
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const c = characters[i]!;
    if (c === escapeWith) out += `\\${characters[++i] ?? ''}`;
    else if (c === '%') out += '.*';
    else if (c === '_') out += '.';
    else out += /[.^$\\]/.test(c) ? `\\${c}` : c;
  }
  return `${out})$`;
}

const three = (f: (a: string, b: string, c: string) => Datum | null): BodyFor =>
  row(([a, b, c]) => f(a as string, b as string, c as string));

export const PATTERNS: readonly ScalarFunction[] = [
  ...likeFamily('~~', 'like', false, false),
  ...likeFamily('!~~', 'notlike', false, true),
  ...likeFamily('~~*', 'texticlike', true, false),
  ...likeFamily('!~~*', 'texticnlike', true, true),
  matchOperator('~', false, false),
  matchOperator('!~', false, true),
  matchOperator('~*', true, false),
  matchOperator('!~*', true, true),
  fn(
    'like_escape',
    'text,text',
    'text',
    row(([a, b]) => likeEscape(a as string, b as string)),
  ),
  fn(
    'similar_to_escape',
    'text',
    'text',
    row(([a]) => similarToEscape(a as string, '\\')),
  ),
  fn(
    'similar_to_escape',
    'text,text',
    'text',
    row(([a, b]) => similarToEscape(a as string, b as string)),
  ),
  fn(
    'regexp_replace',
    'text,text,text',
    'text',
    three((a, b, c) => regexpReplace(a, b, c)),
  ),
  fn(
    'regexp_replace',
    'text,text,text,text',
    'text',
    row((args) => regexpReplace(...(args as [string, string, string, string]))),
  ),
  fn(
    'regexp_match',
    'text,text',
    'text[]',
    row(([a, b]) => {
      const match = (a as string).match(posixRegExp(b as string));
      return match === null ? null : captures(match);
    }),
  ),
  fn(
    'regexp_match',
    'text,text,text',
    'text[]',
    three((a, b, flags) => {
      const match = a.match(posixRegExp(b, checkOptions(flags)));
      return match === null ? null : captures(match);
    }),
  ),
  fn(
    'regexp_like',
    'text,text',
    'bool',
    row(([a, b]) => posixRegExp(b as string).test(a as string)),
  ),
  fn(
    'regexp_like',
    'text,text,text',
    'bool',
    three((a, b, flags) => posixRegExp(b, checkOptions(flags)).test(a)),
  ),
  fn(
    'regexp_count',
    'text,text',
    'int4',
    row(([a, b]) => [...(a as string).matchAll(posixRegExp(b as string, '', true))].length),
  ),
  fn(
    'regexp_substr',
    'text,text',
    'text',
    row(([a, b]) => posixRegExp(b as string).exec(a as string)?.[0] ?? null),
  ),
  fn(
    'substring',
    'text,text',
    'text',
    row(([a, b]) => {
      const match = posixRegExp(b as string).exec(a as string);
      return match === null ? null : match.length > 1 ? (match[1] ?? null) : match[0];
    }),
  ),
  fn(
    'regexp_split_to_array',
    'text,text',
    'text[]',
    row(([a, b]) => sqlArray(splitBy(a as string, b as string))),
  ),
];

/** The pieces between matches; capture groups are not part of the result. */
export function splitBy(text: string, pattern: string, flags = ''): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(posixRegExp(pattern, checkOptions(flags), true))) {
    if (match[0] === '' && (match.index === 0 || match.index >= text.length)) continue;
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}
