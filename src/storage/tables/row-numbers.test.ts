// RowNumbers against a Map, on both sides of the number of rows at which it goes over to pages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../testing/seeded-fast-check.ts';
import { RowNumbers } from './row-numbers.ts';

const rowId = fc.oneof(fc.nat(300), fc.nat(2 ** 40));
const step = fc.oneof(
  { weight: 60, arbitrary: fc.record({ kind: fc.constant('set' as const), rowId, value: fc.nat(2 ** 33) }) },
  { weight: 60, arbitrary: fc.record({ kind: fc.constant('add' as const), rowId, value: fc.nat(9) }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('delete' as const), rowId, value: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const, rowId: 0, value: 0 }) },
);

test('rows, numbers, size and order of visit are those of a Map', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const model = new Map<number, number>();
      const numbers = new RowNumbers();
      for (const { kind, rowId: id, value } of steps) {
        if (kind === 'set') numbers.set(id, value);
        else if (kind === 'add') assert.equal(numbers.add(id, value), !model.has(id));
        else if (kind === 'delete') numbers.delete(id);
        else numbers.clear();
        if (kind === 'set' || (kind === 'add' && !model.has(id))) model.set(id, value);
        else if (kind === 'delete') model.delete(id);
        else if (kind === 'clear') model.clear();
        assert.equal(numbers.size, model.size);
        assert.equal(numbers.get(id), model.get(id));
        assert.equal(numbers.has(id), model.has(id));
      }
      const sorted = (pairs: Iterable<readonly [number, number]>) => [...pairs].sort(([a], [b]) => a - b);
      assert.deepEqual([...numbers], sorted(model));
      for (const [from, to] of [
        [0, 200],
        [100, 129],
        [2 ** 30, 2 ** 40],
      ] as const) {
        const inside = sorted(model).filter(([id]) => id >= from && id < to);
        assert.deepEqual(sorted(numbers.between(from, to)), inside);
      }
    }),
  );
});
