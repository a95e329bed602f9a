// Bytes from the client -> frames (type byte, body): the first step of every journey. Knows nothing of sockets.
// Bytes are kept in one buffer that only ever grows by doubling into a new one: each byte is copied a constant number of
// times however the network cuts it, and a body handed out stays valid for as long as someone holds it. Type and length
// are judged as soon as they have arrived, so an oversized message is refused before it is buffered.
import { type SqlError, sqlError } from '../../errors/sql-error.ts';

/** PostgreSQL's MAX_STARTUP_PACKET_LENGTH. */
const MAX_STARTUP_PACKET_LENGTH = 10_000;
/** PostgreSQL's limit for messages that carry no query, parameters or data. */
const SMALL_MESSAGE_LIMIT = 10_000;
/** PostgreSQL's limit for password and SASL messages. */
const AUTH_MESSAGE_LIMIT = 65_535;

/** A malformed frame after which the stream cannot be read on. Without `fatal` the connection closes without a word. */
export class FramingError extends Error {
  readonly fatal: SqlError | null;
  constructor(message: string, fatal: SqlError | null = null) {
    super(message);
    this.name = 'FramingError';
    this.fatal = fatal;
  }
}

export interface Frame {
  /** the type byte, as a character code */
  readonly type: number;
  readonly body: Buffer;
}

/** Largest allowed length field for a message type, or -1 where the type is not allowed. */
export type LimitOf = (type: number) => number;

const NO_BYTES = Buffer.alloc(0);
const FIRST_CAPACITY = 4096;

export class MessageReader {
  #bytes: Buffer = NO_BYTES;
  #start = 0;
  #end = 0;

  /** Appends a chunk. The reader keeps the chunk itself where it has nothing else, so it must not be overwritten. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    const kept = this.#end - this.#start;
    if (kept === 0) {
      this.#bytes = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    // Without room at the end, move to a new buffer: bodies handed out may still point into the old one.
    if (this.#end + chunk.length > this.#bytes.length || !this.#owned) {
      const capacity = Math.max(FIRST_CAPACITY, 2 * kept, kept + chunk.length);
      const grown = Buffer.allocUnsafeSlow(capacity);
      this.#bytes.copy(grown, 0, this.#start, this.#end);
      this.#bytes = grown;
      this.#start = 0;
      this.#end = kept;
      this.#ownedBytes = grown;
    }
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  #ownedBytes: Buffer | null = null;

  /** Whether the current buffer is ours to append to, not a chunk of the socket's. */
  get #owned(): boolean {
    return this.#bytes === this.#ownedBytes;
  }

  /** Bytes received and not yet taken. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** The next byte without taking it, or -1. */
  peekByte(): number {
    return this.#start < this.#end ? this.#bytes[this.#start]! : -1;
  }

  /** Everything not yet taken, leaving the reader empty (the bytes of a TLS hello). */
  takeAll(): Buffer {
    const rest = this.#bytes.subarray(this.#start, this.#end);
    this.#bytes = NO_BYTES;
    this.#start = this.#end = 0;
    return rest;
  }

  /** The body of the next startup packet (without its length), or null if it is not complete yet. */
  takeStartupPacket(): Buffer | null {
    if (this.buffered < 4) return null;
    const length = this.#bytes.readInt32BE(this.#start);
    if (length < 8 || length > MAX_STARTUP_PACKET_LENGTH) throw new FramingError('invalid length of startup packet');
    if (this.buffered < length) return null;
    return this.#take(4, length);
  }

  /** The next message, or null if it is not complete yet. Throws FramingError for a bad type or length. */
  takeMessage(limitOf: LimitOf): Frame | null {
    if (this.#start >= this.#end) return null;
    const type = this.#bytes[this.#start]!;
    const limit = limitOf(type);
    if (limit < 0) throw invalidMessageType(type);
    if (this.buffered < 5) return null;
    const length = this.#bytes.readInt32BE(this.#start + 1);
    if (length < 4 || length > limit) throw new FramingError('invalid message length');
    if (this.buffered < length + 1) return null;
    return { type, body: this.#take(5, length + 1) };
  }

  /** Whether a whole message is waiting, whatever its type. */
  hasMessage(): boolean {
    return this.buffered >= 5 && this.buffered > this.#bytes.readInt32BE(this.#start + 1);
  }

  #take(from: number, to: number): Buffer {
    const body = this.#bytes.subarray(this.#start + from, this.#start + to);
    this.#start += to;
    if (this.#start === this.#end) {
      this.#bytes = NO_BYTES;
      this.#ownedBytes = null;
      this.#start = this.#end = 0;
    }
    return body;
  }
}

function invalidMessageType(type: number): FramingError {
  const message = `invalid frontend message type ${type}`;
  return new FramingError(message, sqlError('protocol_violation', message));
}

/** Limits of the ordinary message loop; `largeLimit` bounds Query, Parse, Bind, FunctionCall and CopyData. */
export function messageLimits(largeLimit: number): LimitOf {
  const limits = new Int32Array(256).fill(-1);
  for (const type of 'SXHCDEcf') limits[type.charCodeAt(0)] = SMALL_MESSAGE_LIMIT;
  for (const type of 'QPBFd') limits[type.charCodeAt(0)] = largeLimit;
  return (type) => limits[type]!;
}

/** Limits while COPY FROM STDIN runs: anything but copy data, Flush and Sync loses synchronization. */
export function copyInLimits(largeLimit: number): LimitOf {
  const limits = new Int32Array(256).fill(-1);
  for (const type of 'SHcf') limits[type.charCodeAt(0)] = SMALL_MESSAGE_LIMIT;
  limits['d'.charCodeAt(0)] = largeLimit;
  return (type) => limits[type]!;
}

/** Limits while a password is awaited. */
export function authLimits(type: number): number {
  return type === 0x70 /* p */ ? AUTH_MESSAGE_LIMIT : -1;
}
