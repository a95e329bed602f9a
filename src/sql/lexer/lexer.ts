// The lexer: a query string to tokens, by PostgreSQL's rules. One pass over char codes, no regular expression per token.
// An error in the text becomes a token of type 'error' and ends the list, so that a syntax error before it is reported
// first, as PostgreSQL does, which reads tokens on demand. String forms are in strings.ts, numbers in numbers.ts.
import type { Pieces } from '../../base/pieces.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { KEYWORDS } from '../../functions/keywords.ts';
import {
  isDigit,
  isIdentifierPart,
  isIdentifierStart,
  isLowSurrogate,
  LexerState,
  skipLineComment,
} from './lexer-state.ts';
import { readNumber, readParameter } from './numbers.ts';
import {
  readBitString,
  readDollarString,
  readEscapeString,
  readPlainString,
  readQuotedIdentifier,
  readUnicode,
} from './strings.ts';
import type { Token, TokenType } from './token.ts';

const IDENTIFIER_BYTES = 63;
/** Tokens between two looks at the clock. */
const TOKENS_PER_LOOK = 1000;

/** All tokens of the text; the last one is of type 'end' or 'error'. */
export function tokenize(text: string): Token[] {
  const reader = new TokenReader(text);
  reader.read(Number.POSITIVE_INFINITY);
  return reader.tokens;
}

/** The same of a long text; others have their turn meanwhile. */
export async function tokenizeInPieces(text: string, pieces: Pieces): Promise<Token[]> {
  const reader = new TokenReader(text);
  while (!reader.read(TOKENS_PER_LOOK)) await pieces.next();
  return reader.tokens;
}

class TokenReader {
  readonly tokens: Token[] = [];
  private readonly text: string;
  private readonly state: LexerState;
  /** characters beyond 16 bits count once in positions, and few texts have one */
  private readonly hasSurrogates: boolean;
  private counted = 0;
  private lowSurrogates = 0;

  constructor(text: string) {
    this.text = text;
    this.state = new LexerState(text);
    this.hasSurrogates = /[\udc00-\udfff]/.test(text);
  }

  /** Reads at most so many tokens; true: the last one is among them. */
  read(most: number): boolean {
    const { text, state } = this;
    let { offset: start } = state;
    try {
      for (let read = 0; read < most; read++) {
        skipBlanks(state);
        start = state.offset;
        state.value = '';
        if (start >= text.length) {
          this.push('end', '', start);
          return true;
        }
        const type = readToken(state);
        if (type === 'identifier' || type === 'keyword')
          this.push(type, isQuote(text, start) ? '' : state.value, start);
        else this.push(type, type === 'operator' || type === 'punctuation' ? state.value : '', start);
      }
      return false;
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.push('error', '', start, error);
      return true;
    }
  }

  private push(type: TokenType, word: string, start: number, error: SqlError | null = null): void {
    const { text, state } = this;
    for (; this.hasSurrogates && this.counted < start; this.counted++) {
      if (isLowSurrogate(text.charCodeAt(this.counted))) this.lowSurrogates++;
    }
    const keyword = type === 'keyword' ? KEYWORDS.get(word)! : null;
    const position = start + 1 - this.lowSurrogates;
    this.tokens.push({ type, word, value: state.value, keyword, start, end: state.offset, position, error });
  }
}

function isQuote(text: string, start: number): boolean {
  const code = text.charCodeAt(start);
  return code === 0x22 || ((code | 0x20) === 0x75 && text.charCodeAt(start + 1) === 0x26);
}

function readToken(state: LexerState): TokenType {
  const { text, offset } = state;
  const code = text.charCodeAt(offset);
  const next = text.charCodeAt(offset + 1);
  if (isIdentifierStart(code)) {
    if (next === 0x27) {
      const prefixed = readPrefixedString(state, code | 0x20);
      if (prefixed !== null) return prefixed;
    }
    if (next === 0x26 && (code | 0x20) === 0x75) {
      const third = text.charCodeAt(offset + 2);
      if (third === 0x27 || third === 0x22) {
        readUnicode(state, third);
        return third === 0x27 ? 'string' : finishIdentifier(state);
      }
    }
    return readWord(state);
  }
  if (code === 0x27) {
    readPlainString(state, offset + 1);
    return 'string';
  }
  if (code === 0x22) {
    readQuotedIdentifier(state, offset + 1);
    return finishIdentifier(state);
  }
  if (isDigit(code) || (code === 0x2e && isDigit(next))) return readNumber(state);
  if (code === 0x24) {
    if (isDigit(next)) return readParameter(state);
    if (readDollarString(state)) return 'string';
    return take(state, 1);
  }
  if (code === 0x3a && (next === 0x3a || next === 0x3d)) return take(state, 2);
  if (code === 0x2e && next === 0x2e) return take(state, 2);
  if (isOperatorCode(code)) return readOperator(state);
  return take(state, code >= 0xd800 && code < 0xdc00 ? 2 : 1);
}

