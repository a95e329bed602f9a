// The value of a subquery expression as a column: each form becomes a plan that gives exactly one row per outer row (or at most
// one, for scalar ones), applied to the node's input, and an expression over that row.
//
//   scalar       apply 'single'
//   EXISTS       count(*) > 0; without correlation over the first row only
//   IN, ANY      over the comparison c of every row: true if bool_or(c); NULL if some c is NULL; else false
//   ALL          false if not bool_and(c); NULL if some c is NULL; else true
//   ARRAY        array_agg in the subquery's order, the empty array where there is no row
import { sqlError } from '../../errors/sql-error.ts';
import {
  type AggregateCall,
  columnReference,
  type Expression,
  type PlanColumn,
  type SortKey,
  type SubqueryExpression,
} from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { freeColumns } from '../../plan/walk.ts';
import { arrayOf, BOOL, INT8, type SqlType } from '../../types/sql-type.ts';
import { applyOf, coalesce, FALSE, int8, not, nullOf, projectOf, TRUE } from './build-plan.ts';
import type { RuleContext } from './rule.ts';

/** The comparison of the outer row with one row of the subquery, as a boolean expression over both. */
export function comparisonOf(subquery: SubqueryExpression, plan: LogicalPlan): Expression {
  const parts = subquery.args.map(
    (arg, i): Expression => ({
      kind: 'call',
      type: BOOL,
      function: subquery.operators[i]!,
      args: [arg, columnReference(plan.columns[i]!)],
    }),
  );
  if (parts.length === 1) return parts[0]!;
  if (subquery.operators.every((id) => id.startsWith('=('))) return { kind: 'and', type: BOOL, args: parts };
  if (subquery.operators.every((id) => id.startsWith('<>('))) return { kind: 'or', type: BOOL, args: parts };
  throw sqlError('feature_not_supported', 'ordering of rows against a subquery is not supported', {
    hint: 'Compare the columns one by one in an EXISTS subquery.',
  });
}

export interface SubqueryColumn {
  readonly input: LogicalPlan;
  readonly value: Expression;
}

/** `plan` is the subquery's plan, free of subqueries, with columns that the input does not have. */
export function subqueryColumn(
  input: LogicalPlan,
  subquery: SubqueryExpression,
  plan: LogicalPlan,
  context: RuleContext,
): SubqueryColumn {
  switch (subquery.form) {
    case 'scalar':
      return { input: applyOf('single', input, plan), value: columnReference(plan.columns[0]!) };
    case 'exists':
      return existsColumn(input, subquery, plan, context);
    case 'array':
      return arrayColumn(input, subquery.type, plan, context);
    case 'in':
    case 'quantified':
      return comparedColumn(input, subquery, plan, context);
  }
}

function countCall(arg?: Expression): AggregateCall {
  const call = { type: INT8, distinct: false, filter: null, orderBy: [] };
  return arg === undefined
    ? { ...call, function: 'count()', args: [] }
    : { ...call, function: 'count(any)', args: [arg] };
}

function aggregateOf(input: LogicalPlan, calls: readonly AggregateCall[], columns: readonly PlanColumn[]): LogicalPlan {
  return { kind: 'aggregate', columns, input, groupBy: [], aggregates: calls, groupingSets: null };
}

const greater = (a: Expression, b: Expression): Expression => ({
  kind: 'call',
  type: BOOL,
  function: '>(int8,int8)',
  args: [a, b],
});

function existsColumn(
  input: LogicalPlan,
  subquery: SubqueryExpression,
  plan: LogicalPlan,
  context: RuleContext,
): SubqueryColumn {
  const count = context.column('count', INT8);
  const rows: LogicalPlan =
    freeColumns(plan).size > 0
      ? plan
      : { kind: 'limit', columns: plan.columns, input: plan, limit: int8(1n), offset: null, withTies: null };
  const value = greater(columnReference(count), int8(0n));
  return {
    input: applyOf('single', input, aggregateOf(rows, [countCall()], [count])),
    value: subquery.negated ? not(value) : value,
  };
}

function comparedColumn(
  input: LogicalPlan,
  subquery: SubqueryExpression,
  plan: LogicalPlan,
  context: RuleContext,
): SubqueryColumn {
  const all = subquery.all === true && subquery.form === 'quantified';
  const compared = context.column('compared', BOOL);
  const rows = projectOf(plan, [compared], [comparisonOf(subquery, plan)]);
  const found = context.column(all ? 'all' : 'any', BOOL);
  const total = context.column('rows', INT8);
  const known = context.column('known', INT8);
  const reference = columnReference(compared);
  const fold: AggregateCall = {
    function: all ? 'bool_and(bool)' : 'bool_or(bool)',
    type: BOOL,
    args: [reference],
    distinct: false,
    filter: null,
    orderBy: [],
  };
  const summary = aggregateOf(rows, [fold, countCall(), countCall(reference)], [found, total, known]);
  const value: Expression = {
    kind: 'case',
    type: BOOL,
    branches: [
      { when: all ? not(columnReference(found)) : columnReference(found), then: all ? FALSE : TRUE },
      { when: greater(columnReference(total), columnReference(known)), then: nullOf(BOOL) },
    ],
    otherwise: all ? TRUE : FALSE,
  };
  return { input: applyOf('single', input, summary), value: subquery.negated ? not(value) : value };
}

/** The rows and their order: a sort on top gives the aggregate its ORDER BY, seen through projections of plain columns. */
function orderedRows(plan: LogicalPlan): { rows: LogicalPlan; value: Expression; orderBy: readonly SortKey[] } {
  if (plan.kind === 'sort') return { rows: plan.input, value: columnReference(plan.columns[0]!), orderBy: plan.keys };
  if (plan.kind === 'project' && plan.input.kind === 'sort') {
    return { rows: plan.input.input, value: plan.expressions[0]!, orderBy: plan.input.keys };
  }
  if (plan.kind === 'limit' && plan.input.kind === 'sort') {
    return { rows: plan, value: columnReference(plan.columns[0]!), orderBy: plan.input.keys };
  }
  if (plan.kind === 'project' && plan.input.kind === 'limit' && plan.input.input.kind === 'sort') {
    return { rows: plan.input, value: plan.expressions[0]!, orderBy: plan.input.input.keys };
  }
  return { rows: plan, value: columnReference(plan.columns[0]!), orderBy: [] };
}

function arrayColumn(input: LogicalPlan, type: SqlType, plan: LogicalPlan, context: RuleContext): SubqueryColumn {
  const { rows, value, orderBy } = orderedRows(plan);
  const nested = value.type.name === 'array';
  const column = context.column('array', nested ? value.type : arrayOf(value.type));
  const call: AggregateCall = {
    function: nested ? 'array_agg(anyarray)' : 'array_agg(anynonarray)',
    type: column.type,
    args: [value],
    distinct: false,
    filter: null,
    orderBy,
  };
  const empty: Expression = {
    kind: 'constant',
    type,
    value: { kind: 'array', dimensions: [], lowerBounds: [], elements: [] },
  };
  return {
    input: applyOf('single', input, aggregateOf(rows, [call], [column])),
    value: coalesce([columnReference(column), empty]),
  };
}
