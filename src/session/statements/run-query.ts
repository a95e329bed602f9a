// SELECT, the main road: plan (or take the remembered plan), bind parameters, run at a snapshot, hand out batches.
import { runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { bindParameters } from '../../plan/bind-parameters.ts';
import type { Query } from '../../sql/ast.ts';
import type { ParameterValue, PreparedStatement } from '../portals.ts';
import type { RowSource, StatementResult } from '../row-source.ts';
import type { Maybe, ResultField } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { openBatchContext } from './batch-context.ts';
import { isCurrent, type PlannedStatement, planStatement } from './plan-statement.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export async function runQuery(run: RunOf<Query>): Promise<StatementResult> {
  const planned = await currentPlan(run.state, run.prepared, run.statement);
  if (planned.failure !== null) throw planned.failure;
  if (planned.bound.locking !== undefined) {
    unsupported('SELECT ... FOR UPDATE or FOR SHARE', 'UPDATE the row first: that locks it.', run.statement.position);
  }
  const rows = await openQuery(
    run.state,
    planned.plan as BatchPlan,
    planned.fields,
    run.parameters,
    planned.bound.relations.read,
  );
  return { rows, tag: (count) => `SELECT ${count}` };
}

/** The statement's plan: the remembered one while nothing it depends on has changed. */
export function currentPlan(
  state: SessionState,
  prepared: PreparedStatement,
  statement: Query,
): Maybe<PlannedStatement> {
  const known = prepared.plan;
  if (known !== null && isCurrent(known, state)) return known;
  return planStatement(state, statement, prepared.parameterTypes);
}

/** Starts a plan at a fresh snapshot; the row source frees everything at its end. */
export async function openQuery(
  state: SessionState,
  plan: BatchPlan,
  fields: readonly ResultField[],
  parameters: readonly ParameterValue[],
  relations: readonly number[],
): Promise<RowSource> {
  if (relations.length > 0) await state.services.streams.waitFor(relations, state.lastEpoch, state.cancelFlag);
  const context = openBatchContext(state);
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
