// Projections that do nothing go; two in a row become one where no work is repeated; sorts whose order nobody sees (below another
// sort, an aggregate, a distinct, a join, a set operation) go; a limit moves below a projection, next to the sort it belongs to.
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, expressionsOf, withChildren } from '../../plan/walk.ts';
import { childExpressions } from '../../plan/walk-expression.ts';
import { isVolatile, substitute, valuesById } from './expression-facts.ts';
import type { PlanOf, Rule, RuleContext } from './rule.ts';

export const TIDY_PROJECTS: Rule = {
  name: 'tidy-projects',
  reason: 'every node costs a pass over its rows; other rules leave projections and sorts that do nothing',
  apply: tidy,
};

function tidy(plan: LogicalPlan, context: RuleContext): LogicalPlan {
  const inputs = childPlans(plan).map((input) => tidy(input, context));
  const ordered = withChildren(plan, ignoresOrder(plan, context) ? inputs.map((input) => unsorted(input)) : inputs);
  if (ordered.kind === 'project') return tidyProject(ordered, context);
  if (ordered.kind === 'limit') return tidyLimit(ordered, context);
  return ordered;
}

/** Whether the order of input rows cannot show in the result. */
function ignoresOrder(plan: LogicalPlan, context: RuleContext): boolean {
  switch (plan.kind) {
    case 'sort':
    case 'set-operation':
    case 'join':
      return true;
    case 'aggregate':
      // array_agg and the like, without an ORDER BY of their own, keep the order they get.
      return plan.aggregates.every((call) => context.functions.aggregate(call.function).state.kind === 'vector');
    case 'distinct':
      return plan.on === null;
    default:
      return false;
  }
}

function unsorted(plan: LogicalPlan): LogicalPlan {
  if (plan.kind === 'sort') return unsorted(plan.input);
  if (plan.kind === 'project' || plan.kind === 'filter') return withChildren(plan, [unsorted(plan.input)]);
  return plan;
}

function tidyProject(plan: PlanOf<'project'>, context: RuleContext): LogicalPlan {
  const { input } = plan;
  if (input.kind === 'project' && mayMerge(plan, input, context)) {
    const values = valuesById(input.columns, input.expressions);
    const expressions = plan.expressions.map((expression) => substitute(expression, values));
    return tidyProject({ ...plan, input: input.input, expressions }, context);
  }
  const same =
    plan.columns.length === input.columns.length &&
    plan.columns.every((column, i) => {
      const expression = plan.expressions[i]!;
      return expression.kind === 'column' && expression.id === column.id && input.columns[i]!.id === column.id;
    });
  return same ? input : plan;
}

const isPlain = (expression: Expression): boolean => expression.kind === 'column' || expression.kind === 'constant';

/** No computed column is used twice, no volatile one is moved. */
function mayMerge(outer: PlanOf<'project'>, inner: PlanOf<'project'>, context: RuleContext): boolean {
  const uses = new Map<number, number>();
  const count = (expression: Expression): void => {
    if (expression.kind === 'column') uses.set(expression.id, (uses.get(expression.id) ?? 0) + 1);
    for (const child of childExpressions(expression)) count(child);
  };
  for (const expression of expressionsOf(outer)) count(expression);
  return inner.columns.every((column, i) => {
    const expression = inner.expressions[i]!;
    if (isPlain(expression)) return true;
    return (uses.get(column.id) ?? 0) <= 1 && !isVolatile(expression, context.functions);
  });
}

/** LIMIT over a projection: fewer rows to project, and ORDER BY with LIMIT become neighbours (top-n). */
function tidyLimit(plan: PlanOf<'limit'>, context: RuleContext): LogicalPlan {
  const { input } = plan;
  if (input.kind !== 'project' || input.expressions.some((e) => isVolatile(e, context.functions))) return plan;
  const values = valuesById(input.columns, input.expressions);
  const withTies = plan.withTies?.map((key) => ({ ...key, expression: substitute(key.expression, values) })) ?? null;
  const below = tidyLimit({ ...plan, columns: input.input.columns, input: input.input, withTies }, context);
  return { ...input, input: below };
}
