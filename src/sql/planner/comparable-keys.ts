// Sort keys whose stored bytes have no order become keys that have one. A record becomes its fields, behind a key that tells a NULL record
// from them; NULL fields come last (first when descending), as in PostgreSQL's comparison of records. jsonb becomes its sort key in bytes.
import type { Expression, SortKey } from '../../plan/expression.ts';
import { BOOL, BYTEA } from '../../types/sql-type.ts';

export function comparableKeys(keys: readonly SortKey[]): readonly SortKey[] {
  return keys.flatMap((key) => {
    const { expression, descending, nullsFirst } = key;
    if (expression.type.name === 'jsonb') return [{ ...key, expression: comparableKey(expression) }];
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
    return [{ expression: isNull, descending: nullsFirst, nullsFirst: false }, ...comparableKeys(inside)];
  });
}

/** One key for another that is equal and ordered by its bytes where the first is by its meaning. */
export function comparableKey(expression: Expression): Expression {
  if (expression.type.name !== 'jsonb') return expression;
  return { kind: 'call', type: BYTEA, function: 'jsonb_sort_key(jsonb)', args: [expression] };
}
