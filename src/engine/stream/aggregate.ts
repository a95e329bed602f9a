// Aggregate with retraction. Rule: for every group that a step touches, emit -(its old row) and +(its new row): the old row is
// finished from the states before the group's first change, the new one at the end of the step. A group lives while its count
// of rows is not zero; without GROUP BY there is always one. Groups of windows that have closed are forgotten silently where no
// row of them can come any more, or none of them goes out again.
import { allocateVector, BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { AggregateCall, Expression } from '../../plan/expression.ts';
import { INT8 } from '../../types/sql-type.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { RowHashTable } from '../rows/hash-table.ts';
import { type RowLayout, rowLayout } from '../rows/row-layout.ts';
import { RowReader } from '../rows/row-store.ts';
import { AddressList } from './address-list.ts';
import { AggregateCallState, callBytes, modeOf, requestOf } from './aggregate-calls.ts';
import { Expiry } from './expiry.ts';
import { isOfRow, withoutFailing } from './job-errors.ts';
import { expressionContext, type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';
import { stateColumns } from './rows-state.ts';
import type { StateColumn, StateReader, StateWriter } from './state-file.ts';
import type { WindowEnd } from './window-close.ts';

const ROWS = 0; // i64: rows of the group
const EMITTED = 8; // i64: 1 once its row is out
const SEEN = 16; // i64: epoch of the last step that touched it
const CALLS = 32;
const GROUP_WORDS = [['rows', ROWS], ['emitted', EMITTED], ['seen', SEEN]] as const; // biome-ignore format: a table

export class AggregateOperator implements Operator {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly heap: Region;
  private readonly results: Region;
  private readonly keys: { evaluate(batch: Batch, selection: number, count: number): Vector[] };
  private readonly layout: RowLayout;
  private readonly groups: RowHashTable;
  private readonly calls: readonly AggregateCallState[];
  private readonly reader: RowReader;
  private readonly touched: AddressList;
  /** room for the addresses of one batch of groups */
  private readonly list: number;
  private readonly indexes: number;
  private readonly minus: number;
  private readonly expiry: Expiry | null;
  private readonly grand: boolean;
  private started = false;

  /** `end`: which key is a window's time, and what makes it the window's end, where groups may be forgotten. */
  constructor(
    context: JobContext,
    outlet: Outlet,
    groupBy: readonly Expression[],
    aggregates: readonly AggregateCall[],
    appendOnly: boolean,
    end: WindowEnd | null,
  ) {
    this.context = context;
    this.outlet = outlet;
    this.grand = groupBy.length === 0;
    this.heap = new Region(context.arena, context.owner);
    this.results = new Region(context.arena, context.owner);
    this.keys = compileExpressions(groupBy, expressionContext(context, this.heap));
    const plans = aggregates.map((call) => {
      const request = requestOf(context, call);
      const mode = modeOf(call, request, appendOnly);
      return { call, request, mode, bytes: (callBytes(mode, request) + 15) & ~15 };
    });
    const keyTypes = groupBy.map((key) => key.type);
    this.layout = rowLayout(keyTypes, CALLS + plans.reduce((sum, plan) => sum + plan.bytes, 0));
    this.groups = new RowHashTable(context, this.layout, groupBy.length, 4);
    let at = this.layout.stateOffset + CALLS;
    this.calls = plans.map(({ call, request, mode, bytes }) => {
      const offset = at;
      at += bytes;
      return new AggregateCallState(context, this.heap, this.results, call, request, mode, offset);
    });
    this.expiry = end === null ? null : new Expiry(context, end, this.layout.columns[end.column]!);
    this.reader = new RowReader(context, context.region, this.layout);
    this.touched = new AddressList(context.arena, context.owner);
    this.list = context.region.allocate(BATCH_ROWS * 4);
    this.indexes = context.region.allocate(BATCH_ROWS * 4);
    this.minus = context.region.allocate(BATCH_ROWS * 8);
    context.memory.i64.fill(-1n, this.minus / 8, this.minus / 8 + BATCH_ROWS);
  }

  *push(batch: Batch): Work {
    this.heap.reset();
    let keys: readonly Vector[] = [];
    const good = withoutFailing(this.context.memory, this.heap, batch, this.context.errors, (part) => {
      keys = this.keys.evaluate(part, part.selection, part.count);
      for (const call of this.calls) call.input.evaluate(part);
    });
    if (good.count > 0) yield* this.update(good, keys);
  }

  private *update(batch: Batch, keys: readonly Vector[]): Work {
    const { kernels } = this.context;
    const { selection, count, weights } = batch;
    const { rows } = this.groups.findOrInsert(keys, selection, count);
    const fresh = this.touched.reserve(count);
    const touched = kernels.get('changes_touch')(rows, selection, count, fresh, this.indexes);
    this.touched.count += touched;
    yield* this.emitOld(fresh, touched, this.list);
    kernels.get('agg_count')(rows, this.layout.stateOffset + ROWS, 0, 0, selection, count, weights);
    for (const call of this.calls) call.update(rows, weights);
    this.expiry?.note(keys, selection, count);
  }

  /** Retracts the rows of groups (at most a batch) that are out, before they change; `out` has room for them. */
  private *emitOld(rows: number, count: number, out: number): Work {
    const { kernels } = this.context;
    const emitted = kernels.get('rows_select_zero')(rows, count, this.layout.stateOffset + EMITTED, 1, out);
    yield* this.emitRows(out, emitted, this.minus);
  }

  /** The groups' result rows (at most a batch); one that cannot be computed (overflow) is an error of weight +1 or -1 instead. */
  private *emitRows(rows: number, count: number, weights: number): Work {
    if (count === 0) return;
    this.results.reset();
    let columns: Vector[];
    try {
      for (const call of this.calls) yield* call.replay(rows, count);
      columns = [...this.reader.gather(rows, 0, count), ...this.calls.map((call) => call.finish(rows, count))];
    } catch (error) {
      if (!isOfRow(error)) throw error;
      if (count === 1) {
        this.context.errors.add(error, weights === 0 ? 1n : -1n);
        return;
      }
      const half = count >>> 1;
      yield* this.emitRows(rows, half, weights);
      yield* this.emitRows(rows + half * 4, count - half, weights);
      return;
    }
    yield* this.outlet.emit({ columns, count, selection: 0, weights });
  }

  *flush(): Work {
    if (this.grand && !this.started) this.startGrand();
    for (const call of this.calls) yield* call.settle();
    for (const { address, count } of this.touched.portions()) {
      this.context.kernels.get('changes_rest')(address, count);
      yield* this.emitNew(address, count);
      yield pause(this.context);
    }
    this.touched.clear();
    yield* this.compact();
  }

  /** The new rows of touched groups (at most a batch); those without input rows go. */
  private *emitNew(groups: number, count: number): Work {
    const { kernels, memory, step } = this.context;
    const { list } = this;
    const at = this.layout.stateOffset;
    const select = kernels.get('rows_select_zero');
    if (!this.grand) this.groups.free(list, select(groups, count, at + ROWS, 0, list));
    let live = count;
    if (this.grand) memory.u32.copyWithin(list >>> 2, groups >>> 2, (groups >>> 2) + count);
    else live = select(groups, count, at + ROWS, 1, list);
    for (let i = 0; i < live; i++) {
      const state = (memory.u32[(list >>> 2) + i]! + at) / 8;
      memory.i64[state + EMITTED / 8] = 1n;
      memory.i64[state + SEEN / 8] = step.epoch;
    }
    yield* this.emitRows(list, live, 0);
  }

  private *compact(): Work {
    for (const _ of this.groups.store.compactHeap()) yield pause(this.context);
  }

  private startGrand(): void {
    this.started = true;
    const { rows } = this.groups.findOrInsert([], 0, 1);
    const at = this.touched.reserve(1);
    this.touched.count += this.context.kernels.get('changes_touch')(rows, 0, 1, at, this.indexes);
  }

  /** Groups of closed windows are out already and will not change again. */
  *advance(watermarkMicros: bigint): Work {
    if (this.expiry === null || this.touched.count > 0) return; // touched: the next step forgets them
    const { list } = this.expiry;
    const { u32 } = this.context.memory;
    const keeps = this.calls.some((call) => call.mode !== 'direct');
    const gone = new Set<number>();
    for (const count of this.expiry.expired(this, watermarkMicros)) {
      if (keeps) for (let i = 0; i < count; i++) gone.add(u32[(list >>> 2) + i]!);
      else this.groups.free(list, count);
      yield pause(this.context);
    }
    if (gone.size > 0) yield* this.forgetGroups(gone);
    yield* this.compact();
  }

  /** Groups that were touched in `epoch` for the last time, or before, leave the state and the result. */
  *forget(epoch: bigint): Work {
    const { memory } = this.context;
    const at = this.layout.stateOffset;
    const gone = new Set<number>();
    for (const count of this.portions(this.indexes)) {
      for (let i = 0; i < count; i++) {
        const group = memory.u32[(this.indexes >>> 2) + i]!;
        if (memory.i64[(group + at + SEEN) / 8]! <= epoch) gone.add(group);
      }
      yield pause(this.context);
    }
    if (gone.size === 0 || this.grand) return;
    const rows = [...gone];
    for (let from = 0; from < rows.length; from += BATCH_ROWS) {
      const part = rows.slice(from, from + BATCH_ROWS);
      memory.u32.set(part, this.list >>> 2);
      yield* this.emitOld(this.list, part.length, this.list);
      yield pause(this.context);
    }
    yield* this.forgetGroups(gone);
    yield* this.compact();
  }

  /** These groups leave the state, with what their calls keep. */
  private *forgetGroups(gone: ReadonlySet<number>): Work {
    for (const call of this.calls) yield* call.forget(gone);
    const rows = [...gone];
    for (let from = 0; from < rows.length; from += BATCH_ROWS) {
      const part = rows.slice(from, from + BATCH_ROWS);
      this.context.memory.u32.set(part, this.list >>> 2);
      this.groups.free(this.list, part.length);
      yield pause(this.context);
    }
  }

  /** Addresses of all groups in portions of at most BATCH_ROWS at `out`. */
  *portions(out: number): Generator<number> {
    const list = this.context.kernels.get('rows_list');
    for (const { address, count } of this.groups.store.portions()) {
      const found = list(address, this.layout.rowBytes, count, 0, out);
      if (found > 0) yield found;
    }
  }

  get unsaved(): string | null {
    return this.calls.map((call) => call.unsaved).find((name) => name !== null) ?? null;
  }

  *save(state: StateWriter): Work {
    const region = new Region(this.context.arena, this.context.owner);
    const list = region.allocate(BATCH_ROWS * 4);
    const words = GROUP_WORDS.map(() => allocateVector(region, INT8));
    const rooms = this.calls.map((call) => call.stateTypes.map((type) => allocateVector(region, type)));
    const ordinals = new Map<number, number>();
    const { u32 } = this.context.memory;
    const read = this.context.kernels.get('rows_read_i64');
    for (const count of this.portions(list)) {
      for (let i = 0; i < count; i++) ordinals.set(u32[(list >>> 2) + i]!, ordinals.size);
      this.results.reset();
      GROUP_WORDS.forEach(([, offset], i) => {
        read(words[i]!.data, list, this.layout.stateOffset + offset, count);
      });
      const calls = this.calls.flatMap((call, i) => call.readState(list, count, rooms[i]!));
      const columns = [...this.reader.gather(list, 0, count), ...words, ...calls];
      state.rows('groups', this.stateColumns, { columns, count, selection: 0, weights: 0 });
      yield;
    }
    for (const [i, call] of this.calls.entries()) yield* call.save(state.within(`call${i}`), ordinals);
    state.value('started', this.started);
    region.release();
  }

  restore(state: StateReader): void {
    const groups: number[] = [];
    const { u32 } = this.context.memory;
    const write = this.context.kernels.get('rows_write_i64');
    const width = this.layout.columns.length;
    for (const { columns, count } of state.rows('groups')) {
      const keys = columns.slice(0, width);
      const { rows } = this.groups.findOrInsert(keys, 0, count);
      GROUP_WORDS.forEach(([, offset], i) => {
        write(rows, this.layout.stateOffset + offset, columns[width + i]!.data, 0, count);
      });
      let at = width + GROUP_WORDS.length;
      for (const call of this.calls) {
        const own = columns.slice(at, at + call.stateTypes.length);
        at += own.length;
        call.writeState(rows, own, count);
      }
      for (let i = 0; i < count; i++) groups.push(u32[(rows >>> 2) + i]!);
      this.expiry?.note(keys, 0, count);
    }
    this.calls.forEach((call, i) => {
      call.restore(state.within(`call${i}`), groups);
    });
    this.started = state.value('started') === true;
  }

  private get stateColumns(): StateColumn[] {
    const calls = this.calls.flatMap((call, i) => call.stateTypes.map((type, w) => ({ name: `call${i}_${w}`, type })));
    return [...stateColumns(this.layout.columns.map((column) => column.type), GROUP_WORDS.map(([name]) => name)), ...calls]; // biome-ignore format: one line
  }

  release(): void {
    for (const call of this.calls) call.release();
    this.groups.release();
    this.touched.release();
    this.heap.release();
    this.results.release();
  }
}
