// GroupWindows: how a relation that does not fit into the buffer pool is read: one row group pinned at a time, the next one being loaded
// meanwhile where there is room for both. What was read of a group is good until the next one is asked for, so long values are to be copied by who keeps them.
import type { RowGroup } from '../../columns/row-group.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { TableData } from './table-data.ts';
import type { TableGroup } from './table-group.ts';

/** A group that a window holds; `let go` of at most once. */
interface Lent {
  readonly group: TableGroup;
  /** resolves when it is in memory */
  readonly loaded: Promise<void> | undefined;
}

export class GroupWindows {
  private readonly pool: BufferPool;
  private readonly lent = new Set<Lent>();

  constructor(pool: BufferPool) {
    this.pool = pool;
  }

  /** The groups in their order, as `read` gives them; null: nothing of it is seen. */
  async *read(
    table: TableData,
    groups: readonly TableGroup[],
    read: (group: TableGroup) => RowGroup | null,
  ): AsyncGenerator<readonly RowGroup[], void, undefined> {
    let current: Lent | null = null;
    let ahead: Lent | null = null;
    try {
      for (let i = 0; i < groups.length; i++) {
        current = ahead ?? this.lend(table, groups[i]!);
        ahead = null;
        await current.loaded;
        const next = groups[i + 1];
        if (next !== undefined && this.pool.hasRoomFor(table, next)) ahead = this.lend(table, next);
        const one = read(current.group);
        if (one !== null) yield [one];
        this.letGo(current);
        current = null;
      }
    } finally {
      if (current !== null) this.letGo(current);
      if (ahead !== null) this.letGo(ahead);
    }
  }

  /** The reader has gone. */
  release(): void {
    for (const each of [...this.lent]) this.letGo(each);
  }

  private lend(table: TableData, group: TableGroup): Lent {
    const loaded = this.pool.pin(table, group);
    const lent: Lent = { group, loaded };
    this.lent.add(lent);
    loaded?.catch(() => this.lent.delete(lent)); // the pool has taken the pin back; reported where it is awaited
    return lent;
  }

  /** A group still being loaded is let go of by the pool if that fails. */
  private letGo(lent: Lent): void {
    if (!this.lent.has(lent)) return;
    const now = () => {
      if (this.lent.delete(lent)) this.pool.unpin(lent.group);
    };
    if (lent.group.buffer !== null || lent.loaded === undefined) now();
    else lent.loaded.then(now, () => {});
  }
}
