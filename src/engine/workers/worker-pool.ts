// WorkerPool: threads that share the arena and the compiled kernels, started on first use. A job is plain data, given to every worker at
// once; its workers share it by morsels. Failures travel as plain data and become SqlErrors again.
import { Worker } from 'node:worker_threads';
import { SqlError, type SqlErrorDetails } from '../../errors/sql-error.ts';
import type { SqlCondition } from '../../errors/sqlstates.ts';
import type { AggregateJob, AggregateShare } from '../batch/parallel-aggregate.ts';

export interface WorkerPoolOptions {
  readonly size: number;
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
}

export type WorkerAnswer =
  | { readonly id: number; readonly share: AggregateShare }
  | { readonly id: number; readonly error: { condition: SqlCondition; message: string; details: SqlErrorDetails } };

interface Waiting {
  readonly resolve: (share: AggregateShare) => void;
  readonly reject: (error: Error) => void;
}

export class WorkerPool {
  readonly size: number;
  private readonly options: WorkerPoolOptions;
  private readonly workers: Worker[] = [];
  private readonly waiting: Map<number, Waiting>[] = [];
  private lastId = 0;

  constructor(options: WorkerPoolOptions) {
    this.options = options;
    this.size = options.size;
  }

  /** Runs the job on every worker. Resolves when all have ended, so that the job's memory may be freed; rejects with the first error. */
  async runEverywhere(job: AggregateJob): Promise<AggregateShare[]> {
    this.start();
    const results = await Promise.allSettled(this.workers.map((_, i) => this.send(i, job)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  private send(index: number, job: AggregateJob): Promise<AggregateShare> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting[index]!.set(id, { resolve, reject });
      this.workers[index]!.postMessage({ id, job });
    });
  }

  private start(): void {
    const { memory, module } = this.options;
    while (this.workers.length < this.size) {
      const worker = new Worker(new URL('./worker-entry.ts', import.meta.url), { workerData: { memory, module } });
      const waiting = new Map<number, Waiting>();
      worker.unref();
      worker.on('message', (answer: WorkerAnswer) => settle(waiting, answer));
      worker.on('error', (error) => {
        for (const each of waiting.values()) each.reject(error);
        waiting.clear();
      });
      this.workers.push(worker);
      this.waiting.push(waiting);
    }
  }

  /** Ends the threads; running jobs are lost. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
    this.workers.length = 0;
    this.waiting.length = 0;
  }
}

function settle(waiting: Map<number, Waiting>, answer: WorkerAnswer): void {
  const each = waiting.get(answer.id);
  waiting.delete(answer.id);
  if ('share' in answer) each?.resolve(answer.share);
  else each?.reject(new SqlError(answer.error.condition, answer.error.message, answer.error.details));
}
