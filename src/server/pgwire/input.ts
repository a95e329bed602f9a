// The way in of a connection: chunks from the socket -> MessageReader, and waiting for more. While much is buffered that
// nobody has taken yet (a client that pipelines, COPY data faster than it is parsed), the socket is paused.
import type { Socket } from 'node:net';
import type { SqlError } from '../../errors/sql-error.ts';
import { type Frame, type LimitOf, MessageReader } from './message-reader.ts';

const PAUSE_AT = 1024 * 1024;

interface Waiter {
  readonly resolve: (open: boolean) => void;
  readonly reject: (error: Error) => void;
}

export class Input {
  readonly reader = new MessageReader();
  #socket: Socket;
  #waiter: Waiter | null = null;
  #ended = false;
  #paused = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  switchTo(socket: Socket): void {
    this.#socket = socket;
    this.#paused = false;
  }

  push(chunk: Buffer): void {
    this.reader.push(chunk);
    // A message in the middle needs its rest, however long; only whole messages are left waiting.
    if (this.reader.buffered > PAUSE_AT && !this.#paused && this.reader.hasMessage()) {
      this.#paused = true;
      this.#socket.pause();
    }
    this.#wake(true);
  }

  /** No more bytes will come. */
  end(): void {
    this.#ended = true;
    this.#wake(false);
  }

  get ended(): boolean {
    return this.#ended;
  }

  next(limitOf: LimitOf): Frame | null {
    const frame = this.reader.takeMessage(limitOf);
    if (this.#paused && (frame === null || this.reader.buffered < PAUSE_AT / 2)) {
      this.#paused = false;
      this.#socket.resume();
    }
    return frame;
  }

  /** Resolves true when more bytes have come, false when none will. */
  more(): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  /** Whoever waits for bytes fails with `error` (COPY FROM STDIN cancelled). */
  interrupt(error: SqlError): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.reject(error);
  }

  #wake(open: boolean): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.resolve(open);
  }
}
