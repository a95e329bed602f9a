// Who is connected and what they run: the registry behind pg_stat_activity, pg_cancel_backend and CancelRequest.
import type { Transaction } from '../storage/transactions/transaction.ts';

export interface ActivityEntry {
  readonly processId: number;
  readonly userName: string;
  readonly databaseName: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly startedAt: number;
  readonly applicationName: string;
  state: 'active' | 'idle' | 'idle in transaction' | 'idle in transaction (aborted)';
  stateChangedAt: number;
  queryStartedAt: number | null;
  transactionStartedAt: number | null;
  query: string;
  readonly transaction: () => Transaction | null;
  readonly cancel: () => void;
  readonly terminate: () => void;
}

/** The first word of a statement: says what it is and nothing of its data. */
const KIND = /^(?:\s|\(|--[^\n]*\n|\/\*[\s\S]*?\*\/)*([a-z]+)/i;

export class SessionActivity {
  readonly entry: ActivityEntry;

  constructor(entry: ActivityEntry) {
    this.entry = entry;
  }

  active(query: string): void {
    this.entry.state = 'active';
    this.entry.query = query.length > 1024 ? query.slice(0, 1024) : query;
    this.entry.queryStartedAt = Date.now();
    this.entry.stateChangedAt = this.entry.queryStartedAt;
  }

  idle(inTransaction: boolean, failed: boolean): void {
    this.entry.state = !inTransaction ? 'idle' : failed ? 'idle in transaction (aborted)' : 'idle in transaction';
    this.entry.stateChangedAt = Date.now();
    if (!inTransaction) this.entry.transactionStartedAt = null;
    else this.entry.transactionStartedAt ??= this.entry.stateChangedAt;
  }
}

export class ActivityRegistry {
  private readonly sessions = new Map<number, ActivityEntry>();

  add(entry: ActivityEntry): SessionActivity {
    this.sessions.set(entry.processId, entry);
    return new SessionActivity(entry);
  }

  remove(processId: number): void {
    this.sessions.delete(processId);
  }

  list(): readonly ActivityEntry[] {
    return [...this.sessions.values()];
  }

  /** The kinds of the statements under way. */
  activeKinds(): readonly string[] {
    const active = this.list().filter(({ state }) => state === 'active');
    return active.map(({ query }) => KIND.exec(query)?.[1]?.toUpperCase() ?? 'a statement');
  }

  /** The process id of the session that this one waits for, for a lock. */
  blockerOf(entry: ActivityEntry): number | null {
    const blocker = entry.transaction()?.blocker ?? null;
    if (blocker === null) return null;
    for (const other of this.sessions.values()) if (other.transaction() === blocker) return other.processId;
    return null;
  }

  find(processId: number): ActivityEntry | undefined {
    return this.sessions.get(processId);
  }
}
