// Statements over many rows let others in between: so many turns of the event loop, at least, whatever the machine does.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Database } from '../database.ts';
import { openScriptDatabase, openSession } from '../testing/session-script.ts';
import { turnsOf } from '../testing/turn-counter.ts';
import type { Session } from './session-contract.ts';

const ROWS = 50_000;

let database: Database;
let session: Session;

before(async () => {
  database = await openScriptDatabase({ serverFiles: true });
  session = await openSession(database, 1, 'postgres');
  await turnsOf(session, 'CREATE TABLE t (id int PRIMARY KEY, k int, name text)');
  await turnsOf(session, `INSERT INTO t SELECT g, g % 100, 'name ' || g FROM generate_series(1, ${ROWS}) g`);
});
after(() => database.close());

test('rows locked by SELECT FOR UPDATE are sent in pieces', async () => {
  await turnsOf(session, 'BEGIN');
  const { turns, rows, mostRows } = await turnsOf(session, 'SELECT * FROM t FOR UPDATE');
  await turnsOf(session, 'ROLLBACK');
  assert.equal(rows, ROWS);
  assert.ok(mostRows <= 10_000, `${mostRows} rows in a turn`);
  assert.ok(turns >= ROWS / 2048, `${turns} turns`);
});

test('changes of many rows let others in between, and send the rows of RETURNING in pieces', async () => {
  for (const [sql, back] of [
    ['UPDATE t SET k = k + 1 RETURNING id, name', 'UPDATE t SET k = k - 1'],
    ['DELETE FROM t RETURNING *', "INSERT INTO t SELECT g, g % 100, 'name ' || g FROM generate_series(1, 50000) g"],
    ["INSERT INTO t SELECT -g, g, 'new' FROM generate_series(1, 50000) g RETURNING id", 'DELETE FROM t WHERE id < 0'],
  ] as const) {
    const { turns, rows, mostRows } = await turnsOf(session, sql);
    assert.equal(rows, ROWS);
    assert.ok(mostRows <= 10_000, `${sql}: ${mostRows} rows in a turn`);
    assert.ok(turns >= ROWS / 2048, `${sql}: ${turns} turns`);
    await turnsOf(session, back);
  }
});

test('a cancel ends a statement whose rows are being committed, and nothing of it stays', async () => {
  for (const [sql, back] of [
    ["INSERT INTO t SELECT -g, g, 'new' FROM generate_series(1, 50000) g", 'DELETE FROM t WHERE id < 0'],
    ['UPDATE t SET id = id + 1000000', 'UPDATE t SET id = id - 1000000 WHERE id > 1000000'],
    ['CREATE UNIQUE INDEX u ON t (name)', 'DROP INDEX u'],
  ] as const) {
    const { turns } = await turnsOf(session, sql);
    await turnsOf(session, back);
    for (const part of [0.2, 0.5, 0.65]) {
      const canceled = turnsOf(session, sql, Math.round(turns * part));
      await assert.rejects(canceled, { sqlstate: '57014' }, `${sql}, at ${part}`);
      assert.equal((await turnsOf(session, 'SELECT * FROM t WHERE id BETWEEN 1 AND 50000')).rows, ROWS);
      assert.equal((await turnsOf(session, 'SELECT * FROM t')).rows, ROWS);
      await turnsOf(session, 'UPDATE t SET k = k WHERE id <= 10');
    }
  }
});

test('files are read, and COPY from them is done, in pieces', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-turns-'));
  try {
    for (const format of ['csv', 'json']) {
      const path = join(directory, `t.${format}`);
      await turnsOf(session, `COPY t TO '${path}' (FORMAT ${format})`);
      await turnsOf(session, `CREATE TABLE copied (LIKE t)`);
      const { turns } = await turnsOf(session, `COPY copied FROM '${path}' (FORMAT ${format})`);
      assert.ok(turns >= ROWS / 4096, `COPY from ${format}: ${turns} turns`);
      assert.equal((await turnsOf(session, 'SELECT * FROM copied')).rows, ROWS);
      await turnsOf(session, 'DROP TABLE copied');
      const read = await turnsOf(session, `SELECT count(*) FROM read_${format}('${path}')`);
      assert.ok(read.turns >= ROWS / 4096, `read_${format}: ${read.turns} turns`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('long texts are planned and run in pieces', async () => {
  const rows = (count: number, text: (i: number) => string) => Array.from({ length: count }, (_, i) => text(i)).join();
  for (const [count, sql] of [
    [20_000, `INSERT INTO t VALUES ${rows(20_000, (i) => `(${-1 - i}, ${i}, 'name')`)} RETURNING *`],
    [3000, `SELECT * FROM (VALUES ${rows(3000, (i) => `(${i} + 1, lower('A' || ${i}))`)}) v`],
  ] as const) {
    const { turns, rows: sent, mostRows } = await turnsOf(session, sql);
    assert.equal(sent, count);
    assert.ok(mostRows <= 10_000, `${mostRows} rows in a turn`);
    assert.ok(turns >= 30, `${turns} turns`);
  }
  await turnsOf(session, 'DELETE FROM t WHERE id < 0');
});
