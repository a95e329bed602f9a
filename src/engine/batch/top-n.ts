// Top-n: keeps the rows that may be among the first `limit + offset`. Once there are that many, the last of them is the threshold: a batch
// is first narrowed to the rows that do not come after it by the first key, then nothing else of the others is touched, and row
// groups that lie wholly after it are not read. The store is sorted and shrunk whenever it has grown well past the rows wanted.
// Workers keep stores of their own, which main unites.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { Encoding } from '../../columns/encoding.ts';
import { type ColumnChunk, chunkFrom, type RowGroup } from '../../columns/row-group.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { SortKey } from '../../plan/expression.ts';
import { compileExpression } from '../expressions/compile-expression.ts';
import { ColumnDescriptors, sortFlags, widthShift } from '../rows/row-layout.ts';
import type { SortedRows } from '../rows/row-sort.ts';
import { type HandedRows, RowReader, RowStore } from '../rows/row-store.ts';
import { ROW_KIND } from '../rows/value-kind.ts';
import { type Batches, expressionContext, type GroupHint, OperatorMemory, type RunContext } from './batch-context.ts';
import { KeyedAppender, type KeyedLayout, keyedLayout } from './keyed-rows.ts';
import { type Source, scanColumn } from './pipeline.ts';
import { minWorkerRows, runPipeline } from './run-pipeline.ts';
import { storedIndex } from './scan-pruning.ts';
import { plainColumns, readRange, SORT_WORK_BYTES, sortedRows, sortKept } from './sort.ts';
import { spillLimit } from './spill-limit.ts';

type TopPlan = Extract<BatchPlan, { kind: 'top-n' }>;

/** Rows beyond twice those wanted at which the threshold is set anew: few, because a close one saves reading. */
const SPARE_ROWS = 256;

/** The store of a top-n: sorted and shrunk to the rows wanted when full. */
export class TopStore {
  private readonly plan: TopPlan;
  private readonly context: RunContext;
  private readonly keyed: KeyedLayout;
  private readonly wanted: number;
  private readonly list: number;
  private readonly firstKey: { compute(batch: Batch): { data: number; nulls: number; shift: number } };
  private readonly descriptors: ColumnDescriptors;
  private readonly reader: RowReader;
  store: RowStore;
  private readonly appender: KeyedAppender;
  private readonly own: OperatorMemory;
  private last = 0; // address of the last row wanted, once there are that many

  constructor(plan: TopPlan, context: RunContext, own: OperatorMemory) {
    this.plan = plan;
    this.context = context;
    this.own = own;
    this.wanted = plan.limit + plan.offset;
    this.keyed = keyedLayout(
      plan.types,
      plan.keys.map((key) => key.expression),
    );
    this.store = new RowStore(context, this.keyed.layout, true);
    this.appender = new KeyedAppender(context, own, this.keyed, this.store, false);
    this.list = own.region.allocate(BATCH_ROWS * 4);
    this.descriptors = new ColumnDescriptors(context.memory, own.region, this.keyed.keys, plan.keys.map(sortFlags));
    this.reader = new RowReader(context, own.region, this.keyed.layout);
    const first = plan.keys[0]!.expression;
    const evaluator = compileExpression(first, expressionContext(context, own));
    this.firstKey = {
      compute: (batch) => {
        const { data, nulls } = evaluator.evaluate(batch, batch.selection, batch.count);
        return { data, nulls, shift: widthShift(first.type) };
      },
    };
  }

  /** The first key of the last row wanted so far, where min and max of row groups can be compared with it. */
  threshold(): number | bigint | null {
    const { kind, slot, nullOffset } = this.keyed.keys[0]!;
    const { memory } = this.context;
    if (this.last === 0 || memory.u8[this.last + nullOffset] !== 0) return null;
    if (kind === ROW_KIND.i32) return memory.i32[(this.last + slot) >>> 2]!;
    return kind === ROW_KIND.i64 ? memory.i64[(this.last + slot) / 8]! : null;
  }

  /** How many of a chunk's rows from `from` on are not wanted for sure; where threshold() is not null. */
  unwanted(chunk: ColumnChunk, from: number, to: number): number {
    const { data, encoding } = chunkFrom(chunk, from);
    const { kernels } = this.context;
    if (!encoding) {
      // One batch after the other: that many rows are read.
      const count = Math.min(to - from, BATCH_ROWS);
      return kernels.get('sort_any_wanted')(this.descriptors.address, data, count, this.last) === 0 ? count : 0;
    }
    const codes = this.wantedCodes(encoding);
    if (codes === null) return to - from;
    return kernels.get('first_code_within')(data, encoding.codeBytes, codes.least, codes.most, to - from);
  }

  /** The rows of a chunk that may be wanted, to `list`: how many; -1: it holds no codes. */
  select(chunk: ColumnChunk, from: number, to: number, list: number): number {
    const { data, encoding } = chunkFrom(chunk, from);
    if (!encoding) return -1;
    const codes = this.wantedCodes(encoding);
    if (codes === null) return 0;
    const kernel = this.context.kernels.get('select_codes_within');
    return kernel(list, data, encoding.codeBytes, codes.least, codes.most, to - from);
  }

  /** As i32s of unsigned codes; null: none. */
  private wantedCodes({ codeBytes, base }: Encoding): { least: number; most: number } | null {
    const greatest = 2 ** (8 * codeBytes) - 1;
    const limit = Number(BigInt(this.threshold()!) - base);
    const { descending } = this.plan.keys[0]!;
    const [least, most] = descending ? [Math.max(0, limit), greatest] : [0, Math.min(limit, greatest)];
    return least > most ? null : { least: least | 0, most: most | 0 };
  }

