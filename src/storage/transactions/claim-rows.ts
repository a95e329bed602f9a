// Unique keys at the moment of INSERT. A row's key is free when neither this transaction, nor another uncommitted one, nor the
// table has it; another's uncommitted key is waited for, as PostgreSQL does. A free key is claimed in the transaction's own index at once.
import { after, type Maybe, recovered, stepwise } from '../../base/maybe.ts';
import type { Batch, Vector } from '../../columns/batch.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { TableStore } from '../tables/table-store.ts';
import { formatKey, type UniqueIndex, uniqueViolation } from '../tables/unique-index.ts';
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

/** Claims the keys of all rows that conflict with none of the `arbiters`' keys (index oids), returns the others. Throws 23505 for other keys. */
export function claimRows(
  claims: Claims,
  table: OwnTable,
  batch: Batch,
  arbiters: readonly number[],
): Maybe<readonly InsertConflict[]> {
  const claim = new Claim(claims, table, batch, arbiters);
  return recovered(
    () =>
      after(
        stepwise(() => claim.next()),
        () => claim.conflicts,
      ),
    (error) => {
      claim.undo();
      throw error;
    },
  );
}

class Claim {
  readonly conflicts: InsertConflict[] = [];
  private readonly claims: Claims;
  private readonly table: OwnTable;
  private readonly batch: Batch;
  private readonly arbiters: readonly number[];
  private readonly keys: readonly { readonly index: UniqueIndex; readonly columns: readonly Vector[] }[];
  private readonly claimed: number[] = [];
  private readonly firstId: number;
  private position = 0;

  constructor(claims: Claims, table: OwnTable, batch: Batch, arbiters: readonly number[]) {
    this.claims = claims;
    this.table = table;
    this.batch = batch;
    this.arbiters = arbiters;
    const keys = table.keys.map((index) => ({ index, columns: table.keyVectors(batch.columns, index.key) }));
    const last = ({ index }: (typeof keys)[number]) => Number(!arbiters.includes(index.key.indexOid));
    // Arbiters first: a conflict with one of them is the row's answer, whatever its other keys are.
    this.keys = arbiters.length === 0 ? keys : keys.sort((a, b) => last(a) - last(b));
    this.firstId = PROVISIONAL + table.rowCount;
  }

  /** The next row; false: there is none. After waiting for a transaction everything may have changed, and the row's keys are checked anew. */
  next(): Maybe<boolean> {
    const { batch, position, claimed } = this;
    if (position === batch.count) return false;
    const row = batch.selection === 0 ? position : this.shared.u32[(batch.selection >>> 2) + position]!;
    const conflict = this.conflictOf(row);
    if (conflict !== null && 'holder' in conflict)
      return this.claims.transaction.wait(conflict.holder).then(() => true);
    this.position++;
    if (conflict !== null) this.conflicts.push(conflict);
    else {
      const rowId = this.firstId + claimed.length;
      for (const { index, columns } of this.keys) index.set(this.shared, columns, row, rowId);
      claimed.push(row);
    }
    return true;
  }

  /** What is in the way of a row: another, or a transaction to wait for. Throws 23505 where it may not be. */
  private conflictOf(row: number): InsertConflict | { readonly holder: Transaction } | null {
    for (const { index, columns } of this.keys) {
      const { indexOid } = index.key;
      const found = keyHolder(this.claims, this.table, index, columns, row);
      if (found === null) continue;
      if (typeof found !== 'number') return { holder: found };
      if (this.arbiters.includes(indexOid)) return { position: this.position, rowId: found, indexOid };
      const { tables } = this.claims;
      throw uniqueViolation(index.key, this.table.relation, formatKey(this.shared, columns, row, tables.format));
    }
    return null;
  }

  /** Claims nothing after all. */
  undo(): void {
    this.claimed.forEach((row, i) => {
      for (const { index, columns } of this.keys) index.delete(this.shared, columns, row, this.firstId + i);
    });
  }

  private get shared(): SharedMemory {
    return this.claims.tables.home.arena.shared;
  }
}

/** The row that has the key, the transaction to wait for, or null: free. */
function keyHolder(
  { transaction, tables, active }: Claims,
  table: OwnTable,
  mine: UniqueIndex,
  columns: readonly Vector[],
  row: number,
): number | Transaction | null {
  const { shared } = tables.home.arena;
  const { indexOid } = mine.key;
  const own = mine.find(shared, columns, row);
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
