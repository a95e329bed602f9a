// Storage: the door of this folder. openStorage locks and reads a data directory (or starts empty in memory), replays the log, and gives
// transactions, snapshots, the commit log, checkpoints.
import { type Clock, realClock } from '../base/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CheckpointRow } from '../catalog/system-relation.ts';
import type { Arena } from '../columns/memory.ts';
import { PHYSICAL_WIDTH, physicalOf } from '../types/sql-type.ts';
import { Checkpoints, type StateWriter } from './checkpoints/checkpoints.ts';
import { claimDataDirectory, makeFolders } from './disk/data-directory.ts';
import type { Disk } from './disk/disk.ts';
import { DiskThread } from './disk/disk-thread.ts';
import { CommitLog, type CommitState } from './log/commit.ts';
import { LogWriter } from './log/log-writer.ts';
import { recoverLog } from './log/recover-log.ts';
import type { Json } from './log/tagged-json.ts';
import type { CommitListener, WriteSet } from './log/write-set.ts';
import { RecoveryProgress } from './recovery-progress.ts';
import { estimateValues } from './tables/estimate-values.ts';
import { TableSnapshot } from './tables/snapshot.ts';
import { SnapshotRegistry } from './tables/snapshots.ts';
import { isStored, TableStore } from './tables/table-store.ts';
import type { FormatDatum } from './tables/unique-index.ts';
import { Sequences } from './transactions/sequences.ts';
import type { IsolationLevel, Transaction } from './transactions/transaction.ts';
import { TransactionManager } from './transactions/transaction-manager.ts';

const CHECKPOINT_SEGMENTS = 4;

export interface StorageOptions {
  /** the data directory; null: everything in memory, gone at close */
  readonly directory: string | null;
  readonly arena: Arena;
  /** what a new database contains, see initialCatalog */
  readonly initialCatalog: Catalog;
  /** for row groups; default half of the arena */
  readonly poolBytes?: number;
  /** row groups are made narrow as soon as they can be, for tests */
  readonly narrowAtOnce?: boolean;
  /** instead of the directory's own, for tests; the directory may then be null */
  readonly disk?: Disk;
  readonly logSegmentBytes?: number;
  /** of what is told about checkpoints */
  readonly clock?: Clock;
  /** told how far a long start has come; default: nobody is */
  readonly progress?: RecoveryProgress;
  /** values in messages; default: JavaScript's text */
  readonly formatDatum?: FormatDatum;
  /** Called after the checkpoint is loaded and before the log is replayed: the place to restore states and to subscribe. */
  readonly beforeReplay?: (storage: Storage) => void | Promise<void>;
}

