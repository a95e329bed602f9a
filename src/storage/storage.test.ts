// Storage as a whole: what is committed is read, kept through crashes at every point, and nothing else is.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Table } from '../catalog/objects.ts';
import { SqlError } from '../errors/sql-error.ts';
import { FaultyDisk } from '../testing/faulty-disk.ts';
import { INT4 } from '../types/sql-type.ts';
import type { PublishedCommit } from './log/write-set.ts';
import { RecoveryProgress } from './recovery-progress.ts';
import { batchOf, contents, createTable, openTest, scan, TABLE } from './storage-fixtures.ts';

const LONG = 'a value that is longer than twelve bytes';

function sqlstate(code: string, message?: RegExp) {
  return (error: unknown) =>
    error instanceof SqlError && error.sqlstate === code && (message === undefined || message.test(error.message));
}

test('a transaction reads its own writes, others read them after the commit', async () => {
  const { storage, arena, region } = await openTest(undefined);
  await createTable(storage);
  const one = storage.begin();
  const before = one.snapshot();
  await one.insert(TABLE, batchOf(region, [[1, 'one'], [2, LONG], [3, null]])); // biome-ignore format: rows
  assert.equal((await scan(before, arena)).length, 0, 'a statement does not see what comes after its snapshot');
  before.release();
  const own = one.snapshot();
  const mine = await scan(own, arena);
  assert.deepEqual(mine.map(({ row }) => row), [[1, 'one'], [2, LONG], [3, null]]); // biome-ignore format: rows
  own.release();
  assert.deepEqual(await contents(storage, arena), []);
  one.delete(TABLE, [mine[0]!.rowId]);
  const after = one.snapshot();
  assert.equal((await scan(after, arena)).length, 2);
  after.release();
  await one.commit();
  assert.deepEqual(await contents(storage, arena), [`2=${LONG}`, '3=null']);
  assert.equal(storage.estimatedRows(TABLE), 2);
  await storage.close();
});

test('savepoints undo rows, deletes, keys', async () => {
  const { storage, arena, region } = await openTest(undefined);
  await createTable(storage);
  await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[1, 'a']]) }] });
  const one = storage.begin();
  const snapshot = one.snapshot();
  const { rowId } = (await scan(snapshot, arena))[0]!;
  snapshot.release();
  await one.insert(TABLE, batchOf(region, [[2, 'b']]));
  const mark = one.mark();
  assert.equal(await one.lockRow(TABLE, rowId), 'locked');
  await one.update(TABLE, [rowId], batchOf(region, [[1, 'changed']]));
  await one.insert(TABLE, batchOf(region, [[3, 'c']]));
  one.rollbackTo(mark);
  await one.insert(TABLE, batchOf(region, [[3, 'd']]));
  await assert.rejects(async () => one.insert(TABLE, batchOf(region, [[1, 'x']])), sqlstate('23505', /"t_pkey"/));
  await one.commit();
  assert.deepEqual(await contents(storage, arena), ['1=a', '2=b', '3=d']);
  await storage.close();
});

test('unique keys: the message, waiting for an uncommitted key, ON CONFLICT', async () => {
  const { storage, arena, region } = await openTest(undefined);
  await createTable(storage);
  const one = storage.begin();
  const two = storage.begin();
  await one.insert(TABLE, batchOf(region, [[1, 'one']]));
  const waiting = two.insert(TABLE, batchOf(region, [[1, 'two']]));
  await one.commit();
  await assert.rejects(
    async () => waiting,
    (error: SqlError) => {
      assert.equal(error.message, 'duplicate key value violates unique constraint "t_pkey"');
      assert.equal(error.details.detail, 'Key (id)=(1) already exists.');
      return true;
    },
  );
  const { inserted, conflicts } = await two.insertUnlessConflict(TABLE, batchOf(region, [[1, 'x'], [5, 'y'], [5, 'z']]), null); // biome-ignore format: rows
  assert.deepEqual(inserted, [1]);
  assert.deepEqual(conflicts.map(({ position }) => position), [0, 2]); // biome-ignore format: short
  await two.commit();
  assert.deepEqual(await contents(storage, arena), ['1=one', '5=y']);
  await assert.rejects(storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[9, 'n'], [5, 'n']]) }] }), sqlstate('23505')); // biome-ignore format: rows
  assert.deepEqual(await contents(storage, arena), ['1=one', '5=y']);
  await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[9, 'n']]) }] });
  await storage.close();
});

