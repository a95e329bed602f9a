// A statement reads its views at one epoch, the one of its tables, however many commits come meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScriptDatabase, openSession, run } from '../testing/session-script.ts';

const ROWS = 6000;
const READINGS = 12;

test('commits amid a statement that reads views change nothing of what it sees', {
  timeout: 240_000,
}, async (context) => {
  const database = await openScriptDatabase();
  context.after(() => database.close());
  const [reader, ...writers] = await Promise.all([1, 2, 3].map((id) => openSession(database, id, 'postgres')));
  for (const sql of [
    'CREATE TABLE t (id int, v int)',
    `INSERT INTO t SELECT g, 0 FROM generate_series(1, ${ROWS}) g`,
    'CREATE MATERIALIZED VIEW totals AS SELECT id, sum(v) AS total FROM t GROUP BY id',
    'CREATE MATERIALIZED VIEW doubled AS SELECT id, total * 2 AS total FROM totals',
  ]) {
    await run(database, reader!, sql);
  }
  let reading = true;
  const write = async (session: (typeof writers)[number]) => {
    while (reading) {
      await run(database, session, `UPDATE t SET v = v + (CASE WHEN id <= ${ROWS / 2} THEN 1 ELSE -1 END)`);
    }
  };
  const writing = writers.map(write);
  const agreeing = 'totals JOIN doubled ON doubled.id = totals.id JOIN t ON t.id = totals.id';
  for (let i = 0; i < READINGS; i++) {
    const seen = await run(
      database,
      reader!,
      `SELECT (SELECT sum(total) FROM totals), (SELECT sum(total) FROM doubled),
        (SELECT count(*) FROM ${agreeing} WHERE totals.total * 2 = doubled.total AND totals.total = t.v)`,
    );
    assert.equal(seen, `0 0 ${ROWS}`, `reading ${i}`);
  }
  reading = false;
  await Promise.all(writing);
});

test('a view that is being filled is read at the epoch of the statement, or of the transaction; others do not wait for it', {
  timeout: 240_000,
}, async (context) => {
  const database = await openScriptDatabase();
  context.after(() => database.close());
  const [reader, keeper, writer] = await Promise.all([1, 2, 3].map((id) => openSession(database, id, 'postgres')));
  const state = () => run(database, reader!, "SELECT state FROM headrace.queries WHERE query_name = 'pairs'");
  for (const sql of [
    'CREATE TABLE t (id int)',
    'INSERT INTO t SELECT generate_series(1, 1500)',
    'CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM t',
    'CREATE MATERIALIZED VIEW pairs AS SELECT a.id % 7 AS m, count(*) AS n FROM t a, t b GROUP BY 1',
    'CREATE MATERIALIZED VIEW paired AS SELECT sum(n) AS n FROM pairs',
  ]) {
    await run(database, reader!, sql);
  }
  await run(database, keeper!, 'BEGIN ISOLATION LEVEL REPEATABLE READ');
  assert.equal(await run(database, keeper!, 'SELECT n FROM counted'), '1500');
  await run(database, writer!, 'INSERT INTO t VALUES (0), (0)');
  assert.equal(await run(database, reader!, 'SELECT n FROM counted'), '1502');
  assert.equal(await state(), 'starting');
  const readings: Promise<string>[] = [];
  for (let i = 0; i < 3; i++) {
    const session = await openSession(database, 10 + i, 'postgres');
    readings.push(run(database, session, 'SELECT p.n - c.n * c.n, q.n - p.n FROM paired p, counted c, (SELECT sum(n) AS n FROM pairs) q')); // biome-ignore format: one statement
    await run(database, writer!, `INSERT INTO t VALUES (${i})`);
  }
  assert.deepEqual(await Promise.all(readings), ['0 0', '0 0', '0 0']);
  assert.equal(await run(database, keeper!, 'SELECT n FROM paired'), String(1500 * 1500));
  await run(database, keeper!, 'COMMIT');
  assert.equal(await run(database, keeper!, 'SELECT n FROM paired'), String(1505 * 1505));
});
