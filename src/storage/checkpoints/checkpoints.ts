// Checkpoints: everything at one epoch on disk, so that the log before it can go. Taken beside running commits: the epoch is
// fixed between two commits, the rows of that epoch cannot change, changed row groups are written in slices, the manifest last. Others
// (streaming jobs) add state files of their own to the same epoch.

import type { Clock } from '../../base/clock.ts';
import { Pieces } from '../../base/pieces.ts';
import { Catalog } from '../../catalog/catalog.ts';
import { CHECKPOINT_FOLDER, DATA_FOLDER } from '../disk/data-directory.ts';
import { type Disk, readWholeFile, writeFileAtomically } from '../disk/disk.ts';
import type { CommitLog, CommitState } from '../log/commit.ts';
import { type LogWriter, requireSegments } from '../log/log-writer.ts';
import type { RecoveryProgress } from '../recovery-progress.ts';
import { TableSnapshot } from '../tables/snapshot.ts';
import type { TableData } from '../tables/table-data.ts';
import { TableGroup } from '../tables/table-group.ts';
import { isStored, type TableStore } from '../tables/table-store.ts';
import { CheckpointHistory, type CheckpointRun } from './checkpoint-history.ts';
import { type Manifest, type ManifestGroup, manifestPath, readManifest, writeManifest } from './manifest.ts';
import { readSegment, writeSegment } from './segment-file.ts';

export interface StateWriter {
  /**
   * The state after all commits up to `epoch` and none later. Called in the moment that epoch is the newest one; the promise may
   * resolve later, when the owner has come that far.
   */
  write(epoch: bigint): Promise<Uint8Array | AsyncIterable<Uint8Array>>;
}

interface Capture {
  readonly snapshot: TableSnapshot;
  readonly state: CommitState;
  readonly tables: { readonly table: TableData; readonly groups: readonly TableGroup[]; readonly nextRowId: number }[];
  readonly logSegment: number;
  readonly states: { readonly name: string; readonly content: Promise<Uint8Array | AsyncIterable<Uint8Array>> }[];
}

export class Checkpoints {
  readonly history: CheckpointHistory;
  private readonly disk: Disk;
  private readonly tables: TableStore;
  private readonly writers = new Map<string, StateWriter>();
  private number = 0;
  private running: Promise<bigint> | null = null;
  private restored: ReadonlyMap<string, string> = new Map();

  constructor(disk: Disk, tables: TableStore, clock: Clock) {
    this.history = new CheckpointHistory(clock);
    this.disk = disk;
    this.tables = tables;
    tables.pool.loader = (_table, group) => readSegment(disk, tables.home, group.file!);
  }

  /** Adds a named state to every checkpoint from now on. Returns the removal. */
  register(name: string, writer: StateWriter): () => void {
    this.writers.set(name, writer);
    return () => {
      if (this.writers.get(name) === writer) this.writers.delete(name);
    };
  }

  /** The bytes of a state in the checkpoint that the server started from, or null. */
  async restoredState(name: string): Promise<Uint8Array | null> {
    const path = this.restored.get(name);
    return path === undefined ? null : readWholeFile(this.disk, path);
  }

  /** Takes a checkpoint (or joins the one being taken); resolves with its epoch. */
  checkpoint(commits: CommitLog, log: LogWriter): Promise<bigint> {
    this.running ??= this.history
      .follow((run) => this.run(run, commits, log))
      .finally(() => {
        this.running = null;
      });
    return this.running;
  }

  /** Loads the newest checkpoint's catalog and tables (rows stay on disk until read). Null in a new directory. */
  async restore(progress: RecoveryProgress): Promise<CommitState | null> {
    const found = await readManifest(this.disk);
    if (found === null) return null;
    const { manifest, bitmaps } = found;
    this.number = found.number;
    await requireSegments(this.disk, manifest.logSegment);
    this.restored = new Map(manifest.states.map(({ name, path }) => [name, path]));
    const catalog = Catalog.of(manifest.objects, manifest.catalogVersion, manifest.highestOid);
    for (const relation of catalog.relations.values()) if (isStored(relation)) this.tables.define(relation);
    let at = 0;
    for (const { oid, nextRowId, groups } of manifest.relations) {
      const table = this.tables.tables.get(oid)!;
      for (const group of groups) {
        table.groups.push(this.restoreGroup(table, group, bitmaps.subarray(at, at + group.deletedBytes)));
        at += group.deletedBytes;
      }
      table.nextRowId = nextRowId;
    }
    await this.restoreIndexes(catalog, manifest.epoch, progress);
    return {
      epoch: manifest.epoch,
      catalog,
      metadata: new Map(manifest.metadata),
      sequences: new Map(manifest.sequences),
    };
  }

  private async restoreIndexes(catalog: Catalog, epoch: bigint, progress: RecoveryProgress): Promise<void> {
    let total = 0;
    for (const relation of catalog.relations.values()) {
      if (relation.kind !== 'index' || !relation.unique) continue;
      for (const group of this.tables.tables.get(relation.table)?.groups ?? []) total += group.rowCount;
    }
    let done = 0;
    await this.tables.addIndexes(catalog, [...catalog.relations.keys()], epoch, new Pieces(), (rows) => {
      done += rows;
      progress.indexed(done, total);
    });
  }

