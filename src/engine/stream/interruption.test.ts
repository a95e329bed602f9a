// Work that multiplies rows can be interrupted: whatever a step makes, no more than a few batches and kernel calls lie between two places
// where sessions have their turn, and a job that is to end stops at the next of them. Counted, not timed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { WindowCall } from '../../plan/logical.ts';
import { INT8, NUMERIC, type SqlType, TEXT, TIMESTAMP } from '../../types/sql-type.ts';
import { aggregateCall, EngineFixture, input, shape } from '../batch/plan-fixture.ts';
import { runAtOnce } from '../jobs/drive.ts';
import { Job } from '../jobs/job.ts';
import { plainEmission } from './emission.ts';
import type { Work } from './operator.ts';

const TYPES: readonly SqlType[] = [INT8, INT8, TIMESTAMP, TEXT]; // number, number modulo 3, time, a text too long for a view
const MOST_ROWS = 2 * BATCH_ROWS;
const MOST_CALLS = 400;

const fixture = new EngineFixture(1024 * 1024 * 1024);
const table = (relation: number): BatchPlan => ({
  kind: 'table-scan', relation, alias: `t${relation}`, attributes: [1, 2, 3, 4], filters: [], ...shape(TYPES),
}); // biome-ignore format: one plan
const [A, B, C] = [table(1), table(2), table(3)];

/** The kernels, which count how often they are called. */
function counting(kernels: KernelLibrary, counted: { calls: number }): KernelLibrary {
  return new Proxy(kernels, {
    get(target, name) {
      if (name !== 'get') return Reflect.get(target, name) as unknown;
      return (kernel: string) => {
        const call = target.get(kernel);
        return (...args: number[]) => {
          counted.calls++;
          return call(...args);
        };
      };
    },
  });
}

class Watched {
  readonly job: Job;
  rows = 0;
  turns = 0;
  private readonly counted = { calls: 0 };
  private slice = { rows: 0, calls: 0 };
  readonly most = { rows: 0, calls: 0 };

  constructor(plan: BatchPlan, memoryLimitBytes = 512 * 1024 * 1024) {
    const { arena, kernels, functions } = fixture;
    const facts = { appendOnly: () => false, watermark: () => null, exact: () => false };
    const evaluation = { nowMicros: 0n, timeZone: 'UTC' };
    const counted = counting(kernels, this.counted);
    const settings = {
      arena,
      kernels: counted,
      functions,
      evaluation,
      facts,
      doors: {},
      memoryLimitBytes,
      name: '"v"',
    };
    this.job = new Job(null, plan, plainEmission({ kind: 'changes' }), settings, null);
    const push = this.job.output.push.bind(this.job.output);
    this.job.output.push = (batch: Batch) => {
      this.rows += batch.count;
      return push(batch, 0);
    };
  }

  /** Runs work turn by turn; false: it is not over after that many turns. */
  async run(work: Work, turns = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (let i = 0; i < turns; i++) {
      this.slice = { rows: this.rows, calls: this.counted.calls };
      const step = work.next();
      this.turns++;
      this.most.rows = Math.max(this.most.rows, this.rows - this.slice.rows);
      this.most.calls = Math.max(this.most.calls, this.counted.calls - this.slice.calls);
      if (step.done === true) return true;
      if (step.value !== undefined) await step.value;
    }
    return false;
  }

  /** One step: these numbers of each relation come (or go), then everything is flushed and stored. */
  async step(epoch: bigint, relations: readonly number[], count: number, weight = 1n): Promise<void> {
    const owner = fixture.arena.addOwner(64 * 1024 * 1024);
    const region = new Region(fixture.arena, owner);
    for (let from = 0; from < count; from += BATCH_ROWS) {
      const rows = Array.from({ length: Math.min(BATCH_ROWS, count - from) }, (_, i) => from + i);
      const values = rows.map((i) => [BigInt(i), BigInt(i % 3), BigInt(i), `the text of number ${i}`]);
      const batch = buildBatch(region, TYPES, values, { weights: rows.map(() => weight) });
      for (const relation of relations) await this.run(this.job.push(relation, batch, [1, 2, 3, 4]));
    }
    fixture.arena.freeOwner(owner);
    await this.run(this.job.step(epoch, null));
    await this.run(this.job.store());
    if (this.job.failure !== null) throw this.job.failure;
  }
}

