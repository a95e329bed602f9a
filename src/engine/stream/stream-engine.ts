// StreamEngine: all continuous queries of the database. It follows the commit log: the changes of each commit go through every job in
// dependency order, so that views on views agree; waiting commits go as one step with the highest epoch. All jobs share one
// frontier, the last finished epoch; new ones come to it beside the steps (catch-up.ts). Idle, a small commit is processed in the turn
// that published it.

import { realClock } from '../../base/clock.ts';
import type { Maybe } from '../../base/maybe.ts';
import type { CatalogSnapshot, MaterializedView } from '../../catalog/objects.ts';
import type { QueryRow, RejectedRow, StreamRow, SubscriptionRow } from '../../catalog/system-relation.ts';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { PublishedCommit } from '../../storage/log/write-set.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import type { Job } from '../jobs/job.ts';
import type { RowContext } from '../rows/row-store.ts';
import { CatchUps } from './catch-ups.ts';
import { openJobs, STATE_NAME, saveJob, saveVersion } from './checkpointed-jobs.ts';
import { EmissionTimers, StepDecisions } from './emission-timers.ts';
import { Ingest } from './ingest.ts';
import { type JobOptions, JobRegistry } from './job-registry.ts';
import type { Work } from './operator.ts';
import { retiredStreams } from './retention.ts';
import { StateWriter } from './state-file.ts';
import { type CancelFlag, type Step, StepQueue, untilCancelled } from './step-queue.ts';
import type { Subscription } from './subscription.ts';
import { SubscriptionOpening } from './subscription-opening.ts';
import { type SubscribeRequest, Subscriptions } from './subscriptions.ts';
import { type ChangedRows, fellBehind } from './waiting-changes.ts';

export type StreamEngineOptions = JobOptions;

const SMALL_ROWS = 4096;
const STORE_AT_ONCE = 2048;
const STORE_AT_LATEST = 65_536;
const BUFFER_BYTES = 1_073_741_824;
const HURRY_MS = 100;

export class StreamEngine {
  readonly ingest: Ingest;
  private readonly options: StreamEngineOptions;
  private readonly jobs: JobRegistry;
  private readonly timers: EmissionTimers;
  private readonly subscriptions: Subscriptions;
  private readonly queue: StepQueue;
  private readonly catchUps: CatchUps;
  private readonly owner: number;
  /** memory of changes that wait for their step */
  private readonly waitingRows: RowContext;
  private started = false;
  private closed = false;
  private live = false;
  /** views that have no job are made in the step of the commit that shows it */
  private builds = false;
  private hurrying: NodeJS.Timeout | null = null;
  private frontier = 0n;
  private unsubscribe: (() => void) | null = null;
  private unregister: (() => void) | null = null;

  constructor(options: StreamEngineOptions) {
    this.options = options;
    const { arena, kernels, storage } = options;
    const clock = options.clock ?? realClock;
    this.owner = arena.addOwner(BUFFER_BYTES);
    this.waitingRows = { arena, memory: arena.shared, kernels, owner: this.owner };
    this.ingest = new Ingest({ arena, kernels, storage, owner: this.owner, clock });
    this.timers = new EmissionTimers(clock, {
      commit: (writes) => {
        storage.commit(writes).catch(() => {}); // the log has failed: nothing goes on
      },
      checkpoint: () => {
        storage.checkpoint().catch(() => {}); // the log is kept, the next one tries again
      },
      epoch: () => storage.epoch,
    });
    this.jobs = new JobRegistry(options, this.ingest, this.timers);
    this.subscriptions = new Subscriptions(arena, kernels, this.owner, this.jobs);
    this.queue = new StepQueue({
      step: (step) => this.step(step),
      failed: (error) => this.failAll(error),
    });
    const { jobs, queue } = this;
    const frontier = () => this.frontier;
    const between = (run: () => Work) => queue.task(run);
    this.catchUps = new CatchUps({
      arena,
      kernels,
      jobs,
      doors: { frontier, between, isRead: (epoch) => storage.tables.snapshots.isRead(epoch) },
      waitingBytes: options.backlogBytes ?? Math.min(BUFFER_BYTES, arena.usage().totalBytes / 4),
    });
  }

  /**
   * Before the log is replayed: takes up the states of the checkpoint and follows the log from there, the replayed commits included. The
   * other views are built from the retained rows: after the replay, beside running sessions, or at the epoch of the checkpoint where
   * streams lose rows, which later epochs would not have any more.
   */
  async start(): Promise<void> {
    const { storage } = this.options;
    this.frontier = storage.epoch;
    this.started = true;
    const states = openJobs(storage.tables.home, await storage.restoredState(STATE_NAME));
    this.ingest.start(states?.within('ingest').value('streams') ?? null);
    const isStream = (relation: number) => storage.catalog().relations.get(relation)?.kind === 'stream';
    this.unsubscribe = storage.subscribe(
      (commit) => this.onCommit(commit),
      (relation) => isStream(relation) || this.isRead(relation),
    );
    this.unregister = storage.registerState(STATE_NAME, { write: (epoch) => this.writeState(epoch) });
    const catalog = storage.catalog();
    const views = this.jobs.missing(catalog);
    await this.queue.task(() => this.jobs.restoreViews(views, catalog, this.frontier, states));
    this.builds = this.jobs.anyLosesRows();
    if (this.builds) await this.buildMissing();
  }

