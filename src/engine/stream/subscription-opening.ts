// SubscriptionOpening: how a subscription comes to its first rows and to its changes, between two steps. A view's output is followed as it
// is; a linear query by a job that it shares (shared-queries.ts): both begin with the rows of a snapshot, which the reader pulls when it
// likes. Any other query is a job of its own, which comes to the frontier beside the steps (catch-up.ts); what it makes on its way is offered
// to the subscription, which begins when it is there.
import type { Batch } from '../../columns/batch.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import type { Job } from '../jobs/job.ts';
import type { CatchUp } from './catch-up.ts';
import type { CatchUps } from './catch-ups.ts';
import { plainEmission } from './emission.ts';
import type { RowCursor } from './first-rows.ts';
import type { JobRegistry } from './job-registry.ts';
import { type LinearQuery, linearQuery } from './linear-query.ts';
import type { Work } from './operator.ts';
import { StepOutput } from './step-output.ts';
import { type CancelFlag, untilCancelled } from './step-queue.ts';
import type { Subscription } from './subscription.ts';
import type { SubscribeRequest, Subscriptions } from './subscriptions.ts';
import { ViewOutput } from './view-output.ts';

interface OpeningParts {
  readonly jobs: JobRegistry;
  readonly catchUps: CatchUps;
  readonly subscriptions: Subscriptions;
}

export class SubscriptionOpening {
  /** once it is open */
  subscription: Subscription | null = null;
  private readonly request: SubscribeRequest;
  private readonly jobs: JobRegistry;
  private readonly subscriptions: Subscriptions;
  private readonly catchUps: CatchUps;
  private snapshot: TableSnapshot | null;
  /** beside the steps: of a view that has to be there first, or of a job of the subscription's own */
  private coming: CatchUp | null = null;
  /** waits for its job */
  private waiting: Subscription | null = null;

  /** `snapshot` of the newest epoch: this releases it. */
  constructor(request: SubscribeRequest, snapshot: TableSnapshot, parts: OpeningParts) {
    this.request = request;
    this.snapshot = snapshot;
    this.jobs = parts.jobs;
    this.subscriptions = parts.subscriptions;
    this.catchUps = parts.catchUps;
  }

  /** Between two steps. Throws 72000 for history that is gone, and what reading the query raises. `frontier` is the snapshot's epoch. */
  *run(frontier: bigint): Work {
    const { relation, emit, plan, asOf, snapshot } = this.request;
    const view = relation === null ? undefined : this.jobs.views.get(relation);
    if (view !== undefined) {
      if (this.waitsFor(view)) return;
      yield* this.followView(view, frontier);
      return;
    }
    this.subscriptions.checkAsOf(asOf ?? null, null, snapshot, frontier);
    const linear = emit === undefined || emit.kind === 'changes' ? linearQuery(plan) : null;
    if (linear === null) yield* this.followOwn(frontier);
    else yield* this.followShared(linear, frontier);
  }

  /** What comes behind `run`. The subscription is open then, unless it has to be opened again, because its view was on the way. */
  async rest(cancel: CancelFlag | undefined): Promise<void> {
    const { coming, waiting, jobs } = this;
    if (coming === null) return;
    try {
      await untilCancelled(coming.end, cancel);
      if (waiting !== null && coming.job.failure !== null) throw coming.job.failure;
    } catch (error) {
      waiting?.close();
      jobs.endOwn(coming.job);
      throw error;
    }
  }

  close(): void {
    this.snapshot?.release();
    this.snapshot = null;
  }

  private *followView(view: Job, frontier: bigint): Work {
    const { request, subscriptions } = this;
    const history = subscriptions.historyOf(view, frontier);
    const asOf = request.asOf ?? null;
    subscriptions.checkAsOf(asOf, history, request.snapshot, frontier);
    this.requireReadable(view);
    const opened = subscriptions.open(request, true);
    const whole = view.emission.mode.kind === 'complete';
    const resumes = asOf !== null && asOf < frontier;
    try {
      if (resumes && !whole) {
        for (const batch of history.after(asOf)) {
          opened.offer(batch, batch.epoch!);
          yield;
        }
      } else if (request.snapshot || resumes) {
        yield* view.store();
        opened.begin(this.firstRows(), frontier);
      }
    } catch (error) {
      opened.close();
      throw error;
    }
    const offer = (batch: Batch) => opened.offer(batch, batch.epoch!);
    const stop = whole ? view.kept.listenWhole(offer) : view.output.listen(offer);
    this.opened(opened, view, stop, frontier);
  }

  private *followShared(query: LinearQuery, frontier: bigint): Work {
    const { request, jobs, subscriptions } = this;
    const below = jobs.views.get(query.relation);
    if (below !== undefined && this.waitsFor(below)) return;
    if (below !== undefined) this.requireReadable(below);
    const opened = subscriptions.open(request, false);
    try {
      if (request.snapshot) {
        if (below !== undefined) yield* below.store();
        opened.begin(this.firstRows(), frontier);
      }
      const { job, stop } = subscriptions.shared.follow(query, (batch) => opened.offer(batch, batch.epoch!));
      this.opened(opened, job, stop, frontier);
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  private *followOwn(frontier: bigint): Work {
    const { request, jobs, subscriptions } = this;
    const emission = plainEmission(request.emit ?? { kind: 'changes' });
    const whole = emission.mode.kind === 'complete';
    const job = jobs.makeOwn(
      request.plan,
      (context, types, appendOnly) =>
        whole ? new ViewOutput(context, types) : new StepOutput(context, types, appendOnly),
      emission,
      request.timeZone,
    );
    let opened: Subscription | null = null;
    try {
      this.requireReadable(job);
      const subscription = subscriptions.open(request, false);
      opened = subscription;
      yield* jobs.storeBelow(job);
      const offer = (batch: Batch) => {
        if (request.snapshot || batch.epoch! > frontier) subscription.offer(batch, batch.epoch!);
      };
      const listening = whole ? job.kept.listenWhole(offer) : job.output.listen(offer);
      const stop = () => {
        listening();
        jobs.endOwn(job);
      };
      this.coming = this.catchUps.start(job, this.snapshot!.again(), (epoch) =>
        this.joined(subscription, job, stop, epoch),
      );
      this.waiting = subscription;
    } catch (error) {
      opened?.close();
      jobs.endOwn(job);
      throw error;
    }
  }

  private joined(subscription: Subscription, job: Job, stop: () => void, frontier: bigint): void {
    const error = this.jobs.errorOf(job);
    if (error !== null) job.fail(error);
    if (job.failure !== null) return;
    this.jobs.begin(job);
    this.opened(subscription, job, stop, frontier);
  }

  private waitsFor(view: Job): boolean {
    this.coming = this.catchUps.of(view) ?? null;
    return this.coming !== null;
  }

  /** Those of the request's plan at the snapshot, which is theirs from here on. */
  private firstRows(): RowCursor {
    const snapshot = this.snapshot!;
    this.snapshot = null;
    let rows: RowCursor;
    try {
      rows = this.request.rowsAt(snapshot);
    } catch (error) {
      snapshot.release();
      throw error;
    }
    return {
      next: () => rows.next(),
      close: async () => {
        await rows.close();
        snapshot.release();
      },
    };
  }

  private opened(subscription: Subscription, job: Job, stop: () => void, frontier: bigint): void {
    this.subscriptions.follow(subscription, job, stop);
    subscription.flush(frontier);
    this.subscription = subscription;
  }

  private requireReadable(job: Job): void {
    const error = this.jobs.errorOf(job);
    if (error !== null) throw error;
  }
}
