// StoredBatches: batches that come to be kept whole before the first of them is read: in rows of shared memory of an owner of their own, so that
// a million of them are nothing for the garbage collector to walk through.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { rowLayout } from './row-layout.ts';
import { RowReader, RowStore } from './row-store.ts';

export class StoredBatches {
  private readonly owner: number;
  private readonly arena: Arena;
  private readonly kernels: KernelLibrary;
  private readonly store: RowStore;

  /** `limitBytes`: beyond it, 53200. */
  constructor(arena: Arena, kernels: KernelLibrary, types: readonly SqlType[], limitBytes: number) {
    this.arena = arena;
    this.kernels = kernels;
    this.owner = arena.addOwner(limitBytes);
    this.store = new RowStore(this.context, rowLayout(types));
  }

  /** Keeps the selected rows; the batch has a column per type, or more. */
  append({ columns, selection, count }: Batch): void {
    this.store.append(columns.slice(0, this.store.layout.columns.length), selection, count);
  }

  /** The rows in order, a batch of at most BATCH_ROWS at a time: each valid until the next. */
  *read(): Generator<Batch> {
    const region = new Region(this.arena, this.owner);
    const reader = new RowReader(this.context, region, this.store.layout);
    const list = region.allocate(BATCH_ROWS * 4);
    for (const { address, count } of this.store.portions()) {
      this.kernels.get('sequence_u32')(list, address, this.store.layout.rowBytes, count);
      yield { columns: reader.gather(list, 0, count), count, selection: 0, weights: 0 };
    }
    region.release();
  }

  release(): void {
    this.arena.freeOwner(this.owner);
  }

  private get context() {
    const { arena, kernels, owner } = this;
    return { arena, memory: arena.shared, kernels, owner };
  }
}
