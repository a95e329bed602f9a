// Argument columns of JavaScript values -> the JSON and the typed-array sections of a call frame. The reading side is
// sandbox/guest-prelude.ts. Numeric columns become sections, so that a vectorized function gets a typed array as is.
import { sqlError } from '../errors/sql-error.ts';
import { align8 } from './sandbox/frame.ts';
import type { CallSpec, ColumnSpec } from './sandbox/guest-prelude.ts';
import { type UdfDefinition, type WireForm, wireForm } from './udf-definition.ts';

/** A column of values, NULL as null: an array, or a typed array where none is NULL. */
export type UdfColumn = ArrayLike<unknown>;

export interface EncodedCall {
  readonly json: string;
  readonly data: Uint8Array[];
  /** About the size of the frame. */
  readonly bytes: number;
}

interface Sections {
  readonly pieces: Uint8Array[];
  length: number;
}

/** Appends a section at the next 8-aligned offset and returns that offset. */
function append(sections: Sections, bytes: Uint8Array): number {
  const at = align8(sections.length);
  if (at > sections.length) sections.pieces.push(new Uint8Array(at - sections.length));
  sections.pieces.push(bytes);
  sections.length = at + bytes.length;
  return at;
}

function bytesOf(section: ArrayBufferView): Uint8Array {
  return new Uint8Array(section.buffer, section.byteOffset, section.byteLength);
}

/** Milliseconds of a date or time given as Date, milliseconds, or bigint microseconds; infinities are ±Infinity. */
export function milliseconds(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint') return Number(value / 1000n);
  return Number(value);
}

const TYPED = {
  i16: Int16Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

function encodeTyped(form: WireForm, column: UdfColumn, rows: number): ArrayBufferView {
  switch (form) {
    case 'i16':
    case 'i32':
    case 'f32':
    case 'f64': {
      const section = new TYPED[form](rows);
      for (let i = 0; i < rows; i++) section[i] = column[i] as number;
      return section;
    }
    case 'i64': {
      const section = new BigInt64Array(rows);
      for (let i = 0; i < rows; i++) if (column[i] != null) section[i] = BigInt(column[i] as bigint | number);
      return section;
    }
    case 'bool': {
      const section = new Uint8Array(rows);
      for (let i = 0; i < rows; i++) section[i] = column[i] === true ? 1 : 0;
      return section;
    }
    default: {
      const section = new Float64Array(rows);
      for (let i = 0; i < rows; i++) if (column[i] != null) section[i] = milliseconds(column[i]);
      return section;
    }
  }
}

/** One section: int32 ends (rows + 1 of them, the first 0), then the bytes of all rows. */
function encodeBytes(column: UdfColumn, rows: number): Uint8Array {
  const ends = new Int32Array(rows + 1);
  for (let i = 0; i < rows; i++) ends[i + 1] = ends[i]! + ((column[i] as Uint8Array | null)?.length ?? 0);
  const section = new Uint8Array(ends.byteLength + ends[rows]!);
  section.set(bytesOf(ends));
  for (let i = 0; i < rows; i++)
    if (column[i] != null) section.set(column[i] as Uint8Array, ends.byteLength + ends[i]!);
  return section;
}

function encodeNulls(column: UdfColumn, rows: number): Uint8Array | undefined {
  if (ArrayBuffer.isView(column)) return undefined;
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < rows; i++) {
    if (column[i] !== null && column[i] !== undefined) continue;
    nulls ??= new Uint8Array(rows);
    nulls[i] = 1;
  }
  return nulls;
}

/** An element of an array argument, with the marks that guest-prelude.ts reads. */
function toWire(value: unknown, elementType: string): unknown {
  if (value === null || value === undefined) return null;
  if (elementType === 'json' || elementType === 'jsonb') return { k: 'json', v: value };
  if (Array.isArray(value)) return value.map((item) => toWire(item, elementType));
  if (elementType === 'date' || elementType.startsWith('timestamp')) {
    const time = milliseconds(value);
    return Number.isFinite(time) ? { k: 'date', v: time } : { k: 'number', v: String(time) };
  }
  if (elementType === 'int8' || typeof value === 'bigint') return { k: 'bigint', v: String(value) };
  if (value instanceof Uint8Array) return { k: 'bytes', v: Buffer.from(value).toString('hex') };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { k: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
  }
  return value;
}

function encodeValues(form: WireForm, typeName: string, column: UdfColumn, rows: number): unknown[] {
  const values = new Array<unknown>(rows);
  for (let i = 0; i < rows; i++) {
    const value = column[i] ?? null;
    if (value === null || form === 'json') values[i] = value;
    else if (form === 'text') values[i] = String(value);
    else values[i] = (value as unknown[]).map((item) => toWire(item, typeName.slice(0, -2)));
  }
  return values;
}

function encodeColumn(typeName: string, column: UdfColumn, rows: number, sections: Sections): ColumnSpec {
  const form = wireForm(typeName);
  if (form === undefined)
    throw sqlError('feature_not_supported', `functions cannot take arguments of type ${typeName}`);
  if (form === 'text' || form === 'json' || form === 'wire') {
    return { form, values: encodeValues(form, typeName, column, rows) };
  }
  const nulls = encodeNulls(column, rows);
  const section = form === 'bytes' ? encodeBytes(column, rows) : bytesOf(encodeTyped(form, column, rows));
  return { form, at: append(sections, section), nulls: nulls === undefined ? -1 : append(sections, nulls) };
}

/** The frame of one call: `rows` values of every argument. */
export function encodeCall(def: UdfDefinition, columns: readonly UdfColumn[], rows: number): EncodedCall {
  const sections: Sections = { pieces: [], length: 0 };
  const specs = def.argTypes.map((typeName, k) => encodeColumn(typeName, columns[k]!, rows, sections));
  const spec: CallSpec = { rows, columns: specs };
  const json = JSON.stringify(spec);
  return { json, data: sections.pieces, bytes: json.length + sections.length };
}
