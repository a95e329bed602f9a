// CatchUp: a new job's way to the common frontier, beside the steps, which do not wait for it. It loads a snapshot; what steps change from
// there on is kept for it, and cut at epochs of the frontier into rounds, which are pushed and stepped like steps, one after the other, and
// stored, so that whoever waits for one reads the view at its epoch. When little is left, or the rounds get no smaller, a task between two
// steps does the rest, and the job has joined: it follows its inputs with all others. The first round is the load.

import type { Maybe } from '../../base/maybe.ts';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import type { Job } from '../jobs/job.ts';
import type { RowContext } from '../rows/row-store.ts';
import type { StepDecisions } from './emission-timers.ts';
import type { Work } from './operator.ts';
import { type ChangedRows, fellBehind, WaitingChanges } from './waiting-changes.ts';

/** Changes that one of the common steps may take over. */
const FEW_ROWS = 4096;

/** What a job on its way knows of the others. */
export interface CatchUpDoors {
  /** the last finished epoch of the steps; moves between `between`s only */
  frontier(): bigint;
  watermarkOf(job: Job): bigint | null;
  /** of a view that has not joined */
  behind(relation: number): CatchUp | undefined;
  /** whether a snapshot of the epoch is open */
  isRead(epoch: bigint): boolean;
  /** why a view that has joined cannot be read as of the frontier */
  readError(relation: number): SqlError | null;
  /** Runs work between two steps. */
  between(run: () => Work): Promise<void>;
}

interface CatchUpOptions {
  readonly job: Job;
  readonly doors: CatchUpDoors;
  /** at the frontier; goes with the catch-up */
  readonly snapshot: TableSnapshot;
  /** reads the snapshot and steps at its epoch */
  readonly load: Work;
  /** of changes that wait: its owner is the catch-up's own */
  readonly waiting: RowContext;
  /** in the turn in which the job has come to the frontier, which this is */
  readonly joined: (epoch: bigint) => void;
}

/** What brings the job to an epoch. */
interface Round {
  readonly epoch: bigint;
  changes: WaitingChanges;
  /** behind the changes */
  readonly work: Work;
  /** of the views below, when they have come there: why they cannot be read at the epoch */
  readonly below: readonly Maybe<SqlError | null>[];
  /** the same of the job; several, where rounds have become one */
  readonly reached: PromiseWithResolvers<SqlError | null>[];
  /** the job has to be at this very epoch, whether it is read there or not */
  pinned: boolean;
  begun: boolean;
}

/** So many rounds may wait before those are made one that nobody needs apart. */
const MOST_ROUNDS = 4;

export class CatchUp {
  readonly job: Job;
  /** of the snapshot */
  readonly since: bigint;
  /** resolves when it has joined, or never will */
  readonly end: Promise<void>;
  /** called once when nothing of it is under way any more */
  readonly onFinish: (() => void)[] = [];
  private readonly options: CatchUpOptions;
  private readonly ended = Promise.withResolvers<void>();
  /** that are not over */
  private readonly rounds: Round[] = [];
  private last: Round;
  /** since the last round was cut */
  private changes: WaitingChanges;
  private rowsBefore = Number.POSITIVE_INFINITY;
  private mostRounds = MOST_ROUNDS;
  private joined = false;

  constructor(options: CatchUpOptions) {
    const { job, snapshot, load, waiting } = options;
    this.options = options;
    this.job = job;
    this.since = snapshot.epoch;
    this.end = this.ended.promise;
    this.changes = new WaitingChanges(waiting);
    this.last = this.add(this.since, new WaitingChanges(waiting), load, true);
    job.onRelease.push(() => this.wake());
  }

  /** What a step has changed, or a view below: the batch may go. */
  take(change: ChangedRows, epoch: bigint): void {
    if (this.job.ending || epoch <= this.since) return;
    const changes = this.rounds.find((round) => round.epoch >= epoch)?.changes ?? this.changes;
    changes.copy(change);
    this.failWhereLost(changes);
  }

  /** Resolves when the view is stored as of the frontier, with the error that reading it there raises: also one that has kept it from coming there. */
  cut(pinned = false): Promise<SqlError | null> {
    if (this.last.epoch < this.options.doors.frontier()) return this.cutWith(null, nothing, pinned);
    this.last.pinned ||= pinned;
    return this.last.reached[0]!.promise;
  }

  /** As `cut`, with what the frontier's step has decided about the job, and what is to be done when it is there. */
  cutWith(decided: StepDecisions | null, then: () => Work = nothing, pinned = true): Promise<SqlError | null> {
    const { job, changes } = this;
    const { doors, waiting } = this.options;
    const epoch = doors.frontier();
    const stepped = job.step(epoch, doors.watermarkOf(job), decided, job.shows(decided)); // as things are now
    this.changes = new WaitingChanges(waiting);
    this.last = this.add(epoch, changes, this.stepThen(stepped, then), pinned);
    return this.last.reached[0]!.promise;
  }

