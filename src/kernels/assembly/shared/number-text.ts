// Numbers as text, by address: each function writes its digits at `at` and returns where they end.

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
function putDigits8(at: usize, v: u32): usize {
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

/** Nine digits of v < 10^9. */
function putNine(at: usize, v: u32): void {
  const top = v / 100000000;
  store<u8>(at, 48 + top);
  putDigits8(at + 1, v - top * 100000000);
}

/**
 * Digits of the magnitude (high, low) without leading zeros, at least `minimum` of them, right-aligned so that they end at
 * `end`; returns their start. Long division by 10^9 over 32-bit limbs.
 */
export function digitsOf128(high: u64, low: u64, minimum: usize, end: usize): usize {
  let at = end;
  while (high != 0) {
    let rest = high >> 32;
    const a = rest / 1000000000;
    rest = ((rest - a * 1000000000) << 32) | (high & 0xffffffff);
    const b = rest / 1000000000;
    rest = ((rest - b * 1000000000) << 32) | (low >> 32);
    const c = rest / 1000000000;
    rest = ((rest - c * 1000000000) << 32) | (low & 0xffffffff);
    const d = rest / 1000000000;
    at -= 9;
    putNine(at, <u32>(rest - d * 1000000000));
    high = (a << 32) | b;
    low = (c << 32) | d;
  }
  while (low >= 1000000000) {
    const rest = low / 1000000000;
    at -= 9;
    putNine(at, <u32>(low - rest * 1000000000));
    low = rest;
  }
  while (low != 0) {
    const rest = low / 10;
    at--;
    store<u8>(at, 48 + <u8>(low - rest * 10));
    low = rest;
  }
  while (at < end && load<u8>(at) == 48) at++;
  while (end - at < minimum) {
    at--;
    store<u8>(at, 48);
  }
  return at;
}

/** Sign, digits, point. `cell` = 112 bytes: digits are made in the first 64, the text in the rest. Returns the text's end. */
export function putDecimal(cell: usize, negative: bool, high: u64, low: u64, scale: usize): usize {
  const end = cell + 56;
  const digits = digitsOf128(high, low, scale + 1, end);
  let at = cell + 64;
  if (negative) {
    store<u8>(at, 45);
    at++;
  }
  const whole = end - digits - scale;
  memory.copy(at, digits, whole);
  at += whole;
  if (scale > 0) {
    store<u8>(at, 46);
    memory.copy(at + 1, digits + whole, scale);
    at += 1 + scale;
  }
  return at;
}

/**
 * The shortest decimal form where it has at most `maxDigits` digits and lies in [1e-4, 10^maxDigits): the first number of
 * decimals that reads back is the shortest, as two decimals of so few digits never share a double. Returns the end, or 0: use the slow
 * body. `single`: reading back means as an f32.
 */
export function putShortFloat(at: usize, value: f64, limit: f64, single: bool): usize {
  let magnitude = Math.abs(value);
  if (!(magnitude < limit)) return 0;
  if (reinterpret<u64>(value) >> 63) {
    store<u8>(at, 45);
    at++;
  }
  const whole = Math.floor(magnitude);
  if (whole == magnitude) return putU64(at, <u64>whole);
  if (magnitude < 1e-4) return 0;
  let unit: f64 = 1;
  for (let decimals: usize = 1; decimals <= 18; decimals++) {
    unit *= 10;
    const scaled = nearest<f64>(magnitude * unit);
    if (!(scaled < limit)) return 0;
    const back = scaled / unit;
    if (single ? <f32>back != <f32>magnitude : back != magnitude) continue;
    const integer = <u64>scaled;
    const power = <u64>unit;
    const high = integer / power;
    at = putU64(at, high);
    putU64(at, power + (integer - high * power)); // a leading 1, overwritten by the point, keeps the zeros
    store<u8>(at, 46);
    return at + decimals + 1;
  }
  return 0;
}

/** ASCII of a hexadecimal digit. */
// @ts-ignore: decorator
@inline
export function hexDigit(nibble: u32): u32 {
  return nibble + 48 + (nibble > 9 ? 39 : 0);
}

// @ts-ignore: decorator
@inline
export function putHexByte(at: usize, byte: u32): void {
  store<u16>(at, <u16>(hexDigit(byte >> 4) | (hexDigit(byte & 15) << 8)));
}
