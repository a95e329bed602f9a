// The door of the parser: query text to syntax trees. Errors are SqlErrors with PostgreSQL's texts and positions:
// 42601 for syntax, 54001 for statements that nest too deep.
import { Pieces } from '../../base/pieces.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { Expression, ParsedStatement, Statement } from '../ast.ts';
import type { TypeName } from '../ast-definition.ts';
import { tokenizeInPieces } from '../lexer/lexer.ts';
import { Cursor, type Grammar } from './cursor.ts';
import { withForeignHint } from './foreign-words.ts';
import {
  continueExpression,
  parseExpression as parseAnyExpression,
  parseRestrictedExpression,
} from './parse-expression.ts';
import { parsePrimary } from './parse-primary.ts';
import { continueQuery, parseQuery } from './parse-select.ts';
import { parseStatement } from './parse-statement.ts';
import { parseTypeName } from './parse-type.ts';

/** The grammar's entry points; a dialect adds to them. */
export const GRAMMAR: Grammar = {
  expression: parseAnyExpression,
  restrictedExpression: parseRestrictedExpression,
  primary: parsePrimary,
  continueExpression,
  query: parseQuery,
  continueQuery,
  statement: parseStatement,
};

/** All statements of a query string, separated by semicolons; empty ones are left out, so '' and ';' give []. */
export function parseStatements(text: string): readonly ParsedStatement[] {
  return parseAll(new Cursor(text, GRAMMAR));
}

/** The same of a long text; others have their turn while it is read, and before it is parsed. */
export async function parseInPieces(text: string): Promise<readonly ParsedStatement[]> {
  const pieces = new Pieces();
  const tokens = await tokenizeInPieces(text, pieces);
  await pieces.next();
  return parseAll(new Cursor(text, GRAMMAR, tokens));
}

/** The same over a cursor whose tokens come from elsewhere. */
export function parseAll(c: Cursor): readonly ParsedStatement[] {
  const statements: ParsedStatement[] = [];
  for (;;) {
    while (c.accept(';')) {}
    if (c.atEnd()) return statements;
    const { start } = c.token;
    const statement = parseWhole(c);
    const { end } = c.peek(-1);
    statements.push({ statement, text: c.text.slice(start, end), start, end });
  }
}

/** A statement up to its semicolon. */
function parseWhole(c: Cursor): Statement {
  const first = c.place;
  try {
    const statement = parseStatement(c);
    if (!c.at(';') && !c.atEnd()) throw c.fail();
    return statement;
  } catch (error) {
    throw error instanceof SqlError ? withForeignHint(error, c.tokens.slice(first)) : error;
  }
}

/** One expression, as stored for a default or a check. */
export function parseExpression(text: string): Expression {
  const c = new Cursor(text, GRAMMAR);
  const expression = c.expression();
  if (!c.atEnd()) throw c.fail();
  return expression;
}

/** One type name: 'int', 'numeric(10,2)[]', 'timestamp with time zone'. */
export function parseType(text: string): TypeName {
  const c = new Cursor(text, GRAMMAR);
  const type = parseTypeName(c);
  if (!c.atEnd()) throw c.fail();
  return type;
}
