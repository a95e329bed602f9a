// DeleteVector against a Map, as readers of any epoch see it: by row, as the array for scans, as a checkpoint's bitmap; with commits that
// are undone, readers that end, and the array evicted and made again.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Arena, SharedMemory } from '../../columns/memory.ts';
import fc from '../../testing/seeded-fast-check.ts';
import { DeleteVector } from './delete-vector.ts';
import { SmallBlocks } from './small-blocks.ts';
import { SnapshotRegistry } from './snapshots.ts';

const ROWS = 400;
const arena = Arena.create(SharedMemory.reserve(16 * 1024 * 1024));
const owner = arena.addOwner(8 * 1024 * 1024);
const small = new SmallBlocks(arena, owner);

after(() => arena.freeOwner(owner));

const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('commit' as const, 'undo' as const), rows: fc.uniqueArray(fc.nat(ROWS - 1)) }),
  fc.record({ kind: fc.constantFrom('settle' as const, 'evict' as const, 'scan' as const), rows: fc.constant([]) }),
);

test('rows, arrays and bitmaps are those of a Map of epochs', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const reclaimer = new SnapshotRegistry();
      const deletes = new DeleteVector({ arena, owner, small, reclaimer, makeRoom: null });
      const model = new Map<number, bigint>();
      let epoch = 1n;
      for (const { kind, rows } of steps) {
        if (kind === 'settle') reclaimer.settledEpoch = epoch;
        else if (kind === 'evict') deletes.evictArray();
        else if (kind === 'scan') deletes.array(ROWS);
        else {
          epoch++;
          const live = rows.filter((row) => !model.has(row));
          for (const row of live) deletes.set(row, epoch);
          if (kind === 'undo') for (const row of live.toReversed()) deletes.clear(row);
          else for (const row of live) model.set(row, epoch);
        }
        assert.equal(deletes.count, model.size);
        for (const at of new Set([reclaimer.settledEpoch, epoch - 1n, epoch])) {
          if (at >= reclaimer.settledEpoch) assertSeen(deletes, model, at);
        }
      }
      deletes.retire();
    }),
  );
});

function assertSeen(deletes: DeleteVector, model: ReadonlyMap<number, bigint>, epoch: bigint): void {
  const gone = (deleted: bigint) => deleted !== 0n && deleted <= epoch;
  const expected = Array.from({ length: ROWS }, (_, row) => gone(model.get(row) ?? 0n));
  const byRow = expected.map((_, row) => gone(deletes.at(row)));
  assert.deepEqual(byRow, expected);
  const from = deletes.array(ROWS) / 8;
  assert.deepEqual([...arena.shared.i64.subarray(from, from + ROWS)].map(gone), expected);
  const { bitmap, count } = deletes.bitmapAt(epoch, ROWS);
  assert.deepEqual(
    expected.map((_, row) => ((bitmap[row >>> 3]! >>> (row & 7)) & 1) === 1),
    expected,
  );
  assert.equal(count, expected.filter(Boolean).length);
  if (expected.includes(true)) assert.equal(deletes.noneAt(epoch), false);
}
