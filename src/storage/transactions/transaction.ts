// Transaction: the writes of one session until COMMIT, its snapshots, row locks and savepoints. READ COMMITTED takes a new epoch per
// snapshot, REPEATABLE READ keeps the first. Writing a row needs its lock; what to do when it changed meanwhile (recheck the
// condition on its newer version) is the session's, told by lockRow.
import { after, type Maybe, stepwise } from '../../base/maybe.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { CatalogEditor, CatalogMark } from '../../catalog/catalog-editor.ts';
import type { Batch, Vector } from '../../columns/batch.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Json } from '../log/tagged-json.ts';
import type { WriteSet } from '../log/write-set.ts';
import type { StoredColumn } from '../tables/row-buffer.ts';
import { TableSnapshot } from '../tables/snapshot.ts';
import { storedColumns, uniqueKeysOf } from '../tables/table-store.ts';
import { claimRows, type InsertConflict } from './claim-rows.ts';
import type { LockHolder, LockMark } from './lock-manager.ts';
import type { RelationLockMode, RowLockMode } from './lock-modes.ts';
import { OwnSequences } from './own-sequences.ts';
import { type OwnMark, OwnTable, PROVISIONAL } from './own-table.ts';
import { gatherWrites } from './own-writes.ts';
import type { TransactionHost } from './transaction-manager.ts';
import { TransactionSnapshot } from './transaction-snapshot.ts';

export type IsolationLevel = 'read committed' | 'repeatable read';
export type LockOutcome = 'locked' | 'changed' | 'deleted';

const NO_DDL: CatalogMark = { changes: 0, expected: 0 };
const NO_ARBITERS: readonly number[] = [];

interface Savepoint {
  readonly tables: ReadonlyMap<number, { readonly table: OwnTable; readonly mark: OwnMark }>;
  readonly catalog: CatalogMark;
  readonly metadata: number;
  readonly decisions: number;
  readonly restarts: number;
  /** null: locks are kept */
  readonly locks: LockMark | null;
}

export class Transaction implements LockHolder {
  readonly id: number;
  /** how long a statement waits for a lock; 0 = for ever */
  lockTimeoutMs = 0;
  /** cancels waits, and a commit under way; set per statement by the session */
  signal: AbortSignal | undefined;
  readonly own = new Map<number, OwnTable>();
  readonly sequences: OwnSequences;
  private isolation: IsolationLevel;
  private readonly host: TransactionHost;
  private openedEditor: CatalogEditor | null = null;
  private base: TableSnapshot | null = null;
  private readonly savepoints: Savepoint[] = [];
  private readonly metadata: (readonly [string, Json])[] = [];
  private readonly decisions: Json[] = [];
  /** own tables that others have taken the place of; cursors and savepoints may still read them */
  private readonly replaced: OwnTable[] = [];
  private queried = false;
  private ended = false;

  constructor(host: TransactionHost, id: number, isolation: IsolationLevel) {
    this.host = host;
    this.id = id;
    this.isolation = isolation;
    this.sequences = new OwnSequences(host.sequences);
  }

  /** Most transactions change no objects and never need one. */
  private get editor(): CatalogEditor {
    this.openedEditor ??= this.host.editor();
    return this.openedEditor;
  }

  /** Whether a statement has read or written. */
  get hasBegun(): boolean {
    return this.queried || this.hasWrites;
  }

  /** The transaction it waits for at this moment. */
  get blocker(): LockHolder | null {
    return this.host.locks.blockerOf(this);
  }

  /** Allowed before the first snapshot only: 25001. */
  setIsolation(isolation: IsolationLevel): void {
    if (isolation === this.isolation) return;
    if (this.hasBegun) {
      throw sqlError('active_sql_transaction', 'SET TRANSACTION ISOLATION LEVEL must be called before any query');
    }
    this.isolation = isolation;
  }

  get hasWrites(): boolean {
    return (
      this.own.size > 0 ||
      this.openedEditor?.isEmpty === false ||
      this.metadata.length > 0 ||
      !this.sequences.isEmpty ||
      this.decisions.length > 0
    );
  }

  /** The next snapshot is the one that all statements of the transaction read at. */
  get takesSnapshotToKeep(): boolean {
    return this.isolation !== 'read committed' && this.base === null;
  }

  /** For one statement; the caller releases it. Includes the transaction's own writes so far. */
  snapshot(): TransactionSnapshot {
    this.queried = true;
    if (this.isolation === 'read committed') return this.newestSnapshot();
    this.base ??= new TableSnapshot(this.host.tables, this.host.publishedEpoch());
    return this.snapshotAt(this.base.epoch);
  }

