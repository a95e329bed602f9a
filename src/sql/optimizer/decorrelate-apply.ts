// Applies become joins: at once where the right side does not read the left one, by extending the left rows where the right side is
// a projection or a set-returning function of them, else by pulling the correlated conditions up (pull-up.ts), else by carrying the outer
// rows through the right side (carry-outer.ts). An aggregate without
// GROUP BY gives a row even for an outer row without matches, so it is a left join, and counts of nothing are 0, not NULL (the
// "count bug"). What remains is run per distinct left row.
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, withChildren } from '../../plan/walk.ts';
import { conjunctsOf } from '../../plan/walk-expression.ts';
import { BOOL } from '../../types/sql-type.ts';
import { extend, filterOf, idsOf, isNull, joinOf, not, projectOf, select, TRUE } from './build-plan.ts';
import { carryOuter } from './carry-outer.ts';
import { estimatePlan } from './estimate-plan.ts';
import { isEquality, isOneRow, isVolatilePlan, substitute } from './expression-facts.ts';
import { lowerMark } from './lower-marks.ts';
import { markJoin } from './mark-join.ts';
import { isCorrelated, type Pulled, pullUp } from './pull-up.ts';
import type { PlanOf, Rule, RuleContext } from './rule.ts';

export const DECORRELATE_APPLY: Rule = {
  name: 'decorrelate-apply',
  reason: 'an apply runs its right side once per left row; a join runs it once',
  apply: decorrelate,
};

function decorrelate(plan: LogicalPlan, context: RuleContext): LogicalPlan {
  const inner = withChildren(
    plan,
    childPlans(plan).map((input) => decorrelate(input, context)),
  );
  if (inner.kind === 'mark') return markJoin(inner, context) ?? decorrelateApplies(lowerMark(inner, context), context);
  return inner.kind === 'apply' ? decorrelateApply(inner, context) : inner;
}

/** The plan, which has no apply but perhaps those at its top, under projections. */
function decorrelateApplies(plan: LogicalPlan, context: RuleContext): LogicalPlan {
  if (plan.kind === 'apply') return decorrelateApply(plan, context);
  return plan.kind === 'project' ? withChildren(plan, [decorrelateApplies(plan.input, context)]) : plan;
}

function decorrelateApply(inner: PlanOf<'apply'>, context: RuleContext): LogicalPlan {
  if (inner.guard !== undefined && inner.guard !== null) return inner;
  if (isVolatilePlan(inner.right, context.functions)) return inner;
  const outer = idsOf(inner.left.columns);
  if (!isCorrelated(inner.right, outer)) return uncorrelated(inner);
  const pulled = pullUp(withoutUselessLimit(inner), outer, context);
  return (
    extendLeft(inner) ??
    existsByFacts(inner, pulled, context) ??
    joinPulled(inner, pulled, context) ??
    carryOuter(inner, estimatePlan(inner.left, context), context, decorrelateApply) ??
    inner
  );
}

/** EXISTS on one comparison that is no equality: the least or greatest value answers it, instead of every pair of rows. */
function existsByFacts(apply: PlanOf<'apply'>, pulled: Pulled | null, context: RuleContext): LogicalPlan | null {
  const { type, left, right } = apply;
  if ((type !== 'semi' && type !== 'anti') || apply.condition !== null || pulled?.conditions.length !== 1) return null;
  if (isEquality(pulled.conditions[0]!)) return null;
  const mark = context.column('mark', BOOL);
  const columns = [...left.columns, mark];
  const marked = markJoin(
    { kind: 'mark', columns, left, right, condition: null, guard: null, nullAsFalse: true },
    context,
  );
  if (marked === null) return null;
  const value = columnReference(mark);
  return select(filterOf(marked, [type === 'semi' ? value : not(value)]), apply.columns);
}

function uncorrelated(apply: PlanOf<'apply'>): LogicalPlan {
  const { type, left, right, condition } = apply;
  if (type !== 'single') return { ...joinOf(type, left, right, conjunctsOf(condition)), columns: apply.columns };
  return isOneRow(right) ? { ...joinOf('left', left, right, []), columns: apply.columns } : apply;
}

