// TableSnapshot: the tables at one epoch. It pins the groups it hands out until it is released, and keeps what it can see from being freed.
import { after, type Maybe } from '../../base/maybe.ts';
import { allocateVector, type Vector } from '../../columns/batch.ts';
import type { Region } from '../../columns/region.ts';
import type { GroupRanges, LookupIndex, RowGroup, Snapshot } from '../../columns/row-group.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { sameType } from '../../types/sql-type.ts';
import { fillRows, gatherRows, ownLongValues, type RowPlace } from './gather-rows.ts';
import { GroupWindows } from './group-windows.ts';
import type { RowBuffer, StoredColumn } from './row-buffer.ts';
import { RowPostings } from './row-postings.ts';
import type { TableData } from './table-data.ts';
import { columnOf, type TableGroup } from './table-group.ts';
import type { TableStore } from './table-store.ts';

/** Rows under one key up to which a lookup is worth it, and as a share of the table. */
const MIN_FOUND = 100;
const MAX_FOUND_SHARE = 0.02;

const otherWork = () => new Promise<void>((resolve) => setImmediate(resolve));

export type ColumnLookup = (relation: number, attribute: number) => StoredColumn | undefined;

/** Rows that are not the table's yet, and the columns that the relation has for who wrote them. */
export interface UncommittedRows {
  readonly columns: readonly StoredColumn[];
  /** undefined: it is the table's */
  place(rowId: number): RowPlace | undefined;
}

/** Of each row the place where it lies outside the table, or its group. */
interface AskedRows {
  readonly table: TableData;
  readonly rowIds: readonly number[];
  readonly attributes: readonly number[];
  readonly columns: readonly StoredColumn[];
  readonly own: readonly (RowPlace | undefined)[];
  readonly groups: readonly (TableGroup | null)[];
}

function placeIn(group: TableGroup, rowId: number): RowPlace {
  return { buffer: group.buffer!, row: rowId - group.rowIdBase };
}

export class TableSnapshot implements Snapshot {
  readonly epoch: bigint;
  readonly store: TableStore;
  private readonly serial: number;
  private readonly pinned = new Set<TableGroup>();
  /** relations all of whose groups are among them */
  private readonly whole = new Set<number>();
  private readonly lent: GroupWindows;
  private readonly columnOf: ColumnLookup;
  private released = false;

  /** `columnOf`: columns that the tables do not have yet, of uncommitted DDL. */
  constructor(store: TableStore, epoch: bigint, columnOf: ColumnLookup = () => undefined) {
    this.store = store;
    this.epoch = epoch;
    this.columnOf = columnOf;
    this.lent = new GroupWindows(store.pool);
    this.serial = store.snapshots.add(epoch);
  }

  async rowGroups(relation: number, attributes: readonly number[]): Promise<readonly RowGroup[]> {
    const table = this.store.tables.get(relation);
    if (table === undefined) return [];
    this.whole.add(relation);
    const groups = table.groupsAt(this.epoch);
    await this.pinAll(table, groups);
    return groups.map((group) => this.read(table, group, attributes)).filter((read) => read !== null);
  }

  windows(
    relation: number,
    attributes: readonly number[],
    wanted: (group: GroupRanges) => boolean = () => true,
  ): AsyncIterable<readonly RowGroup[]> | null {
    const table = this.store.tables.get(relation);
    const groups = table?.groupsAt(this.epoch) ?? [];
    if (table === undefined || this.whole.has(relation) || this.store.pool.fits(groups)) return null;
    const seen = groups.filter((group) => group.rowsAt(this.epoch) > 0 && wanted(group.ranges(this.epoch, attributes)));
    return this.lent.read(table, seen, (group) => this.read(table, group, attributes));
  }

  rowCount(relation: number): number {
    return this.store.tables.get(relation)?.liveRows ?? 0;
  }

  /** Which of these row ids this snapshot sees. */
  isVisible(relation: number, rowId: number): boolean {
    const group = this.groupAt(relation, rowId);
    return group?.isVisible(rowId - group.rowIdBase, this.epoch) ?? false;
  }

