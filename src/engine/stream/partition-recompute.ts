// Recompute by partition: operators whose result for a row depends only on the rows with the same keys (window functions by PARTITION BY,
// DISTINCT ON by its keys, calls of user functions by the whole row; without keys all rows are one partition). Rule: for every
// partition that a step touches, emit f(its rows now) - f(its rows before), f run by the batch engine. Input and result are arranged
// by the keys. Rows of windows that have closed are forgotten silently where none of them can change any more.
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { RowReader } from '../rows/row-store.ts';
import { AddressList } from './address-list.ts';
import { type ArrangedRows, type RecomputeDoors, runOverRows } from './arranged-snapshot.ts';
import { Expiry } from './expiry.ts';
import { withoutFailing } from './job-errors.ts';
import { JoinSide } from './join-side.ts';
import { type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { RowEmitter } from './weighted-rows.ts';
import type { WindowEnd } from './window-close.ts';

/** Partitions are independent, so many of them are run in parts of about as many rows. */
const ROWS_OF_RUN = 262_144;

export interface PartitionedPlan {
  /** over inputScan(0) */
  readonly plan: BatchPlan;
  readonly inputTypes: readonly SqlType[];
  /** over the input's columns, which the result's begin with */
  readonly keys: readonly Expression[];
  /** the result's column that says until when a row may change, where rows may be forgotten */
  readonly expiry: WindowEnd | null;
}

export class PartitionRecomputeOperator implements Operator {
  readonly ageless = 'window functions or DISTINCT ON';
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly definition: PartitionedPlan;
  private readonly doors: RecomputeDoors;
  private readonly heap: Region;
  private readonly input: JoinSide;
  private readonly result: JoinSide;
  private readonly keyReader: RowReader;
  private readonly emitter: RowEmitter;
  private readonly touched: AddressList;
  private readonly partition: AddressList;
  private readonly found: AddressList;
  private readonly scratch: number;
  private readonly words: number;
  private readonly expiry: Expiry | null;
  private ran = false;
  /** the touched partitions wait for the next step */
  private failed = false;
  /** keys of the last `listPartitions` */
  private taken = 0;

  constructor(context: JobContext, outlet: Outlet, definition: PartitionedPlan, doors: RecomputeDoors) {
    this.context = context;
    this.outlet = outlet;
    this.definition = definition;
    this.doors = doors;
    this.heap = new Region(context.arena, context.owner);
    const { plan, inputTypes, keys } = definition;
    this.input = new JoinSide(context, this.heap, inputTypes, keys, []);
    this.result = new JoinSide(context, this.heap, plan.types, keys, []);
    this.keyReader = new RowReader(context, context.region, this.input.keys.store.layout);
    this.emitter = new RowEmitter(context, context.region, this.result.rows.layout);
    const { arena, owner, region } = context;
    this.touched = new AddressList(arena, owner);
    this.partition = new AddressList(arena, owner);
    this.found = new AddressList(arena, owner);
    this.scratch = region.allocate(BATCH_ROWS * 4);
    this.words = region.allocate(BATCH_ROWS * 8);
    const end = definition.expiry;
    this.expiry = end === null ? null : new Expiry(context, end, this.result.rows.layout.columns[end.column]!);
  }

  *push(batch: Batch): Work {
    this.heap.reset();
    const { memory, errors, kernels } = this.context;
    let keys: readonly Vector[] = [];
    const good = withoutFailing(memory, this.heap, batch, errors, (part) => {
      keys = this.input.evaluateKeys(part);
    });
    if (good.count === 0) return;
    this.input.arrange(good, keys);
    const fresh = this.touched.reserve(good.count);
    const touch = kernels.get('changes_touch');
    this.touched.count += touch(this.input.parents, good.selection, good.count, fresh, this.scratch);
  }

  *flush(): Work {
    const { keys } = this.definition;
    if (this.touched.count === 0 && (this.ran || keys.length > 0)) return;
    this.ran = true;
    const { errors, kernels } = this.context;
    for (let from = 0, first = true; first || from < this.touched.count; first = false) {
      const { address, count } = this.touched;
      yield* this.listPartitions(this.input, address + from * 4, count - from, ROWS_OF_RUN);
      const { taken } = this;
      let failure: unknown = null;
      yield this.run().catch((error: unknown) => {
        failure = error;
      });
      if (failure !== null && !(failure instanceof SqlError)) throw failure;
      errors.set(this, failure as SqlError | null);
      this.failed = failure !== null;
      if (failure !== null) {
        yield* this.forgetNew(); // the partitions stay touched: the next step tries again
        return;
      }
      yield* this.listResults(from, taken);
      yield* this.emitDifference();
      from += taken;
    }
    for (const { address, count } of this.touched.portions()) {
      kernels.get('changes_rest')(address, count);
      yield pause(this.context);
    }
    this.touched.clear();
    yield* this.input.settle();
  }

  /** Counts the new result's rows in the second word of each row's state. */
  private run(): Promise<void> {
    const { plan } = this.definition;
    const { result } = this;
    return runOverRows(this.context, this.doors, plan, [this.partitionRows()], (batch) => {
      this.heap.reset();
      result.arrange({ ...batch, weights: 0 }, result.evaluateKeys(batch), result.matchesOffset);
      this.expiry?.note(batch.columns, batch.selection, batch.count);
    });
  }

  /** The listed rows of touched partitions, as an input of the plan. */
  private partitionRows(): ArrangedRows {
    const { partition, input, context } = this;
    const { layout, weightOffset } = input.rows;
    return {
      layout,
      weightOffset,
      count: partition.count,
      *portions(out) {
        const { u32 } = context.memory;
        for (let at = 0; at < partition.count; at += BATCH_ROWS) {
          const count = Math.min(BATCH_ROWS, partition.count - at);
          const from = (partition.address >>> 2) + at;
          u32.copyWithin(out >>> 2, from, from + count);
          yield count;
        }
      },
    };
  }

  /** Addresses of all rows of a side under these key rows (0: none), into `partition`, until there are `most`; `taken`: from how many keys. */
  private *listPartitions(side: JoinSide, keys: number, count: number, most: number): Work {
    const { partition } = this;
    const { memory } = this.context;
    partition.clear();
    let i = 0;
    for (; i < count && partition.count < most; i++) {
      if (i % BATCH_ROWS === BATCH_ROWS - 1) yield pause(this.context);
      const key = memory.u32[(keys >>> 2) + i]!;
      if (key === 0) continue;
      const start = partition.count;
      for (const row of side.chain(key)) {
        memory.u32[partition.reserve(1) >>> 2] = row;
        if (++partition.count % BATCH_ROWS === 0) yield pause(this.context);
      }
      const words = partition.address >>> 2;
      memory.u32.subarray(words + start, words + partition.count).reverse(); // oldest first: ties as in a table
    }
    this.taken = i;
  }

  /** Old and new result rows of these touched partitions, into `partition`. */
  private *listResults(from: number, taken: number): Work {
    const { memory, kernels } = this.context;
    const { touched } = this.result.rows;
    for (const { address, count } of touched.portions()) {
      kernels.get('changes_rest')(address, count);
      yield pause(this.context);
    }
    touched.clear();
    const { found } = this;
    found.clear();
    for (let at = from; at < from + taken; at += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, from + taken - at);
      const keys = this.keyReader.gather(this.touched.address + at * 4, 0, count);
      const rows = this.result.keys.find(keys, 0, count);
      const out = found.reserve(count);
      memory.u32.copyWithin(out >>> 2, rows >>> 2, (rows >>> 2) + count);
      found.count += count;
      yield pause(this.context);
    }
    if (this.touched.count === 0) this.listNew();
    else yield* this.listPartitions(this.result, found.address, found.count, Number.POSITIVE_INFINITY);
    found.clear();
  }

  /** No rows at all yet: what the plan makes of an empty input. */
  private listNew(): void {
    const { partition, result, context } = this;
    partition.clear();
    for (const count of result.rows.portions(this.scratch)) {
      const out = partition.reserve(count);
      context.memory.u32.copyWithin(out >>> 2, this.scratch >>> 2, (this.scratch >>> 2) + count);
      partition.count += count;
    }
  }

  private *emitDifference(): Work {
    const { kernels } = this.context;
    const { partition, scratch, words } = this;
    const { weightOffset } = this.result.rows;
    for (const { address, count } of partition.portions()) {
      const found = kernels.get('changes_replace')(address, count, weightOffset, scratch, words);
      yield* this.outlet.emit(this.emitter.batch(scratch, found, words));
      this.result.forget(scratch, kernels.get('rows_select_zero')(scratch, found, weightOffset, 0, scratch));
      yield pause(this.context);
    }
    yield* this.result.compact();
  }

  /** The run has failed: what it made so far goes. */
  private *forgetNew(): Work {
    const { kernels } = this.context;
    const { touched, weightOffset } = this.result.rows;
    for (const { address, count } of touched.portions()) {
      kernels.get('rows_clear_i64')(address, weightOffset + 8, 8, count);
      yield pause(this.context);
    }
    yield* this.result.settle();
  }

  /** Rows of closed windows are out already and will not change again: they leave input and result. */
  *advance(watermarkMicros: bigint): Work {
    const { expiry } = this;
    if (expiry === null || this.touched.count > 0) return; // touched: after an error
    const { kernels } = this.context;
    const { rows } = this.result;
    for (const count of expiry.expired(rows, watermarkMicros)) {
      this.heap.reset();
      kernels.get('rows_read_i64')(this.words, expiry.list, rows.weightOffset, count);
      kernels.get('negate_weights')(this.words, this.words, 0, count);
      const { columns } = this.emitter.batch(expiry.list, count, this.words);
      const width = this.definition.inputTypes.length;
      const own = { columns: columns.slice(0, width), count, selection: 0, weights: this.words };
      this.input.arrange(own, this.input.evaluateKeys(own));
      yield* this.input.settle();
      this.result.forget(expiry.list, count);
      yield pause(this.context);
    }
    yield* this.result.compact();
  }

  get unsaved(): string | null {
    return this.failed ? 'a part that failed' : null;
  }

  *save(state: StateWriter): Work {
    yield* this.input.save(state, 'input');
    yield* this.result.save(state, 'result');
    state.value('ran', this.ran);
  }

  restore(state: StateReader): void {
    this.input.restore(state, 'input', () => this.heap.reset());
    this.result.restore(state, 'result', (batch) => {
      this.expiry?.note(batch.columns, 0, batch.count);
      this.heap.reset();
    });
    this.ran = state.value('ran') === true;
  }

  release(): void {
    this.input.release();
    this.result.release();
    for (const list of [this.touched, this.partition, this.found]) list.release();
    this.heap.release();
  }
}
