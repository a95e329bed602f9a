// Order of rows of JavaScript values, for the few places that sort datums: collecting aggregates, tests.
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';

export interface DatumOrder {
  readonly type: SqlType;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Order of two rows by keys that begin at column `from`. */
export function compareDatumRows(
  a: readonly (Datum | null)[],
  b: readonly (Datum | null)[],
  order: readonly DatumOrder[],
  from = 0,
): number {
  for (let i = 0; i < order.length; i++) {
    const left = a[from + i]!;
    const right = b[from + i]!;
    const { type, descending, nullsFirst } = order[i]!;
    if (left === null || right === null) {
      if (left === right) continue;
      return (left === null) === nullsFirst ? -1 : 1;
    }
    const compared = typeOperations(type).compare(left, right, type);
    if (compared !== 0) return descending ? -compared : compared;
  }
  return 0;
}
