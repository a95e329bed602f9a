// Subscription: a bounded queue of changed rows, pulled batch by batch. Columns: _epoch, _diff, [_progressed,] then the query's own.
// A subscriber that does not keep up is cut off with an error that names the epoch to resume from.
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { type SqlError, sqlError, toSqlError } from '../../errors/sql-error.ts';
import { BOOL, INT8, type SqlType } from '../../types/sql-type.ts';
import type { RowContext } from '../rows/row-store.ts';
import { ChangeBuffer } from './change-buffer.ts';
import type { KeyEnvelope } from './envelope.ts';

export interface SubscriptionOptions {
  readonly id: number;
  readonly relation: number | null;
  readonly query: string;
  readonly processId: number;
  readonly types: readonly SqlType[];
  readonly progress: boolean;
  readonly upTo: bigint | null;
  readonly maxQueuedRows: number;
  /** changes since an epoch can be had again */
  readonly resumable: boolean;
  /** changes are paired by key, see envelope.ts */
  readonly envelope: KeyEnvelope | null;
  readonly onClose: () => void;
}

export class Subscription {
  readonly options: SubscriptionOptions;
  sentEpoch = 0n;
  queuedRows = 0;
  /** those of the step that is under way */
  private newRows = 0;
  private readonly context: RowContext;
  private readonly region: Region;
  private readonly epochs: OwnedVector;
  private readonly ones: OwnedVector;
  private readonly flags: OwnedVector;
  private readonly nulls: readonly Vector[];
  private readonly types: readonly SqlType[];
  private queue: ChangeBuffer | null = null;
  private reading: { readonly buffer: ChangeBuffer; readonly batches: Generator<Batch> } | null = null;
  private wake: (() => void) | null = null;
  private failure: SqlError | null = null;
  private ended = false;
  private closed = false;
  private lastEpoch = 0n;
  /** all its rows have been offered, and taken into the queue or sent */
  private completeEpoch = 0n;
  /** the same of what the reader has taken over; null: nothing yet */
  private readEpoch: bigint | null = null;

  constructor(context: RowContext, options: SubscriptionOptions) {
    this.context = context;
    this.options = options;
    this.region = new Region(context.arena, context.owner);
    this.types = [INT8, INT8, ...(options.progress ? [BOOL] : []), ...options.types];
    this.epochs = allocateVector(this.region, INT8);
    this.ones = allocateVector(this.region, INT8);
    this.flags = allocateVector(this.region, BOOL);
    context.memory.i64.fill(1n, this.ones.data / 8, this.ones.data / 8 + BATCH_ROWS);
    this.nulls = options.types.map((type) => {
      const vector = allocateVector(this.region, type, 1);
      context.memory.u8.fill(1, vector.nullsRoom, vector.nullsRoom + 1);
      vector.nulls = vector.nullsRoom;
      return vector;
    });
  }

  /** Rows of an epoch; the reader is woken by `flush`. */
  offer(batch: Batch, epoch: bigint): void {
    if (this.closed || this.failure !== null || this.ended || this.past(epoch)) return;
    try {
      if (this.options.envelope === null) this.enqueue(batch, epoch);
      else if (this.isBehind || this.options.envelope.waiting > this.options.maxQueuedRows) this.cutOff();
      else this.options.envelope.add(batch);
    } catch (error) {
      this.fail(toSqlError(error)); // out of memory is the subscriber's trouble, not the view's
    }
  }

  private enqueue(batch: Batch, epoch: bigint): void {
    if (this.isBehind) {
      this.cutOff();
      return;
    }
    const diff = batch.weights === 0 ? this.ones : { ...this.ones, data: batch.weights };
    this.append({ ...batch, columns: this.withPrefix(epoch, diff, false, batch.columns), weights: 0 });
    this.lastEpoch = epoch;
  }

  /** Too many rows of earlier steps wait. However many one step makes, a reader could not have had them before its end. */
  private get isBehind(): boolean {
    return this.queuedRows - this.newRows > this.options.maxQueuedRows;
  }

  /** All changes up to `epoch` have been offered. */
  flush(epoch: bigint): void {
    if (this.closed) return;
    if (this.options.envelope !== null && this.failure === null) this.drainEnvelope(this.options.envelope, epoch);
    if (this.failure === null) this.completeEpoch = epoch;
    if (this.failure === null && this.queuedRows === 0) this.readEpoch = epoch; // nothing waits
    if (this.past(epoch)) this.ended = true;
    else if (this.options.progress && this.failure === null) {
      this.context.memory.i64[this.ones.data / 8] = 0n;
      const columns = this.withPrefix(epoch, this.ones, true, this.nulls);
      this.append({ columns, count: 1, selection: 0, weights: 0 });
      this.context.memory.i64[this.ones.data / 8] = 1n;
    }
    this.newRows = 0;
    if (this.options.upTo !== null && epoch + 1n >= this.options.upTo) this.ended = true;
    if (this.queuedRows > 0 || this.ended || this.failure !== null) this.notify();
  }

