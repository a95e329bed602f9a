// Results longer than any value may be find no room: their sizes are summed without wrapping, so nothing is written past the heap.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arenaFixture } from '../testing/arena-fixture.ts';
import { STATUS, statusCode } from './kernel-library.ts';

const { shared, kernels, region } = arenaFixture(16 << 20);
const { u32 } = shared;

/** A table of `parts` entries that all name one view of 1 GB - 1 that is not there, and a heap with hardly any room. */
function giants(parts: number, entryWords: number) {
  const view = region.allocate(16);
  u32.set([0x3fffffff, 0, view, 0], view >>> 2);
  const table = region.allocate(parts * entryWords * 4);
  u32.fill(0, table >>> 2, (table >>> 2) + parts * entryWords);
  for (let i = 0; i < parts; i++) u32[(table >>> 2) + i * entryWords] = view;
  const heap = region.allocate(16);
  u32.set([view, view + 64], heap >>> 2);
  return { view, table, heap, out: region.allocate(16), nulls: region.allocate(16) };
}

test('an array whose size is beyond 32 bits finds no room', () => {
  for (const parts of [2, 3, 4, 5, 8]) {
    const { table, heap, out } = giants(parts, 3);
    const status = kernels.get('array_of')(out, table, parts, 0, 0, 1, 0, heap);
    assert.equal(statusCode(status), STATUS.NEED_HEAP, `${parts} elements`);
  }
});

test('texts joined beyond 32 bits find no room', () => {
  for (const parts of [2, 3, 4, 5, 8]) {
    const { table, heap, out, nulls } = giants(parts, 2);
    const status = kernels.get('join_texts')(out, table, parts, 0, 0, nulls, 0, 1, 0, heap);
    assert.equal(statusCode(status), STATUS.NEED_HEAP, `${parts} parts`);
  }
  const { view, heap, out } = giants(1, 2);
  assert.equal(statusCode(kernels.get('concat_view')(out, view, view, 0, 0, 1, 0, heap)), STATUS.NEED_HEAP);
});
