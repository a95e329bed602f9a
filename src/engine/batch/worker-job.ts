// What main and workers say to each other: a job is plain data (addresses in shared memory, plans), given to every worker at once; each
// answers with its share. Memory that a share names belongs to the run's owner.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { AggregateProgram } from '../generated/aggregate-program.ts';
import type { HandedRows } from '../rows/row-store.ts';
import type { SortPhase, SortPlan } from '../rows/sort-phases.ts';
import type { OperatorStatistics } from './batch-context.ts';
import type { JoinTable } from './join-table.ts';
import type { KeyRange } from './keyed-rows.ts';
import type { PackedGroups } from './packed-groups.ts';
import type { JoinPlan, TableScan } from './pipeline.ts';

/** What a worker does with the rows of its morsels. */
export type Sink =
  | { readonly kind: 'aggregate'; readonly plan: Extract<BatchPlan, { kind: 'aggregate' }> }
  | { readonly kind: 'generated-aggregate'; readonly program: AggregateProgram }
  | { readonly kind: 'top-n'; readonly plan: Extract<BatchPlan, { kind: 'top-n' }> }
  /** kept as they are, with their keys */
  | { readonly kind: 'rows'; readonly keys: readonly Expression[]; readonly hashed: boolean };

/** Runs a pipeline over the morsels of its scan. */
export interface PipelineTask {
  readonly kind: 'pipeline';
  readonly plan: BatchPlan;
  /** the node of `plan` that reads `groups` */
  readonly scan: TableScan;
  readonly groups: PackedGroups;
  readonly tables: readonly { readonly join: JoinPlan; readonly table: JoinTable }[];
  readonly sink: Sink;
  /** of the statement: a sink that keeps rows gives up once there are as many; null: it never does */
  readonly mostBytes: number | null;
}

/** Links the rows of a build side. */
export interface LinkTask {
  readonly kind: 'link';
  readonly table: JoinTable;
  readonly skipNulls: number;
  readonly portions: readonly { readonly address: number; readonly count: number }[];
}

/** One phase of a sort: see rows/row-sort.ts. */
export interface SortTask {
  readonly kind: 'sort';
  readonly phase: SortPhase;
  readonly plan: SortPlan;
}

export type WorkerTask = PipelineTask | LinkTask | SortTask;

export interface WorkerJob {
  readonly task: WorkerTask;
  readonly epoch: bigint;
  readonly owner: number;
  /** addresses of two i32: the counter of morsels taken, and 1 once the query is cancelled */
  readonly counter: number;
  readonly cancel: number;
  readonly nowMicros: bigint;
  readonly timeZone: string;
  readonly batchRows: number;
  /** the nodes of a pipeline are to be measured */
  readonly profile: boolean;
}

/** What one worker made. */
export interface WorkerShare {
  /** group rows, top rows, kept rows */
  readonly rows: HandedRows;
  readonly ranges: readonly KeyRange[];
  /** of generated code: it met a row that it leaves to the interpreter, the shares are of no use */
  readonly gaveUp: boolean;
  /** the statement had more memory than the task allows, the shares are of no use */
  readonly pastMemory: boolean;
  /** of linking: rows with a NULL key, rows that share a place */
  readonly nullKeys: number;
  readonly shared: number;
  /** of the nodes of a pipeline, from its top to its scan, where the job asks for it */
  readonly measures: readonly OperatorStatistics[];
}
