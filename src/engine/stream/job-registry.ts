// JobRegistry: the jobs there are, and how they come and go with the catalog: planning, loading, connecting views to the views above,
// restarting what failed. Jobs stand in the order of their making, so that views come before the views on them.
import { type Clock, realClock } from '../../base/clock.ts';
import type { CatalogSnapshot, MaterializedView, Relation } from '../../catalog/objects.ts';
import type { Arena } from '../../columns/memory.ts';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Storage } from '../../storage/storage.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import { Job, type JobSettings, type MakeOutput } from '../jobs/job.ts';
import type { RecomputeDoors } from './arranged-snapshot.ts';
import { type SourceFacts, scansOf } from './build-dataflow.ts';
import { stateOf } from './checkpointed-jobs.ts';
import { type Emission, emissionOf, plainEmission } from './emission.ts';
import { closedKey, type EmissionTimers } from './emission-timers.ts';
import type { Ingest } from './ingest.ts';
import type { Work } from './operator.ts';
import { retentionOf } from './retention.ts';
import type { StateReader } from './state-file.ts';
import { ViewTable } from './view-table.ts';

export interface JobOptions {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly storage: Storage;
  functions(catalog: CatalogSnapshot): FunctionRegistry;
  /** The view's query planned against the catalog. */
  planView(view: MaterializedView, catalog: CatalogSnapshot): BatchPlan | Promise<BatchPlan>;
  /** what recomputed parts of plans need: files, user functions */
  readonly doors?: RecomputeDoors;
  readonly clock?: Clock;
  /** bytes of state per job; default a third of the memory */
  readonly jobMemoryBytes?: number;
  /** of changes that wait for one job that is being filled; default a quarter of the memory, 1 GB at most */
  readonly backlogBytes?: number;
}

/** of all memory: what a job may take for its state, and for the stored form of its view, so that the others can go on */
const JOB_SHARE = 1 / 3;
const STORED_SHARE = 1 / 4;

export class JobRegistry {
  /** by oid of the view */
  readonly views = new Map<number, Job>();
  /** of subscriptions, behind all views */
  readonly own = new Set<Job>();
  private readonly options: JobOptions;
  private readonly ingest: Ingest;
  private readonly timers: EmissionTimers;

  constructor(options: JobOptions, ingest: Ingest, timers: EmissionTimers) {
    this.options = options;
    this.ingest = ingest;
    this.timers = timers;
  }

  *all(): Generator<Job> {
    yield* this.views.values();
    yield* this.own;
  }

  /** 0A000 with the reason when the view's query cannot be kept up to date as asked. Nothing is started. */
  check(view: MaterializedView, plan: BatchPlan): void {
    for (const oid of scansOf(plan)) this.requireChanges(oid);
    const settings = this.settings(this.options.storage.catalog(), `"${view.name}"`);
    new Job(null, plan, emissionOf(view), settings, null).release();
  }

  /** Relations of the system are computed when asked, so there is nothing to follow. */
  private requireChanges(oid: number): void {
    const relation = this.options.storage.catalog().relations.get(oid);
    if (relation?.kind !== 'system-table' && relation?.kind !== 'system-view') return;
    throw sqlError('feature_not_supported', `continuous queries over system relation "${relation.name}" are not supported`, {
      hint: 'Query it with SELECT.',
    }); // biome-ignore format: one call
  }

  /** Why the relation cannot be read now: its own error or one of a view below it. */
  readError(relation: number): SqlError | null {
    const job = this.views.get(relation);
    return job === undefined ? null : this.errorOf(job);
  }

  /** The job's own error or one of a view below it. */
  errorOf(job: Job): SqlError | null {
    for (const source of job.sources) {
      const error = this.readError(source);
      if (error !== null) return error;
    }
    return job.readError;
  }

  /** Views that have to be made with this catalog: new ones, and those resumed after they failed with all views above them. */
  missing(catalog: CatalogSnapshot): MaterializedView[] {
    const views = [...catalog.relations.values()].filter((relation) => relation.kind === 'materialized-view');
    const again = new Set<number>();
    for (const view of views.toSorted((a, b) => a.oid - b.oid)) {
      const job = this.views.get(view.oid);
      if (job === undefined) continue;
      const resumed = job.failure !== null && (view.resumed ?? 0) > job.emission.resumed;
      if (resumed || job.sources.some((source) => again.has(source))) again.add(view.oid);
    }
    return views.filter((view) => !this.views.has(view.oid) || again.has(view.oid)).sort((a, b) => a.oid - b.oid);
  }

  /** Takes up what ALTER has changed of running views. Returns those that were resumed: their results go out in this step. */
  reconfigure(catalog: CatalogSnapshot): number[] {
    const resumed: number[] = [];
    for (const [oid, job] of this.views) {
      const view = catalog.relations.get(oid);
      if (view?.kind !== 'materialized-view' || job.failure !== null) continue;
      job.irreplaceable = this.losesRows(job);
      const before = job.emission;
      const emission = emissionOf(view);
      if (JSON.stringify(before, text) === JSON.stringify(emission, text)) continue;
      job.emission = emission;
      if (job.started) this.timers.follow(job);
      if (emission.resumed > before.resumed) resumed.push(oid);
    }
    return resumed;
  }

