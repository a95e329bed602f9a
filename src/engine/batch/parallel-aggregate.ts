// Aggregation by workers: each takes morsels of the scan below, runs the filters and projections on them and fills group tables of
// its own in the run's memory; main then merges their groups into one table by combining states.
import type { Arena } from '../../columns/memory.ts';
import type { RowGroup } from '../../columns/row-group.ts';
import { builtinFunctions } from '../../functions/registry.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { RowSegment } from '../rows/row-store.ts';
import { Groups } from './aggregate.ts';
import { aggregateInput } from './aggregate-input.ts';
import { OperatorMemory, pacer, type RunContext } from './batch-context.ts';
import { filterRows, projectRows } from './pass-through.ts';
import { scanTable } from './scan.ts';

export type AggregatePlan = Extract<BatchPlan, { kind: 'aggregate' }>;

/** What a worker needs to know: plain data. */
export interface AggregateJob {
  readonly plan: AggregatePlan;
  readonly groups: readonly RowGroup[];
  readonly epoch: bigint;
  readonly owner: number;
  /** addresses of two i32: the counter of morsels taken, and 1 once the query is cancelled */
  readonly counter: number;
  readonly cancel: number;
  readonly nowMicros: bigint;
  readonly timeZone: string;
}

/** Group rows that a worker made. */
export interface AggregateShare {
  readonly segments: readonly RowSegment[];
}

type Pipeline = Extract<BatchPlan, { kind: 'table-scan' | 'filter' | 'project' }>;

/** Worker side. */
export async function runAggregateJob(
  job: AggregateJob,
  arena: Arena,
  kernels: KernelLibrary,
): Promise<AggregateShare> {
  const { i32 } = arena.shared;
  const cancel = {
    get cancelled(): boolean {
      return Atomics.load(i32, job.cancel >>> 2) !== 0;
    },
  };
  let node: BatchPlan = job.plan.input;
  while (node.kind === 'filter' || node.kind === 'project') node = node.input;
  const functions = builtinFunctions();
  const context: RunContext = {
    batch: {
      arena,
      kernels,
      functions,
      snapshot: { epoch: job.epoch, rowGroups: async () => job.groups, rowCount: () => 0, release: () => {} },
      evaluation: { nowMicros: job.nowMicros, timeZone: job.timeZone },
      memoryLimitBytes: 0,
      workers: null,
      cancel,
    },
    arena,
    memory: arena.shared,
    kernels,
    functions,
    owner: job.owner,
    kept: new Map(),
    pause: pacer(cancel, false),
    share: { scan: node, groups: job.groups, counter: job.counter },
  };
  using own = new OperatorMemory(context);
  const groups = new Groups(
    job.plan,
    job.plan.groupBy.map((_, i) => i),
    context,
    own,
  );
  await aggregateInput(job.plan, [groups], pipeline(job.plan.input as Pipeline, context), context, own);
  return { segments: groups.segments() };
}

function pipeline(plan: Pipeline, context: RunContext): ReturnType<typeof scanTable> {
  if (plan.kind === 'table-scan') return scanTable(plan, context);
  const input = pipeline(plan.input as Pipeline, context);
  return plan.kind === 'filter' ? filterRows(plan, input, context) : projectRows(plan.expressions, input, context);
}