  /** The job behind it is gone. */
  fail(error: SqlError): void {
    this.failure ??= error;
    this.notify();
  }

  /** The next rows, valid until the next call. Null: the deadline (performance.now() ms) has passed, or (`done`) there are no more. */
  async next(deadlineMs: number | null = null): Promise<Batch | null> {
    for (;;) {
      const batch = this.take();
      if (batch !== null) return batch;
      if (this.failure !== null) throw this.failure;
      if (this.ended || this.closed) return null;
      if (!(await this.wait(deadlineMs))) return this.take();
    }
  }

  /** It has failed or come to its end: no more rows are wanted. */
  get over(): boolean {
    return this.failure !== null || this.ended || this.closed;
  }

  /** Memory that its waiting rows hold. */
  get queuedBytes(): number {
    return this.context.arena.usedBytes(this.context.owner) - this.region.bytes;
  }

  get done(): boolean {
    return (this.ended || this.closed) && this.queuedRows === 0;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.reading?.buffer.release();
    this.queue?.release();
    this.reading = null;
    this.queue = null;
    this.queuedRows = 0;
    this.region.release();
    this.options.onClose();
    this.notify();
  }

  private drainEnvelope(envelope: KeyEnvelope, epoch: bigint): void {
    const region = new Region(this.context.arena, this.context.owner);
    for (const batch of envelope.drain(region)) this.enqueue(batch, epoch);
    region.release();
  }

  private past(epoch: bigint): boolean {
    return this.options.upTo !== null && epoch >= this.options.upTo;
  }

  private take(): Batch | null {
    for (;;) {
      if (this.reading === null) {
        if (this.queue === null) return null;
        this.reading = { buffer: this.queue, batches: this.queue.batches() };
        this.queue = null;
        this.readEpoch = this.completeEpoch;
      }
      const next = this.reading.batches.next();
      if (next.done !== true) {
        this.queuedRows -= next.value.count;
        this.sentEpoch = this.lastEpoch;
        return { ...next.value, weights: 0 };
      }
      this.reading.buffer.release();
      this.reading = null;
    }
  }

  private wait(deadlineMs: number | null): Promise<boolean> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | null = null;
      const finish = (woken: boolean) => {
        if (timer !== null) clearTimeout(timer);
        this.wake = null;
        resolve(woken);
      };
      if (deadlineMs !== null) timer = setTimeout(() => finish(false), Math.max(0, deadlineMs - performance.now()));
      this.wake = () => finish(true);
    });
  }

  private notify(): void {
    this.wake?.();
  }

  private append(batch: Batch): void {
    this.queue ??= new ChangeBuffer(this.context, this.types);
    this.queue.append(batch);
    this.queuedRows += batch.count;
    this.newRows += batch.count;
  }

  private withPrefix(epoch: bigint, diff: Vector, progressed: boolean, columns: readonly Vector[]): Vector[] {
    const { memory } = this.context;
    memory.i64.fill(epoch, this.epochs.data / 8, this.epochs.data / 8 + BATCH_ROWS);
    if (!this.options.progress) return [this.epochs, diff, ...columns];
    memory.u8.fill(progressed ? 1 : 0, this.flags.data, this.flags.data + BATCH_ROWS);
    return [this.epochs, diff, this.flags, ...columns];
  }

  /** What waits is given back at once; the reader gets the rest of what it is reading, then the error. */
  private cutOff(): void {
    if (this.queue !== null) {
      this.queuedRows -= this.queue.rows;
      this.queue.release();
      this.queue = null;
    }
    const { resumable, maxQueuedRows } = this.options;
    const epoch = this.readEpoch;
    this.fail(
      sqlError('configuration_limit_exceeded', 'the subscription fell too far behind', {
        detail: `More than ${maxQueuedRows} rows were waiting to be fetched.`,
        hint:
          epoch === null || !resumable
            ? 'Read faster, and subscribe again.'
            : `Only what is up to epoch ${epoch} is complete: read faster and resume with AS OF ${epoch}.`,
      }),
    );
  }
}
