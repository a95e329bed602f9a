// jsonb's order as bytes: of two values the lesser has the lesser key by memcmp, equal values have one key. A rank per value, then strings
// ended by a zero (jsonb holds none), counts before items, numbers as sign, decimal exponent and digits; negative numbers inverted.
import type { Decimal } from './datum.ts';
import { isJsonArray, isJsonNumber, isJsonObject, type JsonValue, jsonRank, keyOrder } from './json-value.ts';
import { TEXT_ENCODER } from './type-settings.ts';

/** Added to exponents, so that they are never negative. */
const EXPONENT_BIAS = 0x80000000;

/** The key of a jsonb value, for orders that compare bytes. */
export function jsonSortKey(value: JsonValue): Uint8Array {
  const out: number[] = [];
  write(value, out, false);
  return Uint8Array.from(out);
}

function write(value: JsonValue, out: number[], inner: boolean): void {
  out.push(jsonRank(value, inner) + 1);
  if (value === null) return;
  if (typeof value === 'boolean') out.push(Number(value));
  else if (typeof value === 'string') writeBytes(TEXT_ENCODER.encode(value), out);
  else if (isJsonNumber(value)) writeNumber(value, out);
  else if (isJsonArray(value)) {
    writeCount(value.length, out);
    for (const item of value) write(item, out, true);
  } else if (isJsonObject(value)) {
    writeCount(value.size, out);
    for (const key of [...value.keys()].sort(keyOrder)) {
      const bytes = TEXT_ENCODER.encode(key);
      writeCount(bytes.length, out);
      writeBytes(bytes, out);
      write(value.get(key)!, out, true);
    }
  }
}

function writeBytes(bytes: Uint8Array, out: number[]): void {
  for (const byte of bytes) out.push(byte);
  out.push(0);
}

function writeCount(count: number, out: number[]): void {
  out.push((count >>> 24) & 255, (count >>> 16) & 255, (count >>> 8) & 255, count & 255);
}

function writeNumber({ coefficient, scale }: Decimal, out: number[]): void {
  const negative = coefficient < 0n;
  out.push(coefficient === 0n ? 1 : negative ? 0 : 2);
  if (coefficient === 0n) return;
  const digits = (negative ? -coefficient : coefficient).toString();
  const image: number[] = [];
  writeCount(digits.length - scale + EXPONENT_BIAS, image);
  writeBytes(TEXT_ENCODER.encode(digits.replace(/0+$/, '')), image);
  for (const byte of image) out.push(negative ? 255 - byte : byte);
}
