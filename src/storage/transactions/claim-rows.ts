// Unique keys at the moment of INSERT. A row's key is free when neither this transaction, nor another uncommitted one, nor the
// table has it; another's uncommitted key is waited for, as PostgreSQL does. A free key is claimed in the transaction's own index at once.
import type { Batch } from '../../columns/batch.ts';
import type { TableStore } from '../tables/table-store.ts';
import { formatKey, uniqueViolation } from '../tables/unique-index.ts';
import { type OwnTable, PROVISIONAL } from './own-table.ts';
import type { Transaction } from './transaction.ts';

export interface InsertConflict {
  /** of the row in the batch (0..count) */
  readonly position: number;
  readonly rowId: number;
  readonly indexOid: number;
}

interface Claims {
  readonly transaction: Transaction;
  readonly tables: TableStore;
  readonly active: ReadonlySet<Transaction>;
}

/** Claims the keys of all rows that conflict with none of the `arbiters`' keys, returns the others. Throws 23505 for other keys. */
export async function claimRows(
  claims: Claims,
  table: OwnTable,
  batch: Batch,
  { arbiters }: { readonly arbiters: readonly number[] },
): Promise<InsertConflict[]> {
  const { shared } = claims.tables.home.arena;
  // Arbiters first: a conflict with one of them is the row's answer, whatever its other keys are.
  const keys = table.keys
    .map((index) => ({ index, columns: table.keyVectors(batch.columns, index.key) }))
    .sort((a, b) => Number(arbiters.includes(b.index.key.indexOid)) - Number(arbiters.includes(a.index.key.indexOid)));
  const conflicts: InsertConflict[] = [];
  const claimed: { row: number; rowId: number }[] = [];
  const first = PROVISIONAL + table.rowCount;
  try {
    for (let position = 0; position < batch.count; position++) {
      const row = batch.selection === 0 ? position : shared.u32[(batch.selection >>> 2) + position]!;
      let conflict: InsertConflict | null = null;
      for (let i = 0; i < keys.length && conflict === null; i++) {
        const { index, columns } = keys[i]!;
        const found = keyHolder(claims, table, index.key.indexOid, columns, row);
        if (found === null) continue;
        if (typeof found !== 'number') {
          await claims.transaction.wait(found);
          i = -1; // everything may have changed: check this row's keys anew
          continue;
        }
        if (!arbiters.includes(index.key.indexOid)) {
          const name = claims.tables.tables.get(table.relation)?.name ?? '';
          throw uniqueViolation(index.key, name, formatKey(shared, columns, row, claims.tables.format));
        }
        conflict = { position, rowId: found, indexOid: index.key.indexOid };
      }
      if (conflict !== null) {
        conflicts.push(conflict);
        continue;
      }
      const rowId = first + claimed.length;
      for (const { index, columns } of keys) index.set(shared, columns, row, rowId);
      claimed.push({ row, rowId });
    }
  } catch (error) {
    for (const { row, rowId } of claimed)
      for (const { index, columns } of keys) index.delete(shared, columns, row, rowId);
    throw error;
  }
  return conflicts;
}

/** The row that has the key, the transaction to wait for, or null: free. */
function keyHolder(
  { transaction, tables, active }: Claims,
  table: OwnTable,
  indexOid: number,
  columns: Batch['columns'],
  row: number,
): number | Transaction | null {
  const { shared } = tables.home.arena;
  const own = table.keys.find(({ key }) => key.indexOid === indexOid)!.find(shared, columns, row);
  if (own >= 0) return own;
  if (active.size > 1) {
    for (const other of active) {
      if (other === transaction) continue;
      const index = other.own.get(table.relation)?.keys.find(({ key }) => key.indexOid === indexOid);
      if (index !== undefined && index.find(shared, columns, row) >= 0) return other;
    }
  }
  const committed = tables.tables.get(table.relation)?.indexes.get(indexOid)?.find(shared, columns, row) ?? -1;
  if (committed < 0 || table.truncatedAt >= 0 || table.deletes.has(committed)) return null;
  for (const other of active) {
    if (other !== transaction && other.own.get(table.relation)?.deletes.has(committed)) return other; // it may yet roll back, or free the key
  }
  return committed;
}