  /**
   * The values of rows by id, as vectors in `region`. Long values stay in the pinned groups; of a table that does not fit they are copied,
   * and the vectors' `pinned` is false. Unknown rows are an error.
   */
  rows(
    relation: number,
    rowIds: readonly number[],
    attributes: readonly number[],
    region: Region,
    uncommitted: UncommittedRows | null = null,
  ): Maybe<Vector[]> {
    const table = this.store.tables.get(relation);
    const columns = attributes.map(
      (each) => uncommitted?.columns.find(({ attribute }) => attribute === each) ?? this.column(table!, each),
    );
    if (table === undefined) {
      const places = rowIds.map((rowId) => uncommitted!.place(rowId)!); // the table is not committed either
      return gatherRows(this.store.home.arena.shared, places, columns, region, this.missingChunk);
    }
    const own = uncommitted === null ? [] : rowIds.map((rowId) => uncommitted.place(rowId));
    const groups = rowIds.map((rowId, i) => (own[i] === undefined ? this.groupAt(relation, rowId)! : null));
    const asked = { table, rowIds, attributes, columns, own, groups };
    return this.store.pool.fits(table.groupsAt(this.epoch))
      ? this.pinnedRows(asked, region)
      : this.copiedRows(asked, region);
  }

  /** At once where all groups are in memory. */
  private pinnedRows({ table, rowIds, attributes, columns, own, groups }: AskedRows, region: Region): Maybe<Vector[]> {
    const committed = groups.filter((group) => group !== null);
    return after(this.pinAll(table, committed), () => {
      for (const group of committed) this.requireTypes(table, group.buffer!, attributes);
      const places = groups.map((group, i) => (group === null ? own[i]! : placeIn(group, rowIds[i]!)));
      return gatherRows(this.store.home.arena.shared, places, columns, region, this.missingChunk);
    });
  }

  /** One group after the other is pinned. */
  private async copiedRows(
    { table, rowIds, attributes, columns, own, groups }: AskedRows,
    region: Region,
  ): Promise<Vector[]> {
    const { shared } = this.store.home.arena;
    const vectors = columns.map(({ type }) => allocateVector(region, type, Math.max(1, rowIds.length)));
    const copy = (places: readonly (RowPlace | undefined)[]) => {
      fillRows(shared, places, columns, vectors, this.missingChunk);
      ownLongValues(shared, places, vectors, region);
    };
    if (own.length > 0) copy(own);
    for (const group of new Set(groups)) {
      if (group === null) continue;
      await this.store.pool.pin(table, group);
      try {
        this.requireTypes(table, group.buffer!, attributes);
        copy(groups.map((each, i) => (each === group ? placeIn(group, rowIds[i]!) : undefined)));
      } finally {
        this.store.pool.unpin(group);
      }
    }
    return vectors.map((vector) => ({ ...vector, pinned: false }));
  }

  /**
   * The visible row under the key in `row` of the key columns: its id, null when there is none, or 'scan' when the index, which
   * knows the newest state only, cannot tell for this epoch.
   */
  lookup(relation: number, indexOid: number, columns: readonly Vector[], row: number): number | null | 'scan' {
    const index = this.store.tables.get(relation)?.indexes.get(indexOid);
    if (index === undefined) return 'scan';
    const rowId = index.find(this.store.home.arena.shared, columns, row);
    if (rowId >= 0 && this.isVisible(relation, rowId)) return rowId;
    return index.changedAt <= this.epoch ? null : 'scan';
  }

  /**
   * Visible rows that may be under the key in `row` of an index's key columns: exactly those where the index is unique. 'scan': the index
   * cannot tell, or there are so many that a scan is as good.
   */
  async find(
    relation: number,
    index: LookupIndex,
    columns: readonly Vector[],
    row: number,
  ): Promise<readonly number[] | 'scan'> {
    if (index.unique) {
      const found = this.lookup(relation, index.oid, columns, row);
      return found === 'scan' ? 'scan' : found === null ? [] : [found];
    }
    const table = this.store.tables.get(relation);
    if (table === undefined) return 'scan';
    const { shared } = this.store.home.arena;
    let postings = table.postings.get(index.oid);
    if (postings === undefined) {
      postings = new RowPostings();
      table.postings.set(index.oid, postings);
    }
    while (postings.catching !== null) await postings.catching.catch(() => {}); // who began it is told of its failure
    if (postings.lacks(table.nextRowId, table.liveRows)) {
      postings.catching = this.catchUp(postings, table, index).finally(() => {
        postings.catching = null;
      });
      await postings.catching;
    }
    if (this.epoch < postings.completeSince) return 'scan';
    const limit = Math.max(MIN_FOUND, Math.floor(table.liveRows * MAX_FOUND_SHARE));
    return postings.find(shared, columns, row, limit)?.filter((rowId) => this.isVisible(relation, rowId)) ?? 'scan';
  }

