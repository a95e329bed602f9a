// A table of four times the buffer pool: written, read in every way that the engine has, changed, found by key and read again after a
// restart. The arena holds the pool to its budget: what does not go by window fails with 53200.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InProcessTarget } from './in-process-target.ts';

const MEMORY = 96 * 1024 * 1024;
const POOL = MEMORY / 2;
const ROWS = 2_000_000;
const STEP = 50_000;

const target = new InProcessTarget({ durable: true, workers: 2, memoryBytes: MEMORY });

before(async () => {
  await target.execute('CREATE TABLE big (x int8, y int8, s text)');
  await target.execute('CREATE TABLE small (id int8, name text)');
  await target.execute(`INSERT INTO small SELECT g * 1000, 'n' || g FROM generate_series(1, 100) g`);
  for (let from = 0; from < ROWS; from += STEP) {
    await target.execute(
      `INSERT INTO big SELECT g, g * 7, 'row ' || g || repeat(chr(97 + (g % 26)::int), 80)
       FROM generate_series(${from + 1}, ${from + STEP}) g`,
    );
  }
});

after(() => target.close());

async function expectRow(sql: string, row: readonly string[]): Promise<void> {
  const { rows } = await target.execute(sql);
  assert.deepEqual(rows, [row]);
}

test('the table is four times the pool', async () => {
  await expectRow(`SELECT pg_relation_size('big') >= ${4 * POOL}`, ['t']);
});

test('aggregates, with and without groups and filters', async () => {
  await expectRow('SELECT count(*), sum(y) FROM big', ['2000000', '14000007000000']);
  await expectRow('SELECT count(*), min(x), max(x) FROM big WHERE x > 500000 AND x % 1000 = 7', [
    '1500',
    '500007',
    '1999007',
  ]);
  await expectRow(
    'SELECT count(*), sum(n), min(least) FROM (SELECT x % 26, count(*) AS n, min(x) AS least FROM big GROUP BY 1) q',
    ['26', '2000000', '1'],
  );
});

test('joins with a small table on either side, sorted with LIMIT, DISTINCT', async () => {
  const joined = ['100', '35350000', `row 100000${'e'.repeat(80)}`];
  await expectRow('SELECT count(*), sum(y), min(s) FROM big JOIN small ON id = x', joined);
  await expectRow('SELECT count(*), sum(y), min(s) FROM small JOIN big ON x = id', joined);
  await expectRow('SELECT x, s FROM big ORDER BY y DESC LIMIT 1', ['2000000', `row 2000000${'c'.repeat(80)}`]);
  await expectRow('SELECT s FROM big ORDER BY right(s, 80), x LIMIT 1', [`row 26${'a'.repeat(80)}`]);
  await expectRow('SELECT count(*) FROM (SELECT DISTINCT right(s, 80) FROM big) q', ['26']);
});

test('sorted as a whole, in runs on disk', async () => {
  await expectRow('SELECT x, s FROM big ORDER BY y DESC OFFSET 1999999', ['1', `row 1${'b'.repeat(80)}`]);
  await expectRow(
    'SELECT count(*), sum(x) FROM (SELECT DISTINCT ON (right(s, 1)) x, s FROM big ORDER BY right(s, 1), x DESC) q',
    ['26', '51999675'],
  );
});

test('EXPLAIN ANALYZE tells of the runs', async () => {
  await target.execute('SET headrace.spill_rows = 10');
  const { rows } = await target.execute('EXPLAIN (ANALYZE) SELECT name FROM small ORDER BY id DESC');
  await target.execute('RESET headrace.spill_rows');
  assert.match((rows ?? []).join('\n'), /Sort Method: external merge {2}Disk: \d+kB/);
});

test('a transaction changes rows of every group; rows by index; a view over all', async () => {
  await target.execute('BEGIN');
  await target.execute('UPDATE big SET y = -1 WHERE x % 10000 = 0');
  await target.execute(`INSERT INTO big VALUES (0, -1, 'own')`);
  await expectRow('SELECT count(*), count(DISTINCT x), min(x) FROM big WHERE y = -1', ['201', '201', '0']);
  await target.execute('COMMIT');
  await expectRow('SELECT count(*), min(x) FROM big WHERE y = -1', ['201', '0']);
  await target.execute('CREATE INDEX ON big (x)');
  await expectRow('SELECT x, y FROM big WHERE x = 770001', ['770001', '5390007']);
  await expectRow('SELECT count(*), max(s) FROM big WHERE x IN (0, 27, 500000, 999999)', [
    '4',
    `row 999999${'n'.repeat(80)}`,
  ]);
  await target.execute('CREATE MATERIALIZED VIEW tens AS SELECT x % 10 AS k, count(*) AS n FROM big GROUP BY 1');
  await target.execute('DELETE FROM big WHERE x % 20000 = 0');
  await expectRow('SELECT n FROM tens WHERE k = 0', ['199900']);
});

test('after a restart', async () => {
  await target.restart();
  await expectRow('SELECT count(*), sum(x) FROM big WHERE y <> -1', ['1999800', '1999800000000']);
  await expectRow('SELECT n FROM tens WHERE k = 0', ['199900']);
});
