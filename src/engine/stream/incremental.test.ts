// Batch is the oracle of streaming: random inserts and deletes in random batching, with restarts from checkpointed state, go through jobs
// over every kind of plan; after each step the view's contents equal the batch query over the rows there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalog } from '../../catalog/catalog.ts';
import { batchRows, buildBatch } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import type { Snapshot } from '../../columns/row-group.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { JoinType, WindowCall } from '../../plan/logical.ts';
import { openStorage } from '../../storage/storage.ts';
import { randomBelow } from '../../testing/seeded-random.ts';
import { INT4, INT8, NUMERIC, type SqlType, TEXT, TIMESTAMP } from '../../types/sql-type.ts';
import {
  aggregateCall,
  ascending,
  call,
  EngineFixture,
  input,
  type Row,
  rowText,
  shape,
  unordered,
} from '../batch/plan-fixture.ts';
import { drive, runAtOnce } from '../jobs/drive.ts';
import { Job } from '../jobs/job.ts';
import { plainEmission } from './emission.ts';
import { StateReader, StateWriter } from './state-file.ts';

const fixture = new EngineFixture(512 * 1024 * 1024);
const storage = await openStorage({ directory: null, arena: fixture.arena, initialCatalog: Catalog.of([]), poolBytes: 64 * 1024 * 1024 }); // biome-ignore format: one line
const { home } = storage.tables;
const TYPES: readonly SqlType[] = [INT4, TEXT, INT8];
const WIDE = [...TYPES, ...TYPES];

function scan(relation: number, types = TYPES): BatchPlan {
  return {
    kind: 'table-scan',
    relation,
    alias: `t${relation}`,
    attributes: types.map((_, i) => i + 1),
    filters: [],
    ...shape(types),
  };
}
const A = scan(1);
const B = scan(2);

function randomRow(next: (limit: number) => number): Row {
  const key = next(10) === 0 ? null : next(6);
  const text = next(10) === 0 ? null : next(2) === 0 ? `k${next(4)}` : `a longer text, number ${next(4)}`;
  return [key, text, BigInt(next(8) - 3)];
}

class Harness {
  job: Job;
  readonly tables = new Map<number, Row[]>([
    [1, []],
    [2, []],
  ]);
  private epoch = 1n;
  private readonly plan: BatchPlan;

  constructor(plan: BatchPlan) {
    this.plan = plan;
    this.job = this.newJob();
  }

  private newJob(): Job {
    const facts = { appendOnly: () => false, watermark: () => null, exact: () => false };
    const { arena, kernels, functions } = fixture;
    const evaluation = { nowMicros: 0n, timeZone: 'UTC' };
    const settings = { arena, kernels, functions, evaluation, facts, doors: {}, memoryLimitBytes: 256 * 1024 * 1024 };
    const job = new Job(null, this.plan, plainEmission({ kind: 'changes' }), settings, null);
    job.started = true;
    return job;
  }

  /** The job as a checkpoint holds it, through its bytes. */
  restart(): void {
    assert.equal(this.job.unsaved, null);
    const frames: Uint8Array[] = [];
    runAtOnce(this.job.save(new StateWriter(home, this.epoch, 'job', frames)));
    this.job.release();
    this.job = this.newJob();
    this.job.restore(StateReader.open(home, Buffer.concat(frames)).within('job'), this.epoch);
  }

  /** One step: `changes` per relation, weights of either sign, cut into batches of `size`. */
  async step(changes: readonly { relation: number; row: Row; weight: bigint }[], size: number): Promise<void> {
    const owner = fixture.arena.addOwner(16 * 1024 * 1024);
    const region = new Region(fixture.arena, owner);
    for (const relation of [1, 2]) {
      const own = changes.filter((change) => change.relation === relation);
      for (let at = 0; at < own.length; at += size) {
        const part = own.slice(at, at + size);
        const batch = buildBatch(region, TYPES, part.map(({ row }) => row), { weights: part.map(({ weight }) => weight) }); // biome-ignore format: one line
        runAtOnce(this.job.push(relation, batch, [1, 2, 3]));
      }
    }
    this.epoch++;
    await new Promise<void>((resolve, reject) => {
      drive(this.job.step(this.epoch, null), (error) => (error === undefined ? resolve() : reject(error)));
    });
    await new Promise<void>((resolve, reject) => {
      drive(this.job.store(), (error) => (error === undefined ? resolve() : reject(error)));
    });
    fixture.arena.freeOwner(owner);
    if (this.job.failure !== null) throw this.job.failure;
  }

