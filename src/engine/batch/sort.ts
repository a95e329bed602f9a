// Sort, top-n and DISTINCT ON: the input is kept as rows (columns, then key values that are not plain columns), addresses are sorted,
// and rows are gathered back in order. Top-n sorts and shrinks its store whenever it has grown well past the rows wanted, and drops
// input rows whose first key lies after the last row kept.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression, SortKey } from '../../plan/expression.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { compileExpression } from '../expressions/compile-expression.ts';
import { ColumnDescriptors, sortFlags, widthShift } from '../rows/row-layout.ts';
import { type SortedRows, sortRows } from '../rows/row-sort.ts';
import { RowReader, RowStore } from '../rows/row-store.ts';
import { rowContext } from './aggregate.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { KeyedAppender, type KeyedLayout, keyedLayout } from './join-table.ts';

type Plan<K extends BatchPlan['kind']> = Extract<BatchPlan, { kind: K }>;

/** Input rows kept and sorted; `close` frees both. */
export class SortedInput {
  readonly keyed: KeyedLayout;
  readonly store: RowStore;
  readonly sorted: SortedRows;

  private constructor(keyed: KeyedLayout, store: RowStore, sorted: SortedRows) {
    this.keyed = keyed;
    this.store = store;
    this.sorted = sorted;
  }

  static async read(
    input: Batches,
    types: readonly SqlType[],
    keys: readonly SortKey[],
    context: RunContext,
  ): Promise<SortedInput> {
    using own = new OperatorMemory(context);
    const keyed = keyedLayout(
      types,
      keys.map((key) => key.expression),
    );
    const store = new RowStore(rowContext(context), keyed.layout);
    try {
      const appender = new KeyedAppender(context, own, keyed, store);
      for await (const batch of input) appender.append(batch);
      return new SortedInput(keyed, store, await sortStore(store, keyed, keys, context));
    } catch (error) {
      store.release();
      throw error;
    }
  }

  close(): void {
    this.sorted.release();
    this.store.release();
  }
}

function sortStore(
  store: RowStore,
  keyed: KeyedLayout,
  keys: readonly SortKey[],
  context: RunContext,
): Promise<SortedRows> {
  const flags = keys.map(sortFlags);
  const { rowBytes } = keyed.layout;
  return sortRows(rowContext(context), store.portions(), rowBytes, store.count, keyed.keys, flags, context.pause);
}

function plainColumns(types: readonly SqlType[]): number[] {
  return types.map((_, i) => i);
}

export async function* sortedRows(plan: Plan<'sort'>, input: Batches, context: RunContext): Batches {
  const kept = await SortedInput.read(input, plan.types, plan.keys, context);
  try {
    using own = new OperatorMemory(context);
    const reader = new RowReader(rowContext(context), own.region, kept.keyed.layout, plainColumns(plan.types));
    yield* readRange(kept.sorted, reader, 0, kept.sorted.count, context);
  } finally {
    kept.close();
  }
}

async function* readRange(
  sorted: SortedRows,
  reader: RowReader,
  from: number,
  to: number,
  context: RunContext,
): Batches {
  for (let at = from; at < to; at += BATCH_ROWS) {
    const count = Math.min(BATCH_ROWS, to - at);
    yield { columns: reader.gather(sorted.rows(at, count), 0, count), count, selection: 0, weights: 0 };
    const paused = context.pause();
    if (paused !== undefined) await paused;
  }
}

export async function* distinctOnRows(plan: Plan<'distinct-on'>, input: Batches, context: RunContext): Batches {
  const plain = (expression: Expression): SortKey => ({ expression, descending: false, nullsFirst: false });
  const same = (a: Expression, b: Expression) => JSON.stringify(a, bigText) === JSON.stringify(b, bigText);
  const leads = plan.keys.every((key) =>
    plan.orderBy.slice(0, plan.keys.length).some((each) => same(each.expression, key)),
  );
  const order = leads ? plan.orderBy : [...plan.keys.map(plain), ...plan.orderBy];
  const kept = await SortedInput.read(input, plan.types, order, context);
  try {
    using own = new OperatorMemory(context);
    const { kernels, memory } = context;
    const groupKeys = kept.keyed.keys.slice(0, plan.keys.length);
    const descriptors = new ColumnDescriptors(memory, own.region, groupKeys);
    const reader = new RowReader(rowContext(context), own.region, kept.keyed.layout, plainColumns(plan.types));
    const { count: total } = kept.sorted;
    const rows = kept.sorted.allRows();
    const flags = own.region.allocateZeroed(Math.max(1, total));
    if (plan.keys.length > 0)
      kernels.get('rows_boundaries')(rows, 0, total, descriptors.address, descriptors.count, flags);
    memory.u8[flags] = 1;
    const list = own.region.allocate(BATCH_ROWS * 4);
    const firsts = own.region.allocate(BATCH_ROWS * 4);
    for (let at = 0; at < total; at += BATCH_ROWS) {
      const count = kernels.get('select_flagged')(list, flags + at, 1, 0, Math.min(BATCH_ROWS, total - at));
      if (count === 0) continue;
      kernels.get('compose_u32')(firsts, rows + at * 4, list, count);
      yield { columns: reader.gather(firsts, 0, count), count, selection: 0, weights: 0 };
      await context.pause();
    }
  } finally {
    kept.close();
  }
}

