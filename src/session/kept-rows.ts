// KeptRows: the rows of a statement that must have come to its end before the first of them is sent. A few are kept as JavaScript values, which is
// cheapest; many in shared memory.
import { Pieces } from '../base/pieces.ts';
import type { Batch } from '../columns/batch.ts';
import { batchRows, buildBatch } from '../columns/batch-builder.ts';
import type { Arena } from '../columns/memory.ts';
import { Region } from '../columns/region.ts';
import { StoredBatches } from '../engine/rows/stored-batches.ts';
import type { KernelLibrary } from '../kernels/kernel-library.ts';
import type { Datum } from '../types/datum.ts';
import type { RowSource } from './row-source.ts';
import type { ResultField } from './session-contract.ts';

const FEW_ROWS = 64;
const FEW_ROWS_BYTES = 67_108_864;
const STORED_BYTES = 4_294_967_296;

type Row = readonly (Datum | null)[];

export class KeptRows implements RowSource {
  readonly fields: readonly ResultField[];
  private readonly arena: Arena;
  private readonly kernels: KernelLibrary;
  private readonly few: Row[] = [];
  private stored: StoredBatches | null = null;
  private readonly pieces = new Pieces();
  private reading: Generator<Batch> | null = null;

  constructor({ arena, kernels }: { arena: Arena; kernels: KernelLibrary }, fields: readonly ResultField[]) {
    this.fields = fields;
    this.arena = arena;
    this.kernels = kernels;
  }

  /** Keeps the selected rows of a batch that has a column per field, or more. Throws 53200 where memory is out. */
  append(batch: Batch): void {
    if (this.stored === null && this.few.length + batch.count <= FEW_ROWS) {
      const columns = batch.columns.slice(0, this.fields.length);
      this.few.push(...batchRows(this.arena.shared, { ...batch, columns }));
      return;
    }
    this.stored ??= new StoredBatches(this.arena, this.kernels, this.types, STORED_BYTES);
    this.stored.append(batch);
  }

  next(): Batch | null | Promise<Batch | null> {
    this.reading ??= this.batches();
    const pause = this.pieces.next();
    return pause === undefined ? this.nextBatch() : pause.then(() => this.nextBatch());
  }

  /** All rows as JavaScript values. */
  rows(): Row[] {
    const rows = [...this.few];
    for (const batch of this.stored?.read() ?? []) rows.push(...batchRows(this.arena.shared, batch));
    return rows;
  }

  /** Forgets all rows. */
  close(): void {
    this.reading?.return(undefined);
    this.reading = null;
    this.stored?.release();
    this.stored = null;
    this.few.length = 0;
  }

  private get types() {
    return this.fields.map(({ type }) => type);
  }

  private nextBatch(): Batch | null {
    const next = this.reading?.next();
    if (next?.done === false) return next.value;
    this.close();
    return null;
  }

  private *batches(): Generator<Batch> {
    if (this.few.length > 0) {
      const owner = this.arena.addOwner(FEW_ROWS_BYTES);
      try {
        yield buildBatch(new Region(this.arena, owner), this.types, this.few);
      } finally {
        this.arena.freeOwner(owner);
      }
    }
    if (this.stored !== null) yield* this.stored.read();
  }
}
