// A thread that asks SELECT 1 on a connection of its own at a steady rate and notes how long each answer took from the time at which it
// was due: a question that had to wait for the one before counts its wait (no coordinated omission).
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { serialize } from 'pg-protocol';
import { RawClient } from '../../src/testing/raw-client.ts';

const INTERVAL_MS = 20;
const ANSWER_TIMEOUT_MS = 600_000;

export class SelectOneProber {
  readonly #thread: Worker;

  private constructor(thread: Worker) {
    this.#thread = thread;
  }

  /** Connected and asking. */
  static async start(port: number): Promise<SelectOneProber> {
    const prober = new SelectOneProber(new Worker(new URL(import.meta.url), { workerData: { port } }));
    await prober.#answer();
    return prober;
  }

  /** Forgets what was measured. */
  begin(): Promise<unknown> {
    const answer = this.#answer();
    this.#thread.postMessage('begin');
    return answer;
  }

  /** Milliseconds of the questions due since `begin`. */
  async end(): Promise<readonly number[]> {
    const answer = this.#answer();
    this.#thread.postMessage('end');
    return (await answer) as readonly number[];
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#thread.once('error', reject);
      this.#thread.once('message', (message) => {
        this.#thread.off('error', reject);
        resolve(message);
      });
    });
  }
}

async function probe(port: number): Promise<void> {
  const client = await RawClient.login(port);
  let taken: number[] = [];
  let begun = 0;
  parentPort!.on('message', (message: 'begin' | 'end') => {
    parentPort!.postMessage(message === 'end' ? taken : 'begun');
    taken = [];
    begun = performance.now();
  });
  parentPort!.postMessage('connected');
  const question = serialize.query('SELECT 1');
  for (let due = performance.now(); ; due += INTERVAL_MS) {
    if (due < begun) due = begun; // what was due before the measurement is not asked any more
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const asked = early > 0 ? performance.now() : due;
    client.send(question);
    const answer = await client.until('Z', ANSWER_TIMEOUT_MS);
    if (answer.at(-1)?.type !== 'Z') throw new Error('SELECT 1 was not answered');
    taken.push(performance.now() - Math.max(asked, begun));
  }
}

if (!isMainThread) await probe((workerData as { port: number }).port);
