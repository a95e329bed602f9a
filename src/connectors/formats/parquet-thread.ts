// ParquetThread: parquet-wasm in a thread of its own, started on first use. Requests are answered in order; a request that makes the
// library trap ends the thread, so that the next one meets a clean library.
import { Worker } from 'node:worker_threads';

export type ParquetRequest =
  | { readonly kind: 'schema'; readonly path: string }
  | {
      readonly kind: 'group';
      readonly handle: number;
      readonly path: string;
      readonly group: number;
      readonly columns: readonly string[];
      readonly batchRows: number;
    }
  | { readonly kind: 'next' | 'close' | 'finish'; readonly handle: number }
  | {
      readonly kind: 'create';
      readonly handle: number;
      readonly path: string;
      readonly compression: string;
      readonly rowGroupRows: number;
    }
  | { readonly kind: 'append'; readonly handle: number; readonly bytes: Uint8Array };

export type ParquetAnswer =
  | { readonly ok: true; readonly bytes: Uint8Array | null }
  | { readonly ok: false; readonly message: string; readonly code: string | null; readonly fatal: boolean };

interface Job {
  readonly request: ParquetRequest;
  readonly resolve: (bytes: Uint8Array | null) => void;
  readonly reject: (error: Error) => void;
}

class ParquetThread {
  private worker: Worker | null = null;
  private readonly waiting: Job[] = [];
  private current: Job | null = null;
  private handles = 0;

  newHandle(): number {
    return ++this.handles;
  }

  /** Arrow IPC stream bytes, or null where there is nothing (more) to give. Rejects with the library's or the file's error. */
  ask(request: ParquetRequest): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    if (this.current !== null) return;
    const job = this.waiting.shift();
    if (job === undefined) {
      this.worker?.unref();
      return;
    }
    this.current = job;
    const worker = this.start();
    worker.ref();
    const { request } = job;
    worker.postMessage(request, request.kind === 'append' ? [request.bytes.buffer as ArrayBuffer] : []);
  }

  private start(): Worker {
    if (this.worker !== null) return this.worker;
    const worker = new Worker(new URL('./parquet-worker.ts', import.meta.url));
    worker.on('message', (answer: ParquetAnswer) => {
      if (worker === this.worker) this.finish(answer);
    });
    worker.on('error', (error) => {
      if (worker === this.worker) this.finish({ ok: false, message: error.message, code: null, fatal: true });
    });
    this.worker = worker;
    return worker;
  }

  private finish(answer: ParquetAnswer): void {
    const job = this.current;
    this.current = null;
    if (!answer.ok && answer.fatal) {
      void this.worker?.terminate();
      this.worker = null;
    }
    if (job !== null) {
      if (answer.ok) job.resolve(answer.bytes);
      else job.reject(Object.assign(new Error(answer.message), { code: answer.code ?? undefined }));
    }
    this.next();
  }
}

/** One thread for all sessions. */
export const PARQUET_THREAD = new ParquetThread();
