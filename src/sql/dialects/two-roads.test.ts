// The package's tree and our own parser read the same query from the same text; what the package's tree drops is noticed; its
// grammars' backtracking stops nobody.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from '../../testing/seeded-fast-check.ts';
import { printStatement } from '../parser/print.ts';
import { type DialectProfile, dialectProfile } from './dialect-profile.ts';
import { parseDialectStatements, parseDirectly, understandTokens } from './parse-dialect.ts';
import { NotUnderstood } from './token-follower.ts';
import { tokenizeDialect } from './tokenize-dialect.ts';

const DIALECTS = [
  'spark',
  'flink',
  'mysql',
  'bigquery',
  'snowflake',
  'trino',
  'sqlite',
  'redshift',
  'transactsql',
  'db2',
];

/** Both readings as our SQL; `direct` and `throughPackage` are null where a road does not understand. */
async function bothRoads(sql: string, profile: DialectProfile) {
  const tokens = tokenizeDialect(sql, profile);
  const understood = await understandTokens(sql, tokens, profile);
  const read = (from: Parameters<typeof parseDirectly>[1]): string | null => {
    try {
      return parseDirectly(sql, from, profile)
        .map((one) => printStatement(one.statement))
        .join(';');
    } catch {
      return null;
    }
  };
  return { throughPackage: understood instanceof NotUnderstood ? null : read(understood), direct: read(tokens) };
}

const { expression } = fc.letrec<{ expression: string; operand: string }>((tie) => ({
  operand: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', 't.c', '12', "'x y'", '1.50', 'NULL', '12345678901234567890'),
    tie('expression').map((inner) => `(${inner})`),
    fc.tuple(fc.constantFrom('f', 'coalesce', 'sum'), tie('expression')).map(([name, inner]) => `${name}(${inner})`),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map(([when, result]) => `CASE WHEN ${when} THEN ${result} ELSE 0 END`),
    tie('expression').map((inner) => `CAST(${inner} AS DATE)`),
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('operand'),
    fc
      .tuple(
        tie('operand'),
        fc.constantFrom('+', '-', '*', '/', '=', '<>', '<', '>=', 'AND', 'OR', 'LIKE'),
        tie('expression'),
      )
      .map((parts) => parts.join(' ')),
    tie('operand').map((operand) => `NOT ${operand}`),
    tie('operand').map((operand) => `${operand} IS NOT NULL`),
    fc.tuple(tie('operand'), tie('operand')).map(([value, low]) => `${value} BETWEEN ${low} AND 7 OR b`),
    fc.tuple(tie('operand'), tie('operand')).map(([value, one]) => `${value} IN (${one}, 2)`),
  ),
}));
const query = fc
  .tuple(
    fc.array(expression, { minLength: 1, maxLength: 2 }),
    expression,
    fc.constantFrom('', ' GROUP BY a', ' ORDER BY b DESC'),
  )
  .map(([targets, where, tail]) => `SELECT ${targets.join(', ')} FROM t WHERE ${where}${tail}`);

describe('the two roads', () => {
  for (const dialect of DIALECTS) {
    it(`agree: ${dialect}`, async () => {
      const profile = dialectProfile(dialect)!;
      let understood = 0;
      await fc.assert(
        fc.asyncProperty(query, async (sql) => {
          const { throughPackage, direct } = await bothRoads(sql, profile);
          if (throughPackage === null || direct === null) return;
          understood++;
          assert.equal(throughPackage, direct, sql);
        }),
        { numRuns: 60, seed: 11 },
      );
      assert.ok(understood > 10, `the package understood only ${understood} queries`);
    });
  }

  it('a tree that dropped, moved or invented words is not believed', async () => {
    const mysql = dialectProfile('bigquery')!;
    const sql = 'SELECT a FROM t ORDER BY a LIMIT 3';
    const tokens = tokenizeDialect(sql, mysql);
    assert.ok(!((await understandTokens(sql, tokens, mysql)) instanceof NotUnderstood));
    // hive reads a subscript as nothing and 1 = 2 = 3 from the right
    const hive = dialectProfile('hive')!;
    const dropped = 'SELECT a[1] FROM t';
    assert.ok((await understandTokens(dropped, tokenizeDialect(dropped, hive), hive)) instanceof NotUnderstood);
  });

  it('deep parentheses block no one and are read', async () => {
    const sql = `SELECT ${'('.repeat(40)}a${' + 1) * 2'.repeat(40)} FROM t`;
    let longest = 0;
    let last = process.threadCpuUsage().user; // work of this thread: the machine may be busy with something else
    const tick = () => {
      const now = process.threadCpuUsage().user;
      longest = Math.max(longest, now - last);
      last = now;
    };
    const timer = setInterval(tick, 1);
    for (const dialect of ['mysql', 'spark', 'bigquery']) await parseDialectStatements(sql, dialect);
    clearInterval(timer);
    tick();
    assert.ok(longest < 250_000, `the event loop stood still for ${longest} us of work`);
  });
});