  contents(): Row[] {
    const rows: Row[] = [];
    for (const batch of this.job.kept.contents()) {
      const values = batchRows(fixture.arena.shared, batch);
      const { i64, u32 } = fixture.arena.shared;
      values.forEach((row, i) => {
        const weight = i64[batch.weights / 8 + u32[(batch.selection >>> 2) + i]!]!;
        for (let n = 0n; n < weight; n++) rows.push(row);
      });
    }
    return rows;
  }

  async expected(): Promise<Row[]> {
    const owner = fixture.arena.addOwner(16 * 1024 * 1024);
    const region = new Region(fixture.arena, owner);
    const snapshot: Snapshot = {
      epoch: 1n,
      rowCount: (relation) => this.tables.get(relation)!.length,
      release: () => {},
      rowGroups: async (relation, attributes) => {
        const rows = this.tables.get(relation)!;
        if (rows.length === 0) return [];
        const { columns } = buildBatch(region, TYPES, rows);
        const chosen = attributes.map((a) => columns[a - 1]!);
        return [{ rowIdBase: 1, rowCount: rows.length, columns: chosen, insertEpochs: 0, deleteEpochs: 0 }];
      },
    };
    const cursor = (await import('../batch/run-batch-plan.ts')).runBatchPlan(this.plan, fixture.context({ snapshot }));
    const rows: Row[] = [];
    for (let batch = await cursor.next(); batch !== null; batch = await cursor.next())
      rows.push(...batchRows(fixture.arena.shared, batch));
    await cursor.close();
    fixture.arena.freeOwner(owner);
    return rows;
  }
}

function equalInEveryStep(name: string, plan: BatchPlan, most = 25): void {
  test(name, async () => {
    for (const seed of [1, 2, 3]) {
      const next = randomBelow(seed * 7919);
      const harness = new Harness(plan);
      for (let step = 0; step < 12; step++) {
        const changes: { relation: number; row: Row; weight: bigint }[] = [];
        for (let n = next(step === 5 ? most * 8 : most); n > 0; n--) {
          const relation = 1 + next(2);
          const rows = harness.tables.get(relation)!;
          if (rows.length > 0 && next(5) < 2)
            changes.push({ relation, row: rows.splice(next(rows.length), 1)[0]!, weight: -1n });
          else {
            const row = randomRow(next);
            rows.push(row);
            changes.push({ relation, row, weight: 1n });
          }
        }
        if (step === 10)
          for (const [relation, rows] of harness.tables)
            for (const row of rows.splice(0)) changes.push({ relation, row, weight: -1n });
        await harness.step(changes, [1, 3, 2048][next(3)]!);
        if (next(3) === 0) harness.restart();
        assert.deepEqual(
          unordered(harness.contents()),
          unordered(await harness.expected()),
          `seed ${seed}, step ${step}`,
        );
      }
      harness.job.release();
    }
  });
}

const above = (left: number, right: number) => call('<(int8,int8)', [input(INT8, left), input(INT8, right)]);

for (const type of ['inner', 'left', 'right', 'full', 'semi', 'anti', 'null-aware-anti'] as const) {
  const types = ['semi', 'anti', 'null-aware-anti'].includes(type) ? TYPES : WIDE;
  for (const residual of [null, above(2, 5)]) {
    if (type === 'null-aware-anti' && residual !== null) continue;
    const keys = { leftKeys: [input(INT4, 0)], rightKeys: [input(INT4, 0)], nullsEqual: [false] };
    const plan: BatchPlan = { kind: 'hash-join', type, left: A, right: B, ...keys, residual, ...shape(types) };
    equalInEveryStep(`${type} join${residual === null ? '' : ' with a residual'}`, plan);
  }
}

for (const type of ['inner', 'left', 'full'] as JoinType[]) {
  equalInEveryStep(`${type} join without keys`, {
    kind: 'nested-loop-join', type, left: A, right: B, condition: above(2, 5), ...shape(WIDE),
  }); // biome-ignore format: one plan
}

const calls = [
  aggregateCall('count()', INT8, []),
  aggregateCall('count(any)', INT8, [input(TEXT, 1)]),
  aggregateCall('sum(int8)', NUMERIC, [input(INT8, 2)]),
  aggregateCall('avg(int8)', NUMERIC, [input(INT8, 2)]),
  aggregateCall('min(text)', TEXT, [input(TEXT, 1)]),
  aggregateCall('max(int8)', INT8, [input(INT8, 2)]),
  aggregateCall('count(any)', INT8, [input(TEXT, 1)], { distinct: true }),
  aggregateCall('sum(int8)', NUMERIC, [input(INT8, 2)], {
    filter: call('=(int4,int4)', [input(INT4, 0), input(INT4, 0)]),
  }),
];

