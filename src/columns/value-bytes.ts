// Values as bytes: what a view holds for the view-stored kinds, and how elements of arrays and fields of records are laid out
// inside such bytes. The formats are in README.md. Encoding and decoding are inverse for every type and any datum of it.
import { putSized, sizedLength } from '../types/binary-format.ts';
import { type Datum, type Decimal, decimal, type Interval, type SqlArray, type SqlRecord } from '../types/datum.ts';
import { INT2, OID, PHYSICAL_WIDTH, physicalOf, type SqlType, TEXT } from '../types/sql-type.ts';
import { decodeNumeric, encodeNumeric, powerOfTen } from './numeric-bytes.ts';

const SIGN_BIT = 1n << 127n;

/** A uuid's text as the signed 128-bit number of its i128 layout (top bit flipped, so signed order is uuid order). */
export function uuidToI128(text: string): bigint {
  return BigInt.asIntN(128, BigInt(`0x${text.replaceAll('-', '')}`) ^ SIGN_BIT);
}

export function uuidFromI128(value: bigint): string {
  const hex = (BigInt.asUintN(128, value) ^ SIGN_BIT).toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function fixed(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** The bytes of one non-null value of `type`. Numerics are in variable form whatever their precision. */
export function encodeValue(type: SqlType, datum: Datum): Uint8Array {
  switch (type.name) {
    case 'uuid':
      return Uint8Array.from(Buffer.from((datum as string).replaceAll('-', ''), 'hex'));
    case 'numeric':
      return encodeNumeric(datum as Decimal);
    case 'bytea':
      return datum as Uint8Array;
    case 'array':
      return encodeArray(type.element ?? TEXT, datum as SqlArray);
    case 'int2vector':
      return encodeArray(INT2, typeof datum === 'string' ? numberVector(datum) : (datum as SqlArray));
    case 'oidvector':
      return encodeArray(OID, typeof datum === 'string' ? numberVector(datum) : (datum as SqlArray));
    case 'record':
      return encodeRecord(type, datum as SqlRecord);
  }
  switch (physicalOf(type)) {
    case 'bool':
      return Uint8Array.of(datum ? 1 : 0);
    case 'i32':
      return fixed(4, (view) => view.setInt32(0, datum as number, true));
    case 'i64':
      return fixed(8, (view) => view.setBigInt64(0, datum as bigint, true));
    case 'f32':
      return fixed(4, (view) => view.setFloat32(0, datum as number, true));
    case 'f64':
      return fixed(8, (view) => view.setFloat64(0, datum as number, true));
    case 'interval':
      return fixed(16, (view) => {
        const { months, days, micros } = datum as Interval;
        view.setBigInt64(0, micros, true);
        view.setInt32(8, days, true);
        view.setInt32(12, months, true);
      });
    default:
      return Buffer.from(datum as string, 'utf8');
  }
}

/** Signed among those of 32 bits; the others are oids. */
const SIGNED: ReadonlySet<string> = new Set(['int2', 'int4', 'date']);

/** The value whose `encodeValue` is `bytes`. */
export function decodeValue(type: SqlType, bytes: Uint8Array): Datum {
  switch (type.name) {
    case 'uuid':
      return uuidFromI128(BigInt(`0x${asBuffer(bytes).toString('hex')}`) ^ SIGN_BIT);
    case 'numeric':
      return decodeNumeric(bytes);
    case 'bytea':
      return bytes.slice();
    case 'array':
      return decodeArray(type.element ?? TEXT, bytes);
    case 'int2vector':
      return decodeArray(INT2, bytes);
    case 'oidvector':
      return decodeArray(OID, bytes);
    case 'record':
      return decodeRecord(type, bytes);
  }
  const physical = physicalOf(type);
  if (physical === 'view') return asBuffer(bytes).toString('utf8');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (physical) {
    case 'bool':
      return bytes[0] !== 0;
    case 'i32':
      return SIGNED.has(type.name) ? view.getInt32(0, true) : view.getUint32(0, true);
    case 'f32':
      return view.getFloat32(0, true);
    case 'f64':
      return view.getFloat64(0, true);
    case 'interval': {
      const [months, days] = [view.getInt32(12, true), view.getInt32(8, true)];
      return { kind: 'interval', months, days, micros: view.getBigInt64(0, true) };
    }
    default:
      return view.getBigInt64(0, true);
  }
}

/**
 * How the bytes of an array's element become the value of a vector: their number where they are that value, 0 where they are the
 * bytes of a view, UUID_FORM for a uuid; undefined: neither, as for numerics of a fixed precision.
 */
export function elementForm(type: SqlType): number | undefined {
  const physical = physicalOf(type);
  if (type.name === 'uuid') return UUID_FORM;
  if (physical === 'view') return 0;
  return type.name === 'numeric' ? undefined : PHYSICAL_WIDTH[physical];
}
export const UUID_FORM = 17;

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

/** "1 2 3" as the zero-based vector that catalogs hold. */
function numberVector(text: string): SqlArray {
  const elements = text.split(/\s+/).filter((part) => part !== '').map(Number); // biome-ignore format: one pipeline
  return { kind: 'array', dimensions: elements.length === 0 ? [] : [elements.length], lowerBounds: elements.length === 0 ? [] : [0], elements }; // biome-ignore format: one value
}

interface NumberForm {
  readonly width: number;
  write(view: DataView, at: number, datum: Datum): void;
  read(view: DataView, at: number): Datum;
}

const INTEGER: NumberForm = {
  width: 4,
  write: (view, at, datum) => view.setInt32(at, datum as number, true),
  read: (view, at) => view.getInt32(at, true),
};

/** Arrays of them can be long: their elements are written and read in place. */
const NUMBERS: Readonly<Record<string, NumberForm>> = {
  int2: INTEGER,
  int4: INTEGER,
  int8: {
    width: 8,
    write: (view, at, datum) => view.setBigInt64(at, datum as bigint, true),
    read: (view, at) => view.getBigInt64(at, true),
  },
  float8: {
    width: 8,
    write: (view, at, datum) => view.setFloat64(at, datum as number, true),
    read: (view, at) => view.getFloat64(at, true),
  },
};

function encodeArray(element: SqlType, value: SqlArray): Uint8Array {
  const number = NUMBERS[element.name];
  const head = arrayHead(value);
  if (number === undefined || value.elements.includes(null)) return withElements(element, value, head);
  const { width } = number;
  const bytes = new Uint8Array(head.length + value.elements.length * (4 + width));
  bytes.set(head);
  const view = new DataView(bytes.buffer);
  let at = head.length;
  for (const datum of value.elements) {
    view.setInt32(at, width);
    number.write(view, at + 4, datum!);
    at += 4 + width;
  }
  return bytes;
}

function arrayHead(value: SqlArray): Uint8Array {
  const bytes = new Uint8Array(12 + 8 * value.dimensions.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, value.dimensions.length);
  view.setInt32(4, value.elements.includes(null) ? 1 : 0);
  value.dimensions.forEach((size, i) => {
    view.setInt32(12 + 8 * i, size);
    view.setInt32(16 + 8 * i, value.lowerBounds[i] ?? 1);
  });
  return bytes;
}

function withElements(element: SqlType, value: SqlArray, head: Uint8Array): Uint8Array {
  const parts = value.elements.map((datum) => (datum === null ? null : encodeValue(element, datum)));
  const bytes = new Uint8Array(head.length + sizedLength(parts));
  bytes.set(head);
  putSized(bytes, head.length, parts);
  return bytes;
}

function decodeArray(element: SqlType, bytes: Uint8Array): SqlArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getInt32(0);
  const dimensions: number[] = [];
  const lowerBounds: number[] = [];
  let total = count === 0 ? 0 : 1;
  for (let i = 0; i < count; i++) {
    dimensions.push(view.getInt32(12 + 8 * i));
    lowerBounds.push(view.getInt32(16 + 8 * i));
    total *= dimensions[i]!;
  }
  const number = NUMBERS[element.name];
  const elements: (Datum | null)[] = [];
  let at = 12 + 8 * count;
  for (let i = 0; i < total; i++) {
    const length = view.getInt32(at);
    at += 4;
    if (length < 0) elements.push(null);
    else elements.push(number?.read(view, at) ?? decodeValue(element, bytes.subarray(at, at + length)));
    at += Math.max(0, length);
  }
  return { kind: 'array', dimensions, lowerBounds, elements };
}

function fieldType(type: SqlType, index: number): SqlType {
  return type.fields?.[index]?.type ?? TEXT;
}

/** Before each field's length stand four bytes, zero, where PostgreSQL has the type. */
function encodeRecord(type: SqlType, value: SqlRecord): Uint8Array {
  const parts = value.values.map((datum, i) => (datum === null ? null : encodeValue(fieldType(type, i), datum)));
  const bytes = new Uint8Array(4 + sizedLength(parts, 4));
  new DataView(bytes.buffer).setInt32(0, parts.length);
  putSized(bytes, 4, parts, 4);
  return bytes;
}

function decodeRecord(type: SqlType, bytes: Uint8Array): SqlRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getInt32(0);
  const values: (Datum | null)[] = [];
  let at = 4;
  for (let i = 0; i < count; i++) {
    const length = view.getInt32(at + 4);
    at += 8;
    values.push(length < 0 ? null : decodeValue(fieldType(type, i), bytes.subarray(at, at + length)));
    at += Math.max(0, length);
  }
  return { kind: 'record', values };
}

/** A scaled integer as the Decimal it stands for; numeric(p, -s) holds multiples of 10^s and displays no fraction. */
export function scaledDecimal(value: bigint, type: SqlType): Decimal {
  const scale = type.scale ?? 0;
  return scale >= 0 ? decimal(value, scale) : decimal(value * powerOfTen(-scale), 0);
}
