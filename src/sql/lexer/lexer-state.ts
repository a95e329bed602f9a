// The lexer's place in the text, its errors, and the character classes of PostgreSQL's lexer. Any character beyond ASCII
// may be part of an identifier.
import { type SqlError, sqlError } from '../../errors/sql-error.ts';

/** Where the lexer is, and the token just read: readers advance `offset` and set `value`. */
export class LexerState {
  readonly text: string;
  offset = 0;
  value = '';

  constructor(text: string) {
    this.text = text;
  }

  /** PostgreSQL's lexer error: `message at or near "text"`, the text from `start` to `end`. Returns, does not throw. */
  errorNear(message: string, start: number, end: number): SqlError {
    return sqlError('syntax_error', `${message} at or near "${this.text.slice(start, end)}"`, {
      position: this.positionOf(start),
    });
  }

  /** 1-based position in code points of a UTF-16 offset; for errors only (walks the text). */
  positionOf(offset: number): number {
    let position = 1;
    for (let at = 0; at < offset; at++) if (!isLowSurrogate(this.text.charCodeAt(at))) position++;
    return position;
  }
}

export function skipLineComment(state: LexerState): void {
  const { text } = state;
  while (state.offset < text.length) {
    const code = text.charCodeAt(state.offset);
    if (code === 0x0a || code === 0x0d) return;
    state.offset++;
  }
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isIdentifierStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code >= 0x80;
}

export function isIdentifierPart(code: number): boolean {
  return isIdentifierStart(code) || isDigit(code) || code === 0x24;
}

export function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