  private restoreGroup(table: TableData, saved: ManifestGroup, bitmap: Uint8Array): TableGroup {
    const group = new TableGroup(this.tables.home, saved.rowIdBase, null, saved.rowCount, 0n);
    group.file = { path: saved.path, rowCount: saved.rowCount, bytes: saved.bytes };
    group.sealed = saved.sealed;
    group.deletes.restore(bitmap);
    table.liveRows += saved.rowCount - group.deletes.count;
    return group;
  }

  private async run(run: CheckpointRun, commits: CommitLog, log: LogWriter): Promise<bigint> {
    const capture = await commits.between(() => this.capture(commits, log));
    run.epoch = capture.state.epoch;
    try {
      const number = this.number + 1;
      const relations: { oid: number; nextRowId: number; groups: ManifestGroup[] }[] = [];
      const bitmaps: Uint8Array[] = [];
      for (const { table, groups, nextRowId } of capture.tables) {
        const saved: ManifestGroup[] = [];
        for (const group of groups) {
          const one = await this.saveGroup(run, table, group, capture.snapshot.epoch, bitmaps);
          if (one !== null) saved.push(one);
        }
        relations.push({ oid: table.oid, nextRowId, groups: saved });
      }
      const states: { name: string; path: string }[] = [];
      for (const { name, content } of capture.states)
        states.push({ name, path: await this.saveState(run, number, name, await content) });
      const { state } = capture;
      const manifest: Manifest = {
        epoch: state.epoch,
        catalogVersion: state.catalog.version,
        highestOid: state.catalog.highestOid,
        objects: [...state.catalog.objects()],
        metadata: [...state.metadata],
        sequences: [...state.sequences],
        relations,
        states,
        logSegment: capture.logSegment,
      };
      this.tables.home.arena.assertSound(); // row groups and states are read from it
      run.bytes += await writeManifest(this.disk, number, manifest, bitmaps);
      this.number = number;
      await this.removeOld(manifest);
      await log.removeBefore(capture.logSegment);
      this.tables.pool.makeRoom();
      return state.epoch;
    } finally {
      capture.snapshot.release();
    }
  }

  /** Fixes what belongs to the checkpoint; no commit runs meanwhile. */
  private async capture(commits: CommitLog, log: LogWriter): Promise<Capture> {
    const logSegment = await log.rotate();
    const { epoch, catalog, metadata, sequences } = commits.state;
    const tables = [...this.tables.tables.values()]
      .filter(({ droppedAt }) => droppedAt === null)
      .map((table) => ({ table, groups: [...table.groups], nextRowId: table.nextRowId }));
    const states = [...this.writers].map(([name, writer]) => {
      const content = writer.write(epoch);
      content.catch(() => {}); // reported when it is awaited
      return { name, content };
    });
    const state = { epoch, catalog, metadata: new Map(metadata), sequences: new Map(sequences) };
    return { snapshot: new TableSnapshot(this.tables, epoch), state, tables, logSegment, states };
  }

  private async saveGroup(
    run: CheckpointRun,
    table: TableData,
    group: TableGroup,
    epoch: bigint,
    bitmaps: Uint8Array[],
  ): Promise<ManifestGroup | null> {
    const rowCount = group.rowsAt(epoch);
    if (rowCount === 0) return null;
    const { bitmap, count: deleted } = group.deletes.bitmapAt(epoch, rowCount);
    if (deleted === rowCount) return null;
    if (group.file?.rowCount !== rowCount) {
      await this.tables.pool.pin(table, group);
      try {
        group.file = await writeSegment(this.disk, table.oid, group, rowCount, epoch);
        run.bytes += group.file.bytes;
      } finally {
        this.tables.pool.unpin(group);
      }
    }
    if (deleted > 0) bitmaps.push(bitmap);
    const { path, bytes } = group.file!;
    const sealed = group.sealed && group.rowCount === rowCount;
    return { rowIdBase: group.rowIdBase, rowCount, path, bytes, sealed, deletedBytes: deleted > 0 ? bitmap.length : 0 };
  }

  private async saveState(
    run: CheckpointRun,
    number: number,
    name: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<string> {
    const path = `${CHECKPOINT_FOLDER}/state-${number}-${Buffer.from(name).toString('hex')}`;
    run.bytes += await writeFileAtomically(
      this.disk,
      path,
      content instanceof Uint8Array ? [content.slice()] : eachAlone(content),
    );
    return path;
  }

  /** Files that the newest manifest does not name. Groups evicted since are in it: they had a whole file. */
  private async removeOld(manifest: Manifest): Promise<void> {
    const used = new Set(manifest.relations.flatMap(({ groups }) => groups.map(({ path }) => path)));
    for (const { path } of manifest.states) used.add(path);
    used.add(manifestPath(this.number));
    for (const table of this.tables.tables.values()) {
      for (const groups of [table.groups, ...table.past.map((past) => past.groups)]) {
        for (const { file } of groups) if (file !== null) used.add(file.path);
      }
    }
    for (const path of this.restored.values()) used.add(path); // still readable by restoredState
    for (const folder of [DATA_FOLDER, CHECKPOINT_FOLDER]) {
      for (const name of await this.disk.list(folder)) {
        if (!used.has(`${folder}/${name}`)) await this.disk.remove(`${folder}/${name}`);
      }
    }
  }
}

async function* eachAlone(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Uint8Array[]> {
  for await (const chunk of chunks) yield [chunk.slice()];
}
