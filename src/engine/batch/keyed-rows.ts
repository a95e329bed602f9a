// Rows kept with their keys, for joins and sorts: columns, then key values that are not plain columns, and the range of each integer
// key, from which joins choose a dense table and sorts shorter keys.
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { ColumnDescriptors, type RowColumn, type RowLayout, rowLayout } from '../rows/row-layout.ts';
import { RowStore } from '../rows/row-store.ts';
import { ROW_KIND } from '../rows/value-kind.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import type { Source } from './pipeline.ts';
import { runPipeline } from './run-pipeline.ts';
import { PastMemory, type SpillLimit } from './spill-limit.ts';
import type { Sink, WorkerShare } from './worker-job.ts';

/** Rows and where their keys are: an input column, or one appended behind the columns. */
export interface KeyedLayout {
  readonly layout: RowLayout;
  readonly keys: readonly RowColumn[];
  /** key expressions that need a column of their own */
  readonly extra: readonly Expression[];
  /** column of each key in the layout */
  readonly places: readonly number[];
}

/** The values of a key: how many are not NULL and, for kinds i32 and i64 (see hasRange), the range they lie in; for variable numerics `greatest` is the bytes of the longest. */
export interface KeyRange {
  readonly least: bigint;
  readonly greatest: bigint;
  readonly seen: number;
}

const RANGE_BYTES = 24;

export function keyedLayout(types: readonly SqlType[], keys: readonly Expression[]): KeyedLayout {
  const extra: Expression[] = [];
  const places = keys.map((key) => (key.kind === 'input' ? key.index : types.length + extra.push(key) - 1));
  const layout = rowLayout([...types, ...extra.map((each) => each.type)]);
  return { layout, keys: places.map((place) => layout.columns[place]!), extra, places };
}

export function hasRange(column: RowColumn): boolean {
  return column.kind === ROW_KIND.i32 || column.kind === ROW_KIND.i64;
}

/** Appends the columns and key values of batches to a store. With `hashed` the rows' headers carry the hash of the keys. */
export class KeyedAppender {
  store: RowStore;
  private readonly context: RunContext;
  private readonly own: OperatorMemory;
  private readonly keyed: KeyedLayout;
  private readonly evaluator: { evaluate(batch: Batch, selection: number, count: number): Vector[] } | null;
  private readonly ranges: number;
  private readonly descriptors: ColumnDescriptors;
  private readonly hashes: number;

  constructor(context: RunContext, own: OperatorMemory, keyed: KeyedLayout, store: RowStore, hashed: boolean) {
    this.context = context;
    this.own = own;
    this.keyed = keyed;
    this.store = store;
    this.evaluator = keyed.extra.length === 0 ? null : compileExpressions(keyed.extra, expressionContext(context, own));
    this.ranges = own.region.allocateZeroed(Math.max(1, keyed.keys.length) * RANGE_BYTES);
    this.descriptors = new ColumnDescriptors(context.memory, own.region, keyed.keys);
    this.hashes = hashed ? own.region.allocate(BATCH_ROWS * 4) : 0;
  }

  /** Returns the new rows' addresses by batch row index. */
  append(batch: Batch): number {
    this.own.heap.reset();
    const { columns, selection, count } = batch;
    const { kernels } = this.context;
    const extra = this.evaluator === null ? [] : this.evaluator.evaluate(batch, selection, count);
    const all = extra.length === 0 ? columns : [...columns, ...extra];
    const keys = this.keyed.places.map((place) => all[place]!);
    this.keyed.keys.forEach((key, i) => {
      const { data, nulls } = keys[i]!;
      kernels.get('key_range')(key.kind, data, nulls, selection, count, this.ranges + i * RANGE_BYTES);
    });
    if (this.hashes !== 0) {
      this.descriptors.bind(keys);
      kernels.get('hash_keys')(this.descriptors.address, keys.length, selection, count, this.hashes);
    }
    return this.store.append(all, selection, count, this.hashes);
  }

