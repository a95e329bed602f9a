// RowHashTable: rows found by their key columns under SQL equality. The rows live in a RowStore (key columns, then state); the
// table itself is partitioned by the high hash bits, each partition an open-addressing array that grows on its own.
import { BATCH_ROWS, type Vector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { type Kernel, STATUS, statusCode, statusRow } from '../../kernels/kernel-library.ts';
import { ColumnDescriptors, type RowLayout } from './row-layout.ts';
import { type RowContext, RowStore } from './row-store.ts';

const ENTRY_BYTES = 8;
const FIRST_ENTRIES = 32;
const BLOCK_BYTES = 65_536;

export interface FoundRows {
  /** u32 row addresses by batch row index */
  readonly rows: number;
  /** u32 batch row indexes whose rows were made by this call, ascending */
  readonly fresh: number;
  readonly freshCount: number;
}

export class RowHashTable {
  readonly store: RowStore;
  readonly keyCount: number;
  private readonly context: RowContext;
  private readonly region: Region;
  private readonly keys: ColumnDescriptors;
  /** words that kernels and generated code know, see README.md */
  readonly address: number;
  readonly directory: number;
  private readonly hashes: number;
  private readonly rows: number;
  private readonly fresh: number;
  private readonly large = new Map<number, number>(); // partition -> its own arena block
  private readonly hashKeys: Kernel;
  private readonly insertKernel: Kernel;
  private readonly findKernel: Kernel;

  /** Keys are the first `keyCount` columns of the layout; NULLs are equal. `partitionBits` 0..8. */
  constructor(context: RowContext, layout: RowLayout, keyCount: number, partitionBits: number) {
    this.context = context;
    this.keyCount = keyCount;
    this.store = new RowStore(context, layout);
    this.region = new Region(context.arena, context.owner);
    const { u32 } = context.memory;
    this.keys = new ColumnDescriptors(context.memory, this.region, layout.columns.slice(0, keyCount));
    this.address = this.region.allocateZeroed(32);
    this.directory = this.region.allocate(16 << partitionBits);
    u32[this.address >>> 2] = this.directory;
    u32[(this.address >>> 2) + 1] = partitionBits;
    for (let p = 0; p < 1 << partitionBits; p++) {
      const word = (this.directory >>> 2) + p * 4;
      u32[word] = this.region.allocateZeroed(FIRST_ENTRIES * ENTRY_BYTES);
      u32[word + 1] = FIRST_ENTRIES - 1;
      u32[word + 2] = 0;
      u32[word + 3] = FIRST_ENTRIES / 2;
    }
    this.hashes = this.region.allocate(BATCH_ROWS * 4);
    this.rows = this.region.allocate(BATCH_ROWS * 4);
    this.fresh = this.region.allocate(BATCH_ROWS * 4);
    this.hashKeys = context.kernels.get('hash_keys');
    this.insertKernel = context.kernels.get('table_find_or_insert');
    this.findKernel = context.kernels.get('table_find');
  }

  /** Rows in the table. */
  get count(): number {
    return this.store.count;
  }

  /** The row of each selected batch row's keys, made with zero state where there was none. Valid until the next call. */
  findOrInsert(keys: readonly Vector[], selection: number, count: number): FoundRows {
    this.keys.bind(keys);
    const { address, count: columns } = this.keys;
    this.hashKeys(address, columns, selection, count, this.hashes);
    const { u32 } = this.context.memory;
    u32[(this.address >>> 2) + 3] = 0;
    const { room, heapWindow, layout } = this.store;
    let from = 0;
    for (;;) {
      const status = this.insertKernel(
        this.address, address, columns, this.hashes, selection, from, count, this.rows, this.fresh, room, heapWindow, layout.rowBytes,
      ); // biome-ignore format: one call
      if (status === 0) break;
      from = statusRow(status);
      this.makeRoom(status);
    }
    return { rows: this.rows, fresh: this.fresh, freshCount: u32[(this.address >>> 2) + 3]! };
  }

  /** What a kernel that inserts asks for by this status: bytes, rows or entries of a partition. */
  makeRoom(status: number): void {
    const { u32 } = this.context.memory;
    if (statusCode(status) === STATUS.NEED_HEAP) this.store.growHeap();
    else if (u32[(this.address >>> 2) + 4] === 0) this.store.addSegment();
    else this.growPartition(u32[(this.address >>> 2) + 5]!);
  }

  /** u32 row addresses by batch row index, 0 where the keys are unknown. Valid until the next call. */
  find(keys: readonly Vector[], selection: number, count: number): number {
    this.keys.bind(keys);
    this.hashKeys(this.keys.address, this.keys.count, selection, count, this.hashes);
    this.findKernel(this.address, this.keys.address, this.keys.count, this.hashes, selection, count, this.rows);
    return this.rows;
  }

  /** Takes rows (u32 addresses by position) out of the table; their memory stays until release. */
  remove(rows: number, count: number): number {
    return this.context.kernels.get('table_remove')(this.address, rows, count);
  }

  /** Takes rows out of the table and gives their memory to later inserts (not the bytes of their long values). */
  free(rows: number, count: number): void {
    this.remove(rows, count);
    this.context.kernels.get('table_free')(this.address, rows, count);
  }

  private growPartition(partition: number): void {
    const { u32, u8 } = this.context.memory;
    const word = (this.directory >>> 2) + partition * 4;
    const oldEntries = u32[word]!;
    const oldMask = u32[word + 1]!;
    const entries = (oldMask + 1) * 4;
    const bytes = entries * ENTRY_BYTES;
    const { arena, owner, kernels } = this.context;
    const isLarge = bytes >= BLOCK_BYTES;
    const address = isLarge ? arena.allocate(owner, bytes).address : this.region.allocate(bytes);
    u8.fill(0, address, address + bytes);
    kernels.get('table_rehash')(oldEntries, oldMask, address, entries - 1);
    const before = this.large.get(partition);
    if (before !== undefined) arena.free(owner, before);
    if (isLarge) this.large.set(partition, address);
    u32[word] = address;
    u32[word + 1] = entries - 1;
    u32[word + 3] = Math.floor(entries * 0.6);
  }

  release(): void {
    for (const address of this.large.values()) this.context.arena.free(this.context.owner, address);
    this.large.clear();
    this.region.release();
    this.store.release();
  }
}
