// Single values in and out of vectors, for the edges: constants, per-row functions, catalog rows, tests. Hot paths use kernels.
import { sqlError } from '../errors/sql-error.ts';
import type { Datum, Decimal, Interval } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { OwnedVector, Vector } from './batch.ts';
import { codeAt, type EncodedVector, type Encoding } from './encoding.ts';
import type { SharedMemory } from './memory.ts';
import { coefficientAt, powerOfTen } from './numeric-bytes.ts';
import type { Region } from './region.ts';
import { decodeValue, encodeValue, scaledDecimal, uuidFromI128, uuidToI128 } from './value-bytes.ts';
import { VIEW_BYTES, VIEW_INLINE, writeView } from './view.ts';

export { decodeValue, encodeValue };

/** The value of `vector` at `row`, or null. */
export function readDatum(memory: SharedMemory, vector: EncodedVector, row: number): Datum | null {
  if (vector.nulls !== 0 && memory.u8[vector.nulls + row] !== 0) return null;
  if (vector.encoding) return readCode(memory, vector, vector.encoding, row);
  const { type, data } = vector;
  switch (vector.physical) {
    case 'bool':
      return memory.u8[data + row] !== 0;
    case 'i32':
      return isUnsigned(type) ? memory.u32[(data >>> 2) + row]! : memory.i32[(data >>> 2) + row]!;
    case 'i64': {
      const value = memory.i64[data / 8 + row]!;
      return type.name === 'numeric' ? scaledDecimal(value, type) : value;
    }
    case 'f32':
      return memory.f32[(data >>> 2) + row]!;
    case 'f64':
      return memory.f64[data / 8 + row]!;
    case 'i128': {
      const at = data / 8 + row * 2;
      const value = (memory.i64[at + 1]! << 64n) | BigInt.asUintN(64, memory.i64[at]!);
      return type.name === 'uuid' ? uuidFromI128(value) : scaledDecimal(value, type);
    }
    case 'interval': {
      const at = data + row * 16;
      return {
        kind: 'interval',
        months: memory.i32[(at + 12) >>> 2]!,
        days: memory.i32[(at + 8) >>> 2]!,
        micros: memory.i64[at / 8]!,
      };
    }
    case 'view':
      return readView(memory, type, data + row * 16);
  }
}

function readCode(memory: SharedMemory, vector: EncodedVector, encoding: Encoding, row: number): Datum {
  const { type, physical, data } = vector;
  const code = codeAt(memory, data, encoding.codeBytes, row);
  if (encoding.dictionary !== 0) return readView(memory, type, encoding.dictionary + code * VIEW_BYTES);
  if (physical === 'i32') return Number(encoding.base) + code;
  const value = encoding.base + BigInt(code);
  return type.name === 'numeric' ? scaledDecimal(value, type) : value;
}

function readView(memory: SharedMemory, type: SqlType, at: number): Datum {
  const length = memory.u32[at >>> 2]!;
  const start = length <= VIEW_INLINE ? at + 4 : memory.u32[(at + 8) >>> 2]!;
  switch (type.name) {
    case 'numeric':
    case 'bytea':
    case 'array':
    case 'record':
    case 'int2vector':
    case 'oidvector':
      return decodeValue(type, memory.u8.subarray(start, start + length));
    default:
      return memory.bytes.toString('utf8', start, start + length);
  }
}

function isUnsigned(type: SqlType): boolean {
  return type.name !== 'int4' && type.name !== 'int2' && type.name !== 'date';
}

/** Room for a vector's null bytes: an OwnedVector has its own; another vector must already have null bytes to hold a NULL. */
function markNull(memory: SharedMemory, vector: OwnedVector | Vector, row: number, isNull: boolean): void {
  if (vector.nulls === 0) {
    if (!isNull) return;
    if (!('nullsRoom' in vector)) throw new Error('the vector has no room for nulls');
    memory.u8.fill(0, vector.nullsRoom, vector.nullsRoom + vector.capacity);
    vector.nulls = vector.nullsRoom;
  }
  memory.u8[vector.nulls + row] = isNull ? 1 : 0;
}

/**
 * Writes one value; long bytes go to `heap`. NULL sets the row's null byte and leaves the data zero (so garbage is never read).
 * Throws 22003 when a numeric does not fit the type's precision.
 */
export function writeDatum(
  memory: SharedMemory,
  vector: OwnedVector | Vector,
  row: number,
  value: Datum | null,
  heap: Region,
): void {
  markNull(memory, vector, row, value === null);
  const { type, data } = vector;
  switch (vector.physical) {
    case 'bool':
      memory.u8[data + row] = value ? 1 : 0;
      return;
    case 'i32':
      memory.i32[(data >>> 2) + row] = value === null ? 0 : (value as number);
      return;
    case 'i64':
      memory.i64[data / 8 + row] =
        value === null ? 0n : type.name === 'numeric' ? coefficientOf(type, value as Decimal) : (value as bigint);
      return;
    case 'f32':
      memory.f32[(data >>> 2) + row] = value === null ? 0 : (value as number);
      return;
    case 'f64':
      memory.f64[data / 8 + row] = value === null ? 0 : (value as number);
      return;
    case 'i128': {
      const wide =
        value === null
          ? 0n
          : type.name === 'uuid'
            ? uuidToI128(value as string)
            : coefficientOf(type, value as Decimal);
      memory.i64[data / 8 + row * 2] = BigInt.asIntN(64, wide);
      memory.i64[data / 8 + row * 2 + 1] = wide >> 64n;
      return;
    }
    case 'interval': {
      const at = data + row * 16;
      const parts = value as Interval | null;
      memory.i64[at / 8] = parts?.micros ?? 0n;
      memory.i32[(at + 8) >>> 2] = parts?.days ?? 0;
      memory.i32[(at + 12) >>> 2] = parts?.months ?? 0;
      return;
    }
    case 'view':
      writeView(memory, data + row * 16, value === null ? EMPTY : encodeValue(type, value), heap);
  }
}

const EMPTY = new Uint8Array(0);

function coefficientOf(type: SqlType, value: Decimal): bigint {
  if (value.special !== undefined) {
    throw sqlError('feature_not_supported', `numeric with a precision up to 38 cannot hold ${value.special}`, {
      hint: 'Use numeric without a precision.',
    });
  }
  const scale = type.scale ?? 0;
  const coefficient = coefficientAt(value, scale);
  const limit = powerOfTen(type.precision ?? 38);
  if (coefficient >= limit || coefficient <= -limit) {
    const room = (type.precision ?? 38) - scale;
    throw sqlError('numeric_value_out_of_range', 'numeric field overflow', {
      detail: `A field with precision ${type.precision}, scale ${scale} must round to an absolute value less than ${room === 0 ? '1' : `10^${room}`}.`,
    });
  }
  return coefficient;
}
