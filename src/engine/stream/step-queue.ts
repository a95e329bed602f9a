// StepQueue: what the stream engine has to do, in order: steps and tasks between them. Commits that wait are one step, up to one that
// carries a decision or makes a view, so that a replay of the log cuts steps where their effects can be seen. Idle, work runs in the
// caller's turn.
import type { CatalogSnapshot } from '../../catalog/objects.ts';
import { sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { PublishedCommit } from '../../storage/log/write-set.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import { drive } from '../jobs/drive.ts';
import type { RowContext } from '../rows/row-store.ts';
import type { Work } from './operator.ts';
import { WaitingChanges } from './waiting-changes.ts';

export interface CancelFlag {
  cancelled: boolean;
  onCancel: (() => void) | null;
}

/** What one or more commits have changed, at the epoch of the last one. */
export interface Step {
  epoch: bigint;
  catalog: CatalogSnapshot | null;
  readonly metadata: PublishedCommit['metadata'][number][];
  readonly decisions: PublishedCommit['decisions'][number][];
  /** no later commit belongs to it */
  closed: boolean;
  readonly changes: WaitingChanges;
  /** of its epoch, where it makes views; the step's to release */
  snapshot: TableSnapshot | null;
}

/** What the promise gives, or 57014 at once when cancelled. */
export async function untilCancelled<T>(promise: Promise<T>, cancel?: CancelFlag): Promise<T> {
  if (cancel === undefined) return promise;
  if (cancel.cancelled) throw userRequest();
  const canceled = Promise.withResolvers<never>();
  cancel.onCancel = () => canceled.reject(userRequest());
  try {
    return await Promise.race([promise, canceled.promise]);
  } finally {
    cancel.onCancel = null;
  }
}

const userRequest = () => sqlError('query_canceled', 'canceling statement due to user request');

type Entry = { readonly kind: 'step'; readonly step: Step } | { readonly kind: 'task'; readonly run: () => Work };

export interface StepRunner {
  step(step: Step): Work;
  /** Only a mistake of the engine itself comes here. */
  failed(error: unknown): void;
}

export class StepQueue {
  busy = false;
  private readonly runner: StepRunner;
  private readonly entries: Entry[] = [];

  constructor(runner: StepRunner) {
    this.runner = runner;
  }

  /** Nothing runs and nothing waits: a commit would be taken at once. */
  get idle(): boolean {
    return !this.busy && this.entries.length === 0;
  }

  /** Nothing waits behind what runs. */
  get calm(): boolean {
    return this.entries.length === 0;
  }

  /** Whether what waits may make a job that reads any relation. */
  get makesJobs(): boolean {
    return this.entries.some((entry) => entry.kind === 'task' || entry.step.snapshot !== null);
  }

  /** The step that waits for more commits: a new one when there is none. After `fill` has put the commit into it, it may run. */
  commit(context: RowContext, fill: (step: Step) => void): void {
    const last = this.entries.at(-1);
    let step = last?.kind === 'step' && !last.step.closed ? last.step : null;
    if (step === null) {
      const changes = new WaitingChanges(context);
      step = { epoch: 0n, catalog: null, metadata: [], decisions: [], closed: false, changes, snapshot: null };
      this.entries.push({ kind: 'step', step });
    }
    fill(step);
    this.run();
  }

  /** Runs work between steps. Cancelled, it throws 57014 at once while it waits, not once it runs. */
  task(run: () => Work, cancel?: CancelFlag): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        if (cancel !== undefined) cancel.onCancel = null;
        settle();
      };
      let running = false;
      const body = function* (): Work {
        running = true;
        try {
          yield* run();
          finish(resolve);
        } catch (error) {
          finish(() => reject(toSqlError(error)));
        }
      };
      const entry: Entry = { kind: 'task', run: body };
      this.entries.push(entry);
      if (cancel !== undefined) {
        cancel.onCancel = () => {
          if (running) return;
          this.entries.splice(this.entries.indexOf(entry), 1);
          finish(() => reject(userRequest()));
        };
      }
      this.run();
    });
  }

  private run(): void {
    if (this.busy) return;
    const first = this.entries.shift();
    if (first === undefined) return;
    this.busy = true;
    drive(first.kind === 'task' ? first.run() : this.runner.step(first.step), (error) => {
      this.busy = false;
      if (error !== undefined) this.runner.failed(error);
      this.run();
    });
  }
}
