// Segment files: the rows of one row group as frames (see log/frame.ts), so with lengths, versions, CRCs, and columns by name and logical
// type. Written once, never changed; deletes live in the manifest.
import { Region } from '../../columns/region.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { DATA_FOLDER } from '../disk/data-directory.ts';
import { type Disk, readWholeFile, writeFileAtomically } from '../disk/disk.ts';
import { appendEncoded, encodeColumn } from '../log/column-codec.ts';
import { type InsertSection, sectionsOf } from '../log/commit-record.ts';
import { announcedBody, decodeFrame, encodeFrame, FRAME_BYTES } from '../log/frame.ts';
import type { BufferHome } from '../tables/group-memory.ts';
import { RowBuffer } from '../tables/row-buffer.ts';
import type { SegmentReference, TableGroup } from '../tables/table-group.ts';

/** Few enough that a frame is made in a few milliseconds. */
const FRAME_ROWS = 2048;

/** Writes the group's first `rowCount` rows. The group must be pinned. */
export async function writeSegment(
  disk: Disk,
  relation: number,
  group: TableGroup,
  rowCount: number,
  epoch: bigint,
): Promise<SegmentReference> {
  const path = `${DATA_FOLDER}/${relation}-${group.rowIdBase}-${rowCount}.seg`;
  const bytes = await writeFileAtomically(disk, path, segmentFrames(relation, group, rowCount, epoch));
  return { path, rowCount, bytes };
}

async function* segmentFrames(
  relation: number,
  group: TableGroup,
  rowCount: number,
  epoch: bigint,
): AsyncGenerator<readonly Uint8Array[]> {
  const buffer = group.buffer!;
  for (let at = 0; at < rowCount; at += FRAME_ROWS) {
    const count = Math.min(FRAME_ROWS, rowCount - at);
    const encoded = encodedColumns(buffer, at, count);
    const columns = encoded.map(({ header }) => header);
    const section: InsertSection = { relation, rowIdBase: group.rowIdBase + at, count, columns };
    const payloads = encoded.map(({ payload }) => payload);
    yield [encodeFrame(epoch, at + count === rowCount, 0, { inserts: [section] }, payloads)];
  }
}

/** Files hold values, whatever codes the buffer has. */
function encodedColumns(buffer: RowBuffer, at: number, count: number) {
  const region = new Region(buffer.home.arena, buffer.home.owner);
  try {
    return buffer.columns.map((column) => {
      const encoded = encodeColumn(buffer.shared, column, buffer.wideVector(column, at, count, region), count);
      region.reset();
      return encoded;
    });
  } finally {
    region.release();
  }
}

/** Reads a group back. Throws data_corrupted with file and position. */
export async function readSegment(disk: Disk, home: BufferHome, reference: SegmentReference): Promise<RowBuffer> {
  const bytes = await readWholeFile(disk, reference.path);
  let buffer: RowBuffer | null = null;
  try {
    for (let at = 0; at < bytes.length; ) {
      const body = announcedBody(bytes.subarray(at, at + FRAME_BYTES));
      const frame = body < 0 ? null : decodeFrame(bytes.subarray(at, at + FRAME_BYTES + body));
      if (frame === null) throw damaged(reference.path, at);
      for (const { section, payloads } of sectionsOf(frame)) {
        if (buffer === null) {
          buffer = new RowBuffer(home, section.columns);
          buffer.reserve(reference.rowCount);
        }
        appendEncoded(buffer, section.columns, payloads, section.count);
      }
      at += frame.length;
    }
    if (buffer === null || buffer.count !== reference.rowCount) throw damaged(reference.path, bytes.length);
    return buffer;
  } catch (error) {
    buffer?.evict();
    throw error;
  }
}

function damaged(path: string, at: number): Error {
  return sqlError('data_corrupted', `invalid data in segment file "${path}" at offset ${at}`, {
    hint: 'Restore the data directory from a backup.',
  });
}
