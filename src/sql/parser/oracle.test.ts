// PostgreSQL's own parser (libpg-query) as the oracle: it accepts the corpus as we do, our printed tree has its
// fingerprint, and where a text is wrong our message and position are its own. The corpus is testdata/*.sql:
// statements by family, what psql 15 sends for its \d commands (recorded with -E), and texts with errors.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { fingerprintSync, hasSqlDetails, loadModule, parseSync, scanSync } from 'libpg-query';
import { SqlError } from '../../errors/sql-error.ts';
import { randomBelow } from '../../testing/seeded-random.ts';
import { parseStatements } from './parse.ts';
import { printStatement } from './print.ts';

const CORPORA = ['queries', 'changes', 'definitions', 'utility', 'psql-15'] as const;

/**
 * Where our tree is deliberately coarser, so that the fingerprint differs though the meaning is the same: COPY's old flags
 * become `true`, and SET LOCAL TRANSACTION is SET TRANSACTION.
 */
const COARSER = new Set([
  'copy (select * from t) to stdout with csv header',
  `copy t to stdout csv header delimiter as ';' null 'x' quote '"' escape '\\' force quote a, b encoding 'latin1'`,
  'copy t from stdin with freeze',
  'set local transaction read only',
]);

function read(name: string): string {
  return readFileSync(new URL(`testdata/${name}.sql`, import.meta.url), 'utf8');
}

function statementsOf(name: string): string[] {
  return read(name)
    .split(/;\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** 'ok', or the message and position of PostgreSQL's error. */
function oracle(sql: string): string {
  try {
    parseSync(sql);
    return 'ok';
  } catch (error) {
    if (!hasSqlDetails(error) || error.sqlDetails === undefined) throw error;
    const { message, cursorPosition } = error.sqlDetails;
    return `${message} @${cursorPosition + 1}`;
  }
}

function ours(sql: string): string {
  try {
    parseStatements(sql);
    return 'ok';
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return `${error.message} @${error.details.position}`;
  }
}

describe('the parser against PostgreSQL', () => {
  before(async () => {
    await loadModule();
  });

  for (const name of CORPORA) {
    it(`reads and prints ${name}.sql as PostgreSQL does`, () => {
      const statements = statementsOf(name);
      assert.ok(statements.length > 30);
      for (const sql of statements) {
        assert.equal(ours(sql), 'ok', sql);
        const [parsed, ...more] = parseStatements(sql);
        assert.equal(more.length, 0, sql);
        const printed = printStatement(parsed!.statement);
        assert.equal(printStatement(parseStatements(printed)[0]!.statement), printed, `stable: ${sql}`);
        if (COARSER.has(sql)) continue;
        assert.equal(fingerprintSync(printed), fingerprintSync(sql), `${sql}\n-> ${printed}`);
      }
    });
  }

  it('reports errors with the same text at the same position', () => {
    for (const sql of read('errors').split('\n')) {
      if (sql === '') continue;
      assert.notEqual(oracle(sql), 'ok', sql);
      assert.equal(ours(sql), oracle(sql), sql);
    }
  });

  it('agrees, error texts and positions included, on nearly all statements with one token changed', () => {
    const statements = CORPORA.slice(0, 4).flatMap(statementsOf);
    const words = `select from where ( ) , 1 a 'x' and not in = + join on order by null as . * [ ] :: int set to`.split(
      ' ',
    );
    const random = randomBelow(20);
    let agreed = 0;
    let total = 0;
    for (let round = 0; round < 1500; round++) {
      const sql = mutate(statements[random(statements.length)]!, words, random);
      const parsed = sql.trim() === '' ? null : ours(sql);
      // a command without a tree is not looked into
      if (parsed === null || (parsed === 'ok' && parseStatements(sql)[0]?.statement.kind === 'unsupported')) continue;
      total++;
      const expected = oracle(sql);
      if (parsed === expected) agreed++;
    }
    assert.ok(total > 1300 && agreed / total > 0.98, `${agreed} of ${total}`);
  });
});

/** Deletes, inserts, replaces or swaps tokens. */
function mutate(sql: string, words: readonly string[], random: (bound: number) => number): string {
  const tokens = scanSync(sql).tokens.map((token) => token.text);
  const at = random(tokens.length);
  const word = words[random(words.length)]!;
  switch (random(4)) {
    case 0:
      tokens.splice(at, 1);
      break;
    case 1:
      tokens.splice(at, 0, word);
      break;
    case 2:
      tokens[at] = word;
      break;
    default: {
      const other = random(tokens.length);
      [tokens[at], tokens[other]] = [tokens[other]!, tokens[at]!];
    }
  }
  return tokens.join(' ');
}
