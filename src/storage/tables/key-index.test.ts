import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../testing/seeded-random.ts';
import { KeyIndex } from './key-index.ts';

test('as a Map, while it grows over many tables, shrinks and grows again', () => {
  const random = seededRandom(11);
  const [index, oracle] = [new KeyIndex(), new Map<string, number>()];
  const key = new Uint8Array(40);
  const write = (text: string) => Buffer.from(text).copy(key);
  for (const [rounds, deletes] of [
    [30_000, 0.1],
    [30_000, 0.9],
    [30_000, 0.05],
  ] as const) {
    for (let i = 0; i < rounds; i++) {
      const number = Math.floor(random() * 40_000);
      const text = number % 7 === 0 ? `a longer key, number ${number}` : String(number);
      const length = write(text);
      const before = oracle.get(text) ?? -1;
      if (random() < deletes) {
        assert.equal(index.delete(key, length), before);
        oracle.delete(text);
      } else {
        assert.equal(index.set(key, length, i), before);
        oracle.set(text, i);
      }
    }
    assert.equal(index.size, oracle.size);
    for (const [text, rowId] of oracle) assert.equal(index.find(key, write(text)), rowId);
  }
  assert.equal(index.find(key, write('none')), -1);
});
