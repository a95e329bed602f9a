// One form of bytes for all values that SQL calls equal: 1.0 is 1.00, -0 is 0, all NaN are one, 1 month is 30 days, a bpchar has no blanks at
// its end, and so inside arrays, records and jsonb. Keys of indexes are made of it; the kernels' hash and equality say the same of values where
// they lie (kernels' shared/values.ts).
import type { Decimal, Interval } from '../types/datum.ts';
import { type SqlType, TEXT } from '../types/sql-type.ts';
import { decodeNumeric, encodeNumeric } from './numeric-bytes.ts';
import { decodeValue, encodeValue } from './value-bytes.ts';

const BLANK = 0x20;
const DAY_MICROS = 86_400_000_000n;
const TEXT_ENCODER = new TextEncoder();
/** A string, or the fraction of a number up to the zeros at its end. */
const STRING_OR_FRACTION = /"(?:[^"\\]|\\.)*"|\.(\d*?)0+(?!\d)/g;

/** The canonical form of the bytes of a view-stored value (`encodeValue`); the bytes themselves where they have one form only. */
export function canonicalBytes(type: SqlType, bytes: Uint8Array): Uint8Array {
  switch (type.name) {
    case 'bpchar':
      return withoutBlanks(bytes);
    case 'numeric':
      return canonicalNumeric(decodeNumeric(bytes.slice()));
    case 'jsonb':
      return canonicalJson(bytes);
    case 'array':
      return isPlain(type.element ?? TEXT)
        ? bytes
        : canonicalItems(bytes, arrayHead(bytes), 4, () => type.element ?? TEXT);
    case 'record':
      return canonicalItems(bytes, 4, 8, (index) => type.fields?.[index]?.type ?? TEXT);
    default:
      return bytes;
  }
}

/** Microseconds of a normalised interval: what intervals compare by. */
function intervalLength({ months, days, micros }: Interval): bigint {
  return BigInt(days + months * 30) * DAY_MICROS + micros;
}

/** Values with one form of bytes. */
function isPlain(type: SqlType): boolean {
  switch (type.name) {
    case 'bpchar':
    case 'numeric':
    case 'jsonb':
    case 'array':
    case 'record':
    case 'float4':
    case 'float8':
    case 'interval':
      return false;
    default:
      return true;
  }
}

function withoutBlanks(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === BLANK) end--;
  return bytes.subarray(0, end);
}

/** The same number with its trailing decimal zeros gone. */
function canonicalNumeric(value: Decimal): Uint8Array {
  if (value.special !== undefined) return encodeNumeric(value);
  let { coefficient, scale } = value;
  if (coefficient === 0n) scale = 0;
  while (scale > 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    scale--;
  }
  return encodeNumeric({ kind: 'decimal', coefficient, scale });
}

function canonicalJson(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!text.includes('.')) return bytes;
  return TEXT_ENCODER.encode(
    text.replace(STRING_OR_FRACTION, (match, fraction?: string) =>
      fraction === undefined ? match : fraction === '' ? '' : `.${fraction}`,
    ),
  );
}

function arrayHead(bytes: Uint8Array): number {
  return 12 + 8 * new DataView(bytes.buffer, bytes.byteOffset).getInt32(0);
}

/** Items from `start` on, each behind `head` bytes that end with its length (-1: NULL). */
function canonicalItems(
  bytes: Uint8Array,
  start: number,
  head: number,
  typeOf: (index: number) => SqlType,
): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [bytes.slice(0, start)];
  for (let at = start, index = 0; at < bytes.length; index++) {
    const header = bytes.slice(at, at + head);
    const length = view.getInt32(at + head - 4);
    at += head;
    parts.push(header);
    if (length < 0) continue;
    const item = canonicalItem(typeOf(index), bytes.subarray(at, at + length));
    new DataView(header.buffer).setInt32(head - 4, item.length);
    parts.push(item);
    at += length;
  }
  return Buffer.concat(parts);
}

function canonicalItem(type: SqlType, bytes: Uint8Array): Uint8Array {
  switch (type.name) {
    case 'float4':
    case 'float8': {
      const value = decodeValue(type, bytes) as number;
      return encodeValue(type, value === 0 ? 0 : value);
    }
    case 'interval':
      return TEXT_ENCODER.encode(String(intervalLength(decodeValue(type, bytes) as Interval)));
    default:
      return canonicalBytes(type, bytes);
  }
}
