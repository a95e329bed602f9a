// When an operator that keeps rows has to write them to a temporary file: before they take what the statement, or all statements beside the
// buffer pool, may have of the memory.
import type { RowStore } from '../rows/row-store.ts';
import type { RunContext } from './batch-context.ts';

/** Shares of the statement's budget and of the arena that its rows may take. */
const BUDGET_SHARE = 0.8;
const ARENA_SHARE = 0.3;
/** Share of the arena that stays free for others. */
const RESERVE_SHARE = 0.125;
/** Fewer bytes are not written: an operator above another that has taken all it may goes on with that much. */
const LEAST_BYTES = 1_048_576;

export interface SpillLimit {
  /** Whether the rows of a store have to go. */
  isPast(store: RowStore): boolean;
  /** Whether so many rows are likely to pass it. */
  expectsPast(rows: number, rowBytes: number): boolean;
}

/** `workBytes`: what is needed per row beside the row itself once all are there. Null: this run has no place for temporary files. */
export function spillLimit(workBytes: number, context: RunContext): SpillLimit | null {
  const { arena, owner } = context;
  const { spillRows, memoryLimitBytes } = context.batch;
  if (context.spill === null) return null;
  if (spillRows !== undefined && spillRows > 0) {
    return { isPast: (store) => store.count >= spillRows, expectsPast: (rows) => rows >= spillRows };
  }
  const { totalBytes } = arena.usage();
  const most = Math.min(memoryLimitBytes * BUDGET_SHARE, totalBytes * ARENA_SHARE);
  const reserve = totalBytes * RESERVE_SHARE;
  const least = Math.min(LEAST_BYTES, most / 8);
  return {
    isPast(store) {
      const kept = store.bytes;
      if (kept < least) return false;
      const work = store.count * workBytes;
      return arena.usedBytes(owner) + work > most || totalBytes - arena.usage().usedBytes < reserve + work;
    },
    expectsPast: (rows, rowBytes) => rows * (rowBytes + workBytes) > most,
  };
}
