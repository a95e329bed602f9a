// Micro benchmark of the batch engine: group by, join and sort over generated rows, on this thread and on two workers.
// Run: node conformance/benchmarks/engine-bench.ts [rows]

import { Region } from '../../src/columns/region.ts';
import type { RowGroup } from '../../src/columns/row-group.ts';
import { ROW_GROUP_ROWS } from '../../src/columns/row-group.ts';
import { aggregateCall, ascending, EngineFixture, input, shape } from '../../src/engine/batch/plan-fixture.ts';
import { runBatchPlan } from '../../src/engine/batch/run-batch-plan.ts';
import { WorkerPool } from '../../src/engine/workers/worker-pool.ts';
import type { BatchPlan } from '../../src/plan/batch.ts';
import { kernelModule } from '../../src/testing/arena-fixture.ts';
import { INT4, INT8 } from '../../src/types/sql-type.ts';

const ROWS = Number(process.argv[2] ?? 2_000_000);
const fixture = new EngineFixture(2_000_000_000);
const workers = new WorkerPool({ size: 2, arena: fixture.arena, module: kernelModule });
const region = new Region(fixture.arena, fixture.arena.addOwner(1_500_000_000));

/** Columns: key below `keys` (scattered), value. */
function generate(rows: number, keys: number): RowGroup[] {
  const { i32, i64 } = fixture.arena.shared;
  const groups: RowGroup[] = [];
  for (let from = 0; from < rows; from += ROW_GROUP_ROWS) {
    const rowCount = Math.min(ROW_GROUP_ROWS, rows - from);
    const key = region.allocate(rowCount * 4);
    const value = region.allocate(rowCount * 8);
    for (let i = 0; i < rowCount; i++) {
      i32[(key >>> 2) + i] = (Math.imul(from + i, 2_654_435_761) >>> 0) % keys;
      i64[value / 8 + i] = BigInt(from + i);
    }
    const columns = [
      { type: INT4, physical: 'i32', data: key, nulls: 0 },
      { type: INT8, physical: 'i64', data: value, nulls: 0 },
    ] as const;
    groups.push({ rowIdBase: from, rowCount, columns, insertEpochs: 0, deleteEpochs: 0 });
  }
  return groups;
}

const tables = new Map([[1, generate(ROWS, 200_000)], [2, generate(200_000, 1 << 30)], [3, generate(ROWS, 10)]]); // biome-ignore format: a table
const scan = (relation: number): BatchPlan => ({
  kind: 'table-scan', relation, alias: 't', attributes: [1, 2], filters: [], ...shape([INT4, INT8], ROWS),
}); // biome-ignore format: short
const grouped = (relation: number, rows: number): BatchPlan => ({
  kind: 'aggregate', input: scan(relation), groupBy: [input(INT4, 0)], groupingSets: null, ...shape([INT4, INT8, INT8], rows),
  aggregates: [aggregateCall('count()', INT8, []), aggregateCall('min(int8)', INT8, [input(INT8, 1)])],
}); // biome-ignore format: short
const plans: Record<string, BatchPlan> = {
  'group by 10 keys': grouped(3, 10),
  'group by 200k keys': grouped(1, 200_000),
  'join with 200k rows': {
    kind: 'hash-join', type: 'inner', left: scan(1), right: scan(2), leftKeys: [input(INT8, 1)], rightKeys: [input(INT8, 1)],
    nullsEqual: [false], residual: null, ...shape([INT4, INT8, INT4, INT8], ROWS),
  }, // biome-ignore format: short
  'sort by an integer': { kind: 'sort', input: scan(1), keys: [ascending(INT4, 0)], ...shape([INT4, INT8], ROWS) },
  'top 100': {
    kind: 'top-n',
    input: scan(1),
    keys: [ascending(INT4, 0)],
    limit: 100,
    offset: 0,
    withTies: false,
    ...shape([INT4, INT8], 100),
  },
};

async function measure(plan: BatchPlan, pool: WorkerPool | null): Promise<number> {
  const snapshot = {
    epoch: 1n,
    rowGroups: async (relation: number) => tables.get(relation)!,
    rowCount: () => ROWS,
    release: () => {},
  };
  const began = performance.now();
  const cursor = runBatchPlan(plan, fixture.context({ snapshot, workers: pool }));
  while ((await cursor.next()) !== null);
  await cursor.close();
  return performance.now() - began;
}

for (const [name, plan] of Object.entries(plans)) {
  const times: string[] = [];
  for (const pool of [null, workers]) {
    await measure(plan, pool);
    const best = Math.min(await measure(plan, pool), await measure(plan, pool));
    times.push(`${best.toFixed(0)} ms (${(ROWS / best / 1000).toFixed(1)} M rows/s)`);
  }
  console.log(`${name.padEnd(22)} one thread ${times[0]}, with workers ${times[1]}`);
}
await workers.close();
