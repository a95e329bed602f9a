// Smallest and largest value of a column, widened as rows come; they stay when rows are deleted, so they are bounds. Kept for
// bool, i32, i64, f32, f64; a NaN makes the range unknown, as do types whose i32 is unsigned.
import type { SharedMemory } from '../../columns/memory.ts';
import type { BufferColumn } from './row-buffer.ts';

const SIGNED = new Set(['int2', 'int4', 'date']);

interface Range {
  readonly min: number | bigint;
  readonly max: number | bigint;
}

/** Takes rows `at .. at+count` into the column's min and max. */
export function widenRange(memory: SharedMemory, column: BufferColumn, at: number, count: number): void {
  if (at > 0 && column.min === undefined && hadValues(memory, column, at)) return; // unknown stays unknown
  const range = rangeOf(memory, column, at, count);
  if (range === 'none') return;
  if (range === 'unknown') {
    column.min = undefined;
    column.max = undefined;
    return;
  }
  if (column.min === undefined || range.min < column.min) column.min = range.min;
  if (column.max === undefined || range.max > column.max) column.max = range.max;
}

function hadValues(memory: SharedMemory, column: BufferColumn, count: number): boolean {
  return column.nulls === 0 || memory.u8.subarray(column.nulls, column.nulls + count).indexOf(0) >= 0;
}

function rangeOf(memory: SharedMemory, column: BufferColumn, at: number, count: number): Range | 'none' | 'unknown' {
  const { data, nulls } = column;
  switch (column.physical) {
    case 'bool':
      return numberRange(memory, memory.u8, data, nulls, at, count);
    case 'i32':
      if (!SIGNED.has(column.type.name)) return 'unknown';
      return numberRange(memory, memory.i32, data >>> 2, nulls, at, count);
    case 'f32':
      return numberRange(memory, memory.f32, data >>> 2, nulls, at, count);
    case 'f64':
      return numberRange(memory, memory.f64, data / 8, nulls, at, count);
    case 'i64':
      return wideRange(memory, data, nulls, at, count);
    default:
      return 'unknown';
  }
}

function numberRange(
  memory: SharedMemory,
  values: Uint8Array | Int32Array | Float32Array | Float64Array,
  base: number,
  nulls: number,
  at: number,
  count: number,
): Range | 'none' | 'unknown' {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let seen = false;
  for (let row = at; row < at + count; row++) {
    if (nulls !== 0 && memory.u8[nulls + row] !== 0) continue;
    const value = values[base + row]!;
    if (Number.isNaN(value)) return 'unknown';
    seen = true;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return seen ? { min, max } : 'none';
}

/** i64 by halves: a BigInt per value would cost ten times as much. */
function wideRange(memory: SharedMemory, data: number, nulls: number, at: number, count: number): Range | 'none' {
  const { i32, u32, u8 } = memory;
  const base = data >>> 2;
  let minHigh = 0x7fffffff;
  let minLow = 0xffffffff;
  let maxHigh = -0x80000000;
  let maxLow = 0;
  let seen = false;
  for (let row = at; row < at + count; row++) {
    if (nulls !== 0 && u8[nulls + row] !== 0) continue;
    seen = true;
    const low = u32[base + row * 2]!;
    const high = i32[base + row * 2 + 1]!;
    if (high < minHigh || (high === minHigh && low < minLow)) {
      minHigh = high;
      minLow = low;
    }
    if (high > maxHigh || (high === maxHigh && low > maxLow)) {
      maxHigh = high;
      maxLow = low;
    }
  }
  if (!seen) return 'none';
  return { min: (BigInt(minHigh) << 32n) | BigInt(minLow), max: (BigInt(maxHigh) << 32n) | BigInt(maxLow) };
}
