// Rows kept for several readers, in their order: a materialized CTE, the working table of a recursion. Those for which there is no memory go
// to a temporary file.
import type { Batch } from '../../columns/batch.ts';
import { BATCH_ROWS } from '../../columns/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { type RowLayout, rowLayout } from '../rows/row-layout.ts';
import { RowReader, RowStore } from '../rows/row-store.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import type { SpillFile } from './spill-file.ts';
import { boundBytes, type SpillLimit, spillLimit } from './spill-limit.ts';
import { blockBytes, PackedReader, RowPacker, type SpilledRows, streamBytes } from './spill-rows.ts';

export class KeptRows {
  private readonly context: RunContext;
  private readonly layout: RowLayout;
  private readonly block: number;
  private readonly limit: SpillLimit | null;
  /** the last rows */
  private store: RowStore;
  private file: SpillFile | null = null;
  private packer: RowPacker | null = null;
  /** those before them */
  private spilled: SpilledRows = [];

  constructor(types: readonly SqlType[], context: RunContext) {
    this.context = context;
    this.layout = rowLayout(types);
    this.block = blockBytes(boundBytes(context), 1);
    this.limit = spillLimit(0, context, streamBytes(this.block));
    this.store = new RowStore(context, this.layout);
  }

  /** All rows of an input. */
  static async of(input: Batches, types: readonly SqlType[], context: RunContext): Promise<KeptRows> {
    const kept = new KeptRows(types, context);
    try {
      for await (const batch of input) await kept.append(batch);
      await kept.finish();
      return kept;
    } catch (error) {
      await kept.release();
      throw error;
    }
  }

  async append({ columns, selection, count }: Omit<Batch, 'weights'>): Promise<void> {
    this.store.append(columns, selection, count);
    if (this.limit?.isPast(this.store) === true) await this.spill();
  }

  private async spill(): Promise<void> {
    const { context, layout, store } = this;
    using own = new OperatorMemory(context);
    this.file ??= await context.spill!.open();
    this.packer ??= new RowPacker(context, layout, this.file, this.block);
    const list = own.region.allocate(BATCH_ROWS * 4);
    for (const { address, count } of store.portions()) {
      context.kernels.get('sequence_u32')(list, address, layout.rowBytes, count);
      await this.packer.add(list, count);
      await context.pause();
    }
    store.release();
    this.store = new RowStore(context, layout);
  }

  /** To be called behind the last row, before any is read. */
  async finish(): Promise<void> {
    if (this.packer === null) return;
    this.spilled = await this.packer.finish();
    this.packer.release();
  }

  get isEmpty(): boolean {
    return this.store.count === 0 && this.spilled.length === 0;
  }

  /** Bytes that went to a file. */
  get spilledBytes(): number {
    return this.file?.size ?? 0;
  }

  async *rows(): Batches {
    const { context, layout } = this;
    using own = new OperatorMemory(context);
    const reader = new RowReader(context, own.region, layout);
    if (this.file !== null) yield* this.spilledRows(this.file, reader);
    const list = own.region.allocate(BATCH_ROWS * 4);
    for (const { address, count } of this.store.portions()) {
      await context.pause();
      context.kernels.get('sequence_u32')(list, address, layout.rowBytes, count);
      yield { columns: reader.gather(list, 0, count), count, selection: 0, weights: 0 };
    }
  }

  private async *spilledRows(file: SpillFile, reader: RowReader): Batches {
    const packed = new PackedReader(this.context, this.layout, file, this.spilled);
    try {
      while (await packed.advance()) {
        for (let at = 0; at < packed.count; at += BATCH_ROWS) {
          const count = Math.min(BATCH_ROWS, packed.count - at);
          yield { columns: reader.gather(packed.list + at * 4, 0, count), count, selection: 0, weights: 0 };
          await this.context.pause();
        }
      }
    } finally {
      packed.release();
    }
  }

  async release(): Promise<void> {
    this.store.release();
    this.packer?.release();
    await this.file?.close();
  }
}
