// Temporary files of operators whose rows do not fit into memory: appended to, read at any place, gone with the run of the plan. They have a
// name only until they are open, so the system frees them however the server ends.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';

const FOLDER = 'spill';

/** Where a server's temporary files lie: in a folder that is made whenever it is not there. */
export class SpillSpace {
  private readonly folder: string;
  private files = 0;

  /** `directory`: the data directory, locked by this server; null: everything is in memory. */
  constructor(directory: string | null) {
    this.folder = directory === null ? join(tmpdir(), `headrace-spill-${randomUUID()}`) : join(directory, FOLDER);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** For one statement, whose files may have `limitBytes` in all. */
  forStatement(limitBytes: number): StatementSpill {
    return new StatementSpill(() => this.newPath(), limitBytes);
  }

  private async newPath(): Promise<string> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    return join(this.folder, `${++this.files}.rows`);
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** One statement's files, whose sizes have one limit. */
export class StatementSpill {
  private readonly newPath: () => Promise<string>;
  private readonly limitBytes: number;
  private usedBytes = 0;

  constructor(newPath: () => Promise<string>, limitBytes: number) {
    this.newPath = newPath;
    this.limitBytes = limitBytes;
  }

  async open(): Promise<SpillFile> {
    let handle: FileHandle | null = null;
    try {
      const path = await this.newPath();
      handle = await open(path, 'wx+', 0o600);
      await rm(path);
      return new SpillFile(handle, (bytes) => this.add(bytes));
    } catch (error) {
      await handle?.close();
      throw fileError('create', error);
    }
  }

  private add(bytes: number): void {
    if (this.usedBytes + bytes <= this.limitBytes || bytes < 0) {
      this.usedBytes += bytes;
      return;
    }
    const limit = Math.floor(this.limitBytes / 1024);
    throw sqlError('configuration_limit_exceeded', `temporary file size exceeds temp_file_limit (${limit}kB)`);
  }
}

/** The files of one run of a plan: all that its operators have left open close with it. */
export class RunSpill {
  private readonly statement: StatementSpill;
  private files: SpillFile[] = [];

  constructor(statement: StatementSpill) {
    this.statement = statement;
  }

  async open(): Promise<SpillFile> {
    const file = await this.statement.open();
    this.files = [...this.files.filter(({ isClosed }) => !isClosed), file];
    return file;
  }

  async close(): Promise<void> {
    for (const file of this.files.splice(0)) await file.close();
  }
}

export class SpillFile {
  /** bytes written */
  size = 0;
  isClosed = false;
  private readonly handle: FileHandle;
  private readonly count: (bytes: number) => void;

  constructor(handle: FileHandle, count: (bytes: number) => void) {
    this.handle = handle;
    this.count = count;
  }

  /** Writes bytes behind the others; returns where they begin. Throws 53400 past the statement's limit, 53100 on a full disk. */
  async append(bytes: Uint8Array): Promise<number> {
    this.count(bytes.length);
    const start = this.size;
    try {
      for (let at = 0; at < bytes.length; ) {
        at += (await this.handle.write(bytes, at, bytes.length - at, start + at)).bytesWritten;
      }
    } catch (error) {
      this.count(-bytes.length);
      throw fileError('write to', error);
    }
    this.size += bytes.length;
    return start;
  }

  /** Fills `into` with the bytes from `position` on. */
  async read(position: number, into: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < into.length; ) {
        const { bytesRead } = await this.handle.read(into, at, into.length - at, position + at);
        if (bytesRead === 0) throw new Error('it is shorter than what was written');
        at += bytesRead;
      }
    } catch (error) {
      throw fileError('read', error);
    }
  }

  /** Gives its bytes back to the disk; they no longer count. It may be called twice. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.count(-this.size);
    await this.handle.close();
  }
}

function fileError(what: string, error: unknown): SqlError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return sqlError('disk_full', `could not ${what} temporary file: No space left on device`);
  return sqlError('io_error', `could not ${what} temporary file: ${message}`);
}