  /** What is committed now, whatever the isolation level: for checks of constraints. The caller releases it. */
  newestSnapshot(): TransactionSnapshot {
    return this.snapshotAt(this.host.publishedEpoch());
  }

  private snapshotAt(epoch: bigint): TransactionSnapshot {
    return new TransactionSnapshot(this.host.tables, epoch, this.own, (relation, attribute) =>
      this.columnOf(relation, attribute),
    );
  }

  /** A column as the transaction's own DDL has it. */
  private columnOf(relation: number, attribute: number): StoredColumn | undefined {
    const object = this.catalog().relations.get(relation);
    return object === undefined ? undefined : storedColumns(object).find((column) => column.attribute === attribute);
  }

  /** The catalog with the transaction's own DDL. */
  catalog(): Catalog {
    if (this.ended || this.openedEditor === null) return this.host.catalog();
    this.editor.rebase(this.host.catalog());
    return this.editor.current;
  }

  /** For DDL. */
  edit(): CatalogEditor {
    this.editor.rebase(this.host.catalog());
    return this.editor;
  }

  /**
   * Inserts a batch (all columns of the relation, in catalog order). Waits for others' uncommitted equal keys, and for a checkpoint where
   * rows that are in no file yet leave no room; throws 23505.
   */
  insert(relation: number, batch: Batch): Maybe<void> {
    return after(this.host.room(), () => {
      const table = this.table(relation);
      const claimed = table.keys.length > 0 ? claimRows(this.claims(), table, batch, NO_ARBITERS) : undefined;
      return after(claimed, () => table.append(batch, batch.selection, 0, batch.count));
    });
  }

  /**
   * ON CONFLICT: inserts the rows that conflict with none, tells the others: position in the batch, and the row in the way (one of this
   * transaction's own if its id is >= PROVISIONAL). `arbiters`: index oids, null = all; other unique keys throw 23505.
   */
  async insertUnlessConflict(
    relation: number,
    batch: Batch,
    arbiters: readonly number[] | null,
  ): Promise<{ readonly inserted: readonly number[]; readonly conflicts: readonly InsertConflict[] }> {
    await this.host.room();
    const table = this.table(relation);
    const all = table.keys.map(({ key }) => key.indexOid);
    const conflicts = await claimRows(this.claims(), table, batch, arbiters ?? all);
    const skipped = new Set(conflicts.map(({ position }) => position));
    const inserted: number[] = [];
    for (let at = 0; at < batch.count; at++) {
      if (skipped.has(at)) continue;
      table.append(batch, batch.selection, at, 1);
      inserted.push(at);
    }
    return { inserted, conflicts };
  }

  /** Deletes rows whose locks it holds (own rows need none). Returns how many were still there. */
  delete(relation: number, rowIds: readonly number[]): number {
    const table = this.table(relation);
    let count = 0;
    for (const rowId of rowIds) if (table.delete(rowId)) count++;
    return count;
  }

  /** Replaces locked rows: rowIds[i] by row i of the batch. Throws 23505. */
  update(relation: number, rowIds: readonly number[], batch: Batch): Maybe<void> {
    const table = this.table(relation);
    this.delete(relation, rowIds);
    const first = PROVISIONAL + table.rowCount;
    return after(this.insert(relation, batch), () => {
      for (let i = 0; i < rowIds.length; i++) table.replace(rowIds[i]!, first + i);
    });
  }

  truncate(relation: number): void {
    const table = this.table(relation);
    for (let i = 0; i < table.rowCount; i++) table.delete(PROVISIONAL + i);
    table.truncatedAt = table.deletes.size;
  }

  /** After DDL: the transaction's own rows of the relation take its new columns and keys. Throws 23505. */
  reshape(relation: number): void {
    const before = this.own.get(relation);
    if (before === undefined) return;
    const table = this.newTable(relation);
    const { tables } = this.host;
    table.adopt(before, (column) => tables.missingChunk(column), tables.format);
    this.own.set(relation, table);
    this.replaced.push(before);
  }

  /** Before all rows are written anew in the relation's new form: none of the old ones is seen by later snapshots. */
  beginRewrite(relation: number): void {
    const before = this.own.get(relation);
    const table = this.newTable(relation);
    table.truncatedAt = 0;
    this.own.set(relation, table);
    if (before !== undefined) this.replaced.push(before);
  }

  /**
   * Takes a row's lock, waiting for its holder (55P03, 40P01, 57014). 'changed': it has a newer version, see successorOf; 'deleted': it is
   * gone. REPEATABLE READ throws 40001 for both, unless the transaction itself did it.
   */
  async lockRow(relation: number, rowId: number, mode: RowLockMode = 'update'): Promise<LockOutcome> {
    for (;;) {
      const outcome = this.tryLockRow(relation, rowId, mode);
      if (typeof outcome === 'string') return outcome;
      await this.wait(outcome);
    }
  }

