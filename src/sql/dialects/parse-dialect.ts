// The door of the dialects: a query in Spark's, Flink's, MySQL's, .. SQL to our syntax tree, positions included.
//   text -> tokens by the dialect's quotes (tokenize-dialect.ts)
//        -> node-sql-parser, literals lifted out (lift-literals.ts, package-parser.ts), its tree written out as tokens again and
//           checked word for word against the text (write-query.ts, token-follower.ts)
//        -> or, where the package does not understand the text, the tokens themselves
//        -> our spellings (rewrite-tokens.ts) -> our parser with the dialect's meanings (dialect-grammar.ts).
// What is known on neither road is refused with its place: never a guess.
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { ParsedStatement } from '../ast.ts';
import { tokenize } from '../lexer/lexer.ts';
import type { Token } from '../lexer/token.ts';
import { Cursor } from '../parser/cursor.ts';
import { parseAll, parseInPieces, parseStatements } from '../parser/parse.ts';
import { dialectGrammar } from './dialect-grammar.ts';
import { DIALECT_NAMES, type DialectProfile, dialectProfile } from './dialect-profile.ts';
import { liftLiterals } from './lift-literals.ts';
import { parseWithPackage } from './package-parser.ts';
import { rewriteTokens } from './rewrite-tokens.ts';
import { NotUnderstood } from './token-follower.ts';
import { tokenizeDialect } from './tokenize-dialect.ts';
import { writeTrees } from './write-query.ts';

/** Characters from which on a text is not parsed in one turn. */
const LONG_TEXT = 16_384;

const QUERY_WORDS: ReadonlySet<string> = new Set(['select', 'with', 'values', '(']);

/** Statements that hold a query: read by the dialect's rules if they do. */
const HOLDERS: ReadonlySet<string> = new Set('create insert explain declare subscribe copy prepare'.split(' '));

/**
 * All statements of a text in a dialect. Queries, and statements that hold one (CREATE VIEW, INSERT .. SELECT, ..), are read by the
 * dialect's rules; other statements (SET, CREATE TABLE, UPDATE, ..) are ours. Throws or rejects with 22023 for an unknown dialect, 42601 and 54001 as parseStatements, 0A000 for what a dialect
 * means differently or only the dialect knows.
 */
export function parseDialectStatements(
  text: string,
  dialect: string,
): readonly ParsedStatement[] | Promise<readonly ParsedStatement[]> {
  const profile = dialectProfile(dialect);
  if (profile === null) {
    if (/^postgres(ql)?$/i.test(dialect)) return text.length > LONG_TEXT ? parseInPieces(text) : parseStatements(text);
    throw sqlError('invalid_parameter_value', `invalid value for parameter "sql_dialect": "${dialect}"`, {
      hint: `Available values: ${DIALECT_NAMES.join(', ')}.`,
    });
  }
  const first = tokenize(text.slice(0, 1000))[0]!.word;
  if (!QUERY_WORDS.has(first) && !HOLDERS.has(first)) return parseStatements(text);
  const tokens = tokenizeDialect(text, profile);
  const query = queryIn(tokens);
  if (query === null) return parseStatements(text);
  refuseDifferentMeanings(tokens, profile);
  return parseQueries(text, tokens, profile, query);
}

interface TokenRange {
  readonly start: number;
  readonly end: number;
}

/** The query of a statement: the statement itself, or from the first SELECT or WITH name to its end or its closing parenthesis. */
function queryIn(tokens: readonly Token[]): TokenRange | null {
  const all = { start: 0, end: tokens.length - 1 };
  if (QUERY_WORDS.has(tokens[0]!.word)) return all;
  const start = tokens.findIndex((token, at) => {
    const next = tokens[at + 1];
    return (
      token.word === 'select' || (token.word === 'with' && next?.type === 'identifier' && tokens[at + 2]?.word === 'as')
    );
  });
  if (start < 0) return null;
  let depth = 0;
  for (let end = start; end < tokens.length - 1; end++) {
    const { word } = tokens[end]!;
    if (word === '(') depth++;
    else if ((word === ')' && --depth < 0) || (word === ';' && depth === 0)) return { start, end };
  }
  return { start, end: tokens.length - 1 };
}

/** One of the two roads; exported for the test that they agree. */
export function parseDirectly(
  text: string,
  tokens: readonly Token[],
  profile: DialectProfile,
): readonly ParsedStatement[] {
  return parseAll(new Cursor(text, dialectGrammar(profile), rewriteTokens(tokens, profile)));
}

/** The tokens as the package understands them; why not, when it does not. */
export async function understandTokens(
  text: string,
  tokens: readonly Token[],
  profile: DialectProfile,
): Promise<readonly Token[] | NotUnderstood> {
  const end = tokens[tokens.length - 1]!;
  if (end.type === 'error') return new NotUnderstood('the text has an error', end.position);
  const answer = await parseWithPackage(liftLiterals(text, tokens), profile.grammar);
  if (answer.kind !== 'trees') return new NotUnderstood(answer.kind, end.position);
  try {
    return writeTrees(tokens, answer.trees);
  } catch (error) {
    if (error instanceof NotUnderstood) return error;
    throw error;
  }
}

async function parseQueries(
  text: string,
  tokens: readonly Token[],
  profile: DialectProfile,
  query: TokenRange,
): Promise<readonly ParsedStatement[]> {
  const end = tokens[tokens.length - 1]!;
  const understood = await understandTokens(text, [...tokens.slice(query.start, query.end), end], profile);
  if (!(understood instanceof NotUnderstood)) {
    try {
      const whole = [...tokens.slice(0, query.start), ...understood.slice(0, -1), ...tokens.slice(query.end)];
      return parseDirectly(text, whole, profile);
    } catch (error) {
      throw onlyThere(error, profile);
    }
  }
  try {
    return parseDirectly(text, tokens, profile);
  } catch (error) {
    // the package knows a form that we do not
    throw understood.node === null ? error : onlyThere(error, profile);
  }
}

/** A syntax error in a text that is right in its dialect. */
function onlyThere(error: unknown, profile: DialectProfile): unknown {
  if (!(error instanceof SqlError) || error.condition !== 'syntax_error') return error;
  return sqlError('feature_not_supported', `this ${profile.name} syntax is not supported: ${error.message}`, {
    ...error.details,
    hint: "Write the query in PostgreSQL's syntax under SET sql_dialect = 'postgres'.",
  });
}

/** The first element of an array is [0] there and [1] here: such a query would answer wrongly. */
function refuseDifferentMeanings(tokens: readonly Token[], profile: DialectProfile): void {
  if (!profile.zeroBased) return;
  const bracket = tokens.find((token, at) => token.word === '[' && opensSubscript(tokens[at - 1]));
  if (bracket === undefined) return;
  throw sqlError('feature_not_supported', `subscripts are not supported in the ${profile.name} dialect`, {
    hint: 'They count from 0 there and from 1 here; use element_at(array, position).',
    position: bracket.position,
  });
}

/** Behind an operand; `array[1, 2]`, `([1, 2])` and `, [1]` are arrays. */
function opensSubscript(before: Token | undefined): boolean {
  if (before === undefined || before.word === 'array') return false;
  return before.word === ')' || before.word === ']' || before.type === 'identifier' || before.type === 'string';
}
