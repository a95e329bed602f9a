// SELECT, the main road: plan (or take the remembered plan), bind parameters, run at a snapshot, hand out batches.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Query } from '../../sql/ast.ts';
import type { StatementResult } from '../row-source.ts';
import { openQuery } from './open-query.ts';
import { currentPlan } from './plan-statement.ts';
import { openWithChanges } from './run-modify.ts';
import { selectLocked } from './select-locked.ts';
import type { RunOf } from './statement-run.ts';

export async function runQuery(run: RunOf<Query>): Promise<StatementResult> {
  const planned = await currentPlan(run.state, run.prepared, run.statement);
  if (planned.failure !== null) throw planned.failure;
  if (planned.bound.locking !== undefined) return selectLocked(run, planned);
  const changed = planned.steps.length > 0 ? await openWithChanges(run, planned) : undefined;
  const rows = await openQuery(
    run.state,
    planned.plan as BatchPlan,
    planned.fields,
    run.parameters,
    planned.bound.relations.read,
    changed,
  );
  return { rows, tag: (count) => `SELECT ${count}` };
}
