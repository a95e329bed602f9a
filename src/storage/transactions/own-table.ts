// OwnTable: what one transaction has written to one relation and not committed: its new rows in buffers, numbered from PROVISIONAL,
// the rows it deleted (its own or the table's), and the keys of its new rows, which other transactions' inserts must wait for.
import type { Batch, Vector } from '../../columns/batch.ts';
import { type ColumnChunk, ROW_GROUP_ROWS } from '../../columns/row-group.ts';
import { sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { BufferHome } from '../tables/group-memory.ts';
import { RowBuffer, type StoredColumn } from '../tables/row-buffer.ts';
import { RowNumbers } from '../tables/row-numbers.ts';
import { columnOf } from '../tables/table-group.ts';
import { duplicatedKey, type FormatDatum, formatKey, UniqueIndex, type UniqueKey } from '../tables/unique-index.ts';

/** Row ids from here on are a transaction's own, not yet committed. */
export const PROVISIONAL = 2 ** 52;

export interface OwnMark {
  readonly rows: number;
  readonly deletes: number;
  readonly truncated: boolean;
}

export class OwnTable {
  readonly relation: number;
  readonly columns: readonly StoredColumn[];
  readonly keys: readonly UniqueIndex[];
  /** all full but the last */
  readonly buffers: RowBuffer[] = [];
  /** row id -> how many deletes came before it */
  readonly deletes = new RowNumbers();
  /** replaced row of the table -> provisional id of its newest version */
  readonly successors = new RowNumbers();
  /** the other way: own row -> the table's row of which it is a version */
  private readonly origins = new RowNumbers();
  /** own rows among the deletes */
  private ownDeletes = 0;
  /** deletes when it was truncated: the table's rows are gone for snapshots since */
  truncatedAt = -1;
  private readonly home: BufferHome;

  constructor(home: BufferHome, relation: number, columns: readonly StoredColumn[], keys: readonly UniqueKey[]) {
    this.home = home;
    this.relation = relation;
    this.columns = columns;
    this.keys = keys.map((key) => new UniqueIndex(key));
  }

  get rowCount(): number {
    return this.buffers.length === 0 ? 0 : (this.buffers.length - 1) * ROW_GROUP_ROWS + this.buffers.at(-1)!.count;
  }

  /** Appends rows `start .. start+count` of the batch (positions of its selection). Keys are the caller's to enter. Throws 53200. */
  append(batch: Batch, selection: number, start: number, count: number): void {
    for (let at = start; at < start + count; ) {
      let buffer = this.buffers.at(-1);
      if (buffer === undefined || buffer.count === ROW_GROUP_ROWS) {
        buffer = new RowBuffer(this.home, this.columns);
        this.buffers.push(buffer);
      }
      const part = Math.min(start + count - at, ROW_GROUP_ROWS - buffer.count);
      try {
        buffer.append(batch.columns, selection, at, part);
      } catch (error) {
        throw toSqlError(error).condition === 'out_of_memory' ? tooManyChanges() : error;
      }
      at += part;
    }
  }

  /** Where an own row lies. */
  place(rowId: number): { buffer: RowBuffer; row: number } {
    const position = rowId - PROVISIONAL;
    return { buffer: this.buffers[Math.floor(position / ROW_GROUP_ROWS)]!, row: position % ROW_GROUP_ROWS };
  }

  keyVectors(vectors: readonly Vector[], key: UniqueKey): Vector[] {
    return key.attributes.map(
      (attribute) => vectors[this.columns.findIndex((column) => column.attribute === attribute)]!,
    );
  }

  /** Deletes a row; an own row's keys are free again. False: it was deleted already. */
  delete(rowId: number): boolean {
    if (this.deletes.has(rowId)) return false;
    this.deletes.set(rowId, this.deletes.size);
    if (rowId >= PROVISIONAL) {
      this.ownDeletes++;
      this.leaveKeys(rowId);
    }
    return true;
  }

  /** An own row takes the place of another, of the table or own. */
  replace(rowId: number, by: number): void {
    const origin = rowId < PROVISIONAL ? rowId : this.origins.get(rowId);
    if (origin === undefined) return;
    this.successors.set(origin, by);
    this.origins.set(by, origin);
  }

  /** The table's row of which an own row is a version, if it is one. */
  originOf(rowId: number): number | undefined {
    return this.origins.get(rowId);
  }

  /** Takes the rows and deletes of the same table from before its columns or keys changed. Throws 23505. */
  adopt(before: OwnTable, missing: (column: StoredColumn) => ColumnChunk, format: FormatDatum): void {
    for (const buffer of before.buffers) {
      const vectors = this.columns.map((column) => columnOf(buffer, column.attribute) ?? missing(column));
      this.append({ columns: vectors, count: buffer.count, selection: 0, weights: 0 }, 0, 0, buffer.count);
    }
    for (const [rowId, order] of before.deletes) this.deletes.set(rowId, order);
    for (const [old, own] of before.successors) this.successors.set(old, own);
    for (const [own, old] of before.origins) this.origins.set(own, old);
    this.truncatedAt = before.truncatedAt;
    this.ownDeletes = before.ownDeletes;
    for (let rowId = PROVISIONAL; rowId < PROVISIONAL + this.rowCount; rowId++) {
      if (!this.deletes.has(rowId)) this.enterNewKeys(rowId, format);
    }
  }

  mark(): OwnMark {
    return { rows: this.rowCount, deletes: this.deletes.size, truncated: this.truncatedAt >= 0 };
  }

  rollbackTo(mark: OwnMark): void {
    if (this.deletes.size > mark.deletes) this.undoDeletes(mark.deletes);
    for (let rowId = PROVISIONAL + this.rowCount - 1; rowId >= PROVISIONAL + mark.rows; rowId--) {
      this.leaveKeys(rowId);
      this.origins.delete(rowId);
    }
    while (this.buffers.length > 0 && (this.buffers.length - 1) * ROW_GROUP_ROWS >= mark.rows)
      this.buffers.pop()!.retire();
    const last = this.buffers.at(-1);
    if (last !== undefined) this.cut(last, mark.rows - (this.buffers.length - 1) * ROW_GROUP_ROWS);
    if (!mark.truncated) this.truncatedAt = -1;
  }

  /** The newest first: keys go back to the row that had them. */
  private undoDeletes(kept: number): void {
    const undone = [...this.deletes].filter(([, before]) => before >= kept).sort(([, a], [, b]) => b - a);
    for (const [rowId] of undone) {
      this.deletes.delete(rowId);
      const origin = this.origins.get(rowId);
      if (origin === undefined) this.successors.delete(rowId);
      else this.successors.set(origin, rowId);
      if (rowId < PROVISIONAL) continue;
      this.ownDeletes--;
      this.enterKeys(rowId);
    }
  }

  /** Rows cut off may still be read by a cursor of before, so they are not written over: the rest moves to a fresh buffer. */
  private cut(last: RowBuffer, count: number): void {
    if (last.count === count) return;
    const fresh = new RowBuffer(this.home, this.columns);
    fresh.append(last.vectors(0), 0, 0, count);
    this.buffers[this.buffers.length - 1] = fresh;
    last.retire();
  }

  /** The buffers to commit: own rows deleted again are left out. Gives the position of each surviving row by its number. */
  survivors(): { buffers: RowBuffer[]; positionOf: (rowId: number) => number } {
    if (this.ownDeletes === 0) return { buffers: this.buffers.splice(0), positionOf: (rowId) => rowId - PROVISIONAL };
    const fresh = new OwnTable(this.home, this.relation, this.columns, []);
    const positions = new RowNumbers();
    let rowId = PROVISIONAL;
    for (const buffer of this.buffers) {
      const batch: Batch = { columns: buffer.vectors(0), count: buffer.count, selection: 0, weights: 0 };
      let from = -1;
      for (let row = 0; row <= buffer.count; row++) {
        const alive = row < buffer.count && !this.deletes.has(rowId + row);
        if (alive) positions.set(rowId + row, positions.size);
        if (alive && from < 0) from = row;
        if (alive || from < 0) continue;
        fresh.append(batch, 0, from, row - from);
        from = -1;
      }
      rowId += buffer.count;
    }
    return { buffers: fresh.buffers, positionOf: (id) => positions.get(id) ?? -1 };
  }

  retire(): void {
    for (const buffer of this.buffers.splice(0)) buffer.retire();
  }

  private leaveKeys(rowId: number): void {
    if (this.keys.length === 0) return;
    const { buffer, row } = this.place(rowId);
    const vectors = buffer.vectors(0);
    for (const index of this.keys) index.delete(buffer.shared, this.keyVectors(vectors, index.key), row, rowId);
  }

  /** As enterKeys, for keys that may be there twice. Throws 23505. */
  private enterNewKeys(rowId: number, format: FormatDatum): void {
    const { buffer, row } = this.place(rowId);
    const vectors = buffer.vectors(0);
    for (const index of this.keys) {
      const columns = this.keyVectors(vectors, index.key);
      if (index.set(buffer.shared, columns, row, rowId) < 0) continue;
      throw duplicatedKey(index.key, this.relation, formatKey(buffer.shared, columns, row, format));
    }
  }

  private enterKeys(rowId: number): void {
    if (this.keys.length === 0) return;
    const { buffer, row } = this.place(rowId);
    const vectors = buffer.vectors(0);
    for (const index of this.keys) index.set(buffer.shared, this.keyVectors(vectors, index.key), row, rowId);
  }
}

function tooManyChanges(): Error {
  return sqlError('out_of_memory', 'the changes of the transaction do not fit into memory', {
    hint: 'Start the server with a larger --memory, or change fewer rows in a transaction.',
  });
}