test('where rows went is forgotten while there is always a transaction running', async () => {
  const { storage, arena, region } = await openTest(undefined);
  await createTable(storage);
  await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[1, 'a']]) }] });
  const { successors } = storage.tables.table(TABLE);
  const rowNow = async () => (await scan(storage.snapshot(), arena))[0]!.rowId;
  const old = storage.begin();
  const first = await rowNow();
  let running = storage.begin();
  const change = async () => {
    const next = storage.begin();
    const rowId = await rowNow();
    assert.equal(await running.lockRow(TABLE, rowId), 'locked');
    await running.update(TABLE, [rowId], batchOf(region, [[1, 'b']]));
    await running.commit();
    running = next;
  };
  for (let i = 0; i < 20; i++) await change();
  assert.equal(successors.size, 20, 'a transaction from before may look for each of them');
  assert.equal(await old.lockRow(TABLE, first), 'changed');
  old.rollback();
  for (let i = 0; i < 20; i++) await change();
  assert.ok(successors.size <= 6, `${successors.size} are left`);
  running.rollback();
  await storage.close();
});

test('row locks: waiting, changed, deleted, deadlock, timeout, REPEATABLE READ', async () => {
  const { storage, arena, region } = await openTest(undefined);
  await createTable(storage);
  await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[1, 'a'], [2, 'b'], [3, 'c']]) }] }); // biome-ignore format: rows
  const [a, b, c] = (await scan(storage.snapshot(), arena)).map(({ rowId }) => rowId) as [number, number, number];
  const one = storage.begin();
  const two = storage.begin();
  const old = storage.begin('repeatable read');
  const oldSnapshot = old.snapshot();
  assert.equal(await one.lockRow(TABLE, a), 'locked');
  assert.equal(await two.lockRow(TABLE, b), 'locked');
  const blocked = two.lockRow(TABLE, a);
  await assert.rejects(one.lockRow(TABLE, b), sqlstate('40P01', /deadlock detected/));
  await one.update(TABLE, [a], batchOf(region, [[1, 'newer']]));
  await one.commit();
  assert.equal(await blocked, 'changed');
  const successor = two.successorOf(TABLE, a)!;
  assert.equal(await two.lockRow(TABLE, successor), 'locked');
  const three = storage.begin();
  three.lockTimeoutMs = 5;
  await assert.rejects(three.lockRow(TABLE, b), sqlstate('55P03'));
  two.delete(TABLE, [b]);
  await two.commit();
  assert.equal(await three.lockRow(TABLE, b), 'deleted');
  await assert.rejects(old.lockRow(TABLE, a), sqlstate('40001'));
  assert.equal(await three.lockRow(TABLE, c), 'locked');
  assert.equal((await scan(oldSnapshot, arena)).length, 3, 'the old snapshot stays as it was');
  oldSnapshot.release();
  await old.rollback();
  await three.rollback();
  assert.deepEqual(await contents(storage, arena), ['1=newer', '3=c']);
  await storage.close();
});

