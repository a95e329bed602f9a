// The door of the batch engine: runs a plan over a snapshot, batch by batch as the caller asks. All memory of a run belongs to one
// owner of the arena with the statement's budget and is gone after close, whatever happened.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
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

export function runBatchPlan(plan: BatchPlan, given: BatchContext): BatchCursor {
  const analyze = given.analyze ?? new Map<BatchPlan, OperatorStatistics>();
  const batch: BatchContext = given.profile === true ? { ...given, analyze } : given;
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
