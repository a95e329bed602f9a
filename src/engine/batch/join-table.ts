// JoinTable: the build side of a join: rows in a store, chained from an array of heads: by place where the one key is an integer of a
// narrow range (dense: no hashing, no comparing), else by hash. With no keys every row is in one chain, which makes the nested
// loop a special case. A table is plain data, which workers probe too.
import { Region } from '../../columns/region.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { JoinType } from '../../plan/logical.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { ColumnDescriptors, KEY_FLAG, type RowColumn, type RowLayout } from '../rows/row-layout.ts';
import type { RowStore } from '../rows/row-store.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { hasRange, type KeptInput, type KeyRange, keepKeyedRows, type Overflow } from './keyed-rows.ts';
import type { JoinPlan, Source } from './pipeline.ts';
import { runOnWorkers } from './run-on-workers.ts';
import { minWorkerRows } from './run-pipeline.ts';
import { spillLimit } from './spill-limit.ts';
import type { LinkTask, WorkerShare } from './worker-job.ts';

export interface JoinSpec {
  readonly type: JoinType;
  readonly left: BatchPlan;
  readonly right: BatchPlan;
  readonly leftKeys: readonly Expression[];
  readonly rightKeys: readonly Expression[];
  readonly nullsEqual: readonly boolean[];
  readonly residual: Expression | null;
  /** rows are found by their keys; false: NOT IN with several keys or a residual, where NULL matches anything, compares every pair */
  readonly byKey: boolean;
  /** the right side has rows in other parts, too: NOT IN of NULL is not true, though there is none in this one */
  readonly isPart?: boolean;
}

export interface JoinTable {
  readonly heads: number;
  /** heads - 1, a power of two less one; of a dense table how many places there are */
  readonly size: number;
  /** address of the i64 key of the first place; 0: chained by hash */
  readonly dense: number;
  /** no place has two rows */
  readonly unique: boolean;
  readonly rows: number;
  /** rows left out for a NULL key */
  readonly nullKeys: number;
  readonly layout: RowLayout;
  readonly keys: readonly RowColumn[];
  /** of a single integer key, if there is a row */
  readonly range: KeyRange | null;
}

export interface BuiltJoin {
  readonly table: JoinTable;
  readonly store: RowStore;
  release(): void;
}

/** Places of a dense table per row, and in all. */
const MAX_SPARSENESS = 8;
const MAX_PLACES = 1 << 25;

export function joinSpec(plan: JoinPlan): JoinSpec {
  if (plan.kind === 'nested-loop-join') {
    return { ...plan, leftKeys: [], rightKeys: [], nullsEqual: [], residual: plan.condition, byKey: true };
  }
  const byKey = plan.type !== 'null-aware-anti' || (plan.leftKeys.length === 1 && plan.residual === null);
  return { ...plan, byKey };
}

/** Bytes per build row beside the row: its place among the heads. */
const BUILD_WORK_BYTES = 32;

/** Where build rows go when memory is short: those so far, and then all that follow. */
export interface BuildOverflow {
  /** of memory, to take the first of them */
  readonly bytes: number;
  /** as that of Overflow */
  readonly spill: Overflow['spill'];
  /** whether it has taken rows */
  readonly taken: boolean;
}

/** A build side that does not fit is not built: PastMemory is thrown. */
export const NO_OVERFLOW: BuildOverflow = { bytes: 0, spill: null, taken: false };

/** Reads the build side and links it. Where the join does not go by key, key values follow the columns. Null: the overflow took all rows. */
export async function buildJoin(
  spec: JoinSpec,
  right: Source,
  context: RunContext,
  overflow: BuildOverflow | null,
): Promise<BuiltJoin | null> {
  const { byKey, rightKeys } = spec;
  const types = byKey ? spec.right.types : [...spec.right.types, ...rightKeys.map((key) => key.type)];
  const keys = byKey ? rightKeys : [];
  const source = byKey ? right : withKeys(right, rightKeys, context);
  const limit = overflow === null || keys.length === 0 ? null : spillLimit(BUILD_WORK_BYTES, context, overflow.bytes);
  const past = limit && { limit, spill: overflow!.spill };
  const kept = await keepKeyedRows(source, types, keys, true, context, past);
  const region = new Region(context.arena, context.owner);
  const release = () => {
    kept.store.release();
    region.release();
  };
  try {
    if (overflow?.taken === true) {
      await overflow.spill!(kept);
      release();
      return null;
    }
    return { table: await link(spec, kept, region, context), store: kept.store, release };
  } catch (error) {
    release();
    throw error;
  }
}

