// Events per second of a windowed count (TUMBLE of one minute, count by key, 10,000 keys) on one core: a job fed with batches of 2,000
// rows, once with a step per batch (every changed row comes out) and once with a step per 50 batches, as under load.
// Run: node conformance/benchmarks/stream-bench.ts [events]

import type { Batch } from '../../src/columns/batch.ts';
import { buildBatch } from '../../src/columns/batch-builder.ts';
import { Arena, SharedMemory } from '../../src/columns/memory.ts';
import { Region } from '../../src/columns/region.ts';
import { drive, runAtOnce } from '../../src/engine/jobs/drive.ts';
import { Job } from '../../src/engine/jobs/job.ts';
import { plainEmission } from '../../src/engine/stream/emission.ts';
import { builtinFunctions } from '../../src/functions/registry.ts';
import { KernelLibrary } from '../../src/kernels/kernel-library.ts';
import type { BatchPlan } from '../../src/plan/batch.ts';
import type { Expression } from '../../src/plan/expression.ts';
import { INT8, type SqlType, TIMESTAMP } from '../../src/types/sql-type.ts';

const EVENTS = Number(process.argv[2] ?? 4_000_000);
const BATCH = 2000;
const KEYS = 10_000;
const SECOND = 1_000_000n;

const memory = SharedMemory.reserve(1024 * 1024 * 1024);
const arena = Arena.create(memory);
const kernels = KernelLibrary.instantiate(await KernelLibrary.compile(), memory);
const region = new Region(arena, arena.addOwner(512 * 1024 * 1024));

const shape = (types: readonly SqlType[]) => ({ types, names: types.map((_, i) => `c${i}`), rows: 1000 });
const input = (type: SqlType, index: number): Expression => ({ kind: 'input', type, index });
const TYPES = [INT8, TIMESTAMP];
const scan: BatchPlan = {
  kind: 'table-scan',
  relation: 1,
  alias: 's',
  attributes: [1, 2],
  filters: [],
  ...shape(TYPES),
};
const assigned: BatchPlan = {
  kind: 'window-assign',
  input: scan,
  window: { kind: 'tumble', sizeMicros: 60n * SECOND, offsetMicros: 0n },
  time: input(TIMESTAMP, 1),
  partitionBy: [],
  ...shape([...TYPES, TIMESTAMP, TIMESTAMP, TIMESTAMP]),
};
const plan: BatchPlan = {
  kind: 'aggregate',
  input: assigned,
  groupBy: [input(TIMESTAMP, 3), input(INT8, 0)],
  aggregates: [{ function: 'count()', type: INT8, args: [], distinct: false, filter: null, orderBy: [] }],
  groupingSets: null,
  ...shape([TIMESTAMP, INT8, INT8]),
};

/** `rate` events per second of event time. */
function makeBatches(rate: number): Batch[] {
  let state = 42;
  return Array.from({ length: 500 }, (_, b) =>
    buildBatch(
      region,
      TYPES,
      Array.from({ length: BATCH }, (_, i) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return [BigInt(state % KEYS), (BigInt(b * BATCH + i) * SECOND) / BigInt(rate)];
      }),
    ),
  );
}

async function measure(
  name: string,
  batches: readonly Batch[],
  perStep: number,
  emit: 'changes' | 'window-close',
  total = EVENTS,
): Promise<void> {
  const facts = { appendOnly: () => true, watermark: () => 2, exact: () => true };
  const evaluation = { nowMicros: 0n, timeZone: 'UTC' };
  const doors = {};
  const settings = {
    arena,
    kernels,
    functions: builtinFunctions(),
    evaluation,
    facts,
    doors,
    memoryLimitBytes: 512 * 1024 * 1024,
  };
  const mode = emit === 'changes' ? { kind: emit } : { kind: emit, delayMicros: 0n, timeoutMicros: null };
  const job = new Job(null, plan, plainEmission(mode), settings, null);
  job.started = true;
  let changes = 0;
  job.output.listen((batch) => {
    changes += batch.count;
  });
  const start = performance.now();
  let events = 0;
  let epoch = 0n;
  let watermark = 0n;
  let slowest = 0;
  while (events < total) {
    const before = performance.now();
    for (let i = 0; i < perStep; i++) {
      const batch = batches[(events / BATCH) % batches.length]!;
      runAtOnce(job.push(1, batch, [1, 2]));
      events += BATCH;
    }
    const last = arena.shared.i64[batches[(events / BATCH - 1) % batches.length]!.columns[1]!.data / 8]!;
    if (last > watermark) watermark = last;
    const now = ++epoch;
    for (const work of [job.step(now, watermark), job.store()]) {
      await new Promise<void>((resolve, reject) => {
        drive(work, (error) => (error === undefined ? resolve() : reject(error as Error)));
      });
    }
    slowest = Math.max(slowest, performance.now() - before);
  }
  const seconds = (performance.now() - start) / 1000;
  if (job.failure !== null) throw job.failure;
  const rate = (events / seconds / 1e6).toFixed(2);
  console.log(
    `${name}: ${rate} M events/s, ${changes} changed rows, slowest step ${slowest.toFixed(1)} ms, state ${job.stateBytes >>> 20} MB`,
  );
  job.release();
}

const batches = makeBatches(100_000);
await measure('warm-up', batches, 1, 'changes');
await measure('step per batch', batches, 1, 'changes');
await measure('step per 50 batches', batches, 50, 'changes');
await measure('on window close, step per batch', makeBatches(5000), 1, 'window-close', 1_000_000);
