// Conditions with subqueries in every place of a statement give PostgreSQL's three-valued answers: by joins, with the optimizer off,
// on workers, and as incremental views that see their tables change. Without PostgreSQL here the ways of Headrace are compared.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../sql/optimizer/optimize.ts';
import { InProcessTarget } from './in-process-target.ts';
import { startPostgres, wireTarget } from './oracle-postgres.ts';
import { RandomPredicates } from './random-predicates.ts';
import { runSeed, seededRandom } from './seeded-random.ts';
import { type SltTarget, TargetError } from './slt-run.ts';

const QUERIES = Number(process.env.HEADRACE_TEST_PREDICATES ?? 60);
const REMOVABLE = RULES.filter((rule) => rule.mandatory !== true).map((rule) => rule.name);

async function answer(target: SltTarget, sql: string): Promise<string> {
  try {
    const { rows } = await target.execute(sql);
    return (rows ?? [])
      .map((row) => JSON.stringify(row))
      .sort()
      .join('\n');
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return `error ${error.sqlstate}${error.sqlstate === 'XX000' ? ` ${error.message}` : ''}`;
  }
}

interface Ways {
  readonly oracle: SltTarget | null;
  readonly headrace: SltTarget;
  readonly plain: SltTarget;
  readonly workers: SltTarget;
}

async function everywhere(ways: Ways, sql: string): Promise<void> {
  for (const target of Object.values(ways) as (SltTarget | null)[]) await target?.execute(sql);
}

async function compareQuery(ways: Ways, sql: string, seed: number): Promise<void> {
  const expected = await answer(ways.oracle ?? ways.plain, sql);
  for (const [name, target] of Object.entries(ways) as [string, SltTarget][]) {
    if (target !== null) assert.equal(await answer(target, sql), expected, `seed ${seed}, ${name}:\n${sql}`);
  }
}

/** The query as a view: its rows before and after changes of its tables, which it is fed incrementally. */
async function compareView(ways: Ways, sql: string, random: () => number, seed: number): Promise<void> {
  const named = sql.replace(/^SELECT (.*?) FROM/s, (_, list: string) => `SELECT ${list} FROM`);
  const { headrace } = ways;
  await headrace.execute('DROP MATERIALIZED VIEW IF EXISTS mv');
  await headrace.execute(`CREATE MATERIALIZED VIEW mv AS SELECT to_json(q)::text AS j FROM (${named}) AS q`);
  const table = ['some_nulls', 'no_nulls', 'no_rows'][Math.floor(random() * 3)]!;
  const changes = [
    `INSERT INTO ${table} VALUES (1, 2), (NULL, NULL)`,
    `DELETE FROM ${table} WHERE v IS NULL`,
    `DELETE FROM ${table} WHERE k = 1`,
  ];
  for (const change of changes) {
    await everywhere(ways, change);
    const expected = await answer(ways.plain, `SELECT to_json(q)::text AS j FROM (${named}) AS q`);
    assert.equal(await answer(headrace, 'SELECT j FROM mv'), expected, `seed ${seed}, view after ${change}:\n${sql}`);
  }
}

test('conditions with subqueries mean the same everywhere', async () => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const server = await startPostgres();
  const ways: Ways = {
    oracle: server === null ? null : await wireTarget(server.port, 'postgres'),
    headrace: new InProcessTarget(),
    plain: new InProcessTarget({ settings: { 'headrace.optimizer_disabled_rules': REMOVABLE.join(',') } }),
    workers: new InProcessTarget({ workers: 1, settings: { 'headrace.min_worker_rows': '0' } }),
  };
  try {
    const predicates = new RandomPredicates(random);
    for (const statement of predicates.tables()) await everywhere(ways, statement);
    for (let i = 0; i < QUERIES; i++) {
      const sql = predicates.query();
      await compareQuery(ways, sql, seed);
      if (i % 6 === 0 && !/ OVER /.test(sql)) await compareView(ways, sql, random, seed);
      if (i % 4 !== 0) continue;
      const change = predicates.change();
      await everywhere(ways, 'BEGIN');
      await everywhere(ways, change);
      await compareQuery(ways, `SELECT id, a, b FROM o /* ${change} */`, seed);
      await everywhere(ways, 'ROLLBACK');
    }
  } finally {
    for (const target of Object.values(ways) as (SltTarget | null)[]) await target?.close();
    server?.stop();
  }
});
