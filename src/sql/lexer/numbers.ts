// Numbers and parameters for the lexer: 42, 1_000, 0x1F, 0o17, 0b101, 1.5, .5, 1e10, $1. Values stay text, exact at any
// size: integers in base 10, decimals as written without separators.
import { isDigit, isIdentifierPart, isIdentifierStart, type LexerState } from './lexer-state.ts';
import type { TokenType } from './token.ts';

export function readNumber(state: LexerState): TokenType {
  const { text, offset: start } = state;
  if (text.charCodeAt(start) === 0x30) {
    const radix = radixOf(text.charCodeAt(start + 1) | 0x20);
    if (radix !== null) return readRadixInteger(state, radix);
  }
  let at = readDigits(text, start, isDigit);
  let type: TokenType = 'integer';
  if (text.charCodeAt(at) === 0x2e && !(text.charCodeAt(at + 1) === 0x2e && at > start)) {
    type = 'decimal';
    at = readDigits(text, at + 1, isDigit);
  }
  if ((text.charCodeAt(at) | 0x20) === 0x65) {
    const signed = text.charCodeAt(at + 1) === 0x2b || text.charCodeAt(at + 1) === 0x2d;
    const digits = at + (signed ? 2 : 1);
    if (isDigit(text.charCodeAt(digits))) {
      type = 'decimal';
      at = readDigits(text, digits, isDigit);
    } else if (signed) {
      state.offset = digits;
      throw state.errorNear('trailing junk after numeric literal', start, digits);
    }
  }
  finishNumber(state, start, at, 'trailing junk after numeric literal');
  const written = text.slice(start, at);
  const plain = written.includes('_') ? written.replaceAll('_', '') : written;
  state.value = type === 'integer' ? trimZeros(plain) : plain;
  return type;
}

export function readParameter(state: LexerState): TokenType {
  const { text, offset: start } = state;
  let at = start + 1;
  while (isDigit(text.charCodeAt(at))) at++;
  finishNumber(state, start, at, 'trailing junk after parameter');
  state.value = text.slice(start + 1, at);
  if (Number(state.value) > 0x7fffffff) throw state.errorNear('parameter number too large', start, at);
  return 'parameter';
}

interface Radix {
  readonly name: string;
  readonly prefix: string;
  readonly isDigit: (code: number) => boolean;
}
const HEX: Radix = {
  name: 'hexadecimal',
  prefix: '0x',
  isDigit: (code) => isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66),
};
const OCTAL: Radix = { name: 'octal', prefix: '0o', isDigit: (code) => code >= 0x30 && code <= 0x37 };
const BINARY: Radix = { name: 'binary', prefix: '0b', isDigit: (code) => code === 0x30 || code === 0x31 };

function radixOf(letter: number): Radix | null {
  if (letter === 0x78) return HEX;
  if (letter === 0x6f) return OCTAL;
  return letter === 0x62 ? BINARY : null;
}

function readRadixInteger(state: LexerState, radix: Radix): TokenType {
  const { text, offset: start } = state;
  const digits = text.charCodeAt(start + 2) === 0x5f ? start + 3 : start + 2;
  if (!radix.isDigit(text.charCodeAt(digits))) {
    // PostgreSQL's rule matches the prefix and one underscore; a longer match (0xyz) is junk after the number 0.
    if (isIdentifierStart(text.charCodeAt(start + 2)) && digits === start + 2) {
      finishNumber(state, start, start + 1, 'trailing junk after numeric literal');
    }
    state.offset = digits;
    throw state.errorNear(`invalid ${radix.name} integer`, start, digits);
  }
  const at = readDigits(text, digits, radix.isDigit);
  finishNumber(state, start, at, 'trailing junk after numeric literal');
  state.value = BigInt(radix.prefix + text.slice(start + 2, at).replaceAll('_', '')).toString();
  return 'integer';
}

/** Past digits with single underscores between them. */
function readDigits(text: string, start: number, digit: (code: number) => boolean): number {
  let at = start;
  while (digit(text.charCodeAt(at)) || (at > start && text.charCodeAt(at) === 0x5f && digit(text.charCodeAt(at + 1))))
    at++;
  return at;
}

/** A number may not run into a word: 1abc. */
function finishNumber(state: LexerState, start: number, end: number, message: string): void {
  let at = end;
  const digitBehind = end - start > 1 && isDigit(state.text.charCodeAt(at));
  if (digitBehind || isIdentifierStart(state.text.charCodeAt(at))) {
    while (isIdentifierPart(state.text.charCodeAt(at))) at++;
    state.offset = at;
    throw state.errorNear(message, start, message.endsWith('parameter') ? end + 1 : at);
  }
  state.offset = end;
}

function trimZeros(digits: string): string {
  let at = 0;
  while (at < digits.length - 1 && digits.charCodeAt(at) === 0x30) at++;
  return at === 0 ? digits : digits.slice(at);
}
