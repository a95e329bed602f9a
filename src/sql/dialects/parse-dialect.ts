// The door of the dialects: a query in Spark's, Flink's, MySQL's, .. SQL to our syntax tree, positions included. The text is
// read by the dialect's quotes (tokenize-dialect.ts), its spellings become PostgreSQL's (rewrite-tokens.ts), our own parser
// reads the tokens, and calls of functions that are a different shape here are rewritten (rewrite-call.ts). What is not
// known stays as it is and is refused by the parser or the binder: never a guess.
import { sqlError } from '../../errors/sql-error.ts';
import type { ParsedStatement } from '../ast.ts';
import { Cursor, type Grammar } from '../parser/cursor.ts';
import { GRAMMAR, parseAll, parseStatements } from '../parser/parse.ts';
import { DIALECT_NAMES, type DialectProfile, dialectProfile } from './dialect-profile.ts';
import { renameFunction, rewriteCall } from './rewrite-call.ts';
import { rewriteTokens } from './rewrite-tokens.ts';
import { tokenizeDialect } from './tokenize-dialect.ts';

const QUERY_WORDS: ReadonlySet<string> = new Set(['select', 'with', 'values', '(']);

const DIALECT_GRAMMAR: Grammar = { ...GRAMMAR, functionName: renameFunction, call: rewriteCall };

/**
 * All statements of a text in a dialect. Only queries are read by the dialect's rules; other statements (SET, CREATE, ..)
 * are ours. 22023 for an unknown dialect, 42601 and 54001 as parseStatements, 0A000 for what a dialect means differently.
 */
export function parseDialectStatements(text: string, dialect: string): readonly ParsedStatement[] {
  const profile = dialectProfile(dialect);
  if (profile === null) {
    if (/^postgres(ql)?$/i.test(dialect)) return parseStatements(text);
    throw sqlError('invalid_parameter_value', `invalid value for parameter "sql_dialect": "${dialect}"`, {
      hint: `Available values: ${DIALECT_NAMES.join(', ')}.`,
    });
  }
  const tokens = tokenizeDialect(text, profile);
  if (!QUERY_WORDS.has(tokens[0]!.word)) return parseStatements(text);
  refuseDifferentMeanings(tokens, profile);
  return parseAll(new Cursor(text, DIALECT_GRAMMAR, rewriteTokens(tokens, profile)));
}

/** The first element of an array is [0] in Spark and [1] here: such a query would answer wrongly. */
function refuseDifferentMeanings(tokens: ReturnType<typeof tokenizeDialect>, profile: DialectProfile): void {
  if (!['spark', 'databricks', 'hive', 'bigquery'].includes(profile.name)) return;
  const bracket = tokens.find((token, at) => token.word === '[' && tokens[at - 1]?.word !== 'array');
  if (bracket === undefined) return;
  throw sqlError('feature_not_supported', `subscripts are not supported in the ${profile.name} dialect`, {
    hint: 'They count from 0 there and from 1 here; use element_at(array, position).',
    position: bracket.position,
  });
}
