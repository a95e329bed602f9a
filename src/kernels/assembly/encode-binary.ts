// Binary form of column values: big-endian, dates and timestamps counted from 2000-01-01. Conventions in encode-text.ts;
// scratch: the type's width per value.
import { markNull, markText, rowAt } from './shared/pieces';

const EPOCH_DAYS: i32 = 10957;
const EPOCH_MICROS: i64 = 946684800000000;

/** bool: the vector's own bytes are the binary form. */
export function encode_binary_bool(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    markText(lens, ptrs, i, data + row, data + row + 1);
  }
  return 0;
}

/** int2, from an i32 */
export function encode_binary_i16(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const at = scratch + (i << 1);
    store<u16>(at, bswap<u16>(<u16>load<i32>(data + (row << 2))));
    markText(lens, ptrs, i, at, at + 2);
  }
  return 0;
}

/** int4, oid, float4: any four bytes */
export function encode_binary_4(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const at = scratch + (i << 2);
    store<u32>(at, bswap<u32>(load<u32>(data + (row << 2))));
    markText(lens, ptrs, i, at, at + 4);
  }
  return 0;
}

/** int8, float8, time: any eight bytes */
export function encode_binary_8(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const at = scratch + (i << 3);
    store<u64>(at, bswap<u64>(load<u64>(data + (row << 3))));
    markText(lens, ptrs, i, at, at + 8);
  }
  return 0;
}

export function encode_binary_date(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const at = scratch + (i << 2);
    const days = load<i32>(data + (row << 2));
    const finite = days != i32.MAX_VALUE && days != i32.MIN_VALUE;
    store<i32>(at, bswap<i32>(finite ? days - EPOCH_DAYS : days));
    markText(lens, ptrs, i, at, at + 4);
  }
  return 0;
}

/** timestamp and timestamptz */
export function encode_binary_timestamp(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const at = scratch + (i << 3);
    const micros = load<i64>(data + (row << 3));
    const finite = micros != i64.MAX_VALUE && micros != i64.MIN_VALUE;
    store<i64>(at, bswap<i64>(finite ? micros - EPOCH_MICROS : micros));
    markText(lens, ptrs, i, at, at + 8);
  }
  return 0;
}

/** i64 microseconds, i32 days, i32 months */
export function encode_binary_interval(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const at = scratch + (i << 4);
    const from = data + (row << 4);
    store<u64>(at, bswap<u64>(load<u64>(from)));
    store<u32>(at + 8, bswap<u32>(load<u32>(from + 8)));
    store<u32>(at + 12, bswap<u32>(load<u32>(from + 12)));
    markText(lens, ptrs, i, at, at + 16);
  }
  return 0;
}

/** i128 with its top bit flipped -> 16 bytes */
export function encode_binary_uuid(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const at = scratch + (i << 4);
    const from = data + (row << 4);
    store<u64>(at, bswap<u64>(load<u64>(from + 8) ^ 0x8000000000000000));
    store<u64>(at + 8, bswap<u64>(load<u64>(from)));
    markText(lens, ptrs, i, at, at + 16);
  }
  return 0;
}

/** A version byte 1 and the text; scratch: bytes + 1 per value */
export function encode_binary_jsonb(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const view = data + (row << 4);
    const length = <usize>load<u32>(view);
    store<u8>(at, 1);
    memory.copy(at + 1, length <= 12 ? view + 4 : <usize>load<u32>(view + 8), length);
    markText(lens, ptrs, i, at, at + 1 + length);
    at += 1 + length;
  }
  return 0;
}
