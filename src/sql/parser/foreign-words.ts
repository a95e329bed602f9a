// Statements and words of other engines that are syntax errors here: the error stays PostgreSQL's, with a hint that names our spelling.
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { Token } from '../lexer/token.ts';
import { misspelledHint } from './misspelled-words.ts';

/** How a statement begins, and what to write instead; longest first where one begins another. */
const BEGINNINGS: readonly (readonly [words: string, hint: string])[] = [
  ['use', 'Connect to another database with \\c name, or choose a schema with SET search_path TO name.'],
  ['tail', 'Use SUBSCRIBE view, or COPY (SUBSCRIBE view) TO STDOUT.'],
  ['select top', 'Use LIMIT n at the end.'],
  ['from', 'A query begins with SELECT: SELECT * FROM name.'],
  ['replace into', 'Use INSERT INTO ... ON CONFLICT (key) DO UPDATE SET ...'],
  ['upsert', 'Use INSERT INTO ... ON CONFLICT (key) DO UPDATE SET ...'],
  ['insert overwrite', 'Use TRUNCATE and INSERT INTO in one transaction.'],
  ['insert into table', 'Leave the word TABLE out: INSERT INTO name ...'],
  ['insert or', 'Use INSERT INTO ... ON CONFLICT (key) DO UPDATE SET ..., or DO NOTHING.'],
  ['insert ignore', 'Use INSERT INTO ... ON CONFLICT DO NOTHING.'],
  ['load data', 'Use COPY name FROM, or \\copy in psql.'],
  ['unload', 'Use COPY (query) TO.'],
  ['rename table', 'Use ALTER TABLE name RENAME TO new_name.'],
  ['execute statement set', 'Run each statement by itself; a continuous query is CREATE MATERIALIZED VIEW.'],
  ['begin statement', 'Run each statement by itself; a continuous query is CREATE MATERIALIZED VIEW.'],
  ['add jar', "Use CREATE FUNCTION ... LANGUAGE javascript AS '...'."],
  ['add file', "Use CREATE FUNCTION ... LANGUAGE javascript AS '...'."],
  ['cache', 'Tables are cached by themselves; CREATE MATERIALIZED VIEW keeps a result up to date.'],
  ['uncache', 'Tables are cached by themselves; there is nothing to free.'],
  ['refresh table', 'Leave it out: what is read is always up to date.'],
  ['refresh', 'Use REFRESH MATERIALIZED VIEW name; it is not needed here, views are kept up to date.'],
  ['msck', 'Leave it out: partitions of files are found when they are read.'],
  ['analyze table', 'Use ANALYZE name.'],
  ['optimize', 'Use VACUUM name; it is not needed here.'],
  ['kill', 'Use SELECT pg_cancel_backend(pid) or pg_terminate_backend(pid); pids are in pg_stat_activity.'],
  ['pragma', 'Use SET and SHOW for settings, DESCRIBE name for columns.'],
  ['summarize', 'Use SELECT with count, min, max and avg, or DESCRIBE name for columns.'],
  ['attach', 'Read files with read_parquet, read_csv, read_json.'],
  ['install', 'There are no extensions; what is there is there from the start.'],
  ['create catalog', 'Connectors take their settings in CREATE STREAM ... WITH (connector = ..., ...).'],
  ['create connection', 'Connectors take their settings in CREATE STREAM ... WITH (connector = ..., ...).'],
  ['create secret', 'Connectors take their settings in CREATE STREAM ... WITH (connector = ..., ...).'],
  ['create cluster', 'There is one process and nothing to size: leave it out.'],
  ['create warehouse', 'There is one process and nothing to size: leave it out.'],
  ['create source', "Use CREATE STREAM name (columns) WITH (connector = 'datagen' | 'rate' | 'files', ...)."],
  ['subscribe', 'Use SUBSCRIBE view, or SUBSCRIBE (SELECT ...), then ENVELOPE UPSERT (KEY (column)), WITH (SNAPSHOT = false), AS OF and UP TO.'],
  ['alter materialized view', 'Use ALTER MATERIALIZED VIEW name PAUSE, RESUME, RENAME TO name or SET (option = value).'],
  ['create stream', "Use CREATE STREAM name (columns, WATERMARK FOR time AS time - INTERVAL '5 seconds') WITH (connector = ...)."],
  ['create or replace table', 'Use DROP TABLE IF EXISTS name and CREATE TABLE in one transaction.'],
  ['create external table', "Use CREATE STREAM ... WITH (connector = 'files', path = ...) or CREATE TABLE ... AS SELECT * FROM read_parquet(...)."],
  ['create live', 'Use CREATE MATERIALIZED VIEW.'],
  ['create streaming', 'Use CREATE STREAM, or CREATE MATERIALIZED VIEW for a query.'],
  ['create continuous', 'Use CREATE MATERIALIZED VIEW.'],
]; // biome-ignore format: a table

