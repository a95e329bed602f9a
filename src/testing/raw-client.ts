// A client that speaks the wire protocol byte by byte, for tests of what no driver would send. Reads messages as they come; keeps
// nothing but what `next` has not taken yet; can stop reading.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { serialize } from 'pg-protocol';

export interface RawMessage {
  readonly type: string;
  readonly body: Buffer;
}

/** A server that is silent for so long has nothing to say, however busy the machine is. */
const ANSWER_TIMEOUT_MS = 60_000;
const [DATA_ROW, COPY_DATA] = [0x44, 0x64];

export class RawClient {
  readonly socket: Socket;
  /** rows (DataRow, CopyData) are counted in `rowCount` instead of kept */
  countRows = false;
  rowCount = 0;
  private readonly messages: RawMessage[] = [];
  private bytes: Buffer = Buffer.alloc(0);
  private ended = false;
  private wake: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('close', () => {
      this.ended = true;
      this.wake?.();
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** Connected, authenticated by trust and ready. */
  static async login(port: number, options: Readonly<Record<string, string>> = {}): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.send(serialize.startup({ user: 'postgres', database: 'postgres', ...options }));
    const answer = await client.until('Z');
    if (answer.at(-1)?.type !== 'Z') throw new Error(`login failed: ${JSON.stringify(firstError(answer))}`);
    return client;
  }

  get closed(): boolean {
    return this.ended && this.messages.length === 0;
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** The next message; null when the server has closed, or nothing came within the time. */
  async next(timeoutMs = ANSWER_TIMEOUT_MS): Promise<RawMessage | null> {
    const deadline = performance.now() + timeoutMs;
    while (this.messages.length === 0 && !this.ended && performance.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - performance.now());
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = null;
    }
    return this.messages.shift() ?? null;
  }

  /** Messages up to and with the first of `type`; fewer if the server closes or falls silent before. */
  async until(type: string, timeoutMs = ANSWER_TIMEOUT_MS): Promise<RawMessage[]> {
    const found: RawMessage[] = [];
    for (let message = await this.next(timeoutMs); message !== null; message = await this.next(timeoutMs)) {
      found.push(message);
      if (message.type === type) break;
    }
    return found;
  }

  /** Everything until the server closes or has been silent for the time. */
  async rest(timeoutMs: number): Promise<RawMessage[]> {
    return this.until('', timeoutMs);
  }

  query(text: string): Promise<RawMessage[]> {
    this.send(serialize.query(text));
    return this.until('Z');
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
    while (this.bytes.length >= 5) {
      const end = 1 + this.bytes.readInt32BE(1);
      if (this.bytes.length < end) break;
      const type = this.bytes[0]!;
      if (this.countRows && (type === DATA_ROW || type === COPY_DATA)) this.rowCount++;
      else this.messages.push({ type: String.fromCharCode(type), body: this.bytes.subarray(5, end) });
      this.bytes = this.bytes.subarray(end);
    }
    this.wake?.();
  }
}

/** The fields of an ErrorResponse or NoticeResponse by their letter. */
export function errorFields(body: Buffer): Readonly<Record<string, string>> {
  const texts = body.toString('utf8').split('\0');
  return Object.fromEntries(texts.filter((text) => text !== '').map((text) => [text[0]!, text.slice(1)]));
}

/** `SQLSTATE message` of the first ErrorResponse, or null. */
export function firstError(messages: readonly RawMessage[]): string | null {
  const error = messages.find(({ type }) => type === 'E');
  if (error === undefined) return null;
  const fields = errorFields(error.body);
  return `${fields.C} ${fields.M}`;
}

/** Texts of the DataRows; null values as null. */
export function dataRows(messages: readonly RawMessage[]): (string | null)[][] {
  return messages
    .filter(({ type }) => type === 'D')
    .map(({ body }) => {
      const row: (string | null)[] = [];
      let at = 2;
      for (let i = body.readInt16BE(0); i > 0; i--) {
        const length = body.readInt32BE(at);
        at += 4;
        row.push(length < 0 ? null : body.toString('utf8', at, at + length));
        at += Math.max(length, 0);
      }
      return row;
    });
}