  async add(batch: Batch): Promise<void> {
    let { selection, count } = batch;
    if (this.last !== 0) {
      this.own.heap.reset();
      const { data, nulls, shift } = this.firstKey.compute(batch);
      const kernel = this.context.kernels.get('sort_threshold');
      count = kernel(this.list, this.descriptors.address, data, nulls, shift, this.last, selection, count);
      if (count === 0) return;
      selection = this.list;
    }
    this.appender.append({ ...batch, selection, count });
    if (this.store.count >= this.wanted * 2 + SPARE_ROWS) await this.shrink();
  }

  /** Rows at or before the last wanted one, in order, copied into a fresh store. */
  private async shrink(): Promise<void> {
    const { sorted, end } = await this.finish();
    const fresh = new RowStore(this.context, this.keyed.layout, true);
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
      this.appender.store = fresh;
    }
  }

  /** All rows sorted, and where the wanted ones (with ties, if asked for) end. */
  async finish(): Promise<{ sorted: SortedRows; end: number }> {
    const unknown = this.plan.keys.map(() => ({ least: 0n, greatest: 0n, seen: 0 }));
    const sorted = await sortKept(
      { store: this.store, keyed: this.keyed, ranges: unknown },
      this.plan.keys,
      this.context,
    );
    let end = Math.min(this.wanted, sorted.count);
    if (this.plan.withTies && end > 0 && end < sorted.count) {
      const { kernels, memory } = this.context;
      const rows = await sorted.allRows(this.context.pause);
      using own = new OperatorMemory(this.context);
      const flags = own.region.allocateZeroed(sorted.count);
      const { address, count } = this.descriptors;
      kernels.get('rows_boundaries')(rows, end, sorted.count, address, count, flags);
      while (end < sorted.count && memory.u8[flags + end] === 0) end++;
    }
    return { sorted, end };
  }

  /** The rows that may be wanted, for the thread that unites them. */
  async handOver(): Promise<HandedRows> {
    if (this.store.count > this.wanted) await this.shrink();
    return this.store.handOver();
  }

  outputReader(own: OperatorMemory): RowReader {
    return new RowReader(this.context, own.region, this.keyed.layout, plainColumns(this.plan.types));
  }
}

/**
 * What the store knows about the row groups of the scan below, when its first key is a column of it: those with the first values come
 * first, and those that begin after the threshold are skipped.
 */
export function topHint(plan: TopPlan, top: TopStore): GroupHint | null {
  const [{ expression, descending, nullsFirst }] = plan.keys as readonly [SortKey];
  const column = expression.kind === 'input' ? scanColumn(plan.input, expression.index) : null;
  if (column === null) return null;
  const { scan, at } = column;
  const place = storedIndex(scan.attributes, at);
  const first = (group: RowGroup) => {
    const chunk = group.columns[place]!;
    if (nullsFirst && chunk.nulls !== 0) return undefined;
    return descending ? chunk.max : chunk.min;
  };
  const after = (a: number | bigint, b: number | bigint) => (descending ? a < b : a > b);
  return {
    scan,
    order: (groups) =>
      [...groups].sort((a, b) => {
        const [x, y] = [first(a), first(b)];
        if (x === undefined || y === undefined) return Number(x !== undefined) - Number(y !== undefined);
        return after(x, y) ? 1 : after(y, x) ? -1 : 0;
      }),
    skip: (group, from, to) => {
      const threshold = top.threshold();
      const begins = threshold === null ? undefined : first(group);
      if (threshold === null || begins === undefined) return 0;
      return after(begins, threshold) ? to - from : top.unwanted(group.columns[place]!, from, to);
    },
    select: (group, from, to, list) =>
      top.threshold() === null || first(group) === undefined ? -1 : top.select(group.columns[place]!, from, to, list),
  };
}

/** Skipping by the threshold costs so little per row that workers pay only for many more of them than elsewhere. */
function skimsAlone({ scan }: GroupHint, context: RunContext): boolean {
  if (scan.kind !== 'table-scan') return true;
  const times = scan.filters.length === 0 ? 1000 : 100;
  return context.batch.snapshot.rowCount(scan.relation) < minWorkerRows(context) * times;
}

export async function* topRows(plan: TopPlan, input: Source, context: RunContext): Batches {
  if (plan.limit === 0) return;
  const wanted = plan.limit + plan.offset;
  const { rowBytes } = keyedLayout(
    plan.types,
    plan.keys.map(({ expression }) => expression),
  ).layout;
  if (!plan.withTies && spillLimit(SORT_WORK_BYTES, context)?.expectsPast(2 * wanted, rowBytes) === true) {
    return yield* sortedRows(plan, input, context, plan.offset, wanted);
  }
  using own = new OperatorMemory(context);
  const top = new TopStore(plan, context, own);
  try {
    const groups = topHint(plan, top);
    const within = groups === null ? context : { ...context, groups };
    const pipeline = groups !== null && skimsAlone(groups, context) ? null : input.pipeline();
    const shares = await runPipeline(pipeline, { kind: 'top-n', plan }, within);
    if (shares === null) for await (const batch of input.rows(within)) await top.add(batch);
    else for (const { rows } of shares) top.store.adopt(rows);
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
