// Queries whose rows take several times the memory that a statement may have: they go on in temporary files and answer as with memory enough.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InProcessTarget } from './in-process-target.ts';

const ROWS = 150_000;
/** A quarter of the table. */
const WORK_MEM = '4MB';

const target = new InProcessTarget({ workers: 2, memoryBytes: 256 * 1024 * 1024 });

before(async () => {
  await target.execute('CREATE TABLE small (id int8, name text)');
  await target.execute(`INSERT INTO small SELECT g * 1000, 'n' || g FROM generate_series(1, 100) g`);
  await target.execute(
    `CREATE TABLE big AS SELECT g AS x, g * 7 AS y, 'row ' || g || repeat(chr(97 + (g % 26)::int), 80) AS s
     FROM generate_series(1, ${ROWS}::int8) g`,
  );
});

after(() => target.close());

/** Both on workers and on this thread alone. */
async function agrees(sql: string): Promise<void> {
  const { rows } = await target.execute(sql);
  assert.ok(rows !== null && rows.length > 0);
  await target.execute(`SET work_mem = '${WORK_MEM}'`);
  assert.deepEqual((await target.execute(sql)).rows, rows, sql);
  await target.execute('SET headrace.min_worker_rows = 1000000000');
  assert.deepEqual((await target.execute(sql)).rows, rows, sql);
  await target.execute('RESET headrace.min_worker_rows');
  await target.execute('RESET work_mem');
}

const READS: Readonly<Record<string, readonly string[]>> = {
  'sorted as a whole': [
    `SELECT x, s FROM big ORDER BY y DESC OFFSET ${ROWS - 3}`,
    'SELECT count(*), sum(x) FROM (SELECT DISTINCT ON (right(s, 1)) x, s FROM big ORDER BY right(s, 1), x DESC) q',
    `SELECT x FROM (SELECT x, s FROM big ORDER BY s LIMIT ${ROWS / 2}) q ORDER BY x DESC LIMIT 1`,
  ],
  'GROUP BY with as many groups as rows, collected values, grouping sets': [
    'SELECT count(*), sum(n), sum(m) FROM (SELECT x, count(*) AS n, max(y) AS m FROM big GROUP BY x) q',
    'SELECT count(*), max(n), max(s) FROM (SELECT s, count(*) AS n FROM big GROUP BY s) q',
    `SELECT count(*), sum(array_length(a, 1)), min(a[2])
     FROM (SELECT x % 40000 AS k, array_agg(s ORDER BY x DESC) AS a FROM big GROUP BY 1) q`,
    'SELECT count(*), sum(n), count(x), sum(y) FROM (SELECT x, y, count(*) AS n FROM big GROUP BY GROUPING SETS ((x), (y), ())) q',
  ],
  'DISTINCT rows and values': [
    'SELECT count(*), max(s) FROM (SELECT DISTINCT s, y FROM big) q',
    'SELECT count(DISTINCT s), max(DISTINCT s) FROM big',
    'SELECT count(DISTINCT s), count(DISTINCT y) FILTER (WHERE x % 2 = 0), sum(DISTINCT x % 1000), count(*), max(s) FILTER (WHERE x < 9) FROM big',
    'SELECT x % 3, count(DISTINCT s), sum(DISTINCT y), count(*) FROM big GROUP BY 1 ORDER BY 1',
  ],
  'set operations': [
    `SELECT count(*), max(s) FROM (SELECT s FROM big UNION SELECT s || 'x' FROM big WHERE x % 2 = 0) q`,
    'SELECT count(*), max(s) FROM (SELECT s, x FROM big INTERSECT SELECT s, x FROM big WHERE x % 3 = 0) q',
    'SELECT count(*), max(s) FROM (SELECT s FROM big EXCEPT ALL SELECT s FROM big WHERE x % 3 = 0) q',
  ],
  'joins of the table with itself': [
    'SELECT count(*), sum(a.y - b.y), max(b.s) FROM big a JOIN big b ON a.x = b.x',
    'SELECT count(*), count(b.x), max(b.s), max(a.s) FROM big a LEFT JOIN big b ON b.x = a.x * 2 AND b.y > a.x + 100',
    'SELECT count(*) FROM (SELECT a.s FROM big a JOIN big b ON a.s = b.s LIMIT 3) q',
    'SELECT count(*), count(a.x), count(b.x), max(a.s) FROM big a FULL JOIN big b ON b.s = a.s AND b.x % 2 = 0',
  ],
  'semi and anti joins': [
    'SELECT count(*), max(s) FROM big WHERE y IN (SELECT x FROM big)',
    'SELECT count(*), max(s) FROM big a WHERE NOT EXISTS (SELECT 1 FROM big b WHERE b.x = a.y)',
    'SELECT count(*), max(s) FROM big WHERE y NOT IN (SELECT x FROM big)',
    'SELECT count(*), max(s) FROM big WHERE y NOT IN (SELECT nullif(x, 7777) FROM big)',
  ],
  'window functions over many partitions': [
    `SELECT count(*), sum(r), max(l), sum(t)
     FROM (SELECT row_number() OVER w AS r, lag(s) OVER w AS l, sum(x) OVER w AS t
           FROM big WINDOW w AS (PARTITION BY x % 1000 ORDER BY y)) q`,
  ],
  'materialized WITH queries': [
    `WITH c AS MATERIALIZED (SELECT s, x FROM big)
     SELECT count(*), max(c.s) FROM c, (SELECT max(x) AS m FROM c) q WHERE c.x <= q.m`,
  ],
  'the queue of a recursion, of fewer rows than a small page may have': [
    `WITH RECURSIVE r (n, s) AS (SELECT x, s FROM big WHERE x <= 50000 UNION ALL SELECT n + 50000, s FROM r WHERE n <= 100000)
     SELECT count(*), sum(n), sum(length(s)), max(s) FROM r`,
  ],
};

