// Arrow layouts -> ours: validity bitmaps to bytes, offsets to views.

/** out[i] = 1 where bit `first + i` of the bitmap is 0. Returns the number of those. */
export function arrow_nulls(out: usize, bitmap: usize, first: i32, count: i32): i32 {
  let nulls = 0;
  for (let i = 0; i < count; i++) {
    const bit = first + i;
    const isNull = ((load<u8>(bitmap + (bit >> 3)) >> <u8>(bit & 7)) & 1) ^ 1;
    store<u8>(out + i, isNull);
    nulls += isNull;
  }
  return nulls;
}

/** Views of text number i at bytes + offsets[i] .. bytes + offsets[i + 1]; the bytes may be read 16 past their end. */
export function arrow_views(out: usize, offsets: usize, bytes: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const start = <u32>load<i32>(offsets + (<usize>i << 2));
    const length = <u32>load<i32>(offsets + (<usize>i << 2) + 4) - start;
    const from = bytes + start;
    const view = out + (<usize>i << 4);
    store<u32>(view, length);
    if (length > 12) {
      store<u32>(view + 4, load<u32>(from));
      store<u64>(view + 8, <u64>from);
      continue;
    }
    const low = load<u64>(from);
    const high = <u64>load<u32>(from + 8);
    store<u64>(view + 4, length >= 8 ? low : low & (((<u64>1) << (length << 3)) - 1));
    store<u32>(view + 12, length > 8 ? <u32>(high & (((<u64>1) << ((length - 8) << 3)) - 1)) : 0);
  }
  return 0;
}
