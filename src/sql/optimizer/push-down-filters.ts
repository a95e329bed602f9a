// Conditions go down to where their columns first exist: through projections (by substitution), into the sides of joins as far as
// outer joins allow, below grouping and partitioning (conditions on the keys), into both branches of set operations, and at last
// into scans. A condition over both sides of an inner join becomes its join condition. Volatile conditions stay where they are.
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, withChildren } from '../../plan/walk.ts';
import { conjunction, conjunctsOf, sameExpression } from '../../plan/walk-expression.ts';
import { filterOf, idsOf } from './build-plan.ts';
import { hasUdf, isEquality, isVolatile, readsAny, readsWithin, substitute, valuesById } from './expression-facts.ts';
import type { PlanOf, Rule, RuleContext } from './rule.ts';

export const PUSH_DOWN_FILTERS: Rule = {
  name: 'push-down-filters',
  reason: 'rows that a condition drops early are not carried, joined, sorted or grouped; scans skip whole chunks',
  apply: (plan, context) => push(plan, [], context),
};

type Conditions = readonly Expression[];

/** The plan under all the conditions. */
function push(plan: LogicalPlan, conditions: Conditions, context: RuleContext): LogicalPlan {
  switch (plan.kind) {
    case 'filter':
      return pushFilter(plan, conditions, context);
    case 'project': {
      const values = valuesById(plan.columns, plan.expressions);
      const fixed = idsOf(plan.columns.filter((_, i) => isVolatile(plan.expressions[i]!, context.functions)));
      const [movable, rest] = split(conditions, (condition) => !readsAny(condition, fixed));
      const below = movable.map((condition) => substitute(condition, values));
      return filterOf(over(plan, push(plan.input, below, context)), rest);
    }
    case 'join':
      return pushJoin(plan, conditions, context);
    case 'apply':
      return pushApply(plan, conditions, context);
    case 'aggregate': {
      if (plan.groupingSets !== null) return above(plan, conditions, context);
      const keys = valuesById(plan.columns, plan.groupBy);
      const ids = new Set(keys.keys());
      const [movable, rest] = split(conditions, (c) => plan.groupBy.length > 0 && readsWithin(c, ids));
      const below = movable.map((condition) => substitute(condition, keys));
      return filterOf(over(plan, push(plan.input, below, context)), rest);
    }
    case 'distinct':
      return pushOverKeys(plan, conditions, plan.on ?? plan.columns.map(columnReference), context);
    case 'window':
      return pushOverKeys(plan, conditions, plan.partitionBy, context);
    case 'sort':
      return over(plan, push(plan.input, conditions, context));
    case 'window-assign':
      // a session's bounds come from all rows of its partition
      if (plan.window.kind === 'session') return pushOverKeys(plan, conditions, plan.partitionBy, context);
      return pushOverKeys(plan, conditions, plan.input.columns.map(columnReference), context);
    case 'project-set':
      return pushOverKeys(plan, conditions, plan.input.columns.map(columnReference), context);
    case 'set-operation':
      return pushSetOperation(plan, conditions, context);
    case 'cte': {
      const definition = push(plan.definition, [], context);
      return { ...plan, definition, body: push(plan.body, conditions, context) };
    }
    case 'scan':
    case 'table-function': {
      const [inside, rest] = split(conditions, (condition) => !hasUdf(condition));
      const added = inside.filter((condition) => !plan.filters.some((known) => sameExpression(known, condition)));
      return filterOf(added.length === 0 ? plan : { ...plan, filters: [...plan.filters, ...added] }, rest);
    }
    default:
      return above(plan, conditions, context);
  }
}

function split(conditions: Conditions, test: (condition: Expression) => boolean): [Expression[], Expression[]] {
  const yes: Expression[] = [];
  const no: Expression[] = [];
  for (const condition of conditions) (test(condition) ? yes : no).push(condition);
  return [yes, no];
}

/** The node over a pushed-down input that has the same columns. */
function over(plan: LogicalPlan, input: LogicalPlan): LogicalPlan {
  return withChildren(plan, [input]);
}

/** Nothing passes this node. */
function above(plan: LogicalPlan, conditions: Conditions, context: RuleContext): LogicalPlan {
  const inputs = childPlans(plan).map((input) => push(input, [], context));
  return filterOf(withChildren(plan, inputs), conditions);
}

function pushFilter(plan: PlanOf<'filter'>, conditions: Conditions, context: RuleContext): LogicalPlan {
  const [fixed, movable] = split(conjunctsOf(plan.condition), (c) => isVolatile(c, context.functions));
  return filterOf(push(plan.input, [...movable, ...conditions], context), fixed);
}

/** Whole groups of rows with equal keys live or die together: conditions on plain key columns pass. */
function pushOverKeys(
  plan: LogicalPlan & { readonly input: LogicalPlan },
  conditions: Conditions,
  keys: readonly Expression[],
  context: RuleContext,
): LogicalPlan {
  const ids = new Set(keys.flatMap((key) => (key.kind === 'column' ? [key.id] : [])));
  const [movable, rest] = split(conditions, (c) => ids.size > 0 && readsAny(c, ids) && readsInput(c, plan, ids));
  return filterOf(over(plan, push(plan.input, movable, context)), rest);
}

