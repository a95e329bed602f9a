// The real disk's calls, synchronous: they run on the disk thread (disk-thread-entry.ts), never on main. Short writes are
// continued; a rename syncs the folder, so that it survives a power cut.
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DiskError, type DiskPhase } from './disk.ts';

const SMALL_BYTES = 262_144;

/** One call as it crosses to the thread; `file` is the handle that open returned. */
export type DiskRequest =
  | { readonly call: 'open'; readonly path: string; readonly mode: 'create' | 'existing' }
  | { readonly call: 'size' | 'sync' | 'close'; readonly file: number }
  | { readonly call: 'read'; readonly file: number; readonly position: number; readonly length: number }
  | { readonly call: 'append'; readonly file: number; readonly chunks: readonly Uint8Array[]; readonly sync: boolean }
  | { readonly call: 'truncate'; readonly file: number; readonly length: number }
  | { readonly call: 'list' | 'makeFolder' | 'remove'; readonly path: string }
  | { readonly call: 'rename'; readonly from: string; readonly to: string };

interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
  end: number;
}

export class RealDisk {
  private readonly directory: string;
  private readonly files = new Map<number, OpenFile>();

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Runs one call; throws DiskError. */
  run(request: DiskRequest): unknown {
    switch (request.call) {
      case 'open':
        return this.open(request.path, request.mode);
      case 'size':
        return this.file(request.file).end;
      case 'read':
        return this.read(this.file(request.file), request.position, request.length);
      case 'append':
        return this.append(this.file(request.file), request.chunks, request.sync);
      case 'truncate':
        return this.truncate(this.file(request.file), request.length);
      case 'sync':
        return this.guard('sync', this.file(request.file).path, () => fsyncSync(this.file(request.file).descriptor));
      case 'close':
        closeSync(this.file(request.file).descriptor);
        this.files.delete(request.file);
        return undefined;
      case 'list':
        return this.list(request.path);
      case 'makeFolder':
        return this.guard('open', request.path, () => {
          mkdirSync(join(this.directory, request.path), { recursive: true });
        });
      case 'remove':
        return this.guard('remove', request.path, () => rmSync(join(this.directory, request.path), { force: true }));
      case 'rename':
        return this.guard('rename', request.to, () => {
          renameSync(join(this.directory, request.from), join(this.directory, request.to));
          this.syncFolder(dirname(join(this.directory, request.to)));
        });
    }
  }

  private open(path: string, mode: 'create' | 'existing'): number {
    return this.guard('open', path, () => {
      const full = join(this.directory, path);
      const descriptor = openSync(full, mode === 'create' ? 'w+' : 'r+');
      if (mode === 'create') this.syncFolder(dirname(full));
      this.files.set(descriptor, { path, descriptor, end: fstatSync(descriptor).size });
      return descriptor;
    });
  }

  private read(file: OpenFile, position: number, length: number): Uint8Array {
    return this.guard('read', file.path, () => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, file.end - position)));
      let at = 0;
      while (at < bytes.length) {
        const got = readSync(file.descriptor, bytes, at, bytes.length - at, position + at);
        if (got === 0) break;
        at += got;
      }
      return bytes.subarray(0, at);
    });
  }

  private append(file: OpenFile, chunks: readonly Uint8Array[], sync: boolean): void {
    const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const parts = chunks.length > 1 && total <= SMALL_BYTES ? [Buffer.concat(chunks)] : chunks;
    this.guard('write', file.path, () => {
      let position = file.end;
      for (const part of parts) {
        let at = 0;
        while (at < part.length) at += writeSync(file.descriptor, part, at, part.length - at, position + at);
        position += part.length;
      }
      file.end = position;
    });
    if (sync) this.guard('sync', file.path, () => fdatasyncSync(file.descriptor));
  }

  private truncate(file: OpenFile, length: number): void {
    this.guard('truncate', file.path, () => {
      ftruncateSync(file.descriptor, length);
      fsyncSync(file.descriptor);
      file.end = length;
    });
  }

  private list(folder: string): readonly string[] {
    return this.guard('open', folder, () => {
      try {
        return readdirSync(join(this.directory, folder));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    });
  }

  private syncFolder(folder: string): void {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  private file(handle: number): OpenFile {
    const file = this.files.get(handle);
    if (file === undefined) throw new DiskError('EBADF', 'open', `handle ${handle}`);
    return file;
  }

  private guard<T>(phase: DiskPhase, path: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof DiskError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      throw new DiskError(code ?? 'EIO', phase, path, message);
    }
  }
}