  /** Work of views that are about to go stops, so that the step can come to its end. */
  cancelDropped(catalog: CatalogSnapshot): void {
    for (const [oid, job] of this.views) if (!catalog.relations.has(oid)) job.cancel();
  }

  /** Ends the jobs of views that have gone; returns their oids. */
  forgetDropped(catalog: CatalogSnapshot): number[] {
    const gone = [...this.views.keys()].filter((oid) => !catalog.relations.has(oid));
    for (const oid of gone) this.end(oid);
    return gone;
  }

  private end(oid: number): void {
    const job = this.views.get(oid);
    if (job === undefined) return;
    this.views.delete(oid);
    this.timers.forget(job);
    job.release();
  }

  /** From the states of a checkpoint at `frontier`, those that can be: their own state is there, and so are the views below. */
  *restoreViews(
    views: readonly MaterializedView[],
    catalog: CatalogSnapshot,
    frontier: bigint,
    states: StateReader | null,
  ): Work {
    const missing = new Set(views.map((view) => view.oid));
    for (const view of views) {
      const saved = stateOf(states, view);
      if (saved === null || scansOf(saved.plan).some((oid) => missing.has(oid))) continue;
      if (!this.restoreView(view, catalog, frontier, saved)) continue;
      missing.delete(view.oid);
      yield* this.resumeView(view);
    }
  }

  /**
   * Makes these views from the snapshot, which is of the frontier, and takes it over. `beside`: fills a job, which is registered, and has it
   * begin; null: they are filled here, so that no later step finds one that has not begun.
   */
  *createViews(
    views: readonly MaterializedView[],
    catalog: CatalogSnapshot,
    snapshot: TableSnapshot,
    beside: ((job: Job, snapshot: TableSnapshot) => void) | null,
  ): Work {
    try {
      for (const view of views) this.end(view.oid);
      for (const view of views) {
        const job = yield* this.createView(view, catalog, snapshot.epoch);
        if (job === null) continue;
        yield* this.storeBelow(job);
        if (beside !== null) {
          beside(job, snapshot.again());
          continue;
        }
        yield* this.load(job, snapshot);
        yield* job.store();
        this.begin(job);
      }
    } finally {
      snapshot.release();
    }
  }

  /** A registered job that has not been filled yet; null where it has failed or the view is gone. */
  private *createView(
    view: MaterializedView,
    catalog: CatalogSnapshot,
    frontier: bigint,
  ): Generator<Promise<void>, Job | null, void> {
    let plan: BatchPlan | null = null;
    let failure: unknown = null;
    yield Promise.resolve()
      .then(() => this.options.planView(view, catalog))
      .then(
        (planned) => {
          plan = planned;
        },
        (error: unknown) => {
          failure = error;
        },
      );
    if (!this.options.storage.catalog().relations.has(view.oid)) return null; // dropped since
    const table = this.tableOf(view);
    table.clear(frontier);
    const job = this.makeJob(view, plan, failure, catalog, table);
    this.views.set(view.oid, job);
    return job.failure === null ? job : null;
  }

  /** A job from its state in a checkpoint; false when that cannot be used. */
  private restoreView(
    view: MaterializedView,
    catalog: CatalogSnapshot,
    frontier: bigint,
    { plan, state }: { readonly plan: BatchPlan; readonly state: StateReader },
  ): boolean {
    const table = this.tableOf(view);
    const job = this.makeJob(view, plan, null, catalog, table);
    try {
      if (job.failure !== null) throw job.failure;
      job.restore(state, frontier);
    } catch {
      job.release(); // the retained rows give the view again
      return false;
    }
    table.clear(frontier);
    this.views.set(view.oid, job);
    return true;
  }

  private tableOf(view: MaterializedView): ViewTable {
    const { storage, arena } = this.options;
    return new ViewTable(storage.tables, view.oid, arena.usage().totalBytes * STORED_SHARE);
  }

  private *resumeView(view: MaterializedView): Work {
    const job = this.views.get(view.oid)!;
    yield* job.store();
    this.begin(job);
  }

  /** Reads what there is at the snapshot, which is of the frontier, and ends the first step: with the watermark as it is at the call. */
  load(job: Job, snapshot: TableSnapshot): Work {
    job.irreplaceable = this.losesRows(job);
    const bound = job.relation === null ? null : this.options.storage.metadata(closedKey(job.relation));
    return this.fill(job, snapshot, this.watermarkOf(job), typeof bound === 'bigint' ? bound : null);
  }

  private *fill(job: Job, snapshot: TableSnapshot, watermarkMicros: bigint | null, bound: bigint | null): Work {
    const { epoch } = snapshot;
    job.beginStep(epoch);
    yield* job.load(snapshot);
    yield* job.step(epoch, watermarkMicros);
    if (bound !== null && job.closer !== null) yield* job.closeUntil(bound, epoch);
  }

