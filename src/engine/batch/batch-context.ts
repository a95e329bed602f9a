// What a batch query runs in: the doors to storage, connectors and functions (BatchContext, given by the session) and the state
// all operators of one run share (RunContext): owner of memory, cancellation, pace, materialised CTEs, statistics.
import { type Pace, pace } from '../../base/pace.ts';
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { Arena, SharedMemory } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { RowGroup, Snapshot } from '../../columns/row-group.ts';
import type { RowComparison } from '../../connectors/row-comparison.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { EvaluationContext } from '../../functions/function-definition.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { TableFunctionCall } from '../../plan/logical.ts';
import type { Datum } from '../../types/datum.ts';
import type { ExpressionContext } from '../expressions/expression-context.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { SessionPrograms } from './kept-programs.ts';
import type { RunSpill, StatementSpill } from './spill-file.ts';

export type DatumRow = readonly (Datum | null)[];

export interface BatchContext {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly functions: FunctionRegistry;
  readonly snapshot: Snapshot;
  readonly evaluation: EvaluationContext;
  readonly memoryLimitBytes: number;
  /** where operators write rows that do not fit into memory; without it they fail with 53200 */
  readonly spill?: StatementSpill;
  /** rows that an operator keeps before it does; 0 (default): as memory allows */
  readonly spillRows?: number;
  /** threads that large scans, joins and sorts run on; null: everything runs on this one */
  readonly workers: WorkerPool | null;
  /** below this many rows they are not asked (default 20,000) */
  readonly minWorkerRows?: number;
  /** from this many rows on (default 20,000) aggregations run as generated code; Infinity: never */
  readonly minGeneratedRows?: number;
  /** rows per batch at the sources, at most BATCH_ROWS (default) */
  readonly batchRows?: number;
  /** read between batches; true ends the run with 57014 */
  readonly cancel: { cancelled: boolean };
  /** of a recursive query; default: no bound */
  readonly maxRounds?: number;
  /** read_parquet and other sources outside */
  readonly externalTables?: {
    open(
      call: TableFunctionCall,
      options: Readonly<Record<string, unknown>>,
      attributes: readonly number[],
      bounds: readonly RowComparison[],
    ): AsyncIterable<Batch>;
  };
  /** Rows of a system relation (full rows in attnum order), or undefined when the oid is not one. */
  readonly systemRelation?: (relation: number) => Iterable<DatumRow> | undefined;
  /** Rows of WITH queries that have run before this plan, by their id. */
  readonly givenRows?: ReadonlyMap<number, readonly DatumRow[]>;
  readonly udf?: UdfCaller;
  /** of plans that run again and again; absent: nothing is kept */
  readonly programs?: SessionPrograms;
  /** EXPLAIN ANALYZE: measure each plan node (into `analyze`, if given) */
  readonly profile?: boolean;
  readonly analyze?: Map<BatchPlan, OperatorStatistics>;
}

/** Calls of user-defined functions: one array of values per argument, one result per row. */
export interface UdfCaller {
  call(
    functionId: string,
    args: readonly (readonly (Datum | null)[])[],
    rows: number,
  ): Promise<readonly (Datum | null)[]>;
}

export interface OperatorStatistics {
  rows: number;
  batches: number;
  /** including the operators below */
  milliseconds: number;
  /** of these, those before its first batch */
  firstMilliseconds: number;
  /** rows that its own filter took out */
  removed: number;
  /** for EXPLAIN ANALYZE: how it was done */
  details?: readonly (readonly [label: string, text: string])[];
}

/** Batches pulled one by one; each is valid until the next is asked for. Nothing is allocated before the first pull. */
export type Batches = AsyncGenerator<Batch, void, undefined>;

/** What readers of a CTE or of a recursion's working table get their rows from. */
export interface RowsAgain {
  rows(): Batches;
  /** bytes that went to a file */
  readonly spilledBytes: number;
}

export interface RunContext {
  readonly batch: BatchContext;
  readonly arena: Arena;
  readonly memory: SharedMemory;
  readonly kernels: KernelLibrary;
  readonly functions: FunctionRegistry;
  readonly owner: number;
  /** null: nowhere to write rows that do not fit */
  readonly spill: RunSpill | null;
  /** rows per batch at most */
  readonly batchRows: number;
  /** rows that the next batch should have, for who makes batches: see base/pace.ts */
  readonly rows: () => number;
  /** what readers of a CTE or of a recursion's working table get, by its id */
  readonly kept: Map<number, () => Promise<RowsAgain>>;
  /** Checks cancellation; now and then lets other work of this thread run. */
  readonly pause: () => Promise<void> | void;
  /** Waits for another process. */
  readonly wait: Pace['wait'];
  /** In a worker: the one scan whose morsels it takes. */
  readonly share: WorkShare | null;
  /** What an operator above one scan knows about its row groups. */
  readonly groups?: GroupHint;
}

export interface GroupHint {
  readonly scan: BatchPlan;
  /** those that are likely to be of use first */
  order(groups: readonly RowGroup[]): readonly RowGroup[];
  /** asked before rows from .. to - 1 of a group are read: so many of the first of them are of no use (any more) */
  skip(group: RowGroup, from: number, to: number): number;
  /** writes those of rows from .. to - 1 that may be of use, counted from 0, to `list`: how many; -1: it cannot tell */
  select(group: RowGroup, from: number, to: number, list: number): number;
}

export interface WorkShare {
  readonly scan: BatchPlan;
  readonly groups: readonly RowGroup[];
  /** address of an i32 counter of slices taken */
  readonly counter: number;
}

/** The pace of a run, which ends with 57014 after a cancel. */
export function runPace(cancel: { readonly cancelled: boolean }, batchRows = BATCH_ROWS): Pace {
  return pace(batchRows, () => {
    if (cancel.cancelled) throw sqlError('query_canceled', 'canceling statement due to user request');
  });
}

/** The memory of one operator, released together. */
export class OperatorMemory implements Disposable {
  /** as long as the operator */
  readonly region: Region;
  /** strings of the current batch */
  readonly heap: Region;

  constructor(context: RunContext) {
    this.region = new Region(context.arena, context.owner);
    this.heap = new Region(context.arena, context.owner);
  }

  [Symbol.dispose](): void {
    this.region.release();
    this.heap.release();
  }
}

export function expressionContext(context: RunContext, own: OperatorMemory): ExpressionContext {
  return {
    memory: context.memory,
    arena: context.arena,
    kernels: context.kernels,
    region: own.region,
    heap: own.heap,
    functions: context.functions,
    evaluation: context.batch.evaluation,
  };
}
