import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../testing/seeded-random.ts';
import { RowSet } from './row-set.ts';

test('as a Set, for ids near and far', () => {
  const random = seededRandom(7);
  const [rows, oracle] = [new RowSet(), new Set<number>()];
  for (let i = 0; i < 20_000; i++) {
    const far = i % 3 === 0 ? 2 ** 52 : i % 3 === 1 ? 2 ** 31 - 600 : 0;
    const id = far + Math.floor(random() * 3000);
    assert.equal(rows.add(id), !oracle.has(id), String(id));
    oracle.add(id);
  }
});
