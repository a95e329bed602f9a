// Sources: table scans (row groups sliced into batches by group-slicer.ts, pruning by min and max), system relations and other rows of JavaScript values, tables outside.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { BatchBuilder, buildBatch } from '../../columns/batch-builder.ts';
import type { Region } from '../../columns/region.ts';
import type { GroupRanges, RowGroup } from '../../columns/row-group.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate, type Predicate } from '../expressions/compile-predicate.ts';
import { type Batches, type DatumRow, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { GroupSlicer, type RawScan } from './group-slicer.ts';
import { scanBounds } from './scan-bounds.ts';
import { mayMatch } from './scan-pruning.ts';
import { inputColumns } from './used-columns.ts';

type Plan<K extends BatchPlan['kind']> = Extract<BatchPlan, { kind: K }>;

/** Batches a worker takes at a time. */
const MORSEL_BATCHES = 8;

export function conjunction(filters: readonly Expression[]): Expression | null {
  if (filters.length === 0) return null;
  return filters.length === 1 ? filters[0]! : { kind: 'and', type: { name: 'bool' }, args: filters };
}

/** Applies a predicate, or gives null where no row is left. */
export function narrowed(batch: Batch, predicate: Predicate | null): Batch | null {
  if (predicate === null) return batch.count === 0 ? null : batch;
  const { selection, count } = predicate.select(batch);
  if (count === 0) return null;
  return { ...batch, selection, count };
}

export async function* scanTable(plan: Plan<'table-scan'>, context: RunContext, raw: RawScan | null = null): Batches {
  const rows = context.batch.systemRelation?.(plan.relation);
  if (rows !== undefined) {
    yield* datumRows(pickColumns(rows, plan.attributes), plan.types, plan.filters, context);
    return;
  }
  const stored = plan.attributes.filter((attribute) => attribute !== 0);
  const hint = context.groups?.scan === plan ? context.groups : null;
  const share = context.share?.scan === plan ? context.share : null;
  const { snapshot } = context.batch;
  const wanted = (group: GroupRanges) => mayMatch(plan.filters, group, plan.attributes, context.functions);
  const windows = share === null ? (snapshot.windows?.(plan.relation, stored, wanted) ?? null) : null;
  using own = new OperatorMemory(context);
  const condition = raw === null ? conjunction(plan.filters) : null;
  const predicate = condition === null ? null : compilePredicate(condition, expressionContext(context, own));
  const { memory, kernels } = context;
  const statistics = context.batch.analyze?.get(plan);
  const { epoch } = snapshot;
  const slicer = new GroupSlicer(plan, { memory, kernels, epoch, pins: windows === null }, own.region, raw);
  const list = hint === null ? 0 : own.region.allocate(BATCH_ROWS * 4);
  const asked = raw === null ? inputColumns(plan.filters) : null;
  const all = windows ?? [share?.groups ?? (await snapshot.rowGroups(plan.relation, stored))];
  const ordered = (groups: readonly RowGroup[]) => (hint === null || share !== null ? groups : hint.order(groups));
  for await (const groups of all) {
    for (const [group, from, to] of morsels(ordered(groups), context, share?.counter ?? 0)) {
      if (!wanted(group)) continue;
      const whole = isWhole(plan, group) ? raw : null;
      for (let at = from, end = from; at < to; at = end) {
        const paused = context.pause();
        if (paused !== undefined) await paused;
        at += hint?.skip(group, at, to) ?? 0;
        end = Math.min(to, at + (whole?.rows ?? context.rows()));
        if (at === to) break;
        own.heap.reset();
        const sliced = slicer.slice(group, at, end, asked);
        const batch = hint === null ? sliced : hinted(sliced, hint.select(group, at, end, list), list);
        const kept = batch.count === 0 ? null : narrowed(batch, predicate);
        if (statistics !== undefined) statistics.removed += batch.count - (kept?.count ?? 0);
        if (kept === null) continue;
        slicer.complete(kept, end - at);
        yield kept;
      }
    }
  }
}

/** The rows of a batch that a hint selects. */
function hinted(batch: Batch, count: number, list: number): Batch {
  return count < 0 || batch.selection !== 0 ? batch : { ...batch, selection: list, count };
}

/** Whether batches of the group are stored columns and nothing else. */
function isWhole({ attributes }: Plan<'table-scan'>, { insertEpochs, deleteEpochs }: RowGroup): boolean {
  return insertEpochs === 0 && deleteEpochs === 0 && !attributes.includes(0);
}

function* pickColumns(rows: Iterable<DatumRow>, attributes: readonly number[]): Generator<DatumRow> {
  let rowId = 0n;
  for (const row of rows) {
    yield attributes.map((attribute) => (attribute === 0 ? rowId : (row[attribute - 1] ?? null)));
    rowId++;
  }
}

/** Whole groups for a lone reader; with a shared counter, the slices this thread wins. */
function* morsels(
  groups: readonly RowGroup[],
  context: RunContext,
  counter: number,
): Generator<[RowGroup, number, number]> {
  if (counter === 0) {
    for (const group of groups) yield [group, 0, group.rowCount];
    return;
  }
  const size = MORSEL_BATCHES * BATCH_ROWS;
  let first = 0; // number of the first morsel of groups[g]
  let g = 0;
  for (;;) {
    const mine = Atomics.add(context.memory.i32, counter >>> 2, 1);
    while (g < groups.length && mine >= first + Math.ceil(groups[g]!.rowCount / size)) {
      first += Math.ceil(groups[g]!.rowCount / size);
      g++;
    }
    if (g === groups.length) return;
    const from = (mine - first) * size;
    yield [groups[g]!, from, Math.min(groups[g]!.rowCount, from + size)];
  }
}

/** Rows of JavaScript values as batches. */
export async function* datumRows(
  rows: Iterable<DatumRow>,
  types: readonly SqlType[],
  filters: readonly Expression[],
  context: RunContext,
): Batches {
  using own = new OperatorMemory(context);
  using strings = new OperatorMemory(context);
  const condition = conjunction(filters);
  const predicate = condition === null ? null : compilePredicate(condition, expressionContext(context, own));
  const builder = new BatchBuilder(own.region, types, { heap: strings.heap });
  for (const row of rows) {
    builder.append(row);
    if (builder.count < context.rows()) continue;
    const batch = narrowed(builder.batch(), predicate);
    if (batch !== null) yield batch;
    builder.reset();
    strings.heap.reset();
    own.heap.reset();
    await context.pause();
  }
  const batch = builder.count === 0 ? null : narrowed(builder.batch(), predicate);
  if (batch !== null) yield batch;
}

function areConstant({ rowsOf }: Plan<'values'>): boolean {
  return rowsOf.every((row) => row.every((each) => each.kind === 'constant'));
}

function* constantRows({ rowsOf }: Plan<'values'>): Generator<DatumRow> {
  for (const row of rowsOf) yield row.map((each) => (each.kind === 'constant' ? each.value : null));
}

function valuesBatch(plan: Plan<'values'>, rows: readonly DatumRow[], region: Region): Batch | null {
  if (rows.length === 0) return null;
  if (plan.types.length === 0) return { columns: [], count: rows.length, selection: 0, weights: 0 };
  return buildBatch(region, plan.types, rows);
}

/** VALUES: each row's expressions over nothing. */
export async function* valuesRows(plan: Plan<'values'>, context: RunContext): Batches {
  if (areConstant(plan)) {
    const many = plan.types.length > 0 && plan.rowsOf.length > BATCH_ROWS;
    if (many) return yield* datumRows(constantRows(plan), plan.types, [], context);
    using own = new OperatorMemory(context);
    const batch = valuesBatch(plan, [...constantRows(plan)], own.region);
    if (batch !== null) yield batch;
    return;
  }
  const nothing: Batch = { columns: [], count: 1, selection: 0, weights: 0 };
  for (const row of plan.rowsOf) {
    const paused = context.pause();
    if (paused !== undefined) await paused;
    using own = new OperatorMemory(context);
    const columns = compileExpressions(row, expressionContext(context, own)).evaluate(nothing, 0, 1);
    yield { columns, count: 1, selection: 0, weights: 0 };
  }
}

/** A source outside; a batch of more than BATCH_ROWS rows is cut. Its own filters are a promise only: they are applied again. */
export async function* scanTableFunction(plan: Plan<'table-function-scan'>, context: RunContext): Batches {
  const { call, options, attributes, filters, types } = plan;
  if (context.batch.externalTables === undefined) {
    const definition = context.functions.tableFunction(call.function);
    const args = call.args.map((arg) => (arg.kind === 'constant' ? arg.value : null));
    const argTypes = call.args.map((arg) => arg.type);
    const rows = definition.rows(args, context.batch.evaluation, argTypes, call.outputs);
    yield* datumRows(mapRows(rows, attributes), types, filters, context);
    return;
  }
  using own = new OperatorMemory(context);
  const condition = conjunction(filters);
  const predicate = condition === null ? null : compilePredicate(condition, expressionContext(context, own));
  const bounds = scanBounds(filters, attributes, context.functions);
  for await (const whole of context.batch.externalTables.open(call, options, attributes, bounds)) {
    for (const batch of cut(whole, context.rows)) {
      await context.pause();
      own.heap.reset();
      const kept = narrowed(batch, predicate);
      if (kept !== null) yield kept;
    }
  }
}

function* mapRows(rows: Iterable<DatumRow>, attributes: readonly number[]): Generator<DatumRow> {
  for (const row of rows) yield attributes.map((index) => row[index] ?? null);
}

function* cut(batch: Batch, rows: () => number): Generator<Batch> {
  if (batch.selection !== 0) {
    yield batch;
    return;
  }
  for (let from = 0, count = 0; from < batch.count; from += count) {
    count = Math.min(rows(), batch.count - from);
    const columns = batch.columns.map((column) => ({
      ...column,
      data: column.data + from * PHYSICAL_WIDTH[column.physical],
      nulls: column.nulls === 0 ? 0 : column.nulls + from,
    }));
    yield { ...batch, columns, count };
  }
}
