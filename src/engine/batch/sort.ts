// Sort and DISTINCT ON: the input is kept as rows (columns, then key values that are not plain columns), addresses are sorted, and rows
// are gathered back in order. Large inputs are read and sorted by workers; what does not fit into memory becomes runs (spill-sort.ts).
import { BATCH_ROWS } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression, SortKey } from '../../plan/expression.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { ColumnDescriptors, sortFlags } from '../rows/row-layout.ts';
import { type SortColumn, type SortedRows, sortAlone, sortRows } from '../rows/row-sort.ts';
import { RowReader, RowStore } from '../rows/row-store.ts';
import { ENTRY_BYTES, type SortPhase, type SortPlan } from '../rows/sort-phases.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import { hasRange, type KeptInput, type KeyedLayout, keepKeyedRows, keyedLayout } from './keyed-rows.ts';
import { planBounds } from './pass-through.ts';
import type { Source } from './pipeline.ts';
import { runOnWorkers } from './run-on-workers.ts';
import { minWorkerRows } from './run-pipeline.ts';
import { sameText } from './same-text.ts';
import { spillLimit } from './spill-limit.ts';
import { SortedRuns } from './spill-sort.ts';

type Plan<K extends BatchPlan['kind']> = Extract<BatchPlan, { kind: K }>;

/** Bytes per row that sorting needs beside the rows: two sets of entries, blocks twice as large as they need be. */
export const SORT_WORK_BYTES = 4 * ENTRY_BYTES;

/** Input rows sorted in memory, or in runs where they do not fit. */
export async function sortedInput(
  source: Source,
  types: readonly SqlType[],
  keys: readonly SortKey[],
  context: RunContext,
): Promise<SortedInput | SortedRuns> {
  const limit = spillLimit(SORT_WORK_BYTES, context);
  if (limit === null) return SortedInput.read(source, types, keys, context);
  const expressions = keys.map((key) => key.expression);
  const runs = new SortedRuns(keyedLayout(types, expressions), keys, context);
  const spill = async (kept: KeptInput) => {
    const sorted = await sortKept(kept, keys, context);
    await runs.add(sorted);
    sorted.release();
  };
  try {
    const kept = await keepKeyedRows(source, types, expressions, false, context, { limit, spill });
    if (runs.isEmpty) return await SortedInput.of(kept, keys, context);
    if (kept.store.count > 0) await spill(kept);
    kept.store.release();
    return runs;
  } catch (error) {
    await runs.close();
    throw error;
  }
}

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
    return SortedInput.of(await keepKeyedRows(source, types, expressions, false, context), keys, context);
  }

  static async of(kept: KeptInput, keys: readonly SortKey[], context: RunContext): Promise<SortedInput> {
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

/** Rows from .. to - 1 of the input in order. */
export async function* sortedRows(
  plan: Plan<'sort' | 'top-n'>,
  input: Source,
  context: RunContext,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): Batches {
  const kept = await sortedInput(input, plan.types, plan.keys, context);
  try {
    using own = new OperatorMemory(context);
    const reader = new RowReader(context, own.region, kept.keyed.layout, plainColumns(plan.types));
    if (kept instanceof SortedRuns) {
      tellRuns(plan, kept.bytes, context);
      yield* readRuns(kept, reader, from, to, context);
    } else yield* readRange(kept.sorted, reader, from, Math.min(to, kept.sorted.count), context);
  } finally {
    await kept.close();
  }
}

/** OFFSET over a sort, maybe with LIMIT: the rows that it skips are never fetched. */
export async function* limitedSort(
  limit: Plan<'limit'>,
  plan: Plan<'sort'>,
  input: Source,
  context: RunContext,
): Batches {
  const { left, skip } = planBounds(limit, context);
  if (left > 0) yield* sortedRows(plan, input, context, skip, skip + left);
}

/** For EXPLAIN ANALYZE: bytes written. */
export function tellRuns(plan: BatchPlan, bytes: number, { batch: { analyze } }: RunContext): void {
  const statistics = analyze?.get(plan);
  if (statistics === undefined) return;
  statistics.details = [['Sort Method', `external merge  Disk: ${Math.ceil(bytes / 1024)}kB`]];
}

async function* readRuns(runs: SortedRuns, reader: RowReader, from: number, to: number, context: RunContext): Batches {
  for (let at = 0; at < to; ) {
    const { rows, count: all } = await runs.next(context.rows());
    if (all === 0) return;
    const first = Math.min(all, Math.max(0, from - at));
    const count = Math.min(all, to - at) - first;
    at += all;
    if (count > 0) yield { columns: reader.gather(rows + first * 4, 0, count), count, selection: 0, weights: 0 };
    await context.pause();
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
  const leads = plan.keys.every((key) =>
    plan.orderBy.slice(0, plan.keys.length).some((each) => sameText(each.expression, key)),
  );
  const order = leads ? plan.orderBy : [...plan.keys.map(plain), ...plan.orderBy];
  const kept = await sortedInput(input, plan.types, order, context);
  if (kept instanceof SortedRuns) return yield* distinctRuns(plan, kept, context);
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

/** The first row of each group of merged runs; the last one before is kept to compare with. */
async function* distinctRuns(plan: Plan<'distinct-on'>, runs: SortedRuns, context: RunContext): Batches {
  using own = new OperatorMemory(context);
  const { kernels, memory } = context;
  const { layout, keys } = runs.keyed;
  const descriptors = new ColumnDescriptors(memory, own.region, keys.slice(0, plan.keys.length));
  const reader = new RowReader(context, own.region, layout, plainColumns(plan.types));
  const whole = new RowReader(context, own.region, layout);
  const rows = own.region.allocate((BATCH_ROWS + 1) * 4);
  const flags = own.region.allocate(BATCH_ROWS + 1);
  const list = own.region.allocate(BATCH_ROWS * 4);
  const firsts = own.region.allocate(BATCH_ROWS * 4);
  let before: RowStore | null = null;
  try {
    tellRuns(plan, runs.bytes, context);
    memory.u32[rows >>> 2] = 0;
    for (let part = await runs.next(); part.count > 0; part = await runs.next()) {
      const { count } = part;
      memory.u8.copyWithin(rows + 4, part.rows, part.rows + count * 4);
      memory.u8[flags + 1] = 1;
      const from = before === null ? 2 : 1;
      kernels.get('rows_boundaries')(rows, from, count + 1, descriptors.address, descriptors.count, flags);
      const found = kernels.get('select_flagged')(list, flags + 1, 1, 0, count);
      kernels.get('compose_u32')(firsts, rows + 4, list, found);
      if (found > 0) yield { columns: reader.gather(firsts, 0, found), count: found, selection: 0, weights: 0 };
      const last: RowStore = new RowStore(context, layout);
      const kept = last.append(whole.gather(rows + count * 4, 0, 1), 0, 1);
      memory.u32[rows >>> 2] = memory.u32[kept >>> 2]!;
      before?.release();
      before = last;
      await context.pause();
    }
  } finally {
    before?.release();
    await runs.close();
  }
}
