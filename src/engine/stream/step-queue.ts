// StepQueue: what the stream engine has to do, in order: commits and tasks between them. Waiting commits go as one step, up to one that
// carries a decision or makes a view, so that a replay of the log cuts steps where their effects can be seen. Idle, work runs in the
// caller's turn.
import type { CatalogSnapshot } from '../../catalog/objects.ts';
import type { Batch } from '../../columns/batch.ts';
import { sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { PublishedCommit } from '../../storage/log/write-set.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import { drive } from '../jobs/drive.ts';
import type { Work } from './operator.ts';

export interface CancelFlag {
  cancelled: boolean;
  onCancel: (() => void) | null;
}

export interface WaitingCommit {
  readonly epoch: bigint;
  readonly catalog: CatalogSnapshot | null;
  readonly metadata: PublishedCommit['metadata'];
  readonly decisions: PublishedCommit['decisions'];
  /** its decisions end the step */
  readonly cuts: boolean;
  readonly changes: readonly {
    readonly relation: number;
    readonly attributes: readonly number[];
    readonly rows: Iterable<Batch>;
    release(): void;
  }[];
}

type Entry =
  | { readonly kind: 'commit'; readonly commit: WaitingCommit; readonly snapshot: TableSnapshot | null }
  | { readonly kind: 'task'; readonly run: () => Work };

export interface StepRunner {
  /** Everything that these commits changed; the snapshot, of the last one's epoch, is the step's to release. */
  step(commits: readonly WaitingCommit[], snapshot: TableSnapshot | null): Work;
  /** Only a mistake of the engine itself comes here. */
  failed(error: unknown): void;
}

export class StepQueue {
  busy = false;
  private readonly runner: StepRunner;
  private readonly entries: Entry[] = [];
  private readonly waiters = new Set<() => void>();

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
    return this.entries.some((entry) => entry.kind === 'task' || entry.snapshot !== null);
  }

  commit(commit: WaitingCommit, snapshot: TableSnapshot | null): void {
    this.entries.push({ kind: 'commit', commit, snapshot });
    this.run();
  }

  /** Runs work between steps. */
  task(run: () => Work): Promise<void> {
    return new Promise((resolve, reject) => {
      const body = function* (): Work {
        try {
          yield* run();
          resolve();
        } catch (error) {
          reject(toSqlError(error));
        }
      };
      this.entries.push({ kind: 'task', run: body });
      this.run();
    });
  }

  /** Resolves when the running step or task is over; 57014 when cancelled. */
  nextStep(cancel?: CancelFlag): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        this.waiters.delete(finish);
        if (cancel !== undefined) cancel.onCancel = null;
        resolve();
      };
      this.waiters.add(finish);
      if (cancel === undefined) return;
      cancel.onCancel = () => {
        this.waiters.delete(finish);
        reject(sqlError('query_canceled', 'canceling statement due to user request'));
      };
    });
  }

  /** Lets everybody look again. */
  wakeAll(): void {
    for (const wake of [...this.waiters]) wake();
  }

  private run(): void {
    if (this.busy) return;
    const first = this.entries.shift();
    if (first === undefined) return;
    this.busy = true;
    drive(first.kind === 'task' ? first.run() : this.stepFrom(first), (error) => {
      this.busy = false;
      if (error !== undefined) this.runner.failed(error);
      this.wakeAll();
      this.run();
    });
  }

  private stepFrom(first: Extract<Entry, { kind: 'commit' }>): Work {
    const commits = [first.commit];
    let { snapshot } = first;
    while (snapshot === null && !commits.at(-1)!.cuts && this.entries[0]?.kind === 'commit') {
      const next = this.entries.shift() as Extract<Entry, { kind: 'commit' }>;
      commits.push(next.commit);
      ({ snapshot } = next);
    }
    return this.runner.step(commits, snapshot);
  }
}
