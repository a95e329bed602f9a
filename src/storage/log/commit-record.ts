// A commit as frames: the last (often only) frame's header carries everything small, each batch of inserted rows is a section
// with its columns as payloads. Large commits are cut into several frames, so that no buffer grows without bound.
import type { CatalogChange } from '../../catalog/catalog-change.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { AppliedCommit } from '../tables/applied-commit.ts';
import type { StoredColumn } from '../tables/row-buffer.ts';
import { type ColumnHeader, encodeColumn } from './column-codec.ts';
import { encodeFrame, type Frame } from './frame.ts';
import type { Json } from './tagged-json.ts';
import type { SequenceValue, WriteSet } from './write-set.ts';

/** Few enough that a frame is made in a few milliseconds. */
const FRAME_ROWS = 2048;
const FRAME_DELETES = 16_384;

/** Rows of one relation inside a frame; the payloads follow each other in the order of the sections. */
export interface InsertSection {
  readonly relation: number;
  readonly rowIdBase: number;
  readonly count: number;
  readonly columns: readonly ColumnHeader[];
}

export interface RowDeletes {
  readonly relation: number;
  readonly rowIds: readonly number[];
}

export interface FrameHeader {
  readonly inserts?: readonly InsertSection[];
  /** in any frame of a commit; the rest of this is in the last one's only */
  readonly deletes?: readonly RowDeletes[];
  readonly truncates?: readonly number[];
  readonly catalog?: readonly CatalogChange[];
  readonly metadata?: WriteSet['metadata'];
  readonly sequences?: readonly (readonly [oid: number, value: SequenceValue | null])[];
  readonly decisions?: readonly Json[];
}

/** The frames of an applied commit, one at a time: each is encoded when asked for. */
export function* encodeCommit(memory: SharedMemory, applied: AppliedCommit, writeStart: number): Generator<Uint8Array> {
  let sections: InsertSection[] = [];
  let payloads: Uint8Array[] = [];
  let rows = 0;
  for (const { table, range } of applied.inserted) {
    for (let at = 0; at < range.count; ) {
      const count = Math.min(FRAME_ROWS - rows, range.count - at);
      const section = encodeRows(
        memory,
        range.group.buffer!.vectors(range.start + at),
        range.group.buffer!.columns,
        count,
      );
      sections.push({
        relation: table.oid,
        rowIdBase: range.group.rowIdBase + range.start + at,
        count,
        columns: section.columns,
      });
      payloads.push(...section.payloads);
      at += count;
      rows += count;
      if (rows < FRAME_ROWS) continue;
      yield encodeFrame(applied.epoch, false, writeStart, { inserts: sections }, payloads);
      sections = [];
      payloads = [];
      rows = 0;
    }
  }
  const { truncates, catalog, metadata, sequences, decisions } = applied.writes;
  let deletes: RowDeletes[] = [];
  for (const portion of deletePortions(applied.writes.deletes ?? [])) {
    if (deletes.length > 0) yield encodeFrame(applied.epoch, false, writeStart, { deletes }, []);
    deletes = portion;
  }
  const header: FrameHeader = {
    inserts: sections,
    ...(deletes.length ? { deletes } : {}),
    ...(truncates?.length ? { truncates } : {}),
    ...(catalog?.changes.length ? { catalog: catalog.changes } : {}),
    ...(metadata?.length ? { metadata } : {}),
    ...(sequences?.length ? { sequences } : {}),
    ...(decisions?.length ? { decisions } : {}),
  };
  yield encodeFrame(applied.epoch, true, writeStart, header, payloads);
}

/** As many deleted rows as go into a frame. */
function* deletePortions(all: readonly RowDeletes[]): Generator<RowDeletes[]> {
  let portion: RowDeletes[] = [];
  let room = FRAME_DELETES;
  for (const { relation, rowIds } of all) {
    for (let at = 0; at < rowIds.length; ) {
      const part = rowIds.slice(at, at + room);
      portion.push({ relation, rowIds: part });
      at += part.length;
      room -= part.length;
      if (room > 0) continue;
      yield portion;
      portion = [];
      room = FRAME_DELETES;
    }
  }
  if (portion.length > 0) yield portion;
}

function encodeRows(
  memory: SharedMemory,
  vectors: Parameters<typeof encodeColumn>[2][],
  columns: readonly StoredColumn[],
  count: number,
): { columns: ColumnHeader[]; payloads: Uint8Array[] } {
  const encoded = columns.map((column, i) => encodeColumn(memory, column, vectors[i]!, count));
  return { columns: encoded.map(({ header }) => header), payloads: encoded.map(({ payload }) => payload) };
}

/** The insert sections of a frame with their payloads. */
export function* sectionsOf(frame: Frame): Generator<{ section: InsertSection; payloads: Uint8Array[] }> {
  let at = 0;
  for (const section of (frame.header as unknown as FrameHeader).inserts ?? []) {
    const payloads = section.columns.map(({ bytes }) => {
      at += bytes;
      return frame.payload.subarray(at - bytes, at);
    });
    yield { section, payloads };
  }
}
