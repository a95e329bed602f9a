// TableStore: all stored relations (tables, streams, materialized views) by oid, kept in step with the catalog, and the memory they
// live in. Commits change it (applied-commit.ts), snapshots read it, the pool loads and evicts its groups.

import type { Pieces } from '../../base/pieces.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Index, Relation } from '../../catalog/objects.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { type ColumnChunk, ROW_GROUP_ROWS } from '../../columns/row-group.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum } from '../../types/datum.ts';
import { PHYSICAL_WIDTH, physicalOf, type SqlType } from '../../types/sql-type.ts';
import { stringifyTagged } from '../log/tagged-json.ts';
import { BufferPool } from './buffer-pool.ts';
import type { BufferHome } from './group-memory.ts';
import type { StoredColumn } from './row-buffer.ts';
import { SmallBlocks } from './small-blocks.ts';
import type { SnapshotRegistry } from './snapshots.ts';
import type { Successors } from './successors.ts';
import { TableData } from './table-data.ts';
import type { TableGroup } from './table-group.ts';
import type { FormatDatum, UniqueKey } from './unique-index.ts';

export class TableStore {
  readonly home: BufferHome;
  readonly snapshots: SnapshotRegistry;
  readonly pool: BufferPool;
  readonly tables = new Map<number, TableData>();
  readonly format: FormatDatum;
  /** told of the rows that a commit replaced by newer versions; set by the transactions */
  rowsReplaced: ((relation: number, newest: Successors) => void) | null = null;
  /** since the last `reclaim`, or left over by it; null: anything may be */
  private unsettled: Map<TableData, Set<TableGroup>> | null = null;
  private nullChunks: { values: number; nulls: number } | null = null;
  private readonly constantChunks = new Map<string, ColumnChunk>();

  constructor(
    arena: Arena,
    pool: { readonly bytes: number; readonly narrowAtOnce: boolean },
    snapshots: SnapshotRegistry,
    format: FormatDatum,
  ) {
    const owner = arena.addOwner(pool.bytes);
    this.home = { arena, owner, small: new SmallBlocks(arena, owner), reclaimer: snapshots, makeRoom: null };
    this.snapshots = snapshots;
    this.format = format;
    this.pool = new BufferPool(this.home, pool.bytes, pool.narrowAtOnce, () => this.allGroups());
  }

  /** Throws 42P01 for a relation that is not stored (any more). */
  table(oid: number): TableData {
    const table = this.tables.get(oid);
    if (table === undefined || table.droppedAt !== null) {
      throw sqlError('undefined_table', `relation with OID ${oid} does not exist`);
    }
    return table;
  }

  /** Brings the store in step with the next catalog but for new indexes, for the objects that an edit touched. Returns how to undo it. */
  applyCatalog(next: Catalog, touched: readonly number[], epoch: bigint): (() => void)[] {
    const undo: (() => void)[] = [];
    const relations = touched.map((oid) => ({ oid, relation: next.relations.get(oid) }));
    for (const { oid, relation } of relations) {
      if (relation === undefined) undo.push(...this.drop(oid, epoch));
      else if (isStored(relation)) undo.push(...this.define(relation));
    }
    return undo;
  }

