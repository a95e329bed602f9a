// Aggregates over frames: one state row. A frame that only grew at its end since the last position is brought up to date, the same
// frame keeps its result, any other is computed anew. States kept wholly by kernels are copied per position and finished together.
import { allocateVector, BATCH_ROWS, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import type { AggregateState } from '../aggregates/aggregate-state.ts';
import { aggregateBytes, createAggregate } from '../aggregates/create-aggregate.ts';
import { RowReader } from '../rows/row-store.ts';
import { aggregateRequest, rowContext } from './aggregate-calls.ts';
import type { OperatorMemory, RunContext } from './batch-context.ts';
import type { WindowPlan, WindowRows, WindowRunner } from './window.ts';
import { FrameFinder } from './window-frame.ts';

export class WindowAggregate implements WindowRunner {
  private readonly rows: WindowRows;
  private readonly context: RunContext;
  private readonly own: OperatorMemory;
  private readonly state: AggregateState;
  private readonly bytes: number;
  private readonly row: number;
  private readonly groups: number; // the state row's address for every index
  private readonly copies: number;
  private readonly copyList: number;
  private readonly identity: number;
  private readonly selected: number;
  private readonly args: RowReader;
  private readonly filters: RowReader | null;
  private readonly frames: FrameFinder;
  private readonly out: OwnedVector;
  private values: readonly Vector[] = [];
  private filter: Vector | null = null;
  private chunk = -1;
  private start = 0;
  private end = 0;

  constructor(plan: WindowPlan, call: number, rows: WindowRows, context: RunContext, own: OperatorMemory) {
    const { args, filter, type, function: id } = plan.calls[call]!;
    this.rows = rows;
    this.context = context;
    this.own = own;
    const request = aggregateRequest({ function: id, type, args, filter, distinct: false, orderBy: [] }, context);
    this.bytes = aggregateBytes(request);
    const within = { ...rowContext(context), region: own.region, heap: own.heap };
    this.state = createAggregate(within, request, 0, context.batch.evaluation);
    const { kernels } = context;
    this.row = own.region.allocateZeroed(this.bytes);
    this.groups = own.region.allocate(BATCH_ROWS * 4);
    kernels.get('fill_u32')(this.groups, this.row, BATCH_ROWS);
    this.copies = own.region.allocate(BATCH_ROWS * this.bytes);
    this.copyList = own.region.allocate(BATCH_ROWS * 4);
    kernels.get('sequence_u32')(this.copyList, this.copies, this.bytes, BATCH_ROWS);
    this.identity = own.region.allocate(BATCH_ROWS * 4);
    kernels.get('sequence_u32')(this.identity, 0, 1, BATCH_ROWS);
    this.selected = own.region.allocate(BATCH_ROWS * 4);
    const { layout } = rows.keyed;
    const places = args.map((_, i) => rows.argument(call, i));
    this.args = new RowReader(rowContext(context), own.region, layout, places);
    const place = rows.filter(call);
    this.filters = place === null ? null : new RowReader(rowContext(context), own.region, layout, [place]);
    this.frames = new FrameFinder(plan, rows, context);
    this.out = allocateVector(own.region, type);
  }

  compute(from: number, count: number): Vector {
    const { memory } = this.context;
    const { combines } = this.state;
    this.out.nulls = 0;
    let value: ReturnType<typeof readDatum> = null;
    for (let i = 0; i < count; i++) {
      const changed = this.advance(from + i);
      if (combines) {
        memory.u8.copyWithin(this.copies + i * this.bytes, this.row, this.row + this.bytes);
        continue;
      }
      if (changed || i === 0) value = readDatum(memory, this.state.finish(this.groups, 1), 0);
      writeDatum(memory, this.out, i, value, this.own.heap);
    }
    return combines ? this.state.finish(this.copyList, count) : this.out;
  }

  /** Brings the state to the frame of a position; false if it already was. */
  private advance(at: number): boolean {
    this.frames.find(at);
    const { start, end } = this.frames;
    if (this.frames.excludes) {
      this.restart(start);
      for (let position = start; position < end; position++) {
        if (this.frames.includes(position, at)) this.add(position, position + 1);
      }
      return true;
    }
    if (start === this.start && end === this.end) return at === 0;
    if (start !== this.start || end < this.end) this.restart(start);
    this.add(this.end, end);
    this.end = end;
    return true;
  }

  private restart(start: number): void {
    this.context.memory.u8.fill(0, this.row, this.row + this.bytes);
    this.start = start;
    this.end = start;
  }

  private add(from: number, to: number): void {
    for (let at = from; at < to; ) {
      const chunk = Math.floor(at / BATCH_ROWS);
      this.load(chunk);
      const first = at - chunk * BATCH_ROWS;
      const count = Math.min(to - at, BATCH_ROWS - first);
      at += count;
      let selection = this.identity + first * 4;
      let left = count;
      if (this.filter !== null) {
        const { data, nulls } = this.filter;
        left = this.context.kernels.get('select_true')(this.selected, data, nulls, selection, count);
        selection = this.selected;
      }
      if (left > 0) this.state.update(this.groups, this.values, selection, left, 0);
    }
  }

  private load(chunk: number): void {
    if (chunk === this.chunk) return;
    this.chunk = chunk;
    const from = chunk * BATCH_ROWS;
    const count = Math.min(BATCH_ROWS, this.rows.total - from);
    this.values = this.args.gather(this.rows.rows + from * 4, 0, count);
    this.filter = this.filters === null ? null : this.filters.gather(this.rows.rows + from * 4, 0, count)[0]!;
  }

  release(): void {
    this.state.release();
  }
}
