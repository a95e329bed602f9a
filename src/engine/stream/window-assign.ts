// Window assignment: each row once per event-time window that contains its time, with window_start, window_end and window_time.
// Rule: stateless, as linear.ts. Rows without a time are in no window.
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { Expression } from '../../plan/expression.ts';
import type { EventWindow } from '../../plan/logical.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { compileExpression } from '../expressions/compile-expression.ts';
import type { Evaluator } from '../expressions/expression-context.ts';
import { widthShift } from '../rows/row-layout.ts';
import { withoutFailing } from './job-errors.ts';
import { expressionContext, type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';

export class WindowAssignOperator implements Operator {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly heap: Region;
  private readonly time: Evaluator;
  private readonly columns: readonly OwnedVector[];
  private readonly added: readonly [OwnedVector, OwnedVector, OwnedVector];
  private readonly window: number;
  private readonly state: number;
  private readonly indexes: number;
  private readonly weights: number;

  /** `types`: of the input, then of the three added columns. */
  constructor(
    context: JobContext,
    outlet: Outlet,
    types: readonly SqlType[],
    window: Exclude<EventWindow, { kind: 'session' }>,
    time: Expression,
  ) {
    this.context = context;
    this.outlet = outlet;
    this.heap = new Region(context.arena, context.owner);
    this.time = compileExpression(time, expressionContext(context, this.heap));
    const { region, memory } = context;
    this.columns = types.slice(0, -3).map((type) => allocateVector(region, type));
    const [start, end, last] = types.slice(-3).map((type) => allocateVector(region, type));
    this.added = [start!, end!, last!];
    this.window = region.allocate(32);
    memory.i64[this.window / 8] = window.kind === 'hop' ? window.slideMicros : window.sizeMicros;
    memory.i64[this.window / 8 + 1] = window.sizeMicros;
    memory.i64[this.window / 8 + 2] = window.offsetMicros;
    memory.i64[this.window / 8 + 3] = window.kind === 'cumulate' ? window.stepMicros : 0n;
    this.state = region.allocate(16);
    this.indexes = region.allocate(BATCH_ROWS * 4);
    this.weights = region.allocate(BATCH_ROWS * 8);
  }

  *push(batch: Batch): Work {
    this.heap.reset();
    const { memory, kernels, errors } = this.context;
    let times = { data: 0, nulls: 0 };
    const good = withoutFailing(memory, this.heap, batch, errors, (part) => {
      times = this.time.evaluate(part, part.selection, part.count);
    });
    memory.u32.fill(0, this.state >>> 2, (this.state >>> 2) + 4);
    const [start, end, last] = this.added;
    const assign = kernels.get('window_assign');
    for (let done = false; !done; ) {
      const status = assign(
        times.data, times.nulls, good.selection, good.count, this.window, this.state, this.indexes, start.data, end.data, last.data, BATCH_ROWS,
      ); // biome-ignore format: one call
      done = status === 0;
      yield* this.emit(good, memory.u32[(this.state >>> 2) + 2]!);
      yield pause(this.context);
    }
  }

  private *emit(batch: Batch, count: number): Work {
    if (count === 0) return;
    const { kernels } = this.context;
    const take = kernels.get('take_column');
    for (let i = 0; i < this.columns.length; i++) {
      const out = this.columns[i]!;
      const { data, nulls } = batch.columns[i]!;
      take(out.data, out.nullsRoom, data, nulls, widthShift(out.type), this.indexes, count);
      out.nulls = nulls === 0 ? 0 : out.nullsRoom;
    }
    if (batch.weights !== 0) kernels.get('gather_8')(this.weights, batch.weights, this.indexes, count);
    const weights = batch.weights === 0 ? 0 : this.weights;
    yield* this.outlet.emit({ columns: [...this.columns, ...this.added], count, selection: 0, weights });
  }

  release(): void {
    this.heap.release();
  }
}
