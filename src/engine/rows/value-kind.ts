// What kernels know of a type: its kind, which is the layout of its values plus the meaning of hash, equality and order (kernels'
// shared/values.ts), and for values made of others the shape: the kinds of elements or fields.
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import { INT2, OID, physicalOf, type SqlType } from '../../types/sql-type.ts';

/** Kinds of columns and items. Numbers are those in assembly/rows.ts. */
export const ROW_KIND = {
  bool: 0, i32: 1, i64: 2, f32: 3, f64: 4, i128: 5, interval: 6, view: 7, numeric: 8, bpchar: 9, u32: 10, array: 11, record: 12, jsonb: 13,
} as const; // biome-ignore format: a table

/** The kind of a column of this type. */
export function rowKind(type: SqlType): number {
  const physical = physicalOf(type);
  if (physical === 'view') return viewKind(type);
  if (physical === 'i32' && !['int2', 'int4', 'date'].includes(type.name)) return ROW_KIND.u32;
  return ROW_KIND[physical];
}

function viewKind(type: SqlType): number {
  switch (type.name) {
    case 'numeric':
    case 'bpchar':
    case 'array':
    case 'jsonb':
      return ROW_KIND[type.name];
    case 'int2vector':
    case 'oidvector':
      return ROW_KIND.array;
    case 'record':
      return type.fields === undefined ? ROW_KIND.view : ROW_KIND.record;
    default:
      return ROW_KIND.view;
  }
}

/** Types of the items that values of a type are made of: an array's element, a record's fields. */
function itemTypes(type: SqlType): readonly SqlType[] {
  switch (type.name) {
    case 'array':
      return [type.element!];
    case 'int2vector':
      return [INT2];
    case 'oidvector':
      return [OID];
    default:
      return type.fields?.map((field) => field.type) ?? [];
  }
}

/** Inside other values numerics are never scaled, and the bytes of uuids are in their order. */
function itemKind(type: SqlType): number {
  if (type.name === 'numeric') return ROW_KIND.numeric;
  return type.name === 'uuid' ? ROW_KIND.view : rowKind(type);
}

/** Address of the shape of a type's values, {u32 items, per item u32 kind, u32 shape}; 0: they are not made of others. */
export function valueShape(memory: SharedMemory, region: Region, type: SqlType): number {
  const items = itemTypes(type);
  if (items.length === 0) return 0;
  const address = region.allocate(4 + items.length * 8);
  const word = address >>> 2;
  memory.u32[word] = items.length;
  items.forEach((item, i) => {
    memory.u32[word + 1 + i * 2] = itemKind(item);
    memory.u32[word + 2 + i * 2] = valueShape(memory, region, item);
  });
  return address;
}