  /** Makes the views that have no job, from the rows there are now. */
  private buildMissing(): Promise<void> {
    const { storage } = this.options;
    const catalog = storage.catalog();
    const views = this.jobs.missing(catalog);
    if (views.length === 0) return Promise.resolve();
    const snapshot = storage.snapshot();
    return this.queue.task(() => this.createViews(views, catalog, snapshot));
  }

  /** While the log is replayed, new views are filled at once: the decisions that come next may be about them. */
  private createViews(views: readonly MaterializedView[], catalog: CatalogSnapshot, snapshot: TableSnapshot): Work {
    const beside = (job: Job, seen: TableSnapshot) => {
      this.catchUps.start(job, seen, () => this.jobs.begin(job));
    };
    return this.jobs.createViews(views, catalog, snapshot, this.live ? beside : null);
  }

  /** The log has been replayed: rows are judged, timers run. */
  begin(): void {
    this.live = true;
    this.ingest.begin();
    this.timers.begin(this.jobs.all());
    if (this.builds) return;
    this.builds = true;
    this.buildMissing().catch((error: unknown) => this.failAll(error));
  }

  private failAll(error: unknown): void {
    for (const job of this.jobs.all()) if (job.failure === null) job.fail(error);
  }

  /** All state as it is after the commits up to `epoch`, which are the ones published so far. */
  private async writeState(epoch: bigint): Promise<AsyncIterable<Uint8Array>> {
    const { home } = this.options.storage.tables;
    const frames: Uint8Array[] = [];
    new StateWriter(home, epoch, 'ingest', frames).value('streams', this.ingest.saved());
    saveVersion(home, epoch, frames);
    const coming: Promise<unknown>[] = [];
    await this.queue.task(() => this.saveJobs(epoch, frames, coming));
    await Promise.all(coming);
    return eachOf(frames);
  }

  /** Steps wait meanwhile, sessions do not. Jobs that have not joined are built anew at a start: only where rows would be missing then are they waited for. */
  private *saveJobs(epoch: bigint, frames: Uint8Array[], coming: Promise<unknown>[]): Work {
    const { home } = this.options.storage.tables;
    for (const job of this.jobs.views.values()) {
      const catchUp = this.catchUps.of(job);
      if (catchUp === undefined) yield* saveJob(home, epoch, job, frames);
      else if (this.jobs.losesRows(job)) coming.push(catchUp.cutWith(null, () => saveJob(home, epoch, job, frames)));
    }
  }

  /** 0A000 with the reason when the view's query cannot be kept up to date as asked. Nothing is started. */
  checkView(view: MaterializedView, plan: BatchPlan): void {
    this.jobs.check(view, plan);
  }

  /**
   * Resolves when the views among `relations` are stored as they are at the newest epoch. A snapshot opened in the turn of the call reads them
   * at that epoch, as it does tables: the queue is cut here, what is published later comes behind. Throws the error of a view that cannot be
   * read; 57014 when cancelled. `all`: every other view is stored, too. Nothing to wait for where none of them is a view.
   */
  waitFor(relations: readonly number[], cancel?: CancelFlag, all = false): Promise<void> | undefined {
    const { views } = this.jobs;
    const { relations: known } = this.options.storage.catalog();
    const read = relations.filter((oid) => views.has(oid) || known.get(oid)?.kind === 'materialized-view');
    const others = all && (views.size > 0 || this.queue.makesJobs);
    return read.length === 0 && !others ? undefined : this.waitForViews(read, all, cancel);
  }

  private async waitForViews(read: readonly number[], all: boolean, cancel?: CancelFlag): Promise<void> {
    const errors: Maybe<SqlError | null>[] = [];
    await this.queue.task(() => this.storeViews(read, all, errors), cancel);
    for (const error of await untilCancelled(Promise.all(errors), cancel)) if (error !== null) throw error;
  }

  /** `errors`: of the views that are read; those that are still on the way to the frontier say it when they have come here. */
  private *storeViews(read: readonly number[], all: boolean, errors: Maybe<SqlError | null>[]): Work {
    for (const oid of all ? this.jobs.views.keys() : read) {
      const job = this.jobs.views.get(oid);
      if (job === undefined) continue;
      const reached = this.catchUps.of(job)?.cut();
      if (reached === undefined) yield* job.store();
      if (read.includes(oid)) errors.push(reached ?? this.readError(oid));
    }
  }

