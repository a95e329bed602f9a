// Random transactions against a naive model, with a power cut at a random write or sync, any part of the unsynced bytes surviving: after the
// restart the database holds the acknowledged commits, perhaps the one that was under way, whole, and never half of one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultyDisk } from '../testing/faulty-disk.ts';
import { randomBelow } from '../testing/seeded-random.ts';
import { batchOf, contents, createTable, openTest, scan, TABLE } from './storage-fixtures.ts';

type Model = Map<number, string>;
const print = (model: Model) => [...model].map(([id, name]) => `${id}=${name}`).sort();

/** One transaction of inserts, updates and deletes; returns what the table holds if it commits. */
async function randomTransaction(
  { storage, arena, region }: Awaited<ReturnType<typeof openTest>>,
  random: (below: number) => number,
  model: Model,
): Promise<{ next: Model; commit: () => Promise<bigint> }> {
  const transaction = storage.begin();
  const next = new Map(model);
  for (let step = 1 + random(4); step > 0; step--) {
    const id = random(30);
    const name = 'v'.repeat(random(40));
    if (!next.has(id)) {
      await transaction.insert(TABLE, batchOf(region, [[id, name]]));
      next.set(id, name);
      continue;
    }
    const snapshot = transaction.snapshot();
    const found = (await scan(snapshot, arena)).find(({ row }) => row[0] === id)!;
    snapshot.release();
    assert.equal(found.row[1], next.get(id));
    assert.equal(await transaction.lockRow(TABLE, found.rowId), 'locked');
    if (random(2) === 0) {
      transaction.delete(TABLE, [found.rowId]);
      next.delete(id);
    } else {
      await transaction.update(TABLE, [found.rowId], batchOf(region, [[id, name]]));
      next.set(id, name);
    }
  }
  return { next, commit: async () => transaction.commit() };
}

test('after a crash at any point: the acknowledged commits, none half', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomBelow(seed);
    const disk = new FaultyDisk();
    let model: Model = new Map();
    let allowed: string[][] = [[]];
    let database = await openTest(disk, { logSegmentBytes: 3000 });
    await createTable(database.storage);
    for (let life = 0; life < 3; life++) {
      const failAt = disk.writes + disk.syncs + 5 + random(40);
      disk.plan = (_phase, _ordinal) =>
        disk.writes + disk.syncs >= failAt ? { code: 'EIO', keepBytes: random(400) } : undefined;
      try {
        for (let i = 0; i < 30; i++) {
          if (random(8) === 0) await database.storage.checkpoint();
          const { next, commit } = await randomTransaction(database, random, model);
          allowed = [print(model), print(next)];
          await commit();
          model = next;
          allowed = [print(model)];
        }
      } catch (error) {
        assert.match(String(error), /EIO|log/);
      }
      disk.crash((_path, unsynced) => random(unsynced + 1));
      database = await openTest(disk, { logSegmentBytes: 3000 });
      const found = await contents(database.storage, database.arena);
      assert.ok(
        allowed.some((rows) => JSON.stringify(rows) === JSON.stringify(found)),
        `seed ${seed}, life ${life}: ${found}`,
      );
      model = new Map(found.map((line) => [Number(line.split('=')[0]), line.slice(line.indexOf('=') + 1)]));
      allowed = [found];
    }
    await database.storage.close();
  }
});
