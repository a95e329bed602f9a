// CheckpointHistory: what became of the latest checkpoints, for headrace.checkpoints. Of this life of the server only; a bounded number.
import type { Clock } from '../../base/clock.ts';
import type { CheckpointRow } from '../../catalog/system-relation.ts';
import { toSqlError } from '../../errors/sql-error.ts';

const KEPT = 100;

/** One checkpoint: told what happens to it while it is taken. */
export class CheckpointRun {
  epoch: bigint | null = null;
  /** written so far */
  bytes = 0;
  private readonly clock: Clock;
  private readonly startedMs: number;
  private endedMs: number | null = null;
  private error: string | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
    this.startedMs = this.nowMs();
  }

  end(failure: unknown): void {
    this.endedMs = this.nowMs();
    if (failure !== null) this.error = toSqlError(failure).message;
  }

  get row(): CheckpointRow {
    const { epoch, bytes, error, startedMs, endedMs } = this;
    const ended = error === null ? 'done' : 'failed';
    return {
      epoch,
      bytes,
      error,
      startedAtMs: startedMs,
      durationMs: endedMs === null ? null : endedMs - startedMs,
      state: endedMs === null ? 'running' : ended,
    };
  }

  private nowMs(): number {
    return Number(this.clock.nowMicros()) / 1000;
  }
}

export class CheckpointHistory {
  private readonly clock: Clock;
  private readonly runs: CheckpointRun[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Runs `take` as one checkpoint; what it throws is noted and thrown. */
  async follow<T>(take: (run: CheckpointRun) => Promise<T>): Promise<T> {
    const run = new CheckpointRun(this.clock);
    this.runs.push(run);
    if (this.runs.length > KEPT) this.runs.shift();
    try {
      const result = await take(run);
      run.end(null);
      return result;
    } catch (error) {
      run.end(error);
      throw error;
    }
  }

  /** Oldest first. */
  rows(): CheckpointRow[] {
    return this.runs.map((run) => run.row);
  }
}
