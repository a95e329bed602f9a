// The door of the batch engine: runs a plan over a snapshot, batch by batch as the caller asks. All memory of a run belongs to one
// owner of the arena with the statement's budget and is gone after close, whatever happened.
import { after, type Maybe } from '../../base/maybe.ts';
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { BatchContext, Batches, OperatorStatistics, RunContext } from './batch-context.ts';
import { compilePlan } from './compile-plan.ts';
import { oneBatch } from './one-batch.ts';
import { pace } from './pace.ts';
import { RunSpill } from './spill-file.ts';

export interface BatchCursor {
  /** The next batch, valid until the next call, or null at the end. Throws SqlErrors; after one, only close may be called. */
  next(): Maybe<Batch | null>;
  /** Ends the run and frees its memory; may be called at any time between calls of next, and twice. */
  close(): Maybe<void>;
  /** Rows, batches and time per plan node, when the context asked for a profile. */
  profile(): ReadonlyMap<BatchPlan, OperatorStatistics>;
}

const LOOK_AGAIN_MS = 50;

/** What pg_sleep and pg_advisory_lock ask for: that the rows computed so far are held back. Cancellation ends the wait. */
function delays({ cancel, evaluation }: BatchContext) {
  let asked = 0;
  const over = (): Maybe<void> => {
    const waiting = evaluation.session?.waiting?.();
    if (waiting !== undefined) return waiting.then(over);
    return asked === 0 ? undefined : wait();
  };
  const wait = async (): Promise<void> => {
    const end = performance.now() + asked;
    asked = 0;
    for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
      if (cancel.cancelled) throw sqlError('query_canceled', 'canceling statement due to user request');
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, LOOK_AGAIN_MS)));
    }
  };
  const add = (milliseconds: number): void => {
    asked += milliseconds;
  };
  return { add, over };
}

export function runBatchPlan(plan: BatchPlan, given: BatchContext): BatchCursor {
  return new BatchRun(plan, given);
}

class BatchRun implements BatchCursor {
  private readonly plan: BatchPlan;
  private readonly analyze: Map<BatchPlan, OperatorStatistics> | undefined;
  private readonly waiting: ReturnType<typeof delays>;
  private readonly context: RunContext;
  private operators: Batches | null = null;
  /** everything came as one batch, without operators */
  private answered = false;
  private open = true;

  constructor(plan: BatchPlan, given: BatchContext) {
    this.plan = plan;
    this.analyze = given.profile === true ? (given.analyze ?? new Map()) : given.analyze;
    this.waiting = delays(given);
    const evaluation = { ...given.evaluation, delay: this.waiting.add };
    const batch = { ...given, evaluation, ...(this.analyze === undefined ? {} : { analyze: this.analyze }) };
    const batchRows = batch.batchRows ?? BATCH_ROWS;
    this.context = {
      batch,
      arena: batch.arena,
      memory: batch.arena.shared,
      kernels: batch.kernels,
      functions: batch.functions,
      owner: batch.arena.addOwner(batch.memoryLimitBytes),
      batchRows,
      spill: batch.spill === undefined ? null : new RunSpill(batch.spill),
      kept: new Map(),
      ...pace(batch.cancel, batchRows),
      share: null,
    };
  }

  next(): Maybe<Batch | null> {
    if (!this.open) return null;
    if (this.answered) return after(this.close(), () => null);
    const first = this.operators === null ? this.first() : undefined;
    return first === undefined ? this.pull() : first;
  }

  /** The only batch of a plan that needs no operators. */
  private first(): Maybe<Batch | null> | undefined {
    if (this.context.batch.analyze !== undefined) return undefined;
    const one = oneBatch(this.plan, this.context);
    this.answered = one !== undefined;
    return one === undefined ? undefined : after(one, (batch) => after(this.waiting.over(), () => batch));
  }

  private async pull(): Promise<Batch | null> {
    this.operators ??= compilePlan(this.plan, this.context);
    try {
      const paused = this.context.pause();
      if (paused !== undefined) await paused;
      const next = await this.operators.next();
      await this.waiting.over();
      if (!next.done) return next.value;
      await this.close();
      return null;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close(): Maybe<void> {
    if (!this.open) return;
    this.open = false;
    const free = () => this.context.arena.freeOwner(this.context.owner);
    return this.operators === null
      ? free()
      : this.operators
          .return()
          .finally(() => this.context.spill?.close())
          .finally(free)
          .then(() => undefined);
  }

  profile(): ReadonlyMap<BatchPlan, OperatorStatistics> {
    return this.analyze ?? new Map();
  }
}
