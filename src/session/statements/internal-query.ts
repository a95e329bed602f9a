// Queries that statements run for themselves: whether rows violate a new constraint, which rows refer to a deleted one. They see
// everything that is committed by now and what the transaction has written, whatever its isolation level.

import type { Relation } from '../../catalog/objects.ts';
import { quoteName } from '../../catalog/pg-catalog/index-definition.ts';
import { batchRows } from '../../columns/batch-builder.ts';
import { runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { bindParameters } from '../../plan/bind-parameters.ts';
import type { DataStatement } from '../../sql/ast.ts';
import { parseStatements } from '../../sql/parser/parse.ts';
import type { Datum } from '../../types/datum.ts';
import type { ParameterValue } from '../portals.ts';
import type { SessionState } from '../session-state.ts';
import { openBatchContext } from './batch-context.ts';
import { planUnlocked } from './plan-statement.ts';

/** schema.name as SQL text. */
export function relationSql(state: SessionState, relation: Relation): string {
  return `${quoteName(state.catalog().schemas.get(relation.schemaOid)!.name)}.${quoteName(relation.name)}`;
}

/** The rows of a query. `rowIds`: hidden columns `alias._row_id` may be asked for. */
export async function internalRows(
  state: SessionState,
  sql: string,
  parameters: readonly ParameterValue[] = [],
  rowIds = false,
): Promise<(Datum | null)[][]> {
  const statement = parseStatements(sql)[0]!.statement as DataStatement;
  const planned = await planUnlocked(state, statement, parameters.map((one) => one.type), { unchecked: true, rowIds }); // biome-ignore format: short
  const context = openBatchContext(state, state.transactions.transaction.newestSnapshot());
  const cursor = runBatchPlan(bindParameters(planned.plan as BatchPlan, parameters), context);
  const rows: (Datum | null)[][] = [];
  try {
    for (let batch = await cursor.next(); batch !== null; batch = await cursor.next()) {
      state.checkCancelled();
      rows.push(...batchRows(state.services.arena.shared, batch));
    }
    return rows;
  } finally {
    await cursor.close();
    context.snapshot.release();
  }
}
