// A worker's side of a job: builds the pipeline over its morsels and feeds the sink, or does its part of linking or sorting.
import type { Arena } from '../../columns/memory.ts';
import { builtinFunctions } from '../../functions/registry.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { AggregateProgram } from '../generated/aggregate-program.ts';
import { RowStore } from '../rows/row-store.ts';
import { runSortPhase } from '../rows/sort-phases.ts';
import { Groups } from './aggregate.ts';
import { aggregateInput } from './aggregate-input.ts';
import { type Batches, OperatorMemory, type OperatorStatistics, type RunContext, runPace } from './batch-context.ts';
import { GaveUp, GeneratedGroups, generatedInput } from './generated-groups.ts';
import { probeRows } from './hash-join.ts';
import { joinSpec, linkPortions } from './join-table.ts';
import { KeyedAppender, keyedLayout } from './keyed-rows.ts';
import { measured, moveToRemoved, nothingMeasured, pipelineNodes } from './measured.ts';
import { unpackGroups } from './packed-groups.ts';
import { filterRows, projectRows } from './pass-through.ts';
import { scanTable } from './scan.ts';
import { isPastMemory, PastMemory } from './spill-limit.ts';
import { TopStore, topHint } from './top-n.ts';
import { ALL_COLUMNS, childColumns, inputColumns, type UsedColumns } from './used-columns.ts';
import type { PipelineTask, Sink, WorkerJob, WorkerShare } from './worker-job.ts';

const NOTHING: WorkerShare = {
  rows: { segments: [], blocks: [] },
  ranges: [],
  gaveUp: false,
  pastMemory: false,
  nullKeys: 0,
  shared: 0,
  measures: [],
};

/** A number that no morsel has, far from where counting wraps. */
const NO_MORSEL = 1 << 30;

export async function runWorkerJob(job: WorkerJob, arena: Arena, kernels: KernelLibrary): Promise<WorkerShare> {
  const context = jobContext(job, arena, kernels);
  const { task } = job;
  switch (task.kind) {
    case 'link':
      return { ...NOTHING, ...(await linkPortions(task, nextMorsel(job, arena), context)) };
    case 'sort':
      await runSortPhase(task.plan, task.phase, nextMorsel(job, arena), context, context.pause);
      return NOTHING;
    case 'pipeline':
      return { ...NOTHING, ...(await withinMemory(task, job, context)), measures: measuresOf(task, context) };
  }
}

function measuresOf(task: PipelineTask, { batch: { analyze } }: RunContext): readonly OperatorStatistics[] {
  if (analyze === undefined) return [];
  return pipelineNodes(task.plan).map((node) => analyze.get(node) ?? nothingMeasured());
}

/** Numbers 0, 1, 2 ... , each given to one worker only. */
function nextMorsel(job: WorkerJob, arena: Arena): () => number {
  return () => Atomics.add(arena.shared.i32, job.counter >>> 2, 1);
}

function jobContext(job: WorkerJob, arena: Arena, kernels: KernelLibrary): RunContext {
  const { i32 } = arena.shared;
  const cancel = {
    get cancelled(): boolean {
      return Atomics.load(i32, job.cancel >>> 2) !== 0;
    },
  };
  const functions = builtinFunctions();
  const { task, epoch, owner, counter, batchRows } = job;
  return {
    batch: {
      arena,
      kernels,
      functions,
      snapshot: { epoch, rowGroups: async () => [], rowCount: () => 0, release: () => {} },
      evaluation: { nowMicros: job.nowMicros, timeZone: job.timeZone },
      memoryLimitBytes: 0,
      workers: null,
      cancel,
      ...(job.profile ? { analyze: new Map() } : {}),
    },
    arena,
    memory: arena.shared,
    kernels,
    functions,
    owner,
    spill: null,
    batchRows,
    kept: new Map(),
    ...runPace(cancel, batchRows),
    share: task.kind === 'pipeline' ? { scan: task.scan, groups: unpackGroups(task.groups), counter } : null,
  };
}

/** Once memory is short, the other workers are to take no more morsels either. */
async function withinMemory(task: PipelineTask, job: WorkerJob, context: RunContext): Promise<Partial<WorkerShare>> {
  try {
    return await runPipelineTask(task, context);
  } catch (error) {
    if (task.mostBytes === null || !isPastMemory(error)) throw error;
    Atomics.store(context.memory.i32, job.counter >>> 2, NO_MORSEL);
    return { pastMemory: true };
  }
}