test('subscribers see every commit once, in order, with old values', async () => {
  const { storage, arena, region } = await openTest(undefined);
  await createTable(storage);
  const seen: { epoch: bigint; rows: string[] }[] = [];
  storage.subscribe((commit: PublishedCommit) => {
    const rows = commit.changes.flatMap(({ batch, rowIds }) =>
      Array.from(
        rowIds,
        (_, i) => `${batch.weights === 0 ? '+' : '-'}${arena.shared.i32[batch.columns[0]!.data / 4 + i]}`,
      ),
    );
    seen.push({ epoch: commit.epoch, rows });
  });
  await Promise.all(
    [1, 2, 3].map((id) => storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[id, 'x']]) }] })),
  );
  const rows = await scan(storage.snapshot(), arena);
  await storage.commit({ deletes: [{ relation: TABLE, rowIds: [rows[1]!.rowId] }] });
  await storage.commit({ truncates: [TABLE], inserts: [{ relation: TABLE, batch: batchOf(region, [[7, 'x']]) }] });
  assert.deepEqual(seen.map((commit) => commit.rows), [['+1'], ['+2'], ['+3'], ['-2'], ['-1', '-3', '+7']]); // biome-ignore format: rows
  assert.deepEqual(seen.map(({ epoch }) => epoch), [3n, 4n, 5n, 6n, 7n]); // biome-ignore format: short
  await storage.close();
});

test('many rows: groups fill, are adopted whole, and survive a checkpoint and a restart', async () => {
  const disk = new FaultyDisk();
  const { storage, arena, region } = await openTest(disk);
  await createTable(storage);
  const one = storage.begin();
  for (let at = 0; at < 100_000; at += 20_000) {
    await one.insert(
      TABLE,
      batchOf(
        region,
        Array.from({ length: 20_000 }, (_, i) => [at + i, i % 7 === 0 ? LONG : `n${i}`]),
      ),
    );
    region.reset();
  }
  await one.commit();
  await storage.checkpoint();
  await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[-1, 'later']]) }] });
  const all = await contents(storage, arena);
  assert.equal(all.length, 100_001);
  disk.crash();
  const again = await openTest(disk);
  assert.deepEqual(await contents(again.storage, again.arena), all);
  await assert.rejects(
    again.storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(again.region, [[99_999, 'twice']]) }] }),
    sqlstate('23505'),
  );
  await again.storage.close();
});

test('a snapshot from before a change of type reads the other columns only', async () => {
  const { storage, region } = await openTest(undefined);
  await createTable(storage);
  await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[1, 'a']]) }] });
  const old = storage.snapshot();
  const table = storage.catalog().relations.get(TABLE) as Table;
  const columns = table.columns.map((column) => (column.attribute === 2 ? { ...column, type: INT4 } : column));
  const change = { action: 'put', kind: 'relation', object: { ...table, columns } } as const;
  await storage.commit({ catalog: { changes: [change] }, truncates: [TABLE] });
  assert.equal((await old.rowGroups(TABLE, [1]))[0]!.rowCount, 1);
  await assert.rejects(old.rowGroups(TABLE, [1, 2]), sqlstate('40001', /concurrent update/));
  await assert.rejects(async () => old.rows(TABLE, [1], [2], region), sqlstate('40001'));
  old.release();
  await storage.close();
});

test('what is replayed takes the memory that it took before', async () => {
  const disk = new FaultyDisk();
  const { storage, arena, region } = await openTest(disk);
  await createTable(storage);
  for (let at = 0; at < 100; at++) {
    const rows = Array.from({ length: 200 }, (_, i) => [at * 200 + i, LONG] as const);
    await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, rows) }] });
    region.reset();
  }
  disk.crash();
  const again = await openTest(disk);
  assert.equal(again.storage.estimatedRows(TABLE), 20_000);
  assert.ok(again.arena.usage().usedBytes <= arena.usage().usedBytes);
  await again.storage.close();
  await assert.rejects(openTest(disk, { poolBytes: 1_048_576 }), sqlstate('53200', /since the last checkpoint/));
});

