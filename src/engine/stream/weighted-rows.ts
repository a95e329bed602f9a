// WeightedRows: a multiset of rows with their weights in shared memory. Rows are the same when their bytes are (`identity`) or when
// SQL says so; state of the operator follows the weight. And RowEmitter: stored rows back as batches of changes.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { Region } from '../../columns/region.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { type FoundRows, RowHashTable } from '../rows/hash-table.ts';
import { type RowLayout, rowLayout } from '../rows/row-layout.ts';
import { type RowContext, RowReader } from '../rows/row-store.ts';
import { ROW_KIND } from '../rows/value-kind.ts';
import { AddressList } from './address-list.ts';
import type { Outlet, Work } from './operator.ts';
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
export function identityLayout(types: readonly SqlType[], stateBytes: number): RowLayout {
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
  private readonly context: RowContext;

  constructor(context: RowContext, types: readonly SqlType[], extraBytes: number, equality: 'identity' | 'sql') {
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
  rest(): void {
    const { touched, context } = this;
    if (touched.count === 0) return;
    context.kernels.get('changes_rest')(touched.address, touched.count);
    const dead = context.kernels.get('rows_select_zero')(
      touched.address,
      touched.count,
      this.weightOffset,
      0,
      touched.address,
    );
    this.table.free(touched.address, dead);
    touched.clear();
    this.table.store.compactHeap();
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
  private readonly context: RowContext;
  private readonly scratch: number;
  /** room for the addresses of one batch, for callers */
  readonly list: number;

  constructor(context: RowContext, region: Region, layout: RowLayout, columns?: readonly number[]) {
    this.context = context;
    this.reader = new RowReader(context, region, layout, columns);
    this.scratch = region.allocate(BATCH_ROWS * 8);
    this.list = region.allocate(BATCH_ROWS * 4);
  }

  /** At most BATCH_ROWS rows as a batch, valid until the next call. `weights` by position (0: +1). */
  batch(rows: number, count: number, weights: number): Batch {
    return { columns: this.reader.gather(rows, 0, count), count, selection: 0, weights };
  }

  /** All rows of a list with their i64 deltas. */
  *emit(outlet: Pick<Outlet, 'emit'>, rows: number, deltas: number, count: number): Work {
    for (let at = 0; at < count; at += BATCH_ROWS) {
      const part = Math.min(BATCH_ROWS, count - at);
      outlet.emit(this.batch(rows + at * 4, part, deltas + at * 8));
      yield;
    }
  }

  /** Everything in `rows` with its weights. */
  *emitAll(outlet: { emit(batch: Batch): void }, all: WeightedRows, addresses: number): Work {
    const read = this.context.kernels.get('rows_read_i64');
    for (const count of all.allPortions(addresses)) {
      read(this.scratch, addresses, all.weightOffset, count);
      outlet.emit(this.batch(addresses, count, this.scratch));
      yield;
    }
  }
}
