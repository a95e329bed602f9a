// Applying a commit to the tables, before it is durable: its rows carry an epoch that nobody reads yet. Should the log fail, it
// is undone without a trace. Checks everything that only the newest state can tell: rows already deleted by others, unique keys.
import type { Catalog } from '../../catalog/catalog.ts';
import { BATCH_ROWS, type Vector } from '../../columns/batch.ts';
import type { Region } from '../../columns/region.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { RelationChange, WriteSet } from '../log/write-set.ts';
import { gatherRows } from './gather-rows.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { GroupRange, TableData } from './table-data.ts';
import type { TableGroup } from './table-group.ts';
import type { TableStore } from './table-store.ts';

export interface InsertedRange {
  readonly table: TableData;
  readonly range: GroupRange;
}

export class AppliedCommit {
  readonly epoch: bigint;
  readonly writes: WriteSet;
  readonly catalog: Catalog;
  readonly inserted: InsertedRange[] = [];
  private readonly deleted: { table: TableData; group: TableGroup; row: number }[] = [];
  private readonly truncated: { table: TableData; groups: TableGroup[]; liveRows: number }[] = [];
  private readonly undoSteps: (() => void)[] = [];
  private readonly pinned: TableGroup[] = [];
  private readonly store: TableStore;

  private constructor(store: TableStore, epoch: bigint, writes: WriteSet, catalog: Catalog) {
    this.store = store;
    this.epoch = epoch;
    this.writes = writes;
    this.catalog = catalog;
  }

  /** Applies it all or throws (23505, 40001, 42P01, 42P07, ...) leaving nothing. `buffers`: the rows to insert. */
  static async apply(
    store: TableStore,
    epoch: bigint,
    writes: WriteSet,
    buffers: readonly { readonly relation: number; readonly buffer: RowBuffer }[],
    catalog: Catalog,
  ): Promise<AppliedCommit> {
    const next =
      writes.catalog !== undefined && writes.catalog.changes.length > 0 ? catalog.apply(writes.catalog) : catalog;
    const applied = new AppliedCommit(store, epoch, writes, next);
    try {
      await applied.run(buffers);
    } catch (error) {
      applied.undo();
      throw error;
    }
    return applied;
  }

  /** Takes everything back. */
  undo(): void {
    for (const step of this.undoSteps.reverse()) step();
    this.undoSteps.length = 0;
    this.unpin();
  }

  /** The rows changed, in batches; valid until `unpin`. */
  changes(region: Region): RelationChange[] {
    const changes: RelationChange[] = [];
    for (const { table, groups } of this.truncated) this.truncatedChanges(table, groups, region, changes);
    for (let at = 0; at < this.deleted.length; ) {
      const { table } = this.deleted[at]!;
      let end = at;
      while (end < this.deleted.length && end - at < BATCH_ROWS && this.deleted[end]!.table === table) end++;
      this.pushDeleted(table, this.deleted.slice(at, end), region, changes);
      at = end;
    }
    for (const { table, range } of this.inserted) {
      for (let at = 0; at < range.count; at += BATCH_ROWS) {
        const count = Math.min(BATCH_ROWS, range.count - at);
        const first = range.group.rowIdBase + range.start + at;
        const batch = {
          columns: range.group.buffer!.vectors(range.start + at),
          count,
          selection: 0,
          weights: 0,
          epoch: this.epoch,
        };
        const rowIds = new Float64Array(count);
        for (let i = 0; i < count; i++) rowIds[i] = first + i;
        changes.push({ relation: table.oid, batch, rowIds });
      }
    }
    return changes;
  }

  /** Remembers which new row replaces which old one, for transactions that wait for the old one. */
  recordSuccessors(): void {
    for (const [relation, replaced] of this.writes.successors ?? []) {
      const ranges = this.inserted.filter(({ table }) => table.oid === relation).map(({ range }) => range);
      const table = this.store.tables.get(relation);
      for (const [old, position] of replaced) {
        const rowId = rowIdAt(ranges, position);
        if (rowId === undefined) continue;
        table?.successors.set(old, rowId);
        this.store.rowReplaced?.(relation, old, rowId);
      }
    }
  }

  unpin(): void {
    for (const group of this.pinned) this.store.pool.unpin(group);
    this.pinned.length = 0;
  }

  private async run(buffers: readonly { readonly relation: number; readonly buffer: RowBuffer }[]): Promise<void> {
    const { writes, epoch, store } = this;
    this.store.pool.makeRoom();
    const touched = (writes.catalog?.changes ?? []).filter((change) => change.kind === 'relation');
    const oids = touched.map((change) => (change.action === 'drop' ? change.oid : change.object.oid));
    this.undoSteps.push(...store.applyCatalog(this.catalog, oids, epoch));
    for (const relation of writes.truncates ?? []) await this.truncate(store.tables.get(relation));
    for (const { relation, rowIds } of writes.deletes ?? []) {
      const table = store.table(relation);
      for (const rowId of rowIds) await this.deleteRow(table, rowId);
    }
    this.undoSteps.push(...(await store.addIndexes(this.catalog, oids, epoch)));
    for (const { relation, buffer } of buffers) await this.insert(store.table(relation), buffer);
  }

