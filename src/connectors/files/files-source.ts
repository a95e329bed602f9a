// The `files` connector: the files that come into a directory, each read exactly once. Its place is the file being read with the number
// of its records behind us (the offsets) and the files that are done (items by path); both are committed with the rows, so a restart
// goes on at the record after. A file is taken when nobody has touched it for QUIET; files that have gone are forgotten.
import { watch } from 'node:fs';
import { z } from 'zod';
import type { Batch } from '../../columns/batch.ts';
import { batchRowIndexes, buildBatch } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import { requireServerFiles } from '../server-files.ts';
import type { Source, SourcePlace } from '../source.ts';
import { LoopSource, type SourceLoop, type SourceParts } from '../source-loop.ts';
import { type FileIdentity, type FoundFile, IDENTITY, identify, isSameFile, listFiles } from './directory-scan.ts';
import { type FilesOptions, isDirectory, readFilesOptions, requireDirectory } from './files-options.ts';
import { readRecords } from './read-records.ts';

const OFFSETS = z.object({
  /** the files that are done, in data of a server that kept them here */
  seen: z.array(IDENTITY).default([]),
  current: z.object({ identity: IDENTITY, rows: z.number().int().min(0) }).nullable(),
});
const QUIET_MICROS = 200_000n;
const POLL_MICROS = 200_000n;
/** A look at a directory of thousands of files takes its time; so many times as long passes until the next, or until the directory changes. */
const REST_PER_LOOK = 20n;
const BUDGET_BYTES = 256 * 1024 * 1024;

export function filesSource(parts: SourceParts, serverFiles: boolean): Source {
  requireServerFiles(serverFiles);
  const options = readFilesOptions(parts.stream.options, parts.stream.encode);
  return new LoopSource(parts, BUDGET_BYTES, (loop) => new DirectoryReader(parts, loop, options).run());
}

/** All files that are there are done: what comes after is new. */
export async function placeBehind(options: FilesOptions): Promise<SourcePlace> {
  const items = new Map<string, FileIdentity>();
  for (const file of await listFiles(options)) {
    const identity = file.size === 0 ? null : await identify(file).catch(() => null);
    if (identity !== null) items.set(file.path, identity);
  }
  return { offsets: { current: null }, items };
}

class DirectoryReader {
  private readonly parts: SourceParts;
  private readonly loop: SourceLoop;
  private readonly options: FilesOptions;
  /** the files that are done, by path */
  private readonly seen = new Map<string, FileIdentity>();
  /** what the next commit tells of them; null: gone */
  private readonly told = new Map<string, FileIdentity | null>();
  private current: { identity: FileIdentity; rows: number } | null = null;
  /** files that are not quiet yet: as last seen, since when so */
  private readonly restless = new Map<string, { readonly file: FoundFile; readonly since: bigint }>();

  constructor(parts: SourceParts, loop: SourceLoop, options: FilesOptions) {
    this.parts = parts;
    this.loop = loop;
    this.options = options;
  }

  async run(): Promise<void> {
    const { clock } = this.parts;
    await requireDirectory(this.options);
    const watcher = watch(this.options.directory, { persistent: false }, () => this.loop.wake());
    watcher.on('error', () => {}); // the polling goes on
    try {
      await this.begin();
      while (!this.loop.stopped) {
        const began = clock.nowMicros();
        if (await this.readNewFiles()) continue;
        const micros = (clock.nowMicros() - began) * REST_PER_LOOK;
        await this.loop.sleep(micros > POLL_MICROS ? micros : POLL_MICROS);
      }
    } finally {
      watcher.close();
    }
  }

  /** Takes up where the last commit left off. */
  private async begin(): Promise<void> {
    const { from } = this.parts;
    if (from === null) return;
    const { seen, current } = OFFSETS.parse(from.offsets);
    for (const identity of seen) this.done(identity);
    for (const item of from.items.values()) {
      const identity = IDENTITY.parse(item);
      this.seen.set(identity.path, identity);
    }
    if (current !== null) await this.resume(current.identity, current.rows);
  }

  private done(identity: FileIdentity): void {
    this.seen.set(identity.path, identity);
    this.told.set(identity.path, identity);
  }

