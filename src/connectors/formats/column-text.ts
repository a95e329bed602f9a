// A column of a batch -> the text of its values, as lengths (-1 = NULL) and addresses: by the kernels that the wire uses too for the common
// types, value by value for the others.
import type { Vector } from '../../columns/batch.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { TypeSettings } from '../../types/type-settings.ts';

const SLACK = 64;
const TEXT_LIKE = new Set(['text', 'varchar', 'bpchar', 'name', 'char', 'json', 'jsonb', 'unknown']);

interface TextKernel {
  readonly name: string;
  readonly bytes: number;
  readonly extra?: readonly number[];
}

function kernelOf(type: SqlType, vector: Vector, settings: TypeSettings): TextKernel | null {
  const iso = settings.dateStyle.toUpperCase().startsWith('ISO');
  switch (type.name) {
    case 'bool':
      return { name: 'encode_text_bool', bytes: 0 };
    case 'int2':
    case 'int4':
      return { name: 'encode_text_i32', bytes: 16 };
    case 'int8':
      return { name: 'encode_text_i64', bytes: 32 };
    case 'float4':
    case 'float8':
      return settings.extraFloatDigits > 0 ? { name: `encode_text_${vector.physical}`, bytes: 32 } : null;
    case 'numeric':
      if (vector.physical === 'view') return { name: 'encode_numeric_view', bytes: 112, extra: [0] };
      return { name: `encode_text_numeric_${vector.physical}`, bytes: 112, extra: [type.scale ?? 0] };
    case 'date':
      return iso ? { name: 'encode_text_date', bytes: 32 } : null;
    case 'timestamp':
      return iso ? { name: 'encode_text_timestamp', bytes: 48, extra: [0, 0] } : null;
    case 'timestamptz':
      return iso && settings.timeZone.toUpperCase() === 'UTC'
        ? { name: 'encode_text_timestamp', bytes: 48, extra: [1, 0] }
        : null;
    case 'uuid':
      return { name: 'encode_text_uuid', bytes: 48 };
    default:
      return TEXT_LIKE.has(type.name) ? { name: 'encode_view', bytes: 0 } : null;
  }
}

export interface TextContext {
  readonly memory: SharedMemory;
  readonly scratch: Region;
  readonly kernels: KernelLibrary;
  readonly settings: TypeSettings;
}

/** Fills lens and ptrs (u32 each, `count` of them) for the selected rows; the bytes live in the vector or in `scratch`. */
export function columnText(
  context: TextContext,
  vector: Vector,
  selection: number,
  count: number,
  lens: number,
  ptrs: number,
): void {
  const kernel = kernelOf(vector.type, vector, context.settings);
  let leftOver = false;
  if (kernel !== null) {
    const room = context.scratch.allocate(kernel.bytes * count + SLACK);
    const [a = 0, b = 0] = kernel.extra ?? [];
    leftOver =
      context.kernels.get(kernel.name)(lens, ptrs, vector.data, vector.nulls, selection, count, room, a, b) !== 0;
    if (!leftOver) return;
  }
  const { memory, scratch, settings } = context;
  const { type } = vector;
  for (let i = 0; i < count; i++) {
    if (leftOver && memory.i32[(lens >>> 2) + i] !== -2) continue;
    const value = readDatum(memory, vector, selection === 0 ? i : memory.u32[(selection >>> 2) + i]!);
    if (value === null) {
      memory.i32[(lens >>> 2) + i] = -1;
      continue;
    }
    const bytes = Buffer.from(typeOperations(type).formatText(value, type, settings), 'utf8');
    const address = scratch.allocate(bytes.length);
    memory.u8.set(bytes, address);
    memory.i32[(lens >>> 2) + i] = bytes.length;
    memory.u32[(ptrs >>> 2) + i] = address;
  }
}