  private async truncate(table: TableData | undefined): Promise<void> {
    if (table === undefined || table.droppedAt !== null) return;
    const { groups, liveRows } = table;
    for (const group of groups) await this.pin(table, group);
    for (const group of groups) table.leaveKeys({ group, start: 0, count: group.rowCount }, this.epoch);
    table.past.push({ until: this.epoch, groups });
    table.groups = [];
    table.liveRows = 0;
    this.truncated.push({ table, groups, liveRows });
    this.undoSteps.push(() => {
      table.past.pop();
      table.groups = groups;
      table.liveRows = liveRows;
      for (const group of groups) table.enterKeys({ group, start: 0, count: group.rowCount }, this.epoch, { done: 0 });
    });
  }

  private async deleteRow(table: TableData, rowId: number): Promise<void> {
    const group = table.groupOf(rowId);
    if (group === undefined || group.deletes.at(rowId - group.rowIdBase) !== 0n) {
      throw sqlError('serialization_failure', 'could not serialize access due to concurrent update');
    }
    if (group.buffer === null || group.pins === 0) await this.pin(table, group);
    else this.keep(group);
    const row = rowId - group.rowIdBase;
    const range = { group, start: row, count: 1 };
    table.leaveKeys(range, this.epoch);
    group.deletes.set(row, this.epoch, Math.max(group.buffer!.capacity, group.rowCount));
    table.liveRows--;
    this.deleted.push({ table, group, row });
    this.undoSteps.push(() => {
      group.deletes.clear(row);
      table.liveRows++;
      table.enterKeys(range, this.epoch, { done: 0 });
    });
  }

  private async insert(table: TableData, buffer: RowBuffer): Promise<void> {
    const last = table.groups.at(-1);
    if (last !== undefined && !last.sealed) await this.pin(table, last);
    for (const range of table.append(buffer, this.epoch)) {
      this.keep(range.group);
      this.inserted.push({ table, range });
      this.undoSteps.push(() => table.unappend(range));
    }
    // Keys last, so that what append made is undone whole when one is taken.
    for (let i = 0; i < this.inserted.length; i++) {
      const { table: owner, range } = this.inserted[i]!;
      if (owner !== table || this.entered.has(range)) continue;
      this.entered.add(range);
      const progress = { done: 0 };
      const step = this.undoSteps.length;
      this.undoSteps.push(() => {
        if (progress.done > 0) table.leaveKeys({ ...range, count: progress.done }, this.epoch);
      });
      table.enterKeys(range, this.epoch, progress);
      if (progress.done === 0) this.undoSteps.length = step;
    }
  }

  private readonly entered = new Set<GroupRange>();

  private pushDeleted(
    table: TableData,
    rows: readonly { group: TableGroup; row: number }[],
    region: Region,
    changes: RelationChange[],
  ): void {
    const { shared } = this.store.home.arena;
    const places = rows.map(({ group, row }) => ({ buffer: group.buffer!, row }));
    const columns: Vector[] = gatherRows(shared, places, table.columns, region, (column) =>
      this.store.missingChunk(column),
    );
    const weights = region.allocate(rows.length * 8);
    shared.i64.fill(-1n, weights / 8, weights / 8 + rows.length);
    const rowIds = new Float64Array(rows.length);
    rows.forEach(({ group, row }, i) => {
      rowIds[i] = group.rowIdBase + row;
    });
    const batch = { columns, count: rows.length, selection: 0, weights, epoch: this.epoch };
    changes.push({ relation: table.oid, batch, rowIds });
  }

  private truncatedChanges(
    table: TableData,
    groups: readonly TableGroup[],
    region: Region,
    changes: RelationChange[],
  ): void {
    for (const group of groups) {
      const rows: { group: TableGroup; row: number }[] = [];
      for (let row = 0; row < group.rowCount; row++) {
        if (group.deletes.at(row) === 0n) rows.push({ group, row });
        if (rows.length < BATCH_ROWS && row < group.rowCount - 1) continue;
        if (rows.length > 0) this.pushDeleted(table, rows.splice(0), region, changes);
      }
    }
  }

  private async pin(table: TableData, group: TableGroup): Promise<void> {
    await this.store.pool.pin(table, group);
    this.pinned.push(group);
  }

  private keep(group: TableGroup): void {
    group.pins++;
    this.pinned.push(group);
  }
}

function rowIdAt(ranges: readonly GroupRange[], position: number): number | undefined {
  let left = position;
  for (const { group, start, count } of ranges) {
    if (left < count) return group.rowIdBase + start + left;
    left -= count;
  }
  return undefined;
}
