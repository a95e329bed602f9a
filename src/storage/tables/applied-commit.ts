// Applying a commit to the tables, before it is durable: its rows carry an epoch that nobody reads yet. Should the log fail, it
// is undone without a trace. Checks everything that only the newest state can tell: rows already deleted by others, unique keys.
import { after, type Maybe, recovered, stepwise } from '../../base/maybe.ts';
import { eachInPieces, Pieces } from '../../base/pieces.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { BATCH_ROWS } from '../../columns/batch.ts';
import type { Region } from '../../columns/region.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { RelationChange, WriteSet } from '../log/write-set.ts';
import { gatherRows, ownLongValues } from './gather-rows.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { GroupRange, TableData } from './table-data.ts';
import type { TableGroup } from './table-group.ts';
import type { TableStore } from './table-store.ts';
import type { RemovedKeys } from './unique-index.ts';

export interface InsertedRange {
  readonly table: TableData;
  readonly range: GroupRange;
}

interface DeletedRows {
  readonly table: TableData;
  readonly group: TableGroup;
  readonly rows: readonly number[];
}

/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 512;

export class AppliedCommit {
  readonly epoch: bigint;
  readonly writes: WriteSet;
  readonly catalog: Catalog;
  readonly inserted: InsertedRange[] = [];
  private readonly deleted: DeletedRows[] = [];
  private readonly pieces: Pieces;
  /** of what follows once it is durable, when nobody can want it undone any more */
  private readonly publishing = new Pieces();
  /** by relation: old rows that were copied; all that it will be told */
  private readonly old = new Map<number, RelationChange[]>();
  private readonly prepared = new Map<number, RelationChange[]>();
  private readonly truncated: { table: TableData; groups: TableGroup[] }[] = [];
  private readonly undoSteps: (() => void)[] = [];
  private readonly pinned: TableGroup[] = [];
  private readonly store: TableStore;

  private constructor(store: TableStore, epoch: bigint, writes: WriteSet, catalog: Catalog, pieces: Pieces) {
    this.pieces = pieces;
    this.store = store;
    this.epoch = epoch;
    this.writes = writes;
    this.catalog = catalog;
  }

  /** Applies it all or throws (23505, 40001, 42P01, 42P07, ..., what `check` does) leaving nothing. `buffers`: the rows to insert. */
  static apply(
    store: TableStore,
    epoch: bigint,
    writes: WriteSet,
    buffers: readonly { readonly relation: number; readonly buffer: RowBuffer }[],
    catalog: Catalog,
    check?: () => void,
  ): Maybe<AppliedCommit> {
    const next =
      writes.catalog !== undefined && writes.catalog.changes.length > 0 ? catalog.apply(writes.catalog) : catalog;
    const applied = new AppliedCommit(store, epoch, writes, next, new Pieces(check));
    return recovered(
      () => after(applied.run(buffers), () => applied),
      async (error) => {
        await applied.undo();
        throw error;
      },
    );
  }

  /** Takes everything back, in pieces as well: nobody has seen any of it. */
  async undo(): Promise<void> {
    const pieces = new Pieces();
    for (const step of this.undoSteps.reverse()) {
      step();
      const pause = pieces.next();
      if (pause !== undefined) await pause;
    }
    this.undoSteps.length = 0;
    this.unpin();
  }

  /** Remembers which new rows replace which old ones, in pieces; nobody looks before the locks on the old ones are free. */
  prepareSuccessors(): Maybe<void> {
    const all = [...(this.writes.successors ?? [])];
    let at = 0;
    return stepwise(() => {
      const next = all[at++];
      return next === undefined ? false : after(this.recordSuccessors(...next), () => true);
    });
  }

  /** Copies the old rows of the relations that are `wanted`, in pieces: all that takes memory of what they will be told. Throws 53200. */
  gather(region: Region, wanted: (relation: number) => boolean): Maybe<void> {
    const relations = new Set([...this.truncated, ...this.deleted].map(({ table }) => table.oid));
    const left = [...relations].filter((relation) => !this.old.has(relation) && wanted(relation));
    return stepwise(() => {
      const relation = left.shift();
      return relation === undefined ? false : after(this.oldRows(relation, region), () => true);
    });
  }

  /** Makes the changes of the relations that are `wanted` ready, in pieces. */
  async prepare(region: Region, wanted: (relation: number) => boolean): Promise<void> {
    await this.gather(region, wanted);
    for (const relation of this.relations) {
      if (!this.prepared.has(relation) && wanted(relation)) this.prepared.set(relation, this.changesOf(relation));
    }
  }

  isPrepared(wanted: (relation: number) => boolean): boolean {
    for (const relation of this.relations) if (!this.prepared.has(relation) && wanted(relation)) return false;
    return true;
  }

  /** The rows changed in the relations that were prepared, in batches; valid until `unpin`. */
  changes(): RelationChange[] {
    return [...this.prepared.values()].flat();
  }

