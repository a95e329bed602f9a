// PostgreSQL's regular expressions (AREs) as JavaScript RegExps, remembered by pattern: classes such as [[:alpha:]], \m \M \y \A \Z,
// embedded options (?i) and directors ***:, letters and digits of all alphabets. Where alternatives are plain words the longest
// comes first, because POSIX takes the longest match; alternatives that are patterns are tried in the order they are written.
import { sqlError } from '../../errors/sql-error.ts';

const COMPILED = new Map<string, RegExp>();

/** The RegExp made before for this key, or a new one; ready to search from the start. */
export function remember(key: string, make: () => RegExp): RegExp {
  let known = COMPILED.get(key);
  if (known === undefined) {
    known = make();
    if (COMPILED.size > 500) COMPILED.clear();
    COMPILED.set(key, known);
  }
  known.lastIndex = 0;
  return known;
}

/** Characters that mean something in a RegExp. */
export const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

// As in the C library's tables for Unicode: vowel signs and digits of other alphabets are letters, no-break spaces are punctuation.
const LETTER = '\\p{Alphabetic}\\p{Nd}';
const SPACE = '\\t-\\r \\u1680\\u2000-\\u2006\\u2008-\\u200a\\u2028\\u2029\\u205f\\u3000';
const NO_BREAK = '\\u00a0\\u2007\\u202f';
const WORD = `${LETTER}_`;
const CLASSES: Readonly<Record<string, string>> = {
  alpha: '\\p{Alphabetic}',
  digit: '0-9',
  alnum: LETTER,
  upper: '\\p{Changes_When_Lowercased}',
  lower: '\\p{Lowercase}\\p{Changes_When_Titlecased}',
  space: SPACE,
  blank: ' \\t',
  punct: `!-\\/:-@\\[-\`\\{-~${NO_BREAK}\\p{P}\\p{S}\\p{No}\\p{Cf}\\p{Co}`,
  print: ' \\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}\\p{Cf}\\p{Co}',
  graph: `\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}${NO_BREAK}`,
  cntrl: '\\x00-\\x1f\\x7f-\\x9f',
  xdigit: '0-9A-Fa-f',
  word: WORD,
};

const WORD_START = `(?<![${WORD}])(?=[${WORD}])`;
const WORD_END = `(?<=[${WORD}])(?![${WORD}])`;
const ESCAPES: Readonly<Record<string, string>> = {
  m: WORD_START,
  M: WORD_END,
  y: `(?:${WORD_START}|${WORD_END})`,
  Y: `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`,
  A: '(?<![\\s\\S])',
  Z: '(?![\\s\\S])',
  a: '\\x07',
  b: '\\x08',
  B: '\\\\',
  e: '\\x1b',
  s: `[${SPACE}]`,
  S: `[^${SPACE}]`,
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
};
const IN_BRACKETS: Readonly<Record<string, string>> = {
  s: SPACE,
  w: WORD,
  a: '\\x07',
  b: '\\x08',
  B: '\\\\',
  e: '\\x1b',
};

function badPattern(reason: string) {
  return sqlError('invalid_regular_expression', `invalid regular expression: ${reason}`);
}

/** The pattern letter by letter; `out` grows, `at` moves on. */
class Translation {
  private readonly pattern: string;
  private readonly lines: boolean;
  private at = 0;

  /** `lines`: a negated bracket does not match a line feed. */
  constructor(pattern: string, lines: boolean) {
    this.pattern = pattern;
    this.lines = lines;
  }

