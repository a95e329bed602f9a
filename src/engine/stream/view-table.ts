// ViewTable: a materialized view as a relation of the table store, which batch queries scan like a table. Its rows are derived, so they
// are neither logged nor kept over a restart. Row ids of stored rows are remembered in the output's rows.

import { BATCH_ROWS } from '../../columns/batch.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import { RowBuffer } from '../../storage/tables/row-buffer.ts';
import type { TableData } from '../../storage/tables/table-data.ts';
import type { TableStore } from '../../storage/tables/table-store.ts';
import type { Work } from './operator.ts';
import { ROW_ID, STORED, type StoreRows } from './view-output.ts';
import type { RowEmitter } from './weighted-rows.ts';

export class ViewTable {
  private readonly store: TableStore;
  private readonly relation: number;
  private readonly memory: SharedMemory;
  /** row ids of the second and further copies of a row, by row address */
  private readonly copies = new Map<number, number[]>();

  constructor(store: TableStore, relation: number) {
    this.store = store;
    this.relation = relation;
    this.memory = store.home.arena.shared;
  }

  /** The relation's data, or undefined once it has been dropped. */
  private get table(): TableData | undefined {
    const table = this.store.tables.get(this.relation);
    return table === undefined || table.droppedAt !== null ? undefined : table;
  }

  /** Deletes everything: a view is filled anew when its job starts. */
  clear(epoch: bigint): void {
    const { table } = this;
    if (table === undefined || table.groups.length === 0) return;
    table.past.push({ until: epoch, groups: table.groups });
    table.groups = [];
    table.liveRows = 0;
  }

  /** For ViewOutput.store. */
  readonly write: StoreRows = (rows, count, offset, epoch, emitter) =>
    this.writeRows(rows, count, offset, epoch, emitter);

  private *writeRows(rows: number, count: number, offset: number, epoch: bigint, emitter: RowEmitter): Work {
    const { table } = this;
    if (table === undefined) return;
    const { u32, i64 } = this.memory;
    const last = table.groups.at(-1);
    if (last !== undefined && !last.sealed && last.buffer === null) yield this.store.pool.pin(table, last);
    const list = new Uint32Array(BATCH_ROWS);
    for (let at = 0; at < count; at += BATCH_ROWS) {
      let added = 0;
      for (let i = at; i < Math.min(count, at + BATCH_ROWS); i++) {
        const row = u32[(rows >>> 2) + i]!;
        const state = (row + offset) / 8;
        let missing = Number(i64[state]! - i64[state + STORED / 8]!);
        for (; missing < 0; missing++) this.remove(table, row, state, epoch);
        for (; missing > 0; missing--) {
          list[added++] = row;
          if (added === BATCH_ROWS) {
            this.append(table, list, added, offset, epoch, emitter);
            added = 0;
          }
        }
        i64[state + STORED / 8] = i64[state]!;
      }
      this.append(table, list, added, offset, epoch, emitter);
      yield;
    }
  }

  private append(
    table: TableData,
    rows: Uint32Array,
    count: number,
    offset: number,
    epoch: bigint,
    emitter: RowEmitter,
  ): void {
    if (count === 0) return;
    const { u32, i64 } = this.memory;
    const list = emitter.list;
    u32.set(rows.subarray(0, count), list >>> 2);
    const buffer = new RowBuffer(this.store.home, table.columns);
    buffer.append(emitter.batch(list, count, 0).columns, 0, 0, count);
    let i = 0;
    for (const { group, start, count: size } of table.append(buffer, epoch)) {
      for (let n = 0; n < size; n++, i++) {
        const rowId = group.rowIdBase + start + n;
        const row = rows[i]!;
        const at = (row + offset + ROW_ID) / 8;
        if (i64[at] === 0n) i64[at] = BigInt(rowId);
        else this.copies.set(row, [...(this.copies.get(row) ?? []), rowId]);
      }
    }
    buffer.retire();
  }

  private remove(table: TableData, row: number, state: number, epoch: bigint): void {
    const { i64 } = this.memory;
    const copies = this.copies.get(row);
    let rowId: number;
    if (copies !== undefined) {
      rowId = copies.pop()!;
      if (copies.length === 0) this.copies.delete(row);
    } else {
      rowId = Number(i64[state + ROW_ID / 8]!);
      i64[state + ROW_ID / 8] = 0n;
    }
    const group = table.groupOf(rowId);
    if (group === undefined) throw new Error(`row ${rowId} of view ${this.relation} is not there`);
    group.deletes.set(rowId - group.rowIdBase, epoch, Math.max(group.buffer?.capacity ?? 0, group.rowCount));
    table.liveRows--;
  }
}
