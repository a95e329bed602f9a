// FirstRows: what there is when a subscription begins, read from a snapshot as its reader asks for it: however much that is, the subscription
// holds a batch of it, and a slow reader holds up nobody. Changes since wait behind it, in the subscription's queue.
import type { Maybe } from '../../base/maybe.ts';
import type { Batch } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { RowContext } from '../rows/row-store.ts';
import { RowPrefix } from './row-prefix.ts';

/** Rows to be pulled, such as those of a batch query. */
export interface RowCursor {
  /** The next rows, valid until the next call; null at the end. */
  next(): Maybe<Batch | null>;
  /** Between calls of `next`. */
  close(): Maybe<void>;
}

export class FirstRows {
  /** as of which they are */
  readonly epoch: bigint;
  private readonly cursor: RowCursor;
  private readonly progress: boolean;
  private readonly region: Region;
  private readonly prefix: RowPrefix;
  private reading = false;
  private closed = false;

  constructor(context: RowContext, cursor: RowCursor, epoch: bigint, progress: boolean) {
    this.cursor = cursor;
    this.epoch = epoch;
    this.progress = progress;
    this.region = new Region(context.arena, context.owner);
    this.prefix = new RowPrefix(context.memory, this.region);
  }

  get bytes(): number {
    return this.region.bytes;
  }

  /** With their prefix; null: there are no more, or it was closed meanwhile. Throws what the query throws. */
  async next(): Promise<Batch | null> {
    if (this.closed) return null;
    this.reading = true;
    let batch: Batch | null = null;
    try {
      batch = await this.cursor.next();
    } finally {
      this.reading = false;
      if (this.closed) await this.cursor.close();
    }
    if (!this.closed && batch !== null) return this.prefix.before(batch, this.epoch, this.progress);
    this.close();
    return null;
  }

  /** At any time, more than once. The reading ends with the batch that is under way. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.region.release();
    if (!this.reading) void this.cursor.close();
  }
}
