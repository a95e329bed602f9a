// The functions over regular expressions: match, replace, count, position, split. Positions count characters from 1.
import { sqlError } from '../../errors/sql-error.ts';
import { type Datum, type SqlArray, sqlArray } from '../../types/datum.ts';
import { characterCount } from '../../types/text.ts';
import { type Args, type BodyFor, fn, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { posixRegExp } from './regexp.ts';

/** The option letters without g. Throws for letters that are none, and for g where `caller` finds all matches or just one anyway. */
function optionsOf(flags: string, caller?: string): string {
  for (const letter of flags) {
    if (!'gbceimnpqstwx'.includes(letter)) {
      throw sqlError('invalid_parameter_value', `invalid regular expression option: "${letter}"`);
    }
  }
  if (caller !== undefined && flags.includes('g')) {
    const hint = caller === 'regexp_match' ? { hint: 'Use the regexp_matches function instead.' } : {};
    throw sqlError('invalid_parameter_value', `${caller}() does not support the "global" option`, hint);
  }
  return flags.replaceAll('g', '');
}

function atLeast(least: number, value: number, name: string): number {
  if (value >= least) return value;
  throw sqlError('invalid_parameter_value', `invalid value for parameter "${name}": ${value}`);
}

/** Where the character number `start` (from 1) begins in the string; undefined behind its end. */
function offsetOf(text: string, start: number): number | undefined {
  let at = 0;
  for (let i = 1; i < start; i++) {
    if (at >= text.length) return undefined;
    at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  }
  return at;
}

/** All matches from a character position on. */
function* matchesFrom(text: string, pattern: RegExp, start: number): Generator<RegExpExecArray> {
  let from = offsetOf(text, start);
  while (from !== undefined && from <= text.length) {
    pattern.lastIndex = from;
    const match = pattern.exec(text);
    if (match === null) return;
    yield match;
    const end = match.index + match[0].length;
    from = match[0] !== '' ? end : end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
  }
}

/** \1 and \& of a replacement. */
function replacer(replacement: string): (match: RegExpExecArray) => string {
  if (!replacement.includes('\\')) return () => replacement;
  return (match) =>
    replacement.replace(/\\([\s\S]?)/g, (_all, c: string) => {
      if (c === '&') return match[0];
      if (/[0-9]/.test(c)) return match[Number(c)] ?? '';
      return c === '' || c === '\\' ? '\\' : `\\${c}`;
    });
}

/** Replaces the n-th match from `start` on, all of them where n is 0. */
function replaced(text: string, pattern: RegExp, replacement: string, start = 1, n = 1): string {
  const insert = replacer(replacement);
  let out = '';
  let from = 0;
  let seen = 0;
  for (const match of matchesFrom(text, pattern, start)) {
    if (++seen < n) continue;
    out += text.slice(from, match.index) + insert(match);
    from = match.index + match[0].length;
    if (n > 0) break;
  }
  return out + text.slice(from);
}

function regexpReplace([text, pattern, replacement, flags = '']: Args): string {
  const all = (flags as string).includes('g');
  const regexp = posixRegExp(pattern as string, optionsOf(flags as string), true);
  return replaced(text as string, regexp, replacement as string, 1, all ? 0 : 1);
}

/** The form with a start position and a match number; 'g' of the flags does not count where the number is given. */
function replaceFrom([text, pattern, replacement, start, n = 1, flags = '']: Args): string {
  atLeast(1, start as number, 'start');
  atLeast(0, n as number, 'n');
  const regexp = posixRegExp(pattern as string, optionsOf(flags as string), true);
  return replaced(text as string, regexp, replacement as string, start as number, n as number);
}

function captures(match: RegExpMatchArray): SqlArray {
  return sqlArray((match.length > 1 ? match.slice(1) : [match[0]]).map((part) => part ?? null));
}

function regexpMatch([text, pattern, flags = '']: Args): SqlArray | null {
  const match = posixRegExp(pattern as string, optionsOf(flags as string, 'regexp_match')).exec(text as string);
  return match === null ? null : captures(match);
}

/** The captures of the first match, of all with the flag g. */
export function matchesOf(text: string, pattern: string, flags = ''): Datum[] {
  const regexp = posixRegExp(pattern, optionsOf(flags), true);
  const found: Datum[] = [];
  for (const match of matchesFrom(text, regexp, 1)) {
    found.push(captures(match));
    if (!flags.includes('g')) break;
  }
  return found;
}

function regexpCount([text, pattern, start = 1, flags = '']: Args): number {
  atLeast(1, start as number, 'start');
  const regexp = posixRegExp(pattern as string, optionsOf(flags as string, 'regexp_count'), true);
  let count = 0;
  for (const _match of matchesFrom(text as string, regexp, start as number)) count++;
  return count;
}

function regexpLike([text, pattern, flags = '']: Args): boolean {
  return posixRegExp(pattern as string, optionsOf(flags as string, 'regexp_like')).test(text as string);
}

/** The n-th match, or a group of it, with where it begins; null: there is none. */
function nth(args: Args, caller: string, group: number): { readonly found: string; readonly index: number } | null {
  const [text, pattern, start, n, flags] = args as readonly [string, string, number, number, string];
  const regexp = posixRegExp(pattern, `${optionsOf(flags, caller)}`, true);
  const exact = group > 0 ? new RegExp(regexp.source, `${regexp.flags}d`) : regexp;
  let seen = 0;
  for (const match of matchesFrom(text, exact, start)) {
    if (++seen < n) continue;
    const found = match[group];
    if (found === undefined) return null;
    return { found, index: group === 0 ? match.index : match.indices![group]![0] };
  }
  return null;
}

function regexpInstr([text, pattern, start = 1, n = 1, end = 0, flags = '', group = 0]: Args): number {
  atLeast(1, start as number, 'start');
  atLeast(1, n as number, 'n');
  if (end !== 0 && end !== 1)
    throw sqlError('invalid_parameter_value', `invalid value for parameter "endoption": ${end}`);
  atLeast(0, group as number, 'subexpr');
  const match = nth([text!, pattern!, start!, n!, flags!], 'regexp_instr', group as number);
  if (match === null) return 0;
  const at = end === 1 ? match.index + match.found.length : match.index;
  return characterCount((text as string).slice(0, at)) + 1;
}

function regexpSubstr([text, pattern, start = 1, n = 1, flags = '', group = 0]: Args): string | null {
  atLeast(1, start as number, 'start');
  atLeast(1, n as number, 'n');
  atLeast(0, group as number, 'subexpr');
  return nth([text!, pattern!, start!, n!, flags!], 'regexp_substr', group as number)?.found ?? null;
}

/** The pieces between matches; empty matches at either end and right behind another match do not split. */
export function* splitBy(caller: string, text: string, pattern: string, flags = ''): Generator<string> {
  let from = 0;
  let matchEnd = 0;
  for (const match of matchesFrom(text, posixRegExp(pattern, optionsOf(flags, caller), true), 1)) {
    const end = match.index + match[0].length;
    if (match.index < text.length && end > matchEnd) {
      yield text.slice(from, match.index);
      from = end;
    }
    matchEnd = end;
  }
  yield text.slice(from);
}

const splitToArray: BodyFor = row(([text, pattern, flags = '']) =>
  sqlArray([...splitBy('regexp_split_to_array', text as string, pattern as string, flags as string)]),
);

/** What the pattern, or its first group, matches. */
export function substringMatching(text: string, pattern: string): string | null {
  const match = posixRegExp(pattern).exec(text);
  return match === null ? null : match.length > 1 ? (match[1] ?? null) : match[0];
}

/** One definition for each number of arguments from `least` on. */
function forms(name: string, parameters: string, least: number, result: ScalarFunction['result'], body: BodyFor) {
  const all = parameters.split(',');
  return all.slice(least - 1).map((_type, i) => fn(name, all.slice(0, least + i).join(','), result, body));
}

export const REGEXP_FUNCTIONS: readonly ScalarFunction[] = [
  ...forms('regexp_replace', 'text,text,text,text', 3, 'text', row(regexpReplace)),
  ...forms('regexp_replace', 'text,text,text,int4,int4,text', 4, 'text', row(replaceFrom)),
  ...forms('regexp_match', 'text,text,text', 2, 'text[]', row(regexpMatch)),
  ...forms('regexp_like', 'text,text,text', 2, 'bool', row(regexpLike)),
  ...forms('regexp_count', 'text,text,int4,text', 2, 'int4', row(regexpCount)),
  ...forms('regexp_instr', 'text,text,int4,int4,int4,text,int4', 2, 'int4', row(regexpInstr)),
  ...forms('regexp_substr', 'text,text,int4,int4,text,int4', 2, 'text', row(regexpSubstr)),
  ...forms('regexp_split_to_array', 'text,text,text', 2, 'text[]', splitToArray),
];
