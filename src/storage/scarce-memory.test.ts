// Memory that ends at any allocation of a commit: the commit fails, nothing of it stays, the next ones are whole, and a restart finds the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Arena } from '../columns/memory.ts';
import { SqlError, sqlError } from '../errors/sql-error.ts';
import { FaultyDisk } from '../testing/faulty-disk.ts';
import { batchOf, contents, createTable, openTest, type Row, scan, TABLE } from './storage-fixtures.ts';

const LONG = 'a value that is longer than twelve bytes';
/** Just below a row group, so that the next commit goes over its end. */
const FIRST_ROWS = 65_000;
const MOST_ALLOCATIONS = 60;

/** The arena refuses one allocation, after so many that it grants; `granted` is how many there were. */
class ScarceMemory {
  left = Number.POSITIVE_INFINITY;
  private readonly allocate: Arena['allocate'];

  constructor(arena: Arena) {
    this.allocate = arena.allocate.bind(arena);
    arena.allocate = (owner, bytes) => {
      if (this.left-- === 0) throw sqlError('out_of_memory', 'out of memory');
      return this.allocate(owner, bytes);
    };
  }
}

const isOutOfMemory = (error: unknown) => error instanceof SqlError && error.sqlstate === '53200';

test('memory that ends amid a commit leaves nothing of it', async () => {
  const disk = new FaultyDisk();
  const { storage, arena, region } = await openTest(disk);
  const memory = new ScarceMemory(arena);
  await createTable(storage);
  let told = 0;
  storage.subscribe(({ changes }) => {
    for (const { batch } of changes) told += batch.weights === 0 ? batch.count : -batch.count;
  });
  const insert = (rows: readonly Row[], deletes: readonly number[] = []) => {
    const inserts = [{ relation: TABLE, batch: batchOf(region, rows) }];
    return storage.commit({ inserts, deletes: [{ relation: TABLE, rowIds: deletes }] });
  };
  await insert(Array.from({ length: FIRST_ROWS }, (_, i) => [i, 'x']));
  const model = new Map<number, string | null>(Array.from({ length: FIRST_ROWS }, (_, i) => [i, 'x']));
  const big = Array.from({ length: 1_500 }, (_, i): Row => [100_000 + i, i % 2 === 0 ? null : LONG]);
  let failures = 0;
  for (let granted = 0; granted < MOST_ALLOCATIONS; granted++) {
    region.reset();
    memory.left = granted;
    const failed = await insert(big, [1, 2, 3]).then(() => null, (error: unknown) => error); // biome-ignore format: one line
    memory.left = Number.POSITIVE_INFINITY;
    if (failed === null) {
      for (const [id, name] of big) model.set(id as number, name as string | null);
      for (const id of [0, 1, 2]) model.delete(id);
      break;
    }
    assert.ok(isOutOfMemory(failed), String(failed));
    failures++;
    const id = 200_000 + granted;
    region.reset();
    await insert([[id, 'y'], [id + 1000, null], [id + 2000, 'z']]); // biome-ignore format: three rows
    for (const [key, name] of [[id, 'y'], [id + 1000, null], [id + 2000, 'z']] as const) model.set(key, name); // biome-ignore format: one line
    assert.deepEqual([storage.estimatedRows(TABLE), told], [model.size, model.size], `after ${granted} allocations`);
    await assert.rejects(insert([[2, 'twice']]), { sqlstate: '23505' });
  }
  assert.ok(failures > 3 && failures < MOST_ALLOCATIONS, `${failures} failures`);
  // now the first memory that a delete takes is that of what others are told
  memory.left = 0;
  await assert.rejects(storage.commit({ deletes: [{ relation: TABLE, rowIds: [11, 12] }] }), isOutOfMemory);
  memory.left = Number.POSITIVE_INFINITY;
  await storage.commit({ deletes: [{ relation: TABLE, rowIds: [12, 13] }] });
  for (const id of [11, 12]) model.delete(id);
  assert.deepEqual([storage.estimatedRows(TABLE), told], [model.size, model.size]);
  const expected = [...model].map(([id, name]) => `${id}=${name}`).sort();
  assert.deepEqual(await contents(storage, arena), expected);
  const ids = async (from: typeof storage, of: Arena) => {
    const snapshot = from.snapshot();
    const rows = await scan(snapshot, of);
    snapshot.release();
    return rows.map(({ rowId, row }) => `${rowId} ${row[0]}`);
  };
  const before = await ids(storage, arena);
  disk.crash();
  const again = await openTest(disk);
  assert.deepEqual(await contents(again.storage, again.arena), expected);
  assert.deepEqual(await ids(again.storage, again.arena), before);
  await again.storage.close();
});
