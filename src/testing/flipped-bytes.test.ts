// Bytes flipped one at a time, by sample, in every file of a small data directory, through the whole product: the start says which file is
// damaged, or the queries say so, or they answer what they answered before. In the last write of the log a damaged byte counts as a torn
// end: the commit before it is the newest then. Never another answer, and never an error that names no file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqlError } from '../errors/sql-error.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { dataRows, firstError, RawClient } from './raw-client.ts';
import { startRealServer } from './real-server.ts';
import { runSeed, seededRandom, seedOf } from './seeded-random.ts';

const FLIPS_PER_FILE = 12;
const MEMORY = { memory: 128 * 1024 * 1024 };
const BEFORE = [
  'CREATE TABLE t (id int PRIMARY KEY, name text, price numeric, at timestamptz, tags text[])',
  "INSERT INTO t SELECT n, repeat('name ', n % 9), n / 7.0, '2024-01-01 UTC'::timestamptz + n * interval '1 hour', ARRAY[n::text, NULL] FROM generate_series(1, 500) AS g(n)",
  'CREATE TABLE plain (a int, b double precision)',
  "INSERT INTO plain SELECT n % 50, CASE n % 3 WHEN 0 THEN 'NaN' WHEN 1 THEN '-0' ELSE '1.5' END::float8 FROM generate_series(1, 400) AS g(n)",
  'CREATE MATERIALIZED VIEW sums AS SELECT name, count(*) AS c, sum(price) AS s FROM t GROUP BY name',
  'CREATE SEQUENCE s; SELECT nextval($$s$$)',
  'DELETE FROM t WHERE id % 10 = 0',
  'CHECKPOINT',
  "UPDATE t SET name = 'changed' WHERE id < 20",
  'INSERT INTO plain VALUES (77, 7), (NULL, NULL)',
];
const LAST = 'INSERT INTO plain VALUES (78, 8)';
const QUERIES = [
  'SELECT * FROM t ORDER BY id',
  'SELECT a, b, count(*) FROM plain GROUP BY a, b ORDER BY a, b',
  'SELECT count(*), min(b), max(a) FROM plain',
  'SELECT name, c, s FROM sums ORDER BY name',
  'SELECT last_value FROM s',
];

/** Each query's rows as one text, or its error. */
async function answers(port: number): Promise<string[]> {
  const client = await RawClient.login(port);
  const found: string[] = [];
  for (const sql of QUERIES) {
    const answer = await client.query(sql);
    found.push(firstError(answer) ?? JSON.stringify(dataRows(answer)));
  }
  client.close();
  return found;
}

/** A directory as kill -9 leaves it, and what it answers with and without its last commit. */
async function smallDirectory(): Promise<{ disk: FaultyDisk; right: readonly string[][] }> {
  const disk = new FaultyDisk();
  await using server = await startRealServer({ disk, ...MEMORY });
  const client = await RawClient.login(server.port);
  for (const sql of BEFORE) assert.equal(firstError(await client.query(sql)), null, sql);
  const without = await answers(server.port);
  assert.equal(firstError(await client.query(LAST)), null);
  client.close();
  return { right: [await answers(server.port), without], disk: disk.copy() };
}

async function outcome(disk: FaultyDisk): Promise<string[] | SqlError> {
  try {
    await using server = await startRealServer({ disk, ...MEMORY });
    const found = await answers(server.port);
    disk.crash(); // no checkpoint at the close
    return found;
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
}

test('a flipped byte anywhere is named, or changes no answer', { timeout: 300_000 }, async (t) => {
  const seed = runSeed();
  t.diagnostic(`HEADRACE_TEST_SEED=${seed}`);
  const { disk, right } = await smallDirectory();
  const seen = { named: 0, same: 0 };
  for (const path of disk.paths().filter((one) => disk.length(one) > 0)) {
    const random = seededRandom(seedOf(seed, path));
    for (let i = 0; i < FLIPS_PER_FILE; i++) {
      const position = i < 2 ? i * 12 : Math.floor(random() * disk.length(path));
      const flipped = disk.copy();
      flipped.corrupt(path, position);
      const found = await outcome(flipped);
      const where = `${path} byte ${position}`;
      const texts = found instanceof SqlError ? [`${found.sqlstate} ${found.message}`] : found;
      const wrong = texts.filter((text, at) => {
        if (/^XX001 .*"[a-z]+\/[^"]+"/.test(text)) return false;
        return found instanceof SqlError || !right.some((one) => one[at] === text);
      });
      assert.deepEqual(wrong, [], where);
      if (found instanceof SqlError || texts.some((text) => text.startsWith('XX001'))) seen.named++;
      else seen.same++;
    }
  }
  t.diagnostic(JSON.stringify(seen));
  assert.ok(seen.named > seen.same, JSON.stringify(seen));
});
