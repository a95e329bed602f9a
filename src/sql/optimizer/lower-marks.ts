// Marks that no join could make (mark-join.ts) become aggregates over the comparison c with every right row, one per left row:
//
//   mark without a condition    count(*) > 0; without correlation over the first row only
//   mark on c                   true if bool_or(c); NULL if some c is NULL; else false
import { type AggregateCall, columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, freeColumns, withChildren } from '../../plan/walk.ts';
import { BOOL, INT8 } from '../../types/sql-type.ts';
import { applyOf, FALSE, greater, int8, nullOf, projectOf, TRUE } from './build-plan.ts';
import type { PlanOf, Rule, RuleContext } from './rule.ts';

export const LOWER_MARKS: Rule = {
  name: 'lower-marks',
  reason: 'the planner knows joins, applies and aggregates; a mark is only said in their words',
  mandatory: true,
  apply: lower,
};

function lower(plan: LogicalPlan, context: RuleContext): LogicalPlan {
  const inner = withChildren(
    plan,
    childPlans(plan).map((input) => lower(input, context)),
  );
  return inner.kind === 'mark' ? lowerMark(inner, context) : inner;
}

/** A projection over an apply of one aggregate row. */
export function lowerMark(mark: PlanOf<'mark'>, context: RuleContext): LogicalPlan {
  const { left, right, condition, guard } = mark;
  const { row, value } = condition === null ? exists(right, context) : compared(right, condition, context);
  const joined = applyOf('single', left, row, [], guard);
  return projectOf(joined, mark.columns, [...left.columns.map(columnReference), value]);
}

interface OneRow {
  readonly row: LogicalPlan;
  readonly value: Expression;
}

export function countCall(arg?: Expression): AggregateCall {
  const call = { type: INT8, distinct: false, filter: null, orderBy: [] };
  return arg === undefined
    ? { ...call, function: 'count()', args: [] }
    : { ...call, function: 'count(any)', args: [arg] };
}

export function aggregateOf(
  input: LogicalPlan,
  calls: readonly AggregateCall[],
  columns: readonly PlanColumn[],
): LogicalPlan {
  return { kind: 'aggregate', columns, input, groupBy: [], aggregates: calls, groupingSets: null };
}

function exists(right: LogicalPlan, context: RuleContext): OneRow {
  const count = context.column('count', INT8);
  const rows: LogicalPlan =
    freeColumns(right).size > 0
      ? right
      : { kind: 'limit', columns: right.columns, input: right, limit: int8(1n), offset: null, withTies: null };
  return { row: aggregateOf(rows, [countCall()], [count]), value: greater(columnReference(count), int8(0n)) };
}

function compared(right: LogicalPlan, condition: Expression, context: RuleContext): OneRow {
  const compared = context.column('compared', BOOL);
  const rows = projectOf(right, [compared], [condition]);
  const found = context.column('any', BOOL);
  const total = context.column('rows', INT8);
  const known = context.column('known', INT8);
  const reference = columnReference(compared);
  const fold: AggregateCall = { ...countCall(reference), function: 'bool_or(bool)', type: BOOL };
  const branches = [
    { when: columnReference(found), then: TRUE },
    { when: greater(columnReference(total), columnReference(known)), then: nullOf(BOOL) },
  ];
  return {
    row: aggregateOf(rows, [fold, countCall(), countCall(reference)], [found, total, known]),
    value: { kind: 'case', type: BOOL, branches, otherwise: FALSE },
  };
}
