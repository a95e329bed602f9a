// LIKE, ILIKE, SIMILAR TO and the match operators ~. LIKE is a kernel; its escaped and case-insensitive forms and the others become
// RegExps (regexp.ts).
import { sqlError } from '../../errors/sql-error.ts';
import { type BodyFor, fn, kernel, op, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { posixRegExp, remember, SPECIAL } from './regexp.ts';
import { substringMatching } from './regexp-functions.ts';

function likeRegExp(pattern: string, escapeWith: string, insensitive: boolean): RegExp {
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

/**
 * A SIMILAR TO pattern as a POSIX one. Two escaped double quotes mark the part that SUBSTRING returns, the first part is then
 * the shortest that fits.
 */
function similarToEscape(pattern: string, escapeWith: string): string {
  if ([...escapeWith].length > 1) {
    const hint = 'Escape string must be empty or one character.';
    throw sqlError('invalid_escape_sequence', 'invalid escape string', { hint });
  }
  const parts = [''];
  let bracket = false;
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const c = characters[i]!;
    let next = c;
    if (c === escapeWith && escapeWith !== '') {
      const escaped = characters[++i] ?? '';
      if (escaped === '"' && !bracket) {
        if (parts.push('') <= 3) continue;
        const message = 'SQL regular expression may not contain more than two escape-double-quote separators';
        throw sqlError('invalid_use_of_escape_character', message);
      }
      next = `\\${escaped}`;
    } else if (bracket) {
      if (c === ']') bracket = false;
      else if (c === '\\') next = '\\\\';
    } else if (c === '[') {
      bracket = true;
      if (characters[i + 1] === '^') next += characters[++i];
      if (characters[i + 1] === ']') next += characters[++i];
    } else if (c === '%') next = '.*';
    else if (c === '_') next = '.';
    else if (c === '(') next = '(?:';
    else if (/[.^$\\]/.test(c)) next = `\\${c}`;
    parts[parts.length - 1] += next;
  }
  if (parts.length < 3) return `^(?:${parts.join('')})$`;
  return `^(?:${parts[0]!.replaceAll('.*', '.*?')})(${parts[1]})(?:${parts[2]})$`;
}

const likeWith = (insensitive: boolean, negated: boolean): BodyFor =>
  row(([a, b]) => likeRegExp(b as string, '\\', insensitive).test(a as string) !== negated);
function likeFamily(symbol: string, name: string, insensitive: boolean, negated: boolean): ScalarFunction[] {
  const evaluate = likeWith(insensitive, negated);
  const body: BodyFor = insensitive ? evaluate : kernel(negated ? 'not_like_view' : 'like_view');
  const negator = symbol.startsWith('!') ? symbol.slice(1) : `!${symbol}`;
  return [
    op(symbol, 'text,text', 'bool', body, { negator }),
    // the blanks of character(n) take part
    op(symbol, 'bpchar,text', 'bool', body, { negator }),
    fn(name, 'text,text', 'bool', evaluate),
  ];
}

function matchOperators(symbol: string, insensitive: boolean, negated: boolean): ScalarFunction[] {
  const negator = negated ? symbol.slice(1) : `!${symbol}`;
  const test: BodyFor = row(([a, b]) => posixRegExp(b as string, insensitive ? 'i' : '').test(a as string) !== negated);
  return ['text,text', 'bpchar,text'].map((types) => op(symbol, types, 'bool', test, { negator }));
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

// biome-ignore format: one function a line
export const PATTERNS: readonly ScalarFunction[] = [
  ...likeFamily('~~', 'like', false, false),
  ...likeFamily('!~~', 'notlike', false, true),
  ...likeFamily('~~*', 'texticlike', true, false),
  ...likeFamily('!~~*', 'texticnlike', true, true),
  ...matchOperators('~', false, false),
  ...matchOperators('!~', false, true),
  ...matchOperators('~*', true, false),
  ...matchOperators('!~*', true, true),
  fn('like_escape', 'text,text', 'text', row(([a, b]) => likeEscape(a as string, b as string))),
  fn('similar_to_escape', 'text', 'text', row(([a]) => similarToEscape(a as string, '\\'))),
  fn('similar_to_escape', 'text,text', 'text', row(([a, b]) => similarToEscape(a as string, b as string))),
  fn('similar_escape', 'text,text', 'text', row(([a, b]) => (a === null ? null : similarToEscape(a as string, (b as string | null) ?? '\\'))), { strict: false }),
  fn('substring', 'text,text', 'text', row(([a, b]) => substringMatching(a as string, b as string))),
  fn('substring', 'text,text,text', 'text', row(([a, b, c]) => substringMatching(a as string, similarToEscape(b as string, c as string)))),
];
