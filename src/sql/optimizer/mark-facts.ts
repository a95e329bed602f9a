// What a mark needs to know about the rows of a key besides their values: whether there are any, whether some value is NULL, and for
// order comparisons the least and greatest value. One row per key; distinct, so that incremental views see only facts that change.
import { type AggregateCall, columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { conjunction } from '../../plan/walk-expression.ts';
import { BOOL, INT8 } from '../../types/sql-type.ts';
import { greater, int8, isNull, projectOf } from './build-plan.ts';
import { countCall } from './lower-marks.ts';
import type { Compared } from './mark-join.ts';
import type { RuleContext } from './rule.ts';

export interface Facts {
  readonly plan: LogicalPlan;
  readonly keys: readonly PlanColumn[];
  readonly values: readonly PlanColumn[];
  readonly hasRows: PlanColumn;
  readonly hasNull: PlanColumn;
}

/** Facts about the plan's last `width` columns per value of its first `keyCount` ones. Without keys there is exactly one row. */
export function factsOf(
  plan: LogicalPlan,
  keyCount: number,
  width: number,
  aggregates: readonly Pick<AggregateCall, 'function' | 'type'>[],
  context: RuleContext,
): Facts {
  const value = columnReference(plan.columns.at(-1)!);
  const groupBy = plan.columns.slice(0, keyCount).map(columnReference);
  const fresh = (name: string, type: PlanColumn['type']) => context.column(name, type);
  const keys = groupBy.map((key) => fresh('key', key.type));
  const values = aggregates.map((each) => fresh('bound', each.type));
  const total = fresh('rows', INT8);
  const known = fresh('known', INT8);
  const complete = plan.columns.slice(-width).map((column) => isNull(columnReference(column), true));
  const counted = width === 1 ? countCall(value) : { ...countCall(), filter: conjunction(complete) };
  const calls = aggregates.map((each): AggregateCall => ({ ...countCall(value), ...each }));
  const grouped: LogicalPlan = {
    kind: 'aggregate',
    columns: [...keys, ...values, total, known],
    input: plan,
    groupBy,
    aggregates: [...calls, countCall(), counted],
    groupingSets: null,
  };
  const hasRows = fresh('has_rows', BOOL);
  const hasNull = fresh('has_null', BOOL);
  const columns = [...keys, ...values, hasRows, hasNull];
  const said = projectOf(grouped, columns, [
    ...[...keys, ...values].map(columnReference),
    greater(columnReference(total), int8(0n)),
    greater(columnReference(total), columnReference(known)),
  ]);
  return {
    plan: { kind: 'distinct', columns, input: said, on: null, orderBy: [] },
    keys,
    values,
    hasRows,
    hasNull,
  };
}

export interface Extremes {
  readonly aggregates: readonly Pick<AggregateCall, 'function' | 'type'>[];
  /** whether the comparison holds for some value, over the aggregates' results */
  readonly test: (results: readonly Expression[]) => Expression;
}

/** Which extremes decide a comparison with some value; null: no order is known for it. */
export function extremes({ call, outer, inner, turned }: Compared, context: RuleContext): Extremes | null {
  const definition = context.functions.findScalar(call.function);
  const operator = definition?.operator;
  if (definition === undefined || operator === undefined) return null;
  const type = definition.parameters[turned ? 0 : 1]!;
  const aggregate = (name: 'min' | 'max') => {
    const id = `${name}(${type})`;
    return context.functions.aggregatesNamed(name).some((known) => known.id === id)
      ? { function: id, type: inner.type }
      : null;
  };
  const test = (bound: Expression): Expression => ({ ...call, args: turned ? [bound, outer] : [outer, bound] });
  const least = aggregate('min');
  const greatest = aggregate('max');
  if (least === null || greatest === null) return null;
  if (operator === '<>') {
    return {
      aggregates: [least, greatest],
      test: ([min, max]) => ({ kind: 'or', type: BOOL, args: [test(min!), test(max!)] }),
    };
  }
  if (!['<', '<=', '>', '>='].includes(operator)) return null;
  // x < some y asks the greatest y; some y < x the least.
  const wantsGreatest = operator.startsWith('<') !== turned;
  return { aggregates: [wantsGreatest ? greatest : least], test: ([bound]) => test(bound!) };
}
