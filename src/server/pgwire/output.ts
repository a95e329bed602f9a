// The way out of a connection: collects messages in a MessageWriter, hands them to the socket on flush, and holds back
// whoever produces rows while the client does not read. Memory per connection is bounded by the socket's high-water mark
// plus one send buffer; a client that reads nothing for `sendTimeoutMs` is cut off.
import type { Socket } from 'node:net';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import { MessageWriter } from './message-writer.ts';

/** Rows may pile up to this many bytes before they are handed to the socket. */
const FLUSH_AT = 64 * 1024;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Output {
  readonly writer = new MessageWriter();
  readonly #sendTimeoutMs: number;
  readonly #onStuck: () => void;
  #socket: Socket;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  /** bytes handed to the socket since the connection began */
  bytesSent = 0;

  constructor(socket: Socket, sendTimeoutMs: number, onStuck: () => void) {
    this.#socket = socket;
    this.#sendTimeoutMs = sendTimeoutMs;
    this.#onStuck = onStuck;
    this.#listen(socket);
  }

  /** Goes on over another socket: the TLS one that wraps the first. */
  switchTo(socket: Socket): void {
    this.#socket = socket;
    this.#listen(socket);
  }

  #listen(socket: Socket): void {
    socket.on('drain', () => {
      if (socket === this.#socket) this.#wake();
    });
  }

  /** What the client has not taken yet. */
  get waitingBytes(): number {
    return this.writer.length + this.#socket.writableLength;
  }

  /** Hands everything written so far to the socket. */
  flush(): void {
    if (this.writer.length === 0) return;
    const bytes = this.writer.take();
    if (this.#closed) return;
    this.bytesSent += bytes.length;
    this.#socket.write(bytes, this.#written);
  }

  readonly #written = (error: Error | null | undefined): void => {
    if (error) this.close();
  };

  /** Whether `throttle` has something to do. */
  get isFull(): boolean {
    return this.writer.length >= FLUSH_AT || this.#socket.writableNeedDrain;
  }

  /** For producers of many messages: flushes when enough is there, and waits for a slow client. */
  throttle(): void | Promise<void> {
    if (!this.isFull) return;
    this.flush();
    return this.drained();
  }

  /** Resolves when the socket takes more bytes; rejects 08006 when the client is gone, or as `interrupt` says. */
  drained(): void | Promise<void> {
    if (this.#closed) throw connectionLost();
    if (!this.#socket.writableNeedDrain) return;
    return this.#untilDrained();
  }

  async #untilDrained(): Promise<void> {
    while (this.#socket.writableNeedDrain) await this.progress();
  }

  /** Resolves when the socket has sent something; rejects as `drained` does. */
  progress(): Promise<void> {
    if (this.#closed) return Promise.reject(connectionLost());
    return this.#wait();
  }

  #wait(): Promise<void> {
    if (this.#timer === null && this.#sendTimeoutMs > 0) {
      this.#timer = setTimeout(this.#onStuck, this.#sendTimeoutMs);
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** Writes `bytes`, whole messages, behind what was flushed; `done` is called when they may be overwritten. */
  writeThrough(bytes: Uint8Array, done: () => void): void {
    this.flush();
    if (this.#closed) {
      done();
      return;
    }
    this.bytesSent += bytes.length;
    this.#socket.write(bytes, (error) => {
      done();
      // A failed write is known before the socket's close event; without this a producer would spin until then.
      if (error) this.close();
      else this.#wake();
    });
  }

  /** A producer that waits for the client fails with `error` (a cancel). */
  interrupt(error: SqlError): void {
    this.#settle((waiter) => waiter.reject(error));
  }

  /** The socket is gone: whoever waits or writes rows gets 08006. */
  close(): void {
    this.#closed = true;
    this.#settle((waiter) => waiter.reject(connectionLost()));
  }

  get closed(): boolean {
    return this.#closed;
  }

  #wake(): void {
    this.#settle((waiter) => waiter.resolve());
  }

  #settle(how: (waiter: Waiter) => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) how(waiter);
  }
}

export function connectionLost(): SqlError {
  return sqlError('connection_failure', 'connection to client lost');
}
