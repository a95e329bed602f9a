// CatchUps: the jobs that have not come to the common frontier yet (catch-up.ts). Their work is done beside the steps, all of it in one
// slice of each turn.
import type { Arena } from '../../columns/memory.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import { SharedSlices } from '../jobs/drive.ts';
import type { Job } from '../jobs/job.ts';
import { CatchUp, type CatchUpDoors } from './catch-up.ts';
import type { StepDecisions } from './emission-timers.ts';
import type { JobRegistry } from './job-registry.ts';
import { sourceGone } from './subscriptions.ts';
import type { ChangedRows } from './waiting-changes.ts';

export interface CatchUpsOptions {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly jobs: JobRegistry;
  readonly doors: Pick<CatchUpDoors, 'frontier' | 'between' | 'isRead'>;
  /** of the changes that wait for one job */
  readonly waitingBytes: number;
}

export class CatchUps {
  private readonly options: CatchUpsOptions;
  private readonly doors: CatchUpDoors;
  private readonly behind = new Map<Job, CatchUp>();
  private readonly slices = new SharedSlices();

  constructor(options: CatchUpsOptions) {
    this.options = options;
    const { jobs } = options;
    this.doors = {
      ...options.doors,
      watermarkOf: (job) => jobs.watermarkOf(job),
      readError: (relation) => jobs.readError(relation),
      behind: (relation) => {
        const view = jobs.views.get(relation);
        return view === undefined ? undefined : this.behind.get(view);
      },
    };
  }

  /**
   * Fills a registered job beside the steps. Between two of them: the snapshot is of the frontier, and the views that the job reads are stored
   * (`storeBelow`). `joined` is called when the job has come to the frontier, between two steps; it is to begin there. The snapshot is taken over.
   */
  start(job: Job, snapshot: TableSnapshot, joined: (epoch: bigint) => void): CatchUp {
    const { arena, kernels, jobs, waitingBytes } = this.options;
    const owner = arena.addOwner(waitingBytes);
    const waiting = { arena, memory: arena.shared, kernels, owner };
    const views = jobs.viewsBelow(job);
    const load = jobs.load(job, snapshot);
    const catchUp = new CatchUp({ job, doors: this.doors, snapshot, load, waiting, joined });
    this.behind.set(job, catchUp);
    for (const [relation, view] of views) {
      const attributes = jobs.attributesOf(relation);
      catchUp.onFinish.push(view.output.listen((batch) => catchUp.take({ relation, attributes, batch }, batch.epoch!)));
    }
    catchUp.onFinish.push(() => {
      this.behind.delete(job);
      arena.freeOwner(owner);
    });
    this.slices.start(catchUp.run());
    return catchUp;
  }

  of(job: Job): CatchUp | undefined {
    return this.behind.get(job);
  }

  /** Ends the queries of subscriptions that read a relation that has gone. */
  failGone(gone: (relation: number) => boolean): void {
    for (const job of this.behind.keys()) if (job.relation === null && job.sources.some(gone)) job.fail(sourceGone());
  }

  /** Changes of a relation in the step that ends at `epoch`. */
  take(change: ChangedRows, epoch: bigint): void {
    for (const [job, catchUp] of this.behind) if (job.reads(change.relation)) catchUp.take(change, epoch);
  }

  /** What the step that has just ended decided. */
  decide(decided: StepDecisions): void {
    for (const [job, catchUp] of this.behind) if (decided.concerns(job.id)) void catchUp.cutWith(decided);
  }

  /** Work is under way. */
  get busy(): boolean {
    return this.slices.running > 0;
  }

  /** Resolves when those there are now have joined, or never will. */
  async ended(): Promise<void> {
    await Promise.all([...this.behind.values()].map((catchUp) => catchUp.end));
  }
}
