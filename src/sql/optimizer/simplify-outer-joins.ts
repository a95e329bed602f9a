// An outer join whose padded rows a condition above always drops is an inner join (or keeps only one side): the condition is NULL or
// false when the columns of the padded side are all NULL.
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, withChildren } from '../../plan/walk.ts';
import { conjunctsOf } from '../../plan/walk-expression.ts';
import { idsOf } from './build-plan.ts';
import { substitute, valuesById } from './expression-facts.ts';
import type { PlanOf, Rule, RuleContext } from './rule.ts';
import { rejectsNull } from './simplify-expressions.ts';

export const SIMPLIFY_OUTER_JOINS: Rule = {
  name: 'simplify-outer-joins',
  reason: 'inner joins can be reordered and let conditions into both sides',
  apply: (plan, context) => simplifyJoins(plan, [], context),
};

/** `above`: conditions that every row this plan gives must pass later. */
function simplifyJoins(plan: LogicalPlan, above: readonly Expression[], context: RuleContext): LogicalPlan {
  switch (plan.kind) {
    case 'filter':
      return withChildren(plan, [simplifyJoins(plan.input, [...conjunctsOf(plan.condition), ...above], context)]);
    case 'sort':
      return withChildren(plan, [simplifyJoins(plan.input, above, context)]);
    case 'project': {
      const values = valuesById(plan.columns, plan.expressions);
      const below = above.map((condition) => substitute(condition, values));
      return withChildren(plan, [simplifyJoins(plan.input, below, context)]);
    }
    case 'join':
      return simplifyJoin(plan, above, context);
    default:
      return withChildren(
        plan,
        childPlans(plan).map((input) => simplifyJoins(input, [], context)),
      );
  }
}

function simplifyJoin(plan: PlanOf<'join'>, above: readonly Expression[], context: RuleContext): LogicalPlan {
  const rejects = (side: LogicalPlan): boolean => {
    const ids = idsOf(side.columns);
    return ids.size > 0 && above.some((condition) => rejectsNull(condition, ids, context));
  };
  let { type } = plan;
  if (type === 'full') {
    const left = rejects(plan.left);
    const right = rejects(plan.right);
    type = left && right ? 'inner' : left ? 'left' : right ? 'right' : 'full';
  }
  if (type === 'left' && rejects(plan.right)) type = 'inner';
  if (type === 'right' && rejects(plan.left)) type = 'inner';
  const own = conjunctsOf(plan.condition);
  const forLeft =
    type === 'inner' || type === 'semi' ? [...above, ...own] : type === 'right' ? own : type === 'full' ? [] : above;
  const forRight = type === 'inner' || type === 'right' ? above : [];
  const right = type === 'inner' || type === 'left' || type === 'semi' ? [...forRight, ...own] : forRight;
  const joined = type === plan.type ? plan : { ...plan, type };
  return withChildren(joined, [simplifyJoins(plan.left, forLeft, context), simplifyJoins(plan.right, right, context)]);
}
