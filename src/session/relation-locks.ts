// Locks on whole relations: every statement takes the one that PostgreSQL takes, so that DDL waits for those who use a relation and
// they for it. Held to the end of the transaction.
import { FIRST_USER_OID } from '../catalog/catalog.ts';
import type { RelationLockMode } from '../storage/transactions/lock-modes.ts';
import type { SessionState } from './session-state.ts';

/** Waits for all of them, in the order of their oids; relations of the system need none. Throws 40P01, 55P03, 57014. */
export async function lockRelations(
  state: SessionState,
  oids: readonly number[],
  mode: RelationLockMode,
  nowait = false,
): Promise<void> {
  for (const oid of oids.toSorted((a, b) => a - b)) {
    if (oid >= FIRST_USER_OID) await state.transactions.transaction.lockRelation(oid, mode, nowait);
  }
}

/** Takes all that are free; false when one is not. */
export function tryLockRelations(state: SessionState, oids: readonly number[], mode: RelationLockMode): boolean {
  const { transaction } = state.transactions;
  for (const oid of oids) if (oid >= FIRST_USER_OID && !transaction.tryLockRelation(oid, mode)) return false;
  return true;
}

/** A relation found by name, locked; after waiting it is looked up anew, because it may have changed or gone. */
export async function lockFound<R extends { readonly oid: number }>(
  state: SessionState,
  find: () => R,
  mode: RelationLockMode = 'access exclusive',
): Promise<R> {
  for (;;) {
    const before = find();
    await lockRelations(state, [before.oid], mode);
    const after = find();
    if (after.oid === before.oid) return after;
  }
}
