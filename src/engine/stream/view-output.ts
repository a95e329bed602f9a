// ViewOutput: the end of a dataflow. It consolidates a step's changes (equal rows, byte by byte, are one row with the sum of their
// weights), holds the view's contents, and hands the net changes to subscriptions, the views above and the stored form of the view.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { AddressList } from './address-list.ts';
import type { JobContext, Operator, Work } from './operator.ts';
import type { StateWords } from './rows-state.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { RowEmitter, WeightedRows } from './weighted-rows.ts';

const DELTA = 8;
export const STORED = 16;
export const ROW_ID = 24;
const LISTED = 32;

/** Writes the difference between contents and stored rows; `rows` are addresses, state at `offset`. */
export type StoreRows = (rows: number, count: number, offset: number, epoch: bigint, emitter: RowEmitter) => Work;

export class ViewOutput implements Operator {
  readonly rows: WeightedRows;
  /** all rows that came out so far, both signs */
  outputRows = 0n;
  private readonly context: JobContext;
  private readonly emitter: RowEmitter;
  private readonly changed: AddressList;
  private readonly deltas: AddressList;
  private readonly unstored: AddressList;
  private readonly scratch: number;
  private readonly alive: number;
  private readonly listeners = new Set<(batch: Batch) => void>();
  private readonly wholeListeners = new Set<(batch: Batch) => void>();

  constructor(context: JobContext, types: readonly SqlType[]) {
    this.context = context;
    this.rows = new WeightedRows(context, types, 32, 'identity');
    this.emitter = new RowEmitter(context, context.region, this.rows.layout);
    this.changed = new AddressList(context.arena, context.owner);
    this.deltas = new AddressList(context.arena, context.owner, 8);
    this.unstored = new AddressList(context.arena, context.owner);
    this.alive = context.region.allocate(BATCH_ROWS * 4);
    this.scratch = context.region.allocate(BATCH_ROWS * 4);
  }

  /** Changed rows that the stored form has not seen. */
  get pendingRows(): number {
    return this.unstored.count;
  }

  /** Called with the net changes of each step, in batches valid until the listener returns. */
  listen(listener: (batch: Batch) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called with all rows after each step that changed some, for EMIT COMPLETE. */
  listenWhole(listener: (batch: Batch) => void): () => void {
    this.wholeListeners.add(listener);
    return () => this.wholeListeners.delete(listener);
  }

  /** Whether changes wait for `settle`. */
  get unsettled(): boolean {
    return this.rows.touched.count > 0;
  }

  push(batch: Batch): void {
    this.rows.add(batch, this.rows.weightOffset + DELTA);
  }

  /** Ends the step: net changes go out, stamped with its epoch. */
  *settle(epoch: bigint): Work {
    const { touched, weightOffset } = this.rows;
    if (touched.count === 0) return;
    const rows = this.changed.reserve(touched.count);
    const deltas = this.deltas.reserve(touched.count);
    const unstored = this.unstored.reserve(touched.count);
    const { kernels, memory } = this.context;
    const count = kernels.get('changes_settle')(
      touched.address,
      touched.count,
      weightOffset,
      rows,
      deltas,
      unstored,
      this.scratch,
    );
    if (count < 0) throw new Error('a continuous query has lost count: a row would be there fewer than zero times');
    this.unstored.count += memory.u32[this.scratch >>> 2]!;
    kernels.get('changes_rest')(touched.address, touched.count);
    touched.clear();
    this.outputRows += BigInt(count);
    if (this.listeners.size > 0)
      yield* this.emitter.emit({ emit: (batch: Batch) => this.publish({ ...batch, epoch }) }, rows, deltas, count);
    if (this.wholeListeners.size === 0 || count === 0) return;
    yield* this.contents((batch) => {
      for (const listener of this.wholeListeners) listener({ ...batch, epoch });
    });
  }

  /** Brings the stored form up to date (null: there is none) and forgets rows that are gone. */
  *store(epoch: bigint, write: StoreRows | null): Work {
    const { unstored, context } = this;
    const { weightOffset } = this.rows;
    if (unstored.count === 0) return;
    if (write !== null) yield* write(unstored.address, unstored.count, weightOffset, epoch, this.emitter);
    const { kernels } = context;
    kernels.get('rows_clear_i64')(unstored.address, weightOffset + LISTED, 8, unstored.count);
    const select = kernels.get('rows_select_zero');
    const gone = select(unstored.address, unstored.count, weightOffset, 0, unstored.address);
    const dead = select(unstored.address, gone, weightOffset + DELTA, 0, unstored.address); // others wait to come back
    this.rows.table.free(unstored.address, dead);
    unstored.clear();
    this.rows.table.store.compactHeap();
  }

  /** The contents as they are, as +n changes. Only between steps. */
  *contents(take: (batch: Batch) => void): Work {
    const live = { emit: (batch: Batch) => take(this.withoutDead(batch)) };
    yield* this.emitter.emitAll(live, this.rows, this.scratch);
  }

  private withoutDead(batch: Batch): Batch {
    const selection = this.alive;
    const count = this.context.kernels.get('select_nonzero_i64')(selection, batch.weights, 0, batch.count);
    return { ...batch, selection, count };
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

  private publish(batch: Batch): void {
    for (const listener of this.listeners) listener(batch);
  }

  release(): void {
    this.rows.release();
    this.changed.release();
    this.deltas.release();
    this.unstored.release();
  }
}
