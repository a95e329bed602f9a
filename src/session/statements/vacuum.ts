// VACUUM: rows never move by themselves, so a row group stays as long as one row in it lives, however many are dead. VACUUM writes the rows of
// groups that are mostly dead anew, a few thousand in a transaction of their own, as UPDATEs that change nothing: the groups go
// with their last row. Rows that another transaction has locked stay where they are.
import type { Table } from '../../catalog/objects.ts';
import { Region } from '../../columns/region.ts';
import type { Transaction } from '../../storage/transactions/transaction.ts';
import type { SessionState } from '../session-state.ts';

const ROWS_PER_TRANSACTION = 2048;
const ROWS_PER_LOOK = 4096;
const WORK_BYTES = 1_073_741_824;

export async function vacuumTable(state: SessionState, { oid }: Table): Promise<void> {
  const { storage, arena } = state.services;
  const owner = arena.addOwner(WORK_BYTES);
  const region = new Region(arena, owner);
  try {
    for (const { rowIdBase, rowCount } of storage.mostlyDead(oid)) {
      const end = rowIdBase + rowCount;
      for (let from = rowIdBase; from < end; from = await moveRows(state, oid, from, end, region)) region.reset();
    }
  } finally {
    arena.freeOwner(owner);
  }
}

/** Moves some of the rows `from` .. `end` - 1 and tells where to go on. */
async function moveRows(
  state: SessionState,
  relation: number,
  from: number,
  end: number,
  region: Region,
): Promise<number> {
  state.checkCancelled();
  const transaction = state.services.storage.begin();
  transaction.signal = state.waitSignal;
  try {
    await transaction.lockRelation(relation, 'share update exclusive');
    const columns = transaction.catalog().relations.get(relation)?.columns;
    if (columns === undefined) return end; // dropped meanwhile
    const next = await rewrite(transaction, relation, columns, { from, end }, region);
    await transaction.commit(); // no snapshot is open: it frees what is dead now
    return next;
  } finally {
    transaction.rollback(); // unless it has committed
  }
}

async function rewrite(
  transaction: Transaction,
  relation: number,
  columns: Table['columns'],
  range: { readonly from: number; readonly end: number },
  region: Region,
): Promise<number> {
  const snapshot = transaction.snapshot();
  try {
    const { rowIds, next } = await livingRows(snapshot, relation, range.from, range.end);
    const mine = rowIds.filter((rowId) => transaction.tryLockRow(relation, rowId) === 'locked');
    if (mine.length === 0) return next;
    const attributes = columns.map(({ attribute }) => attribute);
    const vectors = await snapshot.rows(relation, mine, attributes, region);
    await transaction.update(relation, mine, { columns: vectors, count: mine.length, selection: 0, weights: 0 });
    return next;
  } finally {
    snapshot.release();
  }
}

async function livingRows(
  snapshot: ReturnType<Transaction['snapshot']>,
  relation: number,
  from: number,
  end: number,
): Promise<{ rowIds: number[]; next: number }> {
  const rowIds: number[] = [];
  let next = from;
  for (; next < end && rowIds.length < ROWS_PER_TRANSACTION; next++) {
    if (next % ROWS_PER_LOOK === 0) await new Promise(setImmediate);
    if (snapshot.isVisible(relation, next)) rowIds.push(next);
  }
  return { rowIds, next };
}
