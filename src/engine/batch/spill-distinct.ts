// Aggregates of DISTINCT values that do not fit into memory, over few groups: the distinct values of each list of arguments are an aggregation
// without calls, which can be dealt to parts; its rows, and those for the calls without DISTINCT, then come one after the other to one
// aggregation, each call of which takes the rows that are its own.
import { allocateVector, BATCH_ROWS, type Vector } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { AggregateCall, Expression } from '../../plan/expression.ts';
import { BOOL } from '../../types/sql-type.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import { nullVector } from './null-vector.ts';
import { filterRows } from './pass-through.ts';
import { projectedSource, type Source } from './pipeline.ts';
import { sameText } from './same-text.ts';
import { spilledRowsPlan } from './spill-partitions.ts';

type AggregatePlan = Extract<BatchPlan, { kind: 'aggregate' }>;

/** Rows of the keys, then of these columns. */
interface Share {
  readonly columns: readonly Expression[];
  /** of a DISTINCT call: only rows for which it is true */
  readonly filter: Expression | null;
  readonly distinct: boolean;
  readonly calls: AggregateCall[];
}

/** The calls by what their rows are; null where one sorts distinct values by something else. */
function sharesOf({ aggregates }: AggregatePlan): readonly Share[] | null {
  const shares: Share[] = [];
  const plain = aggregates.filter((call) => !call.distinct);
  const inputs = plain.flatMap((call) => [
    ...call.args,
    ...call.orderBy.map((key) => key.expression),
    ...(call.filter === null ? [] : [call.filter]),
  ]);
  if (plain.length > 0) shares.push({ columns: inputs, filter: null, distinct: false, calls: plain });
  for (const call of aggregates) {
    if (!call.distinct) continue;
    const { args, filter, orderBy } = call;
    if (!orderBy.every((key) => args.some((arg) => sameText(arg, key.expression)))) return null;
    const share = shares.find((each) => each.distinct && sameText([each.columns, each.filter], [args, filter]));
    if (share === undefined) shares.push({ columns: args, filter, distinct: true, calls: [call] });
    else share.calls.push(call);
  }
  return shares.some(({ distinct }) => distinct) ? shares : null;
}

/** Null where the plan is not for it. `input` can be read more than once; `each` runs an aggregation in as many parts as it takes. */
export function distinctApart(
  plan: AggregatePlan,
  input: Source,
  context: RunContext,
  each: (plan: AggregatePlan, input: Source) => Batches,
): Batches | null {
  const shares = plan.groupingSets === null ? sharesOf(plan) : null;
  if (shares === null) return null;
  const keys = plan.groupBy.map(({ type }, index): Expression => ({ kind: 'input', type, index }));
  const types = [...keys.map(({ type }) => type)];
  const places = shares.map(({ columns }) => {
    types.push(BOOL, ...columns.map(({ type }) => type));
    return types.length - columns.length;
  });
  const aggregates = plan.aggregates.map((call) => {
    const share = shares.findIndex(({ calls }) => calls.includes(call));
    return overShare(call, shares[share]!, places[share]!);
  });
  const leaf = spilledRowsPlan(types, plan.input.rows);
  const rows = () => taggedRows(plan, shares, input, context, each);
  const over: AggregatePlan = { ...plan, input: leaf, groupBy: keys, aggregates };
  return each(over, { plan: leaf, rows, pipeline: () => null });
}

/** A call over the rows of its share, whose columns begin at `place`, behind the mark of the share. */
function overShare(call: AggregateCall, { columns, distinct }: Share, place: number): AggregateCall {
  const input = (expression: Expression): Expression => {
    const index = place + columns.findIndex((column) => sameText(column, expression));
    return { kind: 'input', type: expression.type, index };
  };
  const mine: Expression = { kind: 'input', type: BOOL, index: place - 1 };
  const filter =
    distinct || call.filter === null ? mine : ({ kind: 'and', type: BOOL, args: [mine, input(call.filter)] } as const);
  const orderBy = call.orderBy.map((key) => ({ ...key, expression: input(key.expression) }));
  return { ...call, distinct: false, args: call.args.map(input), filter, orderBy };
}

/** The keys, then per share a mark that the row is of it, and its columns: NULL in rows of others. */
async function* taggedRows(
  plan: AggregatePlan,
  shares: readonly Share[],
  input: Source,
  context: RunContext,
  each: (plan: AggregatePlan, input: Source) => Batches,
): Batches {
  using own = new OperatorMemory(context);
  const mark = allocateVector(own.region, BOOL);
  context.memory.u8.fill(1, mark.data, mark.data + BATCH_ROWS);
  const absent = shares.map(({ columns }) =>
    [BOOL, ...columns.map(({ type }) => type)].map((type) => nullVector(type, context, own)),
  );
  const width = plan.groupBy.length;
  for (const [number, share] of shares.entries()) {
    const columns = [...plan.groupBy, ...share.columns];
    const rows = share.distinct
      ? each(distinctRows(plan, columns), share.filter === null ? input : filtered(input, share.filter, context))
      : projectedSource(columns, input, context).rows();
    for await (const batch of rows) {
      const others = absent.map((vectors, i): readonly Vector[] =>
        i === number ? [mark, ...batch.columns.slice(width)] : vectors,
      );
      yield { ...batch, columns: [...batch.columns.slice(0, width), ...others.flat()] };
    }
  }
}

function distinctRows(plan: AggregatePlan, groupBy: readonly Expression[]): AggregatePlan {
  const types = groupBy.map(({ type }) => type);
  const names = types.map((_, i) => `column${i + 1}`);
  return { ...plan, groupBy, aggregates: [], types, names, rows: plan.input.rows };
}

function filtered(input: Source, condition: Expression, context: RunContext): Source {
  const { types, names, rows } = input.plan;
  const plan = { kind: 'filter', input: input.plan, condition, types, names, rows } as const;
  return { plan, rows: () => filterRows(plan, input.rows(), context), pipeline: () => null };
}
