// LockManager: row locks, relation locks and locks by name, and waiting for transactions. A lock is held until its transaction
// ends or goes back to a savepoint, so waiting for a lock is waiting for a transaction; each waits for at most one, and a deadlock is a
// circle in that graph, found before waiting. Who waits for a relation stands in a line, so that a stream of readers does not keep
// DDL waiting for ever. Modes and their conflicts are PostgreSQL's.
import { sqlError } from '../../errors/sql-error.ts';
import { type RelationLockMode, ROW_STRENGTH, type RowLockMode, relationModesConflict } from './lock-modes.ts';
import { RowLockHolders, RowLocks } from './row-locks.ts';

/** What the manager knows of a transaction. */
export interface LockHolder {
  readonly id: number;
}

interface Waiter {
  readonly holder: LockHolder;
  readonly wake: () => void;
}

/** A place in the line for a relation. */
interface Place {
  readonly holder: LockHolder;
  readonly relation: number;
  readonly mode: RelationLockMode;
}

/** What a transaction has locked, in the order in which it did, so that a savepoint is a length. */
interface Held {
  readonly rows: Map<number, number[]>;
  /** newer versions of locked rows: kept to the end, since their locks may be older than a savepoint */
  readonly followed: Map<number, number[]>;
  /** row locks that became stronger */
  readonly raised: { readonly relation: number; readonly rowId: number; readonly before: number }[];
  readonly relations: { readonly relation: number; readonly mode: RelationLockMode }[];
  readonly names: string[];
}

/** How much was locked at a savepoint. */
export interface LockMark {
  readonly rows: ReadonlyMap<number, number>;
  readonly raised: number;
  readonly relations: number;
  readonly names: number;
}

export class LockManager {
  /** relation -> who holds its rows */
  private readonly rows = new Map<number, RowLocks>();
  private readonly rowHolders = new RowLockHolders();
  /** relation -> holder -> modes */
  private readonly relations = new Map<number, Map<LockHolder, Set<RelationLockMode>>>();
  /** relation -> who waits for it, first come first */
  private readonly lines = new Map<number, Place[]>();
  private readonly named = new Map<string, LockHolder>();
  private readonly held = new Map<LockHolder, Held>();
  private readonly waitsFor = new Map<LockHolder, LockHolder>();
  private readonly waiters = new Map<LockHolder, Waiter[]>();

  /** Takes the lock and returns null, or returns one that holds it in a mode that conflicts. */
  tryLockRow(who: LockHolder, relation: number, rowId: number, mode: RowLockMode = 'update'): LockHolder | null {
    let rows = this.rows.get(relation);
    if (rows === undefined) {
      rows = new RowLocks(this.rowHolders);
      this.rows.set(relation, rows);
    }
    const before = rows.tryLock(who, rowId, ROW_STRENGTH[mode]);
    if (typeof before !== 'number') return before;
    if (before === 0) this.note(this.heldBy(who).rows, relation, rowId);
    else if (before < ROW_STRENGTH[mode]) this.heldBy(who).raised.push({ relation, rowId, before });
    return null;
  }

  private note(held: Map<number, number[]>, relation: number, rowId: number): void {
    const list = held.get(relation);
    if (list === undefined) held.set(relation, [rowId]);
    else list.push(rowId);
  }

  /** Gives back the lock taken last: the row turned out to be gone. */
  forgetRow(who: LockHolder, relation: number, rowId: number): void {
    const list = this.held.get(who)?.rows.get(relation);
    if (list?.at(-1) !== rowId) return;
    list.pop();
    this.releaseRows(who, relation, [rowId]);
  }

  /** Rows have newer versions: those who share locks on the old ones with who replaced them hold them on the new ones too. */
  followRows(relation: number, newest: { get(rowId: number): number | undefined }): void {
    const rows = this.rows.get(relation);
    for (const [rowId, locks] of rows?.sharedRows() ?? []) {
      const to = newest.get(rowId);
      if (to === undefined) continue;
      for (const { holder, strength } of locks) {
        if (rows!.share(holder, to, strength)) this.note(this.heldBy(holder).followed, relation, to);
      }
    }
  }

  /**
   * As tryLockRow, for a relation as a whole. Those who stand in line before it are waited for too, unless they wait for this transaction:
   * for a lock that it has, or over others.
   */
  tryLockRelation(who: LockHolder, relation: number, mode: RelationLockMode): LockHolder | null {
    let holders = this.relations.get(relation);
    if (holders === undefined) {
      holders = new Map();
      this.relations.set(relation, holders);
    }
    const mine = holders.get(who);
    if (mine?.has(mode) === true) return null;
    for (const [holder, modes] of holders) {
      if (holder === who) continue;
      for (const other of modes) if (relationModesConflict(mode, other)) return holder;
    }
    for (const place of this.lines.get(relation) ?? []) {
      if (place.holder === who) break;
      if (relationModesConflict(mode, place.mode) && !this.waitsOver(place.holder, who)) return place.holder;
    }
    if (mine !== undefined) mine.add(mode);
    else holders.set(who, new Set([mode]));
    this.heldBy(who).relations.push({ relation, mode });
    return null;
  }

  /** Stands in line for a relation until `leaveLine`. */
  enterLine(holder: LockHolder, relation: number, mode: RelationLockMode): Place {
    const place = { holder, relation, mode };
    const line = this.lines.get(relation);
    if (line === undefined) this.lines.set(relation, [place]);
    else line.push(place);
    return place;
  }

  leaveLine(place: Place): void {
    const line = this.lines.get(place.relation)!;
    line.splice(line.indexOf(place), 1);
    if (line.length === 0) this.lines.delete(place.relation);
  }

