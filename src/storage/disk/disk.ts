// Disk: the only way storage touches files, so that tests can inject one that fails. All calls are asynchronous: the real disk
// runs on a thread of its own (disk-thread.ts), a faulty or empty one answers at once. Paths are relative to the data directory.
import { sqlError } from '../../errors/sql-error.ts';

export type DiskPhase = 'open' | 'read' | 'write' | 'sync' | 'truncate' | 'rename' | 'remove';

/** What a disk call fails with: the operating system's code, and what was being done. */
export class DiskError extends Error {
  readonly code: string;
  readonly phase: DiskPhase;
  readonly path: string;

  constructor(code: string, phase: DiskPhase, path: string, message = `${code}: ${phase} of ${path} failed`) {
    super(message);
    this.name = 'DiskError';
    this.code = code;
    this.phase = phase;
    this.path = path;
  }
}

export interface DiskFile {
  /** Bytes in the file. */
  size(): Promise<number>;
  /** Up to `length` bytes from `position`; fewer at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  /**
   * Writes all chunks behind the end, then with `sync` makes them durable. The chunks' buffers may be detached afterwards.
   * A DiskError tells by its phase whether writing or syncing failed; after a failed write some bytes may be in the file.
   */
  append(chunks: readonly Uint8Array[], sync: boolean): Promise<void>;
  truncate(length: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  /** 'create' makes a new empty file (an old one is emptied); 'existing' throws ENOENT when there is none. */
  open(path: string, mode: 'create' | 'existing'): Promise<DiskFile>;
  /** Names in a folder; none when it does not exist. */
  list(folder: string): Promise<readonly string[]>;
  makeFolder(folder: string): Promise<void>;
  /** Atomic and durable: the folder is synced too. */
  rename(from: string, to: string): Promise<void>;
  /** Removing what does not exist is no error. */
  remove(path: string): Promise<void>;
  close(): Promise<void>;
}

const VERBS: Readonly<Record<DiskPhase, string>> = {
  open: 'open file',
  read: 'read file',
  write: 'write to file',
  sync: 'fsync file',
  truncate: 'truncate file',
  rename: 'rename file',
  remove: 'remove file',
};

/** A disk's error as the client shall read it: 53100, 58P01 or 58030. */
function diskFailure(error: unknown): unknown {
  if (!(error instanceof DiskError)) return error;
  const what = `could not ${VERBS[error.phase]} "${error.path}"`;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return sqlError('disk_full', `${what}: No space left on device`, { hint: 'Free some disk space and try again.' });
  }
  if (error.code === 'ENOENT') return sqlError('undefined_file', `${what}: No such file or directory`);
  return sqlError('io_error', `${what}: ${error.message}`);
}

/** All bytes of a file. Throws 58P01, 58030. */
export async function readWholeFile(disk: Disk, path: string): Promise<Uint8Array> {
  try {
    return await readAll(disk, path);
  } catch (error) {
    throw diskFailure(error);
  }
}

async function readAll(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'existing');
  try {
    const size = await file.size();
    const bytes = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const part = await file.read(at, Math.min(size - at, 8_388_608));
      if (part.length === 0) throw new DiskError('EIO', 'read', path, `unexpected end of ${path}`);
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** Writes a file under a temporary name, syncs it and renames it: afterwards it is there whole or not at all. Throws 53100, 58030. */
export async function writeFileAtomically(
  disk: Disk,
  path: string,
  chunks: readonly Uint8Array[] | AsyncIterable<readonly Uint8Array[]>,
): Promise<number> {
  const temporary = `${path}.tmp`;
  try {
    return await writeAndRename(disk, temporary, path, chunks);
  } catch (error) {
    await disk.remove(temporary).catch(() => {}); // its room may be what is missing
    throw diskFailure(error);
  }
}

async function writeAndRename(
  disk: Disk,
  temporary: string,
  path: string,
  chunks: readonly Uint8Array[] | AsyncIterable<readonly Uint8Array[]>,
): Promise<number> {
  const file = await disk.open(temporary, 'create');
  let bytes = 0;
  try {
    if (Symbol.asyncIterator in chunks) {
      for await (const part of chunks) {
        bytes += part.reduce((sum, chunk) => sum + chunk.length, 0);
        await file.append(part, false);
      }
    } else {
      bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      await file.append(chunks, false);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  return bytes;
}
