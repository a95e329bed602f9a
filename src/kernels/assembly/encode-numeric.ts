// Numbers with a fraction as text: numeric(p,s) kept as a scaled i64 or i128, and the floats that have a short decimal
// form. Conventions in encode-text.ts. Numerics as binary: base-10000 digits, aligned at the decimal point.
import { digitsOf128, putDecimal, putShortFloat, putU64 } from './shared/number-text';
import { markNull, markText, rowAt } from './shared/pieces';

/** value = data * 10^-scale, scale <= 18; scratch: 24 bytes per value plus 8 */
export function encode_text_numeric_i64(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize, scale: usize): i32 {
  let unit: u64 = 1;
  for (let k: usize = 0; k < scale; k++) unit *= 10;
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const value = load<i64>(data + (row << 3));
    const start = at;
    let magnitude = <u64>value;
    if (value < 0) {
      store<u8>(at, 45);
      at++;
      magnitude = 0 - magnitude;
    }
    const whole = magnitude / unit;
    at = putU64(at, whole);
    if (scale > 0) {
      // unit + fraction has exactly scale + 1 digits; its leading 1 is overwritten by the point
      putU64(at, unit + (magnitude - whole * unit));
      store<u8>(at, 46);
      at += scale + 1;
    }
    markText(lens, ptrs, i, start, at);
  }
  return 0;
}

/** Base-10000 digit of the four (or fewer) decimal digits in [from, to), the missing ones on the right being zeros. */
function base10000(from: usize, to: usize, width: usize): u32 {
  let value: u32 = 0;
  for (let k: usize = 0; k < width; k++) {
    const at = from + k;
    value = value * 10 + (at < to ? <u32>load<u8>(at) - 48 : 0);
  }
  return value;
}

function storeShort(at: usize, value: u32): void {
  store<u16>(at, bswap<u16>(<u16>value));
}

/** ndigits, weight, sign, dscale, digits; leading and trailing zero digits are left out. `cell` as in putDecimal. */
function putNumericBinary(cell: usize, negative: bool, high: u64, low: u64, scale: usize): usize {
  const end = cell + 56;
  const start = digitsOf128(high, low, scale + 1, end);
  const out = cell + 64;
  let at = out + 8;
  const point = end - scale;
  const whole = point - start;
  let weight: i32 = <i32>((whole + 3) >> 2) - 1;
  let firstWidth: usize = whole & 3;
  if (firstWidth == 0) firstWidth = 4;
  let from = start;
  let width = firstWidth;
  while (from < end) {
    const digit = base10000(from, from < point ? point : end, width);
    from += width;
    width = 4;
    if (digit == 0 && at == out + 8) weight--; // leading zero
    else {
      storeShort(at, digit);
      at += 2;
    }
  }
  while (at > out + 8 && load<u16>(at - 2) == 0) at -= 2;
  const ndigits = <u32>((at - out - 8) >> 1);
  storeShort(out, ndigits);
  storeShort(out + 2, ndigits == 0 ? 0 : <u32>weight);
  storeShort(out + 4, negative && ndigits != 0 ? 0x4000 : 0);
  storeShort(out + 6, <u32>scale);
  return at;
}

/** scratch: 112 bytes per value */
export function encode_binary_numeric_i64(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize, scale: usize): i32 {
  let cell = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const value = load<i64>(data + (row << 3));
    const magnitude = value < 0 ? <u64>0 - <u64>value : <u64>value;
    const end = putNumericBinary(cell, value < 0, 0, magnitude, scale);
    markText(lens, ptrs, i, cell + 64, end);
    cell += 112;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function wideNumerics(binary: bool, lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize, scale: usize): i32 {
  let cell = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    let low = load<u64>(data + (row << 4));
    let high = load<u64>(data + (row << 4) + 8);
    const negative = <i64>high < 0;
    if (negative) {
      low = 0 - low;
      high = ~high + (low == 0 ? 1 : 0);
    }
    const end = binary ? putNumericBinary(cell, negative, high, low, scale) : putDecimal(cell, negative, high, low, scale);
    markText(lens, ptrs, i, cell + 64, end);
    cell += 112;
  }
  return 0;
}

/** scale <= 38; scratch: 112 bytes per value */
export function encode_text_numeric_i128(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize, scale: usize): i32 {
  return wideNumerics(false, lens, ptrs, data, nulls, selection, count, scratch, scale);
}
export function encode_binary_numeric_i128(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize, scale: usize): i32 {
  return wideNumerics(true, lens, ptrs, data, nulls, selection, count, scratch, scale);
}

/** Lengths are -2 where the value needs the slow body; returns NEED_SLOW (4) if there is one. scratch: 32 bytes per value */
export function encode_text_f64(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let status: i32 = 0;
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const end = putShortFloat(at, load<f64>(data + (row << 3)), 1e15, false);
    if (end == 0) {
      store<i32>(lens + (i << 2), -2);
      status = 4;
      continue;
    }
    markText(lens, ptrs, i, at, end);
    at = end;
  }
  return status;
}

/** As encode_text_f64. */
export function encode_text_f32(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize): i32 {
  let status: i32 = 0;
  let at = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const end = putShortFloat(at, <f64>load<f32>(data + (row << 2)), 1e6, true);
    if (end == 0) {
      store<i32>(lens + (i << 2), -2);
      status = 4;
      continue;
    }
    markText(lens, ptrs, i, at, end);
    at = end;
  }
  return status;
}

/**
 * Numerics that carry their scale (kind, u16 scale, magnitude little-endian; src/columns/README.md) with a magnitude of up to
 * 16 bytes and a scale of up to 38; the others, NaN and infinities among them, get length -2 and status NEED_SLOW.
 * scratch: 112 bytes per value
 */
export function encode_numeric_view(lens: usize, ptrs: usize, data: usize, nulls: usize, selection: usize, count: usize, scratch: usize, binary: i32): i32 {
  let status: i32 = 0;
  let cell = scratch;
  for (let i: usize = 0; i < count; i++) {
    const row = rowAt(selection, i);
    if (markNull(nulls, row, lens, i)) continue;
    const view = data + (row << 4);
    const length = <usize>load<u32>(view);
    const bytes: usize = length <= 12 ? view + 4 : <usize>load<u32>(view + 8);
    const kind = load<u8>(bytes);
    const scale = <usize>load<u16>(bytes + 1);
    if (kind > 1 || length > 19 || scale > 38) {
      store<i32>(lens + (i << 2), -2);
      status = 4;
      continue;
    }
    let low: u64 = 0;
    let high: u64 = 0;
    for (let k: usize = 3; k < length; k++) {
      const byte = <u64>load<u8>(bytes + k);
      if (k < 11) low |= byte << ((k - 3) << 3);
      else high |= byte << ((k - 11) << 3);
    }
    const end = binary ? putNumericBinary(cell, kind == 1, high, low, scale) : putDecimal(cell, kind == 1, high, low, scale);
    markText(lens, ptrs, i, cell + 64, end);
    cell += 112;
  }
  return status;
}
