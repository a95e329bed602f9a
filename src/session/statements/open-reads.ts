// What every statement that reads does first: it opens its snapshot, and waits until the views among its relations are stored as they are
// at it, so that they agree with each other and with the tables, and everybody reads their own commits.
import type { Maybe } from '../../base/maybe.ts';
import type { BatchContext } from '../../engine/batch/batch-context.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { SessionState } from '../session-state.ts';
import { openBatchContext } from './batch-context.ts';

/** A context at a fresh snapshot, whose caller releases it. Throws as `waitForViews` does. */
export function openReads(state: SessionState, relations: readonly number[]): Maybe<BatchContext> {
  const keeps = state.transactions.transaction.takesSnapshotToKeep;
  const context = openBatchContext(state);
  try {
    const waiting = waitForViews(state, relations, keeps);
    if (waiting === undefined) return context;
    return waiting.then(
      () => context,
      (error: unknown) => {
        context.snapshot.release();
        throw error;
      },
    );
  } catch (error) {
    context.snapshot.release();
    throw error;
  }
}

/** `all`: later statements may read other views at this snapshot. Nothing to wait for: undefined. Throws 55000 for a view of this transaction, 57014 when cancelled, and what a failed view raises. */
function waitForViews(state: SessionState, relations: readonly number[], all: boolean): Promise<void> | undefined {
  if (relations.length === 0 && !all) return undefined;
  const { storage, streams } = state.services;
  const [own, committed] = [state.catalog(), storage.catalog()];
  for (const oid of own === committed ? [] : relations) {
    const relation = own.relations.get(oid);
    if (relation?.kind !== 'materialized-view' || committed.relations.has(oid)) continue;
    throw sqlError('object_not_in_prerequisite_state', `materialized view "${relation.name}" has not been populated`, {
      hint: 'It is filled when the transaction that creates it has committed.',
    });
  }
  return streams.waitFor(relations, state.cancelFlag, all);
}