  private async catchUp(postings: RowPostings, table: TableData, { attributes }: LookupIndex): Promise<void> {
    const { shared } = this.store.home.arena;
    postings.clearIfMostlyDead(table.liveRows);
    const from = postings.coveredTo;
    const missing = ({ rowIdBase, rowCount }: GroupRanges) => rowIdBase + rowCount > from;
    const windows = this.windows(table.oid, attributes, missing) ?? [await this.rowGroups(table.oid, attributes)];
    for await (const groups of windows) await postings.catchUp(shared, groups, this.epoch, otherWork);
  }

  /** Another one of the same epoch, with an end of its own. */
  again(): TableSnapshot {
    return new TableSnapshot(this.store, this.epoch, this.columnOf);
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    for (const group of this.pinned) this.store.pool.unpin(group);
    this.pinned.clear();
    this.lent.release();
    this.store.snapshots.close(this.serial);
  }

  get isReleased(): boolean {
    return this.released;
  }

  /** At once where the groups are in memory. Pinned before they are loaded: others know then that they stay. */
  private pinAll(table: TableData, groups: readonly TableGroup[]): Maybe<void> {
    const loading = groups.map((group) => this.pin(table, group)).filter((each) => each !== undefined);
    if (loading.length === 0) return undefined;
    return Promise.allSettled(loading).then((all) => {
      const failed = all.find(({ status }) => status === 'rejected'); // the others are not left behind
      if (failed?.status === 'rejected') throw failed.reason;
    });
  }

  /** At once where the group is in memory. */
  private pin(table: TableData, group: TableGroup): Promise<void> | undefined {
    if (this.pinned.has(group)) return undefined;
    const loading = this.store.pool.pin(table, group);
    if (loading !== undefined) return loading.then(() => this.keepPinned(group));
    this.pinned.add(group);
    return undefined;
  }

  private keepPinned(group: TableGroup): void {
    if (this.released || this.pinned.has(group)) this.store.pool.unpin(group);
    else this.pinned.add(group);
  }

  private groupAt(relation: number, rowId: number): TableGroup | undefined {
    const table = this.store.tables.get(relation);
    if (table === undefined) return undefined;
    const groups = table.groupsAt(this.epoch);
    if (groups === table.groups) return table.groupOf(rowId);
    return groups.find((group) => rowId >= group.rowIdBase && rowId < group.rowIdBase + group.rowCount);
  }

  /** A pinned group as this snapshot sees it. */
  private read(table: TableData, group: TableGroup, attributes: readonly number[]): RowGroup | null {
    this.requireTypes(table, group.buffer!, attributes);
    return group.rowGroup(this.epoch, attributes, (attribute) => this.missingChunk(this.column(table, attribute)));
  }

  /** ALTER TYPE has written the rows anew behind this snapshot: a statement knows the new types, and the old rows have the old ones. */
  private requireTypes(table: TableData, buffer: RowBuffer, attributes: readonly number[]): void {
    if (table.groupsAt(this.epoch) === table.groups) return;
    for (const attribute of attributes) {
      const stored = columnOf(buffer, attribute);
      if (stored === undefined || sameType(stored.type, this.column(table, attribute).type)) continue;
      throw sqlError('serialization_failure', 'could not serialize access due to concurrent update', {
        detail: `The type of column "${stored.name}" of relation "${table.name}" was changed after the snapshot was taken.`,
      });
    }
  }

  private readonly missingChunk = (column: StoredColumn) => this.store.missingChunk(column);

  private column(table: TableData, attribute: number): StoredColumn {
    const column = table.columns.find((one) => one.attribute === attribute) ?? this.columnOf(table.oid, attribute);
    if (column === undefined) throw new Error(`relation ${table.oid} has no attribute ${attribute}`);
    return column;
  }
}