  source(): string {
    let out = '';
    while (this.at < this.pattern.length) {
      const start = this.at;
      out += this.one(out);
      const constraint = /^(?:[\^$]|\\[mMyYAZ]|\[\[:[<>]:\]\])$/.test(this.pattern.slice(start, this.at));
      if (constraint && /^(?:[*+?]|\{\d)/.test(this.pattern.slice(this.at))) {
        throw badPattern('quantifier operand invalid');
      }
    }
    return out;
  }

  private one(before: string): string {
    const { pattern } = this;
    const c = pattern[this.at]!;
    if (c === '[') return this.bracket();
    if (c === '\\') return this.escape();
    if (
      c === '(' &&
      !/^\(\?(?:[:=!]|<[=!])/.test(pattern.slice(this.at, this.at + 4)) &&
      pattern[this.at + 1] === '?'
    ) {
      throw badPattern('quantifier operand invalid');
    }
    this.at++;
    if (c === '{') return this.bound();
    if (c === '}' && !/\{\d+(?:,\d*)?$/.test(before)) return '\\}';
    return c === ']' || c === '/' ? `\\${c}` : c;
  }

  /** { starts a bound where a digit follows. */
  private bound(): string {
    const rest = this.pattern.slice(this.at);
    if (!/^\d/.test(rest)) return '\\{';
    if (this.at === 1) throw badPattern('quantifier operand invalid');
    const bound = /^(\d+)(?:,(\d*))?\}/.exec(rest);
    if (bound === null) throw badPattern(rest.includes('}') ? 'invalid repetition count(s)' : 'braces {} not balanced');
    const most = bound[2] === undefined || bound[2] === '' ? Number(bound[1]) : Number(bound[2]);
    if (most > 255 || Number(bound[1]) > most) throw badPattern('invalid repetition count(s)');
    return '{';
  }

  private escape(): string {
    const next = this.pattern[this.at + 1];
    if (next === undefined) throw badPattern('invalid escape \\ sequence');
    this.at += 2;
    if (!/[A-Za-z0-9]/.test(next)) return next.replace(SPECIAL, '\\$&');
    return ESCAPES[next] ?? this.character(next) ?? `\\${next}`;
  }

  /** \xhh.. \uhhhh \Uhhhhhhhh \0 as a character. */
  private character(letter: string): string | undefined {
    const digits = { x: /^[0-9a-fA-F]+/, u: /^[0-9a-fA-F]{4}/, U: /^[0-9a-fA-F]{8}/ }[letter];
    if (letter === '0') return '\\x00';
    if (digits === undefined) return undefined;
    const found = digits.exec(this.pattern.slice(this.at))?.[0];
    if (found === undefined) throw badPattern('invalid escape \\ sequence');
    this.at += found.length;
    return `\\u{${found.slice(-8).replace(/^0+(?=.)/, '')}}`;
  }

  private bracket(): string {
    const word = /^\[\[:([<>]):\]\]/.exec(this.pattern.slice(this.at));
    if (word !== null) {
      this.at += word[0].length;
      return word[1] === '<' ? WORD_START : WORD_END;
    }
    let out = '[';
    this.at++;
    if (this.pattern[this.at] === '^') {
      out += this.lines ? '^\\n' : '^';
      this.at++;
    }
    for (let first = true; ; first = false) {
      const c = this.pattern[this.at];
      if (c === undefined) throw badPattern('brackets [] not balanced');
      if (c === ']' && !first) break;
      out += this.bracketItem(c);
    }
    this.at++;
    return `${out}]`;
  }

  private bracketItem(c: string): string {
    const named = /^\[([:.=])(.*?)\1\]/.exec(this.pattern.slice(this.at));
    if (named !== null) {
      this.at += named[0].length;
      if (named[1] !== ':') return named[2]!.replace(/[\\\]^[-]/g, '\\$&');
      const found = CLASSES[named[2]!];
      if (found === undefined) throw badPattern('invalid character class');
      return found;
    }
    if (c !== '\\') {
      this.at++;
      return c === '[' || c === ']' ? `\\${c}` : c;
    }
    const next = this.pattern[this.at + 1] ?? '';
    this.at += 2;
    if (!/[A-Za-z0-9]/.test(next)) return next.replace(/[\\\]^[-]/g, '\\$&');
    return IN_BRACKETS[next] ?? this.character(next) ?? `\\${next}`;
  }
}

const PLAIN_WORDS = /^[^\\^$.*+?()[\]{}|]*(?:\|[^\\^$.*+?()[\]{}|]*)+$/;

/** Alternatives that are plain words, longest first: the whole pattern, or the inside of a group. */
function longestFirst(pattern: string): string {
  const sorted = (words: string) =>
    words
      .split('|')
      .sort((a, b) => b.length - a.length)
      .join('|');
  if (PLAIN_WORDS.test(pattern)) return sorted(pattern);
  return pattern.replace(/(?<!\\)\((\?:)?([^\\^$.*+?()[\]{}]*\|[^\\^$.*+?()[\]{}]*)\)/g, (_all, kind = '', words) => {
    return `(${kind}${sorted(words)})`;
  });
}

/** The 'x' option: blanks and comments outside brackets are not part of the pattern. */
function withoutBlanks(pattern: string): string {
  return pattern.replace(/(\\[\s\S]|\[\^?\]?(?:\[[:.=].*?[:.=]\]|[^\]])*\])|\s+|#[^\n]*/g, (_all, kept = '') => kept);
}

function compile(pattern: string, options: string, global: boolean): RegExp {
  let body = pattern;
  let letters = options;
  if (body.startsWith('***=')) [body, letters] = [body.slice(4), `${letters}q`];
  else if (body.startsWith('***:')) body = body.slice(4);
  const embedded = letters.includes('q') ? null : /^\(\?([a-z]+)\)/.exec(body);
  if (embedded !== null) [body, letters] = [body.slice(embedded[0].length), letters + embedded[1]];
  const last = (set: string) => [...letters].findLast((letter) => set.includes(letter)) ?? '';
  const newline = last('nmspw');
  let flags = global ? 'gu' : 'u';
  if (last('ic') === 'i') flags += 'i';
  if (newline === 'n' || newline === 'm' || newline === 'w') flags += 'm';
  const lines = newline === 'n' || newline === 'm' || newline === 'p';
  if (!lines) flags += 's';
  if (letters.includes('q')) return new RegExp(body.replace(SPECIAL, '\\$&'), flags);
  if (letters.includes('x')) body = withoutBlanks(body);
  if (body.includes('|')) body = longestFirst(body);
  const source = new Translation(body, lines).source();
  try {
    return new RegExp(source, flags);
  } catch (error) {
    if (error instanceof SyntaxError) throw badPattern(reasonOf(error.message));
    throw error;
  }
}

/** A POSIX pattern with PostgreSQL's option letters as a RegExp; 2201B where it is invalid. */
export function posixRegExp(pattern: string, options = '', global = false): RegExp {
  return remember(`R${global ? 'g' : ''}${options}\0${pattern}`, () => compile(pattern, options, global));
}

function reasonOf(message: string): string {
  if (/group|parenthes/i.test(message)) return 'parentheses () not balanced';
  if (/nothing to repeat|quantifier/i.test(message)) return 'quantifier operand invalid';
  if (/range/i.test(message)) return 'invalid character range';
  if (/class/i.test(message)) return 'brackets [] not balanced';
  if (/reference/i.test(message)) return 'invalid backreference number';
  return 'invalid escape \\ sequence';
}
