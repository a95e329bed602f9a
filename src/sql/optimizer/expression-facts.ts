// What rules ask about expressions: may they be moved, copied, computed early; which columns do they read; may they be NULL.
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { mayFail } from '../../plan/sure-expressions.ts';
import { childPlans, columnsIn, expressionsOf } from '../../plan/walk.ts';
import { replaceExpression, someExpression } from '../../plan/walk-expression.ts';

/** Two evaluations may differ, or count: such an expression is never copied, folded, or moved to other rows. */
export function isVolatile(expression: Expression, functions: FunctionRegistry): boolean {
  return someExpression(
    expression,
    (node) => node.kind === 'call' && (functions.findScalar(node.function)?.volatility ?? 'volatile') === 'volatile',
  );
}

export function isVolatilePlan(plan: LogicalPlan, functions: FunctionRegistry): boolean {
  if (expressionsOf(plan).some((expression) => isVolatile(expression, functions))) return true;
  const calls = plan.kind === 'project-set' ? plan.functions : plan.kind === 'table-function' ? [plan.call] : [];
  if (calls.some((call) => functions.tableFunction(call.function).volatility === 'volatile')) return true;
  return childPlans(plan).some((input) => isVolatilePlan(input, functions));
}

const SURE_AGGREGATE = /^(?:count|min|max|bool_and|bool_or|every|array_agg|string_agg|sum|avg)\(/;

/** Whether running the plan may raise an error: one of its expressions does, or a scalar subquery in it gives two rows. */
export function mayFailPlan(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'table-function':
    case 'project-set':
    case 'window':
    case 'window-assign':
    case 'recursive-cte':
      return true;
    case 'apply':
      if (plan.type === 'single' && !isOneRow(plan.right)) return true;
      break;
    case 'limit':
      if ([plan.limit, plan.offset].some((count) => count !== null && count.kind !== 'constant')) return true;
      break;
    case 'aggregate':
      if (plan.aggregates.some((call) => !SURE_AGGREGATE.test(call.function))) return true;
      break;
    default:
      break;
  }
  return expressionsOf(plan).some(mayFail) || childPlans(plan).some(mayFailPlan);
}

/** At most one row, by construction. */
export function isOneRow(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'values':
      return plan.rows.length <= 1;
    case 'aggregate':
      return plan.groupBy.length === 0 && plan.groupingSets === null;
    case 'limit':
      return (
        (plan.limit?.kind === 'constant' && plan.limit.value !== null && Number(plan.limit.value) <= 1) ||
        isOneRow(plan.input)
      );
    case 'project':
    case 'filter':
    case 'sort':
    case 'window':
    case 'distinct':
      return isOneRow(plan.input);
    default:
      return false;
  }
}

/** User-defined functions run in child processes: the planner lifts them out of filters and projections only. */
export function hasUdf(expression: Expression): boolean {
  return someExpression(expression, (node) => node.kind === 'call' && node.function.startsWith('udf:'));
}

/** Whether the expression reads any of these columns. */
export function readsAny(expression: Expression, ids: ReadonlySet<number>): boolean {
  for (const id of columnsIn(expression)) if (ids.has(id)) return true;
  return false;
}

/** Whether every column that the expression reads is one of these. */
export function readsWithin(expression: Expression, ids: ReadonlySet<number>): boolean {
  for (const id of columnsIn(expression)) if (!ids.has(id)) return false;
  return true;
}

/** The expression with columns replaced by what stands for them. */
export function substitute(expression: Expression, values: ReadonlyMap<number, Expression>): Expression {
  return replaceExpression(expression, (node) => (node.kind === 'column' ? values.get(node.id) : undefined));
}

/** What each column is computed from, by id. */
export function valuesById(
  columns: readonly PlanColumn[],
  expressions: readonly Expression[],
): ReadonlyMap<number, Expression> {
  return new Map(expressions.map((expression, i) => [columns[i]!.id, expression]));
}

/** `a = b`, by any type's operator. */
export function isEquality(expression: Expression): expression is Extract<Expression, { kind: 'call' }> {
  return expression.kind === 'call' && expression.args.length === 2 && expression.function.startsWith('=(');
}
