// What value kernels share: status codes, row access, and views. Everything is inlined into the kernels.
export const DIVISION_BY_ZERO: i32 = 1;
export const OUT_OF_RANGE: i32 = 2;
export const NEED_HEAP: i32 = 3;
export const NEED_SLOW: i32 = 4;
export const INVALID: i32 = 5;
export const NEED_ROOM: i32 = 6;

/** The i-th selected row. */
// @ts-ignore: decorator
@inline
export function at(selection: usize, i: i32): i32 {
  return selection == 0 ? i : load<i32>(selection + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
export function isNull(nulls: usize, row: i32): bool {
  return nulls != 0 && load<u8>(nulls + row) != 0;
}

// @ts-ignore: decorator
@inline
export function fail(row: i32, code: i32): i32 {
  return (row << 8) | code;
}

/** Address of the bytes of the view at `view`. */
// @ts-ignore: decorator
@inline
export function viewData(view: usize): usize {
  return load<u32>(view) <= 12 ? view + 4 : <usize>load<u32>(view + 8);
}

/** Writes a view of bytes that stay where they are (copied if they fit into the view). */
export function setView(out: usize, from: usize, length: u32): void {
  if (length <= 12) {
    // through registers: `from` may be inside of `out`
    let low: u64 = 0;
    let high: u32 = 0;
    for (let i: u32 = 0; i < length; i++) {
      const byte = load<u8>(from + i);
      if (i < 8) low |= (<u64>byte) << (i << 3);
      else high |= (<u32>byte) << ((i - 8) << 3);
    }
    store<u32>(out, length);
    store<u64>(out + 4, low);
    store<u32>(out + 12, high);
    return;
  }
  const prefix = load<u32>(from);
  store<u32>(out, length);
  store<u32>(out + 4, prefix);
  store<u32>(out + 8, <u32>from);
  store<u32>(out + 12, 0);
}
