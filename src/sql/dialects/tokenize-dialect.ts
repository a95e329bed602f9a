// Another dialect's text to the tokens of our parser. Quotes and comments are read here, by the dialect's profile; the text
// between them goes through our own lexer, so numbers, operators and words need no second implementation.
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import { tokenize, truncateIdentifier } from '../lexer/lexer.ts';
import { isIdentifierPart, isLowSurrogate, LexerState } from '../lexer/lexer-state.ts';
import type { Token, TokenType } from '../lexer/token.ts';
import type { DialectProfile } from './dialect-profile.ts';

const BACKSLASH = 0x5c;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', '0': '\0', Z: '\x1a' };

/** All tokens; the last is of type 'end' or 'error'. Positions and offsets are those of the given text. */
export function tokenizeDialect(text: string, profile: DialectProfile): Token[] {
  const state = new LexerState(text);
  const tokens: Token[] = [];
  const raw = (start: number): boolean => {
    const before = text[start - 1];
    return (before === 'r' || before === 'R') && !isIdentifierPart(text.charCodeAt(start - 2));
  };
  let plain = 0;
  try {
    while (state.offset < text.length) {
      const start = state.offset;
      const quote = text[start]!;
      if (skipComment(state, profile)) {
        addPlain(text, plain, start, tokens);
        plain = state.offset;
      } else if (quote === '[' && profile.identifierQuotes.includes('[')) {
        addPlain(text, plain, start, tokens);
        addIdentifier(tokens, readQuoted(state, ']', false), start, state.offset, profile);
        plain = state.offset;
      } else if (quote === "'" || quote === '"' || quote === '`') {
        const identifier = profile.identifierQuotes.includes(quote);
        const isRaw = !identifier && raw(start);
        addPlain(text, plain, isRaw ? start - 1 : start, tokens);
        const value = readQuoted(state, quote, !identifier && !isRaw && profile.backslashEscapes);
        if (identifier) addIdentifier(tokens, value, start, state.offset, profile);
        else addString(tokens, value, isRaw ? start - 1 : start, state.offset);
        plain = state.offset;
      } else {
        state.offset++;
      }
    }
    addPlain(text, plain, text.length, tokens);
    tokens.push(makeToken('end', '', '', text.length, text.length, null));
  } catch (error) {
    tokens.push(makeToken('error', '', '', state.offset, text.length, error as SqlError));
  }
  return withPositions(text, tokens);
}

function makeToken(
  type: TokenType,
  word: string,
  value: string,
  start: number,
  end: number,
  error: SqlError | null,
): Token {
  return { type, word, value, keyword: null, start, end, position: 0, error };
}

/** Tokens between quotes and comments, moved to their place. */
function addPlain(text: string, start: number, end: number, tokens: Token[]): void {
  if (start >= end) return;
  for (const token of tokenize(text.slice(start, end))) {
    if (token.error !== null) {
      const position = (token.error.details.position ?? 1) + start;
      throw sqlError(token.error.condition, token.error.message, { ...token.error.details, position });
    }
    if (token.type !== 'end') tokens.push({ ...token, start: token.start + start, end: token.end + start });
  }
}

/** A quoted name; where quotes may hold a path, its parts and their dots. */
function addIdentifier(tokens: Token[], value: string, start: number, end: number, profile: DialectProfile): void {
  const parts = profile.quotedPaths ? value.split('.') : [value];
  for (const [i, part] of parts.entries()) {
    if (i > 0) tokens.push(makeToken('punctuation', '.', '.', start, end, null));
    tokens.push(makeToken('identifier', '', truncateIdentifier(part), start, end, null));
  }
}

/** A string, perhaps with a prefix that is a token of its own so far: x'1F', N'national'. */
function addString(tokens: Token[], value: string, start: number, end: number): void {
  const before = tokens.at(-1);
  if (before?.type === 'string' && before.end === start) {
    // two literals that touch can only be a doubled quote of a dialect we do not know
    throw sqlError('syntax_error', 'string literals must not touch', { position: start + 1 });
  }
  const prefix = before !== undefined && before.end === start ? before.word : '';
  if (prefix !== 'x' && prefix !== 'n') {
    tokens.push(makeToken('string', '', value, start, end, null));
    return;
  }
  tokens.pop();
  const from = before!.start;
  if (prefix === 'n') tokens.push(makeToken('string', '', value, from, end, null));
  else tokens.push(makeToken('bit_string', '', `x${value}`, from, end, null));
}

/** From the opening quote to behind the closing one; a doubled quote is one. */
function readQuoted(state: LexerState, quote: string, escapes: boolean): string {
  const { text, offset: start } = state;
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === quote) {
      if (text[at + 1] !== quote) {
        state.offset = at + 1;
        return value;
      }
      value += quote;
      at++;
    } else if (escapes && text.charCodeAt(at) === BACKSLASH && at + 1 < text.length) {
      at++;
      const escaped = text[at]!;
      // \% and \_ keep their backslash: they are LIKE's
      value += ESCAPES[escaped] ?? (escaped === '%' || escaped === '_' ? `\\${escaped}` : escaped);
    } else {
      value += character;
    }
  }
  throw state.errorNear('unterminated quoted string', start, text.length);
}

function skipComment(state: LexerState, profile: DialectProfile): boolean {
  const { text, offset } = state;
  const two = text.slice(offset, offset + 2);
  if (two === '--' || (profile.hashComments && text[offset] === '#')) {
    const end = text.indexOf('\n', offset);
    state.offset = end < 0 ? text.length : end;
    return true;
  }
  if (two !== '/*') return false;
  const end = text.indexOf('*/', offset + 2);
  if (end < 0) throw state.errorNear('unterminated /* comment', offset, text.length);
  state.offset = end + 2;
  return true;
}

/** Positions in code points, in one pass. */
function withPositions(text: string, tokens: readonly Token[]): Token[] {
  let counted = 0;
  let low = 0;
  return tokens.map((token) => {
    for (; counted < token.start; counted++) if (isLowSurrogate(text.charCodeAt(counted))) low++;
    return { ...token, position: token.start + 1 - low };
  });
}
