// The door of the batch engine: runs a plan over a snapshot, batch by batch as the caller asks. All memory of a run belongs to one
// owner of the arena with the statement's budget and is gone after close, whatever happened.
import { after, type Maybe } from '../../base/maybe.ts';
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { EvaluationContext } from '../../functions/function-definition.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { type BoundParameter, bindParameters } from '../../plan/bind-parameters.ts';
import { type BatchContext, type OperatorStatistics, type RunContext, runPace } from './batch-context.ts';
import { compilePlan } from './compile-plan.ts';
import { OneBatchProgram } from './one-batch.ts';
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

/** `parameters`: of the plan, which keeps them as expressions, so that what was compiled for it can be kept too. */
export function runBatchPlan(
  plan: BatchPlan,
  context: BatchContext,
  parameters: readonly BoundParameter[] = [],
): BatchCursor {
  return new BatchRun(plan, context, parameters);
}

class BatchRun implements BatchCursor {
  private readonly plan: BatchPlan;
  private readonly given: BatchContext;
  private readonly parameters: readonly BoundParameter[];
  private readonly analyze: Map<BatchPlan, OperatorStatistics> | undefined;
  private readonly waiting: ReturnType<typeof delays>;
  private readonly evaluation: EvaluationContext;
  private operators: ReturnType<BatchRun['compileOperators']> | null = null;
  /** everything came as one batch, without operators */
  private program: OneBatchProgram | null = null;
  private answered = false;
  private open = true;

  constructor(plan: BatchPlan, given: BatchContext, parameters: readonly BoundParameter[]) {
    this.plan = plan;
    this.given = given;
    this.parameters = parameters;
    this.analyze = given.profile === true ? (given.analyze ?? new Map()) : given.analyze;
    this.waiting = delays(given);
    this.evaluation = { ...given.evaluation, delay: this.waiting.add };
  }

  next(): Maybe<Batch | null> {
    if (!this.open) return null;
    if (this.answered) return after(this.close(), () => null);
    const first = this.operators === null ? this.first() : undefined;
    return first === undefined ? this.pull() : first;
  }

  /** The only batch of a plan that needs no operators. */
  private first(): Maybe<Batch | null> | undefined {
    if (this.analyze !== undefined) return undefined;
    this.program = this.compiled();
    const values = this.parameters.map(({ value }) => value);
    const one = this.program?.run(this.given.snapshot, this.evaluation, values);
    this.answered = one !== undefined;
    return one === undefined ? undefined : after(one, (batch) => after(this.waiting.over(), () => batch));
  }

  private compiled(): OneBatchProgram | null {
    const kept = this.given.programs?.take(this.plan) as OneBatchProgram | undefined;
    if (kept?.suits(this.evaluation) === true) return kept;
    kept?.free();
    return OneBatchProgram.compile(this.plan, { ...this.given, evaluation: this.evaluation });
  }

  private async pull(): Promise<Batch | null> {
    this.operators ??= this.compileOperators();
    try {
      const paused = this.operators.pause();
      if (paused !== undefined) await paused;
      const next = await this.operators.rows.next();
      await this.waiting.over();
      if (!next.done) return next.value;
      await this.close();
      return null;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private compileOperators() {
    const { evaluation, analyze, given } = this;
    const batch = { ...given, evaluation, ...(analyze === undefined ? {} : { analyze }) };
    const { arena } = batch;
    const batchRows = batch.batchRows ?? BATCH_ROWS;
    const context: RunContext = {
      batch,
      arena,
      memory: arena.shared,
      kernels: batch.kernels,
      functions: batch.functions,
      owner: arena.addOwner(batch.memoryLimitBytes),
      batchRows,
      spill: batch.spill === undefined ? null : new RunSpill(batch.spill),
      kept: new Map(),
      ...runPace(batch.cancel, batchRows),
      share: null,
    };
    const rows = compilePlan(bindParameters(this.plan, this.parameters), context);
    const free = () => arena.freeOwner(context.owner);
    return { rows, pause: context.pause, end: () => after(context.spill?.close(), free) };
  }

  close(): Maybe<void> {
    if (!this.open) return;
    this.open = false;
    const { program, operators } = this;
    if (program !== null) this.giveBack(program);
    return operators?.rows
      .return()
      .finally(operators.end)
      .then(() => undefined);
  }

  private giveBack(program: OneBatchProgram): void {
    if (this.given.programs === undefined) program.free();
    else this.given.programs.give(this.plan, program);
  }

  profile(): ReadonlyMap<BatchPlan, OperatorStatistics> {
    return this.analyze ?? new Map();
  }
}
