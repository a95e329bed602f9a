// A plan as rows to pull: started at a fresh snapshot, it frees everything at its end.
import { after, type Maybe } from '../../base/maybe.ts';
import type { Batch } from '../../columns/batch.ts';
import type { BatchContext } from '../../engine/batch/batch-context.ts';
import { type BatchCursor, runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { ParameterValue } from '../portals.ts';
import type { RowSource } from '../row-source.ts';
import type { ResultField } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { openReads } from './open-reads.ts';

/** Starts a plan at a fresh snapshot, or in the `given` context; the row source frees everything at its end. */
export function openQuery(
  state: SessionState,
  plan: BatchPlan,
  fields: readonly ResultField[],
  parameters: readonly ParameterValue[],
  relations: readonly number[],
  given?: BatchContext,
): Maybe<RowSource> {
  return after(
    given ?? openReads(state, relations),
    (context) => new PlanRows(state, plan, parameters, fields, context),
  );
}

class PlanRows implements RowSource {
  readonly fields: readonly ResultField[];
  private readonly state: SessionState;
  private readonly context: BatchContext;
  private readonly cursor: BatchCursor;
  private closed = false;

  constructor(
    state: SessionState,
    plan: BatchPlan,
    parameters: readonly ParameterValue[],
    fields: readonly ResultField[],
    context: BatchContext,
  ) {
    this.fields = fields;
    this.state = state;
    this.context = context;
    this.cursor = runBatchPlan(plan, this.context, parameters);
  }

  next(): Maybe<Batch | null> {
    this.state.checkCancelled();
    return after(this.cursor.next(), (batch) => (batch === null ? after(this.close(), () => null) : batch));
  }

  close(): Maybe<void> {
    if (this.closed) return;
    this.closed = true;
    return after(this.cursor.close(), () => this.context.snapshot.release());
  }
}
