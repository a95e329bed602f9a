// RowComparison: a condition of the query's on one column, `column operator constant`. What a source may use to leave out parts of
// its rows that cannot meet it (files of other partitions, row groups); the rows it gives are tested again.
import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import { typeOperations } from '../types/type-operations.ts';

export interface RowComparison {
  /** index into the source's columns */
  readonly column: number;
  readonly operator: '=' | '<' | '<=' | '>' | '>=';
  readonly value: Datum;
  readonly type: SqlType;
}

/** Whether a value between min and max (both of type `type`, which is the comparison's own) can meet it. */
export function rangeMayMatch({ operator, value, type }: RowComparison, min: Datum, max: Datum): boolean {
  const compare = (a: Datum, b: Datum): number => typeOperations(type).compare(a, b, type);
  switch (operator) {
    case '=':
      return compare(value, min) >= 0 && compare(value, max) <= 0;
    case '<':
      return compare(min, value) < 0;
    case '<=':
      return compare(min, value) <= 0;
    case '>':
      return compare(max, value) > 0;
    case '>=':
      return compare(max, value) >= 0;
  }
}
