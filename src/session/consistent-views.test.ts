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
