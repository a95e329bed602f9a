// DISTINCT and set operations by counting. Rule: with w the count of a row (SQL equality), DISTINCT emits [w + dw > 0] - [w > 0];
// INTERSECT and EXCEPT emit the change of min(l, r), max(l - r, 0) or their DISTINCT forms. The first of equal rows stands for all.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { Expiry } from './expiry.ts';
import { type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';
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
  private readonly changed: number;
  private readonly deltas: number;
  private readonly expiry: Expiry | null;

  /** `end`: until when equal rows can come, where that ends. */
  constructor(context: JobContext, outlet: Outlet, types: readonly SqlType[], end: WindowEnd | null) {
    this.context = context;
    this.outlet = outlet;
    this.rows = new WeightedRows(context, types, 8, 'sql');
    this.emitter = new RowEmitter(context, context.region, this.rows.layout);
    this.changed = context.region.allocate(BATCH_ROWS * 4);
    this.deltas = context.region.allocate(BATCH_ROWS * 8);
    this.expiry = end === null ? null : new Expiry(context, end, this.rows.layout.columns[end.column]!);
  }

  *push(batch: Batch): Work {
    this.rows.add(batch);
    this.expiry?.note(batch.columns, batch.selection, batch.count);
    yield pause(this.context);
  }

  /** Rows of closed windows are out already, and no equal one will come. */
  *advance(watermarkMicros: bigint): Work {
    yield* forget(this.context, this.rows, this.expiry, watermarkMicros);
  }

  *flush(): Work {
    const { touched, weightOffset } = this.rows;
    const { changed, deltas, context, emitter } = this;
    const kernel = context.kernels.get('changes_distinct');
    for (const { address, count } of touched.portions()) {
      const found = kernel(address, count, weightOffset, weightOffset + 8, changed, deltas);
      yield* this.outlet.emit(emitter.batch(changed, found, deltas));
      yield pause(context);
    }
    yield* this.rows.rest();
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
  }
}

function* forget(context: JobContext, rows: WeightedRows, expiry: Expiry | null, watermarkMicros: bigint): Work {
  if (expiry === null) return;
  for (const count of expiry.expired(rows, watermarkMicros)) {
    rows.free(expiry.list, count);
    yield pause(context);
  }
  yield* rows.compact();
}

export class SetOperator implements Operator {
  readonly ageless = 'a set operation';
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly operation: number;
  private readonly all: number;
  private readonly rows: WeightedRows;
  private readonly emitter: RowEmitter;
  private readonly changed: number;
  private readonly deltas: number;
  private readonly expiry: Expiry | null;

  /** `end`: until when rows matter, where that ends. */
  constructor(
    context: JobContext,
    outlet: Outlet,
    types: readonly SqlType[],
    operation: 'intersect' | 'except',
    all: boolean,
    end: WindowEnd | null,
  ) {
    this.context = context;
    this.outlet = outlet;
    this.operation = operation === 'intersect' ? 0 : 1;
    this.all = all ? 1 : 0;
    // weight (of both sides, to know when a row may go), then {left, right, emitted}
    this.rows = new WeightedRows(context, types, 24, 'sql');
    this.emitter = new RowEmitter(context, context.region, this.rows.layout);
    this.changed = context.region.allocate(BATCH_ROWS * 4);
    this.deltas = context.region.allocate(BATCH_ROWS * 8);
    this.expiry = end === null ? null : new Expiry(context, end, this.rows.layout.columns[end.column]!);
  }

  *push(batch: Batch, port: number): Work {
    this.rows.add(batch, this.rows.weightOffset + 8 + port * 8);
    this.expiry?.note(batch.columns, batch.selection, batch.count);
    yield pause(this.context);
  }

  /** Rows of closed windows do not go out again. */
  *advance(watermarkMicros: bigint): Work {
    yield* forget(this.context, this.rows, this.expiry, watermarkMicros);
  }

  *flush(): Work {
    const { touched, weightOffset } = this.rows;
    const { changed, deltas, context, emitter, operation, all } = this;
    const kernel = context.kernels.get('changes_set_operation');
    for (const { address, count } of touched.portions()) {
      const found = kernel(address, count, weightOffset + 8, operation, all, changed, deltas);
      this.markEmpty(address, count);
      yield* this.outlet.emit(emitter.batch(changed, found, deltas));
      yield pause(context);
    }
    yield* this.rows.rest();
  }

  /** A row counts as long as either side has it. */
  private markEmpty(rows: number, count: number): void {
    const { i64, u32 } = this.context.memory;
    for (let i = 0; i < count; i++) {
      const at = (u32[(rows >>> 2) + i]! + this.rows.weightOffset) / 8;
      i64[at] = i64[at + 1] !== 0n || i64[at + 2] !== 0n ? 1n : 0n;
    }
  }

  *save(state: StateWriter): Work {
    yield* this.rows.save(state, 'rows', this.words);
  }

  restore(state: StateReader): void {
    this.rows.restore(state, 'rows', this.words, (batch) => this.expiry?.note(batch.columns, 0, batch.count));
  }

  private get words(): StateWords {
    const names = ['there', 'left', 'right', 'emitted'];
    return names.map((name, i) => [name, this.rows.weightOffset + i * 8] as const);
  }

  release(): void {
    this.rows.release();
  }
}
