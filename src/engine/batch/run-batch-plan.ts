// The door of the batch engine: runs a plan over a snapshot, batch by batch as the caller asks. All memory of a run belongs to one
// owner of the arena with the statement's budget and is gone after close, whatever happened.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { type BatchContext, type OperatorStatistics, pacer, type RunContext } from './batch-context.ts';
import { compilePlan } from './compile-plan.ts';

export interface BatchCursor {
  /** The next batch, valid until the next call, or null at the end. Throws SqlErrors; after one, only close may be called. */
  next(): Promise<Batch | null>;
  /** Ends the run and frees its memory; may be called at any time between calls of next, and twice. */
  close(): Promise<void>;
  /** Rows, batches and time per plan node, when the context asked for a profile. */
  profile(): ReadonlyMap<BatchPlan, OperatorStatistics>;
}

const LOOK_AGAIN_MS = 50;

/** What pg_sleep asks for: the time by which the rows computed so far are held back. Cancellation ends the wait. */
function delays(cancel: BatchContext['cancel']) {
  let asked = 0;
  const over = async (): Promise<void> => {
    if (asked === 0) return;
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
  const analyze = given.analyze ?? new Map<BatchPlan, OperatorStatistics>();
  const waiting = delays(given.cancel);
  const evaluation = { ...given.evaluation, delay: waiting.add };
  const batch: BatchContext = { ...given, evaluation, ...(given.profile === true ? { analyze } : {}) };
  const owner = batch.arena.addOwner(batch.memoryLimitBytes);
  const context: RunContext = {
    batch,
    arena: batch.arena,
    memory: batch.arena.shared,
    kernels: batch.kernels,
    functions: batch.functions,
    owner,
    batchRows: batch.batchRows ?? BATCH_ROWS,
    kept: new Map(),
    pause: pacer(batch.cancel, true),
    share: null,
  };
  const rows = compilePlan(plan, context);
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    try {
      await rows.return();
    } finally {
      batch.arena.freeOwner(owner);
    }
  };
  return {
    async next() {
      if (!open) return null;
      try {
        await context.pause();
        const next = await rows.next();
        await waiting.over();
        if (!next.done) return next.value;
        await close();
        return null;
      } catch (error) {
        await close();
        throw error;
      }
    },
    close,
    profile: () => analyze,
  };
}
