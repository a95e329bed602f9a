// WITH queries that are read once become part of the query that reads them, so that conditions and column pruning reach them; those
// that nobody reads go. MATERIALIZED keeps one apart, NOT MATERIALIZED copies it into every reader, as in PostgreSQL.
import { columnReference } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, withChildren } from '../../plan/walk.ts';
import { projectOf } from './build-plan.ts';
import { isVolatilePlan } from './expression-facts.ts';
import { renamePlan } from './rename-plan.ts';
import type { PlanOf, Rule, RuleContext } from './rule.ts';

export const INLINE_CTES: Rule = {
  name: 'inline-ctes',
  reason: 'a definition that is computed apart is computed whole, whatever little of it the query needs',
  apply: inline,
};

function inline(plan: LogicalPlan, context: RuleContext): LogicalPlan {
  const inner = withChildren(
    plan,
    childPlans(plan).map((input) => inline(input, context)),
  );
  if (inner.kind !== 'cte' || changesData(inner.definition)) return inner;
  const uses = countReferences(inner.body, inner.id, false);
  if (uses.total === 0) return inner.body;
  if (inner.materialized === true || isVolatilePlan(inner.definition, context.functions)) return inner;
  if (inner.materialized !== false && (uses.total > 1 || uses.repeated > 0)) return inner;
  return replaceReferences(inner.body, inner, context, { copies: 0 });
}

function changesData(plan: LogicalPlan): boolean {
  return (
    plan.kind === 'insert' || plan.kind === 'update' || plan.kind === 'delete' || childPlans(plan).some(changesData)
  );
}

/** References, and those among them that run more than once (in a recursive step, on the right of an apply). */
function countReferences(plan: LogicalPlan, id: number, repeated: boolean): { total: number; repeated: number } {
  if (plan.kind === 'cte-reference') {
    const one = plan.id === id ? 1 : 0;
    return { total: one, repeated: repeated ? one : 0 };
  }
  const sum = { total: 0, repeated: 0 };
  for (const [i, input] of childPlans(plan).entries()) {
    const inLoop = i === 1 && (plan.kind === 'recursive-cte' || plan.kind === 'apply');
    const below = countReferences(input, id, repeated || inLoop);
    sum.total += below.total;
    sum.repeated += below.repeated;
  }
  return sum;
}

function replaceReferences(
  plan: LogicalPlan,
  cte: PlanOf<'cte'>,
  context: RuleContext,
  state: { copies: number },
): LogicalPlan {
  if (plan.kind === 'cte-reference' && plan.id === cte.id) {
    state.copies += 1;
    const definition = state.copies === 1 ? cte.definition : renamePlan(cte.definition, context);
    return projectOf(definition, plan.columns, definition.columns.map(columnReference));
  }
  const inputs = childPlans(plan).map((input) => replaceReferences(input, cte, context, state));
  return withChildren(plan, inputs);
}
