// All subscriptions of the stream engine: how they are made, their rows for headrace.subscriptions, and the histories of views from which
// they resume.
import type { EmitMode } from '../../catalog/objects.ts';
import type { SubscriptionRow } from '../../catalog/system-relation.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { Snapshot } from '../../columns/row-group.ts';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Job } from '../jobs/job.ts';
import { type Envelope, KeyEnvelope } from './envelope.ts';
import type { RowCursor } from './first-rows.ts';
import { History } from './history.ts';
import type { JobRegistry } from './job-registry.ts';
import { RowPrefix } from './row-prefix.ts';
import { SharedQueries } from './shared-queries.ts';
import type { CancelFlag } from './step-queue.ts';
import { Subscription } from './subscription.ts';

export interface SubscribeRequest {
  /** a view whose output is followed; null or a table or stream: `plan` runs as a job of the subscription's own */
  readonly relation: number | null;
  readonly plan: BatchPlan;
  readonly query: string;
  readonly processId: number;
  readonly snapshot: boolean;
  readonly progress: boolean;
  /** of a query of its own; default every change */
  readonly emit?: EmitMode;
  readonly envelope?: Envelope | null;
  /** of the plan's columns, for the envelope's key; default the plan's own */
  readonly names?: readonly string[];
  readonly asOf?: bigint | null;
  readonly upTo?: bigint | null;
  readonly maxQueuedRows: number;
  /** of the session, for the query of its own; default UTC */
  readonly timeZone?: string;
  readonly cancel?: CancelFlag;
  /** The rows of the plan at a snapshot. */
  rowsAt(snapshot: Snapshot): RowCursor;
}

const QUEUE_BYTES = 536_870_912;

export class Subscriptions {
  readonly byId = new Map<number, Subscription>();
  readonly shared: SharedQueries;
  private readonly following = new Map<number, { readonly job: Job; readonly stop: () => void }>();
  private readonly histories = new WeakMap<Job, History>();
  private readonly arena: Arena;
  private readonly kernels: KernelLibrary;
  /** of the histories, and of what all subscriptions share */
  private readonly owner: number;
  private readonly prefix: RowPrefix;
  private last = 0;

  constructor(arena: Arena, kernels: KernelLibrary, owner: number, jobs: JobRegistry) {
    this.arena = arena;
    this.kernels = kernels;
    this.owner = owner;
    this.shared = new SharedQueries(jobs);
    this.prefix = new RowPrefix(arena.shared, new Region(arena, owner));
  }

  /** The job's changes go to the subscription from now on; `stop` is called once when they are not to any more. */
  follow(subscription: Subscription, job: Job, stop: () => void): void {
    const { id } = subscription.options;
    this.following.set(id, { job, stop });
    this.byId.set(id, subscription);
  }

  /** Whoever follows a job that `errorOf` finds an error for is told, before it takes what it has got for the whole result. */
  failBroken(errorOf: (job: Job) => SqlError | null): void {
    for (const [id, { job }] of this.following) {
      const error = errorOf(job);
      if (error !== null) this.byId.get(id)!.fail(error);
    }
  }

  /** Ends the subscriptions of views that are gone, and of queries that read what is gone. */
  failGone(gone: (relation: number) => boolean): void {
    for (const [id, { job }] of this.following) {
      const concerned = job.relation === null ? job.sources.some(gone) : gone(job.relation);
      if (!concerned) continue;
      this.byId
        .get(id)!
        .fail(job.relation === null ? sourceGone() : sqlError('undefined_table', 'the view has been dropped'));
      this.unfollow(id);
    }
  }

  /** The history of a view begins with its first subscription. */
  historyOf(job: Job, frontier: bigint): History {
    let history = this.histories.get(job);
    if (history === undefined) {
      const { arena, kernels } = this;
      const made = new History({ arena, memory: arena.shared, kernels, owner: this.owner }, job.types, frontier);
      const end = job.output.listen((batch) => made.record(batch));
      job.onRelease.push(() => {
        end();
        made.release();
      });
      this.histories.set(job, made);
      history = made;
    }
    return history;
  }

  /** 72000 when the changes after `asOf` are not there any more; 22023 when it is no epoch of this server. */
  checkAsOf(asOf: bigint | null, history: History | null, snapshot: boolean, frontier: bigint): void {
    if (asOf === null || asOf === frontier) return;
    if (asOf > frontier) {
      // of a server that had other data: to wait for it would be a gap that nobody sees
      throw sqlError('invalid_parameter_value', `epoch ${asOf} has not been reached`, {
        hint: `The newest epoch is ${frontier}: subscribe without AS OF, with a snapshot.`,
      });
    }
    const since = history?.since ?? frontier;
    if (asOf < since) {
      throw sqlError('snapshot_too_old', `the history of epoch ${asOf} is no longer available`, {
        hint: `The earliest epoch to subscribe from is ${since}.`,
      });
    }
    if (snapshot) {
      throw sqlError('feature_not_supported', 'a snapshot of a past epoch is not supported', {
        hint: 'Resume with WITH (SNAPSHOT = false), or leave AS OF out.',
      });
    }
  }

  private unfollow(id: number): void {
    const followed = this.following.get(id);
    if (followed === undefined) return;
    this.following.delete(id);
    followed.stop();
  }

  /** `resumable`: a history of what it follows is kept. */
  open(request: SubscribeRequest, resumable: boolean): Subscription {
    const { arena, kernels } = this;
    const { envelope } = request;
    const { types, names } = request.plan;
    const fresh = request.snapshot && request.asOf == null;
    const paired =
      envelope == null ? null : new KeyEnvelope(arena.shared, types, request.names ?? names, envelope, fresh);
    const owner = arena.addOwner(QUEUE_BYTES);
    const id = ++this.last;
    return new Subscription({ arena, memory: arena.shared, kernels, owner }, this.prefix, {
      id,
      relation: request.relation,
      query: request.query,
      processId: request.processId,
      types: paired?.columns.map((column) => column.type) ?? types,
      envelope: paired,
      progress: request.progress,
      upTo: request.upTo ?? null,
      maxQueuedRows: request.maxQueuedRows,
      resumable,
      onClose: () => {
        this.byId.delete(id);
        this.unfollow(id);
        arena.freeOwner(owner);
      },
    });
  }

  /** Between steps: those that are over are followed no longer, though their session has not closed them yet. */
  flush(epoch: bigint): void {
    for (const [id, subscription] of this.byId) {
      subscription.flush(epoch);
      if (subscription.over) this.unfollow(id);
    }
  }

  rows(): SubscriptionRow[] {
    return [...this.byId.values()].map(({ options, sentEpoch, queuedRows, queuedBytes }) => ({
      id: options.id,
      relation: options.relation,
      query: options.query,
      processId: options.processId,
      sentEpoch,
      queuedRows: BigInt(queuedRows),
      queuedBytes: BigInt(queuedBytes),
    }));
  }
}

/** What ends the query of a subscription's own. */
export function sourceGone(): SqlError {
  return sqlError('undefined_table', 'a relation of the query has been dropped or replaced');
}
