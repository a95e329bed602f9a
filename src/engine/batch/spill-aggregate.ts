// GROUP BY whose groups do not fit into memory: keys and arguments of all rows are dealt to parts by the hash of the keys, and each part is
// an aggregation of its own. Grouping sets are aggregated one after the other.
import { allocateVector, BATCH_ROWS, type Vector } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { AggregateCall, Expression } from '../../plan/expression.ts';
import { INT4 } from '../../types/sql-type.ts';
import { rowLayout } from '../rows/row-layout.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import { keyedLayout } from './keyed-rows.ts';
import { forgetMeasures } from './measured.ts';
import { nullVector } from './null-vector.ts';
import { isReplayable, projectedSource, type Source } from './pipeline.ts';
import { textOf } from './same-text.ts';
import { distinctApart } from './spill-distinct.ts';
import { type SpillLimit, spillLimit, unlessPast } from './spill-limit.ts';
import { Partitions, type SpillLevel } from './spill-partitions.ts';

type AggregatePlan = Extract<BatchPlan, { kind: 'aggregate' }>;

/** An aggregation over a source, in memory as far as the level allows. */
export type Aggregation = (plan: AggregatePlan, input: Source, level: SpillLevel) => Batches;

/** Bytes of a group's row, at a guess, and per group beside it: entries of a hash table that is about to grow. */
export const GROUP_BYTES = 64;
const GROUP_WORK_BYTES = 64;

/** Groups that are few: one of them may have as many distinct values as do not fit. */
const FEW_GROUPS = 1000;

/** The groups of `whole`, or part by part where memory is short; an input that cannot be read twice is dealt at once if it may not fit. */
export function groupsOrParts(
  plan: AggregatePlan,
  input: Source,
  level: SpillLevel,
  context: RunContext,
  whole: (limit: SpillLimit | null) => Batches,
  each: Aggregation,
): Batches {
  const replayable = isReplayable(plan, context);
  const divides = plan.groupBy.length > 0 && level.divides;
  const hasDistinct = plan.aggregates.some((call) => call.distinct);
  if (!divides && !(hasDistinct && replayable)) return whole(null);
  const limit = spillLimit(GROUP_WORK_BYTES, context);
  if (limit === null) return whole(null);
  const parts = () => {
    if (plan.groupingSets !== null) return setBySet(plan, input, level, context, each);
    const few = hasDistinct && (!divides || plan.rows < FEW_GROUPS);
    const apart = few ? distinctApart(plan, input, context, (some, rows) => each(some, rows, level.anew())) : null;
    return apart ?? (divides ? inParts(plan, input, level, context, each) : whole(null));
  };
  const again = () => {
    forgetMeasures(plan.input, context.batch.analyze);
    return parts();
  };
  if (replayable) return unlessPast(whole(limit), again);
  const { rowBytes } = rowLayout(keysAndArguments(plan, context).expressions.map(({ type }) => type));
  return plan.groupingSets === null && limit.expectsPast(plan.input.rows, rowBytes)
    ? inParts(plan, input, level, context, each)
    : whole(null);
}

/** The keys, then what the calls are about; and the plan over these. */
function keysAndArguments(plan: AggregatePlan, context: RunContext) {
  const expressions: Expression[] = [...plan.groupBy];
  const texts = new Map<string, number>();
  const place = (expression: Expression): Expression => {
    const text = textOf(expression);
    const index = texts.get(text) ?? expressions.push(expression) - 1;
    if (isReplayable(expression, context)) texts.set(text, index);
    return { kind: 'input', type: expression.type, index };
  };
  const aggregates = plan.aggregates.map(
    (call): AggregateCall => ({
      ...call,
      args: call.args.map(place),
      filter: call.filter === null ? null : place(call.filter),
      orderBy: call.orderBy.map((key) => ({ ...key, expression: place(key.expression) })),
    }),
  );
  const groupBy = plan.groupBy.map(({ type }, index): Expression => ({ kind: 'input', type, index }));
  return { expressions, over: { ...plan, groupBy, aggregates } };
}

async function* inParts(
  plan: AggregatePlan,
  input: Source,
  level: SpillLevel,
  context: RunContext,
  each: Aggregation,
): Batches {
  const { expressions, over } = keysAndArguments(plan, context);
  const types = expressions.map(({ type }) => type);
  const parts = await Partitions.open(keyedLayout(types, over.groupBy), level, context);
  try {
    await parts.addAll(projectedSource(expressions, input, context));
    await parts.finish();
    level.tell([parts]);
    for (const part of parts.numbers) {
      const rows = parts.countOf(part);
      if (rows === 0) continue;
      const source = parts.source(part, types);
      const below = level.below(rows === parts.count);
      yield* each({ ...over, input: source.plan, rows: Math.min(rows, plan.rows) }, source, below);
    }
  } finally {
    await parts.close();
  }
}

async function* setBySet(
  plan: AggregatePlan,
  input: Source,
  level: SpillLevel,
  context: RunContext,
  each: Aggregation,
): Batches {
  using own = new OperatorMemory(context);
  const absent = plan.groupBy.map(({ type }) => nullVector(type, context, own));
  const ordinal = allocateVector(own.region, INT4);
  for (const [number, set] of plan.groupingSets!.entries()) {
    context.kernels.get('fill_u32')(ordinal.data, number, BATCH_ROWS);
    const groupBy = set.map((key) => plan.groupBy[key]!);
    const types = [...groupBy, ...plan.aggregates].map(({ type }) => type);
    const one: AggregatePlan = {
      ...plan,
      groupBy,
      groupingSets: null,
      types,
      names: types.map((_, i) => `column${i + 1}`),
    };
    for await (const batch of each(one, input, level)) {
      const keys: Vector[] = [...absent];
      set.forEach((key, i) => {
        keys[key] = batch.columns[i]!;
      });
      yield { ...batch, columns: [...keys, ...batch.columns.slice(set.length), ordinal] };
    }
  }
}
