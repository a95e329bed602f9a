// BufferPool: which row groups are in memory. A group whose rows are all in its segment file can be evicted while nobody has it
// pinned; the clock's hand passes over the groups and takes those not used since its last visit. Evicted groups are loaded again on demand.
import { sqlError } from '../../errors/sql-error.ts';
import type { BufferHome } from './group-memory.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { TableData } from './table-data.ts';
import type { TableGroup } from './table-group.ts';

/** Above this share of the budget the pool evicts. */
const HIGH_WATER = 0.8;

export class BufferPool {
  private readonly home: BufferHome;
  private readonly budgetBytes: number;
  private readonly groups: () => Iterable<TableGroup>;
  private readonly loading = new Map<TableGroup, Promise<void>>();
  /** Reads a group's segment file into a buffer; set by the checkpoints. */
  loader: ((table: TableData, group: TableGroup) => Promise<RowBuffer>) | null = null;

  constructor(home: BufferHome, budgetBytes: number, groups: () => Iterable<TableGroup>) {
    this.home = home;
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
