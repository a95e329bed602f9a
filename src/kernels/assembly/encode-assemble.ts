// The last step of row encoding: the columns' pieces (lens and ptrs, see encode-text.ts) become DataRow messages, row by row.

/** Copies `length` bytes; short pieces by overlapping words, never touching a byte outside of either range. */
// @ts-ignore: decorator
@inline
function copyPiece(to: usize, from: usize, length: usize): void {
  if (length >= 8) {
    if (length > 32) {
      memory.copy(to, from, length);
      return;
    }
    const last = length - 8;
    store<u64>(to, load<u64>(from));
    if (length > 16) {
      store<u64>(to + 8, load<u64>(from + 8));
      if (length > 24) store<u64>(to + 16, load<u64>(from + 16));
    }
    store<u64>(to + last, load<u64>(from + last));
  } else if (length >= 4) {
    store<u32>(to, load<u32>(from));
    store<u32>(to + length - 4, load<u32>(from + length - 4));
  } else if (length > 0) {
    store<u8>(to, load<u8>(from));
    if (length > 1) {
      store<u8>(to + 1, load<u8>(from + 1));
      if (length > 2) store<u8>(to + 2, load<u8>(from + 2));
    }
  }
}

/**
 * Writes the rows of positions from..count-1 to `out` as far as they fit before `limit`. `table` = columns times {u32 address
 * of lens, u32 address of ptrs}. Returns how many rows were written; the end of the bytes goes to the u32 at `endAt`.
 */
export function encode_data_rows(out: usize, limit: usize, table: usize, columns: usize, from: usize, count: usize, endAt: usize): i32 {
  let at = out;
  let i = from;
  const tableEnd = table + (columns << 3);
  for (; i < count; i++) {
    const start = at;
    at += 7;
    if (at > limit) {
      at = start;
      break;
    }
    let fits = true;
    for (let column = table; column < tableEnd; column += 8) {
      const length = load<i32>(<usize>load<u32>(column) + (i << 2));
      const piece: usize = length < 0 ? 0 : <usize>length;
      if (limit - at < 4 || limit - at - 4 < piece) {
        fits = false;
        break;
      }
      store<i32>(at, bswap<i32>(length));
      at += 4;
      copyPiece(at, <usize>load<u32>(<usize>load<u32>(column + 4) + (i << 2)), piece);
      at += piece;
    }
    if (!fits) {
      at = start;
      break;
    }
    store<u8>(start, 68); // D
    store<u32>(start + 1, bswap<u32>(<u32>(at - start - 1)));
    store<u16>(start + 5, bswap<u16>(<u16>columns));
  }
  store<u32>(endAt, <u32>at);
  return <i32>(i - from);
}
