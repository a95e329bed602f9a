// The bytes of a variable numeric (a view-stored numeric): byte 0 kind (0 positive, 1 negative, 2 NaN, 3 Infinity, 4 -Infinity),
// bytes 1-2 display scale (u16 little-endian), then the magnitude of the coefficient, little-endian, minimal (none for zero).
// A magnitude of up to 9 bytes therefore stays inline in its view.
import type { Decimal } from '../types/datum.ts';

const NAN: Decimal = { kind: 'decimal', coefficient: 0n, scale: 0, special: 'NaN' };
const INFINITE: Decimal = { kind: 'decimal', coefficient: 0n, scale: 0, special: 'Infinity' };
const MINUS_INFINITE: Decimal = { kind: 'decimal', coefficient: 0n, scale: 0, special: '-Infinity' };

export function encodeNumeric(value: Decimal): Uint8Array {
  if (value.special !== undefined) {
    return Uint8Array.of(value.special === 'NaN' ? 2 : value.special === 'Infinity' ? 3 : 4, 0, 0);
  }
  const negative = value.coefficient < 0n;
  let magnitude = negative ? -value.coefficient : value.coefficient;
  const bytes: number[] = [negative ? 1 : 0, value.scale & 0xff, value.scale >>> 8];
  if (magnitude > 0xffff_ffff_ffff_ffffn) return encodeLong(bytes, magnitude);
  while (magnitude > 0n) {
    bytes.push(Number(magnitude & 0xffn));
    magnitude >>= 8n;
  }
  return Uint8Array.from(bytes);
}

/** Long magnitudes through hexadecimal text, which is linear where repeated shifting would be quadratic. */
function encodeLong(head: readonly number[], magnitude: bigint): Uint8Array {
  const hex = magnitude.toString(16);
  const big = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').reverse();
  const bytes = new Uint8Array(3 + big.length);
  bytes.set(head);
  bytes.set(big, 3);
  return bytes;
}

export function decodeNumeric(bytes: Uint8Array): Decimal {
  const kind = bytes[0]!;
  if (kind >= 2) return kind === 2 ? NAN : kind === 3 ? INFINITE : MINUS_INFINITE;
  const scale = bytes[1]! | (bytes[2]! << 8);
  let magnitude = 0n;
  if (bytes.length > 3) {
    if (bytes.length <= 9) {
      let small = 0;
      for (let i = bytes.length - 1; i >= 3; i--) small = small * 256 + bytes[i]!;
      magnitude = BigInt(small);
    } else {
      magnitude = BigInt(`0x${Buffer.from(bytes.slice(3)).reverse().toString('hex')}`);
    }
  }
  return { kind: 'decimal', coefficient: kind === 1 ? -magnitude : magnitude, scale };
}

const POWERS: bigint[] = [1n];

/** 10^exponent, remembered. */
export function powerOfTen(exponent: number): bigint {
  const known = POWERS[exponent];
  if (known !== undefined) return known;
  const power = 10n ** BigInt(exponent);
  if (exponent < 200) POWERS[exponent] = power;
  return power;
}

/** The coefficient of `value` at another scale, rounding half away from zero where digits are dropped. */
export function coefficientAt(value: Decimal, scale: number): bigint {
  if (value.scale === scale) return value.coefficient;
  if (value.scale < scale) return value.coefficient * powerOfTen(scale - value.scale);
  const divisor = powerOfTen(value.scale - scale);
  const half = divisor / 2n;
  return value.coefficient < 0n ? -((-value.coefficient + half) / divisor) : (value.coefficient + half) / divisor;
}
