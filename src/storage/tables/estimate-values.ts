// How many different values a column may have, from the ranges that loaded row groups know of their integers and dates: a planner's
// guess, made in a pass over the groups, not over rows.
import type { TableData } from './table-data.ts';
import { columnOf } from './table-group.ts';

/** At most the table's rows; undefined: nothing is known. */
export function estimateValues(table: TableData, attribute: number): number | undefined {
  let min: number | bigint | undefined;
  let max: number | bigint | undefined;
  for (const { buffer } of table.groups) {
    const column = buffer === null ? undefined : columnOf(buffer, attribute);
    if (column?.min === undefined || column.max === undefined || column.physical.startsWith('f')) return undefined;
    if (min === undefined || column.min < min) min = column.min;
    if (max === undefined || column.max > max) max = column.max;
  }
  if (min === undefined || max === undefined) return undefined;
  return Math.min(table.liveRows, Number(BigInt(max) - BigInt(min)) + 1);
}
