// The pieces of encoded rows (encode-text.ts): the address and length of each value's bytes; length -1 is NULL.

/** Row index of a position. */
// @ts-ignore: decorator
@inline
export function rowAt(selection: usize, i: usize): usize {
  return selection == 0 ? i : <usize>load<u32>(selection + (i << 2));
}

/** Marks a NULL; true if it was one. */
// @ts-ignore: decorator
@inline
export function markNull(nulls: usize, row: usize, lens: usize, i: usize): bool {
  if (nulls == 0 || load<u8>(nulls + row) == 0) return false;
  store<i32>(lens + (i << 2), -1);
  return true;
}

// @ts-ignore: decorator
@inline
export function markText(lens: usize, ptrs: usize, i: usize, start: usize, end: usize): void {
  store<u32>(ptrs + (i << 2), <u32>start);
  store<i32>(lens + (i << 2), <i32>(end - start));
}