test('a full disk fails the commit and no more; a failed sync makes the log read-only', async () => {
  const disk = new FaultyDisk();
  const { storage, arena, region } = await openTest(disk);
  await createTable(storage);
  const insert = (id: number) =>
    storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[id, 'x']]) }] });
  await insert(1);
  disk.plan = (phase) => (phase === 'write' ? { code: 'ENOSPC', keepBytes: 7 } : undefined);
  await assert.rejects(insert(2), sqlstate('53100'));
  disk.plan = null;
  await insert(2);
  disk.plan = (phase) => (phase === 'sync' ? { code: 'EIO' } : undefined);
  await assert.rejects(insert(3), sqlstate('58030'));
  disk.plan = null;
  await assert.rejects(insert(4), sqlstate('58030', /could not fsync/));
  assert.deepEqual(await contents(storage, arena), ['1=x', '2=x']);
  disk.crash();
  const again = await openTest(disk);
  assert.deepEqual(await contents(again.storage, again.arena), ['1=x', '2=x']);
  await again.storage.close();
});

test('waiting commits share one sync', async () => {
  const disk = new FaultyDisk();
  const { storage, region } = await openTest(disk);
  await createTable(storage);
  const before = disk.syncs;
  await Promise.all(
    Array.from({ length: 50 }, (_, id) =>
      storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[id, 'x']]) }] }),
    ),
  );
  assert.ok(disk.syncs - before <= 2, `${disk.syncs - before} syncs`);
  await storage.close();
});

test('damage in durable bytes is reported, not skipped', async () => {
  const disk = new FaultyDisk();
  const { storage, region } = await openTest(disk);
  await createTable(storage);
  for (const id of [1, 2, 3])
    await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[id, 'x']]) }] });
  disk.crash();
  disk.corrupt('log/00000001.log', 60);
  await assert.rejects(openTest(disk), sqlstate('XX001', /log\/00000001.log" at offset 0/));
});

test('one server per directory; the directory opens again', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-storage-'));
  try {
    const first = await openTest(undefined, { directory });
    await createTable(first.storage);
    await first.storage.commit({
      inserts: [{ relation: TABLE, batch: batchOf(first.region, [[1, LONG]]) }],
      metadata: [['offset', 42n]],
    });
    await assert.rejects(openTest(undefined, { directory }), sqlstate('F0001', /lock file ".*LOCK" already exists/));
    await first.storage.close();
    const second = await openTest(undefined, { directory });
    assert.deepEqual(await contents(second.storage, second.arena), [`1=${LONG}`]);
    assert.equal(second.storage.metadata('offset'), 42n);
    assert.equal(second.storage.catalog().findRelation(2200, 't')?.oid, TABLE);
    await second.storage.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a start says how far it has come', async () => {
  const disk = new FaultyDisk();
  const { storage, region } = await openTest(disk);
  await createTable(storage);
  const insert = async (from: number) => {
    const transaction = storage.begin();
    await transaction.insert(TABLE, batchOf(region, [[from, 'a'], [from + 1, 'b']])); // biome-ignore format: two rows
    await transaction.commit();
  };
  await insert(1);
  await storage.checkpoint();
  await insert(3);
  await insert(5);
  await storage.close();
  const lines: string[] = [];
  const again = await openTest(disk, { progress: new RecoveryProgress((line) => lines.push(line), 0) });
  await again.storage.close();
  const said = new Set(lines.map((line) => line.replace(/[\d.]+ s:/, 'N s:').replace(/\(\d+ %\)/, '(N %)')));
  for (const line of [
    'building unique indexes: 2 of 2 rows',
    'continuous queries take up the state of the checkpoint',
    'replaying the log: 0.0 of 0.0 MB (N %), 2 rows',
    'replaying the log: 0.0 of 0.0 MB (N %), 4 rows',
    'recovered in N s: 2 commits of 4 rows replayed from the log',
  ])
    assert.ok(said.has(line), `${line}, of\n${lines.join('\n')}`);
  assert.match(lines.at(-2)!, /100 %/);
});
