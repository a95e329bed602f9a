// ARRAY[...], ROW(...) and field selection: composite values, row by row.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray, SqlRecord } from '../../types/datum.ts';
import { sqlArray } from '../../types/datum.ts';

/** The array of these elements; arrays of one shape as elements make one more dimension. */
export function arrayValue(elements: readonly (Datum | null)[], nested: boolean): SqlArray {
  if (!nested) return sqlArray(elements);
  const parts = elements.map((element) => (element as SqlArray | null) ?? sqlArray([]));
  const first = parts[0];
  if (first === undefined || parts.every((part) => part.dimensions.length === 0)) return sqlArray([]);
  for (const part of parts) {
    if (part.dimensions.join() === first.dimensions.join()) continue;
    throw sqlError(
      'array_subscript_error',
      'multidimensional arrays must have array expressions with matching dimensions',
    );
  }
  return {
    kind: 'array',
    dimensions: [parts.length, ...first.dimensions],
    lowerBounds: [1, ...first.lowerBounds],
    elements: parts.flatMap((part) => part.elements),
  };
}

export function recordValue(values: readonly (Datum | null)[]): SqlRecord {
  return { kind: 'record', values };
}

export function fieldValue(record: Datum, index: number): Datum | null {
  return (record as SqlRecord).values[index] ?? null;
}
