// SubscriptionOpening: how a subscription comes to its first rows and to its changes, between two steps. A view's output is followed as it
// is; a linear query by a job that it shares (shared-queries.ts): both begin with the rows of a snapshot, which the reader pulls when it
// likes. Any other query is a job of its own, whose first load is offered to the subscription.
import type { Batch } from '../../columns/batch.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import type { Job } from '../jobs/job.ts';
import { plainEmission } from './emission.ts';
import type { RowCursor } from './first-rows.ts';
import type { JobRegistry } from './job-registry.ts';
import { type LinearQuery, linearQuery } from './linear-query.ts';
import type { Work } from './operator.ts';
import { StepOutput } from './step-output.ts';
import type { Subscription } from './subscription.ts';
import type { SubscribeRequest, Subscriptions } from './subscriptions.ts';
import { ViewOutput } from './view-output.ts';

export class SubscriptionOpening {
  /** once it is open */
  subscription: Subscription | null = null;
  private readonly request: SubscribeRequest;
  private readonly jobs: JobRegistry;
  private readonly subscriptions: Subscriptions;
  private snapshot: TableSnapshot | null;
  /** a job of the subscription's own, while it is being loaded */
  private loading: Job | null = null;

  /** `snapshot` of the newest epoch: this releases it. */
  constructor(request: SubscribeRequest, snapshot: TableSnapshot, jobs: JobRegistry, subscriptions: Subscriptions) {
    this.request = request;
    this.snapshot = snapshot;
    this.jobs = jobs;
    this.subscriptions = subscriptions;
  }

  /** Throws 72000 for history that is gone, and what reading the query raises. `frontier` is the snapshot's epoch. */
  *run(frontier: bigint): Work {
    const { relation, emit, plan, asOf, snapshot } = this.request;
    const view = relation === null ? undefined : this.jobs.views.get(relation);
    if (view !== undefined) {
      yield* this.followView(view, frontier);
      return;
    }
    this.subscriptions.checkAsOf(asOf ?? null, null, snapshot, frontier);
    const linear = emit === undefined || emit.kind === 'changes' ? linearQuery(plan) : null;
    if (linear === null) yield* this.followOwn(frontier);
    else yield* this.followShared(linear, frontier);
  }

  /** What takes long in it stops. */
  cancel(): void {
    this.loading?.cancel();
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
    this.loading = job;
    let opened: Subscription | null = null;
    try {
      this.requireReadable(job);
      const subscription = subscriptions.open(request, false);
      opened = subscription;
      const offer = (batch: Batch) => subscription.offer(batch, batch.epoch!);
      const quiet = request.snapshot ? job.output.listen(offer) : () => {};
      yield* jobs.load(job, this.snapshot!, frontier);
      quiet();
      this.requireReadable(job);
      jobs.addOwn(job);
      const listening = whole ? job.kept.listenWhole(offer) : job.output.listen(offer);
      const stop = () => {
        listening();
        jobs.endOwn(job);
      };
      this.opened(subscription, job, stop, frontier);
    } catch (error) {
      opened?.close();
      jobs.endOwn(job);
      job.release();
      throw error;
    }
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
