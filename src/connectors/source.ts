// Source and SourceSink: how a connector hands rows to the one who commits them. A source reads on its own, in batches of bounded
// size, and waits for each commit before it goes on: that is the back-pressure, and what makes a restart exact, for a batch and the
// offsets that follow it are committed together.
import type { Clock } from '../base/clock.ts';
import type { Batch } from '../columns/batch.ts';
import type { SqlError } from '../errors/sql-error.ts';

/** A row that could not be read: its text as it came and why. */
export interface RejectedText {
  readonly raw: string;
  readonly reason: string;
}

/**
 * Where a source goes on: offsets, which every commit carries whole, and items by key, of which a commit carries what has changed, for
 * what grows with the outside (the files that are done). Both are plain JSON.
 */
export interface SourcePlace {
  readonly offsets: unknown;
  readonly items: ReadonlyMap<string, unknown>;
}

/** Items that are new or others now; null takes one away. */
export type ChangedItems = readonly (readonly [key: string, item: unknown])[];

export interface SourceSink {
  /**
   * Commits rows (all columns of the stream, in order; NULL where the outside has no value or the column is generated) and, with
   * them, where to go on. The batch, of up to BATCH_ROWS rows, is the source's again when the promise settles. A batch without rows
   * moves the place only. A rejection stops the source, which then calls `fail`.
   */
  commit(batch: Batch, offsets: unknown, items?: ChangedItems): Promise<void>;
  /** Malformed rows, up to BATCH_ROWS before a commit: they precede it and are covered by its offsets. */
  reject(rows: readonly RejectedText[]): Promise<void>;
  /** The source cannot go on and has stopped. */
  fail(error: SqlError): void;
}

export interface Source {
  /** Starts reading, once. */
  start(): void;
  /** Stops reading; settles when no commit of it is under way and its memory is free. */
  stop(): Promise<void>;
  /** Settles when it waits for time to pass, or has ended. */
  rest?(): Promise<void>;
}

export interface SourceOptions {
  readonly serverFiles: boolean;
  /** default: the real one */
  readonly clock?: Clock;
}
