// SELECT, the main road: plan (or take the remembered plan), bind parameters, run at a snapshot, hand out batches.
import { after, type Maybe } from '../../base/maybe.ts';
import type { BatchContext } from '../../engine/batch/batch-context.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Query } from '../../sql/ast.ts';
import type { StatementResult } from '../row-source.ts';
import { withLockedSubqueries } from './locked-subqueries.ts';
import { openQuery } from './open-query.ts';
import { currentPlan, type PlannedStatement, planStatement } from './plan-statement.ts';
import { openWithChanges } from './run-modify.ts';
import { selectLocked } from './select-locked.ts';
import type { RunOf } from './statement-run.ts';

const selectTag = (count: number) => `SELECT ${count}`;

export function runQuery(run: RunOf<Query>): Maybe<StatementResult> {
  return after(currentPlan(run.state, run.prepared, run.statement), (planned) => {
    if (planned.failure !== null) throw planned.failure;
    const inner = withLockedSubqueries(run);
    return inner === null ? runPlanned(run, planned) : runReplaced(run, inner);
  });
}

/** Its locked subqueries have become rows. */
async function runReplaced(run: RunOf<Query>, replaced: Promise<Query>): Promise<StatementResult> {
  const statement = await replaced;
  const planned = await planStatement(run.state, statement, run.prepared.parameterTypes, { changes: true });
  return runPlanned({ ...run, statement }, planned);
}

function runPlanned(run: RunOf<Query>, planned: PlannedStatement): Maybe<StatementResult> {
  if (planned.bound.locking !== undefined) return selectLocked(run, planned);
  const changed = planned.steps.length > 0 ? openWithChanges(run, planned) : undefined;
  return after(changed, (context) => openRows(run, planned, context));
}

function openRows(
  { state, parameters }: RunOf<Query>,
  { plan, fields, bound }: PlannedStatement,
  context: BatchContext | undefined,
): Maybe<StatementResult> {
  const rows = openQuery(state, plan as BatchPlan, fields, parameters, bound.relations.read, context);
  return after(rows, (opened) => ({ rows: opened, tag: selectTag }));
}
