// The sorted input of window functions in chunks of whole partitions: all of it where it fits into memory, else as many partitions of the
// merged runs at a time as make some megabytes. A partition is in memory as a whole.
import { BATCH_ROWS } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { SortKey } from '../../plan/expression.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { ColumnDescriptors } from '../rows/row-layout.ts';
import { RowReader, RowStore } from '../rows/row-store.ts';
import { OperatorMemory, type RunContext } from './batch-context.ts';
import type { KeyedLayout } from './keyed-rows.ts';
import type { Source } from './pipeline.ts';
import { SORT_WORK_BYTES, SortedInput, sortedInput } from './sort.ts';
import { type SpillLimit, spillLimit } from './spill-limit.ts';
import type { SortedRuns } from './spill-sort.ts';

export interface WindowChunk {
  readonly keyed: KeyedLayout;
  readonly total: number;
  /** u32 addresses in order */
  readonly rows: number;
  /** bytes that the sort has written so far */
  readonly spilledBytes: number;
}

/** A chunk is over at the first end of a partition behind so many bytes of rows. */
const CHUNK_BYTES = 4_194_304;

/** Chunks of the input sorted by the keys, of which the first `partitionKeys` make partitions; each is good until the next is asked for. */
export async function* windowChunks(
  source: Source,
  types: readonly SqlType[],
  keys: readonly SortKey[],
  partitionKeys: number,
  context: RunContext,
): AsyncGenerator<WindowChunk, void, undefined> {
  const kept = await sortedInput(source, types, keys, context);
  try {
    if (!(kept instanceof SortedInput)) return yield* chunksOfRuns(kept, partitionKeys, context);
    const rows = await kept.sorted.allRows(context.pause);
    yield { keyed: kept.keyed, total: kept.sorted.count, rows, spilledBytes: 0 };
  } finally {
    await kept.close();
  }
}

async function* chunksOfRuns(
  runs: SortedRuns,
  partitionKeys: number,
  context: RunContext,
): AsyncGenerator<WindowChunk, void, undefined> {
  using own = new OperatorMemory(context);
  const limit = spillLimit(SORT_WORK_BYTES, context);
  const starts = new PartitionStarts(runs.keyed, partitionKeys, context, own);
  const reader = new RowReader(context, own.region, runs.keyed.layout);
  let chunk = new ChunkRows(runs, context);
  try {
    for (let part = await runs.next(); part.count > 0; part = await runs.next()) {
      const { rows, count } = part;
      const start = chunk.isFull(limit) ? starts.last(chunk.lastRow, rows, count) : -1;
      if (start >= 0) {
        chunk.append(reader, rows, start);
        yield chunk.whole();
        chunk.release();
        chunk = new ChunkRows(runs, context);
      }
      const from = Math.max(0, start);
      chunk.append(reader, rows + from * 4, count - from);
      await context.pause();
    }
    yield chunk.whole();
  } finally {
    chunk.release();
  }
}

/** Copies of merged rows. */
class ChunkRows {
  /** address of the last one */
  lastRow = 0;
  private readonly runs: SortedRuns;
  private readonly context: RunContext;
  private readonly store: RowStore;
  private readonly region: Region;

  constructor(runs: SortedRuns, context: RunContext) {
    this.runs = runs;
    this.context = context;
    this.store = new RowStore(context, runs.keyed.layout);
    this.region = new Region(context.arena, context.owner);
  }

  isFull(limit: SpillLimit | null): boolean {
    return this.store.count > 0 && (this.store.bytes >= CHUNK_BYTES || limit?.isPast(this.store) === true);
  }

  append(reader: RowReader, rows: number, count: number): void {
    if (count === 0) return;
    const made = this.store.append(reader.gather(rows, 0, count), 0, count);
    this.lastRow = this.context.memory.u32[(made >>> 2) + count - 1]!;
  }

  whole(): WindowChunk {
    const { store, runs } = this;
    const { keyed, bytes: spilledBytes } = runs;
    const total = store.count;
    const rows = this.region.allocate(Math.max(1, total) * 4);
    let at = rows;
    for (const { address, count } of store.portions()) {
      this.context.kernels.get('sequence_u32')(at, address, keyed.layout.rowBytes, count);
      at += count * 4;
    }
    return { keyed, total, rows, spilledBytes };
  }

  release(): void {
    this.store.release();
    this.region.release();
  }
}

class PartitionStarts {
  private readonly context: RunContext;
  private readonly keys: ColumnDescriptors;
  private readonly list: number;
  private readonly flags: number;

  constructor(keyed: KeyedLayout, partitionKeys: number, context: RunContext, own: OperatorMemory) {
    this.context = context;
    this.keys = new ColumnDescriptors(context.memory, own.region, keyed.keys.slice(0, partitionKeys));
    this.list = own.region.allocate((BATCH_ROWS + 1) * 4);
    this.flags = own.region.allocate(BATCH_ROWS + 1);
  }

  /** Index of the last of the rows behind `before` that begins a partition; -1: none does. */
  last(before: number, rows: number, count: number): number {
    const { u8, u32 } = this.context.memory;
    const { address, count: keys } = this.keys;
    u32[this.list >>> 2] = before;
    u8.copyWithin(this.list + 4, rows, rows + count * 4);
    this.context.kernels.get('rows_boundaries')(this.list, 1, count + 1, address, keys, this.flags);
    let index = count - 1;
    while (index >= 0 && u8[this.flags + index + 1] === 0) index--;
    return index;
  }
}
