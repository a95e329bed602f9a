// When an operator that keeps rows has to write them to a temporary file: before they take what the statement, or all statements beside the
// buffer pool, may have of the memory.
import { SqlError } from '../../errors/sql-error.ts';
import type { Batches, RunContext } from './batch-context.ts';

/** Shares of the statement's budget and of the arena that its rows may take. */
const BUDGET_SHARE = 0.8;
const ARENA_SHARE = 0.3;
/** Share of the arena that stays free for others. */
const RESERVE_SHARE = 0.125;
/** Share of its bound that an operator may have even where others of the statement have taken all of it. */
const LEAST_SHARE = 1 / 16;

/** What an operator has kept so far. */
export interface Kept {
  readonly count: number;
  readonly bytes: number;
  /** that it may take at once next */
  readonly nextBytes: number;
}

export interface SpillLimit {
  /** Whether what is kept has to go. */
  isPast(kept: Kept): boolean;
  /** Whether so many rows are likely to pass it. */
  expectsPast(rows: number, rowBytes: number): boolean;
  /** Bytes of the statement from which on workers give up keeping rows of so many bytes; null: they are not to be asked. */
  workerBytes(rowBytes: number): number | null;
}

/** Thrown by who has kept as much as it may and leaves the rest to others. */
export class PastMemory extends Error {}

export function isPastMemory(error: unknown): boolean {
  return error instanceof PastMemory || (error instanceof SqlError && error.condition === 'out_of_memory');
}

/** Bytes that an operator of a statement may have at most. */
export function boundBytes({ arena, batch }: RunContext): number {
  return Math.min(batch.memoryLimitBytes * BUDGET_SHARE, arena.usage().totalBytes * ARENA_SHARE);
}

/**
 * `workBytes`: what is needed per row beside the row itself once all are there; `writingBytes`: what writing them takes while they are still
 * in memory. Null: this run has no place for temporary files.
 */
export function spillLimit(workBytes: number, context: RunContext, writingBytes = 0): SpillLimit | null {
  const { arena, owner } = context;
  const { spillRows = 0 } = context.batch;
  if (context.spill === null) return null;
  if (spillRows > 0) return forcedLimit(spillRows);
  const { totalBytes } = arena.usage();
  const most = boundBytes(context) - writingBytes;
  const reserve = totalBytes * RESERVE_SHARE;
  const least = most * LEAST_SHARE;
  const free = () => totalBytes - arena.usage().usedBytes - reserve;
  return {
    isPast({ count, bytes, nextBytes }) {
      if (bytes < least) return false;
      const work = count * workBytes + nextBytes;
      return arena.usedBytes(owner) + work > most || free() < work;
    },
    expectsPast: (rows, rowBytes) => rows * (rowBytes + workBytes) > most,
    workerBytes(rowBytes) {
      const used = arena.usedBytes(owner);
      const left = Math.max(least, Math.min(most - used, free()));
      return used + (left * rowBytes) / (rowBytes + workBytes);
    },
  };
}

/** Spills before this one become larger, so that many rows of a test do not take too long. */
const FORCED_SPILLS = 100;

function forcedLimit(spillRows: number): SpillLimit {
  let [rows, spills] = [spillRows, 0];
  return {
    isPast({ count }) {
      if (count < rows) return false;
      if (++spills > FORCED_SPILLS) rows *= 2;
      return true;
    },
    expectsPast: (expected) => expected >= spillRows,
    workerBytes: () => null,
  };
}

/** Throws PastMemory once the rows that `count` counts are past the limit. Their bytes are what the statement has taken since the first call. */
export function memoryWatch(limit: SpillLimit | null, count: () => number, context: RunContext): () => void {
  if (limit === null) return () => {};
  let before = -1;
  return () => {
    const used = context.arena.usedBytes(context.owner);
    if (before < 0) before = used;
    if (limit.isPast({ count: count(), bytes: used - before, nextBytes: (used - before) / 4 })) throw new PastMemory();
  };
}

/** The batches of `rows`, or of `others` where memory is short before the first of them is there. */
export async function* unlessPast(rows: Batches, others: () => Batches): Batches {
  let first: Awaited<ReturnType<Batches['next']>>;
  try {
    first = await rows.next();
  } catch (error) {
    if (!isPastMemory(error)) throw error;
    return yield* others();
  }
  try {
    if (first.done) return;
    yield first.value;
    yield* rows;
  } finally {
    await rows.return();
  }
}
