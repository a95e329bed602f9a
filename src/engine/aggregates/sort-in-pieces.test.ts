import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortInPieces } from './sort-in-pieces.ts';

test('as Array.sort, equal items in their order, with pauses', async () => {
  for (const count of [0, 1, 1024, 1025, 10_000]) {
    const items = Array.from({ length: count }, (_, i) => ({ key: (i * 7919) % 97, i }));
    const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
    let pauses = 0;
    const sorted = await sortInPieces([...items], compare, () => {
      pauses++;
    });
    assert.deepEqual(sorted, [...items].sort(compare));
    assert.equal(pauses > 0, count > 1024);
  }
});
