// Window functions: the input (columns, arguments, filters) is kept as rows and sorted by partition and order keys; boundaries of
// partitions and peer groups are flags; each partition's results are computed by window-functions.ts and window-aggregates.ts as
// lists of row addresses or numbers, and gathered batch by batch.
import { BATCH_ROWS, type Vector } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression, SortKey } from '../../plan/expression.ts';
import { ColumnDescriptors } from '../rows/row-layout.ts';
import { RowReader } from '../rows/row-store.ts';
import { rowContext } from './aggregate.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import { projectedSource, type Source } from './pipeline.ts';
import { SortedInput } from './sort.ts';
import { WindowAggregate } from './window-aggregates.ts';
import { WindowFunctionRunner } from './window-functions.ts';

export type WindowPlan = Extract<BatchPlan, { kind: 'window' }>;

/** The sorted rows and where partitions and peer groups begin. */
export interface WindowRows {
  readonly total: number;
  /** u32 addresses in order */
  readonly rows: number;
  /** first position of the partition / peer group of each position, and one past its last */
  readonly partitionStart: Uint32Array;
  readonly partitionEnd: Uint32Array;
  readonly peerStart: Uint32Array;
  readonly peerEnd: Uint32Array;
  readonly input: SortedInput;
  /** layout column of the i-th argument of call c, of its filter, of the first order key */
  readonly argument: (call: number, index: number) => number;
  readonly filter: (call: number) => number | null;
  readonly orderColumn: number | null;
}

/** Computes one call for up to BATCH_ROWS positions from `from`; the vector is valid until the next call. */
export interface WindowRunner {
  compute(from: number, count: number): Vector;
  release(): void;
}

export async function* windowRows(plan: WindowPlan, input: Source, context: RunContext): Batches {
  const columns: Expression[] = plan.input.types.map((type, index) => ({ kind: 'input', type, index }));
  const width = columns.length;
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
  const kept = await SortedInput.read(projected, types, keys, context);
  const runners: WindowRunner[] = [];
  try {
    using own = new OperatorMemory(context);
    const sorted = windowBoundaries(kept, plan.partitionBy.length, context, own);
    const order = keys[plan.partitionBy.length]?.expression;
    const all: WindowRows = {
      ...sorted,
      input: kept,
      argument: (call, index) => argAt[call]![index]!,
      filter: (call) => filterAt[call]!,
      orderColumn: order?.kind === 'input' ? order.index : null,
    };
    for (let c = 0; c < plan.calls.length; c++) {
      const runner = plan.calls[c]!.aggregate
        ? new WindowAggregate(plan, c, all, context, own)
        : new WindowFunctionRunner(plan, c, all, context, own);
      runners.push(runner);
    }
    const plain = Array.from({ length: width }, (_, i) => i);
    const reader = new RowReader(rowContext(context), own.region, kept.keyed.layout, plain);
    for (let from = 0; from < all.total; from += BATCH_ROWS) {
      await context.pause();
      own.heap.reset();
      const count = Math.min(BATCH_ROWS, all.total - from);
      const results = runners.map((runner) => runner.compute(from, count));
      yield { columns: [...reader.gather(all.rows + from * 4, 0, count), ...results], count, selection: 0, weights: 0 };
    }
  } finally {
    for (const runner of runners) runner.release();
    kept.close();
  }
}

function windowBoundaries(kept: SortedInput, partitionKeys: number, context: RunContext, own: OperatorMemory) {
  const total = kept.sorted.count;
  const rows = kept.sorted.allRows();
  const flags = (count: number): Uint8Array => {
    const address = own.region.allocateZeroed(Math.max(1, total));
    const descriptors = new ColumnDescriptors(context.memory, own.region, kept.keyed.keys.slice(0, count));
    context.kernels.get('rows_boundaries')(rows, 0, total, descriptors.address, count, address);
    return context.memory.u8.subarray(address, address + total);
  };
  const words = (): Uint32Array => {
    const word = own.region.allocate(Math.max(1, total) * 4) >>> 2;
    return context.memory.u32.subarray(word, word + total);
  };
  const spread = (starts: Uint8Array) => {
    const start = words();
    const end = words();
    for (let i = 0, first = 0; i < total; i++) {
      if (starts[i] !== 0) first = i;
      start[i] = first;
    }
    for (let i = total - 1, last = total; i >= 0; i--) {
      end[i] = last;
      if (start[i] === i) last = i;
    }
    return { start, end };
  };
  const partitions = spread(flags(partitionKeys));
  const peers = spread(flags(kept.keyed.keys.length));
  return {
    total,
    rows,
    partitionStart: partitions.start,
    partitionEnd: partitions.end,
    peerStart: peers.start,
    peerEnd: peers.end,
  };
}
