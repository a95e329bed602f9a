// Frames -> frontend messages: the bodies of Query, Parse, Bind, ... decoded with PostgreSQL's checks and error texts.
// All decode errors are ordinary ERRORs of class 08P01 or 22021; the session lives on.
import { sqlError } from '../../errors/sql-error.ts';
import type { Format } from '../../session/session-contract.ts';

export interface ParseMessage {
  readonly name: string;
  readonly text: string;
  readonly paramTypeOids: readonly number[];
}

export interface BindMessage {
  readonly portal: string;
  readonly statement: string;
  readonly paramFormats: readonly Format[];
  /** views on the message's bytes */
  readonly values: readonly (Uint8Array | null)[];
  readonly resultFormats: readonly Format[];
}

/** Describe and Close name their target by kind. */
export interface TargetMessage {
  readonly target: 'S' | 'P';
  readonly name: string;
}

export interface ExecuteMessage {
  readonly portal: string;
  /** 0 = all */
  readonly maxRows: number;
}

const SHORT_BYTES = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Walks a message body; every read is checked. */
export class BodyReader {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  get remaining(): number {
    return this.#body.length - this.#at;
  }

  /** A NUL-terminated UTF-8 string. */
  string(): string {
    const end = this.#body.indexOf(0, this.#at);
    if (end < 0) throw sqlError('protocol_violation', 'invalid string in message');
    const text = decodeUtf8(this.#body, this.#at, end);
    this.#at = end + 1;
    return text;
  }

  byte(): number {
    this.#need(1);
    return this.#body[this.#at++]!;
  }

  int16(): number {
    this.#need(2);
    const value = this.#body.readInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  uint16(): number {
    return this.int16() & 0xffff;
  }

  int32(): number {
    this.#need(4);
    const value = this.#body.readInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  bytes(length: number): Buffer {
    this.#need(length);
    const view = this.#body.subarray(this.#at, this.#at + length);
    this.#at += length;
    return view;
  }

  end(): void {
    if (this.remaining !== 0) throw sqlError('protocol_violation', 'invalid message format');
  }

  #need(length: number): void {
    if (length < 0 || length > this.remaining) {
      throw sqlError('protocol_violation', 'insufficient data left in message');
    }
  }
}

export function decodeQuery(body: Buffer): string {
  const reader = new BodyReader(body);
  const text = reader.string();
  reader.end();
  return text;
}

export function decodeParse(body: Buffer): ParseMessage {
  const reader = new BodyReader(body);
  const name = reader.string();
  const text = reader.string();
  const count = reader.uint16();
  const paramTypeOids: number[] = [];
  for (let i = 0; i < count; i++) paramTypeOids.push(reader.int32() >>> 0);
  reader.end();
  return { name, text, paramTypeOids };
}

export function decodeBind(body: Buffer): BindMessage {
  const reader = new BodyReader(body);
  const portal = reader.string();
  const statement = reader.string();
  const paramFormats = decodeFormats(reader);
  const count = reader.uint16();
  if (paramFormats.length > 1 && paramFormats.length !== count) {
    const message = `bind message has ${paramFormats.length} parameter formats but ${count} parameters`;
    throw sqlError('protocol_violation', message);
  }
  const values: (Uint8Array | null)[] = [];
  for (let i = 0; i < count; i++) {
    const length = reader.int32();
    values.push(length === -1 ? null : reader.bytes(length));
  }
  const resultFormats = decodeFormats(reader);
  reader.end();
  checkFormats(paramFormats);
  checkFormats(resultFormats);
  return { portal, statement, paramFormats, values, resultFormats };
}

export function decodeTarget(body: Buffer, messageName: 'DESCRIBE' | 'CLOSE'): TargetMessage {
  const reader = new BodyReader(body);
  const target = reader.byte();
  const name = reader.string();
  reader.end();
  if (target === 0x53) return { target: 'S', name };
  if (target === 0x50) return { target: 'P', name };
  throw sqlError('protocol_violation', `invalid ${messageName} message subtype ${target}`);
}

export function decodeExecute(body: Buffer): ExecuteMessage {
  const reader = new BodyReader(body);
  const portal = reader.string();
  const maxRows = reader.int32();
  reader.end();
  return { portal, maxRows: Math.max(0, maxRows) };
}

/** For Flush and Sync, which have no body. */
export function decodeEmpty(body: Buffer): void {
  new BodyReader(body).end();
}

function decodeFormats(reader: BodyReader): Format[] {
  const count = reader.uint16();
  const formats: Format[] = [];
  for (let i = 0; i < count; i++) formats.push(reader.int16() as Format);
  return formats;
}

function checkFormats(formats: readonly number[]): void {
  for (const format of formats) {
    if (format !== 0 && format !== 1) {
      throw sqlError('invalid_parameter_value', `unsupported format code: ${format}`);
    }
  }
}

/** Strict UTF-8; throws 22021 naming the first bad bytes as PostgreSQL does. */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  if (start === end) return '';
  if (isShortAscii(bytes, start, end)) return bytes.toString('latin1', start, end);
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch {
    throw sqlError('character_not_in_repertoire', invalidUtf8Message(bytes.subarray(start, end)));
  }
}

/** Names of statements and portals, which every Bind has: a decoder call costs more than looking at each byte. */
function isShortAscii(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > SHORT_BYTES) return false;
  for (let i = start; i < end; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}

/** PostgreSQL names as many bytes as the lead byte announces, as far as they are there. */
function invalidUtf8Message(bytes: Uint8Array): string {
  const at = firstInvalidUtf8(bytes);
  const lead = bytes[at]!;
  const announced =
    lead < 0x80 ? 1 : (lead & 0xe0) === 0xc0 ? 2 : (lead & 0xf0) === 0xe0 ? 3 : (lead & 0xf8) === 0xf0 ? 4 : 1;
  const shown = bytes.subarray(at, Math.min(at + announced, bytes.length));
  const hex = [...shown].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
  return `invalid byte sequence for encoding "UTF8": ${hex}`;
}

function firstInvalidUtf8(bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; ) {
    const length = utf8SequenceLength(bytes, i);
    if (length === 0) return i;
    i += length;
  }
  return 0;
}

/** Length of the valid sequence at i, or 0 (RFC 3629, table of well-formed sequences). */
function utf8SequenceLength(bytes: Uint8Array, i: number): number {
  const a = bytes[i]!;
  if (a < 0x80) return a === 0 ? 0 : 1;
  const b = bytes[i + 1] ?? 0;
  const continues = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  if (a >= 0xc2 && a <= 0xdf) return continues(i + 1) ? 2 : 0;
  if (a >= 0xe0 && a <= 0xef) {
    const low = a === 0xe0 ? 0xa0 : 0x80;
    const high = a === 0xed ? 0x9f : 0xbf;
    return b >= low && b <= high && continues(i + 2) ? 3 : 0;
  }
  if (a >= 0xf0 && a <= 0xf4) {
    const low = a === 0xf0 ? 0x90 : 0x80;
    const high = a === 0xf4 ? 0x8f : 0xbf;
    return b >= low && b <= high && continues(i + 2) && continues(i + 3) ? 4 : 0;
  }
  return 0;
}