  /** Goes on with an empty store. */
  restart(store: RowStore): void {
    this.store = store;
    const { ranges } = this;
    this.context.memory.u8.fill(0, ranges, ranges + this.keyed.keys.length * RANGE_BYTES);
  }

  keyRanges(): KeyRange[] {
    const { i64 } = this.context.memory;
    return this.keyed.keys.map((_, i) => {
      const at = (this.ranges + i * RANGE_BYTES) / 8;
      return { least: i64[at]!, greatest: i64[at + 1]!, seen: Number(i64[at + 2]!) };
    });
  }
}

export interface KeptInput {
  readonly store: RowStore;
  readonly keyed: KeyedLayout;
  readonly ranges: readonly KeyRange[];
}

/** When rows kept so far are too many, and what becomes of them then. */
export interface Overflow {
  readonly limit: SpillLimit;
  /** writes them elsewhere, their store is released behind it; null: PastMemory is thrown */
  readonly spill: ((kept: KeptInput) => Promise<void>) | null;
}

/** All rows of a source, read by workers where they can; those since the last spill. The caller releases the store. */
export async function keepKeyedRows(
  source: Source,
  types: readonly SqlType[],
  keys: readonly Expression[],
  hashed: boolean,
  context: RunContext,
  overflow: Overflow | null = null,
): Promise<KeptInput> {
  const keyed = keyedLayout(types, keys);
  const shares = await workersRows(source, { kind: 'rows', keys, hashed }, keyed.layout, overflow, context);
  if (shares === null) return readRows(source.rows(), keyed, hashed, context, overflow);
  const store = new RowStore(context, keyed.layout, true);
  for (const { rows } of shares) store.adopt(rows);
  return { store, keyed, ranges: keyed.keys.map((_, i) => united(shares.map(({ ranges }) => ranges[i]!))) };
}

/** Null: this thread is to read the rows, because only it can spill them, or for other reasons. */
async function workersRows(
  source: Source,
  sink: Sink,
  { rowBytes }: RowLayout,
  overflow: Overflow | null,
  context: RunContext,
): Promise<WorkerShare[] | null> {
  if (overflow === null) return runPipeline(source.pipeline(), sink, context);
  const { limit, spill } = overflow;
  try {
    if (limit.expectsPast(source.plan.rows, rowBytes)) throw new PastMemory();
    return await runPipeline(source.pipeline(), sink, context, limit.workerBytes(rowBytes));
  } catch (error) {
    if (spill === null || !(error instanceof PastMemory)) throw error;
    return null;
  }
}

/** Reads batches to their end. */
async function readRows(
  input: Batches,
  keyed: KeyedLayout,
  hashed: boolean,
  context: RunContext,
  overflow: Overflow | null,
): Promise<KeptInput> {
  using own = new OperatorMemory(context);
  const fresh = () => new RowStore(context, keyed.layout, true);
  const appender = new KeyedAppender(context, own, keyed, fresh(), hashed);
  try {
    for await (const batch of input) {
      appender.append(batch);
      if (overflow?.limit.isPast(appender.store) !== true) continue;
      if (overflow.spill === null) throw new PastMemory();
      await overflow.spill({ store: appender.store, keyed, ranges: appender.keyRanges() });
      appender.store.release();
      appender.restart(fresh());
    }
    return { store: appender.store, keyed, ranges: appender.keyRanges() };
  } catch (error) {
    appender.store.release();
    throw error;
  }
}

function united(ranges: readonly KeyRange[]): KeyRange {
  let { least, greatest, seen } = ranges.find((each) => each.seen > 0) ?? ranges[0]!;
  seen = 0;
  for (const each of ranges) {
    if (each.seen === 0) continue;
    if (each.least < least) least = each.least;
    if (each.greatest > greatest) greatest = each.greatest;
    seen += each.seen;
  }
  return { least, greatest, seen };
}