/** EXISTS asks whether there is a row: LIMIT 1 and the like below it say nothing. */
function withoutUselessLimit(apply: PlanOf<'apply'>): LogicalPlan {
  const { right } = apply;
  if ((apply.type !== 'semi' && apply.type !== 'anti') || apply.condition !== null) return right;
  const counts = right.kind === 'limit' && right.offset === null && right.limit?.kind === 'constant';
  if (!counts || right.limit?.kind !== 'constant') return right;
  return right.limit.value === null || Number(right.limit.value) > 0 ? right.input : right;
}

const isUnit = (plan: LogicalPlan): boolean =>
  plan.kind === 'values' && plan.columns.length === 0 && plan.rows.length === 1;

/** LATERAL (SELECT expressions) and LATERAL unnest(...): the left rows with more columns, or each several times. */
function extendLeft(apply: PlanOf<'apply'>): LogicalPlan | null {
  const { type, left, right } = apply;
  const conditions = conjunctsOf(apply.condition);
  if (type === 'semi' || type === 'anti' || (type !== 'inner' && conditions.length > 0)) return null;
  if (right.kind === 'project' && isUnit(right.input)) {
    const known = idsOf(left.columns);
    const added = right.columns.flatMap((column, i) => (known.has(column.id) ? [] : [i]));
    const extended = extend(
      left,
      added.map((i) => right.columns[i]!),
      added.map((i) => right.expressions[i]!),
    );
    return withColumns(filterOf(extended, conditions), apply.columns, new Map());
  }
  // Projections above the function that only rename may be kept for a left join too: NULL stays NULL.
  const renaming = right.kind === 'project' ? right : null;
  const rows = renaming === null ? right : renaming.input;
  if (rows.kind !== 'project-set' || !isUnit(rows.input) || type === 'single') return null;
  if (renaming !== null && type !== 'inner' && !renaming.expressions.every((e) => e.kind === 'column')) return null;
  const set: LogicalPlan = {
    ...rows,
    columns: [...left.columns, ...rows.columns],
    input: left,
    outer: rows.outer || type === 'left',
  };
  const values = new Map(renaming?.columns.map((column, i) => [column.id, renaming.expressions[i]!]) ?? []);
  return withColumns(
    filterOf(
      set,
      conditions.map((c) => substitute(c, values)),
    ),
    apply.columns,
    values,
  );
}

function withColumns(
  plan: LogicalPlan,
  columns: readonly PlanColumn[],
  values: ReadonlyMap<number, Expression>,
): LogicalPlan {
  return projectOf(
    plan,
    columns,
    columns.map((column) => values.get(column.id) ?? columnReference(column)),
  );
}

function joinPulled(apply: PlanOf<'apply'>, right: Pulled | null, context: RuleContext): LogicalPlan | null {
  if (right === null) return null;
  const { type, left } = apply;
  const own = conjunctsOf(apply.condition);
  if (right.oneRow) {
    if (type === 'semi' || type === 'anti' || (type === 'left' && own.length > 0)) return null;
    const joined = joinOf('left', left, right.plan, right.conditions);
    const conditions = own.map((condition) => substitute(condition, right.values));
    return withColumns(filterOf(joined, conditions), apply.columns, right.values);
  }
  const conditions = [...own.map((condition) => substitute(condition, right.values)), ...right.conditions];
  if (type === 'semi' || type === 'anti') return joinOf(type, left, right.plan, conditions);
  if (type === 'inner') return withColumns(joinOf('inner', left, right.plan, conditions), apply.columns, right.values);
  if (type === 'single' && !right.atMostOne) return null;
  if (right.values.size === 0)
    return withColumns(joinOf('left', left, right.plan, conditions), apply.columns, right.values);
  // Computed above the join, a value must still be NULL where no row matched.
  const marker = context.column('matched', BOOL);
  const joined = joinOf('left', left, extend(right.plan, [marker], [TRUE]), conditions);
  const guarded = new Map<number, Expression>();
  for (const [id, value] of right.values) {
    const branches = [{ when: isNull(columnReference(marker), true), then: value }];
    guarded.set(id, { kind: 'case', type: value.type, branches, otherwise: null });
  }
  return withColumns(joined, apply.columns, guarded);
}
