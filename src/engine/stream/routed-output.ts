// RoutedOutput: the end of a dataflow that answers many queries of one shape (linear-query.ts). The last columns of a row are its key; a
// hash table knows the keys that are asked for and the number of each, its route. Rows of other keys go no further; the others' net
// changes of a step, by (row, route), go to those who follow the route. So a row costs one lookup, however many follow.
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector } from '../../columns/batch.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import type { Datum } from '../../types/datum.ts';
import { INT8, type SqlType } from '../../types/sql-type.ts';
import { RowHashTable } from '../rows/hash-table.ts';
import { rowLayout } from '../rows/row-layout.ts';
import type { JobOutput } from './job-output.ts';
import type { JobContext, Work } from './operator.ts';
import { StepOutput } from './step-output.ts';

type Listener = (batch: Batch) => void;

export class RoutedOutput implements JobOutput {
  readonly pendingRows = 0;
  private readonly context: JobContext;
  private readonly keyTypes: readonly SqlType[];
  /** of the result, without the key */
  private readonly width: number;
  /** rows of the routes, the route as the last column */
  private readonly changes: StepOutput;
  /** keys, each with its route as state */
  private readonly keys: RowHashTable;
  private readonly followers = new Map<number, Set<Listener>>();
  private readonly routes: OwnedVector;
  private readonly selection: number;
  private readonly part: number;
  private last = 0;

  /** `types` of the result and of the `keyCount` key columns behind it. `appendOnly`: all weights are positive. */
  constructor(context: JobContext, types: readonly SqlType[], keyCount: number, appendOnly: boolean) {
    this.context = context;
    this.width = types.length - keyCount;
    this.keyTypes = types.slice(this.width);
    this.changes = new StepOutput(context, [...types.slice(0, this.width), INT8], appendOnly);
    this.changes.listen((batch) => this.deliver(batch));
    this.keys = new RowHashTable(context, rowLayout(this.keyTypes, 8), keyCount, 0);
    this.routes = allocateVector(context.region, INT8);
    this.selection = context.region.allocate(BATCH_ROWS * 4);
    this.part = context.region.allocate(BATCH_ROWS * 4);
  }

  get outputRows(): bigint {
    return this.changes.outputRows;
  }

  get unsettled(): boolean {
    return this.changes.unsettled;
  }

  /** All of them, the route as the last column. */
  listen(listener: Listener): () => void {
    return this.changes.listen(listener);
  }

  /** The net changes of the rows with this key, in batches valid until the listener returns. Between steps; returns how to end it. */
  follow(key: readonly Datum[], listener: Listener): () => void {
    const route = this.routeOf(key);
    const followers = this.followers.get(route) ?? new Set();
    this.followers.set(route, followers.add(listener));
    return () => {
      followers.delete(listener);
      if (followers.size > 0 || this.followers.get(route) !== followers) return;
      this.followers.delete(route);
      this.removeKey(key);
    };
  }

  private withKey<T>(key: readonly Datum[], use: (batch: Batch) => T): T {
    const region = new Region(this.context.arena, this.context.owner);
    try {
      return use(buildBatch(region, this.keyTypes, [key]));
    } finally {
      region.release();
    }
  }

  private routeOf(key: readonly Datum[]): number {
    return this.withKey(key, ({ columns }) => {
      const { u32 } = this.context.memory;
      const found = this.keys.findOrInsert(columns, 0, 1);
      const state = (u32[found.rows >>> 2]! + this.keys.store.layout.stateOffset) >>> 2;
      if (found.freshCount > 0) u32[state] = ++this.last;
      return u32[state]!;
    });
  }

  private removeKey(key: readonly Datum[]): void {
    this.withKey(key, ({ columns }) => {
      this.keys.free(this.keys.find(columns, 0, 1), 1);
    });
    for (const _ of this.keys.store.compactHeap()); // a handful of keys per turn
  }

  *push(batch: Batch): Work {
    const { kernels } = this.context;
    const { stateOffset } = this.keys.store.layout;
    const rows = this.keys.find(batch.columns.slice(this.width), batch.selection, batch.count);
    const select = kernels.get('rows_select_routes');
    const count = select(rows, batch.selection, batch.count, stateOffset, this.selection, this.routes.data);
    if (count === 0) return;
    const columns = [...batch.columns.slice(0, this.width), this.routes];
    yield* this.changes.push({ ...batch, columns, selection: this.selection, count });
  }

  settle(epoch: bigint): Work {
    return this.changes.settle(epoch);
  }

  *store(): Work {}

  /** A batch's rows to those who follow their routes; whoever has left meanwhile gets nothing. */
  private deliver(batch: Batch): void {
    const { u32 } = this.context.memory;
    const columns = batch.columns.slice(0, -1);
    const routes = batch.columns.at(-1)!.data >>> 2;
    const rowsOf = new Map<number, number[]>();
    for (let i = 0; i < batch.count; i++) {
      const row = batch.selection === 0 ? i : u32[(batch.selection >>> 2) + i]!;
      const route = u32[routes + 2 * row]!;
      const rows = rowsOf.get(route);
      if (rows === undefined) rowsOf.set(route, [row]);
      else rows.push(row);
    }
    for (const [route, rows] of rowsOf) {
      u32.set(rows, this.part >>> 2);
      const own = { ...batch, columns, selection: this.part, count: rows.length };
      for (const listener of this.followers.get(route) ?? []) listener(own);
    }
  }
}
