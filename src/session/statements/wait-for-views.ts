// What every statement that reads does first: it waits until the views among its relations have reached the session's last commit.
import { sqlError } from '../../errors/sql-error.ts';
import type { SessionState } from '../session-state.ts';

/** Nothing to wait for: undefined. Throws 55000 for a view of this transaction, 57014 when cancelled, and what a failed view raises. */
export function waitForViews(state: SessionState, relations: readonly number[]): Promise<void> | undefined {
  if (relations.length === 0) return undefined;
  const { storage, streams } = state.services;
  const [own, committed] = [state.catalog(), storage.catalog()];
  for (const oid of own === committed ? [] : relations) {
    const relation = own.relations.get(oid);
    if (relation?.kind !== 'materialized-view' || committed.relations.has(oid)) continue;
    throw sqlError('object_not_in_prerequisite_state', `materialized view "${relation.name}" has not been populated`, {
      hint: 'It is filled when the transaction that creates it has committed.',
    });
  }
  return streams.waitFor(relations, state.lastEpoch, state.cancelFlag);
}
