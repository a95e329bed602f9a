// The check of one returned value against the declared type. A value of the type's own JavaScript kind passes; a few
// lossless conversions are made, those a JavaScript programmer expects; everything else is an error that names the function.
import { type SqlError, sqlError } from '../errors/sql-error.ts';

/** A returned value that has no SQL form at all: an object, a function, a promise, ... */
export class ForeignValue {
  readonly kind: string;
  constructor(kind: string) {
    this.kind = kind;
  }
}

const DISPLAY_NAMES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  varchar: 'character varying',
  bpchar: 'character',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
};

const INTEGER_RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int2: [-(2n ** 15n), 2n ** 15n - 1n],
  int4: [-(2n ** 31n), 2n ** 31n - 1n],
  int8: [-(2n ** 63n), 2n ** 63n - 1n],
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const ISO_TIME = /^[+-]?\d{4,6}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/;

export interface ResultType {
  readonly functionName: string;
  readonly typeName: string;
}

function displayName(typeName: string): string {
  if (typeName.endsWith('[]')) return `${displayName(typeName.slice(0, -2))}[]`;
  return DISPLAY_NAMES[typeName] ?? typeName;
}

function shown(value: unknown): string {
  if (value instanceof ForeignValue) return `a value of type ${value.kind}`;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`;
  if (value instanceof Uint8Array) return 'a Uint8Array';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string')
    return `the string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)}`;
  return `the ${typeof value} ${Object.is(value, -0) ? '-0' : String(value).slice(0, 60)}`;
}

function mismatch(type: ResultType, value: unknown): SqlError {
  const hint =
    value instanceof ForeignValue && value.kind === 'promise' ? 'Functions cannot be asynchronous.' : undefined;
  return sqlError(
    'invalid_text_representation',
    `function ${type.functionName} returned ${shown(value)}, which is not a value of type ${displayName(type.typeName)}`,
    hint === undefined ? {} : { hint },
  );
}

function outOfRange(type: ResultType, value: unknown): SqlError {
  return sqlError(
    'numeric_value_out_of_range',
    `function ${type.functionName} returned ${shown(value)}, which is out of range for type ${displayName(type.typeName)}`,
  );
}

function toInteger(type: ResultType, value: unknown): number | bigint {
  let exact: bigint;
  if (typeof value === 'bigint') exact = value;
  else if (typeof value === 'number' && Number.isInteger(value)) exact = BigInt(value);
  else if (typeof value === 'string' && /^\s*[+-]?\d{1,40}\s*$/.test(value))
    exact = BigInt(value.trim().replace(/^\+/, ''));
  else throw mismatch(type, value);
  const [low, high] = INTEGER_RANGES[type.typeName]!;
  if (exact < low || exact > high) throw outOfRange(type, value);
  return type.typeName === 'int8' ? exact : Number(exact);
}

function toFloat(type: ResultType, value: unknown): number {
  let float: number;
  if (typeof value === 'number') float = value;
  else if (typeof value === 'bigint') float = Number(value);
  else if (typeof value === 'string' && DECIMAL.test(value.trim())) float = Number(value);
  else throw mismatch(type, value);
  if (type.typeName === 'float8') {
    if (typeof value !== 'number' && !Number.isFinite(float)) throw outOfRange(type, value);
    return float;
  }
  const narrow = Math.fround(float);
  if (Number.isFinite(float) && (!Number.isFinite(narrow) || (narrow === 0 && float !== 0)))
    throw outOfRange(type, value);
  return narrow;
}

function toNumeric(type: ResultType, value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') {
    const text = value.trim();
    if (DECIMAL.test(text) || /^(?:NaN|[+-]?Infinity)$/i.test(text)) return text;
  }
  throw mismatch(type, value);
}

/** Text as it may stand in a database: PostgreSQL knows no zero byte, and UTF-8 no half of a surrogate pair. */
export function checkText(type: ResultType, text: string): string {
  if (!text.includes('\0') && text.isWellFormed()) return text;
  const what = text.includes('\0') ? 'a string with a zero character' : 'a string with half of a surrogate pair';
  throw sqlError('character_not_in_repertoire', `function ${type.functionName} returned ${what}`);
}

function toText(type: ResultType, value: unknown): string {
  if (typeof value === 'string') {
    if (type.typeName !== 'uuid') return checkText(type, value);
    if (UUID.test(value)) return value.toLowerCase();
  } else if (type.typeName !== 'uuid' && type.typeName !== 'interval') {
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  }
  throw mismatch(type, value);
}

function toTime(type: ResultType, value: unknown): Date | number {
  let time: number;
  if (value instanceof Date) time = value.getTime();
  else if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return value;
  else if (typeof value === 'number') time = value;
  else if (typeof value === 'string' && ISO_TIME.test(value)) {
    // A time without a zone is UTC here, never the server's own zone.
    const text = value.replace(' ', 'T');
    time = Date.parse(/T.*(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  } else throw mismatch(type, value);
  if (Number.isNaN(time)) throw mismatch(type, value);
  if (Math.abs(time) > 8.64e15) throw outOfRange(type, value);
  return new Date(type.typeName === 'date' ? Math.floor(time / 86_400_000) * 86_400_000 : time);
}

function toArray(type: ResultType, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw mismatch(type, value);
  const element: ResultType = { functionName: type.functionName, typeName: type.typeName.slice(0, -2) };
  return value.map((item) => (Array.isArray(item) ? toArray(type, item) : coerceResult(element, item)));
}

/** The value in the JavaScript form of `type` (udf/README.md has the table), null for NULL. Throws 22P02, 22003, 22021. */
export function coerceResult(type: ResultType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type.typeName.endsWith('[]')) return toArray(type, value);
  switch (type.typeName) {
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(type, value);
      return value;
    case 'int2':
    case 'int4':
    case 'int8':
      return toInteger(type, value);
    case 'float4':
    case 'float8':
      return toFloat(type, value);
    case 'numeric':
      return toNumeric(type, value);
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return toTime(type, value);
    case 'json':
    case 'jsonb':
      return value instanceof JsonValue ? value.value : value;
    case 'bytea':
      if (!(value instanceof Uint8Array)) throw mismatch(type, value);
      return value;
    default:
      return toText(type, value);
  }
}

/** A JSON document inside an array of them, kept apart from the arrays around it. */
export class JsonValue {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}
