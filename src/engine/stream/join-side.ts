// JoinSide: one input of a join, arranged by key: a table of keys, and the rows with their weight, their number of matches on the
// other side (where that matters) and the chain of rows with the same key. No keys: one chain with all rows.
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import type { Region } from '../../columns/region.ts';
import type { Expression } from '../../plan/expression.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { runAtOnce } from '../jobs/drive.ts';
import { RowHashTable } from '../rows/hash-table.ts';
import { ColumnDescriptors, type RowLayout, rowLayout } from '../rows/row-layout.ts';
import { RowReader } from '../rows/row-store.ts';
import { expressionContext, type JobContext, pause, type Work } from './operator.ts';
import { restoredRows, restoreWords, type StateWords } from './rows-state.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { WeightedRows } from './weighted-rows.ts';

export class JoinSide {
  readonly rows: WeightedRows;
  readonly reader: RowReader;
  readonly types: readonly SqlType[];
  /** u32 key row addresses by batch row index, of the last `arrange` or `find` */
  parents = 0;
  /** u32 addresses of the batch's own rows by batch row index, of the last `arrange` */
  own = 0;
  readonly keys: RowHashTable;
  private readonly context: JobContext;
  private readonly layout: RowLayout;
  private readonly program: { evaluate(batch: Batch, selection: number, count: number): Vector[] };
  private readonly present: ColumnDescriptors;
  private readonly strict: readonly number[];
  private readonly presentRows: number;
  private readonly spare: number;

  /** `strict`: which keys match no NULL. */
  constructor(
    context: JobContext,
    heap: Region,
    types: readonly SqlType[],
    keys: readonly Expression[],
    strict: readonly number[],
  ) {
    this.context = context;
    this.types = types;
    this.strict = strict;
    this.program = compileExpressions(keys, expressionContext(context, heap));
    this.layout = rowLayout(keys.map((key) => key.type), 8); // biome-ignore format: one line
    this.keys = new RowHashTable(context, this.layout, keys.length, 4);
    this.rows = new WeightedRows(context, types, 24, 'identity');
    this.reader = new RowReader(context, context.region, this.rows.layout);
    this.present = new ColumnDescriptors(context.memory, context.region, strict.map((i) => this.layout.columns[i]!)); // biome-ignore format: one line
    this.presentRows = context.region.allocate(BATCH_ROWS * 4);
    this.spare = context.region.allocate(BATCH_ROWS * 8);
  }

  get matchesOffset(): number {
    return this.rows.weightOffset + 8;
  }
  get headOffset(): number {
    return this.layout.stateOffset;
  }
  /** Row addresses of a key row's chain, newest first. */
  *chain(key: number): Generator<number> {
    const { u32 } = this.context.memory;
    for (let row = u32[(key + this.headOffset) >>> 2]!; row !== 0; row = u32[(row + this.linkOffset) >>> 2]!) yield row;
  }

  get linkOffset(): number {
    return this.rows.weightOffset + 16; // three words
  }

  evaluateKeys(batch: Batch): Vector[] {
    return this.program.evaluate(batch, batch.selection, batch.count);
  }

  /** The rows whose strict keys are not NULL. */
  withKeys(batch: Batch, keys: readonly Vector[]): { selection: number; count: number } {
    const strict = this.strict.map((i) => keys[i]!);
    if (strict.every((key) => key.nulls === 0)) return { selection: batch.selection, count: batch.count };
    this.present.bind(strict);
    const kernel = this.context.kernels.get('select_keys_present');
    const count = kernel(this.present.address, this.present.count, batch.selection, batch.count, this.presentRows);
    return { selection: this.presentRows, count };
  }

  /** Adds the changes of a batch, to the weight or to the word at `offset`. */
  arrange(batch: Batch, keys: readonly Vector[], offset = this.rows.weightOffset): void {
    const { selection, count } = batch;
    this.parents = this.keys.findOrInsert(keys, selection, count).rows;
    const { rows, fresh, freshCount } = this.rows.add(batch, offset);
    this.own = rows;
    this.context.kernels.get('chain_link')(rows, this.parents, fresh, freshCount, this.headOffset, this.linkOffset);
  }

  /** Forgets the rows that the batch left without weight, and keys left without rows. */
  *settle(): Work {
    const { touched, weightOffset } = this.rows;
    const select = this.context.kernels.get('rows_select_zero');
    for (const { address, count } of touched.portions()) {
      this.unlink(this.spare, select(address, count, weightOffset, 0, this.spare));
      yield pause(this.context);
    }
    yield* this.rows.rest();
    yield* this.compactKeys();
  }

  /** Forgets at most BATCH_ROWS rows, whatever their weight; none of them may be touched. Afterwards `compact`. */
  forget(rows: number, count: number): void {
    const list = this.spare;
    this.context.memory.u32.copyWithin(list >>> 2, rows >>> 2, (rows >>> 2) + count);
    this.unlink(list, count);
    this.rows.free(list, count);
  }

  *compact(): Work {
    yield* this.rows.compact();
    yield* this.compactKeys();
  }

  private *compactKeys(): Work {
    for (const _ of this.keys.store.compactHeap()) yield pause(this.context);
  }

  *save(state: StateWriter, table: string): Work {
    yield* this.rows.save(state, table, this.words);
  }

  restore(state: StateReader, table: string, each: (batch: Batch) => void): void {
    for (const { batch, values } of restoredRows(state, table, this.words)) {
      this.arrange({ ...batch, weights: values[0]! }, this.evaluateKeys(batch));
      restoreWords(this.context, this.own, this.words, values, batch.count);
      each(batch);
      runAtOnce(this.settle());
    }
  }

  private get words(): StateWords {
    return [
      ['weight', this.rows.weightOffset],
      ['matches', this.matchesOffset],
    ];
  }

  /** `rows` has room for as many addresses behind it. */
  private unlink(rows: number, count: number): void {
    if (count === 0) return;
    const empty = rows + count * 4;
    const keys = this.context.kernels.get('chain_unlink')(rows, count, this.headOffset, this.linkOffset, empty);
    this.keys.free(empty, keys);
  }

  release(): void {
    this.keys.release();
    this.rows.release();
  }
}
