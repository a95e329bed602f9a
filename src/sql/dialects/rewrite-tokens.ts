// Spellings of other dialects that differ only in words: <=>, ==, RLIKE, DIV, type names behind CAST(.. AS and ::,
// INTERVAL 5 MINUTES. Each becomes the tokens of PostgreSQL's spelling at the same place in the text.
import { KEYWORDS } from '../../functions/keywords.ts';
import type { Token, TokenType } from '../lexer/token.ts';
import type { DialectProfile } from './dialect-profile.ts';

const UNITS: ReadonlySet<string> = new Set(
  'year month week day hour minute second years months weeks days hours minutes seconds'.split(' '),
);

const CASTS: ReadonlySet<string> = new Set(['cast', 'try_cast', 'safe_cast']);
/** Locks that a reader of snapshots does not take. */
const NO_LOCK: ReadonlySet<string> = new Set(['nolock', 'readuncommitted']);

/** current_date() is current_date. */
const EMPTY_CALLS: ReadonlySet<string> = new Set([
  'current_date',
  'current_timestamp',
  'current_user',
  'localtimestamp',
]);
/** What a table stands behind. */
const TABLE_STARTS: ReadonlySet<string> = new Set(['from', 'join']);
const QUERY_STARTS: ReadonlySet<string> = new Set(['select', 'with', 'values', '(']);

export function rewriteTokens(tokens: readonly Token[], profile: DialectProfile): Token[] {
  const output: Token[] = [];
  /** Parenthesis depths at which a CAST is open. */
  const casts: number[] = [];
  let depth = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    const { word } = token;
    if (word === '(') {
      depth++;
      if (CASTS.has(tokens[at - 1]?.word ?? '')) casts.push(depth);
    } else if (word === ')') {
      if (casts.at(-1) === depth) casts.pop();
      depth--;
    }
    const type = (word === 'as' && casts.at(-1) === depth) || word === '::';
    if (type) {
      output.push(token);
      at = rewriteType(tokens, at + 1, profile, output);
    } else if (word === 'interval' && isAmount(tokens[at + 1]) && UNITS.has(tokens[at + 2]?.word ?? '')) {
      const text = `${tokens[at + 1]!.value} ${tokens[at + 2]!.word}`;
      output.push(token, { ...tokens[at + 1]!, type: 'string', word: '', value: text, end: tokens[at + 2]!.end });
      at += 2;
    } else if (word === 'lateral' && tokens[at + 1]?.word === 'table' && tokens[at + 2]?.word === '(') {
      // LATERAL TABLE(f(x)) is LATERAL f(x)
      const close = closingParenthesis(tokens, at + 2);
      output.push(token, ...rewriteTokens(tokens.slice(at + 3, close), profile));
      at = close;
    } else if (word === 'sort' && tokens[at + 1]?.word === 'by') {
      // rows sorted within each of its partitions; here there is one
      output.push(wordAt(token, 'order'));
    } else if (word === 'values' && TABLE_STARTS.has(tokens[at - 1]?.word ?? '') && tokens[at + 1]?.word === '(') {
      // FROM VALUES (1), (2) is FROM (VALUES (1), (2))
      const end = rowsEnd(tokens, at + 1);
      const list = rewriteTokens(tokens.slice(at + 1, end), profile);
      output.push(parenthesis(token, '('), token, ...list, parenthesis(tokens[end - 1]!, ')'));
      at = end - 1;
    } else if (CASTS.has(word) && word !== 'cast' && tokens[at + 1]?.word === '(') {
      // the value tells them from CAST: dialect-grammar.ts
      output.push({ ...wordAt(token, 'cast'), value: 'try_cast' });
    } else if (word === 'with' && (tokens[at + 1]?.word === 'rollup' || tokens[at + 1]?.word === 'cube')) {
      groupBySet(output, tokens[at + 1]!);
      at++;
    } else if (
      word === 'with' &&
      tokens[at + 1]?.word === '(' &&
      NO_LOCK.has(tokens[at + 2]?.word ?? '') &&
      tokens[at + 3]?.word === ')'
    ) {
      at += 3;
    } else if (EMPTY_CALLS.has(word) && tokens[at + 1]?.word === '(' && tokens[at + 2]?.word === ')') {
      output.push(token);
      at += 2;
    } else if (word === 'array' && tokens[at + 1]?.word === '(' && !QUERY_STARTS.has(tokens[at + 2]?.word ?? '')) {
      // array(1, 2) is a call there and would be a subquery here
      output.push({ ...token, type: 'identifier', keyword: null });
    } else {
      // DIV(7, 2) is a call
      if (word === 'div' && !isOperand(tokens[at - 1])) output.push(token);
      else output.push(...rewriteWord(token, profile));
    }
  }
  return output;
}

