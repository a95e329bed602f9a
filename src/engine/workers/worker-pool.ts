// WorkerPool: threads that share the arena and the compiled kernels, started on first use. A job is plain data, given to every worker at
// once; its workers share it by morsels. Failures travel as plain data and become SqlErrors again; a thread that dies fails the
// queries it was working for, and another takes its place. A trap on a thread, or its death amid a change of the allocator's tables,
// is damage of the memory that all share, which is not survived.
import { Worker } from 'node:worker_threads';
import type { Arena, MemoryDamage } from '../../columns/memory.ts';
import { SqlError, type SqlErrorDetails, sqlError } from '../../errors/sql-error.ts';
import type { SqlCondition } from '../../errors/sqlstates.ts';
import type { WorkerJob, WorkerShare } from '../batch/worker-job.ts';

export interface WorkerPoolOptions {
  readonly size: number;
  readonly arena: Arena;
  readonly module: WebAssembly.Module;
  /** see KernelLibrary.instantiate; the thread in question does nothing any more */
  readonly damaged?: (damage: MemoryDamage) => void;
}

export type WorkerAnswer =
  | { readonly damage: MemoryDamage }
  | { readonly id: number; readonly share: WorkerShare }
  | { readonly id: number; readonly error: { condition: SqlCondition; message: string; details: SqlErrorDetails } };

interface Waiting {
  readonly resolve: (share: WorkerShare) => void;
  readonly reject: (error: Error) => void;
}

/** One thread and the jobs it owes an answer. */
class PoolWorker {
  readonly thread: Worker;
  readonly waiting = new Map<number, Waiting>();

  constructor(options: WorkerPoolOptions, lost: (worker: PoolWorker) => void) {
    const { arena, module } = options;
    const { memory } = arena.shared;
    this.thread = new Worker(new URL('./worker-entry.ts', import.meta.url), { workerData: { memory, module } });
    this.thread.unref();
    const { threadId } = this.thread;
    let cause: string | null = null;
    this.thread.on('message', (answer: WorkerAnswer) => {
      if (!('damage' in answer)) return this.settle(answer);
      options.damaged?.(answer.damage);
      cause = answer.damage.cause;
      void this.thread.terminate();
    });
    this.thread.on('error', (error) => {
      cause = error.message;
    });
    this.thread.on('exit', () => {
      lost(this);
      if (arena.isLockedBy(threadId)) options.damaged?.({ cause: 'a worker thread ended while it allocated memory' });
      const detail = cause === null ? {} : { detail: cause };
      for (const each of this.waiting.values())
        each.reject(sqlError('internal_error', 'a worker thread ended', detail));
      this.waiting.clear();
    });
  }

  send(id: number, job: WorkerJob): Promise<WorkerShare> {
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.thread.ref(); // an unanswered job keeps the process alive, an idle thread does not
      this.thread.postMessage({ id, job });
    });
  }

  private settle(answer: Exclude<WorkerAnswer, { readonly damage: MemoryDamage }>): void {
    const each = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.thread.unref();
    if ('share' in answer) each?.resolve(answer.share);
    else each?.reject(new SqlError(answer.error.condition, answer.error.message, answer.error.details));
  }
}

export class WorkerPool {
  readonly size: number;
  private readonly options: WorkerPoolOptions;
  private workers: PoolWorker[] = [];
  private lastId = 0;

  constructor(options: WorkerPoolOptions) {
    this.options = options;
    this.size = options.size;
  }

  /**
   * Runs the job on every worker. Resolves when all have ended, so that the job's memory may be freed; rejects with the first error,
   * at which `failed` is called so that the others can be told to stop.
   */
  async runEverywhere(job: WorkerJob, failed: () => void): Promise<WorkerShare[]> {
    this.start();
    const id = ++this.lastId;
    let first: unknown = null;
    const shares = await Promise.all(
      this.workers.map((worker) =>
        worker.send(id, job).catch((error: unknown) => {
          first ??= error;
          failed();
          return null;
        }),
      ),
    );
    if (first !== null) throw first;
    return shares.filter((share) => share !== null);
  }

  /** Brings up the threads that are not there, so that the first query need not wait for them. */
  start(): void {
    while (this.workers.length < this.size)
      this.workers.push(new PoolWorker(this.options, (lost) => this.remove(lost)));
  }

  private remove(lost: PoolWorker): void {
    this.workers = this.workers.filter((worker) => worker !== lost);
  }

  /** Ends the threads; running jobs are lost. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.thread.terminate()));
  }
}
