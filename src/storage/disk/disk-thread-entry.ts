// The disk thread: runs one synchronous disk call after another. It is a thread of its own so that a log write never waits
// behind reads in libuv's pool.
import { parentPort, workerData } from 'node:worker_threads';
import type { DiskError } from './disk.ts';
import { type DiskRequest, RealDisk } from './real-disk.ts';

/** What comes back for request `id`. */
export interface DiskAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: {
    readonly code: string;
    readonly phase: DiskError['phase'];
    readonly path: string;
    readonly message: string;
  };
}

const disk = new RealDisk((workerData as { directory: string }).directory);

parentPort!.on('message', ({ id, request }: { id: number; request: DiskRequest }) => {
  let answer: DiskAnswer;
  try {
    answer = { id, value: disk.run(request) };
  } catch (error) {
    const { code, phase, path, message } = error as DiskError;
    answer = { id, error: { code: code ?? 'EIO', phase: phase ?? 'open', path: path ?? '', message } };
  }
  parentPort!.postMessage(answer);
});
