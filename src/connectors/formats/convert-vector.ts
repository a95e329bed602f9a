// Vectors for columns that a file has in another type, or not at all.
import { allocateVector, type Batch, type Vector } from '../../columns/batch.ts';
import { batchRowIndexes } from '../../columns/batch-builder.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import type { Region } from '../../columns/region.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';

/** The vector in a type: as it is where the types agree, else by way of text. `batch` is the one it belongs to. */
export function convertVector(region: Region, vector: Vector, type: SqlType, batch: Batch): Vector {
  const from = vector.type;
  const same = from.name === type.name && from.scale === type.scale && type.length === undefined;
  if (same && from.precision === type.precision) return { ...vector, type };
  const { shared } = region.arena;
  const rows = [...batchRowIndexes(shared, batch)];
  const to = allocateVector(region, type, (rows.at(-1) ?? 0) + 1);
  for (const row of rows) {
    const value = readDatum(shared, vector, row);
    const text = value === null ? null : typeOperations(from).formatText(value, from);
    writeDatum(shared, to, row, text === null ? null : typeOperations(type).parseText(text, type), region);
  }
  return { type, physical: to.physical, data: to.data, nulls: to.nulls };
}

/** The same value in `count` rows. */
export function constantVector(region: Region, type: SqlType, value: Datum | null, count: number): Vector {
  const to = allocateVector(region, type, Math.max(1, count));
  for (let row = 0; row < count; row++) writeDatum(region.arena.shared, to, row, value, region);
  return { type, physical: to.physical, data: to.data, nulls: to.nulls };
}