/** A word where the text cannot be read any more, or just before. */
const WORDS: Readonly<Record<string, string>> = {
  auto_increment: 'Use GENERATED ALWAYS AS IDENTITY, or the type serial.',
  autoincrement: 'Use GENERATED ALWAYS AS IDENTITY, or the type serial.',
  identity: 'Use GENERATED ALWAYS AS IDENTITY.',
  unsigned: 'Use the next larger type, or CHECK (column >= 0).',
  engine: 'Leave it out: there is one kind of table.',
  charset: 'Leave it out: text is UTF-8.',
  comment: 'Use COMMENT ON COLUMN or COMMENT ON TABLE.',
  partitioned: 'Leave it out: tables are columnar and pruned by minimum and maximum.',
  clustered: 'Leave it out: tables are columnar and pruned by minimum and maximum.',
  stored: 'Leave it out: the format of tables is fixed; COPY ... TO writes files.',
  tblproperties: 'Options are WITH (name = value, ...).',
  semi: 'Use LEFT SEMI JOIN, or WHERE EXISTS (SELECT ...).',
  anti: 'Use LEFT ANTI JOIN, or WHERE NOT EXISTS (SELECT ...).',
  minus: 'Use EXCEPT.',
  rlike: "Use ~ : column ~ 'pattern'.",
  regexp: "Use ~ : column ~ 'pattern'.",
  div: 'Use / between integers.',
  pivot: 'Use an aggregate per column: sum(x) FILTER (WHERE k = 1).',
  qualify: 'Use a subquery: SELECT * FROM (SELECT ..., row_number() OVER (...) AS n FROM ...) WHERE n = 1.',
  start: 'Use WITH RECURSIVE.',
  connect: 'Use WITH RECURSIVE.',
  sort: 'Use ORDER BY.',
  distribute: 'Leave it out, or use ORDER BY.',
  cluster: 'Leave it out, or use ORDER BY.',
  prewhere: 'Use WHERE.',
  latest: 'Use SELECT DISTINCT ON (key) * FROM ... ORDER BY key, time DESC.',
  changelog: 'Use SUBSCRIBE.',
};

/** What stands before and behind the place (>) where the text cannot be read any more; # is a number, '' a string, ^ the statement's begin. */
const SITUATIONS: readonly (readonly [around: RegExp, hint: string])[] = [
  [/^create stream (\S+ )+> as/, 'Use CREATE MATERIALIZED VIEW name AS SELECT ...: a query over a stream is a view.'],
  [/ on late > /, 'ON LATE takes REJECT, KEEP or INTO stream.'],
  [/ on error > /, 'ON ERROR takes REJECT, FAIL or INTO stream.'],
  [/ emit( on( window)?)? > /, 'Use EMIT CHANGES, EMIT ON WINDOW CLOSE or EMIT COMPLETE.'],
  [/^delete > /, 'Use DELETE FROM name WHERE ...'],
  [/^insert into \S+ > value /, 'Use VALUES.'],
  [/, > (from|where|group|order|limit|\)) /, 'Leave the comma before it out.'],
  [/ interval > # /, "Use INTERVAL '1 day'."],
  [/ (from|join) > '' /, "Use read_parquet('...'), read_csv('...') or read_json('...')."],
  [/ (group|order) by (> all|all >) /, 'Name the columns, or number them: BY 1, 2.'],
  [/ varchar \( > max /, 'Use text.'],
  [/ (map|struct) > < /, 'Use jsonb.'],
  [/ > array < /, 'Write int[] for an array of int.'],
  [/ double > /, 'Use double precision.'],
  [/ try_cast \(.* > as /, "Use CASE WHEN a ~ 'pattern' THEN a::int END, or SET sql_dialect = 'spark'."],
  [/ > == /, 'Use =.'],
  [/ > \[ /, 'Names are quoted with double quotes, an array is ARRAY[1, 2].'],
]; // biome-ignore format: a table

const BACKQUOTE = "Names are quoted with double quotes; SET sql_dialect = 'spark' or 'mysql' reads backquotes.";
const SINK = 'Use COPY (SUBSCRIBE view) TO STDOUT, or a cursor FOR SUBSCRIBE view, and write its rows from a client.';

/** `statement`: the tokens from the statement's first on. Errors that are no syntax errors, or have a hint, come back as they are. */
export function withForeignHint(error: SqlError, statement: readonly Token[]): SqlError {
  if (error.sqlstate !== '42601' || error.details.hint !== undefined) return error;
  if (begins(statement, 'create sink')) {
    return sqlError('feature_not_supported', 'CREATE SINK is not supported', {
      position: statement[0]!.position,
      hint: SINK,
    });
  }
  const hint = hintFor(statement, error.details.position);
  return hint === undefined ? error : sqlError('syntax_error', error.message, { ...error.details, hint });
}

function begins(statement: readonly Token[], words: string): boolean {
  return words.split(' ').every((word, i) => statement[i]?.word === word);
}

function hintFor(statement: readonly Token[], position: number | undefined): string | undefined {
  const at = statement.findIndex((token) => token.position === position);
  const situation = at < 0 ? '' : surroundings(statement, at);
  const special =
    SITUATIONS.find(([around]) => around.test(situation)) ?? BEGINNINGS.find(([words]) => begins(statement, words));
  if (special !== undefined) return special[1];
  if (at < 0) return undefined;
  if (statement.slice(0, at + 1).some((token) => token.word === '`')) return BACKQUOTE;
  const near = [statement[at], statement[at - 1]];
  const foreign = near.map((token) => WORDS[token?.word ?? '']).find((hint) => hint !== undefined);
  return foreign ?? misspelledHint(near);
}

/** Up to ten tokens before the one that cannot be read, `>`, it and the next; all closed by a blank. */
function surroundings(statement: readonly Token[], at: number): string {
  const begin = Math.max(0, at - 10);
  const text = (from: number, to: number) =>
    statement
      .slice(from, to)
      .map((token) => `${shown(token)} `)
      .join('');
  return `${begin === 0 ? '' : ' '}${text(begin, at)}> ${text(at, at + 2)}`;
}

function shown({ type, word, value }: Token): string {
  if (type === 'string') return "''";
  if (type === 'integer' || type === 'decimal') return '#';
  return word === '' ? value : word;
}
