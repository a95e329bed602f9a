// TransactionSnapshot: the tables at an epoch plus the transaction's own writes up to the moment it was taken: own rows come as further
// row groups with provisional row ids, own deletes as copies of the delete epochs. So a statement never sees its own changes.
import type { Maybe } from '../../base/maybe.ts';
import type { Vector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { GroupRanges, LookupIndex, RowGroup, Snapshot } from '../../columns/row-group.ts';
import { ROW_GROUP_ROWS } from '../../columns/row-group.ts';
import { type ColumnLookup, TableSnapshot, type UncommittedRows } from '../tables/snapshot.ts';
import { columnOf } from '../tables/table-group.ts';
import type { TableStore } from '../tables/table-store.ts';
import { type OwnMark, type OwnTable, PROVISIONAL } from './own-table.ts';

/** The transaction's tables as far as they had got. */
interface Own {
  readonly table: OwnTable;
  readonly mark: OwnMark;
  readonly buffers: OwnTable['buffers'];
}

type OwnWrites = ReadonlyMap<number, Own>;

const NO_WRITES: OwnWrites = new Map();

function marked(own: ReadonlyMap<number, OwnTable>): OwnWrites {
  return new Map([...own].map(([oid, table]) => [oid, { table, mark: table.mark(), buffers: [...table.buffers] }]));
}

export class TransactionSnapshot implements Snapshot {
  readonly epoch: bigint;
  private readonly base: TableSnapshot;
  private readonly own: OwnWrites;
  private region: Region | null = null;

  /** `columnOf`: columns as the transaction's DDL has them. */
  constructor(store: TableStore, epoch: bigint, own: ReadonlyMap<number, OwnTable>, columnOf: ColumnLookup) {
    this.base = new TableSnapshot(store, epoch, columnOf);
    this.epoch = epoch;
    this.own = own.size === 0 ? NO_WRITES : marked(own);
  }

  async rowGroups(relation: number, attributes: readonly number[]): Promise<readonly RowGroup[]> {
    const own = this.own.get(relation);
    if (own === undefined) return this.base.rowGroups(relation, attributes);
    const groups = own.mark.truncated ? [] : await this.base.rowGroups(relation, attributes);
    return this.maskDeletes([...groups, ...ownGroups(own, attributes)], own.table, own.mark, this.masks());
  }

  /** The own rows come last, in one window. */
  windows(
    relation: number,
    attributes: readonly number[],
    wanted?: (group: GroupRanges) => boolean,
  ): AsyncIterable<readonly RowGroup[]> | null {
    const own = this.own.get(relation);
    if (own?.mark.truncated) return null;
    const windows = this.base.windows(relation, attributes, wanted);
    return windows === null || own === undefined ? windows : this.withOwn(windows, own, attributes);
  }

  private async *withOwn(
    windows: AsyncIterable<readonly RowGroup[]>,
    own: Own,
    attributes: readonly number[],
  ): AsyncGenerator<readonly RowGroup[], void, undefined> {
    const { arena, owner } = this.base.store.home;
    const region = new Region(arena, owner);
    try {
      for await (const groups of windows) {
        yield this.maskDeletes(groups, own.table, own.mark, region);
        region.reset();
      }
      yield this.maskDeletes(ownGroups(own, attributes), own.table, own.mark, region);
    } finally {
      region.release();
    }
  }

  /** Of what lasts as long as the snapshot. */
  private masks(): Region {
    const { arena, owner } = this.base.store.home;
    this.region ??= new Region(arena, owner);
    return this.region;
  }

  rowCount(relation: number): number {
    const own = this.own.get(relation);
    return this.base.rowCount(relation) + (own?.mark.rows ?? 0);
  }

  /** Whether this snapshot sees the row. */
  isVisible(relation: number, rowId: number): boolean {
    const own = this.own.get(relation);
    if (own !== undefined) {
      const deleted = own.table.deletes.get(rowId);
      if (deleted !== undefined && deleted < own.mark.deletes) return false;
      if (rowId >= PROVISIONAL) return rowId < PROVISIONAL + own.mark.rows;
      if (own.mark.truncated) return false;
    }
    return this.base.isVisible(relation, rowId);
  }

  /** Rows by id, own or committed, as vectors in `region`; long values stay where they are, pinned by this snapshot. */
  rows(relation: number, rowIds: readonly number[], attributes: readonly number[], region: Region): Maybe<Vector[]> {
    const table = this.own.get(relation)?.table;
    const committed = table === undefined || rowIds.every((rowId) => rowId < PROVISIONAL);
    return this.base.rows(relation, rowIds, attributes, region, committed ? null : ownRows(table));
  }

  /** The visible row under a unique key (see TableSnapshot.lookup). */
  lookup(relation: number, indexOid: number, columns: readonly Vector[], row: number): number | null | 'scan' {
    const own = this.own.get(relation);
    if (own === undefined) return this.base.lookup(relation, indexOid, columns, row);
    const mine = own.table.keys.find(({ key }) => key.indexOid === indexOid);
    const rowId = mine?.find(this.base.store.home.arena.shared, columns, row) ?? -1;
    if (rowId >= 0) return this.isVisible(relation, rowId) ? rowId : 'scan';
    if (own.mark.truncated) return mine === undefined ? 'scan' : null;
    const found = this.base.lookup(relation, indexOid, columns, row);
    return typeof found === 'number' && !this.isVisible(relation, found) ? 'scan' : found;
  }

  /** The visible rows under a key (see TableSnapshot.find). Own rows are in unique indexes only. */
  find(
    relation: number,
    index: LookupIndex,
    columns: readonly Vector[],
    row: number,
  ): Maybe<readonly number[] | 'scan'> {
    if (index.unique) {
      const found = this.lookup(relation, index.oid, columns, row);
      return found === 'scan' ? 'scan' : found === null ? [] : [found];
    }
    const own = this.own.get(relation);
    if (own === undefined) return this.base.find(relation, index, columns, row);
    return own.mark.rows > 0 || own.mark.truncated ? 'scan' : this.unlessDeleted(relation, index, columns, row);
  }

  private async unlessDeleted(
    relation: number,
    index: LookupIndex,
    columns: readonly Vector[],
    row: number,
  ): Promise<readonly number[] | 'scan'> {
    const found = await this.base.find(relation, index, columns, row);
    return found === 'scan' ? 'scan' : found.filter((rowId) => this.isVisible(relation, rowId));
  }

  release(): void {
    if (this.base.isReleased) return;
    this.base.release();
    this.region?.release();
  }

  private maskDeletes(
    groups: readonly RowGroup[],
    table: OwnTable,
    mark: OwnMark,
    region: Region,
  ): readonly RowGroup[] {
    if (mark.deletes === 0) return groups;
    const { arena } = this.base.store.home;
    return groups.map((group) => {
      const { rowIdBase, rowCount, deleteEpochs } = group;
      let masked = 0;
      for (const [rowId, before] of table.deletes.between(rowIdBase, rowIdBase + rowCount)) {
        if (before >= mark.deletes) continue;
        if (masked === 0) {
          masked = region.allocateZeroed(rowCount * 8);
          if (deleteEpochs !== 0) arena.shared.u8.copyWithin(masked, deleteEpochs, deleteEpochs + rowCount * 8);
        }
        arena.shared.i64[masked / 8 + rowId - rowIdBase] = 1n;
      }
      return masked === 0 ? group : { ...group, deleteEpochs: masked };
    });
  }
}

function ownRows(table: OwnTable): UncommittedRows {
  const place = (rowId: number) => (rowId < PROVISIONAL ? undefined : table.place(rowId));
  return { columns: table.columns, place };
}

function ownGroups(own: Own, attributes: readonly number[]): RowGroup[] {
  const groups: RowGroup[] = [];
  for (let at = 0; at < own.mark.rows; at += ROW_GROUP_ROWS) {
    const buffer = own.buffers[at / ROW_GROUP_ROWS]!;
    groups.push({
      rowIdBase: PROVISIONAL + at,
      rowCount: Math.min(ROW_GROUP_ROWS, own.mark.rows - at),
      columns: attributes.map((attribute) => buffer.chunk(columnOf(buffer, attribute)!)),
      insertEpochs: 0,
      deleteEpochs: 0,
    });
  }
  return groups;
}