  /** Locks many rows; returns those that were not simply locked. */
  lockRows(
    relation: number,
    rowIds: readonly number[],
    mode: RowLockMode = 'update',
  ): Maybe<readonly { readonly rowId: number; readonly outcome: LockOutcome }[]> {
    const others: { rowId: number; outcome: LockOutcome }[] = [];
    let at = 0;
    const settle = (outcome: LockOutcome): boolean => {
      if (outcome !== 'locked') others.push({ rowId: rowIds[at]!, outcome });
      return ++at < rowIds.length;
    };
    const step = () => {
      const outcome = this.tryLockRow(relation, rowIds[at]!, mode);
      return typeof outcome === 'string' ? settle(outcome) : this.lockRow(relation, rowIds[at]!, mode).then(settle);
    };
    return rowIds.length === 0 ? others : after(stepwise(step), () => others);
  }

  /**
   * As lockRow, without waiting: the holder when another transaction has the lock (NOWAIT, SKIP LOCKED). A version of the transaction's own
   * is locked as the row it comes from: others may share that one's lock.
   */
  tryLockRow(relation: number, rowId: number, mode: RowLockMode = 'update'): LockOutcome | LockHolder {
    if (this.own.get(relation)?.deletes.has(rowId)) return 'deleted';
    if (rowId >= PROVISIONAL) {
      const origin = this.own.get(relation)?.originOf(rowId);
      return origin === undefined ? 'locked' : (this.host.locks.tryLockRow(this, relation, origin, mode) ?? 'locked');
    }
    const holder = this.host.locks.tryLockRow(this, relation, rowId, mode);
    if (holder !== null) return holder;
    const table = this.host.tables.table(relation);
    const group = table.groupOf(rowId);
    if (group !== undefined && !group.deletes.has(rowId - group.rowIdBase)) return 'locked';
    this.host.locks.forgetRow(this, relation, rowId);
    const outcome = table.successors.has(rowId) ? 'changed' : 'deleted';
    if (this.isolation === 'read committed') return outcome;
    const what = outcome === 'changed' ? 'update' : 'delete';
    throw sqlError('serialization_failure', `could not serialize access due to concurrent ${what}`);
  }

  /** REPEATABLE READ may not act upon a row that it does not see: 40001. */
  requireSeen(relation: number, rowId: number): void {
    if (this.base === null || rowId >= PROVISIONAL) return;
    const group = this.host.tables.table(relation).groupOf(rowId);
    if (group?.isVisible(rowId - group.rowIdBase, this.base.epoch) === true) return;
    throw sqlError('serialization_failure', 'could not serialize access due to concurrent update');
  }

  /** Locks the row under a unique key (row 0 of its columns) FOR KEY SHARE in the newest state; false: there is none. */
  async lockKey(relation: number, indexOid: number, columns: readonly Vector[]): Promise<boolean> {
    const { shared } = this.host.tables.home.arena;
    for (;;) {
      const own = this.table(relation);
      const mine = own.keys.find(({ key }) => key.indexOid === indexOid);
      if (mine !== undefined && mine.find(shared, columns, 0) >= 0) return true;
      const rowId = this.host.tables.tables.get(relation)?.indexes.get(indexOid)?.find(shared, columns, 0) ?? -1;
      if (rowId < 0 || own.truncatedAt >= 0 || own.deletes.has(rowId)) return false;
      if ((await this.lockRow(relation, rowId, 'key_share')) === 'locked') return true;
    }
  }

  /** The newer version of a row that lockRow called 'changed'; null once it has none. */
  successorOf(relation: number, rowId: number): number | null {
    return this.host.tables.table(relation).successors.get(rowId) ?? null;
  }

  /** Whether the relation's lock is free, and taken. */
  tryLockRelation(relation: number, mode: RelationLockMode): boolean {
    return this.host.locks.tryLockRelation(this, relation, mode) === null;
  }

  /** Locks a relation until the transaction ends, waiting as lockRow does; NOWAIT fails with 55P03 instead. */
  async lockRelation(relation: number, mode: RelationLockMode, nowait = false): Promise<void> {
    const { locks } = this.host;
    let holder = locks.tryLockRelation(this, relation, mode);
    if (holder === null) return;
    if (nowait) {
      const name = this.host.catalog().relations.get(relation)?.name ?? String(relation);
      throw sqlError('lock_not_available', `could not obtain lock on relation "${name}"`);
    }
    const place = locks.enterLine(this, relation, mode);
    try {
      for (; holder !== null; holder = locks.tryLockRelation(this, relation, mode)) await this.wait(holder);
    } finally {
      locks.leaveLine(place);
    }
  }

