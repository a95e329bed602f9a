// The reply of a call -> a column of JavaScript values of the declared return type. Nothing in the reply is trusted: the
// guest's code wrote it, so every length, offset and value is checked here, in the server's own process.
import { sqlError } from '../errors/sql-error.ts';
import { checkText, coerceResult, ForeignValue, JsonValue, type ResultType } from './coerce-result.ts';
import { align8, type Frame, type GuestFailure } from './sandbox/frame.ts';
import { type UdfDefinition, type WireForm, wireForm } from './udf-definition.ts';

interface ReplyBody {
  readonly error?: Partial<GuestFailure>;
  readonly odd?: unknown;
  readonly values?: unknown;
}

/** The function's own exception, or a column of results. */
export type DecodedReply =
  | { readonly kind: 'failed'; readonly failure: GuestFailure }
  | { readonly kind: 'values'; readonly values: unknown[] };

function malformed(def: UdfDefinition): Error {
  return sqlError('external_routine_exception', `function ${def.name} failed: its results cannot be read`);
}

/** A wire value (see guest-prelude.ts) as the JavaScript value it stands for. */
function fromWire(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(fromWire);
  const { k, v } = value as { k?: unknown; v?: unknown };
  if (k === 'json') return new JsonValue(v);
  if (k === 'number' && typeof v === 'string') return Number(v);
  if (k === 'bigint' && typeof v === 'string' && /^-?\d{1,100}$/.test(v)) return BigInt(v);
  if (k === 'date') return new Date(typeof v === 'number' ? v : Number.NaN);
  if (k === 'bytes' && typeof v === 'string') return new Uint8Array(Buffer.from(v, 'hex'));
  return new ForeignValue(String(k).slice(0, 20));
}

function failureOf(error: Partial<GuestFailure>): GuestFailure {
  const text = (value: unknown, limit: number) => String(value ?? '').slice(0, limit);
  const row = typeof error.row === 'number' && error.row >= 0 ? { row: error.row } : {};
  return { name: text(error.name, 100), message: text(error.message, 1000), stack: text(error.stack, 4000), ...row };
}

const WIDTHS: Partial<Record<WireForm, number>> = { bool: 1, i16: 2, i32: 4, f32: 4, i64: 8, f64: 8, ms: 8 };

function readTyped(form: WireForm, type: ResultType, data: Uint8Array, rows: number): unknown[] {
  const nulls = data.subarray(0, rows);
  const at = data.byteOffset + align8(rows);
  const values = new Array<unknown>(rows).fill(null);
  const section: ArrayLike<unknown> =
    form === 'i16'
      ? new Int16Array(data.buffer, at, rows)
      : form === 'i32'
        ? new Int32Array(data.buffer, at, rows)
        : form === 'i64'
          ? new BigInt64Array(data.buffer, at, rows)
          : form === 'f32'
            ? new Float32Array(data.buffer, at, rows)
            : form === 'bool'
              ? new Uint8Array(data.buffer, at, rows)
              : new Float64Array(data.buffer, at, rows);
  for (let i = 0; i < rows; i++) {
    if (nulls[i] === 1) continue;
    if (form === 'bool') values[i] = section[i] === 1;
    else if (form === 'ms') values[i] = coerceResult(type, new Date(section[i] as number));
    else values[i] = section[i];
  }
  return values;
}

function readBytes(data: Uint8Array, rows: number): unknown[] | undefined {
  const at = align8(rows);
  const start = at + (rows + 1) * 4;
  if (data.length < start) return undefined;
  const ends = new Int32Array(data.buffer, data.byteOffset + at, rows + 1);
  const values = new Array<unknown>(rows).fill(null);
  for (let i = 0; i < rows; i++) {
    if (ends[i]! < 0 || ends[i + 1]! < ends[i]! || start + ends[i + 1]! > data.length) return undefined;
    if (data[i] !== 1) values[i] = data.slice(start + ends[i]!, start + ends[i + 1]!);
  }
  return values;
}

function readValues(form: WireForm, type: ResultType, values: unknown[]): unknown[] {
  if (form === 'json') return values;
  if (form === 'wire') return values.map((value) => coerceResult(type, fromWire(value)));
  const checked = type.typeName === 'text' || type.typeName === 'varchar' || type.typeName === 'bpchar';
  return values.map((value) =>
    checked && typeof value === 'string' ? checkText(type, value) : coerceResult(type, fromWire(value)),
  );
}

function readColumn(def: UdfDefinition, body: ReplyBody, data: Uint8Array, rows: number): unknown[] {
  const form = wireForm(def.returnType)!;
  const type: ResultType = { functionName: def.name, typeName: def.returnType };
  let values: unknown[] | undefined;
  if (form === 'text' || form === 'json' || form === 'wire') {
    if (!Array.isArray(body.values) || body.values.length !== rows) throw malformed(def);
    values = readValues(form, type, body.values);
  } else if (form === 'bytes') {
    values = readBytes(data, rows);
  } else if (data.length >= align8(rows) + rows * WIDTHS[form]!) {
    values = readTyped(form, type, data, rows);
  }
  if (values === undefined || !Array.isArray(body.odd)) throw malformed(def);
  for (const entry of body.odd as unknown[]) {
    if (!Array.isArray(entry) || !Number.isInteger(entry[0]) || entry[0] < 0 || entry[0] >= rows) throw malformed(def);
    values[entry[0] as number] = coerceResult(type, fromWire(entry[1]));
  }
  return values;
}

/** Reads a `done` reply to a call of `rows` rows. Throws what coerceResult throws, and 38000 for a reply without sense. */
export function decodeReply(def: UdfDefinition, frame: Frame, rows: number): DecodedReply {
  let body: ReplyBody;
  try {
    body = JSON.parse(frame.json) as ReplyBody;
  } catch {
    throw malformed(def);
  }
  if (typeof body !== 'object' || body === null) throw malformed(def);
  if (body.error !== undefined && body.error !== null) return { kind: 'failed', failure: failureOf(body.error) };
  return { kind: 'values', values: readColumn(def, body, frame.data, rows) };
}
