// Aggregation on two threads gives what one gives, and errors, cancels and memory behave.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { BatchPlan } from '../../plan/batch.ts';
import { kernelModule } from '../../testing/arena-fixture.ts';
import { INT4, INT8, TEXT } from '../../types/sql-type.ts';
import {
  aggregateCall,
  call,
  constant,
  EngineFixture,
  input,
  type Row,
  shape,
  unordered,
} from '../batch/plan-fixture.ts';
import { WorkerPool } from './worker-pool.ts';

const fixture = new EngineFixture();
const workers = new WorkerPool({ size: 2, arena: fixture.arena, module: kernelModule });
after(() => workers.close());

const ROWS = 100_000;
const rows = Array.from({ length: ROWS }, (_, i): Row => {
  const key = (i * 7919) % 1013;
  return [key % 17 === 0 ? null : key, `a key that does not fit a view ${key % 301}`, BigInt(i)];
});
const scan = fixture.table([INT4, TEXT, INT8], rows);

function grouped(source: BatchPlan, keys: readonly (typeof INT4)[], at: readonly number[]): BatchPlan {
  const aggregates = [
    aggregateCall('count()', INT8, []),
    aggregateCall('sum(int4)', INT8, [input(INT4, 0)]),
    aggregateCall('max(text)', TEXT, [input(TEXT, 1)]),
    aggregateCall('min(int8)', INT8, [input(INT8, 2)]),
  ];
  const groupBy = at.map((index, i) => input(keys[i]!, index));
  return {
    kind: 'aggregate',
    input: source,
    groupBy,
    aggregates,
    groupingSets: null,
    ...shape([...keys, INT8, INT8, TEXT, INT8], 1000),
  };
}

const filtered: BatchPlan = {
  kind: 'filter',
  input: scan,
  condition: call('<(int8,int8)', [input(INT8, 2), constant(INT8, 90_000n)]),
  ...shape(scan.types, 90_000),
};

for (const [name, plan] of [
  ['by integer and text', grouped(filtered, [INT4, TEXT], [0, 1])],
  ['without groups', grouped(filtered, [], [])],
] as const) {
  test(`workers agree with one thread: ${name}`, async () => {
    assert.deepEqual(unordered(await fixture.run(plan, { workers })), unordered(await fixture.run(plan)));
  });
}

test('an error on a worker keeps its condition and frees everything', async () => {
  const value = call('/(int4,int4)', [constant(INT4, 1), input(INT4, 0)], INT4);
  const source: BatchPlan = {
    kind: 'project',
    input: scan,
    expressions: [value, input(TEXT, 1), input(INT8, 2)],
    ...shape(scan.types),
  };
  const zero: BatchPlan = { ...source, input: fixture.table([INT4, TEXT, INT8], [...rows, [0, 'z', 0n]]) } as BatchPlan;
  await assert.rejects(fixture.run(grouped(zero, [TEXT], [1]), { workers }), { sqlstate: '22012' });
});

test('a cancel reaches the workers', async () => {
  await assert.rejects(fixture.run(grouped(filtered, [TEXT], [1]), { workers, cancel: { cancelled: true } }), {
    sqlstate: '57014',
  });
});
