// Checks shared by the binary input functions.
import { sqlError } from '../errors/sql-error.ts';

/** 22P03 unless exactly `length` bytes came. */
export function expectLength(bytes: Uint8Array, length: number): void {
  if (bytes.length < length) throw sqlError('protocol_violation', 'insufficient data left in message');
  if (bytes.length > length) throw sqlError('invalid_binary_representation', 'incorrect binary data format');
}
