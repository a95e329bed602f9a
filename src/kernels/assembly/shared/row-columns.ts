// What kernels over rows know of a row's columns: kinds, descriptors, widths (src/engine/rows/README.md).

// Kinds of a column in a descriptor: physical layout plus what equality and order mean.
export const KIND_BOOL: i32 = 0;
export const KIND_I32: i32 = 1;
export const KIND_I64: i32 = 2;
export const KIND_F32: i32 = 3;
export const KIND_F64: i32 = 4;
export const KIND_I128: i32 = 5;
export const KIND_INTERVAL: i32 = 6;
export const KIND_VIEW: i32 = 7;
export const KIND_NUMERIC: i32 = 8;
export const KIND_BPCHAR: i32 = 9;
export const KIND_U32: i32 = 10;
export const KIND_ARRAY: i32 = 11;
export const KIND_RECORD: i32 = 12;
export const KIND_JSONB: i32 = 13;

// Descriptor fields (u32 each, byte offsets; the kind stands first); 32 bytes per column.
export const DESCRIPTOR_BYTES: usize = 32;
export const D_SLOT: usize = 4;
export const D_NULL: usize = 8;
export const D_DATA: usize = 12;
export const D_NULLS: usize = 16;
export const D_FLAGS: usize = 20;
export const D_SHAPE: usize = 24;

// Flags of a key column.
export const FLAG_NULLS_EQUAL: u32 = 1;
export const FLAG_NULL_MATCHES: u32 = 2;
export const FLAG_DESCENDING: u32 = 4;
export const FLAG_NULLS_FIRST: u32 = 8;

/** log2 of the slot's bytes. */
// @ts-ignore: decorator
@inline
export function widthShift(kind: i32): i32 {
  if (kind == KIND_BOOL) return 0;
  if (kind == KIND_I32 || kind == KIND_F32 || kind == KIND_U32) return 2;
  if (kind == KIND_I64 || kind == KIND_F64) return 3;
  return 4;
}

// @ts-ignore: decorator
@inline
export function isView(kind: i32): bool {
  return kind >= KIND_VIEW && kind != KIND_U32;
}

/** Values made of others, which have no order-preserving image. */
// @ts-ignore: decorator
@inline
export function isNested(kind: i32): bool {
  return kind >= KIND_ARRAY;
}

/** Copies a view into a row slot, its long bytes into the heap {cursor, limit, needed}. False: the heap is full. */
// @ts-ignore: decorator
@inline
export function storeView(slot: usize, view: usize, heap: usize): bool {
  const length = load<u32>(view);
  if (length <= 12) {
    v128.store(slot, v128.load(view));
    return true;
  }
  const cursor = load<u32>(heap);
  if (<u64>cursor + length > load<u32>(heap, 4)) {
    store<u32>(heap, length, 8);
    return false;
  }
  memory.copy(cursor, load<u32>(view, 8), length);
  store<u64>(slot, load<u64>(view));
  store<u32>(slot, cursor, 8);
  store<u32>(slot, 0, 12);
  store<u32>(heap, cursor + length);
  return true;
}
