// Changes in every row group of a table several times the buffer pool, which holds five of them: neither the statement nor its commit may
// need more of them in memory at once, however many statements a transaction has, with a primary key, an index, views over the
// table, RETURNING, checkpoints in between and a restart from the log.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InProcessTarget } from './in-process-target.ts';
import { TargetError } from './slt-run.ts';

const MEMORY = 20 * 1024 * 1024;
const GROUP = 65_536;
const GROUPS = 20;
const ROWS = GROUPS * GROUP;

const target = new InProcessTarget({ durable: true, workers: 1, memoryBytes: MEMORY });

before(async () => {
  await target.execute('CREATE TABLE big (x int8 PRIMARY KEY, y int4, s text)');
  for (let from = 0; from < ROWS; from += GROUP) {
    await target.execute(
      `INSERT INTO big SELECT g, g % 100, 'row ' || g FROM generate_series(${from + 1}, ${from + GROUP}) g`,
    );
  }
});

after(() => target.close());

async function rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
  return (await target.execute(sql)).rows ?? [];
}

/** One row of each group, by its place in it. */
const each = (place: number) => `x % ${GROUP} = ${place}`;

test('one delete per group, rolled back and done', async () => {
  await target.execute('BEGIN');
  await target.execute(`DELETE FROM big WHERE ${each(5)}`);
  await target.execute('ROLLBACK');
  assert.deepEqual(await rows('SELECT count(*) FROM big'), [[String(ROWS)]]);
  const deleted = await rows(`DELETE FROM big WHERE ${each(5)} RETURNING x, s`);
  assert.equal(deleted.length, GROUPS);
  assert.deepEqual(deleted[1], [String(GROUP + 5), `row ${GROUP + 5}`]);
  assert.deepEqual(await rows('SELECT count(*) FROM big'), [[String(ROWS - GROUPS)]]);
});

test('a transaction of many changes of the same groups, beside views that follow them', async () => {
  await target.execute('CREATE INDEX ON big (y)');
  await target.execute(
    'CREATE MATERIALIZED VIEW sums AS SELECT x % 2 AS half, count(*) AS n, sum(y) AS y FROM big GROUP BY 1',
  );
  await target.execute('BEGIN');
  for (let place = 10; place < 12; place++) {
    await target.execute(`UPDATE big SET y = y + 1000, s = 'new ' || s WHERE ${each(place)}`);
    await target.execute(`DELETE FROM big WHERE ${each(place + 10)}`);
    await target.execute(`UPDATE big SET y = y + 1000000 WHERE ${each(place)} AND y > 999`);
    await target.execute('CHECKPOINT');
  }
  const changed = `SELECT count(*), min(x), max(s) FROM big WHERE y >= 1000000`;
  const expected = [[String(2 * GROUPS), '10', 'new row 983051']];
  assert.deepEqual(await rows(changed), expected);
  assert.deepEqual(await rows(`SELECT x, s FROM big WHERE x IN (${GROUP + 10}, ${GROUP + 9}) ORDER BY x`), [
    [String(GROUP + 9), `row ${GROUP + 9}`],
    [String(GROUP + 10), `new row ${GROUP + 10}`],
  ]);
  await target.execute('COMMIT');
  assert.deepEqual(await rows(changed), expected);
  await agree();
});

test('keys are free after a delete, and taken again by what a failed commit had deleted', async () => {
  await target.execute(`INSERT INTO big SELECT x * ${GROUP} + 5, -1, 'again' FROM generate_series(0, ${GROUPS - 1}) x`);
  await target.execute('BEGIN');
  await target.execute(`DELETE FROM big WHERE ${each(7)}`);
  await target.execute('SAVEPOINT s');
  await assert.rejects(target.execute(`UPDATE big SET x = x + 1 WHERE ${each(8)}`), TargetError);
  await target.execute('ROLLBACK TO s');
  await target.execute(`UPDATE big SET x = x - 1, s = 'moved' WHERE ${each(8)}`);
  await target.execute('COMMIT');
  assert.deepEqual(await rows(`SELECT count(*) FROM big WHERE ${each(7)} AND s = 'moved'`), [[String(GROUPS)]]);
  assert.deepEqual(await rows(`SELECT s FROM big WHERE x = ${GROUP * 3 + 7}`), [['moved']]);
  await agree();
});

test('after a restart from a checkpoint and the log behind it', async () => {
  await target.execute('CHECKPOINT');
  await target.execute(`DELETE FROM big WHERE ${each(30)}`);
  await target.execute(`UPDATE big SET y = 7, s = 'last' WHERE ${each(31)}`);
  const before = await rows('SELECT count(*), sum(x), sum(y), max(s) FROM big');
  await target.restart();
  assert.deepEqual(await rows('SELECT count(*), sum(x), sum(y), max(s) FROM big'), before);
  assert.deepEqual(await rows(`SELECT s FROM big WHERE x IN (30, 31)`), [['last']]);
  await agree();
});

test('the changes of a transaction have to fit: what does not is refused, and nothing of it stays', async () => {
  const before = await rows('SELECT count(*), sum(y) FROM big');
  await assert.rejects(target.execute('UPDATE big SET y = y + 1'), {
    sqlstate: '53200',
    message: 'the changes of the transaction do not fit into memory',
  });
  assert.deepEqual(await rows('SELECT count(*), sum(y) FROM big'), before);
});

test('a delete of all rows takes what their numbers take', async () => {
  await target.execute('DROP MATERIALIZED VIEW sums');
  const [[count]] = (await rows('SELECT count(*) FROM big')) as [[string]];
  assert.equal((await target.execute('DELETE FROM big')).count, Number(count));
  assert.deepEqual(await rows('SELECT count(*) FROM big'), [['0']]);
});

/** The view says what the table says. */
async function agree(): Promise<void> {
  assert.deepEqual(
    await rows('SELECT * FROM sums ORDER BY half'),
    await rows('SELECT x % 2 AS half, count(*), sum(y) FROM big GROUP BY 1 ORDER BY half'),
  );
}
