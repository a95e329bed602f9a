// Quoted things for the lexer: '..', E'..', U&'..', $tag$..$tag$, B'..', X'..', "..", U&"..". A string literal goes on in a
// second one if only blanks with a newline stand between them.
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import { isDigit, isIdentifierPart, isIdentifierStart, type LexerState, skipLineComment } from './lexer-state.ts';

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** '..' whose first quote ends at `content`; the state's offset is still the token's start. */
export function readPlainString(state: LexerState, content: number): void {
  state.value = readQuoted(state, content, QUOTE, 'unterminated quoted string', true);
}

export function readQuotedIdentifier(state: LexerState, content: number): void {
  const start = state.offset;
  state.value = readQuoted(state, content, DOUBLE_QUOTE, 'unterminated quoted identifier', false);
  if (state.value === '') throw state.errorNear('zero-length delimited identifier', start, state.offset);
}

export function readBitString(state: LexerState, letter: 'b' | 'x'): void {
  const what = letter === 'b' ? 'unterminated bit string literal' : 'unterminated hexadecimal string literal';
  state.value = letter + readQuoted(state, state.offset + 2, QUOTE, what, true);
}

/** Doubled quotes undone; leaves the offset behind the last quote. */
function readQuoted(state: LexerState, content: number, quote: number, unterminated: string, joins: boolean): string {
  const { text, offset: start } = state;
  const mark = String.fromCharCode(quote);
  let value = '';
  let at = content;
  for (;;) {
    const end = text.indexOf(mark, at);
    if (end < 0) {
      state.offset = text.length;
      throw state.errorNear(unterminated, start, text.length);
    }
    value += text.slice(at, end);
    if (text.charCodeAt(end + 1) === quote) {
      value += mark;
      at = end + 2;
      continue;
    }
    const next = joins ? continuationOf(state, end + 1) : -1;
    if (next < 0) {
      state.offset = end + 1;
      return value;
    }
    at = next;
  }
}

/** The offset behind the quote of a continuing literal, or -1. */
function continuationOf(state: LexerState, from: number): number {
  const { text, offset } = state;
  let newline = false;
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || code === 0x0d) {
      newline = true;
      at++;
    } else if (code === 0x20 || code === 0x09 || code === 0x0c || code === 0x0b) {
      at++;
    } else if (code === 0x2d && text.charCodeAt(at + 1) === 0x2d) {
      state.offset = at;
      skipLineComment(state);
      at = state.offset;
      state.offset = offset;
    } else {
      return newline && code === QUOTE ? at + 1 : -1;
    }
  }
}

/** $$..$$ or $tag$..$tag$; false (nothing read) when the dollar does not start one. */
export function readDollarString(state: LexerState): boolean {
  const { text, offset: start } = state;
  let at = start + 1;
  if (isIdentifierStart(text.charCodeAt(at))) {
    while (isIdentifierPart(text.charCodeAt(at)) && text.charCodeAt(at) !== 0x24) at++;
  }
  if (text.charCodeAt(at) !== 0x24) return false;
  const tag = text.slice(start, at + 1);
  const end = text.indexOf(tag, at + 1);
  if (end < 0) {
    state.offset = text.length;
    throw state.errorNear('unterminated dollar-quoted string', start, text.length);
  }
  state.value = text.slice(at + 1, end);
  state.offset = end + tag.length;
  return true;
}

