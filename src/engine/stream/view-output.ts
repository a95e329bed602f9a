// ViewOutput: the end of a dataflow. It consolidates a step's changes (equal rows, byte by byte, are one row with the sum of their
// weights), holds the view's contents, and hands the net changes to subscriptions, the views above and the stored form of the view.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { AddressList } from './address-list.ts';
import type { JobOutput } from './job-output.ts';
import { type JobContext, pause, type Work } from './operator.ts';
import { RowCopies } from './row-copies.ts';
import type { StateWords } from './rows-state.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { RowEmitter, WeightedRows } from './weighted-rows.ts';

const DELTA = 8;
export const STORED = 16;
export const ROW_ID = 24;
const LISTED = 32;
export const COPIES = 36;

/** Rows that may differ from their stored form: addresses in portions, their state at `offset`. */
export interface RowsToStore {
  readonly context: JobContext;
  readonly rows: AddressList;
  readonly offset: number;
  readonly emitter: RowEmitter;
  readonly copies: RowCopies;
}

/** Brings stored rows up to date. */
export type StoreRows = (output: RowsToStore, epoch: bigint) => Work;

export class ViewOutput implements JobOutput {
  readonly rows: WeightedRows;
  outputRows = 0n;
  private readonly context: JobContext;
  private readonly emitter: RowEmitter;
  private readonly changed: number;
  private readonly deltas: number;
  private readonly unstored: AddressList;
  private readonly copies: RowCopies;
  private readonly scratch: number;
  private readonly alive: number;
  private readonly listeners = new Set<(batch: Batch) => void>();
  private readonly readers = new Set<(batch: Batch) => Work>();
  private readonly wholeListeners = new Set<(batch: Batch) => void>();

  constructor(context: JobContext, types: readonly SqlType[]) {
    this.context = context;
    this.rows = new WeightedRows(context, types, 32, 'identity');
    this.emitter = new RowEmitter(context, context.region, this.rows.layout);
    this.changed = context.region.allocate(BATCH_ROWS * 4);
    this.deltas = context.region.allocate(BATCH_ROWS * 8);
    this.unstored = new AddressList(context.arena, context.owner);
    this.copies = new RowCopies(context);
    this.alive = context.region.allocate(BATCH_ROWS * 4);
    this.scratch = context.region.allocate(BATCH_ROWS * 4);
  }

  get pendingRows(): number {
    return this.unstored.count;
  }

  listen(listener: (batch: Batch) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** As `listen`, for the jobs of views above, which have work to do with the changes. */
  feed(reader: (batch: Batch) => Work): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }

  /** Called with all rows after each step that changed some, for EMIT COMPLETE. */
  listenWhole(listener: (batch: Batch) => void): () => void {
    this.wholeListeners.add(listener);
    return () => this.wholeListeners.delete(listener);
  }

  get unsettled(): boolean {
    return this.rows.touched.count > 0;
  }

  *push(batch: Batch): Work {
    this.rows.add(batch, this.rows.weightOffset + DELTA);
    yield pause(this.context);
  }

  *settle(epoch: bigint): Work {
    const { touched, weightOffset } = this.rows;
    if (touched.count === 0) return;
    const { context, changed, deltas, unstored, scratch } = this;
    const { kernels, memory } = context;
    const settle = kernels.get('changes_settle');
    let changes = false;
    for (const { address, count } of touched.portions()) {
      const found = settle(address, count, weightOffset, changed, deltas, unstored.reserve(count), scratch);
      if (found < 0) throw new Error('a continuous query has lost count: a row would be there fewer than zero times');
      unstored.count += memory.u32[scratch >>> 2]!;
      kernels.get('changes_rest')(address, count);
      this.outputRows += BigInt(found);
      changes ||= found > 0;
      if (found > 0) yield* this.publish({ ...this.emitter.batch(changed, found, deltas), epoch });
      yield pause(context);
    }
    touched.clear();
    if (this.wholeListeners.size === 0 || !changes) return;
    for (const batch of this.contents()) {
      for (const listener of this.wholeListeners) listener({ ...batch, epoch });
      yield pause(context);
    }
  }

  *store(epoch: bigint, write: StoreRows | null): Work {
    const { unstored, context } = this;
    const { kernels } = context;
    const { weightOffset } = this.rows;
    if (unstored.count === 0) return;
    const { emitter, copies } = this;
    if (write !== null) yield* write({ context, rows: unstored, offset: weightOffset, emitter, copies }, epoch);
    const select = kernels.get('rows_select_zero');
    for (const { address, count } of unstored.portions()) {
      kernels.get('rows_clear_i64')(address, weightOffset + LISTED, 4, count);
      const gone = select(address, count, weightOffset, 0, address);
      this.rows.free(address, select(address, gone, weightOffset + DELTA, 0, address)); // others wait to come back
      yield pause(context);
    }
    unstored.clear();
    yield* this.rows.compact();
  }

  /** The contents as they are, as +n changes; each batch is valid until the next. Only between steps. */
  *contents(): Generator<Batch, void, undefined> {
    for (const batch of this.emitter.all(this.rows, this.scratch)) {
      const count = this.context.kernels.get('select_nonzero_i64')(this.alive, batch.weights, 0, batch.count);
      if (count > 0) yield { ...batch, selection: this.alive, count };
    }
  }

  *save(state: StateWriter): Work {
    yield* this.rows.save(state, 'output', this.words);
    state.value('outputRows', this.outputRows);
  }

  /** All rows are to be stored anew; those with changes wait again to be settled. */
  restore(state: StateReader): void {
    const { u32 } = this.context.memory;
    const { weightOffset } = this.rows;
    this.rows.restore(state, 'output', this.words, (batch, rows) => {
      const out = this.unstored.reserve(batch.count) >>> 2;
      for (let i = 0; i < batch.count; i++) {
        const row = u32[(rows >>> 2) + i]!;
        u32[out + i] = row;
        u32[(row + weightOffset + LISTED) >>> 2] = 1;
      }
      this.unstored.count += batch.count;
      this.touchChanged(rows, batch.count);
    });
    this.outputRows = state.value('outputRows') as bigint;
  }

  private touchChanged(rows: number, count: number): void {
    const { kernels } = this.context;
    const { touched, weightOffset } = this.rows;
    const changed = kernels.get('rows_select_zero')(rows, count, weightOffset + DELTA, 1, this.scratch);
    const at = touched.reserve(Math.max(1, changed));
    touched.count += kernels.get('changes_touch')(this.scratch, 0, changed, at, this.alive);
  }

  private get words(): StateWords {
    return [
      ['weight', this.rows.weightOffset],
      ['delta', this.rows.weightOffset + DELTA],
    ];
  }

  private *publish(batch: Batch): Work {
    for (const listener of this.listeners) listener(batch);
    for (const reader of this.readers) yield* reader(batch);
  }

  release(): void {
    this.rows.release();
    this.unstored.release();
    this.copies.release();
  }
}
