// Text form of column values for DataRow messages (and COPY OUT): every kernel fills `lens` (i32 per position, -1 = NULL) and
// `ptrs` (u32 address of the bytes per position) from a vector; `scratch` has room for `count` values of the type's longest
// text. encode-assemble.ts copies the pieces into rows. Positions go 0..count-1, `selection` maps them to rows.

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

/** Eight ASCII digits of v < 10^8 in memory order, without the '0' offset: digit pairs split within one 64-bit word. */
// @ts-ignore: decorator
@inline
function digits8(v: u32): u64 {
  const high: u64 = v / 10000;
  const low: u64 = v - <u32>high * 10000;
  const merged = high | (low << 32);
  const top = ((merged * 10486) >> 20) & 0x0000007f0000007f;
  const hundreds = top | ((merged - 100 * top) << 16);
  const tens = ((hundreds * 103) >> 10) & 0x000f000f000f000f;
  return tens | ((hundreds - 10 * tens) << 8);
}

/** The text of v < 10^8 with leading zeros, the first digit in the lowest byte. */
// @ts-ignore: decorator
@inline
export function eightDigits(v: u32): u64 {
  return digits8(v) + 0x3030303030303030;
}

/** Exactly eight digits. */
// @ts-ignore: decorator
@inline
export function putDigits8(at: usize, v: u32): usize {
  store<u64>(at, eightDigits(v));
  return at + 8;
}

/** v < 10^8 without leading zeros. Writes up to 8 bytes behind `at`. */
// @ts-ignore: decorator
@inline
function putShort(at: usize, v: u32): usize {
  const digits = digits8(v);
  const blank: u64 = v == 0 ? 56 : ctz(digits) & ~7;
  store<u64>(at, (digits + 0x3030303030303030) >> blank);
  return at + 8 - <usize>(blank >> 3);
}

export function putU64(at: usize, v: u64): usize {
  if (v < 100000000) return putShort(at, <u32>v);
  const high = v / 100000000;
  const low = <u32>(v - high * 100000000);
  if (high < 100000000) return putDigits8(putShort(at, <u32>high), low);
  const top = high / 100000000;
  const middle = <u32>(high - top * 100000000);
  return putDigits8(putDigits8(putShort(at, <u32>top), middle), low);
}

// @ts-ignore: decorator
@inline
export function putI64(at: usize, v: i64): usize {
  if (v >= 0) return putU64(at, <u64>v);
  store<u8>(at, 45);
  return putU64(at + 1, <u64>0 - <u64>v);
}

/** Two digits of v < 100. */
// @ts-ignore: decorator
@inline
export function putTwo(at: usize, v: u32): usize {
  const tens = v / 10;
  store<u8>(at, 48 + tens);
  store<u8>(at + 1, 48 + v - tens * 10);
  return at + 2;
}

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

/** ASCII of a hexadecimal digit. */
// @ts-ignore: decorator
@inline
function hexDigit(v: u32): u32 {
  return v + 48 + (v > 9 ? 39 : 0);
}

// @ts-ignore: decorator
@inline
function putHexByte(at: usize, byte: u32): void {
  store<u16>(at, <u16>(hexDigit(byte >> 4) | (hexDigit(byte & 15) << 8)));
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
