// State that does not grow for ever: many events through joins of windows and joins with a bound on time; what the watermark has passed is
// forgotten, so the job's memory stays where it was after the first windows. HEADRACE_TEST_EVENTS=10000000 for the long run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchRows, buildBatch } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { INT4, INT8, INTERVAL, type SqlType, TIMESTAMP } from '../../types/sql-type.ts';
import { aggregateCall, call, EngineFixture, input, shape } from '../batch/plan-fixture.ts';
import { drive, runAtOnce } from '../jobs/drive.ts';
import { Job, type JobSettings } from '../jobs/job.ts';
import { plainEmission } from './emission.ts';
import type { Work } from './operator.ts';
import { StepOutput } from './step-output.ts';

const EVENTS = Number(process.env.HEADRACE_TEST_EVENTS ?? 600_000);
const TYPES: readonly SqlType[] = [INT4, TIMESTAMP];
const KEYS = 500;
const SECOND = 1_000_000n;
const BATCH = 2000;
const MIDDLE = EVENTS / BATCH / 4;

const fixture = new EngineFixture(512 * 1024 * 1024);

const scan = (relation: number): BatchPlan => ({
  kind: 'table-scan', relation, alias: `s${relation}`, attributes: [1, 2], filters: [], ...shape(TYPES),
}); // biome-ignore format: one plan

const count = (source: BatchPlan, keys: readonly number[]): BatchPlan => {
  const groupBy = keys.map((i) => input(source.types[i]!, i));
  const types = [...groupBy.map((key) => key.type), INT8];
  const aggregates = [aggregateCall('count()', INT8, [])];
  return { kind: 'aggregate', input: source, groupBy, aggregates, groupingSets: null, ...shape(types) };
};

function windows(relation: number): BatchPlan {
  const window = { kind: 'tumble', sizeMicros: SECOND, offsetMicros: 0n } as const;
  const types = [...TYPES, TIMESTAMP, TIMESTAMP, TIMESTAMP];
  const time = input(TIMESTAMP, 1);
  return { kind: 'window-assign', input: scan(relation), window, time, partitionBy: [], ...shape(types) };
}

function job(plan: BatchPlan, streams = true, changesOnly = false): Job {
  const { arena, kernels, functions } = fixture;
  const facts = { appendOnly: () => streams, watermark: () => 2, exact: () => true };
  const evaluation = { nowMicros: 0n, timeZone: 'UTC' };
  const memoryLimitBytes = 128 * 1024 * 1024;
  const output: Pick<JobSettings, 'output'> = changesOnly
    ? { output: (context, types, appendOnly) => new StepOutput(context, types, appendOnly) }
    : {};
  const settings = { arena, kernels, functions, evaluation, facts, doors: {}, memoryLimitBytes, ...output };
  const made = new Job(null, plan, plainEmission({ kind: 'changes' }), settings, null);
  made.started = true;
  return made;
}

const finish = (work: Work) =>
  new Promise<void>((resolve, reject) => {
    drive(work, (error) => (error === undefined ? resolve() : reject(error)));
  });

/** Events of both streams, a thousand a second on each; returns the state's bytes in the middle and at the end, and the view's rows. */
async function run(plan: BatchPlan): Promise<{ middle: number; end: number; rows: (unknown[] | undefined)[] }> {
  const running = job(plan);
  const { arena } = fixture;
  const owner = arena.addOwner(16 * 1024 * 1024);
  const region = new Region(arena, owner);
  const rows = Array.from({ length: BATCH }, (_, i): [number, bigint] => [i % KEYS, 0n]);
  const batch = buildBatch(region, TYPES, rows);
  const times = batch.columns[1]!.data / 8;
  let middle = 0;
  for (let step = 0; step * BATCH < EVENTS / 2; step++) {
    const from = BigInt(step) * 2n * SECOND;
    for (let i = 0; i < BATCH; i++) arena.shared.i64[times + i] = from + BigInt(i) * 1000n;
    for (const relation of [1, 2]) runAtOnce(running.push(relation, batch, [1, 2]));
    await finish(running.step(BigInt(step + 1), from + SECOND));
    await finish(running.store());
    if (running.failure !== null) throw running.failure;
    if (step === Math.floor(MIDDLE)) middle = running.stateBytes;
  }
  const out: unknown[][] = [];
  for (const part of running.kept.contents()) out.push(...batchRows(arena.shared, part));
  const end = running.stateBytes;
  running.release();
  arena.freeOwner(owner);
  return { middle, end, rows: out };
}

