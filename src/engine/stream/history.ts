// History: the last changes of a view that is or was subscribed to, so that a subscriber can resume AS OF an epoch. Two generations of
// a bounded number of rows: when the younger is full, the older goes.
import { allocateVector, BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { INT8, type SqlType } from '../../types/sql-type.ts';
import type { RowContext } from '../rows/row-store.ts';
import { ChangeBuffer } from './change-buffer.ts';

const GENERATION_ROWS = 32_768;
/** A step with more changes is not kept, nor what came before it. */
const STEP_ROWS = 8 * GENERATION_ROWS;

interface Generation {
  readonly buffer: ChangeBuffer;
  last: bigint;
}

export class History {
  /** complete for the epochs after this one */
  since: bigint;
  private readonly context: RowContext;
  private readonly types: readonly SqlType[];
  private readonly region: Region;
  private readonly epochs: ReturnType<typeof allocateVector>;
  private older: Generation | null = null;
  private younger: Generation | null = null;

  constructor(context: RowContext, types: readonly SqlType[], since: bigint) {
    this.context = context;
    this.types = types;
    this.since = since;
    this.region = new Region(context.arena, context.owner);
    this.epochs = allocateVector(this.region, INT8);
  }

  /** A step's changes. Where memory is short the history begins anew. */
  record(batch: Batch): void {
    const epoch = batch.epoch!;
    if (this.since === epoch) return; // the rest of a step that is not kept
    if (this.younger?.last === epoch && this.younger.buffer.rows > STEP_ROWS) {
      this.forget();
      this.since = epoch;
      return;
    }
    if (this.younger !== null && this.younger.buffer.rows >= GENERATION_ROWS && epoch > this.younger.last)
      this.rotate();
    try {
      this.younger ??= { buffer: new ChangeBuffer(this.context, [...this.types, INT8]), last: epoch };
      const { i64 } = this.context.memory;
      i64.fill(epoch, this.epochs.data / 8, this.epochs.data / 8 + BATCH_ROWS);
      this.younger.buffer.append({ ...batch, columns: [...batch.columns, this.epochs] });
      this.younger.last = epoch;
    } catch {
      this.forget();
      this.since = epoch;
    }
  }

  /** The changes after `epoch`, in order, one epoch per batch; each valid until the next. */
  *after(epoch: bigint): Generator<Batch> {
    const { i64, u32 } = this.context.memory;
    const region = new Region(this.context.arena, this.context.owner);
    const selection = region.allocate(BATCH_ROWS * 4);
    try {
      for (const generation of [this.older, this.younger]) {
        for (const batch of generation?.buffer.batches() ?? []) {
          const epochs = batch.columns.at(-1)!.data / 8;
          const columns = batch.columns.slice(0, -1);
          for (let row = 0; row < batch.count; ) {
            const current = i64[epochs + row]!;
            let count = 0;
            for (; row < batch.count && i64[epochs + row] === current; row++) u32[(selection >>> 2) + count++] = row;
            if (current > epoch) yield { ...batch, columns, selection, count, epoch: current };
          }
        }
      }
    } finally {
      region.release();
    }
  }

  private rotate(): void {
    if (this.older !== null) {
      this.older.buffer.release();
      this.since = this.older.last;
    }
    this.older = this.younger;
    this.younger = null;
  }

  private forget(): void {
    this.older?.buffer.release();
    this.younger?.buffer.release();
    this.older = null;
    this.younger = null;
  }

  release(): void {
    this.forget();
    this.region.release();
  }
}
