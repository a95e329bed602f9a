// Datum: one SQL value as a JavaScript value, used at the edges only (constants, parameters, per-row functions of the long
// tail, catalog rows, tests). Hot paths work on vectors.
//
//   bool                          boolean
//   int2 int4 oid reg* xid date   number        (date: days since 1970-01-01; +-infinity: 2147483647 / -2147483648)
//   float4 float8                 number
//   int8 time timestamp[tz]       bigint        (microseconds; +-infinity: 2^63-1 / -2^63)
//   numeric                       Decimal
//   text-like, json, jsonb, uuid  string        (jsonb: its canonical text)
//   bytea                         Uint8Array
//   interval                      Interval
//   array                         SqlArray
//   record                        readonly (Datum | null)[]  wrapped in SqlRecord

/** value = (negative ? -1 : 1) * coefficient * 10^-scale; `scale` is the display scale, kept as PostgreSQL keeps it. */
export interface Decimal {
  readonly kind: 'decimal';
  readonly coefficient: bigint; // signed
  readonly scale: number; // 0..16383
  readonly special?: 'NaN' | 'Infinity' | '-Infinity';
}

export interface Interval {
  readonly kind: 'interval';
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

/** Row-major elements; `dimensions` is empty for the empty array; `lowerBounds` parallels it. */
export interface SqlArray {
  readonly kind: 'array';
  readonly dimensions: readonly number[];
  readonly lowerBounds: readonly number[];
  readonly elements: readonly (Datum | null)[];
}

export interface SqlRecord {
  readonly kind: 'record';
  readonly values: readonly (Datum | null)[];
}

export type Datum = boolean | number | bigint | string | Uint8Array | Decimal | Interval | SqlArray | SqlRecord;

export function decimal(coefficient: bigint, scale: number): Decimal {
  return { kind: 'decimal', coefficient, scale };
}

export function interval(months: number, days: number, micros: bigint): Interval {
  return { kind: 'interval', months, days, micros };
}

/** A one-dimensional array with lower bound 1 (no dimensions when empty). */
export function sqlArray(elements: readonly (Datum | null)[]): SqlArray {
  return elements.length === 0
    ? { kind: 'array', dimensions: [], lowerBounds: [], elements }
    : { kind: 'array', dimensions: [elements.length], lowerBounds: [1], elements };
}

/** A text that differs for different values of one type, NaN, the infinities and -0 among them. */
export function datumKey(value: Datum | null | readonly (Datum | null)[]): string {
  if (typeof value === 'bigint') return `"${value}n"`;
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return String(value);
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (typeof part === 'number' && (!Number.isFinite(part) || Object.is(part, -0))) {
      return `${Object.is(part, -0) ? '-0' : part}f`;
    }
    return part;
  });
}
