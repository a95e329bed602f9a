// StepOutput: the end of a dataflow whose result only subscriptions follow. It holds the net changes of the step under way (equal rows,
// byte by byte, are one row with the sum of their weights) and forgets them once they are out. Where no row ever leaves, nothing can
// cancel out: rows go out as they come, and nothing is held at all.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { JobOutput } from './job-output.ts';
import { type JobContext, pause, type Work } from './operator.ts';
import { RowEmitter, WeightedRows } from './weighted-rows.ts';

/** Rows' memory that is kept for the next step. */
const KEPT_ROWS = 8192;

interface StepRows {
  readonly rows: WeightedRows;
  readonly emitter: RowEmitter;
  /** of the emitter */
  readonly region: Region;
}

export class StepOutput implements JobOutput {
  outputRows = 0n;
  readonly pendingRows = 0;
  private readonly context: JobContext;
  private readonly types: readonly SqlType[];
  private readonly appendOnly: boolean;
  private readonly changed: number;
  private readonly deltas: number;
  private readonly listeners = new Set<(batch: Batch) => void>();
  private step: StepRows | null = null;

  /** `appendOnly`: all weights are positive. */
  constructor(context: JobContext, types: readonly SqlType[], appendOnly: boolean) {
    this.context = context;
    this.types = types;
    this.appendOnly = appendOnly;
    this.changed = context.region.allocate(BATCH_ROWS * 4);
    this.deltas = context.region.allocate(BATCH_ROWS * 8);
  }

  get unsettled(): boolean {
    return this.step !== null && this.step.rows.touched.count > 0;
  }

  listen(listener: (batch: Batch) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  *push(batch: Batch): Work {
    if (this.appendOnly) this.publish({ ...batch, epoch: this.context.step.epoch });
    else {
      this.step ??= this.makeRows();
      this.step.rows.add(batch);
    }
    yield pause(this.context);
  }

  *settle(epoch: bigint): Work {
    if (this.step === null || this.step.rows.touched.count === 0) return;
    const { context, changed, deltas } = this;
    const { rows, emitter } = this.step;
    const select = context.kernels.get('rows_select_zero');
    const read = context.kernels.get('rows_read_i64');
    const free = rows.count <= KEPT_ROWS;
    for (const { address, count } of rows.touched.portions()) {
      const found = select(address, count, rows.weightOffset, 1, changed);
      read(deltas, changed, rows.weightOffset, found);
      if (found > 0) this.publish({ ...emitter.batch(changed, found, deltas), epoch });
      if (free) {
        context.kernels.get('changes_rest')(address, count);
        rows.free(address, count);
      }
      yield pause(context);
    }
    if (free) {
      rows.touched.clear();
      yield* rows.compact();
    } else this.release();
  }

  *store(): Work {}

  private publish(batch: Batch): void {
    this.outputRows += BigInt(batch.count);
    for (const listener of this.listeners) listener(batch);
  }

  private makeRows(): StepRows {
    const rows = new WeightedRows(this.context, this.types, 0, 'identity');
    const region = new Region(this.context.arena, this.context.owner);
    return { rows, emitter: new RowEmitter(this.context, region, rows.layout), region };
  }

  release(): void {
    this.step?.rows.release();
    this.step?.region.release();
    this.step = null;
  }
}
