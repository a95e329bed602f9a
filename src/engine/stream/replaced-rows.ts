// ReplacedRows: the result of something that is run as a whole, before and after: rows with {i64 weight before, i64 weight now}. After a
// run the difference goes out, and what is now becomes what was before.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { AddressList } from './address-list.ts';
import type { JobContext, Outlet, Work } from './operator.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { RowEmitter, WeightedRows } from './weighted-rows.ts';

export class ReplacedRows {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly rows: WeightedRows;
  private readonly emitter: RowEmitter;
  private readonly changed: AddressList;
  private readonly deltas: AddressList;
  private readonly list: number;

  constructor(context: JobContext, outlet: Outlet, types: readonly SqlType[]) {
    this.context = context;
    this.outlet = outlet;
    this.rows = new WeightedRows(context, types, 16, 'identity');
    this.emitter = new RowEmitter(context, context.region, this.rows.layout);
    this.list = context.region.allocate(BATCH_ROWS * 4);
    this.changed = new AddressList(context.arena, context.owner);
    this.deltas = new AddressList(context.arena, context.owner, 8);
  }

  /** Rows of the new result. */
  add(batch: Batch): void {
    this.rows.add({ ...batch, weights: 0 }, this.rows.weightOffset + 8);
  }

  /** The run is over: what has changed goes out. */
  *emitDifference(): Work {
    const { kernels } = this.context;
    const { rows, changed, deltas } = this;
    kernels.get('changes_rest')(rows.touched.address, rows.touched.count);
    rows.touched.clear();
    let count = 0;
    for (const part of rows.portions(this.list)) {
      changed.count = count;
      deltas.count = count;
      const out = changed.reserve(part);
      count += kernels.get('changes_replace')(this.list, part, rows.weightOffset, out, deltas.reserve(part));
    }
    changed.count = 0;
    deltas.count = 0;
    yield* this.emitter.emit(this.outlet, changed.address, deltas.address, count);
    const select = kernels.get('rows_select_zero');
    const dead = select(changed.address, count, rows.weightOffset, 0, changed.address);
    rows.table.free(changed.address, dead);
    rows.table.store.compactHeap();
  }

  /** The run has failed: the old result stays. */
  forgetNew(): void {
    const { touched, weightOffset } = this.rows;
    this.context.kernels.get('rows_clear_i64')(touched.address, weightOffset + 8, 8, touched.count);
    this.rows.rest();
  }

  *save(state: StateWriter): Work {
    yield* this.rows.save(state, 'result', [['weight', this.rows.weightOffset]]);
  }

  restore(state: StateReader): void {
    this.rows.restore(state, 'result', [['weight', this.rows.weightOffset]]);
  }

  release(): void {
    this.rows.release();
    this.changed.release();
    this.deltas.release();
  }
}