function bigText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

/** The store of a top-n: sorted and shrunk to the rows wanted when full. */
class TopStore {
  private readonly plan: Plan<'top-n'>;
  private readonly context: RunContext;
  private readonly keyed: KeyedLayout;
  private readonly wanted: number;
  private readonly list: number;
  private readonly threshold: { compute(batch: Batch): { data: number; nulls: number; shift: number } };
  private readonly descriptors: ColumnDescriptors;
  private readonly reader: RowReader;
  store: RowStore;
  private appender: KeyedAppender;
  private readonly own: OperatorMemory;
  private last = 0; // address of the last row wanted, once there are that many

  constructor(plan: Plan<'top-n'>, context: RunContext, own: OperatorMemory) {
    this.plan = plan;
    this.context = context;
    this.own = own;
    this.wanted = plan.limit + plan.offset;
    this.keyed = keyedLayout(
      plan.types,
      plan.keys.map((key) => key.expression),
    );
    this.store = new RowStore(rowContext(context), this.keyed.layout);
    this.appender = new KeyedAppender(context, own, this.keyed, this.store);
    this.list = own.region.allocate(BATCH_ROWS * 4);
    this.descriptors = new ColumnDescriptors(context.memory, own.region, this.keyed.keys, plan.keys.map(sortFlags));
    this.reader = new RowReader(rowContext(context), own.region, this.keyed.layout);
    const first = plan.keys[0]!.expression;
    const evaluator = compileExpression(first, expressionContext(context, own));
    this.threshold = {
      compute: (batch) => {
        const { data, nulls } = evaluator.evaluate(batch, batch.selection, batch.count);
        return { data, nulls, shift: widthShift(first.type) };
      },
    };
  }

  async add(batch: Batch): Promise<void> {
    let { selection, count } = batch;
    if (this.last !== 0) {
      this.own.heap.reset();
      const { data, nulls, shift } = this.threshold.compute(batch);
      const kernel = this.context.kernels.get('sort_threshold');
      count = kernel(this.list, this.descriptors.address, data, nulls, shift, this.last, selection, count);
      if (count === 0) return;
      selection = this.list;
    }
    this.appender.append({ ...batch, selection, count });
    if (
      this.store.count > Math.max(this.wanted * 2, this.wanted + 16_384) ||
      (this.last === 0 && this.store.count >= this.wanted + 4096)
    ) {
      await this.shrink();
    }
  }

  /** Rows at or before the last wanted one, in order, copied into a fresh store. */
  private async shrink(): Promise<void> {
    const { sorted, end } = await this.finish();
    const fresh = new RowStore(rowContext(this.context), this.keyed.layout);
    try {
      let row = 0;
      for (let at = 0; at < end; at += BATCH_ROWS) {
        const count = Math.min(BATCH_ROWS, end - at);
        const made = fresh.append(this.reader.gather(sorted.rows(at, count), 0, count), 0, count);
        if (at < this.wanted && at + count >= this.wanted)
          row = this.context.memory.u32[(made >>> 2) + this.wanted - at - 1]!;
      }
      this.last = row;
    } finally {
      sorted.release();
      this.store.release();
      this.store = fresh;
      this.appender = new KeyedAppender(this.context, this.own, this.keyed, fresh);
    }
  }

  /** All rows sorted, and where the wanted ones (with ties, if asked for) end. */
  async finish(): Promise<{ sorted: SortedRows; end: number }> {
    const sorted = await sortStore(this.store, this.keyed, this.plan.keys, this.context);
    let end = Math.min(this.wanted, sorted.count);
    if (this.plan.withTies && end > 0 && end < sorted.count) {
      const { kernels, memory } = this.context;
      const rows = sorted.allRows();
      using own = new OperatorMemory(this.context);
      const flags = own.region.allocateZeroed(sorted.count);
      const { address, count } = this.descriptors;
      kernels.get('rows_boundaries')(rows, end, sorted.count, address, count, flags);
      while (end < sorted.count && memory.u8[flags + end] === 0) end++;
    }
    return { sorted, end };
  }

  outputReader(own: OperatorMemory): RowReader {
    return new RowReader(rowContext(this.context), own.region, this.keyed.layout, plainColumns(this.plan.types));
  }
}

export async function* topRows(plan: Plan<'top-n'>, input: Batches, context: RunContext): Batches {
  if (plan.limit === 0) return;
  using own = new OperatorMemory(context);
  const top = new TopStore(plan, context, own);
  try {
    for await (const batch of input) await top.add(batch);
    const { sorted, end } = await top.finish();
    try {
      yield* readRange(sorted, top.outputReader(own), plan.offset, end, context);
    } finally {
      sorted.release();
    }
  } finally {
    top.store.release();
  }
}