  /** Resolves when everything published before the call has gone through all jobs, and those that there are have joined. */
  async settled(): Promise<void> {
    await this.options.storage.commits.drained();
    await this.queue.task(nothing);
    await this.catchUps.ended();
  }

  /** Why the relation cannot be read now: its own error or one of a view below it. */
  readError(relation: number): SqlError | null {
    return this.jobs.readError(relation);
  }

  /** Follows a view, or a query by a job of its own. Throws 72000 for history that is gone, 57014 when cancelled. */
  async subscribe(request: SubscribeRequest): Promise<Subscription> {
    const { jobs, catchUps, subscriptions } = this;
    const { cancel } = request;
    for (;;) {
      const opening = new SubscriptionOpening(request, this.options.storage.snapshot(), {
        jobs,
        catchUps,
        subscriptions,
      });
      try {
        await this.queue.task(() => opening.run(this.frontier), cancel);
        await opening.rest(cancel);
      } finally {
        opening.close();
      }
      const { subscription } = opening;
      if (subscription === null) continue;
      if (cancel !== undefined) {
        cancel.onCancel = () =>
          subscription.fail(sqlError('query_canceled', 'canceling statement due to user request'));
      }
      return subscription;
    }
  }

  /** Called by storage in epoch order. Returns a promise while the rows of the commit are still being read. */
  private onCommit(commit: PublishedCommit): void | Promise<void> {
    if (!this.started || this.closed) return;
    if (commit.replayed) this.ingest.replayed(commit);
    if (commit.catalog !== undefined) this.jobs.cancelDropped(commit.catalog);
    const snapshot = this.builds && commit.catalog !== undefined ? this.options.storage.snapshot() : null;
    const changes = this.changesOf(commit);
    const rows = changes.reduce((sum, { batch }) => sum + batch.count, 0);
    const holds = rows > 0 && (this.queue.idle || rows > SMALL_ROWS);
    let read = !holds;
    let wake: (() => void) | null = null;
    const done = () => {
      read = true;
      wake?.();
    };
    this.ingest.retention.committed(commit);
    this.queue.commit(this.waitingRows, (step) => {
      step.epoch = commit.epoch;
      step.catalog = commit.catalog ?? step.catalog;
      for (const entry of commit.metadata) step.metadata.push(entry);
      step.decisions.push(...commit.decisions);
      step.closed = snapshot !== null || StepDecisions.among(commit.decisions);
      step.snapshot = snapshot;
      if (holds) step.changes.hold(changes, done);
      else for (const change of changes) step.changes.copy(change);
    });
    if (commit.replayed && !this.queue.idle) return this.queue.task(nothing);
    if (read) return;
    const kept = this.options.storage.snapshot(); // arrays that grow meanwhile stay
    return new Promise<void>((resolve) => {
      wake = resolve;
    }).finally(() => kept.release());
  }

  private changesOf(commit: PublishedCommit): ChangedRows[] {
    const retired = retiredStreams(commit); // views keep what they made of these rows
    return commit.changes
      .filter(({ relation }) => !retired.has(relation) && this.isRead(relation))
      .map(({ relation, batch }) => ({ relation, attributes: this.jobs.attributesOf(relation), batch }));
  }

  /** Whether any job needs the relation's changes; one that is being made, or waits to be, may. */
  private isRead(relation: number): boolean {
    if (this.queue.busy || this.queue.makesJobs) return true;
    for (const job of this.jobs.all()) if (job.sources.includes(relation)) return true;
    return false;
  }

  /** Everything that the step's commits changed, through all jobs. */
  private *step({ epoch, catalog, metadata, decisions, changes, snapshot }: Step): Work {
    const { lost } = changes;
    for (const job of this.jobs.all()) if (job.sources.some((source) => lost.has(source))) job.fail(fellBehind());
    for (const job of this.following()) job.beginStep(epoch);
    for (const change of changes.read()) {
      const { relation, attributes, batch } = change;
      for (const job of this.following()) if (job.reads(relation)) yield* job.push(relation, batch, attributes);
      this.catchUps.take(change, epoch);
      yield;
    }
    this.ingest.apply(metadata);
    const decided = new StepDecisions();
    decided.add(decisions);
    const again = catalog === null || snapshot === null ? [] : this.jobs.missing(catalog);
    for (const oid of catalog === null ? [] : this.jobs.reconfigure(catalog)) decided.triggered.add(oid);
    yield* this.runJobs(epoch, decided);
    if (catalog !== null) yield* this.followCatalog(catalog, again, snapshot);
    else snapshot?.release();
  }

  /** The jobs that are at the frontier. */
  private *following(): Generator<Job> {
    for (const job of this.jobs.all()) if (this.catchUps.of(job) === undefined) yield job;
  }

