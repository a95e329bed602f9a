// The arena keeps its blocks apart, coalesces what is freed, enforces budgets, and is safe for two threads at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { randomBelow } from '../testing/seeded-random.ts';
import { Arena, SharedMemory, UNIT_BYTES } from './memory.ts';
import { Region } from './region.ts';

const SIZE = 32 << 20;

test('blocks do not overlap and everything freed coalesces again', () => {
  const arena = Arena.create(SharedMemory.reserve(SIZE));
  const owner = arena.addOwner(SIZE);
  const { totalBytes } = arena.usage();
  const blocks: { address: number; bytes: number }[] = [];
  const random = randomBelow(7);
  for (let step = 0; step < 600; step++) {
    if (blocks.length > 0 && (random(2) === 0 || blocks.length > 40)) {
      arena.free(owner, blocks.splice(random(blocks.length), 1)[0]!.address);
      continue;
    }
    const wanted = 1 + random(6 * UNIT_BYTES);
    const block = arena.allocate(owner, wanted);
    assert.ok(block.bytes >= wanted && block.address % UNIT_BYTES === 0);
    for (const other of blocks) {
      assert.ok(block.address >= other.address + other.bytes || block.address + block.bytes <= other.address);
    }
    blocks.push(block);
  }
  assert.equal(
    arena.usedBytes(owner),
    blocks.reduce((sum, block) => sum + block.bytes, 0),
  );
  for (const block of blocks) arena.free(owner, block.address);
  assert.equal(arena.usage().usedBytes, 0);
  assert.ok(arena.allocate(owner, 16 << 20).bytes === 16 << 20, 'half of the memory is one block again');
  assert.ok(totalBytes >= 31 << 20);
});

test('budgets and exhaustion are 53200, freeing an owner frees its blocks', () => {
  const arena = Arena.create(SharedMemory.reserve(SIZE));
  const small = arena.addOwner(2 * UNIT_BYTES);
  const large = arena.addOwner(1 << 30);
  arena.allocate(small, 1);
  arena.allocate(small, 1);
  assert.throws(() => arena.allocate(small, 1), { sqlstate: '53200' });
  assert.throws(() => arena.allocate(large, SIZE), { sqlstate: '53200' });
  assert.throws(() => arena.allocate(large, 2 ** 40), { sqlstate: '53200' });
  arena.freeOwner(small);
  assert.equal(arena.usage().usedBytes, 0);
  assert.throws(() => arena.allocate(small, 1), /not registered/);
  const block = arena.allocate(large, 1);
  arena.free(large, block.address);
  assert.throws(() => arena.free(large, block.address), /not in use/);
});

test('a region hands out aligned memory, reuses its blocks after reset and returns them on release', () => {
  const arena = Arena.create(SharedMemory.reserve(SIZE));
  const owner = arena.addOwner(SIZE);
  const region = new Region(arena, owner);
  const first = region.allocate(5);
  assert.equal(region.allocate(5), first + 16);
  region.allocate(3 * UNIT_BYTES);
  const held = arena.usedBytes(owner);
  for (let round = 0; round < 50; round++) {
    region.reset();
    region.allocate(UNIT_BYTES);
    region.reserve(100);
    const { cursor, limit } = region.window;
    assert.ok(limit - cursor >= 100);
    region.advance(cursor + 33);
    assert.equal(region.window.cursor, (cursor + 33 + 15) & ~15);
  }
  assert.equal(arena.usedBytes(owner), held);
  region.release();
  assert.equal(arena.usedBytes(owner), 0);
});

const HAMMER = `
import { parentPort, workerData } from 'node:worker_threads';
const { Arena } = await import(workerData.module);
const arena = Arena.attach(workerData.memory);
const { u32 } = arena.shared;
const mine = [];
let clashes = 0;
for (let step = 0; step < 4000; step++) {
  const block = arena.allocate(workerData.owner, 1 + (step * 7919) % 200000);
  u32[block.address >>> 2] = workerData.owner;
  u32[(block.address + block.bytes - 4) >>> 2] = workerData.owner;
  mine.push(block);
  if (mine.length > 20) {
    const gone = mine.splice((step * 31) % mine.length, 1)[0];
    if (u32[gone.address >>> 2] !== workerData.owner) clashes++;
    if (u32[(gone.address + gone.bytes - 4) >>> 2] !== workerData.owner) clashes++;
    arena.free(workerData.owner, gone.address);
  }
}
for (const block of mine) arena.free(workerData.owner, block.address);
parentPort.postMessage(clashes);
`;

test('two threads allocate and free at once without clashing', async () => {
  const memory = SharedMemory.reserve(SIZE);
  const arena = Arena.create(memory);
  const module = new URL('./memory.ts', import.meta.url).href;
  const runs = [1, 2].map(
    () =>
      new Promise<unknown>((resolve, reject) => {
        const workerData = { memory, owner: arena.addOwner(SIZE), module };
        const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(HAMMER)}`), { workerData });
        worker.once('message', resolve);
        worker.once('error', reject);
      }),
  );
  assert.deepEqual(await Promise.all(runs), [0, 0]);
  assert.equal(arena.usage().usedBytes, 0);
  const owner = arena.addOwner(SIZE);
  assert.equal(arena.allocate(owner, 16 << 20).bytes, 16 << 20);
});