/** Opens storage. Throws F0001 when another server has the directory, F0000 for another format, XX001 for damage. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const release = options.directory === null ? () => {} : await claimDataDirectory(options.directory);
  const disk = options.disk ?? (options.directory === null ? null : new DiskThread(options.directory));
  const progress = options.progress ?? new RecoveryProgress(() => {});
  try {
    return await Storage.open(options, disk, progress, release);
  } catch (error) {
    if (options.disk === undefined) await disk?.close();
    release();
    throw error;
  } finally {
    progress.stop();
  }
}

export class Storage {
  readonly tables: TableStore;
  readonly commits: CommitLog;
  readonly transactions: TransactionManager;
  private readonly checkpoints: Checkpoints | null;
  private readonly log: LogWriter | null;
  private readonly shutDown: () => Promise<void>;

  private constructor(
    tables: TableStore,
    commits: CommitLog,
    log: LogWriter | null,
    checkpoints: Checkpoints | null,
    shutDown: () => Promise<void>,
  ) {
    this.tables = tables;
    this.commits = commits;
    this.log = log;
    this.checkpoints = checkpoints;
    this.shutDown = shutDown;
    this.transactions = new TransactionManager(commits, tables, new Sequences(), () => this.room());
  }

  static async open(
    options: StorageOptions,
    disk: Disk | null,
    progress: RecoveryProgress,
    release: () => void,
  ): Promise<Storage> {
    const { arena } = options;
    const poolBytes = options.poolBytes ?? Math.floor(arena.usage().totalBytes / 2);
    const tables = new TableStore(
      arena,
      { bytes: poolBytes, narrowAtOnce: options.narrowAtOnce === true },
      new SnapshotRegistry(),
      options.formatDatum ?? ((_type, value) => String(value)),
    );
    const checkpoints = disk === null ? null : new Checkpoints(disk, tables, options.clock ?? realClock);
    if (disk !== null) await makeFolders(disk);
    const state = (await checkpoints?.restore(progress)) ?? freshState(tables, options.initialCatalog);
    const log = disk === null ? null : await LogWriter.open(disk, options.logSegmentBytes);
    const commits = new CommitLog(tables, log, state);
    const storage = new Storage(tables, commits, log, checkpoints, async () => {
      await log?.close();
      if (options.disk === undefined) await disk?.close();
      release();
    });
    progress.resuming();
    await options.beforeReplay?.(storage);
    if (disk !== null) await recoverLog(disk, commits, tables, progress);
    storage.transactions.sequences.restore(commits.state.sequences);
    storage.checkpointBySize();
    return storage;
  }

  begin(isolation: IsolationLevel = 'read committed'): Transaction {
    return this.transactions.begin(isolation);
  }

  /** See CommitLog.commit. */
  commit(writes: WriteSet): Promise<bigint> {
    return this.commits.commit(writes);
  }

  /** Every commit from now on, in epoch order, with the changed rows of the relations it `reads`. Returns the end of the subscription. */
  subscribe(listener: CommitListener, reads?: (relation: number) => boolean): () => void {
    return this.commits.subscribe(listener, reads);
  }

  /** The newest epoch that readers see. */
  get epoch(): bigint {
    return this.commits.publishedEpoch;
  }

  /** A consistent read at the newest epoch; the caller releases it. */
  snapshot(): TableSnapshot {
    return new TableSnapshot(this.tables, this.commits.publishedEpoch);
  }

  catalog(): Catalog {
    return this.commits.state.catalog;
  }

  /** Named values that commits have set. */
  metadata(key: string): Json | undefined {
    return this.commits.state.metadata.get(key);
  }

  metadataEntries(): ReadonlyMap<string, Json> {
    return this.commits.state.metadata;
  }

  estimatedRows(relation: number): number {
    return this.tables.tables.get(relation)?.liveRows ?? 0;
  }

  /** At most as many different values has the column; undefined: unknown. */
  estimatedValues(relation: number, attribute: number): number | undefined {
    const table = this.tables.tables.get(relation);
    return table === undefined ? undefined : estimateValues(table, attribute);
  }

  /** Full row groups of a relation that hold more dead rows than living ones. */
  mostlyDead(relation: number): { readonly rowIdBase: number; readonly rowCount: number }[] {
    const groups = this.tables.tables.get(relation)?.groups ?? [];
    return groups.filter(({ sealed, deletes, rowCount }) => sealed && deletes.count * 2 > rowCount);
  }

  /** Bytes that a relation's row groups take: their segment files', or an estimate by width for what is in memory only. */
  sizeBytes(relation: number): number {
    const table = this.tables.tables.get(relation);
    if (table === undefined) return 0;
    const rowBytes = table.columns.reduce((sum, { type }) => sum + PHYSICAL_WIDTH[physicalOf(type)], 0);
    return table.groups.reduce((sum, { file, rowCount }) => {
      return sum + (file?.rowCount === rowCount ? file.bytes : rowCount * rowBytes);
    }, 0);
  }

  totalBytes(): number {
    return [...this.tables.tables.keys()].reduce((sum, relation) => sum + this.sizeBytes(relation), 0);
  }

  /** What commits fail with since the log has failed, or null: the server is then read-only. */
  get failure(): Error | null {
    return this.commits.failure;
  }

  /** Resolves with the checkpoint's epoch; in memory there is nothing to do. */
  async checkpoint(): Promise<bigint> {
    if (this.checkpoints === null || this.log === null) return this.epoch;
    return this.checkpoints.checkpoint(this.commits, this.log);
  }

  /** The latest checkpoints of this life, oldest first. */
  checkpointRows(): readonly CheckpointRow[] {
    return this.checkpoints?.history.rows() ?? [];
  }

  /** A state that every checkpoint shall hold; see StateWriter. Returns the removal. */
  registerState(name: string, writer: StateWriter): () => void {
    return this.checkpoints?.register(name, writer) ?? (() => {});
  }

  /** A state of the checkpoint that this start began with, or null. */
  async restoredState(name: string): Promise<Uint8Array | null> {
    return (await this.checkpoints?.restoredState(name)) ?? null;
  }

  /** Waits for running commits and gives the directory free. Takes no checkpoint. */
  async close(): Promise<void> {
    await this.commits.close();
    await this.shutDown();
    this.tables.pool.close();
    this.tables.home.arena.freeOwner(this.tables.home.owner);
  }

  /** Rows that are in no file yet fill the pool: the checkpoint after which they can be evicted. */
  private room(): Promise<unknown> | undefined {
    const { pool } = this.tables;
    if (!pool.wantsCheckpoint) return undefined;
    return this.checkpoint().then(
      () => pool.makeRoom(),
      () => {}, // what is to be written says how it fails
    );
  }

  private checkpointBySize(): void {
    const { log } = this;
    if (log === null) return;
    let last = log.segment;
    this.commits.afterGroup = () => {
      if (log.segment - last < CHECKPOINT_SEGMENTS && !this.tables.pool.wantsCheckpoint) return;
      last = log.segment;
      this.checkpoint().catch(() => {}); // the log is kept, the next one tries again
    };
  }
}

function freshState(tables: TableStore, catalog: Catalog): CommitState {
  for (const relation of catalog.relations.values()) if (isStored(relation)) tables.define(relation);
  return { epoch: 1n, catalog, metadata: new Map(), sequences: new Map() };
}
