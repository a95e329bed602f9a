// Processing time of continuous queries: triggers at an interval, and timeouts of windows that nothing closes. A timer never acts: it
// commits a decision, whose step acts, so that a replay of the log does the same. Decisions: {kind: trigger | close | forget, query, bound}.
import type { Clock } from '../../base/clock.ts';
import type { Json } from '../../storage/log/tagged-json.ts';
import type { WriteSet } from '../../storage/log/write-set.ts';
import type { Job } from '../jobs/job.ts';

const CLOSED = 'closed/';

/** What commits have decided for the step that ends with them. */
export class StepDecisions {
  /** queries whose results go out */
  readonly triggered = new Set<number>();
  /** window ends up to which windows close */
  readonly closed = new Map<number, bigint>();
  /** epochs: what no later one has touched is forgotten */
  readonly forgotten = new Map<number, bigint>();

  /** Whether any of them is about a query. */
  static among(decisions: readonly Json[]): boolean {
    return decisions.some((decision) => typeof (decision as { query?: number }).query === 'number');
  }

  concerns(query: number): boolean {
    return this.triggered.has(query) || this.closed.has(query) || this.forgotten.has(query);
  }

  add(decisions: readonly Json[]): void {
    for (const decision of decisions) {
      const { kind, query, bound } = decision as { kind?: string; query?: number; bound?: bigint };
      if (typeof query !== 'number') continue;
      if (kind === 'trigger') this.triggered.add(query);
      else if (kind === 'close') this.closed.set(query, bound!);
      else if (kind === 'forget') this.forgotten.set(query, bound!);
    }
  }
}

/** What timers may do. */
export interface TimerActions {
  commit(writes: WriteSet): void;
  checkpoint(): void;
  /** the newest one */
  epoch(): bigint;
}

interface Timers {
  tick: (() => void) | null;
  checkpoint: (() => void) | null;
  timeout: (() => void) | null;
  age: (() => void) | null;
  /** steps that had rows, and when: those in a 256th of the time to live are one */
  readonly marks: { epoch: bigint; first: bigint; last: bigint }[];
  inputRows: bigint;
}

export class EmissionTimers {
  private readonly clock: Clock;
  private readonly actions: TimerActions;
  private readonly timers = new Map<Job, Timers>();
  private live = false;

  constructor(clock: Clock, actions: TimerActions) {
    this.clock = clock;
    this.actions = actions;
  }

  /** The log has been replayed: from here on decisions are made, not read. */
  begin(jobs: Iterable<Job>): void {
    this.live = true;
    for (const job of jobs) this.follow(job);
  }

  /** The job runs, or its emission has changed: its trigger begins to tick. */
  follow(job: Job): void {
    this.forget(job);
    if (!this.live || job.failure !== null) return;
    const timers: Timers = {
      tick: null,
      checkpoint: null,
      timeout: null,
      age: null,
      marks: [],
      inputRows: job.inputRows,
    };
    this.timers.set(job, timers);
    const { trigger, checkpointMicros } = job.emission;
    if (trigger.kind === 'interval') this.tick(job, timers, trigger.micros);
    if (checkpointMicros !== null) this.checkpointEvery(timers, checkpointMicros);
    this.stepped(job, true);
  }

  private tick(job: Job, timers: Timers, micros: bigint): void {
    timers.tick = this.clock.after(micros, () => {
      this.tick(job, timers, micros);
      if (job.unsettled && !job.emission.paused)
        this.actions.commit({ decisions: [{ kind: 'trigger', query: job.id }] });
    });
  }

  private checkpointEvery(timers: Timers, micros: bigint): void {
    const epoch = this.actions.epoch();
    timers.checkpoint = this.clock.after(micros, () => {
      this.checkpointEvery(timers, micros);
      if (this.actions.epoch() > epoch) this.actions.checkpoint();
    });
  }

  /** After each step: rows have come, so the windows that wait get their time anew. */
  stepped(job: Job, always = false): void {
    const timers = this.timers.get(job);
    if (timers === undefined || (job.inputRows === timers.inputRows && !always)) return;
    timers.inputRows = job.inputRows;
    const { mode, stateTtlMicros } = job.emission;
    if (stateTtlMicros !== null) this.mark(job, timers, stateTtlMicros);
    if (mode.kind !== 'window-close' || mode.timeoutMicros === null) return;
    timers.timeout?.();
    timers.timeout = null;
    if (job.closer === null) return;
    timers.timeout = this.clock.after(mode.timeoutMicros, () => {
      timers.timeout = null;
      const bound = job.closer!.latestEnd();
      if (bound === null) return;
      const metadata: WriteSet['metadata'] = job.relation === null ? [] : [[closedKey(job.relation), bound]];
      this.actions.commit({ decisions: [{ kind: 'close', query: job.id, bound }], metadata });
    });
  }

  private mark(job: Job, timers: Timers, ttlMicros: bigint): void {
    const now = this.clock.nowMicros();
    const last = timers.marks.at(-1);
    if (last !== undefined && (now - last.first) * 256n < ttlMicros) {
      last.last = now;
      last.epoch = job.frontier;
    } else timers.marks.push({ epoch: job.frontier, first: now, last: now });
    if (timers.age === null) this.ageLater(job, timers, ttlMicros);
  }

  private ageLater(job: Job, timers: Timers, ttlMicros: bigint): void {
    const [oldest] = timers.marks;
    timers.age = null;
    if (oldest === undefined) return;
    timers.age = this.clock.after(oldest.last + ttlMicros - this.clock.nowMicros(), () => {
      const limit = this.clock.nowMicros() - ttlMicros;
      let bound: bigint | null = null;
      while (timers.marks[0] !== undefined && timers.marks[0].last <= limit) bound = timers.marks.shift()!.epoch;
      if (bound !== null) this.actions.commit({ decisions: [{ kind: 'forget', query: job.id, bound }] });
      this.ageLater(job, timers, ttlMicros);
    });
  }

  forget(job: Job): void {
    const timers = this.timers.get(job);
    timers?.tick?.();
    timers?.timeout?.();
    timers?.checkpoint?.();
    timers?.age?.();
    this.timers.delete(job);
  }

  close(): void {
    for (const job of [...this.timers.keys()]) this.forget(job);
  }
}

/** Under which metadata a view keeps up to where timeouts have closed its windows. */
export function closedKey(relation: number): string {
  return `${CLOSED}${relation}`;
}
