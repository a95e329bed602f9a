// Runs a pipeline on the workers where it is worth their while: builds the tables of its joins, leaves out the row groups that these rule
// out, and gives the rest to a job.
import type { RowGroup } from '../../columns/row-group.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { HandedRows } from '../rows/row-store.ts';
import type { RunContext } from './batch-context.ts';
import type { BuiltJoin } from './join-table.ts';
import { addMeasures } from './measured.ts';
import { packGroups } from './packed-groups.ts';
import { type JoinPlan, type Pipeline, scanColumn, type TableScan } from './pipeline.ts';
import { runOnWorkers } from './run-on-workers.ts';
import { storedIndex } from './scan-pruning.ts';
import { PastMemory } from './spill-limit.ts';
import type { Sink, WorkerShare } from './worker-job.ts';

/** Below this many rows a thread alone is as fast. */
const MIN_WORKER_ROWS = 20_000;

/** What is to be done with which plan's rows, once the row groups of its scan are known; null: nothing on workers. */
export type ChooseSink = (groups: readonly RowGroup[]) => { readonly plan: BatchPlan; readonly sink: Sink } | null;

/** The workers' shares, or null: this thread is to pull the rows itself. Throws PastMemory where the statement comes to have `mostBytes`. */
export async function runPipeline(
  pipeline: Pipeline | null,
  given: Sink | ChooseSink,
  context: RunContext,
  mostBytes: number | null = null,
): Promise<WorkerShare[] | null> {
  if (pipeline === null) return null;
  const { scan, joins } = pipeline;
  const { snapshot, systemRelation } = context.batch;
  if (snapshot.rowCount(scan.relation) < minWorkerRows(context)) return null;
  if (systemRelation?.(scan.relation) !== undefined) return null;
  const stored = scan.attributes.filter((attribute) => attribute !== 0);
  if (snapshot.windows?.(scan.relation, stored)) return null; // this thread reads it as its groups come and go
  let groups = await snapshot.rowGroups(scan.relation, stored);
  if (context.groups?.scan === scan) groups = context.groups.order(groups);
  const built: BuiltJoin[] = [];
  try {
    for (const join of joins) {
      const side = await join.build();
      if (side === null) return null;
      built.push(side);
      groups = withinKeys(groups, scan, join.plan, side);
    }
    const chosen = typeof given === 'function' ? given(groups) : { plan: pipeline.plan, sink: given };
    if (chosen === null) return null;
    const tables = joins.map((join, i) => ({ join: join.plan, table: built[i]!.table }));
    const task = { kind: 'pipeline', ...chosen, scan, groups: packGroups(groups), tables, mostBytes } as const;
    const shares = await runOnWorkers(task, context);
    if (shares.some((share) => share.pastMemory)) {
      discardShares(shares, context);
      throw new PastMemory();
    }
    const { analyze } = context.batch;
    if (analyze !== undefined) addMeasures(pipeline.plan, chosen.plan, shares, analyze);
    return shares;
  } finally {
    for (const each of built) each.release();
  }
}

/** Frees all that shares hold. */
export function discardShares(shares: readonly WorkerShare[], { arena, owner }: RunContext): void {
  for (const { rows } of shares)
    for (const address of [...rows.blocks, ...(rows.values ?? [])]) arena.free(owner, address);
}

/** Merges the rows of one share after the other, which are freed behind it; after an error, nothing is left of any. */
export async function mergeShares(
  shares: readonly WorkerShare[],
  merge: (rows: HandedRows) => Promise<void>,
  context: RunContext,
): Promise<void> {
  const left = [...shares];
  try {
    for (const { rows } of shares) {
      await merge(rows);
      left.shift();
      for (const address of rows.blocks) context.arena.free(context.owner, address);
    }
  } catch (error) {
    discardShares(left, context);
    throw error;
  }
}

export function minWorkerRows(context: RunContext): number {
  return context.batch.minWorkerRows ?? MIN_WORKER_ROWS;
}

/** Leaves out groups whose values of the join key all lie outside the build side's, where rows without a partner are dropped. */
function withinKeys(
  groups: readonly RowGroup[],
  scan: TableScan,
  join: JoinPlan,
  { table: { range } }: BuiltJoin,
): readonly RowGroup[] {
  const key = join.kind === 'hash-join' ? join.leftKeys[0] : undefined;
  if (range === null || key?.kind !== 'input' || (join.type !== 'inner' && join.type !== 'semi')) return groups;
  const column = scanColumn(join.left, key.index);
  if (column === null) return groups;
  const at = storedIndex(scan.attributes, column.at);
  return groups.filter(({ columns }) => {
    const { min, max } = columns[at]!;
    return min === undefined || max === undefined || (min <= range.greatest && max >= range.least);
  });
}