  tryLockName(who: LockHolder, name: string): LockHolder | null {
    const holder = this.named.get(name);
    if (holder !== undefined) return holder === who ? null : holder;
    this.named.set(name, who);
    this.heldBy(who).names.push(name);
    return null;
  }

  /** Whom it waits for at this moment. */
  blockerOf(who: LockHolder): LockHolder | null {
    return this.waitsFor.get(who) ?? null;
  }

  /** The relation locks there are. */
  *relationLocks(): Generator<{ holder: LockHolder; relation: number; mode: RelationLockMode }> {
    for (const [relation, holders] of this.relations) {
      for (const [holder, modes] of holders) for (const mode of modes) yield { holder, relation, mode };
    }
  }

  /**
   * Waits until `holder` has ended. Throws 40P01 when it waits, over others perhaps, for `who`; 55P03 after `timeoutMs` (0 = never);
   * the signal's reason when cancelled.
   */
  async waitFor(
    who: LockHolder,
    holder: LockHolder,
    options: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<void> {
    options.signal?.throwIfAborted();
    if (this.waitsOver(holder, who)) throw this.deadlock(who, holder);
    this.waitsFor.set(who, holder);
    let timer: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    try {
      await new Promise<void>((wake, reject) => {
        const list = this.waiters.get(holder);
        if (list === undefined) this.waiters.set(holder, [{ holder: who, wake }]);
        else list.push({ holder: who, wake });
        if (options.timeoutMs) {
          timer = setTimeout(
            () => reject(sqlError('lock_not_available', 'canceling statement due to lock timeout')),
            options.timeoutMs,
          );
        }
        onAbort = () => reject(options.signal!.reason as Error);
        options.signal?.addEventListener('abort', onAbort);
      });
    } finally {
      clearTimeout(timer);
      if (onAbort !== undefined) options.signal?.removeEventListener('abort', onAbort);
      this.waitsFor.delete(who);
      const list = this.waiters.get(holder);
      const index = list?.findIndex((waiter) => waiter.holder === who) ?? -1;
      if (index >= 0) list!.splice(index, 1);
    }
  }

  /** Whether a transaction is another, or waits for it over any others. */
  private waitsOver(who: LockHolder, other: LockHolder): boolean {
    for (let next: LockHolder | undefined = who; next !== undefined; next = this.waitsFor.get(next)) {
      if (next === other) return true;
    }
    return false;
  }

  /** What the transaction has locked by now, for `releaseSince`. */
  mark(who: LockHolder): LockMark {
    const held = this.held.get(who);
    return {
      rows: new Map([...(held?.rows ?? [])].map(([relation, rowIds]) => [relation, rowIds.length])),
      raised: held?.raised.length ?? 0,
      relations: held?.relations.length ?? 0,
      names: held?.names.length ?? 0,
    };
  }

  /** The transaction went back to a savepoint: what it locked since is free, and those who wait for it look again. */
  releaseSince(who: LockHolder, mark: LockMark): void {
    const held = this.held.get(who);
    if (held !== undefined) {
      for (const { relation, rowId, before } of held.raised.splice(mark.raised).reverse()) {
        this.rows.get(relation)?.lower(who, rowId, before);
      }
      for (const [relation, rowIds] of held.rows) {
        this.releaseRows(who, relation, rowIds.splice(mark.rows.get(relation) ?? 0));
      }
      for (const { relation, mode } of held.relations.splice(mark.relations)) this.releaseRelation(who, relation, mode);
      for (const name of held.names.splice(mark.names)) this.named.delete(name);
    }
    this.wake(who);
  }

  /** The transaction has ended: its locks are free, those who wait for it go on, first come first. */
  releaseAll(who: LockHolder): void {
    const mine = this.held.get(who);
    if (mine !== undefined) {
      this.held.delete(who);
      this.rowHolders.forget(who);
      for (const [relation, rowIds] of mine.rows) this.releaseRows(who, relation, rowIds);
      for (const [relation, rowIds] of mine.followed) this.releaseRows(who, relation, rowIds);
      for (const { relation, mode } of mine.relations) this.releaseRelation(who, relation, mode);
      for (const name of mine.names) this.named.delete(name);
    }
    this.wake(who);
  }

  private wake(who: LockHolder): void {
    const waiters = this.waiters.get(who);
    if (waiters === undefined) return;
    this.waiters.delete(who);
    for (const { wake } of waiters) wake();
  }

  private releaseRelation(who: LockHolder, relation: number, mode: RelationLockMode): void {
    const holders = this.relations.get(relation);
    const modes = holders?.get(who);
    modes?.delete(mode);
    if (modes?.size === 0) holders?.delete(who);
    if (holders?.size === 0) this.relations.delete(relation);
  }

  private releaseRows(who: LockHolder, relation: number, rowIds: readonly number[]): void {
    const rows = this.rows.get(relation);
    rows?.release(who, rowIds, () => {
      if (rows.isEmpty && this.rows.get(relation) === rows) this.rows.delete(relation);
    });
  }

  private heldBy(who: LockHolder): Held {
    let mine = this.held.get(who);
    if (mine === undefined) {
      mine = { rows: new Map(), followed: new Map(), raised: [], relations: [], names: [] };
      this.held.set(who, mine);
    }
    return mine;
  }

  private deadlock(who: LockHolder, holder: LockHolder): Error {
    const lines = [`Transaction ${who.id} waits for transaction ${holder.id}.`];
    for (let next = holder; next !== who; next = this.waitsFor.get(next)!) {
      lines.push(`Transaction ${next.id} waits for transaction ${this.waitsFor.get(next)!.id}.`);
    }
    return sqlError('deadlock_detected', 'deadlock detected', {
      detail: lines.join('\n'),
      hint: 'See server log for query details.',
    });
  }
}
