// The transaction of one session: implicit (one statement, or one Query message or Sync group), explicit blocks with
// savepoints, the failed state, isolation levels. It brackets storage transactions and the transactional settings.
import type { Maybe } from '../base/maybe.ts';
import type { CatalogSnapshot } from '../catalog/objects.ts';
import { type SqlError, sqlError } from '../errors/sql-error.ts';
import type { Statement } from '../sql/ast.ts';
import type { TransactionMode } from '../sql/ast-utility.ts';
import type { Storage } from '../storage/storage.ts';
import type { IsolationLevel, Transaction } from '../storage/transactions/transaction.ts';
import type { Notice, TransactionStatus } from './session-contract.ts';
import type { Settings } from './settings.ts';

export interface TransactionHost {
  readonly storage: Storage;
  readonly settings: Settings;
  /** portals that die with the transaction: all but holdable cursors of it, if it commits, and of earlier ones */
  dropTransactionPortals(commit: boolean): Maybe<void>;
  notice(
    severity: Notice['severity'],
    condition: 'active_sql_transaction' | 'no_active_sql_transaction',
    message: string,
  ): void;
  /** What takes back, as often as it is called, all that the session has done since besides writes and settings. */
  mark(): () => Maybe<void>;
  /** after a commit: NOTIFYs go out */
  committed(): void;
  /** the last changes of a transaction that commits: ON COMMIT of temporary tables */
  beforeCommit(transaction: Transaction): void;
  rolledBack(): void;
}

interface Savepoint {
  readonly name: string;
  readonly storageMark: number;
  readonly settingsMark: number;
  readonly takeBack: () => Maybe<void>;
}

export class SessionTransactions {
  private readonly host: TransactionHost;
  private current: Transaction | null = null;
  private explicit = false;
  private failed = false;
  /** what the block took over from the one before; failure takes back no more than what it has set itself */
  private chained: readonly TransactionMode[] = [];
  private savepoints: Savepoint[] = [];
  private startMicros = 0n;
  private lockTimeoutMs = 0;
  private signal: AbortSignal | undefined;

  constructor(host: TransactionHost) {
    this.host = host;
  }

  status(): TransactionStatus {
    if (!this.explicit) return 'I';
    return this.failed ? 'E' : 'T';
  }

  get inBlock(): boolean {
    return this.explicit;
  }

  /** now(): fixed when the transaction began. */
  get nowMicros(): bigint {
    return this.startMicros;
  }

  /** A wait of the running statement ends when `signal` does. */
  armWaits(lockTimeoutMs: number, signal: AbortSignal): void {
    this.lockTimeoutMs = lockTimeoutMs;
    this.signal = signal;
    if (this.current !== null) this.armCurrent(this.current);
  }

  private armCurrent(current: Transaction): void {
    current.lockTimeoutMs = this.lockTimeoutMs;
    current.signal = this.signal;
  }

  /** Brackets a statement: opens its transaction unless it manages transactions itself. */
  beforeStatement(statement: Statement): void {
    if (statement.kind === 'transaction') return;
    this.open();
  }

  /** The transaction that is open, if any. */
  get openTransaction(): Transaction | null {
    return this.current;
  }

  /** The storage transaction of the running statement. */
  get transaction(): Transaction {
    if (this.current === null) throw new Error('no transaction is open');
    return this.current;
  }

  /** 25P02 in a failed block, for what looks things up. */
  checkNotFailed(): void {
    if (this.failed) throw inFailedTransaction();
  }

  /** 25P02 unless the statement is one that ends or repairs a failed block. */
  checkUsable(statement: Statement): void {
    if (!this.failed) return;
    if (statement.kind === 'transaction' && ['commit', 'rollback', 'rollback_to', 'prepare'].includes(statement.action))
      return;
    throw inFailedTransaction();
  }

  /** Opens the transaction that the statement runs in, if none is open. */
  open(): void {
    if (this.current !== null) return;
    const { settings, storage } = this.host;
    this.startMicros = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
    settings.beginTransaction();
    takeDefault(settings, 'transaction_isolation', 'default_transaction_isolation');
    takeDefault(settings, 'transaction_read_only', 'default_transaction_read_only');
    this.current = storage.begin(this.isolation());
    this.armCurrent(this.current);
  }

  begin(modes: readonly TransactionMode[]): void {
    if (this.explicit) {
      this.host.notice('WARNING', 'active_sql_transaction', 'there is already a transaction in progress');
      return;
    }
    this.open();
    this.explicit = true;
    this.setModes(modes);
  }

  setModes(modes: readonly TransactionMode[]): void {
    const { settings } = this.host;
    for (const mode of modes) {
      if (mode.kind === 'isolation') {
        if (mode.level === 'serializable') {
          throw sqlError('feature_not_supported', 'isolation level serializable is not supported', {
            hint: 'Use REPEATABLE READ, which is snapshot isolation.',
            position: mode.position,
          });
        }
        settings.set('transaction_isolation', mode.level, true);
        this.current?.setIsolation(this.isolation());
      } else if (mode.kind === 'read_only') {
        if (!mode.value && settings.bool('transaction_read_only') && this.current?.hasBegun === true) {
          throw sqlError('active_sql_transaction', 'transaction read-write mode must be set before any query');
        }
        settings.set('transaction_read_only', mode.value ? 'on' : 'off', true);
      }
    }
  }

  /** COMMIT, of the implicit transaction too (with a warning). Returns the tag's word: a failed block rolls back. */
  async commit(): Promise<'COMMIT' | 'ROLLBACK'> {
    if (!this.explicit) {
      this.host.notice('WARNING', 'no_active_sql_transaction', 'there is no transaction in progress');
    }
    const { failed } = this;
    this.explicit = false;
    await this.end(!failed);
    return failed ? 'ROLLBACK' : 'COMMIT';
  }

