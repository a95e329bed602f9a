// Statements that are read and not done: 0A000 with the statement's name and what to do instead.
import { sqlError } from '../../errors/sql-error.ts';
import type { Statement } from '../../sql/ast.ts';

const FOLLOW = 'Use a materialized view, which follows every change, or columns GENERATED ALWAYS AS.';
const CONNECTION = 'Use SET in the session, or parameters of the connection.';

/** By the statement's name, or how it begins. */
const HINTS: readonly (readonly [name: string, hint: string])[] = [
  ['CREATE ENUM', 'Use text with CHECK (column IN (...)).'],
  ['CREATE COMPOSITE TYPE', 'Use columns, or jsonb.'],
  ['CREATE TYPE', 'Use text, columns or jsonb.'],
  ['CREATE DOMAIN', 'Use its type with CHECK in the table.'],
  ['CREATE EXTENSION', 'There are no extensions; gen_random_uuid(), digests and JSON are there without one.'],
  ['DROP EXTENSION', 'There are no extensions.'],
  ['CREATE DATABASE', 'There is one database per server: use CREATE SCHEMA, or start another server with its own --data and --port.'],
  ['CREATE SINK', 'Use COPY (SUBSCRIBE view) TO STDOUT, or a cursor FOR SUBSCRIBE view, and write its rows from a client.'],
  ['CREATE SUBSCRIPTION', 'Use SUBSCRIBE view AS OF epoch: a client that keeps the last _epoch goes on from there while the server runs.'],
  ['CREATE PUBLICATION', 'Use SUBSCRIBE table: it sends every change.'],
  ['CREATE TRIGGER', FOLLOW],
  ['CREATE CONSTRAINT TRIGGER', FOLLOW],
  ['CREATE OR REPLACE TRIGGER', FOLLOW],
  ['DO', 'Send the statements from the client; psql has \\if and \\gexec.'],
  ['CALL', 'Send the statements from the client.'],
  ['CREATE AGGREGATE', 'Use array_agg and a function over arrays: f(array_agg(x)).'],
  ['CREATE RULE', 'Send the statements to the table under the view.'],
  ['CREATE OR REPLACE RULE', 'Send the statements to the table under the view.'],
  ['CREATE POLICY', 'Use a view with the condition, and GRANT on the view.'],
  ['CREATE STATISTICS', 'Leave it out: minimum, maximum and counts are kept by themselves.'],
  ['CREATE TABLESPACE', 'Leave it out: all data is below --data.'],
  ['CREATE FOREIGN', "Use CREATE STREAM ... WITH (connector = ...), or read_parquet, read_csv, read_json in FROM."],
  ['CREATE SERVER', "Use CREATE STREAM ... WITH (connector = ...), or read_parquet, read_csv, read_json in FROM."],
  ['CREATE OPERATOR', 'Use a function.'],
  ['CREATE CAST', 'Use a function.'],
  ['CREATE COLLATION', 'Text is ordered by its bytes, collation "C".'],
  ['CREATE TEXT SEARCH', "Use ILIKE and ~*."],
  ['ALTER SYSTEM', 'Use the options of the server (--help lists them), or SET in the session.'],
  ['ALTER OBJECT OPTIONS', CONNECTION],
  ['ALTER DEFAULT PRIVILEGES', 'GRANT on each table when it is made.'],
  ['DROP OWNED', 'Use DROP and REVOKE by name.'],
  ['REASSIGN OWNED', 'Use ALTER ... OWNER TO by name.'],
  ['SET CONSTRAINTS', 'Constraints are checked at the end of each statement.'],
]; // biome-ignore format: a table

export function refuseStatement(statement: Statement): never {
  const name = statementName(statement);
  const found = HINTS.find(([beginning]) => name === beginning || name.startsWith(`${beginning} `));
  throw sqlError('feature_not_supported', `${shownName(statement, name)} is not supported`, {
    hint: found?.[1] ?? "The README's section Limits lists what is not there yet.",
    position: statement.position,
  });
}

/** CREATE DATABASE from create_database. */
function statementName(statement: Statement): string {
  if (statement.kind === 'unsupported') return statement.command;
  return statement.kind.replaceAll('_', ' ').toUpperCase();
}

function shownName(statement: Statement, name: string): string {
  switch (statement.kind) {
    case 'create_enum':
    case 'create_composite_type':
      return 'CREATE TYPE';
    case 'alter_object_options':
      return `ALTER ${statement.objectType.replaceAll('_', ' ').toUpperCase()} ... SET`;
    default:
      return name;
  }
}