  /** The least watermark of the streams below, as of the last step. */
  watermarkOf(job: Job): bigint | null {
    return this.ingest.watermarkOf(this.streamsBelow(job));
  }

  /** Between two steps: brings the views that the job reads to where a snapshot of the frontier sees them whole. */
  *storeBelow(job: Job): Work {
    for (const view of this.viewsBelow(job).values()) if (view.started) yield* view.store();
  }

  /** The jobs of the views that the job reads, by relation. */
  viewsBelow(job: Job): Map<number, Job> {
    const found = new Map<number, Job>();
    for (const relation of job.sources) {
      const view = this.views.get(relation);
      if (view !== undefined) found.set(relation, view);
    }
    return found;
  }

  /** From here on the job follows its inputs. */
  begin(job: Job): void {
    if (job.failure !== null) return;
    job.started = true;
    job.irreplaceable = this.losesRows(job);
    this.connect(job);
    this.timers.follow(job);
  }

  /** A view that cannot even start is a failed job: visible by name, and the others go on. */
  private makeJob(
    view: MaterializedView,
    plan: BatchPlan | null,
    failure: unknown,
    catalog: CatalogSnapshot,
    table: ViewTable,
  ): Job {
    const settings = this.settings(catalog, `"${view.name}"`, view.timeZone);
    let emission: Emission = { ...plainEmission({ kind: 'changes' }), resumed: view.resumed ?? 0 };
    if (plan !== null) {
      try {
        emission = emissionOf(view);
        return new Job(view.oid, plan, emission, settings, table);
      } catch (error) {
        failure = error;
      }
    }
    const empty: BatchPlan = { kind: 'union-all', inputs: [], types: [], names: [], rows: 0 };
    const job = new Job(view.oid, empty, { ...emission, mode: { kind: 'changes' } }, settings, null);
    job.fail(failure);
    return job;
  }

  /** A registered job for subscriptions, of which `output` is the end. */
  makeOwn(plan: BatchPlan, output: MakeOutput, emission = plainEmission({ kind: 'changes' }), timeZone?: string): Job {
    for (const oid of scansOf(plan)) this.requireChanges(oid);
    const settings = this.settings(this.options.storage.catalog(), 'of a subscription', timeZone);
    const job = new Job(null, plan, emission, { ...settings, output }, null);
    this.own.add(job);
    return job;
  }

  endOwn(job: Job): void {
    if (!this.own.delete(job)) return;
    this.timers.forget(job);
    job.release();
  }

  /** Changes of the views below flow into the job, in the same step. */
  private connect(job: Job): void {
    for (const [relation, view] of this.viewsBelow(job)) {
      const attributes = this.attributesOf(relation);
      job.onRelease.push(view.kept.feed((batch) => job.push(relation, batch, attributes)));
    }
  }

  attributesOf(relation: number): readonly number[] {
    const { columns } = this.options.storage.catalog().relations.get(relation) ?? { columns: [] };
    return columns.map((column) => column.attribute);
  }

  private streamsBelow(job: Job): Set<number> {
    const found = new Set<number>();
    const visit = (relation: number) => {
      const view = this.views.get(relation);
      if (view === undefined) found.add(relation);
      else view.sources.forEach(visit);
    };
    job.sources.forEach(visit);
    return found;
  }

  /** Whether a stream below deletes its rows after a time. */
  losesRows(job: Job): boolean {
    const { relations } = this.options.storage.catalog();
    return [...this.streamsBelow(job)].some((oid) => deletesRows(relations.get(oid)));
  }

  anyLosesRows(): boolean {
    return [...this.options.storage.catalog().relations.values()].some(deletesRows);
  }

  private facts(): SourceFacts {
    const relation = (oid: number) => this.options.storage.catalog().relations.get(oid);
    return {
      appendOnly: (oid) => relation(oid)?.kind === 'stream',
      watermark: (oid) => {
        const one = relation(oid);
        return one?.kind === 'stream' ? (one.watermark?.attribute ?? null) : null;
      },
      exact: (oid) => {
        const one = relation(oid);
        return one?.kind === 'stream' && one.watermark !== null && one.onLate.kind !== 'keep';
      },
    };
  }

  private settings(catalog: CatalogSnapshot, name: string, timeZone = 'UTC'): JobSettings {
    const { arena, kernels, doors, jobMemoryBytes, clock } = this.options;
    return {
      arena,
      kernels,
      functions: this.options.functions(catalog),
      evaluation: { nowMicros: (clock ?? realClock).nowMicros(), timeZone },
      facts: this.facts(),
      doors: doors ?? {},
      clock: clock ?? realClock,
      memoryLimitBytes: jobMemoryBytes ?? arena.usage().totalBytes * JOB_SHARE,
      name,
    };
  }

  release(): void {
    this.timers.close();
    for (const job of this.all()) job.release();
  }
}

function deletesRows(relation: Relation | undefined): boolean {
  if (relation?.kind !== 'stream') return false;
  const { ageMicros, bytes } = retentionOf(relation.options);
  return ageMicros !== null || bytes !== null;
}

const text = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