  /** ON ERROR FAIL: who resumes the stream may have mended the file, so what it is now counts, and what is wrong with it is said once. */
  private async resume(identity: FileIdentity, rows: number): Promise<void> {
    const { sink, stream } = this.parts;
    const fails = stream.onError.kind === 'fail';
    const found = (await listFiles(this.options)).find((file) => file.path === identity.path);
    if (found !== undefined && (await isSameFile(identity, found)))
      return this.readFile(fails ? await identify(found) : identity, rows);
    const reason = 'the file was removed or replaced before all of it was read';
    if (fails) await this.commitPlace();
    await sink.reject([{ raw: identity.path, reason }]);
    await this.commitPlace();
  }

  /** Reads the files that are ready; false when there was none. */
  private async readNewFiles(): Promise<boolean> {
    const isThere = () => isDirectory(this.options.directory);
    const wasThere = await isThere();
    const files = await listFiles(this.options);
    if (!wasThere || !(await isThere())) return false; // away with its files: they are not gone
    this.forgetMissing(files);
    let any = false;
    for (const file of files) {
      if (this.loop.stopped) break;
      const known = this.seen.get(file.path);
      try {
        if (file.size === 0 || (known !== undefined && (await isSameFile(known, file))) || !this.isQuiet(file))
          continue;
      } catch {
        continue; // gone meanwhile
      }
      const identity = await identify(file).catch(() => null);
      if (identity === null) continue;
      this.restless.delete(file.path);
      await this.readFile(identity, 0);
      any = true;
    }
    return any;
  }

  private forgetMissing(files: readonly FoundFile[]): void {
    const present = new Set(files.map((file) => file.path));
    for (const path of this.seen.keys()) {
      if (present.has(path)) continue;
      this.seen.delete(path);
      this.told.set(path, null);
    }
    for (const path of this.restless.keys()) if (!present.has(path)) this.restless.delete(path);
  }

  /** Written long ago (so it was moved here), or unchanged since we first saw it so, for the quiet time. */
  private isQuiet(file: FoundFile): boolean {
    const now = this.parts.clock.nowMicros();
    if (now - BigInt(Math.round(file.mtime * 1000)) >= QUIET_MICROS) return true;
    const before = this.restless.get(file.path);
    if (before === undefined || before.file.size !== file.size || before.file.mtime !== file.mtime) {
      this.restless.set(file.path, { file, since: now });
      return false;
    }
    return now - before.since >= QUIET_MICROS;
  }

  /** Hands over the records of a file after the first `skip`, in commits that carry the place in it. */
  private async readFile(identity: FileIdentity, skip: number): Promise<void> {
    const { arena, kernels, stream, sink } = this.parts;
    const parts = { arena, kernels, owner: this.loop.owner, columns: stream.columns };
    this.current = { identity, rows: 0 };
    const region = new Region(arena, this.loop.owner);
    try {
      for await (const { batch, rejected } of readRecords(parts, identity, this.options)) {
        const passed = Math.max(0, skip - this.current.rows);
        this.current.rows += batch.count + rejected.length;
        if (this.current.rows <= skip) continue;
        if (rejected.length > passed) await sink.reject(rejected.slice(passed));
        region.reset();
        await this.commit(withoutFirst(region, batch, passed - rejected.length));
        if (this.loop.stopped) return;
      }
    } finally {
      region.release();
    }
    this.current = null;
    this.done(identity);
    await this.commitPlace();
  }

  private async commit(batch: Batch): Promise<void> {
    const items = [...this.told];
    this.told.clear();
    await this.parts.sink.commit(batch, { current: this.current }, items);
  }

  /** Commits the place alone: a batch without rows. */
  private async commitPlace(): Promise<void> {
    const region = new Region(this.parts.arena, this.loop.owner);
    try {
      const types = this.parts.stream.columns.map((column) => column.type);
      await this.commit(buildBatch(region, types, []));
    } finally {
      region.release();
    }
  }
}

/** The batch without its first `count` rows (a negative count: all of it): commits may have cut the file elsewhere before. */
function withoutFirst(region: Region, batch: Batch, count: number): Batch {
  if (count <= 0) return batch;
  const { shared } = region.arena;
  const rows = [...batchRowIndexes(shared, batch)].slice(count);
  const selection = region.allocate(Math.max(1, rows.length) * 4);
  shared.u32.set(rows, selection >>> 2);
  return { ...batch, count: rows.length, selection };
}
