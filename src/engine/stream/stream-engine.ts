// StreamEngine: all continuous queries of the database. It follows the commit log: the changes of each commit go through every job in
// dependency order, so that views on views agree; waiting commits go as one step with the highest epoch. All jobs share one
// frontier, the last finished epoch. Idle, a small commit is processed in the turn that published it.

import { type Clock, realClock } from '../../base/clock.ts';
import type { CatalogSnapshot, EmitMode, MaterializedView } from '../../catalog/objects.ts';
import type { QueryRow, RejectedRow, StreamRow, SubscriptionRow } from '../../catalog/system-relation.ts';
import type { Batch } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import { type SqlError, sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { PublishedCommit } from '../../storage/log/write-set.ts';
import type { Storage } from '../../storage/storage.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import { drive } from '../jobs/drive.ts';
import { Job, type JobSettings, planForEmission } from '../jobs/job.ts';
import { type SourceFacts, scansOf } from './build-dataflow.ts';
import { ChangeBuffer } from './change-buffer.ts';
import { Ingest } from './ingest.ts';
import type { Work } from './operator.ts';
import type { RecomputeDoors } from './recompute.ts';
import type { Subscription } from './subscription.ts';
import { type CancelFlag, type SubscribeRequest, Subscriptions } from './subscriptions.ts';
import { ViewTable } from './view-table.ts';

export interface StreamEngineOptions {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly storage: Storage;
  functions(catalog: CatalogSnapshot): FunctionRegistry;
  /** The view's query planned against the catalog. */
  planView(view: MaterializedView, catalog: CatalogSnapshot): BatchPlan | Promise<BatchPlan>;
  /** what recomputed parts of plans need: files, user functions */
  readonly doors?: RecomputeDoors;
  readonly clock?: Clock;
  /** bytes of state per job; default 1.5 GB */
  readonly jobMemoryBytes?: number;
}

const SMALL_ROWS = 4096;
const STORE_AT_ONCE = 2048;
const STORE_AT_LATEST = 65_536;
const BUFFER_BYTES = 1_073_741_824;
const JOB_BYTES = 1_610_612_736;

type Entry =
  | { readonly kind: 'commit'; readonly commit: WaitingCommit; readonly snapshot: TableSnapshot | null }
  | { readonly kind: 'task'; readonly run: () => Work };

interface WaitingCommit {
  readonly epoch: bigint;
  readonly catalog: CatalogSnapshot | null;
  readonly metadata: PublishedCommit['metadata'];
  readonly changes: readonly {
    readonly relation: number;
    readonly attributes: readonly number[];
    readonly rows: Iterable<Batch>;
    release(): void;
  }[];
}

export class StreamEngine {
  readonly ingest: Ingest;
  private readonly options: StreamEngineOptions;
  private readonly jobs = new Map<number, Job>();
  /** jobs of subscriptions, behind all views */
  private readonly ownJobs = new Set<Job>();
  private readonly subscriptions: Subscriptions;
  private readonly queue: Entry[] = [];
  private readonly waiters = new Set<() => void>();
  private readonly owner: number;
  private busy = false;
  private started = false;
  private closed = false;
  private frontier = 0n;
  private unsubscribe: (() => void) | null = null;

  constructor(options: StreamEngineOptions) {
    this.options = options;
    this.owner = options.arena.addOwner(BUFFER_BYTES);
    this.subscriptions = new Subscriptions(options.arena, options.kernels, this.owner);
    const { arena, kernels, storage, clock } = options;
    this.ingest = new Ingest({ arena, kernels, storage, owner: this.owner, clock: clock ?? realClock });
  }

  /** Rebuilds all views from the retained rows at the recovered epoch and follows the log from there. */
  async start(): Promise<void> {
    const { storage } = this.options;
    this.frontier = storage.epoch;
    this.started = true;
    this.ingest.start();
    this.unsubscribe = storage.subscribe((commit) => this.onCommit(commit));
    const views = [...storage.catalog().relations.values()].filter((relation) => relation.kind === 'materialized-view');
    if (views.length === 0) return;
    const snapshot = storage.snapshot();
    await this.task(() => this.createViews(views, storage.catalog(), snapshot));
  }

  /** 0A000 with the reason when the view's query cannot be kept up to date as asked. Nothing is started. */
  checkView(view: MaterializedView, plan: BatchPlan): void {
    for (const oid of scansOf(plan)) this.requireChanges(oid);
    planForEmission(plan, view.emit, this.facts());
    const settings = this.settings(this.options.storage.catalog());
    new Job(null, plan, view.emit, settings, null).release();
  }

  /** Relations of the system are computed when asked, so there is nothing to follow. */
  private requireChanges(oid: number): void {
    const relation = this.options.storage.catalog().relations.get(oid);
    if (relation?.kind !== 'system-table' && relation?.kind !== 'system-view') return;
    throw sqlError(
      'feature_not_supported',
      `continuous queries over system relation "${relation.name}" are not supported`,
      {
        hint: 'Query it with SELECT.',
      },
    );
  }

  /**
   * Resolves when the views among `relations` have reached `epoch` and everything published before the call, stored form included.
   * Throws the error of a view that cannot be read; 57014 when cancelled.
   */
  async waitFor(relations: readonly number[], epoch: bigint, cancel?: CancelFlag): Promise<void> {
    const { storage } = this.options;
    const views = relations.filter(
      (oid) => this.jobs.has(oid) || storage.catalog().relations.get(oid)?.kind === 'materialized-view',
    );
    if (views.length === 0) return;
    const target = epoch > storage.epoch ? epoch : storage.epoch;
    const gone = (oid: number) => storage.catalog().relations.get(oid) === undefined;
    const started = (oid: number) => (this.jobs.get(oid)?.state ?? 'starting') !== 'starting' || gone(oid);
    const ready = () => this.frontier >= target && views.every(started);
    while (!ready() && !this.closed) await this.nextStep(cancel);
    for (const oid of views) {
      const error = this.readError(oid);
      if (error !== null) throw error;
    }
    const behind = views.filter((oid) => (this.jobs.get(oid)?.output.pendingRows ?? 0) > 0);
    for (const oid of behind) await this.task(() => this.jobs.get(oid)?.store() ?? nothing());
  }

  /** Why the relation cannot be read now: its own error or one of a view below it. */
  readError(relation: number): SqlError | null {
    const job = this.jobs.get(relation);
    if (job === undefined) return null;
    for (const source of job.sources) {
      const error = this.readError(source);
      if (error !== null) return error;
    }
    return job.readError;
  }

  /** Follows a view, or a query by a job of its own. Throws 72000 for history that is gone. */
  async subscribe(request: SubscribeRequest): Promise<Subscription> {
    let opened: Subscription | null = null;
    const snapshot = this.options.storage.snapshot();
    await this.task(() => this.openSubscription(request, snapshot, (subscription) => {
      opened = subscription;
    })); // biome-ignore format: one call
    const subscription = opened as unknown as Subscription;
    if (request.cancel !== undefined) {
      request.cancel.onCancel = () =>
        subscription.fail(sqlError('query_canceled', 'canceling statement due to user request'));
    }
    return subscription;
  }

  private *openSubscription(
    request: SubscribeRequest,
    snapshot: TableSnapshot,
    opened: (s: Subscription) => void,
  ): Work {
    const view = request.relation === null ? undefined : this.jobs.get(request.relation);
    let job = view;
    try {
      const asOf = request.asOf ?? null;
      const history = view === undefined ? null : this.subscriptions.historyOf(view, this.frontier);
      this.subscriptions.checkAsOf(asOf, history, request.snapshot, this.frontier);
      job ??= new Job(null, request.plan, { kind: 'changes' }, this.settings(this.options.storage.catalog()), null);
      if (job.readError !== null) throw job.readError;
      const made = job;
      const subscription = this.subscriptions.open(request, () => {
        if (this.ownJobs.delete(made)) made.release();
      });
      if (view === undefined) {
        const quiet = request.snapshot
          ? job.output.listen((batch) => subscription.offer(batch, batch.epoch!))
          : () => {};
        yield* job.load(
          snapshot,
          (oid) => this.jobs.get(oid),
          (oid) => this.attributesOf(oid),
        );
        yield* job.step(this.frontier, this.ingest.watermarkOf(this.streamsBelow(job)));
        quiet();
        job.state = 'running';
        if (job.failure !== null) throw job.failure;
        this.connect(job);
        this.ownJobs.add(job);
      } else if (asOf !== null && asOf < this.frontier) {
        for (const batch of history!.after(asOf)) subscription.offer(batch, batch.epoch!);
      } else if (request.snapshot) yield* job.output.contents((batch) => subscription.offer(batch, this.frontier));
      this.subscriptions.follow(subscription, job);
      subscription.flush(this.frontier);
      opened(subscription);
    } catch (error) {
      if (view === undefined) job?.release();
      throw error;
    } finally {
      snapshot.release();
    }
  }

  /** Called by storage in epoch order. */
  private onCommit(commit: PublishedCommit): void {
    if (!this.started || this.closed || commit.replayed) return;
    const creates = commit.catalog !== undefined && this.newViews(commit.catalog).length > 0;
    const snapshot = creates ? this.options.storage.snapshot() : null;
    const rows = commit.changes.reduce((sum, change) => sum + change.batch.count, 0);
    const direct = !this.busy && this.queue.length === 0 && rows <= SMALL_ROWS;
    const relevant = commit.changes.filter((change) => this.isRead(change.relation));
    const waiting = { epoch: commit.epoch, catalog: commit.catalog ?? null, metadata: commit.metadata };
    const changes = relevant.map(({ relation, batch }) => {
      const attributes = this.attributesOf(relation);
      return direct
        ? { relation, attributes, rows: [batch], release: () => {} }
        : this.copy(relation, attributes, batch);
    });
    this.queue.push({ kind: 'commit', commit: { ...waiting, changes }, snapshot });
    this.run();
  }

  private copy(relation: number, attributes: readonly number[], batch: Batch): WaitingCommit['changes'][number] {
    const { arena, kernels } = this.options;
    const context = { arena, memory: arena.shared, kernels, owner: this.owner };
    const buffer = new ChangeBuffer(context, batch.columns.map((column) => column.type)); // biome-ignore format: one line
    buffer.append(batch);
    return { relation, attributes, rows: buffer.batches(), release: () => buffer.release() };
  }

  /** Whether any job needs the relation's changes; one that is being made, or waits to be, may. */
  private isRead(relation: number): boolean {
    if (this.busy) return true;
    for (const job of this.allJobs()) if (job.sources.includes(relation)) return true;
    return this.queue.some((entry) => entry.kind === 'task' || entry.snapshot !== null);
  }

  private *allJobs(): Generator<Job> {
    yield* this.jobs.values();
    yield* this.ownJobs;
  }

  private run(): void {
    if (this.busy) return;
    const first = this.queue.shift();
    if (first === undefined) return;
    this.busy = true;
    let work: Work;
    if (first.kind === 'task') work = first.run();
    else {
      const commits = [first.commit];
      let { snapshot } = first;
      while (snapshot === null && this.queue[0]?.kind === 'commit') {
        const next = this.queue.shift() as Extract<Entry, { kind: 'commit' }>;
        commits.push(next.commit);
        ({ snapshot } = next);
      }
      work = this.step(commits, snapshot);
    }
    drive(work, (error) => {
      this.busy = false;
      if (error !== undefined) this.failAll(error);
      for (const wake of [...this.waiters]) wake();
      this.run();
    });
  }

  /** One step: everything that these commits changed, through all jobs. */
  private *step(commits: readonly WaitingCommit[], snapshot: TableSnapshot | null): Work {
    const { epoch, catalog } = commits.at(-1)!;
    for (const commit of commits) {
      for (const { relation, attributes, rows, release } of commit.changes) {
        for (const batch of rows) for (const job of this.allJobs()) job.push(relation, batch, attributes);
        release();
      }
      this.ingest.apply(commit.metadata);
    }
    yield* this.runJobs(epoch);
    const catalogs = commits.map((commit) => commit.catalog).filter((one) => one !== null);
    if (catalogs.length > 0) yield* this.followCatalog(catalog ?? catalogs.at(-1)!, snapshot);
    else snapshot?.release();
  }

  private *runJobs(epoch: bigint): Work {
    for (const job of this.allJobs()) yield* job.step(epoch, this.ingest.watermarkOf(this.streamsBelow(job)));
    this.frontier = epoch;
    for (const subscription of this.subscriptions.byId.values()) {
      const broken = this.brokenBelow(subscription);
      if (broken !== null) subscription.fail(broken);
      subscription.flush(epoch);
    }
    const calm = this.queue.length === 0;
    for (const job of this.allJobs()) {
      const { pendingRows } = job.output;
      if (pendingRows > STORE_AT_LATEST || (pendingRows > 0 && calm && pendingRows <= STORE_AT_ONCE))
        yield* job.store();
    }
  }

  private brokenBelow(subscription: Subscription): SqlError | null {
    const { relation } = subscription.options;
    if (relation === null) return null;
    return this.jobs.get(relation)?.failure ?? null;
  }

  /** Views that have gone, then views that are new. */
  private *followCatalog(catalog: CatalogSnapshot, snapshot: TableSnapshot | null): Work {
    this.ingest.follow(catalog);
    for (const [oid, job] of this.jobs) {
      if (catalog.relations.has(oid)) continue;
      this.jobs.delete(oid);
      for (const subscription of this.subscriptions.byId.values()) {
        if (subscription.options.relation === oid)
          subscription.fail(sqlError('undefined_table', 'the view has been dropped'));
      }
      job.release();
    }
    const views = this.newViews(catalog);
    if (views.length > 0) yield* this.createViews(views, catalog, snapshot ?? this.options.storage.snapshot());
    else snapshot?.release();
  }

  private newViews(catalog: CatalogSnapshot): MaterializedView[] {
    const views = [...catalog.relations.values()].filter((relation) => relation.kind === 'materialized-view');
    return views.filter((view) => !this.jobs.has(view.oid)).sort((a, b) => a.oid - b.oid);
  }

  private *createViews(views: readonly MaterializedView[], catalog: CatalogSnapshot, snapshot: TableSnapshot): Work {
    try {
      for (const view of views.toSorted((a, b) => a.oid - b.oid)) yield* this.createView(view, catalog, snapshot);
    } finally {
      snapshot.release();
    }
  }

  private *createView(view: MaterializedView, catalog: CatalogSnapshot, snapshot: TableSnapshot): Work {
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
    const table = new ViewTable(this.options.storage.tables, view.oid);
    table.clear(this.frontier);
    const job = this.makeJob(view.oid, plan, failure, view.emit, catalog, table);
    this.jobs.set(view.oid, job);
    if (job.failure !== null) return;
    yield* job.load(
      snapshot,
      (oid) => this.jobs.get(oid),
      (oid) => this.attributesOf(oid),
    );
    yield* job.step(snapshot.epoch, this.ingest.watermarkOf(this.streamsBelow(job)));
    yield* job.store();
    if (job.failure === null) job.state = 'running';
    this.connect(job);
  }

  /** A view that cannot even start is a failed job: visible by name, and the others go on. */
  private makeJob(
    oid: number,
    plan: BatchPlan | null,
    failure: unknown,
    emit: EmitMode,
    catalog: CatalogSnapshot,
    table: ViewTable,
  ): Job {
    const settings = this.settings(catalog);
    const empty: BatchPlan = { kind: 'union-all', inputs: [], types: [], names: [], rows: 0 };
    if (plan !== null) {
      try {
        return new Job(oid, plan, emit, settings, table);
      } catch (error) {
        failure = error;
      }
    }
    const job = new Job(oid, empty, { kind: 'changes' }, settings, null);
    job.fail(failure);
    return job;
  }

  /** Changes of the views below flow into the job, in the same step. */
  private connect(job: Job): void {
    for (const relation of new Set(job.sources)) {
      const attributes = this.attributesOf(relation);
      const end = this.jobs.get(relation)?.output.listen((batch) => job.push(relation, batch, attributes));
      if (end !== undefined) job.onRelease.push(end);
    }
  }

  private attributesOf(relation: number): readonly number[] {
    return (
      this.options.storage
        .catalog()
        .relations.get(relation)
        ?.columns.map((column) => column.attribute) ?? []
    );
  }

  private streamsBelow(job: Job): Set<number> {
    const found = new Set<number>();
    const visit = (relation: number) => {
      const view = this.jobs.get(relation);
      if (view === undefined) found.add(relation);
      else view.sources.forEach(visit);
    };
    job.sources.forEach(visit);
    return found;
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

  private settings(catalog: CatalogSnapshot): JobSettings {
    const { arena, kernels, doors, jobMemoryBytes, clock } = this.options;
    return {
      arena,
      kernels,
      functions: this.options.functions(catalog),
      evaluation: { nowMicros: (clock ?? realClock).nowMicros(), timeZone: 'UTC' },
      facts: this.facts(),
      doors: doors ?? {},
      memoryLimitBytes: jobMemoryBytes ?? JOB_BYTES,
    };
  }

  /** Runs work between steps. */
  private task(run: () => Work): Promise<void> {
    return new Promise((resolve, reject) => {
      const body = function* (): Work {
        try {
          yield* run();
          resolve();
        } catch (error) {
          reject(toSqlError(error));
        }
      };
      this.queue.push({ kind: 'task', run: body });
      this.run();
    });
  }

  private nextStep(cancel: CancelFlag | undefined): Promise<void> {
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

  /** Only a mistake of the engine itself comes here: errors of a job stay with it. */
  private failAll(error: unknown): void {
    for (const job of this.allJobs()) if (job.failure === null) job.fail(error);
  }

  streamRows(): StreamRow[] {
    return this.ingest.streamRows();
  }

  queryRows(): QueryRow[] {
    return [...this.jobs.entries()].map(([relation, job]) => ({
      relation,
      state: job.state === 'running' && this.readError(relation) !== null ? 'error' : job.state,
      frontierEpoch: job.frontier > this.frontier ? job.frontier : this.frontier,
      inputRows: job.inputRows,
      outputRows: job.output.outputRows,
      stateBytes: BigInt(job.stateBytes),
      lastError: this.readError(relation)?.message ?? null,
      plan: job.recomputed.length === 0 ? 'incremental' : `incremental, recomputed: ${job.recomputed.join(', ')}`,
    }));
  }

  subscriptionRows(): SubscriptionRow[] {
    return this.subscriptions.rows();
  }

  rejectedRows(): readonly RejectedRow[] {
    return this.ingest.rejectedRows();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.unsubscribe?.();
    this.ingest.close();
    while (this.busy) await new Promise((resolve) => setImmediate(resolve));
    for (const subscription of [...this.subscriptions.byId.values()]) subscription.close();
    for (const job of this.allJobs()) job.release();
    for (const wake of [...this.waiters]) wake();
    this.options.arena.freeOwner(this.owner);
  }
}

function* nothing(): Work {}