/** Of this node's columns, the condition reads only those (and, if correlated, columns from outside). */
function readsInput(condition: Expression, plan: LogicalPlan, ids: ReadonlySet<number>): boolean {
  return !readsAny(condition, idsOf(plan.columns.filter((column) => !ids.has(column.id))));
}

function pushSetOperation(plan: PlanOf<'set-operation'>, conditions: Conditions, context: RuleContext): LogicalPlan {
  const side = (input: LogicalPlan): LogicalPlan => {
    const values = new Map(plan.columns.map((column, i) => [column.id, columnReference(input.columns[i]!)]));
    return push(
      input,
      conditions.map((condition) => substitute(condition, values)),
      context,
    );
  };
  return withChildren(plan, [side(plan.left), side(plan.right)]);
}

/** Which sides a join's own conditions and the conditions above it may go into. */
const JOIN_SIDES = {
  inner: { own: ['left', 'right'], above: ['left', 'right'] },
  left: { own: ['right'], above: ['left'] },
  right: { own: ['left'], above: ['right'] },
  full: { own: [], above: [] },
  semi: { own: ['left', 'right'], above: ['left'] },
  anti: { own: ['right'], above: ['left'] },
  'null-aware-anti': { own: [], above: ['left'] },
  single: { own: [], above: ['left'] },
} as const;

interface Sides {
  readonly left: Expression[];
  readonly right: Expression[];
  readonly both: Expression[];
}

function splitBySide(
  conditions: Conditions,
  leftColumns: readonly PlanColumn[],
  rightColumns: readonly PlanColumn[],
  allowed: readonly ('left' | 'right')[],
): Sides {
  const left = idsOf(leftColumns);
  const right = idsOf(rightColumns);
  const sides: Sides = { left: [], right: [], both: [] };
  for (const condition of conditions) {
    if (allowed.includes('left') && !readsAny(condition, right)) sides.left.push(condition);
    else if (allowed.includes('right') && !readsAny(condition, left)) sides.right.push(condition);
    else sides.both.push(condition);
  }
  return sides;
}

function pushJoin(plan: PlanOf<'join'>, conditions: Conditions, context: RuleContext): LogicalPlan {
  const rules = JOIN_SIDES[plan.type];
  const own = conjunctsOf(plan.condition);
  const inner = plan.type === 'inner';
  const all = inner ? withImplied([...own, ...conditions]) : own;
  const [fixed, movable] = split(all, (condition) => isVolatile(condition, context.functions));
  const mine = splitBySide(movable, plan.left.columns, plan.right.columns, rules.own);
  const theirs = splitBySide(inner ? [] : conditions, plan.left.columns, plan.right.columns, rules.above);
  const left = push(plan.left, [...mine.left, ...theirs.left], context);
  const right = push(plan.right, [...mine.right, ...theirs.right], context);
  if (!inner) {
    const condition = conjunction([...mine.both, ...fixed]);
    return filterOf({ ...plan, left, right, condition }, theirs.both);
  }
  // A user-defined function over both sides cannot be computed inside the join.
  const [outside, inside] = split([...mine.both, ...fixed], hasUdf);
  return filterOf({ ...plan, left, right, condition: conjunction(inside) }, outside);
}

function pushApply(plan: PlanOf<'apply'>, conditions: Conditions, context: RuleContext): LogicalPlan {
  const inner = plan.type === 'inner';
  const all = inner ? [...conjunctsOf(plan.condition), ...conditions] : conjunctsOf(plan.condition);
  const [fixed, movable] = split(all, (condition) => isVolatile(condition, context.functions));
  const mine = splitBySide(movable, plan.left.columns, plan.right.columns, JOIN_SIDES[plan.type].own);
  const theirs = splitBySide(inner ? [] : conditions, plan.left.columns, plan.right.columns, ['left']);
  const left = push(plan.left, [...mine.left, ...theirs.left], context);
  const right = push(plan.right, mine.right, context);
  const condition = conjunction([...mine.both, ...fixed]);
  return filterOf({ ...plan, left, right, condition }, theirs.both);
}

/** a = b and a = constant give b = constant, where a and b have one type. */
function withImplied(conditions: Conditions): Conditions {
  const result = [...conditions];
  const equalities = conditions.filter(isEquality);
  for (const pinned of equalities) {
    const [column, constant] = pinned.args;
    if (column?.kind !== 'column' || (constant?.kind !== 'constant' && constant?.kind !== 'parameter')) continue;
    for (const link of equalities) {
      const [a, b] = link.args;
      if (a?.kind !== 'column' || b?.kind !== 'column' || a.type.name !== b.type.name) continue;
      const other = a.id === column.id ? b : b.id === column.id ? a : undefined;
      if (other === undefined) continue;
      const implied: Expression = { ...pinned, args: [other, constant] };
      if (!result.some((known) => sameExpression(known, implied))) result.push(implied);
    }
  }
  return result;
}