function aggregate(source: BatchPlan, groupBy: readonly number[]): BatchPlan {
  const keys = groupBy.map((i) => input(source.types[i]!, i));
  const types = [...keys.map((key) => key.type), ...calls.map((one) => one.type)];
  return { kind: 'aggregate', input: source, groupBy: keys, aggregates: calls, groupingSets: null, ...shape(types) };
}

equalInEveryStep('aggregate by one key', aggregate(A, [0]));
equalInEveryStep('aggregate by two keys', aggregate(A, [1, 0]));
equalInEveryStep('aggregate without keys', aggregate(A, []));
const union: BatchPlan = { kind: 'union-all', inputs: [A, B], ...shape(TYPES) };
equalInEveryStep('union all, then aggregate', aggregate(union, [1]));
const innerJoin: BatchPlan = {
  kind: 'hash-join', type: 'left', left: A, right: B, leftKeys: [input(INT4, 0)], rightKeys: [input(INT4, 0)], nullsEqual: [true],
  residual: null, ...shape(WIDE),
}; // biome-ignore format: one plan
equalInEveryStep('aggregate over an outer join with equal NULLs', aggregate(innerJoin, [4]));
const keysOf = (types: readonly SqlType[]) => types.map((type, i) => input(type, i));
equalInEveryStep('distinct', { kind: 'distinct-on', input: union, keys: keysOf(TYPES), orderBy: [], ...shape(TYPES) });
for (const operation of ['intersect', 'except'] as const) {
  for (const all of [false, true]) {
    equalInEveryStep(`${operation}${all ? ' all' : ''}`, {
      kind: 'set-difference',
      operation,
      all,
      left: A,
      right: B,
      ...shape(TYPES),
    });
  }
}
const every = [ascending(INT4, 0), ascending(TEXT, 1), ascending(INT8, 2)];
const top = (limit: number, offset: number, withTies: boolean): BatchPlan => ({
  kind: 'top-n', input: A, keys: every, limit, offset, withTies, ...shape(TYPES),
}); // biome-ignore format: one plan
equalInEveryStep('top-n', top(4, 1, false));
equalInEveryStep('top-n with ties', top(4, 0, true));
equalInEveryStep('top-n over many more rows, which come and go', top(3, 2, false), 400);

equalInEveryStep('offset of sorted rows', {
  kind: 'limit', limit: null, offset: { kind: 'constant', type: INT8, value: 5n },
  input: { kind: 'project', input: { kind: 'sort', input: A, keys: every, ...shape(TYPES) }, expressions: [input(INT8, 2)], ...shape([INT8]) },
  ...shape([INT8]),
}); // biome-ignore format: one plan