function take(state: LexerState, length: number): TokenType {
  state.value = state.text.slice(state.offset, state.offset + length);
  state.offset += length;
  return 'punctuation';
}

/** E'..', B'..', X'..', N'..'; null when the letter is not one of these. N is the keyword nchar before a plain string. */
function readPrefixedString(state: LexerState, letter: number): TokenType | null {
  switch (letter) {
    case 0x65:
      readEscapeString(state);
      return 'string';
    case 0x62:
    case 0x78:
      readBitString(state, letter === 0x62 ? 'b' : 'x');
      return 'bit_string';
    case 0x6e:
      state.value = 'nchar';
      state.offset += 1;
      return 'keyword';
    default:
      return null;
  }
}

function readWord(state: LexerState): TokenType {
  const { text } = state;
  const start = state.offset;
  let at = start;
  let upper = false;
  let ascii = true;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isIdentifierPart(code)) break;
    if (code >= 0x41 && code <= 0x5a) upper = true;
    else if (code >= 0x80) ascii = false;
  }
  state.offset = at;
  const written = text.slice(start, at);
  const name = upper ? (ascii ? written.toLowerCase() : lowerAscii(written)) : written;
  state.value = name;
  if (KEYWORDS.has(name)) return 'keyword';
  if (!ascii || name.length > IDENTIFIER_BYTES) state.value = truncateIdentifier(name);
  return 'identifier';
}

function finishIdentifier(state: LexerState): TokenType {
  state.value = truncateIdentifier(state.value);
  return 'identifier';
}

function lowerAscii(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** An identifier cut to 63 bytes of UTF-8, at a character's border. */
export function truncateIdentifier(name: string): string {
  if (name.length * 3 <= IDENTIFIER_BYTES || Buffer.byteLength(name) <= IDENTIFIER_BYTES) return name;
  let bytes = 0;
  let kept = '';
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > IDENTIFIER_BYTES) break;
    kept += character;
  }
  return kept;
}

/**
 * The longest run of operator characters, cut at a comment's start; one of several characters may end in + or - only if
 * it holds one of ~ ! @ # % ^ & | ` ? (so `1*-2` is `*` and `-`, but `@-` is one operator).
 */
function readOperator(state: LexerState): TokenType {
  const { text } = state;
  const start = state.offset;
  let end = start;
  let special = false;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (!isOperatorCode(code)) break;
    const next = text.charCodeAt(end + 1);
    if (end > start && ((code === 0x2d && next === 0x2d) || (code === 0x2f && next === 0x2a))) break;
    if (isSpecialOperatorCode(code)) special = true;
  }
  if (!special) while (end - start > 1 && isSign(text.charCodeAt(end - 1))) end--;
  state.offset = end;
  const operator = text.slice(start, end);
  if (operator.length > IDENTIFIER_BYTES) throw state.errorNear('operator too long', start, end);
  state.value = operator === '!=' ? '<>' : operator;
  return operator.length === 1 && '+-*/%^<>='.includes(operator) ? 'punctuation' : 'operator';
}

function skipBlanks(state: LexerState): void {
  const { text } = state;
  for (;;) {
    const code = text.charCodeAt(state.offset);
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) {
      state.offset++;
    } else if (code === 0x2d && text.charCodeAt(state.offset + 1) === 0x2d) {
      skipLineComment(state);
    } else if (code === 0x2f && text.charCodeAt(state.offset + 1) === 0x2a) {
      skipBlockComment(state);
    } else {
      return;
    }
  }
}

/** Nested, as the standard asks. */
function skipBlockComment(state: LexerState): void {
  const { text } = state;
  const start = state.offset;
  let depth = 0;
  while (state.offset < text.length) {
    const code = text.charCodeAt(state.offset);
    const next = text.charCodeAt(state.offset + 1);
    if (code === 0x2f && next === 0x2a) {
      depth++;
      state.offset += 2;
    } else if (code === 0x2a && next === 0x2f) {
      depth--;
      state.offset += 2;
      if (depth === 0) return;
    } else {
      state.offset++;
    }
  }
  state.offset = text.length;
  throw state.errorNear('unterminated /* comment', start, text.length);
}

function isSign(code: number): boolean {
  return code === 0x2b || code === 0x2d;
}

const OPERATOR_CODES = codeSet('~!@#^&|`?+-*/%<>=');
const SPECIAL_OPERATOR_CODES = codeSet('~!@#%^&|`?');

function codeSet(characters: string): Uint8Array {
  const set = new Uint8Array(128);
  for (const character of characters) set[character.charCodeAt(0)] = 1;
  return set;
}

function isOperatorCode(code: number): boolean {
  return OPERATOR_CODES[code] === 1;
}

function isSpecialOperatorCode(code: number): boolean {
  return SPECIAL_OPERATOR_CODES[code] === 1;
}
