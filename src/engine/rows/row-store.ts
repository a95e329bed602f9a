// RowStore: an append-only collection of rows in segments of its own regions, with the long bytes of views in a heap region, and
// the reading side that gathers columns of given rows back into vectors.
import { allocateVector, BATCH_ROWS, type OwnedVector, type Vector } from '../../columns/batch.ts';
import type { Arena, SharedMemory } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { Kernel, KernelLibrary } from '../../kernels/kernel-library.ts';
import { ColumnDescriptors, type RowLayout } from './row-layout.ts';
import { ROW_KIND } from './value-kind.ts';

/** What row structures need: memory, kernels and whose budget the bytes count against. */
export interface RowContext {
  readonly arena: Arena;
  readonly memory: SharedMemory;
  readonly kernels: KernelLibrary;
  readonly owner: number;
}

export interface RowSegment {
  readonly address: number;
  rows: number;
}

/** Rows on their way from one thread's store to another's: where they are, and the arena blocks that hold them and their long values. */
export interface HandedRows {
  readonly segments: readonly RowSegment[];
  readonly blocks: readonly number[];
  /** blocks of values that the rows point into, also once they are merged with others */
  readonly values?: readonly number[];
}

const FIRST_SEGMENT_BYTES = 16_384;
const LAST_SEGMENT_BYTES = 1_048_576;
const COMPACT_BYTES = 1_048_576;

export class RowStore {
  readonly layout: RowLayout;
  readonly segments: RowSegment[] = [];
  /** segments made elsewhere, see adopt */
  private readonly adopted: RowSegment[] = [];
  private readonly adoptedBlocks: number[] = [];
  /** {u32 cursor, u32 limit} of the current segment, for kernels that make rows */
  readonly room: number;
  /** {u32 cursor, u32 limit, u32 needed} of the heap, for kernels that copy long views */
  readonly heapWindow: number;
  private readonly context: RowContext;
  private readonly keepsPinned: boolean;
  private readonly region: Region;
  private heap: Region;
  /** bytes of the heap windows handed out, now and after the last compaction */
  private heapBytes = 0;
  private compactedBytes = 0;
  private readonly descriptors: ColumnDescriptors;
  private readonly resume: number;
  private readonly addresses: number;
  private readonly allocateRows: Kernel;
  private readonly scatter: Kernel;
  private closed = 0; // rows in all segments but the last, adopted ones included

  /** `keepsPinned`: the rows are gone before the run's snapshot, so pinned long values stay where they are. */
  constructor(context: RowContext, layout: RowLayout, keepsPinned = false) {
    this.context = context;
    this.layout = layout;
    this.keepsPinned = keepsPinned;
    this.region = new Region(context.arena, context.owner);
    this.heap = new Region(context.arena, context.owner);
    this.room = this.region.allocateZeroed(16);
    this.heapWindow = this.region.allocateZeroed(16);
    this.resume = this.region.allocate(16);
    this.addresses = this.region.allocate(BATCH_ROWS * 4);
    this.descriptors = new ColumnDescriptors(context.memory, this.region, layout.columns);
    this.allocateRows = context.kernels.get('rows_allocate');
    this.scatter = context.kernels.get('rows_scatter');
  }

  /** Rows so far. */
  get count(): number {
    this.syncSegment();
    return this.closed + (this.segments.at(-1)?.rows ?? 0);
  }

  /** Of the memory it holds, adopted rows not counted. */
  get bytes(): number {
    return this.region.bytes + this.heap.bytes;
  }

  /** Of the memory that it may come to take at once. */
  get nextBytes(): number {
    return Math.max(this.region.nextBytes, this.heap.nextBytes);
  }

  /** Appends the selected rows of the columns (one vector per layout column). Returns the address of the new rows' addresses by
   *  batch row index, valid until the next append. `hashes` (by row index) go into the header. */
  append(vectors: readonly Vector[], selection: number, count: number, hashes = 0): number {
    const { u32 } = this.context.memory;
    const { rowBytes } = this.layout;
    this.descriptors.bind(vectors);
    if (this.keepsPinned) this.describeViews(vectors);
    let from = 0;
    while (from < count) {
      const cursor = u32[this.room >>> 2]!;
      const free = Math.floor((u32[(this.room >>> 2) + 1]! - cursor) / rowBytes);
      if (free === 0) {
        this.addSegment();
        continue;
      }
      const to = Math.min(count, from + free);
      this.allocateRows(cursor, rowBytes, selection, from, to, hashes, this.addresses);
      u32[this.room >>> 2] = cursor + (to - from) * rowBytes;
      this.scatterRows(this.addresses, selection, from, to);
      from = to;
    }
    this.syncSegment();
    return this.addresses;
  }

  /** Pinned views are copied as 16 plain bytes, others with their long values. */
  private describeViews(vectors: readonly Vector[]): void {
    this.layout.columns.forEach(({ kind }, i) => {
      if (vectors[i]!.physical !== 'view') return;
      this.context.memory.u32[this.descriptors.at(i) >>> 2] = vectors[i]!.pinned === true ? ROW_KIND.i128 : kind;
    });
  }

  private scatterRows(rows: number, selection: number, from: number, to: number): void {
    const { u32 } = this.context.memory;
    u32.fill(0, this.resume >>> 2, (this.resume >>> 2) + 2);
    const { address, count } = this.descriptors;
    while (this.scatter(address, count, rows, selection, from, to, this.heapWindow, this.resume) !== 0) this.growHeap();
  }