/** one call over partitions by text, ordered by everything */
function windowed(partitionBy: readonly Expression[], source: BatchPlan, calls: readonly WindowCall[]): BatchPlan {
  const unbounded = { kind: 'unbounded-preceding' } as const;
  const frame = { mode: 'rows', start: unbounded, end: { kind: 'current-row' }, exclude: 'no others' } as const;
  const types = [...source.types, ...calls.map((one) => one.type)];
  return { kind: 'window', input: source, partitionBy, orderBy: every, frame, calls, ...shape(types) };
}
const windowCall = (id: string, type: SqlType, args: readonly Expression[], aggregate = false): WindowCall => ({
  function: id, aggregate, type, args, filter: null, ignoreNulls: false,
}); // biome-ignore format: one call
const rowNumber = windowCall('row_number()', INT8, []);
const previous = windowCall('lag(anyelement)', INT8, [input(INT8, 2)]);
const running = windowCall('sum(int8)', NUMERIC, [input(INT8, 2)], true);
equalInEveryStep('window functions by partition', windowed([input(TEXT, 1)], A, [rowNumber, previous, running]));
equalInEveryStep('window functions over everything', windowed([], A, [rowNumber]));
equalInEveryStep('first rows of each partition', {
  kind: 'filter', input: windowed([input(INT4, 0)], A, [rowNumber]),
  condition: call('<(int8,int8)', [input(INT8, 3), { kind: 'constant', type: INT8, value: 3n }]), ...shape([...TYPES, INT8]),
}); // biome-ignore format: one plan
equalInEveryStep('distinct on', {
  kind: 'distinct-on',
  input: A,
  keys: [input(INT4, 0)],
  orderBy: every,
  ...shape(TYPES),
});
const session = (partitionBy: readonly Expression[]): BatchPlan => ({
  kind: 'window-assign', input: A, window: { kind: 'session', gapMicros: 2n }, time: input(TIMESTAMP, 2), partitionBy,
  ...shape([...TYPES, TIMESTAMP, TIMESTAMP, TIMESTAMP]),
}); // biome-ignore format: one plan
equalInEveryStep('sessions by key', session([input(INT4, 0)]));
equalInEveryStep('sessions of everything', session([]));
const tumble = { kind: 'tumble', sizeMicros: 4n, offsetMicros: 1n } as const;
const hop = { kind: 'hop', slideMicros: 2n, sizeMicros: 6n, offsetMicros: 0n } as const;
const cumulate = { kind: 'cumulate', stepMicros: 2n, sizeMicros: 6n, offsetMicros: 0n } as const;
for (const window of [tumble, hop, cumulate]) {
  equalInEveryStep(`${window.kind} windows`, {
    kind: 'window-assign', input: A, window, time: input(TIMESTAMP, 2), partitionBy: [],
    ...shape([...TYPES, TIMESTAMP, TIMESTAMP, TIMESTAMP]),
  }); // biome-ignore format: one plan
}
equalInEveryStep('grouping sets', {
  ...(aggregate(A, [1, 0]) as Extract<BatchPlan, { kind: 'aggregate' }>), groupingSets: [[0, 1], [1], []],
  ...shape([...aggregate(A, [1, 0]).types, INT4]),
}); // biome-ignore format: one plan
equalInEveryStep('filter and project', {
  kind: 'project',
  input: {
    kind: 'filter',
    input: A,
    condition: call('=(int4,int4)', [input(INT4, 0), { kind: 'constant', type: INT4, value: 3 }]),
    ...shape(TYPES),
  },
  expressions: [input(INT8, 2), input(TEXT, 1)],
  ...shape([INT8, TEXT]),
});

test('state does not grow with the number of changes, long texts included', async () => {
  const harness = new Harness(aggregate(A, [1]));
  const key = 'a key of more than twelve bytes, number ';
  let bytes = 0;
  for (let round = 0; round < 400; round++) {
    const rows = Array.from({ length: 200 }, (_, i): Row => [round, `${key.repeat(4)}${i}`, BigInt(round)]);
    const old = rows.map((row): Row => [round - 1, row[1]!, BigInt(round - 1)]);
    await harness.step(rows.map((row) => ({ relation: 1, row, weight: 1n })), 2048); // biome-ignore format: one line
    if (round > 0) await harness.step(old.map((row) => ({ relation: 1, row, weight: -1n })), 2048); // biome-ignore format: one line
    if (round === 100) bytes = harness.job.stateBytes;
  }
  assert.ok(harness.job.stateBytes <= bytes * 1.5, `${bytes} bytes became ${harness.job.stateBytes}`);
  assert.equal(harness.contents().length, 200);
  harness.job.release();
});

test('an evaluation error is a weighted row: deleting its cause heals the view', async () => {
  const quotient = call('/(int8,int8)', [{ kind: 'constant', type: INT8, value: 12n }, input(INT8, 2)], INT8);
  const harness = new Harness({ kind: 'project', input: A, expressions: [quotient], ...shape([INT8]) });
  const row = (value: bigint): Row => [1, 'x', value];
  await harness.step([{ relation: 1, row: row(3n), weight: 1n }, { relation: 1, row: row(0n), weight: 1n }, { relation: 1, row: row(4n), weight: 1n }], 2048); // biome-ignore format: one line
  assert.equal(harness.job.readError?.sqlstate, '22012');
  await harness.step([{ relation: 1, row: row(0n), weight: -1n }], 2048);
  assert.equal(harness.job.readError, null);
  assert.deepEqual(harness.contents().map(rowText).sort(), ['["3n"]', '["4n"]']);
  harness.job.release();
});

test('a step under way is no part that failed', async () => {
  for (const plan of [windowed([input(TEXT, 1)], A, [rowNumber]), top(3, 0, false)]) {
    const harness = new Harness(plan);
    await harness.step([], 1);
    const owner = fixture.arena.addOwner(1024 * 1024);
    runAtOnce(harness.job.push(1, buildBatch(new Region(fixture.arena, owner), TYPES, [[1, 'x', 1n]]), [1, 2, 3]));
    assert.equal(harness.job.unsaved, null);
    harness.job.release();
    fixture.arena.freeOwner(owner);
  }
});
