// TableData: one stored relation: its row groups, the last one open, and its unique indexes. Row ids only grow. A truncated
// table keeps its old groups for readers of earlier epochs. All methods are synchronous and work on loaded groups; who calls
// makes sure of that (buffer-pool.ts).
import type { Pieces } from '../../base/pieces.ts';
import type { EncodedVector } from '../../columns/encoding.ts';
import { type ColumnChunk, ROW_GROUP_ROWS } from '../../columns/row-group.ts';
import { sameType } from '../../types/sql-type.ts';
import type { BufferHome } from './group-memory.ts';
import { RowBuffer, type StoredColumn } from './row-buffer.ts';
import type { RowPostings } from './row-postings.ts';
import { Successors } from './successors.ts';
import { columnOf, TableGroup } from './table-group.ts';
import {
  duplicatedKey,
  type FormatDatum,
  formatKey,
  type RemovedKeys,
  UniqueIndex,
  type UniqueKey,
  uniqueViolation,
} from './unique-index.ts';

/** Rows that came together: `start .. start+count` of a group. */
export interface GroupRange {
  readonly group: TableGroup;
  readonly start: number;
  readonly count: number;
}

/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 256;

export class TableData {
  readonly oid: number;
  name: string;
  columns: readonly StoredColumn[];
  groups: TableGroup[] = [];
  /** groups that readers before `until` still see */
  readonly past: { readonly until: bigint; readonly groups: TableGroup[] }[] = [];
  readonly indexes = new Map<number, UniqueIndex>();
  /** of the other indexes that have been asked, by oid */
  readonly postings = new Map<number, RowPostings>();
  nextRowId = 1;
  /** newest committed rows */
  liveRows = 0;
  droppedAt: bigint | null = null;
  readonly successors = new Successors();
  private readonly home: BufferHome;
  private readonly format: FormatDatum;

  constructor(home: BufferHome, oid: number, name: string, columns: readonly StoredColumn[], format: FormatDatum) {
    this.home = home;
    this.oid = oid;
    this.name = name;
    this.columns = columns;
    this.format = format;
  }

  /** Columns have changed: rows before keep theirs, so a new group begins. */
  setColumns(columns: readonly StoredColumn[]): void {
    const same =
      columns.length === this.columns.length &&
      columns.every((column, i) => {
        const old = this.columns[i]!;
        return column.attribute === old.attribute && sameType(column.type, old.type);
      });
    this.columns = columns;
    if (!same) this.seal();
  }

  seal(): void {
    const last = this.groups.at(-1);
    if (last !== undefined) last.sealed = true;
  }

  /** The groups that a reader at `epoch` sees. */
  groupsAt(epoch: bigint): readonly TableGroup[] {
    if (this.droppedAt !== null && epoch >= this.droppedAt) return [];
    return this.past.find(({ until }) => epoch < until)?.groups ?? this.groups;
  }

