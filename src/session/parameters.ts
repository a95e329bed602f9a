// Bound parameters: wire bytes (text or binary format) to datums, with PostgreSQL's checks and error context.
import { SqlError, sqlError } from '../errors/sql-error.ts';
import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import { typeOperations } from '../types/type-operations.ts';
import { REGISTERED_TYPES } from './registered-types.ts';
import type { Format } from './session-contract.ts';
import type { SessionState } from './session-state.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 text without NUL, or 22021. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.includes(0)) {
    throw sqlError('character_not_in_repertoire', 'invalid byte sequence for encoding "UTF8": 0x00');
  }
  try {
    return strictUtf8.decode(bytes);
  } catch {
    const bad = [...bytes].find((byte) => byte > 0x7f) ?? 0;
    throw sqlError('character_not_in_repertoire', `invalid byte sequence for encoding "UTF8": 0x${bad.toString(16)}`);
  }
}

/** The value of parameter `index` (0-based), copied out of the message. Throws 22P02, 22P03, 22021, 08P01. */
export function decodeParameter(
  bytes: Uint8Array,
  type: SqlType,
  format: Format,
  index: number,
  state: SessionState,
): Datum {
  const operations = typeOperations(type);
  let context = `unnamed portal parameter $${index + 1}`;
  try {
    if (format === 1) return operations.decodeBinary(bytes, type);
    const text = decodeUtf8(bytes);
    context += " = '...'";
    const registered = REGISTERED_TYPES[`${type.name}in`];
    if (registered !== undefined) return registered(state, [text])!;
    return operations.parseText(text, type, state.typeSettings());
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(error.condition, error.message, { ...error.details, context });
  }
}
