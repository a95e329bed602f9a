// A plan as rows to pull: started at a fresh snapshot, it frees everything at its end.
import type { BatchContext } from '../../engine/batch/batch-context.ts';
import { runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { bindParameters } from '../../plan/bind-parameters.ts';
import type { ParameterValue } from '../portals.ts';
import type { RowSource } from '../row-source.ts';
import type { ResultField } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { openBatchContext } from './batch-context.ts';

/** Starts a plan at a fresh snapshot, or in the `given` context; the row source frees everything at its end. */
export async function openQuery(
  state: SessionState,
  plan: BatchPlan,
  fields: readonly ResultField[],
  parameters: readonly ParameterValue[],
  relations: readonly number[],
  given?: BatchContext,
): Promise<RowSource> {
  if (relations.length > 0) await state.services.streams.waitFor(relations, state.lastEpoch, state.cancelFlag);
  const context = given ?? openBatchContext(state);
  const cursor = runBatchPlan(bindParameters(plan, parameters), context);
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await cursor.close();
    context.snapshot.release();
  };
  return {
    fields,
    async next() {
      state.checkCancelled();
      const batch = await cursor.next();
      if (batch === null) await close();
      return batch;
    },
    close,
  };
}