function watchOf({ mostBytes }: PipelineTask, { arena, owner }: RunContext): () => void {
  if (mostBytes === null) return () => {};
  return () => {
    if (arena.usedBytes(owner) > mostBytes) throw new PastMemory();
  };
}

async function runPipelineTask(task: PipelineTask, context: RunContext): Promise<Partial<WorkerShare>> {
  using own = new OperatorMemory(context);
  const { sink } = task;
  switch (sink.kind) {
    case 'aggregate':
      return await groupedShare(sink.plan, task, context, own);
    case 'generated-aggregate':
      return await generatedShare(sink.program, task, context, own);
    case 'top-n': {
      const top = new TopStore(sink.plan, context, own);
      const groups = topHint(sink.plan, top);
      const within = groups === null ? context : { ...context, groups };
      for await (const batch of chain(task.plan, ALL_COLUMNS, task, within)) await top.add(batch);
      return { rows: await top.handOver() };
    }
    case 'rows':
      return await keptShare(sink, task, context, own);
  }
}

type SinkOf<K extends Sink['kind']> = Extract<Sink, { kind: K }>;

async function keptShare(
  sink: SinkOf<'rows'>,
  task: PipelineTask,
  context: RunContext,
  own: OperatorMemory,
): Promise<Partial<WorkerShare>> {
  const keyed = keyedLayout(task.plan.types, sink.keys);
  const store = new RowStore(context, keyed.layout, true);
  try {
    const appender = new KeyedAppender(context, own, keyed, store, sink.hashed);
    const watch = watchOf(task, context);
    for await (const batch of chain(task.plan, ALL_COLUMNS, task, context)) {
      appender.append(batch);
      watch();
    }
    return { rows: store.handOver(), ranges: appender.keyRanges() };
  } finally {
    store.release();
  }
}

async function groupedShare(
  plan: SinkOf<'aggregate'>['plan'],
  task: PipelineTask,
  context: RunContext,
  own: OperatorMemory,
): Promise<Partial<WorkerShare>> {
  const keys = plan.groupBy.map((_, i) => i);
  const groups = new Groups(plan, keys, context, own);
  try {
    const rows = chain(task.plan, childColumns(plan, ALL_COLUMNS), task, context);
    await aggregateInput(plan, [groups], rows, context, own, watchOf(task, context));
    return { rows: groups.handOver() };
  } finally {
    groups.release();
  }
}

async function generatedShare(
  program: AggregateProgram,
  task: PipelineTask,
  context: RunContext,
  own: OperatorMemory,
): Promise<Partial<WorkerShare>> {
  const groups = new GeneratedGroups(program, context, own);
  try {
    const columns = () => inputColumns([program.leaves, program.filters], new Set(program.inputs));
    const { plan } = task;
    const rows =
      plan === task.scan
        ? profiled(scanTable(task.scan, context, groups.rawScan), plan, context)
        : chain(plan, columns, task, context);
    await generatedInput(groups, rows, own, watchOf(task, context));
    moveToRemoved(plan, groups.removed, context.batch.analyze);
    return { rows: groups.handOver() };
  } catch (error) {
    if (error instanceof GaveUp) return { gaveUp: true };
    throw error;
  } finally {
    groups.release();
  }
}

function chain(plan: BatchPlan, used: UsedColumns, task: PipelineTask, context: RunContext): Batches {
  return profiled(operator(plan, used, task, context), plan, context);
}

function profiled(rows: Batches, plan: BatchPlan, { batch: { analyze } }: RunContext): Batches {
  return analyze === undefined ? rows : measured(rows, plan, analyze);
}

function operator(plan: BatchPlan, used: UsedColumns, task: PipelineTask, context: RunContext): Batches {
  switch (plan.kind) {
    case 'table-scan':
      return scanTable(plan, context);
    case 'filter':
      return filterRows(plan, chain(plan.input, childColumns(plan, used), task, context), context);
    case 'project':
      return projectRows(plan.expressions, chain(plan.input, childColumns(plan, used), task, context), context);
    case 'hash-join':
    case 'nested-loop-join': {
      const { table } = task.tables.find(({ join }) => join === plan)!;
      const left = chain(plan.left, childColumns(plan, used), task, context);
      return probeRows(joinSpec(plan), used, table, left, context);
    }
    default:
      throw new Error(`workers do not run ${plan.kind}`);
  }
}
