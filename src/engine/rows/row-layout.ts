// The shape of a row and the descriptors by which kernels know it. A row: header {u32 hash, u32 link, u8 mark}, a null byte per
// column, then slots of the columns' physical widths (wide ones first), then the operator's state bytes. Format: README.md.
import type { Vector } from '../../columns/batch.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import type { SortKey } from '../../plan/expression.ts';
import { PHYSICAL_WIDTH, physicalOf, type SqlType } from '../../types/sql-type.ts';
import { rowKind, valueShape } from './value-kind.ts';

export const KEY_FLAG = { nullsEqual: 1, nullMatches: 2, descending: 4, nullsFirst: 8 } as const;

const FIRST_NULL = 9;
const DESCRIPTOR_BYTES = 32;

export interface RowColumn {
  readonly type: SqlType;
  readonly kind: number;
  /** log2 of the slot's bytes */
  readonly shift: number;
  readonly slot: number;
  readonly nullOffset: number;
}

export interface RowLayout {
  readonly columns: readonly RowColumn[];
  /** where the operator's own bytes begin */
  readonly stateOffset: number;
  readonly rowBytes: number;
}

export function widthShift(type: SqlType): number {
  return 31 - Math.clz32(PHYSICAL_WIDTH[physicalOf(type)]);
}

/** A layout for these columns and `stateBytes` of zero-initialised state. */
export function rowLayout(types: readonly SqlType[], stateBytes = 0): RowLayout {
  const slots: number[] = new Array(types.length).fill(0);
  let at = (FIRST_NULL + types.length + 7) & ~7;
  for (const shift of [4, 3, 2, 0]) {
    types.forEach((type, i) => {
      if (widthShift(type) !== shift) return;
      slots[i] = at;
      at += 1 << shift;
    });
  }
  const stateOffset = (at + 7) & ~7;
  return {
    columns: types.map((type, i) => ({
      type,
      kind: rowKind(type),
      shift: widthShift(type),
      slot: slots[i]!,
      nullOffset: FIRST_NULL + i,
    })),
    stateOffset,
    rowBytes: (stateOffset + stateBytes + 7) & ~7,
  };
}

/** Descriptors of some columns of a layout in shared memory; `bind` points them at a batch's vectors. */
export class ColumnDescriptors {
  readonly address: number;
  readonly count: number;
  private readonly memory: SharedMemory;

  constructor(memory: SharedMemory, region: Region, columns: readonly RowColumn[], flags: readonly number[] = []) {
    this.memory = memory;
    this.count = columns.length;
    this.address = region.allocate(Math.max(1, columns.length) * DESCRIPTOR_BYTES);
    columns.forEach((column, i) => {
      const word = (this.address + i * DESCRIPTOR_BYTES) >>> 2;
      memory.u32.fill(0, word, word + 8);
      memory.u32[word] = column.kind;
      memory.u32[word + 1] = column.slot;
      memory.u32[word + 2] = column.nullOffset;
      memory.u32[word + 5] = flags[i] ?? KEY_FLAG.nullsEqual;
      memory.u32[word + 6] = valueShape(memory, region, column.type);
    });
  }

  /** The descriptor of column `index`. */
  at(index: number): number {
    return this.address + index * DESCRIPTOR_BYTES;
  }

  bind(vectors: readonly Vector[]): void {
    for (let i = 0; i < this.count; i++) {
      const word = (this.address + i * DESCRIPTOR_BYTES) >>> 2;
      this.memory.u32[word + 3] = vectors[i]!.data;
      this.memory.u32[word + 4] = vectors[i]!.nulls;
    }
  }
}

export function sortFlags(key: SortKey): number {
  return (key.descending ? KEY_FLAG.descending : 0) | (key.nullsFirst ? KEY_FLAG.nullsFirst : 0) | KEY_FLAG.nullsEqual;
}
