// BufferPool: which row groups are in memory. A group whose rows are all in its segment file can be evicted while nobody has it
// pinned; the clock's hand passes over the groups and takes those not used since its last visit. Evicted groups are loaded again on demand.
// Sealed groups are made narrow (row-buffer.ts) one at a time, as soon as nobody has them pinned.
import { sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { BufferHome } from './group-memory.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { TableData } from './table-data.ts';
import type { TableGroup } from './table-group.ts';

/** Above this share of the budget the pool evicts. */
const HIGH_WATER = 0.8;
/** Fewer rows than this are not worth codes. */
const MIN_NARROW_ROWS = 2048;

export class BufferPool {
  private readonly home: BufferHome;
  private readonly budgetBytes: number;
  private readonly groups: () => Iterable<TableGroup>;
  private readonly narrowAtOnce: boolean;
  private readonly loading = new Map<TableGroup, Promise<void>>();
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
  }

  /** Makes sure the group is in memory. It stays only while pinned. */
  async load(table: TableData, group: TableGroup): Promise<void> {
    group.referenced = true;
    if (group.buffer !== null) return;
    const running = this.loading.get(group);
    if (running !== undefined) return running;
    if (this.loader === null) throw sqlError('internal_error', 'an evicted row group has no loader');
    this.makeRoom();
    group.pins++;
    const loading = this.loader(table, group)
      .then((buffer) => {
        group.buffer = buffer;
        this.narrow(group);
      })
      .finally(() => {
        group.pins--;
        this.loading.delete(group);
      });
    this.loading.set(group, loading);
    return loading;
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

  /** Evicts until the pool is below its high-water mark, or nothing more can go. */
  makeRoom(): void {
    const limit = this.budgetBytes * HIGH_WATER;
    for (let round = 0; round < 2 && this.usedBytes > limit; round++) {
      for (const group of this.groups()) {
        if (!canEvict(group)) continue;
        if (group.referenced) {
          group.referenced = false;
          continue;
        }
        group.buffer!.retire();
        group.buffer = null;
        if (this.usedBytes <= limit) return;
      }
    }
  }
}

function canEvict(group: TableGroup): boolean {
  return (
    group.buffer !== null &&
    group.sealed &&
    group.pins === 0 &&
    group.file !== null &&
    group.file.rowCount === group.rowCount
  );
}
