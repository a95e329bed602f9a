// The one door through which data changes. CommitLog gives each write set its epoch, in log order; applies it unseen; makes it durable,
// all waiting commits by one write and one sync; then publishes the epoch to readers and subscribers. A commit that the log
// could not take is undone and fails; after a failed sync no commit is taken any more, while reads go on.
import { after, type Maybe, recovered, stepwise } from '../../base/maybe.ts';
import { Pieces } from '../../base/pieces.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { Region } from '../../columns/region.ts';
import { toSqlError } from '../../errors/sql-error.ts';
import { AppliedCommit } from '../tables/applied-commit.ts';
import { RowBuffer } from '../tables/row-buffer.ts';
import { storedColumns, type TableStore } from '../tables/table-store.ts';
import { encodeCommit } from './commit-record.ts';
import type { LogWriter } from './log-writer.ts';
import type { Json } from './tagged-json.ts';
import type { CommitListener, PublishedCommit, SequenceValue, WriteSet } from './write-set.ts';

const GROUP_COMMITS = 256;
const WRITE_BYTES = 4_194_304;
const WORK_BYTES = 1_073_741_824;

type Reads = (relation: number) => boolean;

interface Waiting {
  readonly writes: WriteSet;
  readonly buffers: { readonly relation: number; readonly buffer: RowBuffer }[];
  /** throws where the commit is no longer wanted */
  readonly check: (() => void) | undefined;
  readonly resolve: (epoch: bigint) => void;
  readonly reject: (error: Error) => void;
}

interface Applied {
  readonly commit: AppliedCommit;
  readonly waiting: Waiting;
  readonly prepared: PreparedWrites | undefined;
  /** of the old rows that listeners will be told */
  readonly region: Region;
}

/** What checkpoints and restarts keep besides tables. */
export interface CommitState {
  epoch: bigint;
  catalog: Catalog;
  readonly metadata: Map<string, Json>;
  readonly sequences: Map<number, SequenceValue>;
}

/** What becomes of a commit before it is applied and logged. */
export interface PreparedWrites {
  readonly writes: WriteSet;
  /** the commit has failed: its decisions were never made */
  undo(): void;
}

export class CommitLog {
  /** Called in log order before a live commit is applied; may exchange its buffers (in place) and add decisions. Never at replay. */
  prepare:
    | ((writes: WriteSet, buffers: { relation: number; buffer: RowBuffer }[], catalog: Catalog) => PreparedWrites)
    | null = null;
  readonly state: CommitState;
  /** Called after each group of commits. */
  afterGroup: (() => void) | null = null;
  private readonly tables: TableStore;
  private readonly log: LogWriter | null;
  private readonly listeners = new Map<CommitListener, Reads>();
  private readonly waiting: Waiting[] = [];
  private readonly owner: number;
  private running: Promise<void> | null = null;
  private readonly pauses: (() => Promise<void>)[] = [];
  private closed = false;

  /** `log` null: nothing is kept beyond the process. */
  constructor(tables: TableStore, log: LogWriter | null, state: CommitState) {
    this.tables = tables;
    this.log = log;
    this.state = state;
    this.owner = tables.home.arena.addOwner(WORK_BYTES);
  }

  /** The newest epoch that readers see. */
  get publishedEpoch(): bigint {
    return this.state.epoch;
  }

  /** What commits fail with since the log has failed, or null. */
  get failure(): Error | null {
    return this.log?.failed ?? null;
  }

  /** `reads`: which relations' rows the listener wants to see; the others' are not among the changes it is given. */
  subscribe(listener: CommitListener, reads: Reads = () => true): () => void {
    this.listeners.set(listener, reads);
    return () => this.listeners.delete(listener);
  }

