// Main's side of a job: gives a task to all workers, tells them of a cancel, waits until every one has ended.
import { Region } from '../../columns/region.ts';
import type { RunContext } from './batch-context.ts';
import type { WorkerShare, WorkerTask } from './worker-job.ts';

const CANCEL_POLL_MS = 20;

export async function runOnWorkers(task: WorkerTask, context: RunContext): Promise<WorkerShare[]> {
  const { workers, snapshot, evaluation, cancel } = context.batch;
  const { i32 } = context.memory;
  const region = new Region(context.arena, context.owner);
  const counter = region.allocateZeroed(16);
  const stop = () => Atomics.store(i32, (counter >>> 2) + 1, 1);
  const watch = setInterval(() => {
    if (cancel.cancelled) stop();
  }, CANCEL_POLL_MS);
  const { nowMicros, timeZone } = evaluation;
  const { owner, batchRows } = context;
  const profile = context.batch.analyze !== undefined;
  const job = {
    task,
    epoch: snapshot.epoch,
    owner,
    counter,
    cancel: counter + 4,
    nowMicros,
    timeZone,
    batchRows,
    profile,
  };
  try {
    if (cancel.cancelled) stop();
    return await workers!.runEverywhere(job, stop);
  } finally {
    clearInterval(watch);
    region.release();
  }
}
