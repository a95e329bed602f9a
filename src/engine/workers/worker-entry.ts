// A worker thread: its own kernels over the shared memory. Jobs of several queries take turns, as statements do on main.
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Arena, type MemoryDamage } from '../../columns/memory.ts';
import { toSqlError } from '../../errors/sql-error.ts';
import { KernelLibrary } from '../../kernels/kernel-library.ts';
import { runWorkerJob } from '../batch/run-worker-job.ts';
import type { WorkerJob } from '../batch/worker-job.ts';
import type { WorkerAnswer } from './worker-pool.ts';

const { memory, module } = workerData as { memory: WebAssembly.Memory; module: WebAssembly.Module };
const arena = Arena.attach(memory);
const kernels = KernelLibrary.instantiate(module, memory, stop);

const NICENESS = 5;

/** Tells main, which ends the process, and sleeps until then: nothing more is done with this memory. */
function stop(damage: MemoryDamage): void {
  arena.condemn();
  parentPort!.postMessage({ damage } satisfies WorkerAnswer);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Where cores are short, main goes first. Linux knows the priority of a thread; elsewhere threads stay equal. */
function stepBack(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), NICENESS);
  } catch {
    // not Linux, or not allowed
  }
}

async function answer(id: number, job: WorkerJob): Promise<WorkerAnswer> {
  try {
    return { id, share: await runWorkerJob(job, arena, kernels) };
  } catch (thrown) {
    const { condition, message, details } = toSqlError(thrown);
    return { id, error: { condition, message, details } };
  }
}

stepBack();
parentPort!.on('message', async ({ id, job }: { id: number; job: WorkerJob }) => {
  parentPort!.postMessage(await answer(id, job));
});
