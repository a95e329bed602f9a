// Commits of many rows: done in pieces between which other work of the thread goes on, whole after a restart, gone after a failure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlError } from '../errors/sql-error.ts';
import { FaultyDisk } from '../testing/faulty-disk.ts';
import { turnsDuring, withCountedClock } from '../testing/turn-counter.ts';
import type { Storage } from './storage.ts';
import { batchOf, createTable, openTest, scan, TABLE } from './storage-fixtures.ts';

const ROWS = 40_000;
const BATCH = 2000;

async function fill(storage: Storage, region: Parameters<typeof batchOf>[0], rows: number): Promise<void> {
  const transaction = storage.begin();
  for (let from = 0; from < rows; from += BATCH) {
    const values = Array.from({ length: BATCH }, (_, i) => [from + i, `name ${from + i}`] as const);
    await transaction.insert(TABLE, batchOf(region, values));
  }
  await transaction.commit();
}

async function rowIds(storage: Storage, arena: Parameters<typeof scan>[1]): Promise<number[]> {
  const snapshot = storage.snapshot();
  const rows = await scan(snapshot, arena);
  snapshot.release();
  return rows.map(({ rowId }) => rowId);
}

test('many deletes and inserts of one commit are all there after a restart; others have their turn in between', async () => {
  const disk = new FaultyDisk();
  const { storage, arena, region } = await openTest(disk);
  await createTable(storage);
  await fill(storage, region, ROWS);
  const all = await rowIds(storage, arena);
  assert.equal(all.length, ROWS);
  const change = storage.begin();
  const other = storage.begin();
  await change.lockRows(TABLE, all);
  change.delete(TABLE, all.slice(0, ROWS / 2 + 1));
  await change.update(TABLE, [all.at(-1)!], batchOf(region, [[ROWS - 1, 'changed']]));
  await change.insert(TABLE, batchOf(region, [[0, 'again']]));
  const turns = await turnsDuring(async () => change.commit());
  assert.ok(turns >= 10, `${turns} turns`);
  assert.equal(await other.lockRow(TABLE, all[ROWS / 2 + 5]!), 'locked');
  assert.equal(await other.lockRow(TABLE, all.at(-1)!), 'changed');
  assert.equal(await other.lockRow(TABLE, all[3]!), 'deleted');
  await assert.rejects(async () => other.insert(TABLE, batchOf(region, [[ROWS - 7, 'taken']])), { sqlstate: '23505' });
  await other.insert(TABLE, batchOf(region, [[5, 'free']]));
  await other.commit();
  const before = await rowIds(storage, arena);
  assert.equal(before.length, ROWS / 2 + 1);
  await storage.close();

  const again = await openTest(disk);
  assert.deepEqual(await rowIds(again.storage, again.arena), before);
  const third = again.storage.begin();
  await assert.rejects(async () => third.insert(TABLE, batchOf(again.region, [[5, 'taken']])), { sqlstate: '23505' });
  third.rollback();
  await again.storage.close();
});

test('a commit of many rows that the disk has no room for leaves nothing', async () => {
  const disk = new FaultyDisk();
  const { storage, arena, region } = await openTest(disk);
  await createTable(storage);
  await fill(storage, region, ROWS);
  const all = await rowIds(storage, arena);
  const change = storage.begin();
  await change.lockRows(TABLE, all);
  change.delete(TABLE, all);
  await change.insert(TABLE, batchOf(region, [[1, 'one']]));
  disk.plan = (phase) => (phase === 'write' ? { code: 'ENOSPC' } : undefined);
  await assert.rejects(Promise.resolve(change.commit()), (error: SqlError) => error.sqlstate === '53100');
  disk.plan = null;
  assert.deepEqual(await rowIds(storage, arena), all);
  const next = storage.begin();
  assert.equal(await next.lockRow(TABLE, all[0]!), 'locked', 'the locks of the failed one are free');
  await assert.rejects(async () => next.insert(TABLE, batchOf(region, [[1, 'two']])), { sqlstate: '23505' });
  next.rollback();
  await storage.close();
});

test('commits that the disk has no room for amid their frames give back their memory', async () => {
  const disk = new FaultyDisk();
  const { storage, arena, region } = await openTest(disk);
  await createTable(storage, false);
  await fill(storage, region, BATCH);
  const used: number[] = [];
  for (let i = 0; i < 4; i++) {
    let writes = 0;
    disk.plan = (phase) => (phase === 'write' && ++writes > 5 ? { code: 'ENOSPC', keepBytes: 9 } : undefined);
    await assert.rejects(fill(storage, region, ROWS), { sqlstate: '53100' });
    assert.equal((await rowIds(storage, arena)).length, BATCH);
    region.reset();
    used.push(arena.usage().usedBytes);
  }
  disk.plan = null;
  assert.deepEqual(used.slice(1), used.slice(1).fill(used[1]!));
  await storage.close();
});

test('a commit of many rows that is canceled at any moment leaves nothing, in memory or behind a restart', async () => {
  const disk = new FaultyDisk();
  const { storage, arena, region } = await openTest(disk);
  await createTable(storage);
  await fill(storage, region, ROWS);
  const all = await rowIds(storage, arena);
  /** A commit that is canceled when it asks for the n-th time. How often it asked. */
  const change = async (n: number): Promise<number> => {
    let asked = 0;
    const signal = {
      throwIfAborted: () => {
        if (++asked === n) throw new Error('canceled');
      },
    };
    const transaction = storage.begin();
    await transaction.lockRows(TABLE, all.slice(0, ROWS / 2));
    transaction.delete(TABLE, all.slice(0, ROWS / 2));
    for (let from = 0; from < ROWS / 2; from += BATCH) {
      const values = Array.from({ length: BATCH }, (_, i) => [ROWS + from + i, 'new'] as const);
      await transaction.insert(TABLE, batchOf(region, values));
    }
    region.reset();
    transaction.signal = signal as AbortSignal;
    const committed = withCountedClock(async () => transaction.commit());
    if (n === 0) await committed;
    else await assert.rejects(committed, { message: 'canceled' });
    return asked;
  };
  const used: number[] = [];
  for (const n of [35, 1, 2, 5, 10, 15, 20, 25, 30, 35]) {
    assert.equal(await change(n), n);
    assert.deepEqual(await rowIds(storage, arena), all);
    const other = storage.begin();
    assert.equal(await other.lockRow(TABLE, all[0]!), 'locked');
    await assert.rejects(async () => other.insert(TABLE, batchOf(region, [[0, 'taken']])), { sqlstate: '23505' });
    await other.insert(TABLE, batchOf(region, [[ROWS + 1, 'free']]));
    other.rollback();
    region.reset();
    used.push(arena.usage().usedBytes);
  }
  assert.deepEqual(
    used,
    used.map(() => used[0]),
  );
  const restarted = await openTest(disk.copy());
  assert.deepEqual(await rowIds(restarted.storage, restarted.arena), all);
  await restarted.storage.close();
  const asked = await change(0);
  assert.ok(asked >= 40, `it asked ${asked} times`);
  const now = await rowIds(storage, arena);
  assert.equal(now.length, ROWS);
  await storage.close();
  const again = await openTest(disk);
  assert.deepEqual(await rowIds(again.storage, again.arena), now);
  await again.storage.close();
});
