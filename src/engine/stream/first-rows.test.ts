// What there is when a subscription begins is read from a snapshot as it is asked for: it takes no memory, changes come behind it, and a
// relation that goes ends it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessTarget } from '../../testing/in-process-target.ts';

class Target extends InProcessTarget {
  get usedBytes(): number {
    return this.database!.arena.usage().usedBytes;
  }

  async rows(sql: string): Promise<(string | null)[][]> {
    return [...((await this.execute(sql)).rows ?? [])].map((row) => [...row]);
  }
}

const ROWS = 20_000;
const LIMIT = 1000; // rows that may wait

async function opened(): Promise<Target> {
  const target = new Target({ memoryBytes: 256 * 1024 * 1024 });
  await target.execute(`CREATE TABLE t (k int, s text); INSERT INTO t SELECT i, 'a text that is kept elsewhere, number ' || i FROM generate_series(1, ${ROWS}) i;
    CREATE MATERIALIZED VIEW v AS SELECT k, s FROM t;
    SET headrace.subscription_queue_rows = ${LIMIT}`);
  await target.rows('SELECT count(*) FROM v');
  return target;
}

for (const what of ['t', 'v', '(SELECT s, k FROM v WHERE k > 0)', '(SELECT k, s FROM t)']) {
  test(`a snapshot of ${what} waits for its reader, and changes behind it`, async () => {
    const target = await opened();
    const before = target.usedBytes;
    await target.execute(`DECLARE c CURSOR WITH HOLD FOR SUBSCRIBE ${what}`);
    const first = await target.rows('FETCH 10 c');
    assert.equal(first.length, 10);
    assert.ok(target.usedBytes - before < 1_048_576, `${target.usedBytes - before} bytes`);
    await target.execute("DELETE FROM t WHERE k > 500; INSERT INTO t VALUES (0, 'zero'), (1000000, 'new')");
    await target.advance('0 seconds');
    const net = new Map<string, number>();
    for (const [, diff, a, b] of [...first, ...(await target.rows("FETCH ALL c WITH (timeout = '1ms')"))]) {
      const key = /^\d+$/.test(a!) ? a! : b!;
      net.set(key, (net.get(key) ?? 0) + Number(diff));
    }
    const left = [...net].filter(([, count]) => count !== 0);
    assert.deepEqual(new Set(left.map(([, count]) => count)), new Set([1]));
    assert.equal(left.length, what.includes('k > 0') ? 501 : 502);
    await target.close();
  });
}

test('who has not read the snapshot when too many changes wait is cut off', async () => {
  const target = await opened();
  await target.execute('DECLARE c CURSOR WITH HOLD FOR SUBSCRIBE v');
  await target.rows('FETCH 10 c');
  for (let i = 0; i < 3; i++) {
    await target.execute(`INSERT INTO t SELECT -i, 'x' FROM generate_series(1, ${LIMIT}) i`);
    await target.advance('0 seconds');
  }
  assert.deepEqual(await target.rows('SELECT queued_rows, queued_bytes FROM headrace.subscriptions'), [['0', '0']]);
  await assert.rejects(target.rows('FETCH ALL c'), { sqlstate: '53400' });
  await target.close();
});

test('a relation that is dropped ends a snapshot that is being read', async () => {
  const target = await opened();
  await target.execute('DECLARE c CURSOR WITH HOLD FOR SUBSCRIBE (SELECT k FROM t WHERE k > 5)');
  await target.rows('FETCH 10 c');
  await target.execute('DROP TABLE t CASCADE');
  await target.advance('0 seconds');
  await assert.rejects(target.rows('FETCH ALL c'), { sqlstate: '42P01' });
  await target.close();
});

test('an envelope pairs the rows of a snapshot, and is told how many keys it may have', async () => {
  const target = await opened();
  await target.execute(
    'DECLARE c CURSOR WITH HOLD FOR SUBSCRIBE (SELECT k, s FROM t WHERE k < 4) ENVELOPE DEBEZIUM (KEY (k))',
  );
  const first = await target.rows("FETCH ALL c WITH (timeout = '1ms')");
  assert.deepEqual(first.map((row) => row.slice(1, 4)).sort(), [['1', 'r', '1'], ['1', 'r', '2'], ['1', 'r', '3']]); // biome-ignore format: rows
  await target.execute("UPDATE t SET s = 'x' WHERE k = 2");
  await target.advance('0 seconds');
  const [change, ...more] = await target.rows("FETCH ALL c WITH (timeout = '1ms')");
  assert.deepEqual([change!.slice(1, 4), more], [['1', 'u', '2'], []]);
  await target.execute('DECLARE d CURSOR WITH HOLD FOR SUBSCRIBE t ENVELOPE UPSERT (KEY (k))');
  await assert.rejects(target.rows('FETCH ALL d'), { sqlstate: '53400' });
  await target.close();
});

test('resuming AS OF the newest epoch, without a snapshot, gives what changes from there on', async () => {
  const target = await opened();
  await target.execute('DECLARE c CURSOR WITH HOLD FOR SUBSCRIBE v');
  const [row] = await target.rows('FETCH 1 c');
  const from = `SUBSCRIBE v WITH (SNAPSHOT = false) AS OF ${row![0]}`;
  await target.execute(`DECLARE d CURSOR WITH HOLD FOR ${from}`);
  assert.deepEqual(await target.rows("FETCH ALL d WITH (timeout = '1ms')"), []);
  await target.close();
});