const product = (left: BatchPlan, right: BatchPlan): BatchPlan => ({
  kind: 'nested-loop-join', type: 'inner', left, right, condition: null, ...shape([...left.types, ...right.types]),
}); // biome-ignore format: one plan
const join = (type: 'left' | 'full' | 'semi'): BatchPlan => ({
  kind: 'hash-join', type, left: A, right: B, leftKeys: [input(INT8, 1)], rightKeys: [input(INT8, 1)], nullsEqual: [false], residual: null,
  ...shape(type === 'semi' ? TYPES : [...TYPES, ...TYPES]),
}); // biome-ignore format: one plan
const series: BatchPlan = {
  kind: 'project-set', input: A, ordinality: false, outer: false,
  functions: [{ function: 'generate_series(int8,int8)', args: [input(INT8, 1), input(INT8, 0)], outputs: [{ name: 'n', type: INT8 }] }],
  ...shape([...TYPES, INT8]),
}; // biome-ignore format: one plan
const hops: BatchPlan = {
  kind: 'window-assign', input: A, window: { kind: 'hop', slideMicros: 1n, sizeMicros: 1000n, offsetMicros: 0n }, time: input(TIMESTAMP, 2),
  partitionBy: [], ...shape([...TYPES, TIMESTAMP, TIMESTAMP, TIMESTAMP]),
}; // biome-ignore format: one plan
const distinct: BatchPlan = {
  kind: 'distinct-on', input: A, keys: TYPES.map((type, i) => input(type, i)), orderBy: [], ...shape(TYPES),
}; // biome-ignore format: one plan
const common: BatchPlan = {
  kind: 'set-difference',
  operation: 'intersect',
  all: true,
  left: A,
  right: B,
  ...shape(TYPES),
};
function groups(by: readonly number[]): BatchPlan {
  const calls = [
    aggregateCall('count()', INT8, []),
    aggregateCall('max(int8)', INT8, [input(INT8, 0)]),
    aggregateCall('sum(int8)', NUMERIC, [input(INT8, 0)], { distinct: true }),
  ];
  const groupBy = by.map((i) => input(TYPES[i]!, i));
  const types = [...groupBy.map((key) => key.type), ...calls.map((one) => one.type)];
  return { kind: 'aggregate', input: A, groupBy, aggregates: calls, groupingSets: null, ...shape(types) };
}
const rowNumber: WindowCall = {
  function: 'row_number()', aggregate: false, type: INT8, args: [], filter: null, ignoreNulls: false,
}; // biome-ignore format: one call
const ranked: BatchPlan = {
  kind: 'window', input: A, partitionBy: [input(INT8, 1)],
  orderBy: [{ expression: input(INT8, 0), descending: true, nullsFirst: true }],
  frame: { mode: 'range', start: { kind: 'unbounded-preceding' }, end: { kind: 'current-row' }, exclude: 'no others' },
  calls: [rowNumber], ...shape([...TYPES, INT8]),
}; // biome-ignore format: one plan

const cases: readonly (readonly [name: string, plan: BatchPlan, relations: readonly number[], rows: number])[] = [
  ['a product of three tables', product(product(A, B), C), [1, 2, 3], 60],
  ['a left join of large groups', join('left'), [1, 2], 800],
  ['a full join of large groups', join('full'), [1, 2], 800],
  ['a semi join of large groups', join('semi'), [1, 2], 3000],
  ['a function that returns sets', series, [1], 500],
  ['windows that overlap much', hops, [1], 300],
  ['distinct rows', distinct, [1], 100_000],
  ['an intersection', common, [1, 2], 60_000],
  ['many groups', groups([0]), [1], 60_000],
  ['few large groups', groups([1]), [1], 60_000],
  ['window functions over large partitions', ranked, [1], 60_000],
];

for (const [name, plan, relations, rows] of cases) {
  test(`${name}: bounded work between two interruptions`, async () => {
    const watched = new Watched(plan);
    await watched.step(1n, relations, rows);
    await watched.step(2n, relations, 10);
    await watched.step(3n, relations, rows, -1n);
    assert.ok(watched.rows > 0);
    assert.ok(watched.most.rows <= MOST_ROWS, `${watched.most.rows} rows in one turn`);
    assert.ok(watched.most.calls <= MOST_CALLS, `${watched.most.calls} kernel calls in one turn`);
    watched.job.release();
  });
}

test('a job that is to end stops at the next interruption, and its memory is free when it has', async () => {
  for (const end of ['cancel', 'release'] as const) {
    const watched = new Watched(product(product(A, B), C));
    const { arena } = fixture;
    const owner = arena.addOwner(1_048_576);
    const rows = Array.from({ length: 200 }, (_, i) => [BigInt(i), 0n, 0n, '']);
    const batch = buildBatch(new Region(arena, owner), TYPES, rows);
    for (const relation of [1, 2]) runAtOnce(watched.job.push(relation, batch, [1, 2, 3, 4]));
    const work = watched.job.push(3, batch, [1, 2, 3, 4]);
    assert.equal(await watched.run(work, 20), false);
    const used = arena.usage().usedBytes;
    watched.job[end]();
    if (end === 'release') assert.equal(arena.usage().usedBytes, used); // it is still used
    assert.equal(await watched.run(work, 2), true);
    assert.ok(arena.usage().usedBytes < used);
    assert.equal(watched.job.failure?.sqlstate ?? null, end === 'cancel' ? '57014' : null);
    arena.freeOwner(owner);
  }
});

test('a result that outgrows the budget ends the job with 53200 by its name', async () => {
  const watched = new Watched(product(product(A, B), C), 48 * 1024 * 1024);
  await assert.rejects(watched.step(1n, [1, 2, 3], 90), {
    sqlstate: '53200',
    message: 'the state of continuous query "v" does not fit into memory',
  });
  assert.ok(watched.most.rows <= MOST_ROWS);
});
