// Hash and order of variable numerics (bytes of columns/README.md) whatever their display scale: 1.0 is 1.00.
import { mix } from './value-bytes';

const PRIME: u64 = 4294967291; // 2^32 - 5
const INVERSE_TEN: u64 = 3865470562; // 10 * this = 1 modulo PRIME
/** Bytes of a variable numeric with 160 bits of magnitude. */
const EXACT_BYTES: u32 = 23;

function powerModulo(base: u64, exponent: u32, prime: u64): u64 {
  let result: u64 = 1;
  while (exponent > 0) {
    if (exponent & 1) result = (result * base) % prime;
    base = (base * base) % prime;
    exponent >>= 1;
  }
  return result;
}

/** coefficient * 10^-scale modulo a prime: the same for every way of writing one number. */
function numericResidue(pointer: usize, length: u32, prime: u64, tenth: u64): u64 {
  let residue: u64 = 0;
  for (let i = length; i > 3; i--) residue = ((residue << 8) | <u64>load<u8>(pointer + i - 1)) % prime;
  residue = (residue * powerModulo(tenth, <u32>load<u16>(pointer, 1), prime)) % prime;
  return load<u8>(pointer) == 1 && residue != 0 ? prime - residue : residue;
}

export function hashNumeric(hash: u32, pointer: usize, length: u32): u32 {
  const kind = load<u8>(pointer);
  if (kind >= 2) return mix(hash, <u64>kind);
  return mix(hash, numericResidue(pointer, length, PRIME, INVERSE_TEN) << 3);
}

/** magnitude(a) * 10^shift against magnitude(b), shift <= 16: -1, 0, 1. Bytes are little-endian; the product is formed on the way. */
function compareShifted(a: usize, aLength: u32, shift: u32, b: usize, bLength: u32): i32 {
  let factor: u64 = 1;
  for (let i: u32 = 0; i < shift; i++) factor *= 10;
  let carry: u64 = 0;
  let result = 0;
  for (let i: u32 = 0; i < aLength || i < bLength || carry != 0; i++) {
    if (i < aLength) carry += <u64>load<u8>(a + i) * factor;
    const mine = <i32>(carry & 0xff);
    const other = i < bLength ? <i32>load<u8>(b + i) : 0;
    carry >>= 8;
    if (mine != other) result = mine < other ? -1 : 1;
  }
  return result;
}

function magnitudeEstimate(pointer: usize, length: u32): f64 {
  let value: f64 = 0;
  let exponent: f64 = 1;
  const scale = <u32>load<u16>(pointer, 1);
  for (let i = length; i > 3; i--) value = value * 256.0 + <f64>load<u8>(pointer + i - 1);
  for (let i: u32 = 0; i < scale; i++) exponent *= 10.0;
  return value / exponent;
}

function compareMagnitudes(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const aScale = <u32>load<u16>(a, 1);
  const bScale = <u32>load<u16>(b, 1);
  if (aLength == 3 || bLength == 3) return aLength == bLength ? 0 : aLength == 3 ? -1 : 1;
  if (aScale == bScale || (aScale < bScale && bScale - aScale <= 16)) return compareShifted(a + 3, aLength - 3, bScale - aScale, b + 3, bLength - 3);
  if (aScale > bScale && aScale - bScale <= 16) return -compareShifted(b + 3, bLength - 3, aScale - bScale, a + 3, aLength - 3);
  const left = magnitudeEstimate(a, aLength);
  const right = magnitudeEstimate(b, bLength);
  const difference = left > right ? left - right : right - left;
  if (difference > left * 1e-12) return left < right ? -1 : 1;
  // Scales far apart, estimates alike: the numbers differ by less than 2^-39 of theirs, so the low 128 bits of the difference tell its sign.
  if (aScale < bScale && bLength <= EXACT_BYTES) return differenceSign(a, aLength, bScale - aScale, b, bLength);
  if (aScale > bScale && aLength <= EXACT_BYTES) return -differenceSign(b, bLength, aScale - bScale, a, aLength);
  const same = numericResidue(a, aLength, PRIME, INVERSE_TEN) == numericResidue(b, bLength, PRIME, INVERSE_TEN);
  return same ? 0 : left < right ? -1 : left > right ? 1 : aScale < bScale ? -1 : 1;
}

/** Sign of magnitude(a) * 10^shift - magnitude(b), which is known to lie within 2^127 of zero. */
function differenceSign(a: usize, aLength: u32, shift: u32, b: usize, bLength: u32): i32 {
  let low = lowWord(a, aLength, 3);
  let high = lowWord(a, aLength, 11);
  for (let i: u32 = 0; i < shift; i++) {
    high = high * 10 + multiplyHigh(low, 10);
    low *= 10;
  }
  const otherLow = lowWord(b, bLength, 3);
  high = high - lowWord(b, bLength, 11) - <u64>(low < otherLow);
  low -= otherLow;
  return <i64>high < 0 ? -1 : (high | low) == 0 ? 0 : 1;
}

/** Eight bytes of a magnitude from `from` on. */
function lowWord(pointer: usize, length: u32, from: u32): u64 {
  let word: u64 = 0;
  for (let i: u32 = 0; i < 8 && from + i < length; i++) word |= <u64>load<u8>(pointer + from + i) << (<u64>i << 3);
  return word;
}

/** The upper word of value * factor, factor below 2^32. */
function multiplyHigh(value: u64, factor: u64): u64 {
  return ((value >> 32) * factor + (((value & 0xffffffff) * factor) >> 32)) >> 32;
}

/** Order of two variable numerics: -Infinity < numbers < Infinity < NaN. */
export function compareNumeric(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const left = numericRank(a);
  const right = numericRank(b);
  if (left != right || left != 1) return left < right ? -1 : left > right ? 1 : 0;
  const aNegative = load<u8>(a) == 1 && aLength > 3;
  const bNegative = load<u8>(b) == 1 && bLength > 3;
  if (aNegative != bNegative) return aNegative ? -1 : 1;
  const order = compareMagnitudes(a, aLength, b, bLength);
  return aNegative ? -order : order;
}

// @ts-ignore: decorator
@inline
function numericRank(pointer: usize): i32 {
  const kind = load<u8>(pointer);
  return kind <= 1 ? 1 : kind == 4 ? 0 : kind == 3 ? 2 : 3;
}
