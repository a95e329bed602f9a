// A copy of a plan in which every column and CTE that it produces has a fresh id: what it takes to use one plan twice in a statement.
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, freeColumns, mapExpressions, replaceDeep, withChildren } from '../../plan/walk.ts';
import type { RuleContext } from './rule.ts';

/** The plan has no subquery expressions any more. Columns that it reads from outside keep their ids. */
export function renamePlan(plan: LogicalPlan, context: RuleContext): LogicalPlan {
  const free = freeColumns(plan);
  const columns = new Map<number, PlanColumn>();
  const ctes = new Map<number, number>();
  collect(plan, (column) => {
    if (!free.has(column.id) && !columns.has(column.id)) {
      columns.set(column.id, { ...column, id: context.column(column.name, column.type).id });
    }
  });
  collectCtes(plan, (id) => ctes.set(id, context.cteId()));
  return rename(plan, columns, ctes);
}

function collect(plan: LogicalPlan, see: (column: PlanColumn) => void): void {
  plan.columns.forEach(see);
  for (const input of childPlans(plan)) collect(input, see);
}

function collectCtes(plan: LogicalPlan, see: (id: number) => void): void {
  if (plan.kind === 'cte' || plan.kind === 'recursive-cte') see(plan.id);
  for (const input of childPlans(plan)) collectCtes(input, see);
}

function rename(
  plan: LogicalPlan,
  columns: ReadonlyMap<number, PlanColumn>,
  ctes: ReadonlyMap<number, number>,
): LogicalPlan {
  const inputs = childPlans(plan).map((input) => rename(input, columns, ctes));
  const inner = mapExpressions(withChildren(plan, inputs), (expression) => renameExpression(expression, columns));
  const produced = inner.columns.map((column) => columns.get(column.id) ?? column);
  const named = { ...inner, columns: produced } as LogicalPlan;
  if (named.kind !== 'cte' && named.kind !== 'cte-reference' && named.kind !== 'recursive-cte') return named;
  return { ...named, id: ctes.get(named.id) ?? named.id };
}

/** The expression over the columns that stand for its own. */
function renameExpression(expression: Expression, columns: ReadonlyMap<number, PlanColumn>): Expression {
  return replaceDeep(expression, (node) => {
    if (node.kind !== 'column') return undefined;
    const column = columns.get(node.id);
    return column === undefined ? undefined : { ...node, id: column.id };
  });
}
