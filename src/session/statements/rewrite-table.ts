// All rows of a table written anew with other columns: ALTER COLUMN TYPE, ADD COLUMN with a default that each row computes. The
// old rows are read at a snapshot from before, the new ones become the transaction's own, under the table's new definition.
import type { Column, Table } from '../../catalog/objects.ts';
import { runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { replaceExpression } from '../../plan/walk-expression.ts';
import { inLayout } from '../../sql/planner/exact-types.ts';
import type { SessionState } from '../session-state.ts';
import { openBatchContext } from './batch-context.ts';
import { RowProgram } from './row-program.ts';

/** `values`: per column of `after`, in order, an expression over columns whose ids are the attnums of `before`. */
export async function rewriteTable(
  state: SessionState,
  before: Table,
  after: Table,
  values: readonly Expression[],
): Promise<void> {
  const { transaction } = state.transactions;
  const context = openBatchContext(state);
  const cursor = runBatchPlan(scanOf(before), context);
  const program = new RowProgram(state);
  try {
    transaction.edit().putRelation(after);
    transaction.beginRewrite(after.oid);
    const functions = state.services.functions(state.catalog());
    const evaluators = program.compile(
      values.map((value, i) => inLayout(overInput(value, before.columns), after.columns[i]!.type, functions)),
    );
    for (let batch = await cursor.next(); batch !== null; batch = await cursor.next()) {
      state.checkCancelled();
      program.nextBatch();
      await transaction.insert(after.oid, program.evaluate(evaluators, batch));
    }
  } finally {
    program.close();
    await cursor.close();
    context.snapshot.release();
  }
}

function scanOf(table: Table): BatchPlan {
  return {
    kind: 'table-scan',
    relation: table.oid,
    alias: table.name,
    attributes: table.columns.map((column) => column.attribute),
    filters: [],
    types: table.columns.map((column) => column.type),
    names: table.columns.map((column) => column.name),
    rows: 0,
  };
}

/** A column as it is. */
export function columnValue({ attribute, name, type }: Column): Expression {
  return { kind: 'column', id: attribute, name, type };
}

function overInput(expression: Expression, columns: readonly Column[]): Expression {
  return replaceExpression(expression, (node) =>
    node.kind === 'column'
      ? { kind: 'input', type: node.type, index: columns.findIndex((column) => column.attribute === node.id) }
      : undefined,
  );
}
