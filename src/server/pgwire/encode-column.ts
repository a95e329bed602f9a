// One column of a batch slice -> pieces: for each row the length (-1 = NULL) and address of its text or binary form. Kernels do
// it for the common types; the per-value functions of src/types for the long tail and for rows a kernel leaves over (-2).
import type { Vector } from '../../columns/batch.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import type { Kernel, KernelLibrary } from '../../kernels/kernel-library.ts';
import type { Format, OutputSettings } from '../../session/session-contract.ts';
import type { Datum } from '../../types/datum.ts';
import { PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';

/** The per-value forms of a type. */
export interface ValueForms {
  formatText(type: SqlType, value: Datum, settings: OutputSettings): string;
  encodeBinary(type: SqlType, value: Datum): Uint8Array;
  /** seconds east of UTC of a zone at a moment (microseconds since 1970-01-01 UTC) */
  zoneOffset(timeZone: string, micros: bigint): number;
}

/** How a column is encoded: a kernel with its scratch, or value by value. */
export type ColumnPlan =
  | {
      readonly kind: 'kernel';
      readonly kernel: Kernel;
      readonly scratchPerValue: number;
      readonly extra: readonly number[];
    }
  /** scratch depends on the bytes of the values */
  | { readonly kind: 'bytes'; readonly kernel: Kernel; readonly perByte: number; readonly perValue: number }
  | { readonly kind: 'zoned'; readonly kernel: Kernel }
  | { readonly kind: 'values' };

/** Rows positions 0..count-1 of a vector: through `selection`, or from `firstRow` on where selection is 0. */
export interface Slice {
  readonly selection: number;
  readonly firstRow: number;
  readonly count: number;
}

export interface EncodeContext {
  readonly memory: SharedMemory;
  readonly scratch: Region;
  readonly forms: ValueForms;
  readonly settings: OutputSettings;
  readonly viewBytes: Kernel;
}

const UTC_NAMES = new Set(['UTC', 'ETC/UTC', 'GMT', 'ETC/GMT', 'UCT', 'ETC/UCT', 'ZULU', 'ETC/ZULU', 'UNIVERSAL', 'Z']);
/** Kernels may write whole words past the last value. */
const SCRATCH_SLACK = 64;

export function planColumn(
  kernels: KernelLibrary,
  vector: Vector,
  format: Format,
  settings: OutputSettings,
): ColumnPlan {
  return format === 0 ? planText(kernels, vector, settings) : planBinary(kernels, vector);
}

function planText(kernels: KernelLibrary, vector: Vector, settings: OutputSettings): ColumnPlan {
  const { type } = vector;
  const byKernel = (name: string, scratchPerValue: number, ...extra: number[]): ColumnPlan => {
    return { kind: 'kernel', kernel: kernels.get(name), scratchPerValue, extra };
  };
  const values: ColumnPlan = { kind: 'values' };
  const iso = settings.dateStyle.toUpperCase().startsWith('ISO');
  switch (type.name) {
    case 'bool':
      return byKernel('encode_text_bool', 0);
    case 'int2':
    case 'int4':
      return byKernel('encode_text_i32', 16);
    case 'oid':
    case 'xid':
      return byKernel('encode_text_u32', 16);
    case 'int8':
      return byKernel('encode_text_i64', 32);
    case 'float4':
      return settings.extraFloatDigits > 0 ? byKernel('encode_text_f32', 32) : values;
    case 'float8':
      return settings.extraFloatDigits > 0 ? byKernel('encode_text_f64', 32) : values;
    case 'numeric':
      if (vector.physical === 'view') return byKernel('encode_numeric_view', 112, 0);
      if (vector.physical === 'i64') return byKernel('encode_text_numeric_i64', 32, type.scale ?? 0);
      return byKernel('encode_text_numeric_i128', 112, type.scale ?? 0);
    case 'date':
      return iso ? byKernel('encode_text_date', 32) : values;
    case 'time':
      return byKernel('encode_text_time', 32);
    case 'timestamp':
      return iso ? byKernel('encode_text_timestamp', 48, 0, 0) : values;
    case 'timestamptz':
      if (!iso) return values;
      if (UTC_NAMES.has(settings.timeZone.toUpperCase())) return byKernel('encode_text_timestamp', 48, 1, 0);
      return { kind: 'zoned', kernel: kernels.get('encode_text_timestamp') };
    case 'interval':
      return settings.intervalStyle.toLowerCase() === 'postgres' ? byKernel('encode_text_interval', 96) : values;
    case 'uuid':
      return byKernel('encode_text_uuid', 48);
    case 'bytea':
      if (settings.byteaOutput !== 'hex') return values;
      return { kind: 'bytes', kernel: kernels.get('encode_text_bytea'), perByte: 2, perValue: 2 };
    default:
      return isTextLike(type) ? byKernel('encode_view', 0) : values;
  }
}

function planBinary(kernels: KernelLibrary, vector: Vector): ColumnPlan {
  const { type } = vector;
  const byKernel = (name: string, scratchPerValue: number, ...extra: number[]): ColumnPlan => {
    return { kind: 'kernel', kernel: kernels.get(name), scratchPerValue, extra };
  };
  switch (type.name) {
    case 'bool':
      return byKernel('encode_binary_bool', 0);
    case 'int2':
      return byKernel('encode_binary_i16', 2);
    case 'date':
      return byKernel('encode_binary_date', 4);
    case 'int8':
    case 'float8':
    case 'time':
      return byKernel('encode_binary_8', 8);
    case 'timestamp':
    case 'timestamptz':
      return byKernel('encode_binary_timestamp', 8);
    case 'interval':
      return byKernel('encode_binary_interval', 16);
    case 'uuid':
      return byKernel('encode_binary_uuid', 16);
    case 'numeric':
      if (vector.physical === 'view') return byKernel('encode_numeric_view', 112, 1);
      return byKernel(`encode_binary_numeric_${vector.physical}`, 112, type.scale ?? 0);
    case 'jsonb':
      return { kind: 'bytes', kernel: kernels.get('encode_binary_jsonb'), perByte: 1, perValue: 1 };
    case 'bytea':
      return byKernel('encode_view', 0);
    default:
      if (vector.physical === 'i32' || vector.physical === 'f32') return byKernel('encode_binary_4', 4);
      return isTextLike(type) && type.name !== 'aclitem' ? byKernel('encode_view', 0) : { kind: 'values' };
  }
}

/** Types whose view holds their text. */
function isTextLike(type: SqlType): boolean {
  switch (type.name) {
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'name':
    case 'char':
    case 'json':
    case 'jsonb':
    case 'pg_node_tree':
    case 'aclitem':
    case 'unknown':
      return true;
    default:
      return false;
  }
}

/** Fills `lens` and `ptrs` (addresses of count u32 each) for the slice. */
export function encodeColumn(
  context: EncodeContext,
  plan: ColumnPlan,
  vector: Vector,
  format: Format,
  slice: Slice,
  lens: number,
  ptrs: number,
): void {
  const { scratch } = context;
  const { selection, count } = slice;
  if (plan.kind === 'values') {
    encodeValues(context, vector, format, slice, lens, ptrs, false);
    return;
  }
  const data = vector.data + slice.firstRow * PHYSICAL_WIDTH[vector.physical];
  const nulls = vector.nulls === 0 ? 0 : vector.nulls + slice.firstRow;
  if (plan.kind === 'kernel') {
    const room = scratch.allocate(plan.scratchPerValue * count + SCRATCH_SLACK);
    const [a = 0, b = 0] = plan.extra;
    const status = plan.kernel(lens, ptrs, data, nulls, selection, count, room, a, b);
    if (status !== 0) encodeValues(context, vector, format, slice, lens, ptrs, true);
  } else if (plan.kind === 'bytes') {
    const total = scratch.allocate(8);
    context.viewBytes(total, data, nulls, selection, count);
    const room = scratch.allocate(
      context.memory.f64[total / 8]! * plan.perByte + plan.perValue * count + SCRATCH_SLACK,
    );
    plan.kernel(lens, ptrs, data, nulls, selection, count, room);
  } else {
    const room = scratch.allocate(48 * count + SCRATCH_SLACK);
    const offsets = zoneOffsets(context, data, nulls, selection, count);
    plan.kernel(lens, ptrs, data, nulls, selection, count, room, 1, offsets);
  }
}

const QUARTER_HOUR = 900_000_000n;
/** 1973; before, some zones changed at odd seconds. */
const REGULAR_SINCE = 94_694_400_000_000n;

/** Seconds east of UTC per position; neighbours in the same quarter of an hour share one look-up, as no zone changes inside one now. */
function zoneOffsets(context: EncodeContext, data: number, nulls: number, selection: number, count: number): number {
  const { memory, scratch, forms, settings } = context;
  const address = scratch.allocate(4 * count);
  let lastQuarter: bigint | null = null;
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const row = selection === 0 ? i : memory.u32[(selection >>> 2) + i]!;
    if (nulls !== 0 && memory.u8[nulls + row] !== 0) continue;
    const micros = memory.i64[data / 8 + row]!;
    const quarter = micros / QUARTER_HOUR;
    if (quarter !== lastQuarter || micros < REGULAR_SINCE) {
      offset = isInfinite(micros) ? 0 : forms.zoneOffset(settings.timeZone, micros);
      lastQuarter = quarter;
    }
    memory.i32[(address >>> 2) + i] = offset;
  }
  return address;
}

function isInfinite(micros: bigint): boolean {
  return micros === 0x7fff_ffff_ffff_ffffn || micros === -0x8000_0000_0000_0000n;
}

/** Value by value; with `leftOver` only where the kernel left -2. */
function encodeValues(
  context: EncodeContext,
  vector: Vector,
  format: Format,
  slice: Slice,
  lens: number,
  ptrs: number,
  leftOver: boolean,
): void {
  const { memory, scratch, forms, settings } = context;
  for (let i = 0; i < slice.count; i++) {
    if (leftOver && memory.i32[(lens >>> 2) + i] !== -2) continue;
    const row = slice.selection === 0 ? slice.firstRow + i : memory.u32[(slice.selection >>> 2) + i]!;
    const value = readDatum(memory, vector, row);
    if (value === null) {
      memory.i32[(lens >>> 2) + i] = -1;
      continue;
    }
    const bytes =
      format === 0
        ? Buffer.from(forms.formatText(vector.type, value, settings), 'utf8')
        : forms.encodeBinary(vector.type, value);
    const address = scratch.allocate(bytes.length);
    memory.u8.set(bytes, address);
    memory.i32[(lens >>> 2) + i] = bytes.length;
    memory.u32[(ptrs >>> 2) + i] = address;
  }
}
