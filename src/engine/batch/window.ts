// Window functions: the input (columns, arguments, filters) is kept as rows and sorted by partition and order keys; boundaries of
// partitions and peer groups are flags; each partition's results are computed by window-functions.ts and window-aggregates.ts as
// lists of row addresses or numbers, and gathered batch by batch.
import { BATCH_ROWS, type Vector } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression, SortKey } from '../../plan/expression.ts';
import { ColumnDescriptors } from '../rows/row-layout.ts';
import { RowReader } from '../rows/row-store.ts';
import { rowContext } from './aggregate-calls.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import type { KeyedLayout } from './keyed-rows.ts';
import { projectedSource, type Source } from './pipeline.ts';
import { tellRuns } from './sort.ts';
import { WindowAggregate } from './window-aggregates.ts';
import { type WindowChunk, windowChunks } from './window-chunks.ts';
import { WindowFunctionRunner } from './window-functions.ts';

export type WindowPlan = Extract<BatchPlan, { kind: 'window' }>;

/** Where in the kept rows a call finds what it needs. */
interface WindowColumns {
  /** layout column of the i-th argument of call c, of its filter, of the first order key */
  readonly argument: (call: number, index: number) => number;
  readonly filter: (call: number) => number | null;
  readonly orderColumn: number | null;
}

/** The sorted rows and where partitions and peer groups begin. */
export interface WindowRows extends WindowColumns {
  readonly total: number;
  /** u32 addresses in order */
  readonly rows: number;
  /** first position of the partition / peer group of each position, and one past its last */
  readonly partitionStart: Uint32Array;
  readonly partitionEnd: Uint32Array;
  readonly peerStart: Uint32Array;
  readonly peerEnd: Uint32Array;
  readonly keyed: KeyedLayout;
}

/** Computes one call for up to BATCH_ROWS positions from `from`; the vector is valid until the next call. */
export interface WindowRunner {
  compute(from: number, count: number): Vector;
  release(): void;
}

export async function* windowRows(plan: WindowPlan, input: Source, context: RunContext): Batches {
  const columns: Expression[] = plan.input.types.map((type, index) => ({ kind: 'input', type, index }));
  const argAt: number[][] = [];
  const filterAt: (number | null)[] = [];
  for (const call of plan.calls) {
    argAt.push(call.args.map((arg) => columns.push(arg) - 1));
    filterAt.push(call.filter === null ? null : columns.push(call.filter) - 1);
  }
  const asKey = (expression: Expression): SortKey => ({
    expression: { kind: 'input', type: expression.type, index: columns.push(expression) - 1 },
    descending: false,
    nullsFirst: false,
  });
  const keys = [
    ...plan.partitionBy.map(asKey),
    ...plan.orderBy.map((key) => ({
      ...asKey(key.expression),
      descending: key.descending,
      nullsFirst: key.nullsFirst,
    })),
  ];
  const types = columns.map((column) => column.type);
  const projected = projectedSource(columns, input, context);
  const order = keys[plan.partitionBy.length]?.expression;
  const places: WindowColumns = {
    argument: (call, index) => argAt[call]![index]!,
    filter: (call) => filterAt[call]!,
    orderColumn: order?.kind === 'input' ? order.index : null,
  };
  for await (const chunk of windowChunks(projected, types, keys, plan.partitionBy.length, context)) {
    if (chunk.spilledBytes > 0) tellRuns(plan, chunk.spilledBytes, context);
    yield* chunkRows(plan, chunk, places, context);
  }
}

/** The rows of whole partitions with the results of all calls. */
async function* chunkRows(plan: WindowPlan, chunk: WindowChunk, places: WindowColumns, context: RunContext): Batches {
  const runners: WindowRunner[] = [];
  try {
    using own = new OperatorMemory(context);
    const all: WindowRows = { ...(await windowBoundaries(chunk, plan.partitionBy.length, context, own)), ...places };
    for (let c = 0; c < plan.calls.length; c++) {
      const runner = plan.calls[c]!.aggregate
        ? new WindowAggregate(plan, c, all, context, own)
        : new WindowFunctionRunner(plan, c, all, context, own);
      runners.push(runner);
    }
    const plain = plan.input.types.map((_, i) => i);
    const reader = new RowReader(rowContext(context), own.region, chunk.keyed.layout, plain);
    for (let from = 0; from < all.total; from += BATCH_ROWS) {
      await context.pause();
      own.heap.reset();
      const count = Math.min(BATCH_ROWS, all.total - from);
      const results = runners.map((runner) => runner.compute(from, count));
      yield { columns: [...reader.gather(all.rows + from * 4, 0, count), ...results], count, selection: 0, weights: 0 };
    }
  } finally {
    for (const runner of runners) runner.release();
  }
}

/** Positions looked at in one piece. */
const SLICE = 65_536;

/** Partitions and peer groups of the sorted rows, found slice by slice. */
class WindowBoundaries {
  private readonly chunk: WindowChunk;
  private readonly context: RunContext;
  private readonly own: OperatorMemory;

  constructor(chunk: WindowChunk, context: RunContext, own: OperatorMemory) {
    this.chunk = chunk;
    this.context = context;
    this.own = own;
  }

  /** First position, and one past the last, of the run of rows equal in the first `keys` sort keys that each position is in. */
  async runs(keys: number): Promise<{ start: Uint32Array; end: Uint32Array }> {
    const { kernels, memory } = this.context;
    const { total, rows, keyed } = this.chunk;
    const flags = this.own.region.allocateZeroed(Math.max(1, total));
    const descriptors = new ColumnDescriptors(memory, this.own.region, keyed.keys.slice(0, keys));
    const [start, end] = [this.words(), this.words()];
    let first = 0;
    for (let from = 0; from < total; from += SLICE) {
      const to = Math.min(total, from + SLICE);
      kernels.get('rows_boundaries')(rows, from, to, descriptors.address, keys, flags);
      first = kernels.get('window_starts')(flags, from, to, first, start.byteOffset);
      await this.context.pause();
    }
    for (let to = total, last = total; to > 0; to -= SLICE) {
      last = kernels.get('window_ends')(start.byteOffset, Math.max(0, to - SLICE), to, last, end.byteOffset);
      await this.context.pause();
    }
    return { start, end };
  }

  private words(): Uint32Array {
    const { total } = this.chunk;
    const word = this.own.region.allocate(Math.max(1, total) * 4) >>> 2;
    return this.context.memory.u32.subarray(word, word + total);
  }
}

async function windowBoundaries(
  chunk: WindowChunk,
  partitionKeys: number,
  context: RunContext,
  own: OperatorMemory,
): Promise<Omit<WindowRows, keyof WindowColumns>> {
  const boundaries = new WindowBoundaries(chunk, context, own);
  const partitions = await boundaries.runs(partitionKeys);
  const peers = await boundaries.runs(chunk.keyed.keys.length);
  return {
    total: chunk.total,
    rows: chunk.rows,
    keyed: chunk.keyed,
    partitionStart: partitions.start,
    partitionEnd: partitions.end,
    peerStart: peers.start,
    peerEnd: peers.end,
  };
}
