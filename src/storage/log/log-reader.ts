// Reading the log after a start: all commits in order, segment by segment. A torn tail of the last segment (a write that a crash cut
// short, so nobody was told of it) is cut off. Damage before bytes that were durable once is not healed by forgetting: data_corrupted,
// with file and position. The two are told apart by the frames behind the damage: each says where its write began, and
// a write begins only when all before it is durable.
import { sqlError } from '../../errors/sql-error.ts';
import type { Disk } from '../disk/disk.ts';
import { readWholeFile } from '../disk/disk.ts';
import { announcedBody, decodeFrame, FRAME_BYTES, FRAME_MAGIC, type Frame } from './frame.ts';
import { listSegments, segmentPath } from './log-writer.ts';

/** The frames of one commit. */
export interface LoggedCommit {
  readonly epoch: bigint;
  readonly frames: readonly Frame[];
  readonly path: string;
  /** bytes of the whole log up to its end */
  readonly end: number;
}

interface Segment {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
}

/** The segments, oldest first. */
export async function logSegments(disk: Disk): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const number of await listSegments(disk)) {
    const path = segmentPath(number);
    const file = await disk.open(path, 'existing');
    segments.push({ number, path, bytes: await file.size() });
    await file.close();
  }
  return segments;
}

/** All whole commits with an epoch above `after`. Cuts a torn tail. Throws data_corrupted. */
export async function* readLog(disk: Disk, segments: readonly Segment[], after: bigint): AsyncGenerator<LoggedCommit> {
  // empty ones behind it are starts that came to nothing
  const last = segments.findLast(({ bytes }) => bytes > 0);
  let before = 0;
  for (const segment of segments) {
    const { path } = segment;
    const bytes = await readWholeFile(disk, path);
    let at = 0;
    let whole = 0;
    let frames: Frame[] = [];
    while (at < bytes.length) {
      const frame = frameAt(bytes, at);
      if (frame === null || (frames.length > 0 && frame.epoch !== frames[0]!.epoch)) break;
      at += frame.length;
      frames.push(frame);
      if (!frame.last) continue;
      if (frame.epoch > after) yield { epoch: frame.epoch, frames, path, end: before + at };
      frames = [];
      whole = at;
    }
    before += bytes.length;
    if (whole === bytes.length) continue;
    if (segment !== last) throw corrupted(path, at);
    refuseDurableBehind(bytes, at, path);
    const file = await disk.open(path, 'existing');
    await file.truncate(whole);
    await file.close();
  }
}

function frameAt(bytes: Uint8Array, at: number): Frame | null {
  const body = announcedBody(bytes.subarray(at, at + FRAME_BYTES));
  if (body < 0 || at + FRAME_BYTES + body > bytes.length) return null;
  return decodeFrame(bytes.subarray(at, at + FRAME_BYTES + body));
}

/** Throws when a later frame proves that position `damaged` had been durable. */
function refuseDurableBehind(bytes: Uint8Array, damaged: number, path: string): void {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(FRAME_MAGIC);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(magic, damaged + 1); at >= 0; at = buffer.indexOf(magic, at + 1)) {
    const frame = frameAt(bytes, at);
    if (frame !== null && frame.writeStart > damaged && frame.writeStart <= at) throw corrupted(path, damaged);
  }
}

function corrupted(path: string, at: number): Error {
  return sqlError('data_corrupted', `invalid log record in file "${path}" at offset ${at}`, {
    detail: 'Records behind it were durable, so it was damaged after it had been written.',
    hint: 'Restore the data directory from a backup.',
  });
}
