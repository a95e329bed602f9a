// DISTINCT and set operations by counting. Rule: with w the count of a row (SQL equality), DISTINCT emits [w + dw > 0] - [w > 0];
// INTERSECT and EXCEPT emit the change of min(l, r), max(l - r, 0) or their DISTINCT forms. The first of equal rows stands for all.
import type { Batch } from '../../columns/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { AddressList } from './address-list.ts';
import { Expiry } from './expiry.ts';
import type { JobContext, Operator, Outlet, Work } from './operator.ts';
import type { StateWords } from './rows-state.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { RowEmitter, WeightedRows } from './weighted-rows.ts';
import type { WindowEnd } from './window-close.ts';

export class DistinctOperator implements Operator {
  readonly ageless = 'DISTINCT';
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly rows: WeightedRows;
  private readonly emitter: RowEmitter;
  private readonly changed: AddressList;
  private readonly deltas: AddressList;
  private readonly expiry: Expiry | null;

  /** `end`: until when equal rows can come, where that ends. */
  constructor(context: JobContext, outlet: Outlet, types: readonly SqlType[], end: WindowEnd | null) {
    this.context = context;
    this.outlet = outlet;
    this.rows = new WeightedRows(context, types, 8, 'sql');
    this.emitter = new RowEmitter(context, context.region, this.rows.layout);
    this.changed = new AddressList(context.arena, context.owner);
    this.deltas = new AddressList(context.arena, context.owner, 8);
    this.expiry = end === null ? null : new Expiry(context, end, this.rows.layout.columns[end.column]!);
  }

  push(batch: Batch): void {
    this.rows.add(batch);
    this.expiry?.note(batch.columns, batch.selection, batch.count);
  }

  /** Rows of closed windows are out already, and no equal one will come. */
  advance(watermarkMicros: bigint): void {
    if (this.expiry === null) return;
    for (const count of this.expiry.expired(this.rows, watermarkMicros)) this.rows.table.free(this.expiry.list, count);
    this.rows.table.store.compactHeap();
  }

  *flush(): Work {
    const { touched, weightOffset } = this.rows;
    if (touched.count === 0) return;
    const rows = this.changed.reserve(touched.count);
    const deltas = this.deltas.reserve(touched.count);
    const kernel = this.context.kernels.get('changes_distinct');
    const count = kernel(touched.address, touched.count, weightOffset, weightOffset + 8, rows, deltas);
    yield* this.emitter.emit(this.outlet, rows, deltas, count);
    this.rows.rest();
  }

  *save(state: StateWriter): Work {
    yield* this.rows.save(state, 'rows', this.words);
  }

  restore(state: StateReader): void {
    this.rows.restore(state, 'rows', this.words, (batch) => this.expiry?.note(batch.columns, 0, batch.count));
  }

  private get words(): StateWords {
    const { weightOffset } = this.rows;
    return [
      ['weight', weightOffset],
      ['emitted', weightOffset + 8],
    ];
  }

  release(): void {
    this.rows.release();
    this.changed.release();
    this.deltas.release();
  }
}

export class SetOperator implements Operator {
  readonly ageless = 'a set operation';
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly operation: number;
  private readonly all: number;
  private readonly rows: WeightedRows;
  private readonly emitter: RowEmitter;
  private readonly changed: AddressList;
  private readonly deltas: AddressList;

  constructor(
    context: JobContext,
    outlet: Outlet,
    types: readonly SqlType[],
    operation: 'intersect' | 'except',
    all: boolean,
  ) {
    this.context = context;
    this.outlet = outlet;
    this.operation = operation === 'intersect' ? 0 : 1;
    this.all = all ? 1 : 0;
    // weight (of both sides, to know when a row may go), then {left, right, emitted}
    this.rows = new WeightedRows(context, types, 24, 'sql');
    this.emitter = new RowEmitter(context, context.region, this.rows.layout);
    this.changed = new AddressList(context.arena, context.owner);
    this.deltas = new AddressList(context.arena, context.owner, 8);
  }

  push(batch: Batch, port: number): void {
    this.rows.add(batch, this.rows.weightOffset + 8 + port * 8);
  }

  *flush(): Work {
    const { touched, weightOffset } = this.rows;
    if (touched.count === 0) return;
    const rows = this.changed.reserve(touched.count);
    const deltas = this.deltas.reserve(touched.count);
    const kernel = this.context.kernels.get('changes_set_operation');
    const count = kernel(touched.address, touched.count, weightOffset + 8, this.operation, this.all, rows, deltas);
    yield* this.emitter.emit(this.outlet, rows, deltas, count);
    this.forgetEmpty();
  }

  /** A row counts as long as either side has it. */
  private forgetEmpty(): void {
    const { touched, weightOffset } = this.rows;
    const { i64, u32 } = this.context.memory;
    for (let i = 0; i < touched.count; i++) {
      const at = (u32[(touched.address >>> 2) + i]! + weightOffset) / 8;
      i64[at] = i64[at + 1] !== 0n || i64[at + 2] !== 0n ? 1n : 0n;
    }
    this.rows.rest();
  }

  *save(state: StateWriter): Work {
    yield* this.rows.save(state, 'rows', this.words);
  }

  restore(state: StateReader): void {
    this.rows.restore(state, 'rows', this.words);
  }

  private get words(): StateWords {
    const names = ['there', 'left', 'right', 'emitted'];
    return names.map((name, i) => [name, this.rows.weightOffset + i * 8] as const);
  }

  release(): void {
    this.rows.release();
    this.changed.release();
    this.deltas.release();
  }
}