/** GROUP BY a, b WITH ROLLUP is GROUP BY ROLLUP (a, b). */
function groupBySet(output: Token[], set: Token): void {
  let depth = 0;
  for (let at = output.length - 1; at > 0; at--) {
    const { word } = output[at]!;
    if (word === ')') depth++;
    else if (word === '(') depth--;
    if (depth !== 0 || word !== 'by' || output[at - 1]!.word !== 'group') continue;
    output.splice(at + 1, 0, wordAt(set, set.word), parenthesis(set, '('));
    output.push(parenthesis(set, ')'));
    return;
  }
}

function closingParenthesis(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]!.word === '(') depth++;
    else if (tokens[at]!.word === ')' && --depth === 0) return at;
  }
  return tokens.length;
}

/** The offset behind `(..), (..)`. */
function rowsEnd(tokens: readonly Token[], open: number): number {
  const close = closingParenthesis(tokens, open);
  const more = tokens[close + 1]?.word === ',' && tokens[close + 2]?.word === '(';
  return more ? rowsEnd(tokens, close + 2) : Math.min(close + 1, tokens.length);
}

function parenthesis(at: Token, word: '(' | ')'): Token {
  return { ...at, type: 'punctuation', word, value: word, keyword: null };
}

function isOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.word === ')' || token.word === ']' || !['keyword', 'operator', 'punctuation'].includes(token.type);
}

function isAmount(token: Token | undefined): boolean {
  return token?.type === 'integer' || (token?.type === 'string' && /^\s*[-+]?\d+\s*$/.test(token.value));
}

function rewriteWord(token: Token, profile: DialectProfile): Token[] {
  switch (token.word) {
    case '||':
      return profile.logicalBars ? [wordAt(token, 'or')] : [token];
    case '&&':
      return [wordAt(token, 'and')];
    case '<=>':
      return ['is', 'not', 'distinct', 'from'].map((word) => wordAt(token, word));
    case '==':
      return [{ ...token, type: 'punctuation', word: '=', value: '=' }];
    case 'rlike':
    case 'regexp':
      return [{ ...token, type: 'operator', word: '~', value: '~', keyword: null }];
    case 'grouping_id':
      return [wordAt(token, 'grouping')];
    case 'minus':
      return [wordAt(token, 'except')];
    case 'qualify':
      // reserved there: not an alias of the table before it
      return [{ ...token, type: 'keyword', keyword: KEYWORDS.get('having')! }];
    case 'div':
      // the value tells it from a slash: dialect-grammar.ts
      return [{ ...token, type: 'punctuation', word: '/', value: 'div', keyword: null }];
    default:
      return [token];
  }
}

function wordAt(token: Token, word: string): Token {
  const keyword = KEYWORDS.get(word) ?? null;
  const type: TokenType = keyword === null ? 'identifier' : 'keyword';
  return { ...token, type, word, value: word, keyword };
}

/** The type at `at`; ARRAY<t> is t[]. Returns the offset of its last token. */
function rewriteType(tokens: readonly Token[], at: number, profile: DialectProfile, output: Token[]): number {
  const token = tokens[at];
  if (token === undefined) return at - 1;
  if (token.word === 'array' && tokens[at + 1]?.word === '<') {
    const last = rewriteType(tokens, at + 2, profile, output);
    const close = tokens[last + 1];
    if (close?.word !== '>') return last;
    for (const bracket of ['[', ']']) output.push({ ...close, type: 'punctuation', word: bracket, value: bracket });
    return last + 1;
  }
  const name = profile.types.get(token.word.toUpperCase());
  // TIMESTAMP WITHOUT TIME ZONE and DOUBLE PRECISION already say what they are
  const next = tokens[at + 1]?.word;
  if (name === undefined || next === 'precision' || next === 'with' || next === 'without') output.push(token);
  else output.push(...name.split(' ').map((word) => wordAt(token, word)));
  return at;
}