function withKeys(right: Source, keys: readonly Expression[], context: RunContext): Source {
  async function* rows(): Batches {
    using own = new OperatorMemory(context);
    const compiled = compileExpressions(keys, expressionContext(context, own));
    for await (const batch of right.rows()) {
      own.heap.reset();
      yield { ...batch, columns: [...batch.columns, ...compiled.evaluate(batch, batch.selection, batch.count)] };
    }
  }
  return { plan: right.plan, rows, pipeline: () => null };
}

async function link(spec: JoinSpec, kept: KeptInput, region: Region, context: RunContext): Promise<JoinTable> {
  const { store, keyed } = kept;
  const rows = store.count;
  const range =
    keyed.keys.length === 1 && hasRange(keyed.keys[0]!) && kept.ranges[0]!.seen > 0 ? kept.ranges[0]! : null;
  const places = range === null || spec.nullsEqual[0] === true ? 0 : Number(range.greatest - range.least) + 1;
  const isDense = places > 0 && places <= Math.min(MAX_PLACES, Math.max(1024, rows * MAX_SPARSENESS));
  const hashed = keyed.keys.length === 0 ? 1 : 2 ** Math.max(6, Math.ceil(Math.log2(Math.max(1, rows) * 1.5)));
  const heads = await zeroed(region, (isDense ? places : hashed) * 4, context);
  const dense = isDense ? region.allocate(16) : 0;
  if (range !== null && isDense) context.memory.i64[dense / 8] = range.least;
  const table: JoinTable = {
    heads,
    size: isDense ? places : hashed - 1,
    dense,
    unique: false,
    rows,
    nullKeys: 0,
    layout: keyed.layout,
    keys: keyed.keys,
    range,
  };
  const skipNulls = spec.byKey ? spec.nullsEqual.reduce((bits, equal, i) => (equal ? bits : bits | (1 << i)), 0) : 0;
  const task: LinkTask = { kind: 'link', table, skipNulls, portions: [...store.portions()].reverse() };
  const shares =
    context.batch.workers !== null && rows >= minWorkerRows(context)
      ? await runOnWorkers(task, context)
      : [await linkPortions(task, counting(), context)];
  const sum = (of: (share: Linked) => number) => shares.reduce((total, share) => total + of(share), 0);
  return { ...table, nullKeys: sum(({ nullKeys }) => nullKeys), unique: isDense && sum(({ shared }) => shared) === 0 };
}

const ZEROED_BYTES = 1 << 22;

async function zeroed(region: Region, bytes: number, context: RunContext): Promise<number> {
  const address = region.allocate(bytes);
  for (let from = 0; from < bytes; from += ZEROED_BYTES) {
    context.memory.u8.fill(0, address + from, address + Math.min(bytes, from + ZEROED_BYTES));
    await context.pause();
  }
  return address;
}

type Linked = Pick<WorkerShare, 'nullKeys' | 'shared'>;

function counting(): () => number {
  let next = 0;
  return () => next++;
}

const MORSEL_PORTIONS = 16;

/** Links the portions whose numbers `next` gives, from all threads at once. */
export async function linkPortions(task: LinkTask, next: () => number, context: RunContext): Promise<Linked> {
  using own = new OperatorMemory(context);
  const { table, portions, skipNulls } = task;
  const { heads, size, dense, layout, keys } = table;
  const { kernels, memory } = context;
  const descriptors = new ColumnDescriptors(memory, own.region, keys);
  const result = own.region.allocateZeroed(16);
  for (let morsel = next(); morsel * MORSEL_PORTIONS < portions.length; morsel = next()) {
    const from = morsel * MORSEL_PORTIONS;
    for (const { address, count } of portions.slice(from, from + MORSEL_PORTIONS)) {
      if (dense !== 0) {
        const { kind, slot, nullOffset } = keys[0]!;
        kernels.get('join_link_dense')(heads, dense, address, layout.rowBytes, count, kind, slot, nullOffset, result);
      } else {
        const kernel = kernels.get('join_link');
        const { rowBytes } = layout;
        const skipped = kernel(heads, size, address, rowBytes, count, descriptors.address, keys.length, skipNulls);
        memory.u32[result >>> 2]! += skipped;
      }
      const paused = context.pause();
      if (paused !== undefined) await paused;
    }
  }
  return { nullKeys: memory.u32[result >>> 2]!, shared: memory.u32[(result >>> 2) + 1]! };
}

/** The null rule of each key for probing: 2 = NULL matches all (null-aware anti joins), 1 = NULLs are equal, 0 = NULL matches nothing. */
export function keyFlags(nullsEqual: readonly boolean[], nullAware: boolean): number[] {
  return nullsEqual.map((equal) => (nullAware ? KEY_FLAG.nullMatches : equal ? KEY_FLAG.nullsEqual : 0));
}
