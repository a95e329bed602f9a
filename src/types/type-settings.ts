// The session settings that reading and printing values depends on, and what every type must be able to do.
import type { Datum } from './datum.ts';
import type { SqlType, TypeName } from './sql-type.ts';

export interface TypeSettings {
  /** e.g. 'ISO, MDY' */
  readonly dateStyle: string;
  readonly intervalStyle: 'postgres' | 'postgres_verbose' | 'sql_standard' | 'iso_8601';
  /** IANA name or a fixed offset such as '+02:00' */
  readonly timeZone: string;
  readonly extraFloatDigits: number;
  readonly byteaOutput: 'hex' | 'escape';
  /** what 'now', 'today' ... mean, in microseconds since 1970 UTC; the clock where absent */
  readonly nowMicros?: bigint;
  /** names of regclass, regtype ... values, from the catalog; plain numbers where absent */
  readonly registeredName?: (type: TypeName, oid: number) => string;
}

export const DEFAULT_SETTINGS: TypeSettings = {
  dateStyle: 'ISO, MDY',
  intervalStyle: 'postgres',
  timeZone: 'UTC',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
};

export interface TypeOperations {
  /** The type's input function, typmod applied. Throws PostgreSQL's errors (22P02, 22003, 22007, 22008 ...). */
  parseText(text: string, type: SqlType, settings?: TypeSettings): Datum;
  /** The type's output function. */
  formatText(datum: Datum, type: SqlType, settings?: TypeSettings): string;
  /** PostgreSQL's binary formats. */
  encodeBinary(datum: Datum, type: SqlType): Uint8Array;
  decodeBinary(bytes: Uint8Array, type: SqlType): Datum;
  /** SQL order of two non-null values: negative, 0, positive. */
  compare(a: Datum, b: Datum, type: SqlType): number;
}

export const TEXT_ENCODER = new TextEncoder();
export const TEXT_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A fixed-width big-endian binary value. */
export function bigEndian(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
