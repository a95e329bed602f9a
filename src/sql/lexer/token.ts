// Tokens, as the lexer makes them and the parser's cursor reads them.
import type { SqlError } from '../../errors/sql-error.ts';
import type { Keyword } from '../../functions/keywords.ts';

export type TokenType =
  | 'keyword'
  | 'identifier'
  | 'string'
  | 'bit_string'
  | 'integer'
  | 'decimal'
  | 'parameter'
  | 'operator'
  | 'punctuation'
  | 'end'
  | 'error';

export interface Token {
  readonly type: TokenType;
  /**
   * What the parser compares: an unquoted word in lower case, an operator or punctuation as written; '' for strings,
   * numbers, quoted identifiers. So `at('select')`, `at('(')` and `at('watermark')` are one kind of question.
   */
  readonly word: string;
  /** An identifier's name, a string's content, a number's digits, a parameter's index. */
  readonly value: string;
  readonly keyword: Keyword | null;
  /** UTF-16 offsets into the text */
  readonly start: number;
  readonly end: number;
  /** 1-based, in code points */
  readonly position: number;
  /** of type 'error': what is wrong, thrown when the parser reaches it */
  readonly error: SqlError | null;
}
