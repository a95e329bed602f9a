// Rows picked one by one out of row buffers, as vectors: old values of deleted rows, rows found by key. Long values are not
// copied: the vectors hold as long as the buffers do, or until `ownLongValues` copies them.
import { allocateVector, type OwnedVector } from '../../columns/batch.ts';
import { copyWide } from '../../columns/encoding.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import type { ColumnChunk } from '../../columns/row-group.ts';
import { VIEW_INLINE } from '../../columns/view.ts';
import { PHYSICAL_WIDTH } from '../../types/sql-type.ts';
import type { RowBuffer, StoredColumn } from './row-buffer.ts';
import { columnOf } from './table-group.ts';

export interface RowPlace {
  readonly buffer: RowBuffer;
  readonly row: number;
}

/** One vector per column, row i from places[i]; where a buffer lacks the column, or had another type, `missing` gives it. */
export function gatherRows(
  memory: SharedMemory,
  places: readonly RowPlace[],
  columns: readonly StoredColumn[],
  region: Region,
  missing: (column: StoredColumn) => ColumnChunk,
): OwnedVector[] {
  const vectors = columns.map(({ type }) => allocateVector(region, type, Math.max(1, places.length)));
  fillRows(memory, places, columns, vectors, missing);
  return vectors;
}

/** As gatherRows, into vectors that there are; rows without a place stay as they are. */
export function fillRows(
  memory: SharedMemory,
  places: readonly (RowPlace | undefined)[],
  columns: readonly StoredColumn[],
  vectors: readonly OwnedVector[],
  missing: (column: StoredColumn) => ColumnChunk,
): void {
  columns.forEach((column, c) => {
    const vector = vectors[c]!;
    const width = PHYSICAL_WIDTH[vector.physical];
    for (let i = 0; i < places.length; i++) {
      const place = places[i];
      if (place === undefined) continue;
      const { buffer, row } = place;
      const stored = columnOf(buffer, column.attribute);
      const source = stored?.physical === vector.physical ? stored : missing(column);
      const to = vector.data + i * width;
      if (source.nulls !== 0 && memory.u8[source.nulls + row] !== 0) {
        if (vector.nulls === 0) {
          memory.u8.fill(0, vector.nullsRoom, vector.nullsRoom + places.length);
          vector.nulls = vector.nullsRoom;
        }
        memory.u8[vector.nulls + i] = 1;
        memory.u8.fill(0, to, to + width);
      } else if (source.encoding) copyWide(memory, source.physical, source.data, source.encoding, row, to);
      else copyValue(memory, source.data + row * width, to, width);
    }
  });
}

/** Copies the bytes of long values among rows that have a place into `region`. */
export function ownLongValues(
  memory: SharedMemory,
  places: readonly (RowPlace | undefined)[],
  vectors: readonly OwnedVector[],
  region: Region,
): void {
  const { u8, u32 } = memory;
  for (const { physical, data } of vectors) {
    if (physical !== 'view') continue;
    for (let i = 0; i < places.length; i++) {
      const word = (data >>> 2) + i * 4;
      if (places[i] === undefined || u32[word]! <= VIEW_INLINE) continue;
      const length = u32[word]!;
      const source = u32[word + 2]!;
      const address = region.allocate(length);
      u8.copyWithin(address, source, source + length);
      u32[word + 2] = address;
    }
  }
}

function copyValue(memory: SharedMemory, from: number, to: number, width: number): void {
  if (width < 4) {
    for (let i = 0; i < width; i++) memory.u8[to + i] = memory.u8[from + i]!;
    return;
  }
  const source = from >>> 2;
  const target = to >>> 2;
  for (let i = 0; i < width >>> 2; i++) memory.i32[target + i] = memory.i32[source + i]!;
}
