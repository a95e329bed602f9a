// Order of JavaScript values under SQL rules, for the few places that sort or compare datums: collecting aggregates, tests. Text by
// UTF-8 bytes (collation "C"), NaN greatest, numerics by value, intervals by their normalised length.
import { powerOfTen } from '../../columns/numeric-bytes.ts';
import type { Datum, Decimal, Interval, SqlArray, SqlRecord } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';

export interface DatumOrder {
  readonly type: SqlType;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

const DAY = 86_400_000_000n;

function sign(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareDecimal(a: Decimal, b: Decimal): number {
  const rank = (value: Decimal) =>
    value.special === undefined ? 1 : value.special === 'NaN' ? 3 : value.special === 'Infinity' ? 2 : 0;
  if (rank(a) !== rank(b) || a.special !== undefined) return sign(rank(a), rank(b));
  const scale = Math.max(a.scale, b.scale);
  return sign(a.coefficient * powerOfTen(scale - a.scale), b.coefficient * powerOfTen(scale - b.scale));
}

function compareLists(a: readonly (Datum | null)[], b: readonly (Datum | null)[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const left = a[i]!;
    const right = b[i]!;
    const order =
      left === null || right === null ? sign(Number(left === null), Number(right === null)) : compareDatum(left, right);
    if (order !== 0) return order;
  }
  return sign(a.length, b.length);
}

/** -1, 0, 1 for two values of one type. */
export function compareDatum(a: Datum, b: Datum): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return sign(Number(Number.isNaN(a)), Number(Number.isNaN(b)));
    return sign(a, b);
  }
  if (typeof a === 'bigint') return sign(a, b as bigint);
  if (typeof a === 'boolean') return sign(Number(a), Number(b));
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array);
  if (typeof a === 'number') return sign(a, b as number);
  switch (a.kind) {
    case 'decimal':
      return compareDecimal(a, b as Decimal);
    case 'interval': {
      const length = (value: Interval) => value.micros + BigInt(value.days + value.months * 30) * DAY;
      return sign(length(a), length(b as Interval));
    }
    case 'array':
      return compareLists(a.elements, (b as SqlArray).elements);
    case 'record':
      return compareLists(a.values, (b as SqlRecord).values);
  }
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
    const compared =
      type.name === 'jsonb' ? typeOperations(type).compare(left, right, type) : compareDatum(left, right);
    if (compared !== 0) return descending ? -compared : compared;
  }
  return 0;
}
