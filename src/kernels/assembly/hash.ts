// Hashes of values: `hash_P(outHashes, data, nulls, selection, count, combine)`, a u64 per row index; combine = 1 mixes into the hash
// that is there. SQL-equal values hash alike: -0 as 0, one NaN, intervals by their 30-day months, numerics without display scale.
// The mixer is the finaliser of SplitMix64 (Steele, Lea, Flood 2014); bytes are folded eight at a time through it.
import { at, isNull, viewData } from './shared/rows';
import { intervalDays, intervalRest } from './shared/wide';

const SEED: u64 = 0x9e3779b97f4a7c15;
const NULL_HASH: u64 = 0x5851f42d4c957f2d;

// @ts-ignore: decorator
@inline
function mix(value: u64): u64 {
  let x = value;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// @ts-ignore: decorator
@inline
function put(out: usize, row: i32, hash: u64, combine: i32): void {
  const to = out + (<usize>row << 3);
  store<u64>(to, combine != 0 ? mix(load<u64>(to) * 31 + SEED + hash) : hash);
}

function hashBytes(bytes: usize, length: u32): u64 {
  let hash: u64 = SEED ^ <u64>length;
  let i: u32 = 0;
  while (i + 8 <= length) {
    hash = mix(hash ^ load<u64>(bytes + i)) + SEED;
    i += 8;
  }
  if (i < length) {
    let rest: u64 = 0;
    for (let shift = 0; i < length; i++, shift += 8) rest |= <u64>load<u8>(bytes + i) << shift;
    hash ^= rest;
  }
  return mix(hash);
}

// @ts-ignore: decorator
@inline
function numbers<T>(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const bits: u64 = <u64>(<i64>load<T>(data + <usize>row * sizeof<T>()));
    put(out, row, isNull(nulls, row) ? NULL_HASH : mix(bits + SEED), combine);
  }
  return 0;
}

export function hash_bool(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  return numbers<u8>(out, data, nulls, selection, count, combine);
}
export function hash_i32(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  return numbers<i32>(out, data, nulls, selection, count, combine);
}
export function hash_i64(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  return numbers<i64>(out, data, nulls, selection, count, combine);
}

/** A float4 hashes as the float8 of its value. */
// @ts-ignore: decorator
@inline
function floats<T>(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const value = <f64>load<T>(data + <usize>row * sizeof<T>());
    let bits = reinterpret<u64>(value);
    if (value == 0) bits = 0;
    if (value != value) bits = 0x7ff8000000000000;
    put(out, row, isNull(nulls, row) ? NULL_HASH : mix(bits + SEED), combine);
  }
  return 0;
}

export function hash_f32(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  return floats<f32>(out, data, nulls, selection, count, combine);
}
export function hash_f64(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  return floats<f64>(out, data, nulls, selection, count, combine);
}

export function hash_i128(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const from = data + (<usize>row << 4);
    const hash = mix(mix(load<u64>(from) + SEED) + load<u64>(from + 8));
    put(out, row, isNull(nulls, row) ? NULL_HASH : hash, combine);
  }
  return 0;
}

export function hash_interval(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const from = data + (<usize>row << 4);
    const hash = mix(mix(<u64>intervalDays(from) + SEED) + <u64>intervalRest(from));
    put(out, row, isNull(nulls, row) ? NULL_HASH : hash, combine);
  }
  return 0;
}

export function hash_view(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const view = data + (<usize>row << 4);
    const hash = isNull(nulls, row) ? NULL_HASH : hashBytes(viewData(view), load<u32>(view));
    put(out, row, hash, combine);
  }
  return 0;
}

/** Variable numerics, without their display scale. */
export function hash_numeric(out: usize, data: usize, nulls: usize, selection: usize, count: i32, combine: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const hash = isNull(nulls, row) ? NULL_HASH : hashNumeric(data + (<usize>row << 4));
    put(out, row, hash, combine);
  }
  return 0;
}

const P: u64 = 4294967291; // prime below 2^32; 10 has an inverse modulo P
const Q: u64 = 4294967279; // and another

/** x * 10^-scale as residues modulo two primes: equal values have equal residues whatever their scale, at any length. */
function hashNumeric(view: usize): u64 {
  const bytes = viewData(view);
  const length = load<u32>(view);
  const kind = <u64>load<u8>(bytes);
  if (kind >= 2) return mix(kind + SEED);
  let p: u64 = 0;
  let q: u64 = 0;
  for (let i = length; i > 3; i--) {
    const byte = <u64>load<u8>(bytes + i - 1);
    p = (p * 256 + byte) % P;
    q = (q * 256 + byte) % Q;
  }
  const scale = <u64>load<u16>(bytes + 1);
  p = (p * power(TENTH_P, scale, P)) % P;
  q = (q * power(TENTH_Q, scale, Q)) % Q;
  const sign: u64 = length > 3 ? kind : 0;
  return mix(((p << 32) | q) + SEED + sign);
}

const TENTH_P: u64 = 3865470562; // 10 * TENTH_P = 1 (mod P)
const TENTH_Q: u64 = 429496728; // 10 * TENTH_Q = 1 (mod Q)

function power(base: u64, exponent: u64, modulus: u64): u64 {
  let result: u64 = 1;
  let factor = base;
  let left = exponent;
  while (left != 0) {
    if (left & 1) result = (result * factor) % modulus;
    factor = (factor * factor) % modulus;
    left >>= 1;
  }
  return result;
}