  /**
   * Builds the unique indexes among the objects that an edit touched, over the rows there are by now; `entered` is told of them group by
   * group. Throws 23505.
   */
  async addIndexes(
    next: Catalog,
    touched: readonly number[],
    epoch: bigint,
    pieces: Pieces,
    entered: (rows: number) => void = () => {},
  ): Promise<(() => void)[]> {
    const undo: (() => void)[] = [];
    try {
      for (const oid of touched) {
        const relation = next.relations.get(oid);
        if (relation?.kind !== 'index' || !relation.unique) continue;
        undo.push(...(await this.addIndex(next, relation, epoch, pieces, entered)));
      }
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
    return undo;
  }

  /** A chunk of what a column has in groups from before it was added: its missing value or NULL. */
  missingChunk(column: StoredColumn): ColumnChunk {
    const { type, missing } = column;
    if (missing !== undefined) return this.constantChunk(type, missing);
    if (this.nullChunks === null) {
      const region = new Region(this.home.arena, this.home.owner);
      const values = region.allocateZeroed(ROW_GROUP_ROWS * PHYSICAL_WIDTH.view);
      const nulls = region.allocate(ROW_GROUP_ROWS);
      this.home.arena.shared.u8.fill(1, nulls, nulls + ROW_GROUP_ROWS);
      this.nullChunks = { values, nulls };
    }
    return { type, physical: physicalOf(type), data: this.nullChunks.values, nulls: this.nullChunks.nulls };
  }

  /** Made once per value and kept: it may be anywhere in a reader's hands. */
  private constantChunk(type: SqlType, value: Datum): ColumnChunk {
    const key = `${stringifyTagged(type)} ${stringifyTagged(value)}`;
    const known = this.constantChunks.get(key);
    if (known !== undefined) return known;
    const region = new Region(this.home.arena, this.home.owner);
    const [one] = buildBatch(region, [type], [[value]]).columns;
    const physical = physicalOf(type);
    const width = PHYSICAL_WIDTH[physical];
    const data = region.allocate(ROW_GROUP_ROWS * width);
    const { u8 } = this.home.arena.shared;
    u8.copyWithin(data, one!.data, one!.data + width);
    for (let done = 1; done < ROW_GROUP_ROWS; done *= 2) u8.copyWithin(data + done * width, data, data + done * width);
    const chunk: ColumnChunk = { type, physical, data, nulls: 0 };
    this.constantChunks.set(key, chunk);
    return chunk;
  }

  /** A commit has changed rows of a group, or the table as a whole: there may be something to reclaim. */
  touched(table: TableData, group?: TableGroup): void {
    const groups = this.unsettled?.get(table);
    if (groups === undefined) this.unsettled?.set(table, new Set(group === undefined ? [] : [group]));
    else if (group !== undefined) groups.add(group);
  }

  /** Frees what no reader at or after `oldest` can see: truncated and dropped rows, dead groups, old runs. */
  reclaim(oldest: bigint): void {
    this.snapshots.settledEpoch = oldest;
    this.unsettled ??= new Map([...this.tables.values()].map((table) => [table, new Set(table.groups)]));
    for (const [table, groups] of this.unsettled) {
      while (table.past.length > 0 && table.past[0]!.until <= oldest) {
        for (const group of table.past.shift()!.groups) group.retire();
      }
      if (table.droppedAt !== null && table.droppedAt <= oldest) {
        for (const group of table.groups) group.retire();
        this.tables.delete(table.oid);
        this.unsettled.delete(table);
        continue;
      }
      this.reclaimGroups(table, groups, oldest);
      if (groups.size === 0 && table.past.length === 0 && table.droppedAt === null) this.unsettled.delete(table);
    }
  }

  private reclaimGroups(table: TableData, groups: Set<TableGroup>, oldest: bigint): void {
    let dead = false;
    for (const group of groups) {
      if (group.runCount > 1) group.collapse(oldest);
      if (group.deadAt(oldest)) {
        dead = true;
        group.retire();
      } else if (group.runCount > 1 || group.deletes.count === group.rowCount) continue; // not yet
      groups.delete(group);
    }
    if (dead) table.groups = table.groups.filter((group) => !group.deadAt(oldest));
  }

  /** Creates the relation's data, or gives it its new name and columns. */
  define(relation: Relation): (() => void)[] {
    const columns = storedColumns(relation);
    const existing = this.tables.get(relation.oid);
    if (existing !== undefined) {
      const { name, columns: before } = existing;
      existing.name = relation.name;
      existing.setColumns(columns);
      return [
        () => {
          existing.name = name;
          existing.setColumns(before);
        },
      ];
    }
    const table = new TableData(this.home, relation.oid, relation.name, columns, this.format);
    table.missing = (attribute) => this.missingChunk(table.columns.find((c) => c.attribute === attribute)!);
    this.tables.set(relation.oid, table);
    return [() => this.tables.delete(relation.oid)];
  }

  private drop(oid: number, epoch: bigint): (() => void)[] {
    const table = this.tables.get(oid);
    if (table !== undefined) {
      table.droppedAt = epoch;
      this.touched(table);
      return [
        () => {
          table.droppedAt = null;
        },
      ];
    }
    for (const owner of this.tables.values()) {
      owner.postings.delete(oid);
      const index = owner.indexes.get(oid);
      if (index === undefined) continue;
      owner.indexes.delete(oid);
      return [() => owner.indexes.set(oid, index)];
    }
    return [];
  }

  private async addIndex(
    catalog: Catalog,
    relation: Index,
    epoch: bigint,
    pieces: Pieces,
    entered: (rows: number) => void,
  ): Promise<(() => void)[]> {
    const table = this.tables.get(relation.table);
    const key = uniqueKeyOf(catalog, relation);
    const existing = table?.indexes.get(relation.oid);
    if (table === undefined || key === null) return [];
    if (existing !== undefined) {
      const before = existing.key;
      existing.key = key; // its names may have changed
      return [
        () => {
          existing.key = before;
        },
      ];
    }
    const index = await table.buildIndex(key, epoch, pieces, async (group, read) => {
      await this.pool.pin(table, group);
      try {
        await read();
      } finally {
        this.pool.unpin(group);
      }
      entered(group.rowCount);
    });
    table.indexes.set(relation.oid, index);
    return [() => table.indexes.delete(relation.oid)];
  }

  private *allGroups() {
    for (const table of this.tables.values()) {
      yield* table.groups;
      for (const { groups } of table.past) yield* groups;
    }
  }
}

export function isStored(relation: Relation): boolean {
  return relation.kind === 'table' || relation.kind === 'stream' || relation.kind === 'materialized-view';
}

export function storedColumns(relation: Relation): StoredColumn[] {
  return relation.columns.map(({ attribute, name, type, missing }) =>
    missing === undefined ? { attribute, name, type } : { attribute, name, type, missing },
  );
}

/** The key that a unique index enforces, or null when its table has gone. */
function uniqueKeyOf(catalog: Catalog, index: Index): UniqueKey | null {
  const table = catalog.relations.get(index.table);
  if (table === undefined) return null;
  return {
    indexOid: index.oid,
    name: index.name,
    table: index.table,
    attributes: index.keyAttributes,
    columnNames: index.keyAttributes.map((a) => table.columns.find((c) => c.attribute === a)?.name ?? '?'),
    nullsNotDistinct: index.nullsNotDistinct ?? false,
  };
}

/** The unique keys of a table, as a transaction's catalog has them. */
export function uniqueKeysOf(catalog: Catalog, table: number): UniqueKey[] {
  return catalog
    .indexesOf(table)
    .filter((index) => index.unique)
    .map((index) => uniqueKeyOf(catalog, index)!);
}
