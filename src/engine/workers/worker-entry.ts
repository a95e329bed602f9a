// A worker thread: its own kernels over the shared memory, jobs one after the other.
import { parentPort, workerData } from 'node:worker_threads';
import { Arena } from '../../columns/memory.ts';
import { toSqlError } from '../../errors/sql-error.ts';
import { KernelLibrary } from '../../kernels/kernel-library.ts';
import { type AggregateJob, runAggregateJob } from '../batch/parallel-aggregate.ts';
import type { WorkerAnswer } from './worker-pool.ts';

const { memory, module } = workerData as { memory: WebAssembly.Memory; module: WebAssembly.Module };
const arena = Arena.attach(memory);
const kernels = KernelLibrary.instantiate(module, memory);

async function answer(id: number, job: AggregateJob): Promise<WorkerAnswer> {
  try {
    return { id, share: await runAggregateJob(job, arena, kernels) };
  } catch (thrown) {
    const { condition, message, details } = toSqlError(thrown);
    return { id, error: { condition, message, details } };
  }
}

let last: Promise<void> = Promise.resolve();
parentPort!.on('message', ({ id, job }: { id: number; job: AggregateJob }) => {
  last = last.then(async () => parentPort!.postMessage(await answer(id, job)));
});
