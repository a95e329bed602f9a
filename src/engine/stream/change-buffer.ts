// ChangeBuffer: a copy of changes that have to wait: commits behind a running step, rows for a slow subscriber. Rows are kept in a
// row store, their weight as a last column.
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { INT8, type SqlType } from '../../types/sql-type.ts';
import { rowLayout } from '../rows/row-layout.ts';
import { type RowContext, RowReader, RowStore } from '../rows/row-store.ts';

export class ChangeBuffer {
  rows = 0;
  private readonly context: RowContext;
  private readonly store: RowStore;
  private readonly region: Region;
  private readonly weights: OwnedVector;

  constructor(context: RowContext, types: readonly SqlType[]) {
    this.context = context;
    this.region = new Region(context.arena, context.owner);
    this.store = new RowStore(context, rowLayout([...types, INT8]));
    this.weights = allocateVector(this.region, INT8);
    context.memory.i64.fill(1n, this.weights.data / 8, this.weights.data / 8 + BATCH_ROWS);
  }

  append(batch: Batch): void {
    const weights = batch.weights === 0 ? this.weights : { ...this.weights, data: batch.weights };
    this.store.append([...batch.columns, weights], batch.selection, batch.count);
    this.rows += batch.count;
  }

  /** Batches of what was appended, in order; each valid until the next. */
  *batches(): Generator<Batch> {
    const reader = new RowReader(this.context, this.region, this.store.layout);
    const list = this.region.allocate(BATCH_ROWS * 4);
    for (const { address, count } of this.store.portions()) {
      this.context.kernels.get('sequence_u32')(list, address, this.store.layout.rowBytes, count);
      const columns = reader.gather(list, 0, count);
      yield { columns: columns.slice(0, -1), count, selection: 0, weights: columns.at(-1)!.data };
    }
  }

  release(): void {
    this.store.release();
    this.region.release();
  }
}
