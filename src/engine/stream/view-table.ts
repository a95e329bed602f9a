// ViewTable: a materialized view as a relation of the table store, which batch queries scan like a table. Its rows are derived, so they
// are neither logged nor kept over a restart. Row ids of stored rows are remembered in the output's rows. They have a budget of bytes.

import { BATCH_ROWS } from '../../columns/batch.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { RowBuffer } from '../../storage/tables/row-buffer.ts';
import type { TableData } from '../../storage/tables/table-data.ts';
import type { TableStore } from '../../storage/tables/table-store.ts';
import { PHYSICAL_WIDTH, physicalOf } from '../../types/sql-type.ts';
import { pause, type Work } from './operator.ts';
import type { RowCopies } from './row-copies.ts';
import { COPIES, ROW_ID, type RowsToStore, STORED, type StoreRows } from './view-output.ts';

export class ViewTable {
  private readonly store: TableStore;
  private readonly relation: number;
  private readonly memory: SharedMemory;
  private readonly budgetBytes: number;

  constructor(store: TableStore, relation: number, budgetBytes: number) {
    this.store = store;
    this.relation = relation;
    this.budgetBytes = budgetBytes;
    this.memory = store.home.arena.shared;
  }

  /** About what a stored row takes: values, null bytes, its place among the deleted rows. */
  private get rowBytes(): number {
    return (this.table?.columns ?? []).reduce((sum, { type }) => sum + PHYSICAL_WIDTH[physicalOf(type)] + 1, 8);
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

  /** For ViewOutput.store. Throws 53200 when the stored rows outgrow their budget. */
  readonly write: StoreRows = (output, epoch) => this.writeRows(output, epoch);

  private *writeRows(output: RowsToStore, epoch: bigint): Work {
    const { table } = this;
    if (table === undefined) return;
    const { u32, i64 } = this.memory;
    const last = table.groups.at(-1);
    if (last !== undefined && !last.sealed && last.buffer === null) yield this.store.pool.pin(table, last);
    pause(output.context); // the table may be another job's meanwhile
    const list = new Uint32Array(BATCH_ROWS);
    for (const { address, count } of output.rows.portions()) {
      let added = 0;
      for (let i = 0; i < count; i++) {
        const row = u32[(address >>> 2) + i]!;
        const state = (row + output.offset) / 8;
        let missing = Number(i64[state]! - i64[state + STORED / 8]!);
        while (missing < 0) {
          this.remove(table, row + output.offset, epoch, output.copies);
          if (++missing % BATCH_ROWS === 0) yield pause(output.context);
        }
        for (; missing > 0; missing--) {
          list[added++] = row;
          if (added < BATCH_ROWS) continue;
          this.append(table, list, added, output, epoch);
          added = 0;
          yield pause(output.context);
        }
        i64[state + STORED / 8] = i64[state]!;
      }
      this.append(table, list, added, output, epoch);
      yield pause(output.context);
    }
  }

  private append(table: TableData, rows: Uint32Array, count: number, output: RowsToStore, epoch: bigint): void {
    if (count === 0) return;
    if ((table.liveRows + count) * this.rowBytes > this.budgetBytes)
      throw sqlError('out_of_memory', 'the rows of a view do not fit into memory');
    const { u32, i64 } = this.memory;
    const { emitter, offset, copies } = output;
    u32.set(rows.subarray(0, count), emitter.list >>> 2);
    const buffer = new RowBuffer(this.store.home, table.columns);
    buffer.append(emitter.batch(emitter.list, count, 0).columns, 0, 0, count);
    let i = 0;
    table.append(buffer, epoch, ({ group, start, count: size }) => {
      for (let n = 0; n < size; n++, i++) {
        const rowId = group.rowIdBase + start + n;
        const state = rows[i]! + offset;
        const at = (state + ROW_ID) / 8;
        if (i64[at] === 0n) i64[at] = BigInt(rowId);
        else copies.push(state + COPIES, rowId);
      }
    });
    buffer.retire();
  }

  /** One copy of the row whose state is at `state`. */
  private remove(table: TableData, state: number, epoch: bigint, copies: RowCopies): void {
    const { i64 } = this.memory;
    let rowId = copies.pop(state + COPIES);
    if (rowId === null) {
      rowId = Number(i64[(state + ROW_ID) / 8]!);
      i64[(state + ROW_ID) / 8] = 0n;
    }
    const group = table.groupOf(rowId);
    if (group === undefined) throw new Error(`row ${rowId} of view ${this.relation} is not there`);
    group.deletes.set(rowId - group.rowIdBase, epoch);
    table.liveRows--;
  }
}