  /**
   * Commits a write set: resolves with its epoch once it is durable, readable and published. Rejects with 23505, 40001, 42P01, 42P07 for
   * conflicts with what others committed, 53100 or 58030 when the log cannot take it; then nothing of it has happened. `check` is asked
   * again and again, until the last of it is written: the commit fails with what it throws.
   */
  commit(writes: WriteSet, check?: () => void): Promise<bigint> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw new Error('storage is closed');
      const buffers = [...(writes.buffers ?? []), ...this.copyBatches(writes)];
      this.waiting.push({ writes, buffers, check, resolve, reject });
      this.running ??= this.run();
    });
  }

  /** Runs `body` while no commit is under way; the epoch stands still meanwhile. */
  between<T>(body: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.pauses.push(async () => {
        try {
          resolve(await body());
        } catch (error) {
          reject(error);
        }
      });
      this.running ??= this.run();
    });
  }

  /** A commit read back from the log. Same path as a live one, without the log. */
  async replay(epoch: bigint, writes: WriteSet): Promise<void> {
    const buffers = writes.buffers ?? [];
    const applied = await AppliedCommit.apply(this.tables, epoch, writes, buffers, this.state.catalog);
    await this.publish(applied, this.newRegion(), true);
    releaseCopied(applied, buffers);
  }

  /** Resolves when no commit waits or is under way. */
  async drained(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.drained();
    this.tables.home.arena.freeOwner(this.owner);
  }

  /** The loop: group after group until nobody waits. */
  private async run(): Promise<void> {
    try {
      await null; // commits of the same turn share a group
      while (this.waiting.length > 0 || this.pauses.length > 0) {
        const pause = this.pauses.shift();
        if (pause !== undefined) await pause();
        else {
          const committed = this.commitGroup(this.waiting.splice(0, GROUP_COMMITS));
          if (committed !== undefined) await committed;
        }
      }
    } finally {
      this.running = null;
    }
  }

  private commitGroup(group: readonly Waiting[]): Maybe<void> {
    const applied: Applied[] = [];
    let at = 0;
    const each = () => {
      const waiting = group[at++];
      return waiting === undefined ? false : after(this.apply(waiting, applied), () => true);
    };
    return after(stepwise(each), () => {
      if (applied.length === 0) return;
      // Commits that are written together stay together.
      const check = applied.length === 1 ? applied[0]!.waiting.check : undefined;
      const commits = applied.map(({ commit }) => commit);
      const written = recovered(
        () => after(this.write(commits, check), () => true),
        (error) => this.takeBack(applied, error),
      );
      return after(written, (durable) => (durable ? this.publishGroup(applied) : undefined));
    });
  }

  /** One commit under the next epoch, or it is refused. */
  private apply(waiting: Waiting, applied: Applied[]): Maybe<void> {
    const last = applied.at(-1)?.commit;
    const catalog = last?.catalog ?? this.state.catalog;
    const epoch = (last?.epoch ?? this.state.epoch) + 1n;
    let prepared: PreparedWrites | undefined;
    return recovered(
      () => {
        if (this.log?.failed != null) throw this.log.failed;
        prepared = this.prepare?.(waiting.writes, waiting.buffers, catalog);
        const writes = prepared?.writes ?? waiting.writes;
        const { buffers, check } = waiting;
        return after(AppliedCommit.apply(this.tables, epoch, writes, buffers, catalog, check), (commit) =>
          after(this.gather(commit), (region) => {
            applied.push({ commit, waiting, prepared, region });
          }),
        );
      },
      (error) => {
        prepared?.undo();
        refuse(waiting, error);
      },
    );
  }

  /** The memory that telling of a commit takes is there before it is durable: what fails behind that is told to nobody. */
  private gather(commit: AppliedCommit): Maybe<Region> {
    const region = this.newRegion();
    return recovered(
      () => after(commit.gather(region, this.wanted), () => region),
      async (error) => {
        region.release();
        await commit.undo();
        throw error;
      },
    );
  }

  private newRegion(): Region {
    return new Region(this.tables.home.arena, this.owner);
  }

  /** The log could not take them. */
  private async takeBack(applied: readonly Applied[], error: unknown): Promise<false> {
    for (const { commit, prepared, region } of applied.toReversed()) {
      region.release();
      await commit.undo();
      prepared?.undo();
    }
    for (const { waiting } of applied) refuse(waiting, error);
    return false;
  }

  private publishGroup(applied: readonly Applied[]): Maybe<void> {
    let at = 0;
    const each = () => {
      const next = applied[at++];
      if (next === undefined) return false;
      return after(this.publish(next.commit, next.region, false), () => {
        releaseCopied(next.commit, next.waiting.buffers);
        next.waiting.resolve(next.commit.epoch);
        return true;
      });
    };
    return after(stepwise(each), () => {
      this.tables.reclaim(this.tables.snapshots.oldestEpoch(this.state.epoch));
      this.afterGroup?.();
    });
  }

  private write(commits: readonly AppliedCommit[], check: (() => void) | undefined): Maybe<void> {
    return this.log === null ? undefined : this.writeTo(this.log, commits, new Pieces(check));
  }

  private async writeTo(log: LogWriter, commits: readonly AppliedCommit[], pieces: Pieces): Promise<void> {
    await log.rotateIfFull();
    const start = log.position;
    try {
      await this.writeFrames(commits, log, pieces);
    } catch (error) {
      if (log.failed === null && log.position > start) await log.cutBack(start);
      throw error;
    }
  }

  private async writeFrames(commits: readonly AppliedCommit[], log: LogWriter, pieces: Pieces): Promise<void> {
    const start = log.position;
    const { arena } = this.tables.home;
    let chunks: Uint8Array[] = [];
    let bytes = 0;
    for (const commit of commits) {
      for (const frame of encodeCommit(arena.shared, commit, start)) {
        chunks.push(frame);
        bytes += frame.length;
        const pause = pieces.next();
        if (pause !== undefined) await pause;
        if (bytes < WRITE_BYTES) continue;
        arena.assertSound();
        await log.append(chunks, false, start);
        chunks = [];
        bytes = 0;
      }
    }
    arena.assertSound();
    await log.append(chunks, true, start);
  }

  /** Everything that takes time is done before the epoch is published, which happens in one turn. */
  private publish(commit: AppliedCommit, region: Region, replayed: boolean): Maybe<void> {
    const { wanted } = this;
    const prepare = () => (commit.isPrepared(wanted) ? false : after(commit.prepare(region, wanted), () => true));
    const ready = after(commit.prepareSuccessors(), () => stepwise(prepare));
    return after(ready, () => {
      const reading = this.tell(commit, replayed);
      const release = () => {
        region.release();
        commit.unpin();
      };
      if (reading === undefined) return release();
      if (replayed) return reading.then(release);
      void reading.then(release);
    });
  }

  private readonly wanted = (relation: number): boolean => {
    for (const reads of this.listeners.values()) if (reads(relation)) return true;
    return false;
  };

  /** The moment in which the commit becomes visible. What to wait for until all have read its changes. */
  private tell(commit: AppliedCommit, replayed: boolean): Promise<unknown> | undefined {
    const { writes, epoch } = commit;
    this.state.epoch = epoch;
    this.state.catalog = commit.catalog;
    for (const [key, value] of writes.metadata ?? []) {
      if (value === null) this.state.metadata.delete(key);
      else this.state.metadata.set(key, value);
    }
    for (const [oid, value] of writes.sequences ?? []) {
      if (value === null) this.state.sequences.delete(oid);
      else this.state.sequences.set(oid, value);
    }
    commit.publishSuccessors();
    const published: PublishedCommit = {
      epoch,
      changes: commit.changes(),
      truncated: writes.truncates ?? [],
      ...(writes.catalog?.changes.length ? { catalog: commit.catalog } : {}),
      metadata: writes.metadata ?? [],
      decisions: writes.decisions ?? [],
      replayed,
    };
    const reading: Promise<void>[] = [];
    for (const listener of this.listeners.keys()) {
      const done = listener(published);
      if (done !== undefined) reading.push(done);
    }
    return reading.length === 0 ? undefined : Promise.all(reading);
  }

  private copyBatches(writes: WriteSet): { relation: number; buffer: RowBuffer }[] {
    return (writes.inserts ?? []).map(({ relation, batch }) => {
      const stored = this.tables.tables.get(relation)?.columns ?? this.columnsInEdit(writes, relation);
      const buffer = new RowBuffer(this.tables.home, stored);
      buffer.append(batch.columns, batch.selection, 0, batch.count);
      return { relation, buffer };
    });
  }

  private columnsInEdit(writes: WriteSet, relation: number) {
    for (const change of writes.catalog?.changes ?? []) {
      if (change.action === 'put' && change.kind === 'relation' && change.object.oid === relation)
        return storedColumns(change.object);
    }
    return this.tables.table(relation).columns; // throws 42P01
  }
}

/** A commit that has failed and was undone: the rows that it brought are nobody's. */
function refuse(waiting: Waiting, error: unknown): void {
  for (const { buffer } of waiting.buffers) buffer.retire();
  waiting.reject(toSqlError(error));
}

/** Buffers whose rows were copied into open groups are not needed any more; adopted ones live on in the table. */
function releaseCopied(commit: AppliedCommit, buffers: NonNullable<WriteSet['buffers']>): void {
  const adopted = new Set(commit.inserted.map(({ range }) => range.group.buffer));
  for (const { buffer } of buffers) if (!adopted.has(buffer)) buffer.retire();
}
