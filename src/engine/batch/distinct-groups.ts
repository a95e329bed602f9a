// Aggregates of DISTINCT values of one expression as two aggregations: the distinct (keys, value) first, which all roads for GROUP BY can
// run, then the aggregates over these without DISTINCT.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { sameText } from './same-text.ts';

type AggregatePlan = Extract<BatchPlan, { kind: 'aggregate' }>;

export interface DistinctGroups {
  readonly inner: AggregatePlan;
  readonly outer: AggregatePlan;
}

/** Null unless all calls are DISTINCT over the same single argument. */
export function distinctGroups(plan: AggregatePlan): DistinctGroups | null {
  const { aggregates, groupBy, groupingSets } = plan;
  const [first] = aggregates;
  if (first === undefined || groupingSets !== null || first.args.length !== 1) return null;
  const argument = first.args[0]!;
  const isSame = (other: Expression | undefined) => sameText(other, argument);
  const suits = aggregates.every((call) => {
    return (
      call.distinct &&
      call.filter === null &&
      call.orderBy.length === 0 &&
      call.args.length === 1 &&
      isSame(call.args[0])
    );
  });
  if (!suits) return null;
  const keys = [...groupBy, argument];
  const types = keys.map((key) => key.type);
  const inner: AggregatePlan = {
    kind: 'aggregate',
    input: plan.input,
    groupBy: keys,
    aggregates: [],
    groupingSets: null,
    types,
    names: types.map((_, i) => `key${i}`),
    rows: Math.max(plan.rows, plan.input.rows / 10),
  };
  const inputs = types.map((type, index): Expression => ({ kind: 'input', type, index }));
  const calls = aggregates.map((call) => ({ ...call, distinct: false, args: inputs.slice(-1) }));
  return { inner, outer: { ...plan, input: inner, groupBy: inputs.slice(0, -1), aggregates: calls } };
}
