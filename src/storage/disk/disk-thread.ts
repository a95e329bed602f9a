// The real disk as main sees it: a proxy that sends each call to a disk thread and awaits its answer. Large chunks are
// transferred, not copied. Calls of one proxy run in the order they were made.
import { Worker } from 'node:worker_threads';
import { type Disk, DiskError, type DiskFile } from './disk.ts';
import type { DiskAnswer } from './disk-thread-entry.ts';
import type { DiskRequest } from './real-disk.ts';

const TRANSFER_BYTES = 65_536;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class DiskThread implements Disk {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private dead: Error | null = null;

  /** Starts a thread for files under `directory`, which must exist. */
  constructor(directory: string) {
    this.worker = new Worker(new URL('./disk-thread-entry.ts', import.meta.url), { workerData: { directory } });
    this.worker.on('message', (answer: DiskAnswer) => this.settle(answer));
    this.worker.on('error', (error) => this.fail(error as Error));
    this.worker.on('exit', () => this.fail(new DiskError('EIO', 'open', directory, 'the disk thread has ended')));
    this.worker.unref();
  }

  async open(path: string, mode: 'create' | 'existing'): Promise<DiskFile> {
    const file = (await this.call({ call: 'open', path, mode })) as number;
    return {
      size: () => this.call({ call: 'size', file }) as Promise<number>,
      read: (position, length) => this.call({ call: 'read', file, position, length }) as Promise<Uint8Array>,
      append: (chunks, sync) =>
        this.call({ call: 'append', file, chunks, sync }, transferable(chunks)) as Promise<void>,
      truncate: (length) => this.call({ call: 'truncate', file, length }) as Promise<void>,
      sync: () => this.call({ call: 'sync', file }) as Promise<void>,
      close: () => this.call({ call: 'close', file }) as Promise<void>,
    };
  }

  list(folder: string): Promise<readonly string[]> {
    return this.call({ call: 'list', path: folder }) as Promise<readonly string[]>;
  }

  makeFolder(folder: string): Promise<void> {
    return this.call({ call: 'makeFolder', path: folder }) as Promise<void>;
  }

  rename(from: string, to: string): Promise<void> {
    return this.call({ call: 'rename', from, to }) as Promise<void>;
  }

  remove(path: string): Promise<void> {
    return this.call({ call: 'remove', path }) as Promise<void>;
  }

  async close(): Promise<void> {
    this.dead ??= new DiskError('EBADF', 'open', '', 'the disk is closed');
    await this.worker.terminate();
  }

  private call(request: DiskRequest, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.dead !== null) return Promise.reject(this.dead);
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      if (this.waiting.size === 0) this.worker.ref(); // an unanswered call keeps the process alive, an idle thread does not
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, request }, transfer);
    });
  }

  private settle(answer: DiskAnswer): void {
    const waiting = this.waiting.get(answer.id);
    if (waiting === undefined) return;
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.worker.unref();
    const { error } = answer;
    if (error === undefined) waiting.resolve(answer.value);
    else waiting.reject(new DiskError(error.code, error.phase, error.path, error.message));
  }

  private fail(error: Error): void {
    this.dead ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

function transferable(chunks: readonly Uint8Array[]): ArrayBuffer[] {
  return chunks
    .filter((chunk) => chunk.byteLength >= TRANSFER_BYTES && chunk.byteLength === chunk.buffer.byteLength)
    .map((chunk) => chunk.buffer)
    .filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}