  /** A fresh segment for at least one row: the kernel stopped because the last one is full. */
  addSegment(): void {
    this.syncSegment();
    this.closed += this.segments.at(-1)?.rows ?? 0;
    const wanted = Math.min(LAST_SEGMENT_BYTES, FIRST_SEGMENT_BYTES << Math.min(6, this.segments.length));
    const bytes = Math.max(wanted, this.layout.rowBytes * 16);
    const address = this.region.allocate(bytes);
    this.segments.push({ address, rows: 0 });
    const { u32 } = this.context.memory;
    u32[this.room >>> 2] = address;
    u32[(this.room >>> 2) + 1] = address + bytes;
  }

  /** More heap: the kernel stopped with NEED_HEAP. */
  growHeap(): void {
    const { u32 } = this.context.memory;
    const word = this.heapWindow >>> 2;
    if (u32[word + 1] !== 0) this.heap.advance(u32[word]!);
    this.heap.reserve(u32[word + 2]!);
    const { cursor, limit } = this.heap.window;
    u32[word] = cursor;
    u32[word + 1] = limit;
    this.heapBytes += limit - cursor;
  }

  /**
   * Where rows are freed, the bytes of their long values stay behind: once the heap has doubled, those of the rows there are move to a
   * fresh one. Yields after each bounded piece of the work; until it is done, nobody may use this store or hold a vector gathered from it.
   */
  *compactHeap(): Generator<undefined, void, undefined> {
    if (this.heapBytes < COMPACT_BYTES || this.heapBytes < this.compactedBytes * 2) return;
    this.syncSegment();
    const old = this.heap;
    this.heap = new Region(this.context.arena, this.context.owner);
    this.heapBytes = 0;
    const { u32 } = this.context.memory;
    u32.fill(0, this.heapWindow >>> 2, (this.heapWindow >>> 2) + 3);
    const move = this.context.kernels.get('rows_move_heap');
    const { address: columns, count } = this.descriptors;
    for (const { address, rows } of this.segments) {
      for (let from = 0; ; this.growHeap()) {
        const status = move(address, this.layout.rowBytes, from, rows, columns, count, this.heapWindow);
        if (status === 0) break;
        from = status >>> 8;
        yield;
      }
      yield;
    }
    old.release();
    this.compactedBytes = this.heapBytes;
  }

  /** Brings the last segment's row count up to date with what kernels have made. */
  syncSegment(): void {
    const last = this.segments.at(-1);
    if (last === undefined) return;
    last.rows = (this.context.memory.u32[this.room >>> 2]! - last.address) / this.layout.rowBytes;
  }

  /** Gives the rows and their memory to another thread's store (see adopt); this one is empty then. */
  handOver(): HandedRows {
    this.syncSegment();
    const segments = [...this.adopted, ...this.segments];
    const blocks = [...this.adoptedBlocks, ...this.region.handOver(), ...this.heap.handOver()];
    this.adoptedBlocks.length = 0;
    this.release();
    return { segments, blocks };
  }

  /** Takes over rows that another thread made with the same layout and owner. */
  adopt({ segments, blocks }: HandedRows): void {
    for (const segment of segments) {
      this.adopted.push({ ...segment });
      this.closed += segment.rows;
    }
    this.adoptedBlocks.push(...blocks);
  }

  /** Portions of at most BATCH_ROWS neighbouring rows. */
  *portions(): Generator<{ address: number; count: number }> {
    this.syncSegment();
    const { rowBytes } = this.layout;
    for (const segment of [...this.adopted, ...this.segments]) {
      for (let from = 0; from < segment.rows; from += BATCH_ROWS) {
        yield { address: segment.address + from * rowBytes, count: Math.min(BATCH_ROWS, segment.rows - from) };
      }
    }
  }

  release(): void {
    this.region.release();
    this.heap.release();
    for (const address of this.adoptedBlocks) this.context.arena.free(this.context.owner, address);
    this.adoptedBlocks.length = 0;
    this.segments.length = 0;
    this.adopted.length = 0;
    this.closed = 0;
  }
}

/** Gathers columns of rows named by address into vectors of its own. */
export class RowReader {
  readonly vectors: readonly OwnedVector[];
  private readonly layout: RowLayout;
  private readonly columns: readonly number[];
  private readonly wanted: readonly boolean[] | undefined;
  private readonly gatherColumn: Kernel;

  /** `columns`: which of the layout's columns, default all. Vectors of columns that are not `wanted` are there and never written. */
  constructor(
    context: RowContext,
    region: Region,
    layout: RowLayout,
    columns?: readonly number[],
    wanted?: readonly boolean[],
  ) {
    this.wanted = wanted;
    this.layout = layout;
    this.columns = columns ?? layout.columns.map((_, i) => i);
    this.vectors = this.columns.map((c) => allocateVector(region, layout.columns[c]!.type));
    this.gatherColumn = context.kernels.get('rows_gather');
  }

  /** `rows`: u32 addresses by position (0 = all NULL). Values land at the selection's row indexes (0: positions). */
  gather(rows: number, selection: number, count: number): readonly Vector[] {
    for (let i = 0; i < this.vectors.length; i++) {
      if (this.wanted?.[i] === false) continue;
      const vector = this.vectors[i]!;
      const { shift, slot, nullOffset } = this.layout.columns[this.columns[i]!]!;
      const any = this.gatherColumn(vector.data, vector.nullsRoom, rows, shift, slot, nullOffset, selection, count);
      vector.nulls = any === 0 ? 0 : vector.nullsRoom;
    }
    return this.vectors;
  }
}
