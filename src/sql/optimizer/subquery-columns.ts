// The value of a subquery expression as a column: each form becomes a plan that gives one row per outer row (or at most one, for
// scalar ones), applied to the node's input, or a mark, and an expression over that row.
//
//   scalar           apply 'single'
//   EXISTS, IN, ANY  a mark on the comparison; x op ALL q is NOT a mark on NOT (x op y)
//   ARRAY            array_agg in the subquery's order, the empty array where there is no row
import { sqlError } from '../../errors/sql-error.ts';
import {
  type AggregateCall,
  columnReference,
  type Expression,
  type SortKey,
  type SubqueryExpression,
} from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { conjunction } from '../../plan/walk-expression.ts';
import { arrayOf, BOOL, type SqlType } from '../../types/sql-type.ts';
import { applyOf, coalesce, not } from './build-plan.ts';
import { isOneRow, isVolatilePlan, mayFailPlan } from './expression-facts.ts';
import type { Lifted, Place } from './lift-subqueries.ts';
import { aggregateOf } from './lower-marks.ts';
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

/** `plan` is the subquery's plan, free of subqueries, with columns that the input does not have. */
export function subqueryColumn(
  input: LogicalPlan,
  subquery: SubqueryExpression,
  plan: LogicalPlan,
  place: Place,
  context: RuleContext,
): Lifted {
  const guard = mayFailPlan(plan) ? conjunction(place.guards) : null;
  switch (subquery.form) {
    case 'scalar':
      return scalarColumn(input, plan, place, context);
    case 'exists':
      return marked(input, plan, null, { guard, negated: subquery.negated, forNull: place.forNull }, context);
    case 'array':
      return arrayColumn(input, subquery.type, plan, guard, context);
    case 'in':
    case 'quantified': {
      // x op ALL q: not (not (x op y) for some y of q).
      const all = subquery.form === 'quantified' && subquery.all === true;
      const compared = comparisonOf(subquery, plan);
      const negated = subquery.negated !== all;
      return marked(input, plan, all ? not(compared) : compared, { guard, negated, forNull: place.forNull }, context);
    }
  }
}

interface MarkUse {
  readonly guard: Expression | null;
  readonly negated: boolean;
  readonly forNull: boolean | null;
}

function marked(
  input: LogicalPlan,
  plan: LogicalPlan,
  condition: Expression | null,
  { guard, negated, forNull }: MarkUse,
  context: RuleContext,
): Lifted {
  const mark = context.column('mark', BOOL);
  const value = columnReference(mark);
  const nullAsFalse = forNull === negated;
  return {
    input: {
      kind: 'mark',
      columns: [...input.columns, mark],
      left: input,
      right: plan,
      condition,
      guard,
      nullAsFalse,
    },
    value: negated ? not(value) : value,
  };
}

/** What is computed from one aggregate row is computed where it is used, so that its errors are those of that place. */
function scalarColumn(input: LogicalPlan, plan: LogicalPlan, place: Place, context: RuleContext): Lifted {
  const fails = mayFailPlan(plan) || !isOneRow(plan);
  const computed = plan.kind === 'project' && plan.input.kind === 'aggregate' && isOneRow(plan.input);
  if (fails && computed && place.guards.length > 0 && !isVolatilePlan(plan, context.functions)) {
    const guard = mayFailPlan(plan.input) ? conjunction(place.guards) : null;
    return { input: applyOf('single', input, plan.input, [], guard), value: plan.expressions[0]! };
  }
  const guard = fails ? conjunction(place.guards) : null;
  return { input: applyOf('single', input, plan, [], guard), value: columnReference(plan.columns[0]!) };
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

function arrayColumn(
  input: LogicalPlan,
  type: SqlType,
  plan: LogicalPlan,
  guard: Expression | null,
  context: RuleContext,
): Lifted {
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
    input: applyOf('single', input, aggregateOf(rows, [call], [column]), [], guard),
    value: coalesce([columnReference(column), empty]),
  };
}
