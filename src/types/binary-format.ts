// What the binary forms of several types share.
import { sqlError } from '../errors/sql-error.ts';

/** 22P03 unless exactly `length` bytes came. */
export function expectLength(bytes: Uint8Array, length: number): void {
  if (bytes.length < length) throw sqlError('protocol_violation', 'insufficient data left in message');
  if (bytes.length > length) throw sqlError('invalid_binary_representation', 'incorrect binary data format');
}

/** Bytes that `putSized` takes for the parts, with `gap` bytes before each length. */
export function sizedLength(parts: readonly (Uint8Array | null)[], gap = 0): number {
  return parts.reduce((sum, part) => sum + gap + 4 + (part?.length ?? 0), 0);
}

/** Elements or fields from `at` on, each behind its big-endian i32 length, -1 for NULL; `gap` bytes before a length are left as they are. */
export function putSized(bytes: Uint8Array, at: number, parts: readonly (Uint8Array | null)[], gap = 0): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let place = at;
  for (const part of parts) {
    view.setInt32(place + gap, part === null ? -1 : part.length);
    place += gap + 4;
    if (part !== null) bytes.set(part, place);
    place += part?.length ?? 0;
  }
}
