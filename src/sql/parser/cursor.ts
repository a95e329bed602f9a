// The parser's cursor over the tokens of one query string: look, accept, expect, fail. All parse functions are plain
// functions over it. The grammar is recursive across files (expressions hold queries and the other way round), so the
// cursor carries the recursive entry points, and the files import each other in one direction only.
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { BinaryExpression, Cast, Expression, FunctionCall, Query, Select, SortKey, Statement } from '../ast.ts';
import { tokenize } from '../lexer/lexer.ts';
import type { Token } from '../lexer/token.ts';

/** The recursive entry points; PostgreSQL's names are a_expr, b_expr, c_expr, SelectStmt, stmt. */
export interface Grammar {
  expression(c: Cursor): Expression;
  /** Without AND, OR, NOT, LIKE, IN, BETWEEN, IS NULL: where these words follow an expression. */
  restrictedExpression(c: Cursor): Expression;
  primary(c: Cursor): Expression;
  /** Goes on behind an operand or a parenthesized query that is already read. */
  continueExpression(c: Cursor, first: Expression): Expression;
  continueQuery(c: Cursor, first: Query): Query;
  query(c: Cursor): Query;
  statement(c: Cursor): Statement;
  /** Other dialects only: the name a function has here, and the forms that what they mean differently takes. */
  functionName?(name: readonly string[]): readonly string[];
  call?(call: FunctionCall): Expression;
  cast?(cast: Cast, token: Token): Expression;
  operator?(expression: BinaryExpression, token: Token): Expression;
  sortKey?(key: SortKey): SortKey;
  select?(select: Select): Select;
}

/** Nesting of parentheses, subqueries, CASE and the like; a deeper text is refused, so that no recursion overflows. */
export const MAX_DEPTH = 500;

export class Cursor {
  readonly text: string;
  readonly grammar: Grammar;
  readonly tokens: readonly Token[];
  token: Token;
  /** of `token` in `tokens` */
  private index = 0;
  private depth = 0;

  /** `tokens` are the text's own unless a dialect made them. */
  constructor(text: string, grammar: Grammar, tokens: readonly Token[] = tokenize(text)) {
    this.text = text;
    this.grammar = grammar;
    this.tokens = tokens;
    this.token = this.tokens[0]!;
    if (this.token.error !== null) throw this.token.error;
  }

  expression(): Expression {
    return this.grammar.expression(this);
  }

  query(): Query {
    return this.grammar.query(this);
  }

  /** The token `distance` ahead; beyond the end, the last one. */
  peek(distance: number): Token {
    return this.tokens[this.index + distance] ?? this.tokens[this.tokens.length - 1]!;
  }

  /** Where the current token stands in `tokens`. */
  get place(): number {
    return this.index;
  }

  /** Whether the current token is this unquoted word, operator or punctuation. */
  at(word: string): boolean {
    return this.token.word === word;
  }

  /** Whether these words come next. */
  atWords(first: string, second: string, third?: string): boolean {
    return (
      this.token.word === first && this.peek(1).word === second && (third === undefined || this.peek(2).word === third)
    );
  }

  atAny(words: ReadonlySet<string>): boolean {
    return words.has(this.token.word);
  }

  atEnd(): boolean {
    return this.token.type === 'end';
  }

  /** Moves on, returns the token passed. Reaching a lexer error throws it. */
  advance(): Token {
    const passed = this.token;
    if (passed.type === 'end') return passed;
    this.index++;
    this.token = this.tokens[this.index]!;
    if (this.token.error !== null) throw this.token.error;
    return passed;
  }

  accept(word: string): boolean {
    if (this.token.word !== word) return false;
    this.advance();
    return true;
  }

  acceptWords(first: string, second: string, third?: string): boolean {
    if (!this.atWords(first, second, third)) return false;
    this.advance();
    this.advance();
    if (third !== undefined) this.advance();
    return true;
  }

  /** Words that belong together once the first one is there. */
  acceptPhrase(first: string, ...rest: readonly string[]): boolean {
    if (!this.accept(first)) return false;
    for (const word of rest) this.expect(word);
    return true;
  }

  expect(word: string): Token {
    if (this.token.word !== word) throw this.fail();
    return this.advance();
  }

  expectWords(...words: readonly string[]): void {
    for (const word of words) this.expect(word);
  }

  /** One of the words, or a syntax error. */
  expectOneOf<W extends string>(...words: readonly W[]): W {
    for (const word of words) {
      if (this.accept(word)) return word;
    }
    throw this.fail();
  }

  /** The content of a string literal (Sconst). */
  expectString(): string {
    if (this.token.type !== 'string') throw this.fail();
    return this.advance().value;
  }

  /** A small unsigned integer (Iconst): PostgreSQL reads a bigger one as a decimal, which does not fit here. */
  expectInteger(): number {
    if (this.token.type !== 'integer' || Number(this.token.value) > 0x7fffffff) throw this.fail();
    return Number(this.advance().value);
  }

  /** `a, b, c` by `parse`. */
  list<T>(parse: (c: Cursor) => T): T[] {
    const items = [parse(this)];
    while (this.accept(',')) items.push(parse(this));
    return items;
  }

  /** `( a, b, c )` by `parse`. */
  parenthesized<T>(parse: (c: Cursor) => T): T[] {
    this.expect('(');
    const items = this.list(parse);
    this.expect(')');
    return items;
  }

  /** PostgreSQL's syntax error at the current token. Returns, does not throw. */
  fail(token: Token = this.token, hint?: string): SqlError {
    if (token.error !== null) return token.error;
    const where = token.type === 'end' ? 'at end of input' : `at or near "${this.text.slice(token.start, token.end)}"`;
    return sqlError('syntax_error', `syntax error ${where}`, {
      position: token.position,
      ...(hint !== undefined && { hint }),
    });
  }

  /** Call on the way down at every construct that can nest in itself, and leave() on the way up. */
  enter(): void {
    if (++this.depth > MAX_DEPTH) throw tooDeep();
  }

  leave(): void {
    this.depth--;
  }
}

export function tooDeep(): SqlError {
  return sqlError('statement_too_complex', 'stack depth limit exceeded', {
    hint: `The statement nests deeper than ${MAX_DEPTH} levels.`,
  });
}
