// Text form of column values for DataRow messages (and COPY OUT): every kernel fills `lens` (i32 per position, -1 = NULL) and
// `ptrs` (u32 address of the bytes per position) from a vector; `scratch` has room for `count` values of the type's longest
// text. encode-assemble.ts copies the pieces into rows. Positions go 0..count-1, `selection` maps them to rows.
import { putHexByte, putI64, putU64 } from './shared/number-text';
import { markNull, markText, rowAt } from './shared/pieces';

export function encode_text_bool(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  store<u8>(scratch, 102); // f
  store<u8>(scratch + 1, 116); // t
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const start = scratch + (load<u8>(data + row) != 0 ? 1 : 0);
    markText(lens, ptrs, i, start, start + 1);
  }
  return 0;
}

/** scratch: 16 bytes per value */
export function encode_text_i32(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const end = putI64(at, <i64>load<i32>(data + (row << 2)));
    markText(lens, ptrs, i, at, end);
    at = end;
  }
  return 0;
}

/** oid and its like: an unsigned number in an i32; scratch: 16 bytes per value */
export function encode_text_u32(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const end = putU64(at, <u64>load<u32>(data + (row << 2)));
    markText(lens, ptrs, i, at, end);
    at = end;
  }
  return 0;
}

/** scratch: 32 bytes per value */
export function encode_text_i64(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const end = putI64(at, load<i64>(data + (row << 3)));
    markText(lens, ptrs, i, at, end);
    at = end;
  }
  return 0;
}

/** Text-like values as they are: points into the vector and its heap; nothing is copied. */
export function encode_view(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const view = data + (row << 4);
    const length = load<u32>(view);
    store<i32>(lens + (i << 2), <i32>length);
    store<u32>(ptrs + (i << 2), length <= 12 ? <u32>(view + 4) : load<u32>(view + 8));
  }
  return 0;
}

/** Bytes of all non-null values: what encode_text_bytea and encode_binary_jsonb need room for. Written as f64 at `out`. */
export function encode_view_bytes(out: usize, data: usize, nulls: usize, selection: usize, count: usize): i32 {
  let total: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (nulls != 0 && load<u8>(nulls + row) != 0) continue;
    total += <f64>load<u32>(data + (row << 4));
  }
  store<f64>(out, total);
  return 0;
}

/** `\x` and hex digits; scratch: 2 * bytes + 2 per value */
export function encode_text_bytea(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const view = data + (row << 4);
    const length = load<u32>(view);
    const from: usize = length <= 12 ? view + 4 : <usize>load<u32>(view + 8);
    const start = at;
    store<u16>(at, 0x785c); // \x
    at += 2;
    for (let k: usize = 0; k < <usize>length; k++) {
      putHexByte(at, load<u8>(from + k));
      at += 2;
    }
    markText(lens, ptrs, i, start, at);
  }
  return 0;
}

/** Big-endian bytes of one lane as hex, with dashes where a uuid has them; `first` = its first byte's number. */
function putUuidLane(at: usize, lane: u64, first: u32): usize {
  for (let k: u32 = 0; k < 8; k++) {
    const number = first + k;
    if (number == 4 || number == 6 || number == 8 || number == 10) {
      store<u8>(at, 45);
      at++;
    }
    putHexByte(at, <u32>(lane >> ((7 - k) << 3)) & 255);
    at += 2;
  }
  return at;
}

/** i128 with its top bit flipped, low lane first; scratch: 48 bytes per value */
export function encode_text_uuid(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const start = at;
    at = putUuidLane(at, load<u64>(data + (row << 4) + 8) ^ 0x8000000000000000, 0);
    at = putUuidLane(at, load<u64>(data + (row << 4)), 8);
    markText(lens, ptrs, i, start, at);
  }
  return 0;
}
