// Sort and DISTINCT ON: the input is kept as rows (columns, then key values that are not plain columns), addresses are sorted, and rows
// are gathered back in order. Large inputs are read and sorted by workers.
import { BATCH_ROWS } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression, SortKey } from '../../plan/expression.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { ColumnDescriptors, sortFlags } from '../rows/row-layout.ts';
import { type SortColumn, type SortedRows, sortAlone, sortRows } from '../rows/row-sort.ts';
import { RowReader, type RowStore } from '../rows/row-store.ts';
import type { SortPhase, SortPlan } from '../rows/sort-phases.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import { hasRange, type KeptInput, type KeyedLayout, keepKeyedRows } from './keyed-rows.ts';
import type { Source } from './pipeline.ts';
import { runOnWorkers } from './run-on-workers.ts';
import { minWorkerRows } from './run-pipeline.ts';

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
    source: Source,
    types: readonly SqlType[],
    keys: readonly SortKey[],
    context: RunContext,
  ): Promise<SortedInput> {
    const expressions = keys.map((key) => key.expression);
    const kept = await keepKeyedRows(source, types, expressions, false, context);
    try {
      return new SortedInput(kept.keyed, kept.store, await sortKept(kept, keys, context));
    } catch (error) {
      kept.store.release();
      throw error;
    }
  }

  close(): void {
    this.sorted.release();
    this.store.release();
  }
}

/** Sorts kept rows, on workers where there are many. */
export function sortKept(kept: KeptInput, keys: readonly SortKey[], context: RunContext): Promise<SortedRows> {
  const { store, keyed, ranges } = kept;
  const rows = store.count;
  const columns = keys.map((key, i): SortColumn => {
    const column = keyed.keys[i]!;
    const range = ranges[i]!;
    const known = hasRange(column) && range.seen > 0;
    const longest = range.seen > 0 ? Number(range.greatest) : null;
    return { column, flags: sortFlags(key), nullable: range.seen < rows, longest, range: known ? range : null };
  });
  const alone = context.batch.workers === null || rows < minWorkerRows(context);
  const runPhase = alone
    ? sortAlone(context, context.pause)
    : async (phase: SortPhase, plan: SortPlan) => {
        await runOnWorkers({ kind: 'sort', phase, plan }, context);
      };
  return sortRows(context, [...store.portions()], keyed.layout.rowBytes, columns, runPhase);
}

export function plainColumns(types: readonly SqlType[]): number[] {
  return types.map((_, i) => i);
}

export async function* sortedRows(plan: Plan<'sort'>, input: Source, context: RunContext): Batches {
  const kept = await SortedInput.read(input, plan.types, plan.keys, context);
  try {
    using own = new OperatorMemory(context);
    const reader = new RowReader(context, own.region, kept.keyed.layout, plainColumns(plan.types));
    yield* readRange(kept.sorted, reader, 0, kept.sorted.count, context);
  } finally {
    kept.close();
  }
}

export async function* readRange(
  sorted: SortedRows,
  reader: RowReader,
  from: number,
  to: number,
  context: RunContext,
): Batches {
  for (let at = from, count = 0; at < to; at += count) {
    count = Math.min(context.rows(), to - at);
    yield { columns: reader.gather(sorted.rows(at, count), 0, count), count, selection: 0, weights: 0 };
    const paused = context.pause();
    if (paused !== undefined) await paused;
  }
}

/** Rows compared with their neighbours in one piece. */
const BOUNDARY_SLICE = 65_536;

export async function* distinctOnRows(plan: Plan<'distinct-on'>, input: Source, context: RunContext): Batches {
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
    const reader = new RowReader(context, own.region, kept.keyed.layout, plainColumns(plan.types));
    const { count: total } = kept.sorted;
    const rows = await kept.sorted.allRows(context.pause);
    const flags = own.region.allocateZeroed(Math.max(1, total));
    for (let from = 0; from < total && plan.keys.length > 0; from += BOUNDARY_SLICE) {
      const to = Math.min(total, from + BOUNDARY_SLICE);
      kernels.get('rows_boundaries')(rows, from, to, descriptors.address, descriptors.count, flags);
      await context.pause();
    }
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