  async rollback(): Promise<void> {
    if (!this.explicit) {
      this.host.notice('WARNING', 'no_active_sql_transaction', 'there is no transaction in progress');
    }
    this.explicit = false;
    await this.end(false);
  }

  /** Begins the block that AND CHAIN asks for. */
  chain(modes: readonly TransactionMode[]): void {
    this.begin(modes);
    this.chained = modes;
  }

  /** AND CHAIN: how the next block begins; one that has failed as a whole has forgotten the modes it has set. 25P01 outside of one. */
  modesToChain(what: 'COMMIT' | 'ROLLBACK'): readonly TransactionMode[] {
    this.requireBlock(`${what} AND CHAIN`);
    if (this.failed && this.savepoints.length === 0) return this.chained;
    const { settings } = this.host;
    const level = this.isolation();
    return [
      { kind: 'isolation', level, position: 0 },
      { kind: 'read_only', value: settings.bool('transaction_read_only'), position: 0 },
    ];
  }

  savepoint(name: string): void {
    this.requireBlock('SAVEPOINT');
    const { settings } = this.host;
    const [storageMark, settingsMark, takeBack] = [this.transaction.savepoint(), settings.mark(), this.host.mark()];
    this.savepoints.push({ name, storageMark, settingsMark, takeBack });
  }

  release(name: string): void {
    this.requireBlock('RELEASE SAVEPOINT');
    this.savepoints.length = this.findSavepoint(name);
  }

  async rollbackTo(name: string): Promise<void> {
    this.requireBlock('ROLLBACK TO SAVEPOINT');
    const index = this.findSavepoint(name);
    const { storageMark, settingsMark, takeBack } = this.savepoints[index]!;
    await takeBack();
    this.transaction.rollbackTo(storageMark);
    this.host.settings.rollbackTo(settingsMark);
    this.savepoints.length = index + 1;
    this.failed = false;
  }

  requireBlock(what: string): void {
    if (this.explicit) return;
    throw sqlError('no_active_sql_transaction', `${what} can only be used in transaction blocks`);
  }

  forbidBlock(what: string): void {
    if (!this.explicit) return;
    throw sqlError('active_sql_transaction', `${what} cannot run inside a transaction block`);
  }

  requireWritable(what: string): void {
    if (!this.host.settings.bool('transaction_read_only')) return;
    throw sqlError('read_only_sql_transaction', `cannot execute ${what} in a read-only transaction`);
  }

  /** End of an implicit transaction: after the last statement of a Query message, or at Sync. */
  endImplicit(): Maybe<void> {
    if (this.explicit || this.current === null) return;
    return this.end(!this.failed);
  }

  /** A statement failed: the block is unusable; an implicit transaction is rolled back. Never throws. */
  async fail(): Promise<void> {
    this.failed = true;
    if (!this.explicit) return this.end(false);
    const savepoint = this.savepoints.at(-1);
    if (savepoint !== undefined) {
      await savepoint.takeBack();
      this.current?.rollbackTo(savepoint.storageMark);
      return;
    }
    // nothing can save it: its locks are free now
    await this.host.dropTransactionPortals(false);
    await this.current?.rollback();
    this.host.rolledBack();
  }

  /** The catalog as the open transaction sees it, its own DDL included. */
  catalog(): CatalogSnapshot {
    return this.current?.catalog() ?? this.host.storage.catalog();
  }

  /** The client is gone. Never throws. */
  async abandon(): Promise<void> {
    this.explicit = false;
    await this.end(false);
  }

  private isolation(): IsolationLevel {
    const level = this.host.settings.get('transaction_isolation');
    return level === 'repeatable read' || level === 'serializable' ? 'repeatable read' : 'read committed';
  }

  private findSavepoint(name: string): number {
    const index = this.savepoints.findLastIndex((savepoint) => savepoint.name === name);
    if (index < 0) throw sqlError('invalid_savepoint_specification', `savepoint "${name}" does not exist`);
    return index;
  }

  /** At once where nothing was written and no portal is still at work: the everyday SELECT. */
  private end(commit: boolean): Maybe<void> {
    const { current, host } = this;
    this.current = null;
    this.failed = false;
    this.savepoints = [];
    this.chained = [];
    const dropped = host.dropTransactionPortals(commit);
    if (current === null) return dropped;
    if (commit) host.beforeCommit(current);
    const finish = () => (commit ? current.commit() : current.rollback());
    const epoch = dropped === undefined ? finish() : dropped.then(finish);
    return epoch instanceof Promise ? this.settle(epoch) : this.ended(epoch);
  }

  private async settle(epoch: Promise<bigint | null>): Promise<void> {
    try {
      this.ended(await epoch);
    } catch (error) {
      this.ended(null);
      throw error;
    }
  }

  /** `epoch` of the commit; null: rolled back */
  private ended(epoch: bigint | null): void {
    const { settings, committed, rolledBack } = this.host;
    settings.endTransaction(epoch !== null);
    if (epoch === null) rolledBack();
    else committed();
  }
}

function inFailedTransaction(): SqlError {
  return sqlError(
    'in_failed_sql_transaction',
    'current transaction is aborted, commands ignored until end of transaction block',
  );
}

/** A new transaction starts with the session's default, until it ends. */
function takeDefault(settings: Settings, name: string, defaultName: string): void {
  const initial = settings.get(defaultName);
  if (settings.get(name) !== initial) settings.set(name, initial, true);
}