for (const [name, queries] of Object.entries(READS)) {
  test(name, async () => {
    for (const sql of queries) await agrees(sql);
  });
}

test('EXPLAIN ANALYZE tells what was written to temporary files', async () => {
  const plan = async (sql: string) => ((await target.execute(`EXPLAIN (ANALYZE) ${sql}`)).rows ?? []).join('\n');
  await target.execute('SET headrace.spill_rows = 10');
  assert.match(await plan('SELECT name FROM small ORDER BY id DESC'), /Sort Method: external merge {2}Disk: \d+kB/);
  const twice = 'WITH c AS MATERIALIZED (SELECT id FROM small) SELECT count(*) FROM c a, c b';
  assert.match(await plan(twice), /CTE Scan.*\n *Storage: Disk {2}Maximum Storage: \d+kB/);
  assert.match(await plan('SELECT id, count(*) FROM small GROUP BY id'), /Batches: \d+ {2}Disk Usage: \d+kB/);
  const join = await plan('SELECT a.name FROM small a JOIN small b ON a.id = b.id');
  assert.match(join, /Hash Join.*\n.*Hash Cond.*\n *Batches: \d+ {2}Disk Usage: \d+kB/);
  assert.match(join, /Seq Scan on small.*actual time=.*rows=100 /);
  await target.execute('RESET headrace.spill_rows');
});

test('what cannot be divided, and what may write nothing, still ends with 53200 and 53400', async () => {
  await target.execute(`SET work_mem = '${WORK_MEM}'`);
  const one = 'SELECT array_agg(s) FROM big';
  await assert.rejects(target.execute(one), { sqlstate: '53200' });
  await target.execute('SET temp_file_limit = 1000');
  const groups = 'SELECT count(*) FROM (SELECT s, count(*) FROM big GROUP BY s) q';
  await assert.rejects(target.execute(groups), { sqlstate: '53400' });
  await target.execute('RESET temp_file_limit');
  await target.execute(groups);
  await target.execute('RESET work_mem');
});
