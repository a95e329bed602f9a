// Subscription: a bounded queue of changed rows, pulled batch by batch. Columns: _epoch, _diff, [_progressed,] then the query's own.
// It may begin with the rows of a snapshot, which are read as the subscriber asks for them (first-rows.ts) and are not in the queue.
// A subscriber that does not keep up is cut off with an error that names the epoch to resume from.
import { allocateVector, type Batch, type OwnedVector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { type SqlError, sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { RowContext } from '../rows/row-store.ts';
import { ChangeBuffer } from './change-buffer.ts';
import type { KeyEnvelope } from './envelope.ts';
import { FirstRows, type RowCursor } from './first-rows.ts';
import { prefixTypes, type RowPrefix } from './row-prefix.ts';

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
  private readonly prefix: RowPrefix;
  private readonly types: readonly SqlType[];
  /** not yet read to its end */
  private first: FirstRows | null = null;
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

  /** `prefix` is shared, and used up at once. */
  constructor(context: RowContext, prefix: RowPrefix, options: SubscriptionOptions) {
    this.context = context;
    this.prefix = prefix;
    this.options = options;
    this.types = [...prefixTypes(options.progress), ...options.types];
  }

  /** It begins with these rows, which are those of `epoch`: before anything is offered. */
  begin(rows: RowCursor, epoch: bigint): void {
    if (this.past(epoch)) {
      void rows.close();
      return;
    }
    const { envelope, progress, maxQueuedRows } = this.options;
    const paired = envelope === null ? rows : envelope.first(rows, this.context, maxQueuedRows);
    this.first = new FirstRows(this.context, paired, epoch, progress);
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
    this.append(this.prefix.before(batch, epoch, this.options.progress));
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
    if (this.failure === null && this.queuedRows === 0 && this.first === null) this.readEpoch = epoch; // nothing waits
    if (this.past(epoch)) this.ended = true;
    else if (this.options.progress && this.failure === null) this.appendProgress(epoch);
    this.newRows = 0;
    if (this.options.upTo !== null && epoch + 1n >= this.options.upTo) this.ended = true;
    if (this.queuedRows > 0 || this.ended || this.failure !== null) this.notify();
  }

  /** The job behind it is gone. */
  fail(error: SqlError): void {
    this.failure ??= error;
    if (this.first !== null) this.dropQueue(); // changes of rows that are not sent; the reader may still hold a batch of the snapshot
    this.notify();
  }

  /** The next rows, valid until the next call. Null: the deadline (performance.now() ms) has passed, or (`done`) there are no more. */
  async next(deadlineMs: number | null = null): Promise<Batch | null> {
    for (;;) {
      const batch = (await this.takeFirst()) ?? this.take();
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
    return this.context.arena.usedBytes(this.context.owner) - (this.first?.bytes ?? 0);
  }

  get done(): boolean {
    return (this.ended || this.closed) && this.queuedRows === 0 && this.first === null;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.dropFirst();
    this.reading?.buffer.release();
    this.queue?.release();
    this.reading = null;
    this.queue = null;
    this.queuedRows = 0;
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

  /** Of the rows it begins with; an error is not kept waiting behind them. */
  private async takeFirst(): Promise<Batch | null> {
    const { first } = this;
    if (first === null) return null;
    try {
      const batch = this.failure === null ? await first.next() : null;
      if (batch !== null && this.failure === null) {
        this.sentEpoch = first.epoch;
        return batch;
      }
      if (this.failure === null) this.readEpoch = this.queuedRows === 0 ? this.completeEpoch : first.epoch;
    } catch (error) {
      this.fail(toSqlError(error));
    }
    this.dropFirst();
    return null;
  }

  private dropQueue(): void {
    if (this.queue === null) return;
    this.queuedRows -= this.queue.rows;
    this.queue.release();
    this.queue = null;
  }

  private dropFirst(): void {
    this.first?.close();
    this.first = null;
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

  /** A row that says: everything up to `epoch` has been sent. */
  private appendProgress(epoch: bigint): void {
    const { arena, owner, memory } = this.context;
    const region = new Region(arena, owner);
    const columns = this.types.map((type) => {
      const vector = allocateVector(region, type, 1);
      memory.u8[vector.nullsRoom] = 1;
      return { ...vector, nulls: vector.nullsRoom };
    });
    const [epochs, diff, progressed] = columns as [OwnedVector, OwnedVector, OwnedVector];
    memory.i64[epochs.data / 8] = epoch;
    memory.i64[diff.data / 8] = 0n;
    memory.u8[progressed.data] = 1;
    for (const vector of [epochs, diff, progressed]) memory.u8[vector.nullsRoom] = 0;
    this.append({ columns, count: 1, selection: 0, weights: 0 });
    region.release();
  }

  /** What waits is given back at once; the reader gets the rest of what it is reading, then the error. */
  private cutOff(): void {
    this.dropQueue();
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
