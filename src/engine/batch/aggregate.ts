// GROUP BY: group rows in a hash table (one row and no table without GROUP BY), aggregate states behind the keys. Grouping sets run
// one table each over the same input. DISTINCT arguments pass a table of (group, arguments) first.
import { allocateVector, BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { AggregateCall } from '../../plan/expression.ts';
import { INT4 } from '../../types/sql-type.ts';
import type { AggregateContext, AggregateState } from '../aggregates/aggregate-state.ts';
import { type AggregateRequest, aggregateBytes, createAggregate } from '../aggregates/create-aggregate.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate, type Predicate } from '../expressions/compile-predicate.ts';
import { RowHashTable } from '../rows/hash-table.ts';
import { rowLayout } from '../rows/row-layout.ts';
import { type HandedRows, RowReader } from '../rows/row-store.ts';
import { aggregateRequest, rowContext } from './aggregate-calls.ts';
import { aggregateInput } from './aggregate-input.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { distinctGroups } from './distinct-groups.ts';
import { generatedAggregate } from './generated-aggregate.ts';
import { nullVector } from './null-vector.ts';
import { isImmutable, type Pipeline, type Source } from './pipeline.ts';
import { mergeShares, runPipeline } from './run-pipeline.ts';
import { type Aggregation, GROUP_BYTES, groupsOrParts } from './spill-aggregate.ts';
import { memoryWatch, type SpillLimit } from './spill-limit.ts';
import { SpillLevel } from './spill-partitions.ts';

type AggregatePlan = Extract<BatchPlan, { kind: 'aggregate' }>;
const MANY_GROUPS = 20_000;

/** One call: its states, arguments, filter and duplicates seen. */
class CallRunner {
  readonly state: AggregateState;
  private readonly args: { evaluate(batch: Batch, selection: number, count: number): Vector[] } | null;
  private readonly filter: Predicate | null;
  private readonly seen: RowHashTable | null;
  private readonly argCount: number;

  constructor(
    call: AggregateCall,
    request: AggregateRequest,
    offset: number,
    context: RunContext,
    own: OperatorMemory,
  ) {
    const expressions = expressionContext(context, own);
    const inputs = [...call.args, ...call.orderBy.map((key) => key.expression)];
    this.args = inputs.length === 0 ? null : compileExpressions(inputs, expressions);
    this.filter = call.filter === null ? null : compilePredicate(call.filter, expressions);
    const within: AggregateContext = { ...rowContext(context), region: own.region, heap: own.heap };
    this.state = createAggregate(within, request, offset, context.batch.evaluation);
    const layout = rowLayout([INT4, ...call.args.map((arg) => arg.type)]);
    this.seen = call.distinct ? new RowHashTable(rowContext(context), layout, layout.columns.length, 4) : null;
    this.argCount = call.args.length;
  }

  get seenCount(): number {
    return this.seen?.count ?? 0;
  }

  update(rows: number, batch: Batch): void {
    let { selection, count } = batch;
    if (this.filter !== null) ({ selection, count } = this.filter.select(batch));
    if (count === 0) return;
    const args = this.args === null ? [] : this.args.evaluate(batch, selection, count);
    if (this.seen !== null) {
      const group: Vector = { type: INT4, physical: 'i32', data: rows, nulls: 0 };
      const { fresh, freshCount } = this.seen.findOrInsert([group, ...args.slice(0, this.argCount)], selection, count);
      selection = fresh;
      count = freshCount;
      if (count === 0) return;
    }
    this.state.update(rows, args, selection, count, batch.weights);
  }

  release(): void {
    this.state.release();
    this.seen?.release();
  }
}

/** The groups of one grouping set. */
export class Groups {
  private readonly table: RowHashTable;
  private readonly runners: readonly CallRunner[];
  private readonly keys: readonly number[];
  private readonly context: RunContext;
  private readonly constant: number;

  constructor(plan: AggregatePlan, keys: readonly number[], context: RunContext, own: OperatorMemory) {
    this.context = context;
    this.keys = keys;
    const requests = plan.aggregates.map((call) => aggregateRequest(call, context));
    const bytes = requests.reduce((sum, request) => sum + aggregateBytes(request), 0);
    const layout = rowLayout(
      keys.map((key) => plan.groupBy[key]!.type),
      bytes,
    );
    this.table = new RowHashTable(rowContext(context), layout, keys.length, plan.rows > MANY_GROUPS ? 8 : 3);
    let offset = layout.stateOffset;
    this.runners = plan.aggregates.map((call, i) => {
      const runner = new CallRunner(call, requests[i]!, offset, context, own);
      offset += aggregateBytes(requests[i]!);
      return runner;
    });
    this.constant = own.region.allocate(BATCH_ROWS * 4);
    if (keys.length === 0) {
      const { rows } = this.table.findOrInsert([], 0, 1);
      context.kernels.get('fill_u32')(this.constant, context.memory.u32[rows >>> 2]!, BATCH_ROWS);
    }
  }

  update(batch: Batch, keys: readonly Vector[]): void {
    const { selection, count } = batch;
    const rows =
      this.keys.length === 0
        ? this.constant
        : this.table.findOrInsert(
            this.keys.map((key) => keys[key]!),
            selection,
            count,
          ).rows;
    for (const runner of this.runners) runner.update(rows, batch);
  }

  /** Result batches: group columns (NULL where not in this set), aggregates, and the set's ordinal if there are sets. */
  async *results(plan: AggregatePlan, ordinal: number | null, own: OperatorMemory): Batches {
    const { kernels } = this.context;
    const { layout } = this.table.store;
    const reader = new RowReader(rowContext(this.context), own.region, layout);
    const list = own.region.allocate(BATCH_ROWS * 4);
    const absent = plan.groupBy.map((key, i) =>
      this.keys.includes(i) ? null : nullVector(key.type, this.context, own),
    );
    const ordinals = ordinal === null ? [] : [allocateVector(own.region, INT4)];
    for (const vector of ordinals) kernels.get('fill_u32')(vector.data, ordinal ?? 0, BATCH_ROWS);
    for (const { address, count } of this.table.store.portions()) {
      own.heap.reset();
      kernels.get('sequence_u32')(list, address, layout.rowBytes, count);
      const keys = reader.gather(list, 0, count);
      const groups = plan.groupBy.map((_, i) => absent[i] ?? keys[this.keys.indexOf(i)]!);
      const values: Vector[] = [];
      for (const { state } of this.runners) {
        const slow = state.finishInPieces?.(list, count, this.context.pause);
        values.push(slow === undefined ? state.finish(list, count) : await slow);
      }
      yield { columns: [...groups, ...values, ...ordinals], count, selection: 0, weights: 0 };
      await this.context.pause();
    }
  }

  /** Groups so far, or values of a DISTINCT call that were seen, whichever are more. */
  get count(): number {
    return Math.max(this.table.count, ...this.runners.map((runner) => runner.seenCount));
  }

  /** Whether groups made by other threads can be merged into these. */
  get merges(): boolean {
    return this.runners.every((runner) => runner.state.combines);
  }

  /** The group rows, for another thread; this table is empty then. */
  handOver(): HandedRows {
    const values = this.runners.flatMap(({ state }) => state.handOver?.() ?? []);
    return { ...this.table.store.handOver(), values };
  }

  /** Adds the groups of another table of the same plan. */
  async merge({ segments }: HandedRows, own: OperatorMemory, watch: () => void): Promise<void> {
    const { kernels } = this.context;
    const { layout } = this.table.store;
    const reader = new RowReader(rowContext(this.context), own.region, layout);
    const list = own.region.allocate(BATCH_ROWS * 4);
    for (const segment of segments) {
      for (let from = 0; from < segment.rows; from += BATCH_ROWS) {
        const count = Math.min(BATCH_ROWS, segment.rows - from);
        kernels.get('sequence_u32')(list, segment.address + from * layout.rowBytes, layout.rowBytes, count);
        const { rows } = this.table.findOrInsert(reader.gather(list, 0, count), 0, count);
        for (const runner of this.runners) runner.state.combine(rows, list, count);
        watch();
      }
      await this.context.pause();
    }
  }

  release(): void {
    this.table.release();
    for (const runner of this.runners) runner.release();
  }
}

/** All groups, in any order. */
export function aggregateRows(plan: AggregatePlan, input: Source, context: RunContext): Batches {
  return aggregation(context)(plan, input, new SpillLevel(plan, context));
}

function aggregation(context: RunContext): Aggregation {
  const each: Aggregation = (plan, input, level) => {
    const distinct = isImmutable([plan.groupBy, plan.aggregates], context) ? distinctGroups(plan) : null;
    if (distinct !== null) {
      const { inner, outer } = distinct;
      const rows = () => each(inner, input, level);
      return each(outer, { plan: inner, rows, pipeline: () => null }, level);
    }
    return groupsOrParts(plan, input, level, context, (limit) => groupedRows(plan, input, limit, context), each);
  };
  return each;
}

/** Throws PastMemory before the first batch where the groups pass the limit. */
async function* groupedRows(
  plan: AggregatePlan,
  input: Source,
  limit: SpillLimit | null,
  context: RunContext,
): Batches {
  const done = yield* generatedAggregate(plan, input, limit, context);
  if (done) return;
  using own = new OperatorMemory(context);
  const sets = plan.groupingSets ?? [plan.groupBy.map((_, i) => i)];
  const groups: Groups[] = [];
  try {
    for (const set of sets) groups.push(new Groups(plan, set, context, own));
    const watch = memoryWatch(limit, () => groups.reduce((sum, each) => sum + each.count, 0), context);
    const parallel = groups.every((each) => each.merges) ? parallelInput(plan, input, context) : null;
    const shares = await runPipeline(parallel, { kind: 'aggregate', plan }, context, limit?.workerBytes(GROUP_BYTES));
    if (shares === null) await aggregateInput(plan, groups, input.rows(), context, own, watch);
    else await mergeShares(shares, (rows) => groups[0]!.merge(rows, own, watch), context);
    for (let i = 0; i < groups.length; i++) {
      yield* groups[i]!.results(plan, plan.groupingSets === null ? null : i, own);
      groups[i]!.release();
    }
  } finally {
    for (const each of groups) each.release();
  }
}

/** The input as workers can aggregate it. Merging is sequential: with nearly as many groups as rows it would cost more than they save. */
function parallelInput(plan: AggregatePlan, input: Source, context: RunContext): Pipeline | null {
  const calls = plan.aggregates;
  if (plan.groupingSets !== null || calls.some((call) => call.distinct || call.orderBy.length > 0)) return null;
  if (!isImmutable([plan.groupBy, calls.map((call) => [call.args, call.filter])], context)) return null;
  const pipeline = input.pipeline();
  return pipeline === null || plan.rows * 16 > pipeline.scan.rows ? null : pipeline;
}