  /** Tells who holds locks on replaced rows of the newer ones. */
  publishSuccessors(): void {
    for (const relation of this.writes.successors?.keys() ?? []) {
      const table = this.store.tables.get(relation);
      if (table !== undefined) this.store.rowsReplaced?.(relation, table.successors);
    }
  }

  private get relations(): Set<number> {
    const all = [...this.truncated, ...this.deleted, ...this.inserted];
    return new Set(all.map(({ table }) => table.oid));
  }

  /** New rows are told where they lie, which the next commit may change. */
  private changesOf(relation: number): RelationChange[] {
    const changes = [...(this.old.get(relation) ?? [])];
    for (const { table, range } of this.inserted) {
      if (table.oid === relation) this.insertedChanges(table, range, changes);
    }
    return changes;
  }

  private async oldRows(relation: number, region: Region): Promise<void> {
    const changes: RelationChange[] = [];
    this.old.set(relation, changes);
    for (const { table, groups } of this.truncated) {
      if (table.oid !== relation) continue;
      for (const group of groups) await this.deletedChanges({ table, group, rows: liveRows(group) }, region, changes);
    }
    for (const each of this.deleted) {
      if (each.table.oid === relation) await this.deletedChanges(each, region, changes);
    }
  }

  private insertedChanges(table: TableData, range: GroupRange, changes: RelationChange[]): void {
    for (let at = 0; at < range.count; at += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, range.count - at);
      const first = range.group.rowIdBase + range.start + at;
      const columns = range.group.buffer!.vectors(range.start + at);
      const batch = { columns, count, selection: 0, weights: 0, epoch: this.epoch };
      const rowIds = new Float64Array(count);
      for (let i = 0; i < count; i++) rowIds[i] = first + i;
      changes.push({ relation: table.oid, batch, rowIds });
    }
  }

  private recordSuccessors(
    relation: number,
    replaced: Iterable<readonly [rowId: number, position: number]>,
  ): Maybe<void> {
    const ranges = this.inserted.filter(({ table }) => table.oid === relation).map(({ range }) => range);
    const table = this.store.tables.get(relation);
    return eachInPieces(replaced, this.publishing, ([old, position]) => {
      const rowId = rowIdAt(ranges, position);
      if (rowId !== undefined) table?.successors.set(old, rowId);
    });
  }

  unpin(): void {
    for (const group of this.pinned) this.store.pool.unpin(group);
    this.pinned.length = 0;
  }

  private run(buffers: readonly { readonly relation: number; readonly buffer: RowBuffer }[]): Maybe<void> {
    const { writes, store } = this;
    store.pool.makeRoom();
    const changes = (writes.catalog?.changes.length ?? 0) > 0 || (writes.truncates?.length ?? 0) > 0;
    if (changes) return this.runWithDdl(buffers);
    const deletes = writes.deletes ?? [];
    let at = 0;
    return stepwise(() => {
      const step = at++;
      const deleted = deletes[step];
      if (deleted !== undefined) return after(this.delete(store.table(deleted.relation), deleted.rowIds), () => true);
      const inserted = buffers[step - deletes.length];
      if (inserted === undefined) return false;
      return after(this.insert(store.table(inserted.relation), inserted.buffer), () => true);
    });
  }

  private async runWithDdl(buffers: readonly { readonly relation: number; readonly buffer: RowBuffer }[]) {
    const { writes, epoch, store } = this;
    const touched = (writes.catalog?.changes ?? []).filter((change) => change.kind === 'relation');
    const oids = touched.map((change) => (change.action === 'drop' ? change.oid : change.object.oid));
    this.undoSteps.push(...store.applyCatalog(this.catalog, oids, epoch));
    for (const relation of writes.truncates ?? []) this.truncate(store.tables.get(relation));
    for (const { relation, rowIds } of writes.deletes ?? []) await this.delete(store.table(relation), rowIds);
    this.undoSteps.push(...(await store.addIndexes(this.catalog, oids, epoch, this.pieces)));
    for (const { relation, buffer } of buffers) await this.insert(store.table(relation), buffer);
  }

  private truncate(table: TableData | undefined): void {
    if (table === undefined || table.droppedAt !== null) return;
    const { groups, liveRows } = table;
    const enterAgain = table.leaveAllKeys(this.epoch);
    table.past.push({ until: this.epoch, groups });
    table.groups = [];
    table.liveRows = 0;
    this.truncated.push({ table, groups });
    this.store.touched(table);
    this.undoSteps.push(() => {
      table.past.pop();
      table.groups = groups;
      table.liveRows = liveRows;
      enterAgain();
    });
  }

  /** Rows of one group that follow each other go together, in pieces. */
  private delete(table: TableData, rowIds: readonly number[]): Maybe<void> {
    let at = 0;
    return stepwise(() => {
      if (at === rowIds.length) return false;
      const group = table.groupOf(rowIds[at]!);
      if (group === undefined) throw changedMeanwhile();
      const rows: number[] = [];
      for (; at < rowIds.length && rows.length < ROWS_PER_LOOK; at++) {
        const row = rowIds[at]! - group.rowIdBase;
        if (row < 0 || row >= group.rowCount) break;
        rows.push(row);
      }
      const keys = this.removeKeys(table, group, rows);
      return after(keys, (removed) => {
        this.deleteRows({ table, group, rows }, removed);
        return after(this.pieces.next(), () => true);
      });
    });
  }

  /** Takes rows' keys out of the unique indexes: only they need the group's columns. */
  private removeKeys(table: TableData, group: TableGroup, rows: readonly number[]): Maybe<readonly RemovedKeys[]> {
    if (table.indexes.size === 0) return [];
    const { pool } = this.store;
    return after(pool.pin(table, group), () => {
      try {
        return table.removeKeys(group, rows, this.epoch);
      } finally {
        pool.unpin(group);
      }
    });
  }

  private deleteRows(deleted: DeletedRows, keys: readonly RemovedKeys[]): void {
    const { table, group, rows } = deleted;
    let done = 0;
    this.undoSteps.push(() => {
      for (let i = done - 1; i >= 0; i--) group.deletes.clear(rows[i]!);
      table.liveRows += done;
      for (const each of keys) each.putBack();
    });
    for (const row of rows) {
      if (group.deletes.has(row)) throw changedMeanwhile();
      group.deletes.set(row, this.epoch);
      table.liveRows--;
      done++;
    }
    this.deleted.push(deleted);
    this.store.touched(table, group);
  }

  private insert(table: TableData, buffer: RowBuffer): Maybe<void> {
    const last = table.groups.at(-1);
    const pinned = last === undefined || last.sealed ? undefined : this.pin(table, last);
    return after(pinned, () => {
      const ranges: GroupRange[] = [];
      table.append(buffer, this.epoch, (range) => {
        ranges.push(range);
        this.keep(range.group);
        this.inserted.push({ table, range });
        this.store.touched(table, range.group);
        this.undoSteps.push(() => table.unappend(range));
      });
      // Keys last, so that what append made is undone whole when one is taken.
      if (table.indexes.size > 0) return this.enterAllKeys(table, ranges);
    });
  }

  private enterAllKeys(table: TableData, ranges: readonly GroupRange[]): Maybe<void> {
    let [at, done] = [0, 0];
    return stepwise(() => {
      const range = ranges[at];
      if (range === undefined) return false;
      const { group, start, count } = range;
      this.enterKeys(table, { group, start: start + done, count: Math.min(ROWS_PER_LOOK, count - done) });
      done += ROWS_PER_LOOK;
      if (done >= count) [at, done] = [at + 1, 0];
      return after(this.pieces.next(), () => true);
    });
  }

  private enterKeys(table: TableData, range: GroupRange): void {
    const progress = { done: 0 };
    this.undoSteps.push(() => {
      if (progress.done > 0) table.leaveKeys({ ...range, count: progress.done }, this.epoch);
    });
    table.enterKeys(range, this.epoch, progress);
  }

  /** Old values of rows of a group, a batch at a time. */
  private async deletedChanges(deleted: DeletedRows, region: Region, changes: RelationChange[]): Promise<void> {
    const { pool } = this.store;
    await pool.pin(deleted.table, deleted.group);
    try {
      await this.copyRows(deleted, region, changes);
    } finally {
      pool.unpin(deleted.group);
    }
  }

  private async copyRows(
    { table, group, rows }: DeletedRows,
    region: Region,
    changes: RelationChange[],
  ): Promise<void> {
    const { shared } = this.store.home.arena;
    for (let at = 0; at < rows.length; at += BATCH_ROWS) {
      const part = rows.slice(at, at + BATCH_ROWS);
      const places = part.map((row) => ({ buffer: group.buffer!, row }));
      const columns = gatherRows(shared, places, table.columns, region, (column) => this.store.missingChunk(column));
      ownLongValues(shared, places, columns, region);
      const weights = region.allocate(part.length * 8);
      shared.i64.fill(-1n, weights / 8, weights / 8 + part.length);
      const rowIds = Float64Array.from(part, (row) => group.rowIdBase + row);
      const batch = { columns, count: part.length, selection: 0, weights, epoch: this.epoch };
      changes.push({ relation: table.oid, batch, rowIds });
      const pause = this.publishing.next();
      if (pause !== undefined) await pause;
    }
  }

  private pin(table: TableData, group: TableGroup): Maybe<void> {
    return after(this.store.pool.pin(table, group), () => {
      this.pinned.push(group);
    });
  }

  private keep(group: TableGroup): void {
    group.pins++;
    this.pinned.push(group);
  }
}

function changedMeanwhile(): Error {
  return sqlError('serialization_failure', 'could not serialize access due to concurrent update');
}

function liveRows(group: TableGroup): number[] {
  const rows: number[] = [];
  for (let row = 0; row < group.rowCount; row++) if (!group.deletes.has(row)) rows.push(row);
  return rows;
}

function rowIdAt(ranges: readonly GroupRange[], position: number): number | undefined {
  let left = position;
  for (const { group, start, count } of ranges) {
    if (left < count) return group.rowIdBase + start + left;
    left -= count;
  }
  return undefined;
}
