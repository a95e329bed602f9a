// TransactionManager: begins transactions and gives them what they share: locks, sequences, oids, the way to commit.

import type { Catalog } from '../../catalog/catalog.ts';
import { CatalogEditor } from '../../catalog/catalog-editor.ts';
import type { CommitLog } from '../log/commit.ts';
import type { WriteSet } from '../log/write-set.ts';
import type { TableStore } from '../tables/table-store.ts';
import { LockManager } from './lock-manager.ts';
import type { Sequences } from './sequences.ts';
import { type IsolationLevel, Transaction } from './transaction.ts';

/** A transaction's surroundings. */
export interface TransactionHost {
  readonly tables: TableStore;
  readonly locks: LockManager;
  readonly sequences: Sequences;
  readonly active: ReadonlySet<Transaction>;
  publishedEpoch(): bigint;
  catalog(): Catalog;
  editor(): CatalogEditor;
  /** `check`: see CommitLog */
  commit(writes: WriteSet, check: () => void): Promise<bigint>;
  /** What to wait for before more rows are written, if anything. Never fails. */
  room(): Promise<unknown> | undefined;
  ended(transaction: Transaction): void;
}

export class TransactionManager implements TransactionHost {
  readonly tables: TableStore;
  readonly sequences: Sequences;
  readonly room: TransactionHost['room'];
  readonly locks = new LockManager();
  readonly active = new Set<Transaction>();
  private readonly log: CommitLog;
  /** tables that remember where rows went which a running transaction may still look for */
  private readonly withSuccessors = new Set<number>();
  private lastId = 0;
  /** the newest transaction when the generation of successors began */
  private agedAt = 0;
  private lastOid = 0;

  /** `room`: see TransactionHost */
  constructor(log: CommitLog, tables: TableStore, sequences: Sequences, room: TransactionHost['room']) {
    this.log = log;
    this.room = room;
    this.tables = tables;
    this.sequences = sequences;
    tables.rowsReplaced = (relation, newest) => {
      this.withSuccessors.add(relation);
      this.locks.followRows(relation, newest);
    };
  }

  begin(isolation: IsolationLevel = 'read committed'): Transaction {
    const transaction = new Transaction(this, ++this.lastId, isolation);
    this.active.add(transaction);
    return transaction;
  }

  publishedEpoch(): bigint {
    return this.log.publishedEpoch;
  }

  catalog(): Catalog {
    return this.log.state.catalog;
  }

  editor(): CatalogEditor {
    return new CatalogEditor(this.catalog(), () => this.allocateOid());
  }

  /** An oid that no object has had. */
  allocateOid(): number {
    this.lastOid = Math.max(this.lastOid, this.catalog().highestOid) + 1;
    return this.lastOid;
  }

  commit(writes: WriteSet, check: () => void): Promise<bigint> {
    return this.log.commit(writes, check);
  }

  ended(transaction: Transaction): void {
    this.active.delete(transaction);
    this.locks.releaseAll(transaction);
    if (this.withSuccessors.size > 0) this.ageSuccessors();
  }

  /** Forgets where rows went that no running transaction can look for: those replaced before the oldest of them began. */
  private ageSuccessors(): void {
    const [oldest] = this.active; // in the order of their ids
    if (oldest !== undefined && oldest.id <= this.agedAt) return;
    this.agedAt = this.lastId;
    for (const relation of this.withSuccessors) {
      if (this.tables.tables.get(relation)?.successors.age() !== true) this.withSuccessors.delete(relation);
    }
  }
}
