// Arrow columns -> vectors, buffer by buffer: fixed-width values are copied as they are, texts get their views from a kernel; only rare
// types go value by value.
import {
  Vector as ArrowVector,
  type Data,
  DataType,
  DateUnit,
  type Field,
  Precision,
  type RecordBatch,
  TimeUnit,
} from 'apache-arrow';
import { allocateVector, type Batch, type OwnedVector } from '../../columns/batch.ts';
import { writeDatum } from '../../columns/datum-vector.ts';
import type { Region } from '../../columns/region.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import {
  BOOL,
  BYTEA,
  DATE,
  FLOAT4,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  JSONB,
  NUMERIC,
  numericOf,
  type SqlType,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';

/** The SQL type of an Arrow field. Throws 0A000 naming the column. */
export function typeOfField(field: Field): SqlType {
  const type = field.type as DataType;
  if (DataType.isDictionary(type)) return typeOfField({ ...field, type: type.dictionary } as Field);
  if (DataType.isBool(type)) return BOOL;
  if (DataType.isInt(type)) {
    if (type.bitWidth === 64) return type.isSigned ? INT8 : numericOf(20, 0, false);
    if (type.bitWidth === 32) return type.isSigned ? INT4 : INT8;
    return type.bitWidth === 16 && !type.isSigned ? INT4 : INT2;
  }
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? FLOAT8 : FLOAT4;
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return TEXT;
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) return BYTEA;
  if (DataType.isDate(type)) return DATE;
  if (DataType.isTimestamp(type)) return type.timezone ? TIMESTAMPTZ : TIMESTAMP;
  if (DataType.isTime(type)) return TIME;
  if (DataType.isDecimal(type)) return type.precision <= 38 ? numericOf(type.precision, type.scale) : NUMERIC;
  if (DataType.isStruct(type) || DataType.isList(type) || DataType.isMap(type)) return JSONB;
  if (DataType.isNull(type)) return TEXT;
  throw sqlError(
    'feature_not_supported',
    `column "${field.name}" has the Arrow type ${String(type)}, which is not supported`,
  );
}

/** The columns at `places` of a record batch, in that order, as a batch of any length in `region`. */
export function importBatch(
  region: Region,
  kernels: KernelLibrary,
  batch: RecordBatch,
  places: readonly number[],
): Batch {
  const { children } = batch.data;
  const columns = places.map((place) =>
    importColumn(region, kernels, children[place]!, typeOfField(batch.schema.fields[place]!)),
  );
  return { columns, count: batch.numRows, selection: 0, weights: 0 };
}

function importColumn(region: Region, kernels: KernelLibrary, data: Data, type: SqlType): OwnedVector {
  const vector = allocateVector(region, type, Math.max(1, data.length));
  if (data.nullCount > 0 && data.nullBitmap !== undefined && data.nullBitmap.length > 0) {
    const bitmap = copyIn(region, data.nullBitmap);
    kernels.get('arrow_nulls')(vector.nullsRoom, bitmap, data.offset & 7, data.length);
    vector.nulls = vector.nullsRoom;
  }
  if (!copyValues(region, kernels, data, vector)) oneByOne(region, data, vector);
  return vector;
}

function copyIn(region: Region, bytes: Uint8Array): number {
  const address = region.allocate(bytes.length + 16);
  region.arena.shared.u8.set(bytes, address);
  return address;
}

const MICROS: Readonly<Record<number, bigint>> = {
  [TimeUnit.SECOND]: 1_000_000n,
  [TimeUnit.MILLISECOND]: 1000n,
  [TimeUnit.MICROSECOND]: 1n,
};

/** Whole buffers at once; false where the layouts have nothing in common. */
function copyValues(region: Region, kernels: KernelLibrary, data: Data, vector: OwnedVector): boolean {
  const { shared } = region.arena;
  const { type, length } = data;
  const values = data.values as { subarray(from: number, to: number): never } & ArrayLike<never>;
  const first = values === undefined ? undefined : values.subarray(0, length);
  if (DataType.isUtf8(type) || DataType.isBinary(type)) {
    const offsets = data.valueOffsets as Int32Array;
    const base = offsets[0] ?? 0;
    const bytes = copyIn(region, (data.values as Uint8Array).subarray(base, offsets[length]));
    const moved = copyIn(region, new Uint8Array(offsets.buffer, offsets.byteOffset, (length + 1) * 4));
    kernels.get('arrow_views')(vector.data, moved, bytes - base, length);
    return true;
  }
  if (DataType.isInt(type) && type.bitWidth === 64 && type.isSigned)
    shared.i64.set(first! as BigInt64Array, vector.data / 8);
  else if (DataType.isInt(type) && type.bitWidth < 64 && vector.physical === 'i32')
    shared.i32.set(first!, vector.data >>> 2);
  else if (DataType.isFloat(type) && type.precision === Precision.DOUBLE) shared.f64.set(first!, vector.data / 8);
  else if (DataType.isFloat(type) && type.precision === Precision.SINGLE) shared.f32.set(first!, vector.data >>> 2);
  else if (DataType.isDate(type) && type.unit === DateUnit.DAY) shared.i32.set(first!, vector.data >>> 2);
  else if (
    (DataType.isTimestamp(type) || (DataType.isTime(type) && type.bitWidth === 64)) &&
    MICROS[type.unit] !== undefined
  ) {
    const factor = MICROS[type.unit]!;
    if (factor === 1n) shared.i64.set(first! as BigInt64Array, vector.data / 8);
    else for (let i = 0; i < length; i++) shared.i64[vector.data / 8 + i] = (first![i] as bigint) * factor;
  } else if (DataType.isTimestamp(type)) {
    for (let i = 0; i < length; i++) shared.i64[vector.data / 8 + i] = (first![i] as bigint) / 1000n;
  } else if (
    DataType.isDecimal(type) &&
    type.bitWidth === 128 &&
    (vector.physical === 'i64' || vector.physical === 'i128')
  ) {
    const words = data.values as Uint32Array;
    const lanes = new BigInt64Array(words.buffer, words.byteOffset, length * 2);
    if (vector.physical === 'i128') shared.i64.set(lanes, vector.data / 8);
    else for (let i = 0; i < length; i++) shared.i64[vector.data / 8 + i] = lanes[i * 2]!;
  } else return false;
  return true;
}

/** Booleans, dictionaries, nested values and the rest. */
function oneByOne(region: Region, data: Data, vector: OwnedVector): void {
  const { shared } = region.arena;
  const source = new ArrowVector([data]);
  for (let i = 0; i < data.length; i++) {
    const value: unknown = source.get(i);
    if (value === null || value === undefined) writeDatum(shared, vector, i, null, region);
    else if (typeof value === 'boolean' || value instanceof Uint8Array) writeDatum(shared, vector, i, value, region);
    else {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      writeDatum(shared, vector, i, typeOperations(vector.type).parseText(text, vector.type), region);
    }
  }
}
