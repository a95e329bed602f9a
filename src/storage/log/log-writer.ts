// LogWriter: the log's segment files, log/<number>.log. Appends a group of frames by one write and one sync, rotates at 64 MB, removes
// segments behind a checkpoint. Failure: a full disk during the write is undone by cutting the segment back; any other failed
// write, or any failed sync, leaves the log failed for good, since nobody knows what the disk holds. It never says "durable" again.
import { sqlError } from '../../errors/sql-error.ts';
import { LOG_FOLDER } from '../disk/data-directory.ts';
import { type Disk, DiskError, type DiskFile } from '../disk/disk.ts';

const SEGMENT_BYTES = 67_108_864;

export function segmentPath(number: number): string {
  return `${LOG_FOLDER}/${String(number).padStart(8, '0')}.log`;
}

/** Numbers of the log's segments, ascending. */
export async function listSegments(disk: Disk): Promise<number[]> {
  const names = await disk.list(LOG_FOLDER);
  return names
    .filter((name) => /^\d{8}\.log$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** Throws data_corrupted where one of the log's files from the given one on is missing: its commits may have been the last ones. */
export async function requireSegments(disk: Disk, first: number | undefined): Promise<void> {
  if (first === undefined) return;
  const there = await listSegments(disk);
  for (let number = first; number <= Math.max(first, there.at(-1) ?? 0); number++) {
    if (there.includes(number)) continue;
    throw sqlError('data_corrupted', `log file "${segmentPath(number)}" is missing`, {
      hint: 'Restore the data directory from a backup.',
    });
  }
}

export class LogWriter {
  private readonly disk: Disk;
  private readonly segmentBytes: number;
  private file: DiskFile;
  private number: number;
  private length = 0;
  private failure: Error | null = null;

  private constructor(disk: Disk, file: DiskFile, number: number, segmentBytes: number) {
    this.disk = disk;
    this.file = file;
    this.number = number;
    this.segmentBytes = segmentBytes;
  }

  /** Opens a fresh segment behind all others. */
  static async open(disk: Disk, segmentBytes = SEGMENT_BYTES): Promise<LogWriter> {
    const number = ((await listSegments(disk)).at(-1) ?? 0) + 1;
    return new LogWriter(disk, await disk.open(segmentPath(number), 'create'), number, segmentBytes);
  }

  /** Where the next group will begin in the current segment. */
  get position(): number {
    return this.length;
  }

  get segment(): number {
    return this.number;
  }

  /** What every commit fails with once the log has failed, or null. */
  get failed(): Error | null {
    return this.failure;
  }

  /** Starts a new segment when the current one is full. Call between groups. */
  async rotateIfFull(): Promise<void> {
    if (this.length >= this.segmentBytes) await this.rotate();
  }

  /** Starts a new segment (unless the current one is empty); returns its number. */
  async rotate(): Promise<number> {
    if (this.length === 0) return this.number;
    const next = await this.disk.open(segmentPath(this.number + 1), 'create');
    await this.file.close();
    this.file = next;
    this.number++;
    this.length = 0;
    return this.number;
  }

  /** Writes part of a group. On failure the whole group since `groupStart` is undone if that is safe; throws 53100 or 58030. */
  async append(chunks: readonly Uint8Array[], sync: boolean, groupStart: number): Promise<void> {
    if (this.failure !== null) throw this.failure;
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    try {
      await this.file.append(chunks, sync);
      this.length += bytes;
    } catch (error) {
      throw await this.recover(error as Error, groupStart);
    }
  }

  /** Takes back what a group has written, before its last part. Throws 58030 where the end of the log is unknown then. */
  async cutBack(groupStart: number): Promise<void> {
    try {
      await this.file.truncate(groupStart);
      this.length = groupStart;
    } catch (error) {
      throw this.fail(error as Error, 'could not truncate file');
    }
  }

  async removeBefore(segment: number): Promise<void> {
    for (const number of await listSegments(this.disk)) {
      if (number < segment) await this.disk.remove(segmentPath(number));
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async recover(error: Error, groupStart: number): Promise<Error> {
    const path = segmentPath(this.number);
    const full = error instanceof DiskError && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
    if (full && error.phase === 'write') {
      try {
        await this.file.truncate(groupStart);
        this.length = groupStart;
        return sqlError('disk_full', `could not write to file "${path}": No space left on device`, {
          hint: 'Free some disk space and try again.',
        });
      } catch {
        // The end of the log is unknown now: fall through to the failed state.
      }
    }
    const what =
      error instanceof DiskError && error.phase === 'sync' ? 'could not fsync file' : 'could not write to file';
    return this.fail(error, what);
  }

  /** The log has failed for good. */
  private fail(error: Error, what: string): Error {
    const full = error instanceof DiskError && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
    const path = segmentPath(this.number);
    this.failure = sqlError(full ? 'disk_full' : 'io_error', `${what} "${path}": ${error.message}`, {
      detail:
        'The write-ahead log has failed; the server is read-only. Whether the last transactions are durable is unknown.',
      hint: 'Check the disk, then restart the server.',
    });
    return this.failure;
  }
}
