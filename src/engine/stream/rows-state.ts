// Kept rows in a checkpoint and back: their columns, and words of their state as int8 columns behind them.
import { allocateVector, BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { INT8, type SqlType } from '../../types/sql-type.ts';
import type { RowLayout } from '../rows/row-layout.ts';
import { type RowContext, RowReader } from '../rows/row-store.ts';
import type { Work } from './operator.ts';
import type { StateColumn, StateReader, StateWriter } from './state-file.ts';

/** Name and offset in the row. */
export type StateWords = readonly (readonly [name: string, offset: number])[];

export function stateColumns(types: readonly SqlType[], words: readonly string[]): StateColumn[] {
  return [...types.map((type, i) => ({ name: `c${i}`, type })), ...words.map((name) => ({ name, type: INT8 }))];
}

/** `portions` writes row addresses to the place it is given and yields their counts. */
export function* saveRows(
  context: RowContext,
  writer: StateWriter,
  table: string,
  layout: RowLayout,
  words: StateWords,
  portions: (out: number) => Iterable<number>,
): Work {
  const region = new Region(context.arena, context.owner);
  const reader = new RowReader(context, region, layout);
  const vectors = words.map(() => allocateVector(region, INT8));
  const list = region.allocate(BATCH_ROWS * 4);
  const columns = stateColumns(layout.columns.map((column) => column.type), words.map(([name]) => name)); // biome-ignore format: one line
  const read = context.kernels.get('rows_read_i64');
  for (const count of portions(list)) {
    words.forEach(([, offset], i) => {
      read(vectors[i]!.data, list, offset, count);
    });
    writer.rows(table, columns, { columns: [...reader.gather(list, 0, count), ...vectors], count, selection: 0, weights: 0 }); // biome-ignore format: one line
    yield;
  }
  region.release();
}

/** Each batch of the table: the rows' columns, and their words' values by address. */
export function* restoredRows(
  reader: StateReader,
  table: string,
  words: StateWords,
): Generator<{ batch: Batch; values: readonly number[] }> {
  for (const batch of reader.rows(table)) {
    const width = batch.columns.length - words.length;
    const values = batch.columns.slice(width).map((column) => column.data);
    yield { batch: { ...batch, columns: batch.columns.slice(0, width), weights: 0 }, values };
  }
}

/** Writes words back: rows[i] gets values of row i. */
export function restoreWords(
  context: RowContext,
  rows: number,
  words: StateWords,
  values: readonly number[],
  count: number,
): void {
  const write = context.kernels.get('rows_write_i64');
  words.forEach(([, offset], i) => {
    write(rows, offset, values[i]!, 0, count);
  });
}
