// EMIT ON WINDOW CLOSE: output rows wait, consolidated, until the watermark has reached their window's end (plus the delay); then
// they go out once. What comes for a window that has been closed is dropped; each row that should be there now is counted as missed (a
// corrected one, -old +new, once). Rule: emit the rows of A whose end <= watermark when the watermark passes it, for good.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { ClosedBound } from './closed-windows.ts';
import { type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { RowEmitter, WeightedRows } from './weighted-rows.ts';

/** The output column that carries a window's time, and what makes it the end. */
export interface WindowEnd {
  readonly column: number;
  readonly plusMicros: bigint;
}

export class WindowCloseOperator implements Operator {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly end: WindowEnd;
  private readonly visible: number;
  private readonly rows: WeightedRows;
  private readonly emitter: RowEmitter;
  private readonly weights: number;
  private readonly bound: number;
  private readonly chosen: number;
  private readonly closed: ClosedBound;

  /** Output: the first `visible` columns. */
  constructor(context: JobContext, outlet: Outlet, types: readonly SqlType[], visible: number, end: WindowEnd) {
    this.context = context;
    this.outlet = outlet;
    this.end = end;
    this.visible = visible;
    this.rows = new WeightedRows(context, types, 0, 'identity');
    this.emitter = new RowEmitter(context, context.region, this.rows.layout);
    this.weights = context.region.allocate(BATCH_ROWS * 8);
    this.bound = context.region.allocate(16);
    this.chosen = context.region.allocate(BATCH_ROWS * 4);
    this.closed = new ClosedBound(context, end);
  }

  /** result rows, or new versions of them, that came after their window had been closed */
  get missedRows(): bigint {
    return this.closed.missedRows;
  }

  *push(batch: Batch): Work {
    const open = this.closed.open(batch);
    if (open.count > 0) this.rows.add({ ...batch, ...open });
    if (open.count < batch.count) this.closed.countMissed(batch);
    yield pause(this.context);
  }

  /** The step's changes have all come: rows without weight are forgotten. */
  settle(): Work {
    return this.rows.rest();
  }

  /** The last end (as `closeUntil` takes it) among the windows that wait, or null. */
  latestEnd(): bigint | null {
    const { i64, u32, u8 } = this.context.memory;
    const { slot, nullOffset } = this.rows.layout.columns[this.end.column]!;
    let latest: bigint | null = null;
    for (const count of this.rows.portions(this.chosen)) {
      for (let i = 0; i < count; i++) {
        const row = u32[(this.chosen >>> 2) + i]!;
        const end = i64[(row + slot) / 8]!;
        if (u8[row + nullOffset] === 0 && (latest === null || end > latest)) latest = end;
      }
    }
    return latest;
  }

  /** Emits the rows of windows that end at or before the watermark. */
  close(watermarkMicros: bigint): Work {
    return this.closeUntil(watermarkMicros - this.end.plusMicros);
  }

  /** Emits the rows whose window's column is at or before `bound`. */
  *closeUntil(bound: bigint): Work {
    if (!this.closed.closeUntil(bound)) return;
    const { kernels, memory } = this.context;
    memory.i64[this.bound / 8] = bound;
    const column = this.rows.layout.columns[this.end.column]!;
    const { chosen, weights, rows } = this;
    for (const found of rows.portions(chosen)) {
      const { slot, nullOffset } = column;
      const count = kernels.get('rows_select_until')(chosen, found, slot, nullOffset, this.bound, 1, chosen);
      kernels.get('rows_read_i64')(weights, chosen, rows.weightOffset, count);
      const { columns, ...batch } = this.emitter.batch(chosen, count, weights);
      yield* this.outlet.emit({ ...batch, columns: columns.slice(0, this.visible) });
      rows.free(chosen, count);
      yield pause(this.context);
    }
    yield* rows.compact();
  }

  *save(state: StateWriter): Work {
    yield* this.rows.save(state, 'waiting', [['weight', this.rows.weightOffset]]);
    this.closed.save(state);
  }

  restore(state: StateReader): void {
    this.rows.restore(state, 'waiting', [['weight', this.rows.weightOffset]]);
    this.closed.restore(state);
  }

  release(): void {
    this.rows.release();
  }
}
