// Advisory locks: numbers that sessions lock among themselves, as migration tools and job queues do. A session holds a lock as often as it has
// taken it; a transaction's locks go with it. Who must wait stands in a line per lock, and nobody overtakes those it would conflict with,
// but for sessions that hold the lock already. No search for deadlocks: lock_timeout, statement_timeout and cancel end a wait.
import { sqlError } from '../errors/sql-error.ts';

export type AdvisoryMode = 'shared' | 'exclusive';
export type AdvisoryScope = 'session' | 'transaction';

export interface AdvisoryRequest {
  /** who: the process id of a session */
  readonly session: number;
  /** what: the number, or two */
  readonly key: string;
  readonly mode: AdvisoryMode;
  readonly scope: AdvisoryScope;
}

interface Waiting {
  readonly request: AdvisoryRequest;
  readonly grant: () => void;
}

/** How often one session holds one lock. */
type Held = Map<`${AdvisoryScope} ${AdvisoryMode}`, number>;

interface Lock {
  readonly holders: Map<number, Held>;
  readonly line: Waiting[];
}

const MAX_LOCKS = 10_000;
const MODES = ['shared', 'exclusive'] as const;

export class AdvisoryLocks {
  private readonly locks = new Map<string, Lock>();
  /** session -> the key that it waits for */
  private readonly waits = new Map<number, string>();
  private readonly keysOf = new Map<number, Set<string>>();
  /** by session: what its transaction holds, in the order of taking */
  private readonly ofTransaction = new Map<number, { readonly key: string; readonly mode: AdvisoryMode }[]>();

  /** Takes it if it is free. Throws 53200 for a session that holds too many. */
  tryTake(request: AdvisoryRequest): boolean {
    const lock = this.locks.get(request.key);
    if (lock !== undefined && isBlocked(lock, request, lock.line)) return false;
    this.hold(request);
    return true;
  }

  /** Waits for it. Throws 55P03 after the timeout (0: never), and what `signal` is aborted with. */
  async take(request: AdvisoryRequest, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.tryTake(request)) return;
    const { line } = this.locks.get(request.key)!;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { request, grant: resolve };
    line.push(waiting);
    this.waits.set(request.session, request.key);
    const late = () => reject(sqlError('lock_not_available', 'canceling statement due to lock timeout'));
    const timer = timeoutMs > 0 ? setTimeout(late, timeoutMs) : null;
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) throw signal.reason;
      await promise;
    } catch (error) {
      const at = line.indexOf(waiting);
      if (at >= 0) line.splice(at, 1);
      else this.drop(request, 1); // granted in the same turn
      this.goOn(request.key);
      throw error;
    } finally {
      this.waits.delete(request.session);
      if (timer !== null) clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  /** Gives back one of the session's own; false: it has none. */
  release(session: number, key: string, mode: AdvisoryMode): boolean {
    return this.drop({ session, key, mode, scope: 'session' }, 1);
  }

  /** All that the session holds for itself. */
  releaseSession(session: number): void {
    for (const key of [...(this.keysOf.get(session) ?? [])])
      for (const mode of MODES) this.drop({ session, key, mode, scope: 'session' }, Number.POSITIVE_INFINITY);
  }

  /** What its transaction has taken so far, for `releaseSince`. */
  mark(session: number): number {
    return this.ofTransaction.get(session)?.length ?? 0;
  }

  /** What its transaction has taken since the mark. */
  releaseSince(session: number, mark: number): void {
    const taken = this.ofTransaction.get(session)?.splice(mark) ?? [];
    if (mark === 0) this.ofTransaction.delete(session);
    for (const { key, mode } of taken)
      this.drop({ session, key, mode, scope: 'transaction' }, Number.POSITIVE_INFINITY);
  }

  /** The session is over. */
  releaseAll(session: number): void {
    this.releaseSince(session, 0);
    this.releaseSession(session);
  }

  /** The process id of a session that keeps this one waiting. */
  blockerOf(session: number): number | null {
    const waits = this.waits.get(session);
    if (waits === undefined) return null;
    for (const other of this.locks.get(waits)?.holders.keys() ?? []) if (other !== session) return other;
    return null;
  }

  private hold({ session, key, mode, scope }: AdvisoryRequest): void {
    const keys = getOrMake(this.keysOf, session, () => new Set<string>());
    if (keys.size >= MAX_LOCKS && !keys.has(key)) {
      throw sqlError('out_of_memory', `a session can hold at most ${MAX_LOCKS} advisory locks`);
    }
    keys.add(key);
    const lock = getOrMake(this.locks, key, (): Lock => ({ holders: new Map(), line: [] }));
    const held = getOrMake(lock.holders, session, (): Held => new Map());
    const before = held.get(`${scope} ${mode}`) ?? 0;
    held.set(`${scope} ${mode}`, before + 1);
    if (scope === 'transaction' && before === 0) getOrMake(this.ofTransaction, session, () => []).push({ key, mode });
  }

  private drop({ session, key, mode, scope }: AdvisoryRequest, times: number): boolean {
    const lock = this.locks.get(key);
    const held = lock?.holders.get(session);
    const count = held?.get(`${scope} ${mode}`) ?? 0;
    if (lock === undefined || held === undefined || count === 0) return false;
    if (count > times) held.set(`${scope} ${mode}`, count - times);
    else held.delete(`${scope} ${mode}`);
    if (held.size === 0) {
      lock.holders.delete(session);
      const keys = this.keysOf.get(session)!;
      keys.delete(key);
      if (keys.size === 0) this.keysOf.delete(session);
    }
    this.goOn(key);
    return true;
  }

  /** Those in line who can have it now get it, in order. */
  private goOn(key: string): void {
    const lock = this.locks.get(key);
    if (lock === undefined) return;
    for (let at = 0; at < lock.line.length; ) {
      const { request, grant } = lock.line[at]!;
      if (isBlocked(lock, request, lock.line.slice(0, at))) {
        at += 1;
        continue;
      }
      lock.line.splice(at, 1);
      this.hold(request);
      grant();
    }
    if (lock.holders.size === 0 && lock.line.length === 0) this.locks.delete(key);
  }
}

function conflicts(a: AdvisoryMode, b: AdvisoryMode): boolean {
  return a === 'exclusive' || b === 'exclusive';
}

/** Whether others' locks, or those who stand before it in line, keep a request from its lock. */
function isBlocked(lock: Lock, { session, mode }: AdvisoryRequest, before: readonly Waiting[]): boolean {
  for (const [other, held] of lock.holders) {
    if (other === session) continue;
    for (const one of held.keys()) if (conflicts(mode, one.endsWith('exclusive') ? 'exclusive' : 'shared')) return true;
  }
  if (lock.holders.has(session)) return false;
  return before.some((waiting) => waiting.request.session !== session && conflicts(mode, waiting.request.mode));
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
