// LockManager: row locks and waiting for transactions. A row lock is held until its transaction ends, so waiting for a lock is
// waiting for a transaction; each waits for at most one, and a deadlock is a circle in that graph, found before waiting.
import { sqlError } from '../../errors/sql-error.ts';

/** What the manager knows of a transaction. */
export interface LockHolder {
  readonly id: number;
}

interface Waiter {
  readonly holder: LockHolder;
  readonly wake: () => void;
}

export class LockManager {
  /** `relation/rowId` or a named lock -> who holds it */
  private readonly rows = new Map<number, Map<number, LockHolder>>();
  private readonly named = new Map<string, LockHolder>();
  private readonly held = new Map<LockHolder, { rows: Map<number, number[]>; names: string[] }>();
  private readonly waitsFor = new Map<LockHolder, LockHolder>();
  private readonly waiters = new Map<LockHolder, Waiter[]>();

  /** Takes the lock and returns null, or returns who holds it. */
  tryLockRow(who: LockHolder, relation: number, rowId: number): LockHolder | null {
    let rows = this.rows.get(relation);
    if (rows === undefined) {
      rows = new Map();
      this.rows.set(relation, rows);
    }
    const holder = rows.get(rowId);
    if (holder !== undefined) return holder === who ? null : holder;
    rows.set(rowId, who);
    const mine = this.heldBy(who).rows;
    const list = mine.get(relation);
    if (list === undefined) mine.set(relation, [rowId]);
    else list.push(rowId);
    return null;
  }

  tryLockName(who: LockHolder, name: string): LockHolder | null {
    const holder = this.named.get(name);
    if (holder !== undefined) return holder === who ? null : holder;
    this.named.set(name, who);
    this.heldBy(who).names.push(name);
    return null;
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
    for (let next: LockHolder | undefined = holder; next !== undefined; next = this.waitsFor.get(next)) {
      if (next === who) throw this.deadlock(who, holder);
    }
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

  /** The transaction has ended: its locks are free, those who wait for it go on, first come first. */
  releaseAll(who: LockHolder): void {
    const mine = this.held.get(who);
    this.held.delete(who);
    for (const [relation, rowIds] of mine?.rows ?? []) {
      const rows = this.rows.get(relation);
      for (const rowId of rowIds) rows?.delete(rowId);
      if (rows?.size === 0) this.rows.delete(relation);
    }
    for (const name of mine?.names ?? []) this.named.delete(name);
    const waiters = this.waiters.get(who) ?? [];
    this.waiters.delete(who);
    for (const { wake } of waiters) wake();
  }

  private heldBy(who: LockHolder) {
    let mine = this.held.get(who);
    if (mine === undefined) {
      mine = { rows: new Map(), names: [] };
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