  /** An exclusive lock by name until the transaction ends: DDL on one object, advisory locks. */
  async lockName(name: string): Promise<void> {
    for (;;) {
      const holder = this.host.locks.tryLockName(this, name);
      if (holder === null) return;
      await this.wait(holder);
    }
  }

  setMetadata(key: string, value: Json): void {
    this.metadata.push([key, value]);
  }

  addDecision(decision: Json): void {
    this.decisions.push(decision);
  }

  /** A savepoint: `rollbackTo` it as often as needed, which gives the locks taken since free. */
  savepoint(): number {
    return this.mark(this.host.locks.mark(this));
  }

  /** As a savepoint, but locks are kept to the end: for a statement that starts again. */
  mark(locks: LockMark | null = null): number {
    this.savepoints.push({
      tables: new Map([...this.own].map(([oid, table]) => [oid, { table, mark: table.mark() }])),
      catalog: this.openedEditor?.mark() ?? NO_DDL,
      metadata: this.metadata.length,
      decisions: this.decisions.length,
      restarts: this.sequences.mark(),
      locks,
    });
    return this.savepoints.length - 1;
  }

  /** Forgets the mark and those after it; what was done stays. */
  release(mark: number): void {
    this.savepoints.length = mark;
  }

  /** Undoes everything since the mark. */
  rollbackTo(mark: number): void {
    const savepoint = this.savepoints[mark]!;
    this.savepoints.length = mark + 1;
    for (const [oid, table] of this.own) {
      const before = savepoint.tables.get(oid);
      if (before?.table !== table) this.replaced.push(table);
      if (before === undefined) this.own.delete(oid);
      else this.own.set(oid, before.table);
      before?.table.rollbackTo(before.mark);
    }
    this.openedEditor?.rollbackTo(savepoint.catalog);
    this.metadata.length = savepoint.metadata;
    this.decisions.length = savepoint.decisions;
    this.sequences.undoRestarts(savepoint.restarts);
    if (savepoint.locks !== null) this.host.locks.releaseSince(this, savepoint.locks);
  }

  /** Commits and tells the epoch: of the last commit, at once, when there is nothing to write. The transaction is over either way. */
  commit(): bigint | Promise<bigint> {
    if (this.ended) throw new Error('the transaction has ended');
    if (this.hasWrites) return this.write();
    this.end();
    return this.host.publishedEpoch();
  }

  private async write(): Promise<bigint> {
    const check = () => this.signal?.throwIfAborted();
    try {
      const writes = this.writeSet(check);
      return await this.host.commit(writes instanceof Promise ? await writes : writes, check);
    } finally {
      this.end();
    }
  }

  rollback(): null {
    if (this.ended) return null;
    this.sequences.undoRestarts(0);
    this.end();
    return null;
  }

  /** Waits until another transaction has ended. */
  wait(holder: LockHolder): Promise<void> {
    const signal = this.signal === undefined ? {} : { signal: this.signal };
    return this.host.locks.waitFor(this, holder, { timeoutMs: this.lockTimeoutMs, ...signal });
  }

  private claims() {
    return { transaction: this, tables: this.host.tables, active: this.host.active };
  }

  private table(relation: number): OwnTable {
    if (this.ended) throw new Error('the transaction has ended');
    const known = this.own.get(relation);
    if (known !== undefined && this.catalog().relations.has(relation)) return known;
    const table = this.newTable(relation);
    this.own.set(relation, table);
    return table;
  }

  private newTable(relation: number): OwnTable {
    const catalog = this.catalog();
    const object = catalog.relations.get(relation);
    if (object === undefined) throw sqlError('undefined_table', `relation with OID ${relation} does not exist`);
    return new OwnTable(this.host.tables.home, relation, storedColumns(object), uniqueKeysOf(catalog, relation));
  }

  /** The rows are the write set's from then on, or gone where `check` throws. */
  private writeSet(check: () => void): Maybe<WriteSet> {
    const catalog = this.openedEditor?.current ?? this.host.catalog();
    const tables = [...this.own.values()].filter(({ relation }) => catalog.relations.has(relation));
    const gathered = gatherWrites(tables, check, () => this.host.active.size === 1);
    return after(gathered, (rows) => ({
      ...rows,
      metadata: this.metadata,
      decisions: this.decisions,
      sequences: this.sequences.values(),
      ...(this.openedEditor?.isEmpty === false ? { catalog: this.openedEditor.edit() } : {}),
    }));
  }

  private end(): void {
    this.ended = true;
    this.base?.release();
    for (const table of [...this.own.values(), ...this.replaced]) table.retire();
    this.own.clear();
    this.host.ended(this);
  }
}