  private add(epoch: bigint, changes: WaitingChanges, work: Work, pinned: boolean): Round {
    const { behind, readError } = this.options.doors;
    const below = this.job.sources.map((relation) => behind(relation)?.cut(pinned) ?? readError(relation));
    const reached = [Promise.withResolvers<SqlError | null>()];
    const round = { epoch, changes, work, below, reached, pinned, begun: false };
    this.rounds.push(round);
    if (this.over) this.wake();
    else if (this.rounds.length > this.mostRounds) this.unite();
    return round;
  }

  /** A round whose epoch is read by nobody any more becomes part of the next one: however many readers come, few rounds wait. */
  private unite(): void {
    for (let i = 0; i + 1 < this.rounds.length; ) {
      const [round, next] = [this.rounds[i]!, this.rounds[i + 1]!];
      if (round.begun || round.pinned || this.options.doors.isRead(round.epoch)) {
        i++;
        continue;
      }
      for (const change of next.changes.read()) round.changes.copy(change);
      next.changes = round.changes;
      next.reached.push(...round.reached);
      this.rounds.splice(i, 1);
      this.failWhereLost(next.changes);
    }
    this.mostRounds = Math.max(MOST_ROUNDS, 2 * this.rounds.length);
  }

  private failWhereLost({ lost }: WaitingChanges): void {
    if (lost.size > 0) this.job.fail(fellBehind());
  }

  private *stepThen(stepped: Work, then: () => Work): Work {
    yield* stepped;
    if (!this.job.ending) yield* then();
  }

  private *push({ changes, epoch }: Round): Work {
    const { job } = this;
    job.beginStep(epoch);
    for (const { relation, attributes, batch } of changes.read()) {
      yield* job.push(relation, batch, attributes);
      yield;
    }
  }

  /** All of it. What goes wrong is the job's failure. */
  *run(): Work {
    try {
      while (!this.over) {
        yield* this.catchUp();
        for (const relation of this.job.sources) {
          const below = this.options.doors.behind(relation);
          if (below !== undefined) yield this.unlessEnded(below.end);
        }
        if (!this.over) yield this.options.doors.between(() => this.join());
      }
      if (!this.joined) this.job.fail(sqlError('query_canceled', 'canceling statement due to user request'));
    } catch (error) {
      this.job.fail(error);
    } finally {
      this.finish();
    }
  }

  private get over(): boolean {
    return this.joined || this.job.ending;
  }

  private unlessEnded(promise: Promise<unknown>): Promise<void> {
    return Promise.race([promise, this.end]).then(() => {});
  }

  private *catchUp(): Work {
    for (let [round] = this.rounds; round !== undefined; [round] = this.rounds) {
      round.begun = true;
      const error = yield* this.errorBelow(round);
      if (this.over) return;
      yield* this.push(round);
      yield* round.work;
      yield* this.job.store();
      this.options.snapshot.release();
      if (this.over) return;
      this.rounds.shift();
      for (const reached of round.reached) reached.resolve(this.job.readError ?? error);
    }
  }

  /** When the views below have come to the round's epoch. */
  private *errorBelow({ below }: Round): Generator<Promise<void>, SqlError | null, void> {
    const errors: (SqlError | null)[] = [];
    for (const view of below) {
      if (view instanceof Promise) yield this.unlessEnded(view.then((error) => errors.push(error)));
      else errors.push(view);
    }
    return errors.find((error) => error !== null) ?? null;
  }

  /** Between two steps. */
  private *join(): Work {
    const rows = this.rounds.reduce((sum, { changes }) => sum + changes.rows, this.changes.rows);
    const again = rows > FEW_ROWS && rows < this.rowsBefore;
    this.rowsBefore = rows;
    this.cut();
    if (again) return;
    yield* this.catchUp();
    if (this.over) return;
    this.joined = true;
    this.finish();
    this.options.joined(this.job.frontier);
  }

  private wake(): void {
    for (const round of this.rounds)
      for (const reached of round.reached) reached.resolve(this.job.failure ?? neverFilled());
    this.ended.resolve();
  }

  private finish(): void {
    this.options.snapshot.release();
    for (const end of this.onFinish.splice(0)) end();
    this.wake();
  }
}

function neverFilled(): SqlError {
  return sqlError('object_not_in_prerequisite_state', 'the materialized view was dropped, or began anew, before it was filled', {
    hint: 'Try again.',
  }); // biome-ignore format: one call
}

function* nothing(): Work {}
