// Columns as they lie in log records and segment files: described by name, attribute number and logical type, never a memory
// image. A payload is: a validity bitmap (bit set = NULL; only if the header says so), then for fixed widths the little-endian values,
// for variable ones a u32 end offset per row and then the bytes.
import type { Vector } from '../../columns/batch.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import { VIEW_INLINE } from '../../columns/view.ts';
import { PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';
import type { BufferColumn, RowBuffer, StoredColumn } from '../tables/row-buffer.ts';

export interface ColumnHeader {
  readonly attribute: number;
  readonly name: string;
  readonly type: SqlType;
  readonly nulls: boolean;
  /** of the payload */
  readonly bytes: number;
}

/** Rows 0..count of a vector. */
export function encodeColumn(
  memory: SharedMemory,
  column: StoredColumn,
  vector: Vector,
  count: number,
): { header: ColumnHeader; payload: Uint8Array } {
  const hasNulls = vector.nulls !== 0 && memory.u8.subarray(vector.nulls, vector.nulls + count).indexOf(1) >= 0;
  const bitmapBytes = hasNulls ? (count + 7) >>> 3 : 0;
  const valueBytes =
    vector.physical === 'view' ? viewBytesOf(memory, vector, count) : count * PHYSICAL_WIDTH[vector.physical];
  const payload = new Uint8Array(bitmapBytes + valueBytes);
  if (hasNulls) {
    for (let row = 0; row < count; row++) {
      if (memory.u8[vector.nulls + row] !== 0) payload[row >>> 3]! |= 1 << (row & 7);
    }
  }
  if (vector.physical === 'view') encodeViews(memory, vector, count, payload, bitmapBytes);
  else payload.set(memory.u8.subarray(vector.data, vector.data + valueBytes), bitmapBytes);
  const { attribute, name, type } = column;
  return { header: { attribute, name, type, nulls: hasNulls, bytes: payload.length }, payload };
}

function viewBytesOf(memory: SharedMemory, vector: Vector, count: number): number {
  let total = count * 4;
  for (let row = 0; row < count; row++) {
    if (vector.nulls === 0 || memory.u8[vector.nulls + row] === 0) total += memory.u32[(vector.data >>> 2) + row * 4]!;
  }
  return total;
}

function encodeViews(memory: SharedMemory, vector: Vector, count: number, payload: Uint8Array, start: number): void {
  const { u8, u32 } = memory;
  const ends = new DataView(payload.buffer, payload.byteOffset + start, count * 4);
  const base = start + count * 4;
  let end = 0;
  for (let row = 0; row < count; row++) {
    const view = vector.data + row * 16;
    if (vector.nulls === 0 || u8[vector.nulls + row] === 0) {
      const length = u32[view >>> 2]!;
      if (length <= VIEW_INLINE) {
        for (let i = 0; i < length; i++) payload[base + end + i] = u8[view + 4 + i]!;
      } else {
        const from = u32[(view + 8) >>> 2]!;
        payload.set(u8.subarray(from, from + length), base + end);
      }
      end += length;
    }
    ends.setUint32(row * 4, end, true);
  }
}

/** Appends `count` encoded rows; columns are matched by attribute, a missing one becomes NULL. */
export function appendEncoded(
  buffer: RowBuffer,
  headers: readonly ColumnHeader[],
  payloads: readonly Uint8Array[],
  count: number,
): void {
  const byAttribute = new Map(headers.map((header, i) => [header.attribute, i]));
  buffer.appendFilled(count, (column, _index, at, heap) => {
    const source = byAttribute.get(column.attribute);
    if (source === undefined) fillNull(buffer, column, at, count);
    else decodeColumn(buffer, column, at, count, headers[source]!, payloads[source]!, heap);
  });
}

function fillNull(buffer: RowBuffer, column: BufferColumn, at: number, count: number): void {
  const width = PHYSICAL_WIDTH[column.physical];
  buffer.shared.u8.fill(0, column.data + at * width, column.data + (at + count) * width);
  const nulls = buffer.nullsOf(column);
  buffer.shared.u8.fill(1, nulls + at, nulls + at + count);
}

function decodeColumn(
  buffer: RowBuffer,
  column: BufferColumn,
  at: number,
  count: number,
  header: ColumnHeader,
  payload: Uint8Array,
  heap: Region,
): void {
  const memory = buffer.shared;
  const bitmapBytes = header.nulls ? (count + 7) >>> 3 : 0;
  if (header.nulls) {
    const nulls = buffer.nullsOf(column);
    for (let row = 0; row < count; row++) memory.u8[nulls + at + row] = (payload[row >>> 3]! >>> (row & 7)) & 1;
  }
  const values = payload.subarray(bitmapBytes);
  if (column.physical !== 'view') memory.u8.set(values, column.data + at * PHYSICAL_WIDTH[column.physical]);
  else decodeViews(memory, column, at, count, values, heap);
}

function decodeViews(
  memory: SharedMemory,
  column: BufferColumn,
  at: number,
  count: number,
  values: Uint8Array,
  heap: Region,
): void {
  const { u8, u32 } = memory;
  const ends = new DataView(values.buffer, values.byteOffset, count * 4);
  const bytes = values.subarray(count * 4);
  let longest = 0;
  for (let row = 0, before = 0; row < count; row++) {
    const end = ends.getUint32(row * 4, true);
    longest = Math.max(longest, end - before);
    before = end;
  }
  let address = 0;
  if (longest > VIEW_INLINE) {
    address = heap.allocate(bytes.length); // short values among them leave holes; one copy is worth them
    u8.set(bytes, address);
  }
  let start = 0;
  for (let row = 0; row < count; row++) {
    const end = ends.getUint32(row * 4, true);
    const length = end - start;
    const view = column.data + (at + row) * 16;
    u32[view >>> 2] = length;
    u32[(view + 4) >>> 2] = 0;
    u32[(view + 8) >>> 2] = 0;
    u32[(view + 12) >>> 2] = 0;
    if (length <= VIEW_INLINE) {
      for (let i = 0; i < length; i++) u8[view + 4 + i] = bytes[start + i]!;
    } else {
      for (let i = 0; i < 4; i++) u8[view + 4 + i] = bytes[start + i]!;
      u32[(view + 8) >>> 2] = address + start;
    }
    start = end;
  }
}
