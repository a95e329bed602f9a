// WeightedRows: a multiset of rows with their weights in shared memory. Rows are the same when their bytes are (`identity`) or when
// SQL says so; state of the operator follows the weight. And RowEmitter: stored rows back as batches of changes.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { Region } from '../../columns/region.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { type FoundRows, RowHashTable } from '../rows/hash-table.ts';
import { type RowLayout, rowLayout } from '../rows/row-layout.ts';
import { RowReader } from '../rows/row-store.ts';
import { ROW_KIND } from '../rows/value-kind.ts';
import { AddressList } from './address-list.ts';
import { type JobContext, pause, type Work } from './operator.ts';
import { restoredRows, restoreWords, type StateWords, saveRows } from './rows-state.ts';
import type { StateReader, StateWriter } from './state-file.ts';

const BYTES_OF: Readonly<Record<number, number>> = {
  [ROW_KIND.numeric]: ROW_KIND.view,
  [ROW_KIND.bpchar]: ROW_KIND.view,
  [ROW_KIND.array]: ROW_KIND.view,
  [ROW_KIND.record]: ROW_KIND.view,
  [ROW_KIND.jsonb]: ROW_KIND.view,
  [ROW_KIND.f32]: ROW_KIND.u32,
  [ROW_KIND.f64]: ROW_KIND.i64,
  [ROW_KIND.interval]: ROW_KIND.i128,
};

/** A layout whose columns are compared byte by byte. */
function identityLayout(types: readonly SqlType[], stateBytes: number): RowLayout {
  const layout = rowLayout(types, stateBytes);
  return {
    ...layout,
    columns: layout.columns.map((column) => ({ ...column, kind: BYTES_OF[column.kind] ?? column.kind })),
  };
}

const PARTITION_BITS = 4;

export class WeightedRows {
  readonly table: RowHashTable;
  readonly layout: RowLayout;
  /** of the i64 weight in a row; the operator's own state begins 8 bytes later */
  readonly weightOffset: number;
  /** rows whose weight was changed since `rest` */
  readonly touched: AddressList;
  private readonly context: JobContext;

  constructor(context: JobContext, types: readonly SqlType[], extraBytes: number, equality: 'identity' | 'sql') {
    this.context = context;
    this.layout = equality === 'identity' ? identityLayout(types, 8 + extraBytes) : rowLayout(types, 8 + extraBytes);
    this.table = new RowHashTable(context, this.layout, types.length, PARTITION_BITS);
    this.weightOffset = this.layout.stateOffset;
    this.touched = new AddressList(context.arena, context.owner);
  }

  get count(): number {
    return this.table.count;
  }

  /** Adds the batch's weights at `offset` (default: the weight). Returns the rows found, valid until the next call. */
  add(batch: Batch, offset = this.weightOffset): FoundRows {
    const found = this.table.findOrInsert(batch.columns, batch.selection, batch.count);
    const at = this.touched.reserve(batch.count);
    const add = this.context.kernels.get('changes_add');
    this.touched.count += add(found.rows, batch.selection, batch.count, batch.weights, offset, at);
    return found;
  }

  /** The touched rows are at rest; those without weight are forgotten. */
  *rest(): Work {
    const { touched, context, weightOffset } = this;
    if (touched.count === 0) return;
    const select = context.kernels.get('rows_select_zero');
    for (const { address, count } of touched.portions()) {
      context.kernels.get('changes_rest')(address, count);
      this.table.free(address, select(address, count, weightOffset, 0, address));
      yield pause(context);
    }
    touched.clear();
    yield* this.compact();
  }

  /** These rows (u32 addresses, at rest) go. */
  free(rows: number, count: number): void {
    this.table.free(rows, count);
  }

  /** Rows have gone: see RowStore.compactHeap. */
  *compact(): Work {
    for (const _ of this.table.store.compactHeap()) yield pause(this.context);
  }

  /** Addresses of all rows at rest (all rows there are, between steps), in portions of at most BATCH_ROWS at `out`. */
  portions(out: number): Generator<number> {
    return this.marked(0, out);
  }

  /** As portions, touched rows behind the others. */
  *allPortions(out: number): Generator<number> {
    yield* this.marked(0, out);
    yield* this.marked(1, out);
  }

  private *marked(mark: number, out: number): Generator<number> {
    const list = this.context.kernels.get('rows_list');
    const { rowBytes } = this.layout;
    for (const { address, count } of this.table.store.portions()) {
      const found = list(address, rowBytes, count, mark, out);
      if (found > 0) yield found;
    }
  }

  /** The rows with these words of state, weight first. */
  *save(state: StateWriter, table: string, words: StateWords): Work {
    yield* saveRows(this.context, state, table, this.layout, words, (out) => this.allPortions(out));
  }

  /** Rows come back as they were saved, at rest. `each` sees a batch, and the addresses of its rows by row index. */
  restore(state: StateReader, table: string, words: StateWords, each?: (batch: Batch, rows: number) => void): void {
    for (const { batch, values } of restoredRows(state, table, words)) {
      const { rows } = this.table.findOrInsert(batch.columns, 0, batch.count);
      restoreWords(this.context, rows, words, values, batch.count);
      each?.(batch, rows);
    }
  }

  release(): void {
    this.touched.release();
    this.table.release();
  }
}

export class RowEmitter {
  private readonly reader: RowReader;
  private readonly context: JobContext;
  private readonly scratch: number;
  /** room for the addresses of one batch, for callers */
  readonly list: number;

  constructor(context: JobContext, region: Region, layout: RowLayout, columns?: readonly number[]) {
    this.context = context;
    this.reader = new RowReader(context, region, layout, columns);
    this.scratch = region.allocate(BATCH_ROWS * 8);
    this.list = region.allocate(BATCH_ROWS * 4);
  }

  /** At most BATCH_ROWS rows as a batch, valid until the next call. `weights` by position (0: +1). */
  batch(rows: number, count: number, weights: number): Batch {
    return { columns: this.reader.gather(rows, 0, count), count, selection: 0, weights };
  }

  /** Everything in `rows` with its weights; each batch is valid until the next. */
  *all(rows: WeightedRows, addresses: number): Generator<Batch, void, undefined> {
    const read = this.context.kernels.get('rows_read_i64');
    for (const count of rows.allPortions(addresses)) {
      read(this.scratch, addresses, rows.weightOffset, count);
      yield this.batch(addresses, count, this.scratch);
    }
  }
}
