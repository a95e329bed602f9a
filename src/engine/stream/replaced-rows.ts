// ReplacedRows: the result of something that is run as a whole, before and after: rows with {i64 weight before, i64 weight now}. After a
// run the difference goes out, and what is now becomes what was before.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { type JobContext, type Outlet, pause, type Work } from './operator.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { RowEmitter, WeightedRows } from './weighted-rows.ts';

export class ReplacedRows {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly rows: WeightedRows;
  private readonly emitter: RowEmitter;
  private readonly changed: number;
  private readonly deltas: number;
  private readonly list: number;

  constructor(context: JobContext, outlet: Outlet, types: readonly SqlType[]) {
    this.context = context;
    this.outlet = outlet;
    this.rows = new WeightedRows(context, types, 16, 'identity');
    this.emitter = new RowEmitter(context, context.region, this.rows.layout);
    this.list = context.region.allocate(BATCH_ROWS * 4);
    this.changed = context.region.allocate(BATCH_ROWS * 4);
    this.deltas = context.region.allocate(BATCH_ROWS * 8);
  }

  /** Rows of the new result. */
  add(batch: Batch): void {
    this.rows.add({ ...batch, weights: 0 }, this.rows.weightOffset + 8);
  }

  /** The run is over: what has changed goes out. */
  *emitDifference(): Work {
    const { kernels } = this.context;
    const { rows, changed, deltas } = this;
    for (const { address, count } of rows.touched.portions()) {
      kernels.get('changes_rest')(address, count);
      yield pause(this.context);
    }
    rows.touched.clear();
    for (const part of rows.portions(this.list)) {
      const count = kernels.get('changes_replace')(this.list, part, rows.weightOffset, changed, deltas);
      yield* this.outlet.emit(this.emitter.batch(changed, count, deltas));
      rows.free(changed, kernels.get('rows_select_zero')(changed, count, rows.weightOffset, 0, changed));
      yield pause(this.context);
    }
    yield* rows.compact();
  }

  /** The run has failed: the old result stays. */
  *forgetNew(): Work {
    const { touched, weightOffset } = this.rows;
    for (const { address, count } of touched.portions()) {
      this.context.kernels.get('rows_clear_i64')(address, weightOffset + 8, 8, count);
      yield pause(this.context);
    }
    yield* this.rows.rest();
  }

  *save(state: StateWriter): Work {
    yield* this.rows.save(state, 'result', [['weight', this.rows.weightOffset]]);
  }

  restore(state: StateReader): void {
    this.rows.restore(state, 'result', [['weight', this.rows.weightOffset]]);
  }

  release(): void {
    this.rows.release();
  }
}
