// Commands that PostgreSQL has and this database does not run: recognized by their first words, so that the answer is "not
// supported" with the command's name instead of a syntax error. Their text is kept, not analysed.

import type { Unsupported } from '../ast-utility.ts';
import type { Token } from '../lexer/token.ts';
import type { Cursor } from './cursor.ts';

/** The words behind the first one, longest first where one begins another. */
const COMMANDS: readonly string[] = [
  'create access method',
  'create cast',
  'create collation',
  'create constraint trigger',
  'create conversion',
  'create default conversion',
  'create event trigger',
  'create foreign data wrapper',
  'create foreign table',
  'create language',
  'create trusted language',
  'create procedural language',
  'create trusted procedural language',
  'create operator class',
  'create operator family',
  'create operator',
  'create policy',
  'create publication',
  'create rule',
  'create server',
  'create statistics',
  'create subscription',
  'create tablespace',
  'create text search',
  'create transform',
  'create trigger',
  'create type',
  'create user mapping',
  'create or replace trigger',
  'create or replace rule',
  'create or replace transform',
  'create or replace language',
  'create or replace trusted language',
  'create or replace procedural language',
  'alter table all in tablespace',
  'alter index all in tablespace',
  'alter materialized view all in tablespace',
  'alter collation',
  'alter conversion',
  'alter default privileges',
  'alter domain',
  'alter event trigger',
  'alter extension',
  'alter foreign data wrapper',
  'alter function',
  'alter procedure',
  'alter routine',
  'alter aggregate',
  'alter subscription',
  'alter group',
  'alter language',
  'alter procedural language',
  'alter large object',
  'alter operator',
  'alter policy',
  'alter publication',
  'alter rule',
  'alter server',
  'alter statistics',
  'alter tablespace',
  'alter text search',
  'alter trigger',
  'alter type',
  'alter user mapping',
  'drop access method',
  'drop cast',
  'drop collation',
  'drop conversion',
  'drop event trigger',
  'drop foreign data wrapper',
  'drop language',
  'drop procedural language',
  'drop operator',
  'drop owned',
  'drop publication',
  'drop server',
  'drop statistics',
  'drop tablespace',
  'drop text search',
  'drop transform',
  'drop user mapping',
  'comment on',
  'import foreign schema',
  'load',
  'reassign owned',
  'security label',
];

/** `first` is the statement's first token, which may be passed already; the cursor goes to the statement's end. */
export function parseUnsupported(c: Cursor, first: Token): Unsupported {
  const command = commandAt(c, first);
  if (command === null) throw c.fail();
  for (let depth = 0; !c.atEnd() && !(depth === 0 && c.at(';')); c.advance()) {
    if (c.at('(')) depth++;
    else if (c.at(')')) depth--;
  }
  const text = c.text.slice(first.start, c.peek(-1).end);
  return { kind: 'unsupported', command: command.toUpperCase(), text, position: first.position };
}

function commandAt(c: Cursor, first: Token): string | null {
  const start = c.tokens.indexOf(first);
  for (const command of COMMANDS) {
    const words = command.split(' ');
    if (words.every((word, ahead) => c.tokens[start + ahead]?.word === word)) return command;
  }
  return null;
}
