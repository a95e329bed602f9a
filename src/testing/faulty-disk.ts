// FaultyDisk: a disk in memory that fails on demand and forgets like a real one: only synced bytes survive crash(), of the
// rest any part may. Counts writes and syncs, so that a test can fail or crash at each in turn.
import { type Disk, DiskError, type DiskFile, type DiskPhase } from '../storage/disk/disk.ts';

interface StoredFile {
  bytes: Uint8Array;
  length: number;
  /** bytes that a crash cannot take */
  synced: number;
}

/** Called before each write or sync with its ordinal (from 1); returns what shall go wrong, or nothing. */
export type FaultPlan = (
  phase: 'write' | 'sync',
  ordinal: number,
  path: string,
) =>
  | { readonly code: string /** bytes that still reach the file; default none */; readonly keepBytes?: number }
  | undefined;

export class FaultyDisk implements Disk {
  private readonly files = new Map<string, StoredFile>();
  private generation = 0;
  private counts = { write: 0, sync: 0 };
  plan: FaultPlan | null = null;

  get writes(): number {
    return this.counts.write;
  }

  get syncs(): number {
    return this.counts.sync;
  }

  /** Power cut: of each file's unsynced bytes, `keep` says how many survive (default none); the next use is a new start. */
  crash(keep: (path: string, unsyncedBytes: number) => number = () => 0): void {
    this.generation++;
    this.plan = null;
    for (const [path, file] of this.files) {
      file.length = file.synced + Math.min(file.length - file.synced, keep(path, file.length - file.synced));
      file.synced = file.length;
    }
  }

  /** Changes one byte of a file, as a bad sector would. */
  corrupt(path: string, position: number): void {
    const file = this.stored(path);
    file.bytes[position] = file.bytes[position]! ^ 0xff;
  }

  /** Another disk with the same bytes. */
  copy(): FaultyDisk {
    const other = new FaultyDisk();
    for (const [path, file] of this.files) other.files.set(path, { ...file, bytes: file.bytes.slice() });
    return other;
  }

  paths(): readonly string[] {
    return [...this.files.keys()].sort();
  }

  length(path: string): number {
    return this.stored(path).length;
  }

  async open(path: string, mode: 'create' | 'existing'): Promise<DiskFile> {
    if (mode === 'create') this.files.set(path, { bytes: new Uint8Array(1024), length: 0, synced: 0 });
    this.stored(path);
    const generation = this.generation;
    const file = (): StoredFile => {
      if (generation !== this.generation) throw new DiskError('EBADF', 'open', path, 'the process has crashed');
      return this.stored(path);
    };
    return {
      size: async () => file().length,
      read: async (position, length) => file().bytes.slice(position, Math.min(file().length, position + length)),
      append: async (chunks, sync) => {
        for (const chunk of chunks) this.write(path, file(), chunk);
        if (sync) this.sync(path, file());
      },
      truncate: async (length) => {
        file().length = length;
        file().synced = Math.min(file().synced, length);
      },
      sync: async () => this.sync(path, file()),
      close: async () => {},
    };
  }

  async list(folder: string): Promise<readonly string[]> {
    const prefix = `${folder}/`;
    return [...this.files.keys()].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  }

  async makeFolder(): Promise<void> {}

  async rename(from: string, to: string): Promise<void> {
    const file = this.stored(from);
    this.files.delete(from);
    this.files.set(to, file);
  }

  async remove(path: string): Promise<void> {
    this.files.delete(path);
  }

  async close(): Promise<void> {}

  private write(path: string, file: StoredFile, chunk: Uint8Array): void {
    const fault = this.fault('write', path);
    const kept = fault === undefined ? chunk.length : Math.min(chunk.length, fault.keepBytes ?? 0);
    if (file.length + kept > file.bytes.length) {
      const grown = new Uint8Array(Math.max(file.bytes.length * 2, file.length + kept));
      grown.set(file.bytes.subarray(0, file.length));
      file.bytes = grown;
    }
    file.bytes.set(chunk.subarray(0, kept), file.length);
    file.length += kept;
    this.throwFault('write', path, fault);
  }

  private sync(path: string, file: StoredFile): void {
    this.throwFault('sync', path, this.fault('sync', path));
    file.synced = file.length;
  }

  private fault(phase: 'write' | 'sync', path: string): ReturnType<FaultPlan> {
    this.counts[phase]++;
    return this.plan?.(phase, this.counts[phase], path);
  }

  private throwFault(phase: DiskPhase, path: string, fault: { readonly code: string } | undefined): void {
    if (fault !== undefined) throw new DiskError(fault.code, phase, path);
  }

  private stored(path: string): StoredFile {
    const file = this.files.get(path);
    if (file === undefined) throw new DiskError('ENOENT', 'open', path);
    return file;
  }
}
