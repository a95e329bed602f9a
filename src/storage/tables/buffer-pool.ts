// BufferPool: which row groups are in memory. A group whose rows are all in its segment file can be evicted while nobody has it
// pinned; the clock's hand passes over the groups and takes those not used since its last visit. Evicted groups are loaded again on demand.
// A relation whose groups cannot all stay pinned beside what else must stay is read by window (group-windows.ts).
// Sealed groups are made narrow (row-buffer.ts) one at a time, as soon as nobody has them pinned.
import { sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { BufferHome } from './group-memory.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { TableData } from './table-data.ts';
import type { TableGroup } from './table-group.ts';

/** Above this share of the budget the pool evicts. */
const HIGH_WATER = 0.8;
/** Up to this share of the budget may stay pinned by readers or wait for a checkpoint; the rest is for windows, loads and writes. */
const HELD_SHARE = 0.6;
/** Above this share of the budget full groups are saved. */
const UNSAVED_SHARE = 0.25;
/** Fewer rows than this are not worth codes. */
const MIN_NARROW_ROWS = 2048;

export class BufferPool {
  private readonly home: BufferHome;
  private readonly budgetBytes: number;
  private readonly groups: () => Iterable<TableGroup>;
  private readonly narrowAtOnce: boolean;
  private readonly loading = new Map<TableGroup, Promise<void>>();
  /** loads that are reading, and what they may take in all */
  private readonly reading = new Set<Promise<void>>();
  private readingBytes = 0;
  /** groups to be made narrow */
  private readonly wide = new Set<TableGroup>();
  private narrowing = false;
  /** Reads a group's segment file into a buffer; set by the checkpoints. */
  loader: ((table: TableData, group: TableGroup) => Promise<RowBuffer>) | null = null;

  /** `narrowAtOnce`: groups are sealed and made narrow however few rows they have, as soon as they are let go; for tests. */
  constructor(home: BufferHome, budgetBytes: number, narrowAtOnce: boolean, groups: () => Iterable<TableGroup>) {
    this.home = home;
    this.narrowAtOnce = narrowAtOnce;
    this.budgetBytes = budgetBytes;
    this.groups = groups;
    home.makeRoom = (bytes) => this.makeRoom(bytes);
  }

  /** Makes sure the group is in memory. It stays only while pinned. */
  async load(table: TableData, group: TableGroup): Promise<void> {
    group.referenced = true;
    if (group.buffer !== null) return;
    const running = this.loading.get(group);
    if (running !== undefined) return running;
    group.pins++;
    const loading = this.loadInTurn(table, group).finally(() => {
      group.pins--;
      this.loading.delete(group);
    });
    this.loading.set(group, loading);
    return loading;
  }

  /** Where there is no room for its arrays and codes beside those that others are reading, these come first. */
  private async loadInTurn(table: TableData, group: TableGroup): Promise<void> {
    const bytes = group.loadBytes(table.columns);
    while (!this.hasRoom(bytes) && this.reading.size > 0) await Promise.race(this.reading).catch(() => {}); // told to who asked for it
    const reading = this.read(table, group);
    this.reading.add(reading);
    this.readingBytes += bytes;
    try {
      await reading;
    } finally {
      this.reading.delete(reading);
      this.readingBytes -= bytes;
    }
  }

  private async read(table: TableData, group: TableGroup): Promise<void> {
    if (this.loader === null) throw sqlError('internal_error', 'an evicted row group has no loader');
    try {
      group.buffer = await this.loader(table, group);
    } catch (error) {
      throw fitting(error, table.name);
    }
    this.narrow(group);
  }

  /** Makes it by eviction, if it can. */
  private hasRoom(bytes: number): boolean {
    this.makeRoom(this.readingBytes + bytes);
    return this.usedBytes + this.readingBytes + bytes <= this.budgetBytes;
  }

  /** Loads and pins, so that addresses stay good until `unpin`; at once where the group is in memory. */
  pin(table: TableData, group: TableGroup): Promise<void> | undefined {
    group.pins++;
    if (group.buffer === null) return this.loadPinned(table, group);
    group.referenced = true;
    return undefined;
  }

  private async loadPinned(table: TableData, group: TableGroup): Promise<void> {
    try {
      await this.load(table, group);
    } catch (error) {
      group.pins--;
      throw error;
    }
  }

  unpin(group: TableGroup): void {
    group.pins--;
    if (group.pins > 0 || group.buffer === null || group.buffer.isNarrow) return;
    if (this.narrowAtOnce && group.rowCount > 0) {
      group.sealed = true;
      group.buffer.narrow();
      return;
    }
    if (!group.sealed || group.rowCount < MIN_NARROW_ROWS) return;
    this.wide.add(group);
    if (!this.narrowing) this.narrowNext();
  }

  /** One group in a turn of the event loop, so that others get on; at once, as groups may be pinned again before the next turn. */
  private narrowNext(): void {
    this.narrowing = this.wide.size > 0;
    for (const group of this.wide) {
      this.wide.delete(group);
      if (group.pins > 0) continue; // it comes again
      this.narrow(group);
      break;
    }
    if (this.narrowing) setImmediate(() => this.narrowNext());
  }

  private narrow({ buffer, sealed, rowCount }: TableGroup): void {
    if (buffer === null || !sealed || (rowCount < MIN_NARROW_ROWS && !this.narrowAtOnce)) return;
    try {
      buffer.narrow();
    } catch (error) {
      if (toSqlError(error).sqlstate !== '53200') throw error; // there is no room for it now
    }
  }

  /** The memory goes. */
  close(): void {
    this.wide.clear();
  }

  get usedBytes(): number {
    return this.home.arena.usedBytes(this.home.owner);
  }

  /** Whether these groups of a relation may all be pinned until a snapshot is released. */
  fits(groups: readonly TableGroup[]): boolean {
    if (this.loader === null) return true;
    const high = this.budgetBytes * HIGH_WATER;
    if (this.usedBytes <= high && groups.every(({ buffer }) => buffer !== null)) return true;
    let held = groups.reduce((sum, { bytes }) => sum + bytes, 0);
    const own = new Set(groups);
    for (const group of this.groups()) if (group.isHeld && !own.has(group)) held += group.bytes;
    return held <= this.budgetBytes * HELD_SHARE;
  }

  /** Whether it can be loaded at once, beside what is in use, and leaves some room. */
  hasRoomFor(table: TableData, group: TableGroup): boolean {
    if (group.buffer !== null) return true;
    return this.hasRoom(group.loadBytes(table.columns) + this.budgetBytes * (1 - HIGH_WATER));
  }

  /** Whether writes had better wait for a checkpoint: full groups that are in no file yet take a good part of the pool. */
  get wantsCheckpoint(): boolean {
    if (this.loader === null || this.usedBytes <= this.budgetBytes * UNSAVED_SHARE) return false;
    let unsaved = 0;
    for (const group of this.groups())
      if (group.buffer !== null && group.sealed && !group.isSaved) unsaved += group.bytes;
    return unsaved > this.budgetBytes * UNSAVED_SHARE;
  }

  /** Evicts until the pool is below its high-water mark and has `wantedBytes`, or nothing more can go. */
  makeRoom(wantedBytes = 0): void {
    const limit = Math.min(this.budgetBytes * HIGH_WATER, this.budgetBytes - wantedBytes);
    for (let round = 0; round < 2 && this.usedBytes > limit; round++) {
      for (const group of this.groups()) {
        if (group.buffer === null || !group.isEvictable) continue;
        if (group.referenced) {
          group.referenced = false;
          continue;
        }
        group.evict();
        if (this.usedBytes <= limit) return;
      }
    }
  }
}

/** 53200 with the table's name and the way out. */
function fitting(error: unknown, table: string): unknown {
  if (toSqlError(error).sqlstate !== '53200') return error;
  return sqlError('out_of_memory', `rows of table "${table}" do not fit into memory beside those in use`, {
    hint: 'Start the server with a larger --memory, or make the statement touch fewer rows.',
  });
}