/** E'..': \b \f \n \r \t \v, \ooo, \xhh, \uXXXX, \UXXXXXXXX, any other character stands for itself. */
export function readEscapeString(state: LexerState): void {
  const { text, offset: start } = state;
  const builder = new EscapedText(state);
  let at = start + 2;
  for (;;) {
    const code = text.charCodeAt(at);
    if (at >= text.length || (code === BACKSLASH && at + 1 >= text.length)) {
      state.offset = text.length;
      throw state.errorNear('unterminated quoted string', start, text.length);
    }
    if (code === BACKSLASH) {
      at = builder.escape(at);
      continue;
    }
    if (code !== QUOTE) {
      builder.plain(text[at]!, at);
      at++;
    } else if (text.charCodeAt(at + 1) === QUOTE) {
      builder.plain("'", at);
      at += 2;
    } else {
      const next = continuationOf(state, at + 1);
      if (next < 0) {
        state.value = builder.finish(at);
        state.offset = at + 1;
        return;
      }
      at = next;
    }
  }
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The content of an E'..' literal: text, bytes from octal and hex escapes (joined to UTF-8), surrogate pairs. */
class EscapedText {
  private readonly state: LexerState;
  private value = '';
  private bytes: number[] = [];
  private highSurrogate = 0;

  constructor(state: LexerState) {
    this.state = state;
  }

  plain(character: string, at: number): void {
    this.flush(at);
    this.value += character;
  }

  finish(at: number): string {
    this.flush(at);
    return this.value;
  }

  /** The escape at the backslash `at`; returns the offset behind it. */
  escape(at: number): number {
    const { text } = this.state;
    const letter = text[at + 1]!;
    if (letter === 'u' || letter === 'U') return this.unicode(at, letter === 'u' ? 4 : 8);
    if (letter >= '0' && letter <= '7') {
      let end = at + 2;
      while (end < at + 4 && text[end]! >= '0' && text[end]! <= '7') end++;
      this.byte(Number.parseInt(text.slice(at + 1, end), 8) & 0xff, at);
      return end;
    }
    if (letter === 'x' && isHex(text.charCodeAt(at + 2))) {
      const end = isHex(text.charCodeAt(at + 3)) ? at + 4 : at + 3;
      this.byte(Number.parseInt(text.slice(at + 2, end), 16), at);
      return end;
    }
    this.plain(SIMPLE_ESCAPES[letter] ?? letter, at);
    return at + 2;
  }

  private unicode(at: number, length: number): number {
    const digits = this.state.text.slice(at + 2, at + 2 + length);
    if (!isHexText(digits, length)) {
      throw sqlError('invalid_escape_sequence', 'invalid Unicode escape', {
        position: this.state.positionOf(at),
        hint: 'Unicode escapes must be \\uXXXX or \\UXXXXXXXX.',
      });
    }
    const code = Number.parseInt(digits, 16);
    if (this.highSurrogate !== 0) {
      if (!isLow(code)) throw this.badPair(at);
      this.value += String.fromCharCode(this.highSurrogate, code);
      this.highSurrogate = 0;
    } else if (isHigh(code)) {
      this.flush(at);
      this.highSurrogate = code;
    } else {
      if (isLow(code)) throw this.badPair(at);
      if (code === 0 || code > 0x10ffff) {
        throw this.state.errorNear('invalid Unicode escape value', at, at + 2 + length);
      }
      this.plain(String.fromCodePoint(code), at);
    }
    return at + 2 + length;
  }

  private badPair(at: number): SqlError {
    const { state } = this;
    const escaped = state.text[at] === '\\' && /[uU]/.test(state.text[at + 1] ?? '');
    const end = escaped ? at + (state.text[at + 1] === 'u' ? 6 : 10) : at + 1;
    return state.errorNear('invalid Unicode surrogate pair', at, end);
  }

  private byte(value: number, at: number): void {
    if (this.highSurrogate !== 0) throw this.badPair(at);
    this.bytes.push(value);
  }

  private flush(at: number): void {
    if (this.highSurrogate !== 0) throw this.badPair(at);
    if (this.bytes.length === 0) return;
    const bytes = Uint8Array.from(this.bytes);
    this.bytes = [];
    const zero = bytes.indexOf(0);
    if (zero >= 0) throw badBytes(bytes.subarray(zero, zero + 1));
    try {
      this.value += new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw badBytes(bytes);
    }
  }
}

function badBytes(bytes: Uint8Array): SqlError {
  const shown = Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
  return sqlError('character_not_in_repertoire', `invalid byte sequence for encoding "UTF8": ${shown}`);
}

/** U&'..' and U&"..", with an optional UESCAPE 'c' behind. */
export function readUnicode(state: LexerState, quote: number): void {
  const start = state.offset;
  const string = quote === QUOTE;
  const what = string ? 'unterminated quoted string' : 'unterminated quoted identifier';
  const raw = readQuoted(state, start + 3, quote, what, string);
  const end = state.offset;
  if (!string && raw === '') throw state.errorNear('zero-length delimited identifier', start, end);
  const mark = readUescape(state) ?? '\\';
  state.value = decodeUnicode(state, raw, mark, start + 3);
}

function readUescape(state: LexerState): string | null {
  const { text } = state;
  const match = /^(?:\s|--[^\n\r]*)*uescape(?:\s|--[^\n\r]*)*/i.exec(text.slice(state.offset, state.offset + 1000));
  if (match === null) return null;
  const at = state.offset + match[0].length;
  if (isIdentifierPart(text.charCodeAt(at)) && !/[\s]$/.test(match[0])) return null;
  if (text.charCodeAt(at) !== QUOTE) {
    const end = /^(?:\w+|.)?/s.exec(text.slice(at))?.[0].length ?? 0;
    if (end === 0) {
      throw sqlError('syntax_error', 'UESCAPE must be followed by a simple string literal at end of input', {
        position: state.positionOf(at),
      });
    }
    throw state.errorNear('UESCAPE must be followed by a simple string literal', at, at + end);
  }
  state.offset = at;
  readPlainString(state, at + 1);
  const mark = state.value;
  const code = mark.charCodeAt(0);
  if (mark.length !== 1 || isHex(code) || code === 0x2b || code === QUOTE || code === DOUBLE_QUOTE || isBlank(code)) {
    throw state.errorNear('invalid Unicode escape character', at, state.offset);
  }
  return mark;
}

function decodeUnicode(state: LexerState, raw: string, mark: string, content: number): string {
  let value = '';
  let high = 0;
  for (let at = 0; at < raw.length; ) {
    if (raw[at] !== mark || raw[at + 1] === mark) {
      if (high !== 0) throw surrogateError(state, content + at);
      value += raw[at];
      at += raw[at] === mark ? 2 : 1;
      continue;
    }
    const long = raw[at + 1] === '+';
    const digits = long ? raw.slice(at + 2, at + 8) : raw.slice(at + 1, at + 5);
    if (!isHexText(digits, long ? 6 : 4)) {
      throw sqlError('syntax_error', 'invalid Unicode escape', {
        position: state.positionOf(content + at),
        hint: 'Unicode escapes must be \\XXXX or \\+XXXXXX.',
      });
    }
    const code = Number.parseInt(digits, 16);
    if (code === 0 || code > 0x10ffff) {
      throw sqlError('syntax_error', 'invalid Unicode escape value', { position: state.positionOf(content + at) });
    }
    if (high !== 0 ? !isLow(code) : isLow(code)) throw surrogateError(state, content + at);
    if (isHigh(code)) {
      high = code;
    } else {
      value += high === 0 ? String.fromCodePoint(code) : String.fromCharCode(high, code);
      high = 0;
    }
    at += long ? 8 : 5;
  }
  if (high !== 0) throw surrogateError(state, content + raw.length);
  return value;
}

function surrogateError(state: LexerState, at: number): SqlError {
  return sqlError('syntax_error', 'invalid Unicode surrogate pair', { position: state.positionOf(at) });
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function isHex(code: number): boolean {
  return isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

function isHexText(digits: string, length: number): boolean {
  if (digits.length !== length) return false;
  for (let at = 0; at < length; at++) if (!isHex(digits.charCodeAt(at))) return false;
  return true;
}
