// SqlType: a logical SQL type as plans, catalogs and columns carry it (plain, structured-cloneable data), and the physical
// layout of its values in a vector. Type modifiers live in the type: numeric(12,2) and varchar(5) are SqlTypes of their own.

/** Names as in pg_type.typname; 'array' carries `element`, 'record' carries `fields`. */
export type TypeName =
  | 'bool'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'float4'
  | 'float8'
  | 'numeric'
  | 'text'
  | 'varchar'
  | 'bpchar'
  | 'name'
  | 'char' // PostgreSQL's one-byte "char"
  | 'bytea'
  | 'uuid'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'interval'
  | 'json'
  | 'jsonb'
  | 'jsonpath'
  | 'oid'
  | 'xid'
  | 'regclass'
  | 'regtype'
  | 'regproc'
  | 'regprocedure'
  | 'regoperator'
  | 'regnamespace'
  | 'regrole'
  | 'int2vector'
  | 'oidvector'
  | 'pg_node_tree'
  | 'aclitem'
  | 'array'
  | 'record'
  | 'void'
  | 'unknown'; // an untyped string literal or NULL before its context decides

export interface SqlType {
  readonly name: TypeName;
  /** numeric(precision, scale). For intermediate results a *derived* precision and scale known to hold every value. */
  readonly precision?: number;
  readonly scale?: number;
  /** true where precision/scale were declared by the user (they become the typmod on the wire), false where derived. */
  readonly declared?: boolean;
  /** varchar(n), bpchar(n): characters. time/timestamp/interval(n): fractional digits in `precision`. */
  readonly length?: number;
  /** interval day to second: what an interval is restricted to */
  readonly intervalFields?: IntervalFields;
  readonly element?: SqlType;
  readonly fields?: readonly { readonly name: string; readonly type: SqlType }[];
}

export type IntervalFields =
  | 'year'
  | 'month'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'year to month'
  | 'day to hour'
  | 'day to minute'
  | 'day to second'
  | 'hour to minute'
  | 'hour to second'
  | 'minute to second';

/**
 * The layout of one value in a vector's data:
 * bool 1 byte (0|1); i32, i64, f32, f64 little-endian; i128 two i64 lanes, low first;
 * interval 16 bytes: i64 microseconds, i32 days, i32 months; view 16 bytes, see columns/view.ts.
 */
export type Physical = 'bool' | 'i32' | 'i64' | 'f32' | 'f64' | 'i128' | 'interval' | 'view';

export const PHYSICAL_WIDTH: Readonly<Record<Physical, number>> = {
  bool: 1,
  i32: 4,
  i64: 8,
  f32: 4,
  f64: 8,
  i128: 16,
  interval: 16,
  view: 16,
};

export function physicalOf(type: SqlType): Physical {
  switch (type.name) {
    case 'bool':
      return 'bool';
    case 'int2':
    case 'int4':
    case 'date': // days since 1970-01-01
    case 'oid': // unsigned, kept in an i32
    case 'xid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regprocedure':
    case 'regoperator':
    case 'regnamespace':
    case 'regrole':
      return 'i32';
    case 'int8':
    case 'time': // microseconds since midnight
    case 'timestamp': // microseconds since 1970-01-01
    case 'timestamptz': // microseconds since 1970-01-01 UTC
      return 'i64';
    case 'float4':
      return 'f32';
    case 'float8':
      return 'f64';
    case 'uuid': // the 128-bit big-endian value with its top bit flipped, so that signed i128 order is uuid order
      return 'i128';
    case 'interval':
      return 'interval';
    case 'numeric':
      if (type.precision === undefined || type.precision > 38) return 'view';
      return type.precision <= 18 ? 'i64' : 'i128';
    default:
      return 'view';
  }
}

export const BOOL: SqlType = { name: 'bool' };
export const INT2: SqlType = { name: 'int2' };
export const INT4: SqlType = { name: 'int4' };
export const INT8: SqlType = { name: 'int8' };
export const FLOAT4: SqlType = { name: 'float4' };
export const FLOAT8: SqlType = { name: 'float8' };
export const NUMERIC: SqlType = { name: 'numeric' };
export const TEXT: SqlType = { name: 'text' };
export const VARCHAR: SqlType = { name: 'varchar' };
export const NAME: SqlType = { name: 'name' };
export const BYTEA: SqlType = { name: 'bytea' };
export const UUID: SqlType = { name: 'uuid' };
export const DATE: SqlType = { name: 'date' };
export const TIME: SqlType = { name: 'time' };
export const TIMESTAMP: SqlType = { name: 'timestamp' };
export const TIMESTAMPTZ: SqlType = { name: 'timestamptz' };
export const INTERVAL: SqlType = { name: 'interval' };
export const JSONB: SqlType = { name: 'jsonb' };
export const OID: SqlType = { name: 'oid' };
export const UNKNOWN: SqlType = { name: 'unknown' };

export function arrayOf(element: SqlType): SqlType {
  return { name: 'array', element };
}

/** numeric(precision, scale) as the user wrote it. */
export function numericOf(precision: number, scale: number, declared = true): SqlType {
  return { name: 'numeric', precision, scale, declared };
}

/** Same type including modifiers and element types. */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (a === b) return true;
  if (a.name !== b.name || a.precision !== b.precision || a.scale !== b.scale || a.length !== b.length) return false;
  if (a.intervalFields !== b.intervalFields) return false;
  if (a.element !== undefined || b.element !== undefined) {
    return a.element !== undefined && b.element !== undefined && sameType(a.element, b.element);
  }
  const left = a.fields ?? [];
  const right = b.fields ?? [];
  return left.length === right.length && left.every((field, i) => sameType(field.type, right[i]!.type));
}