function joined(left: BatchPlan, right: BatchPlan, pairs: readonly number[], residual: Expression | null): BatchPlan {
  const keys = pairs.map((i) => input(left.types[i]!, i));
  return {
    kind: 'hash-join', type: 'inner', left, right, leftKeys: keys, rightKeys: keys, nullsEqual: keys.map(() => false), residual,
    ...shape([...left.types, ...right.types]),
  }; // biome-ignore format: one plan
}

test(`${EVENTS} events through a join of windows keep the state of a few windows`, async () => {
  const { middle, end, rows } = await run(count(joined(windows(1), windows(2), [0, 2, 3], null), []));
  assert.deepEqual(rows, [[BigInt(EVENTS)]]); // two rows per key, stream and window: four pairs for two rows
  assert.ok(end <= middle, `${middle} bytes became ${end}`);
});

test(`${EVENTS} events through a join with a bound on time keep the state of that time`, async () => {
  const interval = (micros: bigint): Expression => ({
    kind: 'constant', type: INTERVAL, value: { kind: 'interval', months: 0, days: 0, micros },
  }); // biome-ignore format: one constant
  const left = input(TIMESTAMP, 1);
  const right = input(TIMESTAMP, 3);
  const until = call('+(timestamp,interval)', [left, interval(400_000n)], TIMESTAMP);
  const conditions = [call('>=(timestamp,timestamp)', [right, left]), call('<=(timestamp,timestamp)', [right, until])];
  const residual: Expression = { kind: 'and', type: { name: 'bool' }, args: conditions };
  const { middle, end, rows } = await run(count(joined(scan(1), scan(2), [0], residual), []));
  assert.deepEqual(rows, [[BigInt(EVENTS / 2)]]); // each with its own time; the key's next one is half a second away
  assert.ok(end <= middle, `${middle} bytes became ${end}`);
});

for (const streams of [true, false]) {
  const inputs = streams ? 'a stream' : 'a table';
  test(`${EVENTS} rows of ${inputs} through the query of a subscription leave nothing behind`, async () => {
    const running = job(scan(1), streams, true);
    const { arena } = fixture;
    const owner = arena.addOwner(16 * 1024 * 1024);
    const batch = buildBatch(
      new Region(arena, owner),
      TYPES,
      Array.from({ length: BATCH }, (_, i) => [i, 0n]),
    );
    const times = batch.columns[1]!.data / 8;
    let pushed = 0;
    running.output.listen((changes) => {
      pushed += changes.count;
    });
    let middle = 0;
    for (let step = 1; step * BATCH <= EVENTS; step++) {
      arena.shared.i64.fill(BigInt(step), times, times + BATCH); // every row is another one
      runAtOnce(running.push(1, batch, [1, 2]));
      await finish(running.step(BigInt(step), null));
      if (running.failure !== null) throw running.failure;
      if (step === Math.floor(MIDDLE)) middle = running.stateBytes;
    }
    assert.equal(pushed, EVENTS);
    assert.ok(middle > 0 && running.stateBytes <= middle, `${middle} bytes became ${running.stateBytes}`);
    running.release();
    arena.freeOwner(owner);
  });
}

test('equal rows of a step cancel out before a subscription sees them, in large steps as in small ones', async () => {
  const running = job(scan(1), false, true);
  const { arena } = fixture;
  const owner = arena.addOwner(16 * 1024 * 1024);
  const region = new Region(arena, owner);
  const rows = (from: number, weight: bigint) => {
    const batch = buildBatch(
      region,
      TYPES,
      Array.from({ length: BATCH }, (_, i) => [from + i, 0n]),
    );
    const weights = region.allocate(BATCH * 8);
    arena.shared.i64.fill(weight, weights / 8, weights / 8 + BATCH);
    return { ...batch, weights };
  };
  let pushed: bigint[] = [];
  running.output.listen(({ weights, count: found }) => {
    pushed.push(...arena.shared.i64.slice(weights / 8, weights / 8 + found));
  });
  for (const [epoch, batches] of [1, 10, 1].entries()) {
    pushed = [];
    for (let i = 0; i < batches; i++) {
      runAtOnce(running.push(1, rows(i * BATCH, -1n), [1, 2]));
      runAtOnce(running.push(1, rows(i * BATCH, i === 0 ? 3n : 1n), [1, 2]));
    }
    await finish(running.step(BigInt(epoch + 1), null));
    assert.deepEqual(pushed, new Array<bigint>(BATCH).fill(2n));
  }
  running.release();
  arena.freeOwner(owner);
});