  groupOf(rowId: number): TableGroup | undefined {
    let low = 0;
    let high = this.groups.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.groups[middle]!.rowIdBase <= rowId) low = middle + 1;
      else high = middle;
    }
    const group = this.groups[low - 1];
    return group !== undefined && rowId < group.rowIdBase + group.rowCount ? group : undefined;
  }

  /**
   * Appends a buffer's rows at `epoch`: a full buffer becomes a group as it is (and is the table's from then on), others are copied.
   * Columns must be the table's. Unique indexes are not touched. `appended` is told of each range that is in: when memory ends (53200), what it
   * was told is there and to be taken back, the rest is not.
   */
  append(buffer: RowBuffer, epoch: bigint, appended: (range: GroupRange) => void): void {
    if (buffer.count === 0) return;
    if (buffer.count === ROW_GROUP_ROWS) {
      this.seal();
      const group = new TableGroup(this.home, this.nextRowId, buffer, buffer.count, epoch);
      group.sealed = true;
      buffer.adopt();
      this.groups.push(group);
      this.grown(buffer.count);
      return appended({ group, start: 0, count: buffer.count });
    }
    const vectors = buffer.vectors(0);
    for (let at = 0; at < buffer.count; ) {
      const group = this.openGroup();
      const count = Math.min(buffer.count - at, ROW_GROUP_ROWS - group.rowCount);
      const range = { group, start: group.rowCount, count };
      try {
        group.buffer!.reserve(group.rowCount + count);
        group.buffer!.append(vectors, 0, at, count);
      } catch (error) {
        if (group.rowCount === 0) this.leaveOut(group); // it was opened for these rows
        throw error;
      }
      group.added(count, epoch);
      if (group.rowCount === ROW_GROUP_ROWS) group.sealed = true;
      this.grown(count);
      appended(range);
      at += count;
    }
  }

  /** Takes back the last rows, never seen by a reader. */
  unappend({ group, start, count }: GroupRange): void {
    group.truncate(start);
    this.nextRowId -= count;
    this.liveRows -= count;
    if (start > 0) {
      group.sealed = group !== this.groups.at(-1);
      return;
    }
    this.leaveOut(group);
  }

  private leaveOut(group: TableGroup): void {
    this.groups.splice(this.groups.indexOf(group), 1);
    group.retire();
  }

  /** Enters rows into all unique indexes. Throws 23505, the rows before the failing one being entered. */
  enterKeys({ group, start, count }: GroupRange, epoch: bigint, progress: { done: number }): void {
    if (this.indexes.size === 0) {
      progress.done = count;
      return;
    }
    const { arena } = this.home;
    const indexes = [...this.indexes.values()].map((index) => ({ index, columns: this.keyColumns(group, index.key) }));
    for (const { index } of indexes) if (epoch > index.changedAt) index.changedAt = epoch;
    for (let row = start; row < start + count; row++) {
      if (!group.deletes.has(row)) {
        for (let i = 0; i < indexes.length; i++) {
          const { index, columns } = indexes[i]!;
          const rowId = group.rowIdBase + row;
          const displaced = index.set(arena.shared, columns, row, rowId);
          if (displaced < 0) continue;
          index.set(arena.shared, columns, row, displaced);
          for (let j = 0; j < i; j++) indexes[j]!.index.delete(arena.shared, indexes[j]!.columns, row, rowId);
          throw uniqueViolation(index.key, this.oid, formatKey(arena.shared, columns, row, this.format));
        }
      }
      progress.done++;
    }
  }

  /** Removes rows' keys from all unique indexes; from none when it throws (53200). */
  leaveKeys({ group, start, count }: GroupRange, epoch: bigint): void {
    const indexes = [...this.indexes.values()].map((index) => ({ index, columns: this.keyColumns(group, index.key) }));
    for (const { index, columns } of indexes) {
      for (let row = start; row < start + count; row++) {
        index.delete(this.home.arena.shared, columns, row, group.rowIdBase + row);
      }
      if (epoch > index.changedAt) index.changedAt = epoch;
    }
  }

  /** Removes rows' keys, in such a way that they can be put back without the group's columns; none when it throws (53200). */
  removeKeys(group: TableGroup, rows: readonly number[], epoch: bigint): RemovedKeys[] {
    const indexes = [...this.indexes.values()].map((index) => ({ index, columns: this.keyColumns(group, index.key) }));
    return indexes.map(({ index, columns }) => {
      if (epoch > index.changedAt) index.changedAt = epoch;
      return index.remove(this.home.arena.shared, columns, rows, group.rowIdBase);
    });
  }

  /** Removes all rows' keys at once. Returns how to undo it. */
  leaveAllKeys(epoch: bigint): () => void {
    const undo = [...this.indexes.values()].map((index) => {
      if (epoch > index.changedAt) index.changedAt = epoch;
      return index.empty();
    });
    return () => {
      for (const step of undo) step();
    };
  }

  /** A new unique index over the rows there are (`pinned` holds a group while it is read), built in pieces. Throws 23505 with the duplicate. */
  async buildIndex(
    key: UniqueKey,
    epoch: bigint,
    pieces: Pieces,
    pinned: (group: TableGroup, read: () => Promise<void>) => Promise<void>,
  ): Promise<UniqueIndex> {
    const index = new UniqueIndex(key);
    index.changedAt = epoch;
    for (const group of this.groups) await pinned(group, () => this.enterGroup(index, group, pieces));
    return index;
  }

  private async enterGroup(index: UniqueIndex, group: TableGroup, pieces: Pieces): Promise<void> {
    const { key } = index;
    const { shared } = this.home.arena;
    const columns = this.keyColumns(group, key);
    for (let row = 0; row < group.rowCount; row++) {
      const pause = row % ROWS_PER_LOOK === 0 ? pieces.next() : undefined;
      if (pause !== undefined) await pause;
      if (group.deletes.has(row)) continue;
      if (index.set(shared, columns, row, group.rowIdBase + row) < 0) continue;
      throw duplicatedKey(key, this.oid, formatKey(shared, columns, row, this.format));
    }
  }

  private keyColumns(group: TableGroup, key: UniqueKey): EncodedVector[] {
    return key.attributes.map((attribute) => columnOf(group.buffer!, attribute) ?? this.missing!(attribute));
  }

  /** The all-NULL chunk for columns that older groups lack; set by the table store. */
  missing: ((attribute: number) => ColumnChunk) | null = null;

  private openGroup(): TableGroup {
    const last = this.groups.at(-1);
    if (last !== undefined && !last.sealed && last.rowCount < ROW_GROUP_ROWS) return last;
    const group = new TableGroup(this.home, this.nextRowId, new RowBuffer(this.home, this.columns), 0, 0n);
    this.groups.push(group);
    return group;
  }

  private grown(count: number): void {
    this.nextRowId += count;
    this.liveRows += count;
  }
}
