// The user functions that a plan calls, by oid: what a view needs, and what its role must be allowed to execute.
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, expressionsOf } from '../../plan/walk.ts';
import { childExpressions } from '../../plan/walk-expression.ts';

export function userFunctionsIn(plan: LogicalPlan): number[] {
  const found = new Set<number>();
  const enter = (expression: Expression) => {
    const udf = expression.kind === 'call' ? /^udf:(\d+)$/.exec(expression.function) : null;
    if (udf !== null) found.add(Number(udf[1]));
    for (const child of childExpressions(expression)) enter(child);
  };
  const visit = (node: LogicalPlan) => {
    for (const expression of expressionsOf(node)) enter(expression);
    for (const child of childPlans(node)) visit(child);
  };
  visit(plan);
  return [...found];
}
