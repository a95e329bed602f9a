// Sort keys that are records become their fields: storage compares a record's bytes, which have no order. A NULL record is a key before
// them; NULL fields come last (first when descending), as in PostgreSQL's comparison of records.
import type { Expression, SortKey } from '../../plan/expression.ts';
import { BOOL } from '../../types/sql-type.ts';

export function withoutRecords(keys: readonly SortKey[]): readonly SortKey[] {
  return keys.flatMap((key) => {
    const { expression, descending, nullsFirst } = key;
    const { fields } = expression.type;
    if (expression.type.name !== 'record' || fields === undefined) return [key];
    const isNull: Expression = { kind: 'is-null', type: BOOL, arg: expression, negated: false };
    const inside = fields.map(
      ({ type }, index): SortKey => ({
        expression: { kind: 'field', type, arg: expression, index },
        descending,
        nullsFirst: descending,
      }),
    );
    return [{ expression: isNull, descending: nullsFirst, nullsFirst: false }, ...withoutRecords(inside)];
  });
}