  private *runJobs(epoch: bigint, decided: StepDecisions): Work {
    for (const job of this.following()) {
      yield* job.step(epoch, this.jobs.watermarkOf(job), decided);
      this.timers.stepped(job);
    }
    this.frontier = epoch;
    this.catchUps.decide(decided);
    this.subscriptions.failBroken((job) => this.jobs.errorOf(job));
    this.subscriptions.flush(epoch);
    for (const job of this.following()) {
      const { pendingRows } = job.output;
      const now = pendingRows > 0 && pendingRows <= STORE_AT_ONCE && this.queue.calm;
      if (pendingRows > STORE_AT_LATEST || now) yield* job.store();
    }
  }

  /** Views that have gone, then views that are new or begin again. */
  private *followCatalog(
    catalog: CatalogSnapshot,
    views: readonly MaterializedView[],
    snapshot: TableSnapshot | null,
  ): Work {
    this.ingest.follow(catalog);
    const dropped = this.jobs.forgetDropped(catalog);
    const ended = new Set([...dropped, ...views.map((view) => view.oid)]);
    this.forgetNames(catalog);
    const gone = (relation: number) => ended.has(relation) || !catalog.relations.has(relation);
    this.subscriptions.failGone(gone);
    this.catchUps.failGone(gone);
    if (snapshot !== null) yield* this.createViews(views, catalog, snapshot);
  }

  /** Named values of relations that are gone. */
  private forgetNames(catalog: CatalogSnapshot): void {
    const { storage } = this.options;
    const gone = [...storage.metadataEntries().keys()].filter((key) => {
      const oid = /^(?:watermark|idle|retention|closed)\/(\d+)$/.exec(key)?.[1];
      return oid !== undefined && !catalog.relations.has(Number(oid));
    });
    if (gone.length > 0 && this.live) storage.commit({ metadata: gone.map((key) => [key, null]) }).catch(() => {}); // the log has failed
  }

  streamRows(): StreamRow[] {
    return this.ingest.streamRows();
  }

  queryRows(): QueryRow[] {
    const { relations } = this.options.storage.catalog();
    const views = [...relations.values()].filter(({ kind }) => kind === 'materialized-view').map(({ oid }) => oid);
    const known = new Set(views);
    const made = [...this.jobs.views.keys()].filter((oid) => known.has(oid)); // a dropped one may still be ending
    return [...new Set([...made, ...views])].map((oid) => this.queryRow(oid, this.jobs.views.get(oid)));
  }

  /** `job` undefined: the view waits to be built. */
  private queryRow(relation: number, job: Job | undefined): QueryRow {
    const error = this.readError(relation);
    const state = job?.state ?? 'starting';
    return {
      relation,
      state: state === 'running' && error !== null ? 'error' : state,
      frontierEpoch: this.frontierOf(job),
      inputRows: job?.inputRows ?? 0n,
      rowsPerSecond: job?.throughput.rowsPerSecond ?? 0,
      outputRows: job?.output.outputRows ?? 0n,
      missedRows: job?.missedRows ?? null,
      stateBytes: BigInt(job?.stateBytes ?? 0),
      lastError: error?.message ?? null,
      plan: job === undefined ? '' : planText(job),
    };
  }

  private frontierOf(job: Job | undefined): bigint {
    if (job === undefined) return this.frontier;
    return this.catchUps.of(job) !== undefined || job.frontier > this.frontier ? job.frontier : this.frontier;
  }

  subscriptionRows(): SubscriptionRow[] {
    return this.subscriptions.rows();
  }

  rejectedRows(): readonly RejectedRow[] {
    return this.ingest.rejectedRows();
  }

  /** The server is to end: work that takes longer than a moment is given up; its query is built again at the next start. */
  hurry(): void {
    this.hurrying ??= setInterval(() => {
      const since = performance.now() - HURRY_MS;
      for (const job of this.jobs.all()) if (job.busySince !== null && job.busySince < since) job.cancel();
    }, HURRY_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.hurrying ?? undefined);
    this.unsubscribe?.();
    this.unregister?.();
    this.ingest.close();
    while (this.queue.busy || this.catchUps.busy) {
      for (const job of this.jobs.all()) job.cancel();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const subscription of [...this.subscriptions.byId.values()]) subscription.close();
    this.jobs.release();
    this.options.arena.freeOwner(this.owner);
  }
}

function planText(job: Job): string {
  const parts = ['incremental'];
  if (job.recomputed.length > 0) parts.push(`recomputed: ${job.recomputed.join(', ')}`);
  if (job.state === 'running' && job.unsaved !== null) parts.push(`built anew at a start because of ${job.unsaved}`);
  return parts.join(', ');
}

function* nothing(): Work {}

async function* eachOf(frames: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* frames;
}
