// LoopSource: a source as one asynchronous function. It owns the function's memory, lets it sleep on the clock, wakes it when it must
// stop, and turns its end or its error into the calls of Source and SourceSink.
import type { Clock } from '../base/clock.ts';
import type { Stream } from '../catalog/objects.ts';
import type { Arena } from '../columns/memory.ts';
import { toSqlError } from '../errors/sql-error.ts';
import type { KernelLibrary } from '../kernels/kernel-library.ts';
import type { Source, SourcePlace, SourceSink } from './source.ts';

export interface SourceParts {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly stream: Stream;
  readonly sink: SourceSink;
  /** what its commits have left, null at first */
  readonly from: SourcePlace | null;
  readonly clock: Clock;
}

/** What a source's function may ask of its loop. */
export interface SourceLoop {
  readonly stopped: boolean;
  /** the arena owner of all its memory */
  readonly owner: number;
  /** Settles after `micros`, or earlier on `wake` and when the source must stop. */
  sleep(micros: bigint): Promise<void>;
  wake(): void;
}

export class LoopSource implements Source, SourceLoop {
  stopped = false;
  owner = 0;
  private readonly parts: SourceParts;
  private readonly run: (loop: SourceLoop) => Promise<void>;
  private readonly budgetBytes: number;
  private running: Promise<void> | null = null;
  private wakeUp: (() => void) | null = null;
  private woken = false;
  private readonly resting: (() => void)[] = [];

  constructor(parts: SourceParts, budgetBytes: number, run: (loop: SourceLoop) => Promise<void>) {
    this.parts = parts;
    this.budgetBytes = budgetBytes;
    this.run = run;
  }

  start(): void {
    this.running ??= this.live();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  wake(): void {
    if (this.wakeUp === null) this.woken = true;
    else this.wakeUp();
  }

  /** Settles when the source waits for time to pass, or has ended. */
  rest(): Promise<void> {
    if (this.running === null || this.wakeUp !== null || this.owner === 0) return Promise.resolve();
    return new Promise((resolve) => this.resting.push(resolve));
  }

  sleep(micros: bigint): Promise<void> {
    if (this.stopped || this.woken) {
      this.woken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const cancel = this.parts.clock.after(micros, () => this.wakeUp?.());
      this.wakeUp = () => {
        cancel();
        this.wakeUp = null;
        resolve();
      };
      for (const rested of this.resting.splice(0)) rested();
    });
  }

  private async live(): Promise<void> {
    try {
      this.owner = this.parts.arena.addOwner(this.budgetBytes);
      await this.run(this);
    } catch (error) {
      if (!this.stopped) this.parts.sink.fail(toSqlError(error));
    } finally {
      if (this.owner !== 0) this.parts.arena.freeOwner(this.owner);
      this.owner = 0;
      this.stopped = true;
      for (const rested of this.resting.splice(0)) rested();
    }
  }
}
