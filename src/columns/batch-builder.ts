// Batches from rows of JavaScript values and back: for edges (VALUES, catalog relations, table functions, test data). Appending
// grows by nothing: a builder holds `capacity` rows, the caller takes the batch when it is full.
import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector } from './batch.ts';
import { readDatum, writeDatum } from './datum-vector.ts';
import type { SharedMemory } from './memory.ts';
import type { Region } from './region.ts';

export interface BatchBuilderOptions {
  /** Where long values go; default: the region itself. */
  readonly heap?: Region;
  /** Rows it can hold; default BATCH_ROWS. */
  readonly capacity?: number;
}

export class BatchBuilder {
  readonly types: readonly SqlType[];
  readonly capacity: number;
  private readonly region: Region;
  private readonly heap: Region;
  private readonly memory: SharedMemory;
  private readonly columns: readonly OwnedVector[];
  private weights = 0;
  private weighted = false;
  private rows = 0;

  constructor(region: Region, types: readonly SqlType[], options: BatchBuilderOptions = {}) {
    this.region = region;
    this.types = types;
    this.heap = options.heap ?? region;
    this.capacity = options.capacity ?? BATCH_ROWS;
    this.memory = region.arena.shared;
    this.columns = types.map((type) => allocateVector(region, type, this.capacity));
  }

  get count(): number {
    return this.rows;
  }

  get full(): boolean {
    return this.rows === this.capacity;
  }

  /** Appends one row; `weight` other than 1 gives the batch a weights column. */
  append(row: readonly (Datum | null)[], weight = 1n): void {
    if (this.rows === this.capacity) throw new Error('the batch is full');
    for (let i = 0; i < this.columns.length; i++) {
      writeDatum(this.memory, this.columns[i]!, this.rows, row[i] ?? null, this.heap);
    }
    if (weight !== 1n && !this.weighted) {
      if (this.weights === 0) this.weights = this.region.allocate(this.capacity * 8);
      this.memory.i64.fill(1n, this.weights / 8, this.weights / 8 + this.rows);
      this.weighted = true;
    }
    if (this.weighted) this.memory.i64[this.weights / 8 + this.rows] = weight;
    this.rows++;
  }

  /** The rows so far as a batch over the builder's own vectors: valid until the next append or reset. */
  batch(epoch?: bigint): Batch {
    const weights = this.weighted ? this.weights : 0;
    const plain = { columns: this.columns, count: this.rows, selection: 0, weights };
    return epoch === undefined ? plain : { ...plain, epoch };
  }

  /** Starts over in the same vectors. The caller resets the heap region. */
  reset(): void {
    this.rows = 0;
    this.weighted = false;
    for (const column of this.columns) column.nulls = 0;
  }
}

/** A batch of exactly these rows in fresh vectors of `region`. */
export function buildBatch(
  region: Region,
  types: readonly SqlType[],
  rows: readonly (readonly (Datum | null)[])[],
  options: { readonly heap?: Region; readonly weights?: readonly bigint[]; readonly epoch?: bigint } = {},
): Batch {
  const capacity = Math.max(1, rows.length);
  const builder = new BatchBuilder(region, types, { capacity, heap: options.heap ?? region });
  rows.forEach((row, i) => {
    builder.append(row, options.weights?.[i] ?? 1n);
  });
  return builder.batch(options.epoch);
}

/** The row indexes that a batch holds, in order. */
export function* batchRowIndexes(memory: SharedMemory, batch: Batch): Generator<number> {
  for (let i = 0; i < batch.count; i++) {
    yield batch.selection === 0 ? i : memory.u32[(batch.selection >>> 2) + i]!;
  }
}

/** All selected rows as JavaScript values. */
export function batchRows(memory: SharedMemory, batch: Batch): (Datum | null)[][] {
  const rows: (Datum | null)[][] = [];
  for (const row of batchRowIndexes(memory, batch)) {
    rows.push(batch.columns.map((column) => readDatum(memory, column, row)));
  }
  return rows;
}
