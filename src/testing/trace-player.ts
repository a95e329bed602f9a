// Plays wire traces (trace-format.ts) against a server and compares, or records what a server answers:
//   node src/testing/trace-player.ts play|record HOST:PORT USER DATABASE FILE...
// Each run of F lines is sent in one piece; playing waits for exactly the B lines that follow it, recording until the server
// has been quiet for a moment. A trace that does not begin with its own first packet starts after an ordinary trust login.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  decodeBackend,
  encodeFrontend,
  encodeStartup,
  parseTrace,
  printLine,
  printTrace,
  type Trace,
  type TraceLine,
} from './trace-format.ts';

export interface TraceTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

const ANSWER_TIMEOUT_MS = 5000;
const QUIET_MS = 120;
/** After the last expected message nothing else may come for this long. */
const TAIL_MS = 40;

/** What a trace may begin with instead of after a login. */
const FIRST_PACKETS = new Set(['Startup', 'SSLRequest', 'GSSENCRequest']);

/** Not shown: what no other server can repeat. */
const LEFT_OUT = new Set(['BackendKeyData']);
const CLOSED: TraceLine = { from: 'B', name: 'Closed', body: '' };

class TraceConnection {
  readonly #socket: Socket;
  readonly #lines: TraceLine[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #starting = true;
  /** requests for encryption without an answer */
  #asked = 0;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('close', () => this.#push(CLOSED));
  }

  static async open(target: TraceTarget): Promise<TraceConnection> {
    const socket = connect(target.port, target.host);
    await once(socket, 'connect');
    return new TraceConnection(socket);
  }

  #receive(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    // A request for encryption is answered by one byte.
    while (this.#asked > 0 && this.#bytes.length > 0) {
      this.#asked--;
      const answer = String.fromCharCode(this.#bytes[0]!);
      this.#bytes = this.#bytes.subarray(1);
      this.#push({ from: 'B', name: 'EncryptionAnswer', body: JSON.stringify(answer) });
    }
    while (this.#bytes.length >= 5) {
      const end = 1 + this.#bytes.readInt32BE(1);
      if (this.#bytes.length < end) break;
      const type = String.fromCharCode(this.#bytes[0]!);
      const line = decodeBackend(type, this.#bytes.subarray(5, end), this.#starting);
      this.#bytes = this.#bytes.subarray(end);
      if (line.name === 'ReadyForQuery') this.#starting = false;
      if (!LEFT_OUT.has(line.name)) this.#push(line);
    }
  }

  #push(line: TraceLine): void {
    this.#lines.push(line);
    this.#wake?.();
  }

  send(lines: readonly TraceLine[]): void {
    this.#asked += lines.filter(({ name }) => name === 'SSLRequest' || name === 'GSSENCRequest').length;
    this.#socket.write(Buffer.concat(lines.map(encodeFrontend)));
  }

  /** The next line, or null if none comes within the time. */
  async next(timeoutMs: number): Promise<TraceLine | null> {
    if (this.#lines.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    return this.#lines.shift() ?? null;
  }

  async login(target: TraceTarget): Promise<void> {
    this.#socket.write(encodeStartup({ user: target.user, database: target.database }));
    for (;;) {
      const line = await this.next(ANSWER_TIMEOUT_MS);
      if (line === null || line === CLOSED || line.name === 'ErrorResponse') {
        throw new Error(`login failed: ${line === null ? 'no answer' : printLine(line)}`);
      }
      if (line.name === 'ReadyForQuery') return;
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function started(trace: Trace, target: TraceTarget): Promise<TraceConnection> {
  const connection = await TraceConnection.open(target);
  if (!FIRST_PACKETS.has(trace.lines[0]?.name ?? '')) await connection.login(target);
  return connection;
}

/** Runs of F lines with the B lines behind each. */
function steps(trace: Trace): { sent: TraceLine[]; expected: TraceLine[] }[] {
  const found: { sent: TraceLine[]; expected: TraceLine[] }[] = [];
  let last: 'F' | 'B' = 'B';
  for (const line of trace.lines) {
    if (line.from === 'F' && last === 'B') found.push({ sent: [], expected: [] });
    if (line.from === 'F') found.at(-1)!.sent.push(line);
    else found.at(-1)!.expected.push(line);
    last = line.from;
  }
  return found;
}

/** The differences, as lines to show; none = the server behaves as recorded. */
export async function playTrace(trace: Trace, target: TraceTarget): Promise<string[]> {
  const connection = await started(trace, target);
  try {
    for (const { sent, expected } of steps(trace)) {
      connection.send(sent);
      for (const line of expected) {
        const got = await connection.next(ANSWER_TIMEOUT_MS);
        if (got === null || printLine(got) !== printLine(line)) {
          const after = sent.map((each) => `   after ${printLine(each)}`);
          return [...after, `expected ${printLine(line)}`, `     got ${got === null ? 'nothing' : printLine(got)}`];
        }
      }
    }
    const extra = await connection.next(TAIL_MS);
    return extra === null ? [] : [`expected nothing more`, `     got ${printLine(extra)}`];
  } finally {
    connection.close();
  }
}

/** The same trace with the B lines that this server answers. */
export async function recordTrace(trace: Trace, target: TraceTarget): Promise<Trace> {
  const connection = await started(trace, target);
  try {
    const lines: TraceLine[] = [];
    for (const { sent } of steps(trace)) {
      connection.send(sent);
      lines.push(...sent);
      for (let line = await connection.next(1000); line !== null; line = await connection.next(QUIET_MS))
        lines.push(line);
    }
    return { comments: trace.comments, lines };
  } finally {
    connection.close();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const [mode, address, user, database, ...files] = args;
  if (files.length === 0 || (mode !== 'play' && mode !== 'record')) {
    process.stderr.write('usage: trace-player.ts play|record HOST:PORT USER DATABASE FILE...\n');
    return 2;
  }
  const [host, port] = address!.split(':');
  const target = { host: host!, port: Number(port), user: user!, database: database! };
  let failed = 0;
  for (const file of files) {
    const trace = parseTrace(readFileSync(file, 'utf8'));
    if (mode === 'record') {
      writeFileSync(file, printTrace(await recordTrace(trace, target)));
      continue;
    }
    const differences = await playTrace(trace, target);
    if (differences.length > 0) failed++;
    console.log(`${differences.length === 0 ? 'ok  ' : 'FAIL'} ${basename(file)}`);
    for (const line of differences) console.log(`     ${line}`);
  }
  if (mode === 'play') console.log(`${files.length - failed} of ${files.length} traces play as recorded`);
  return failed === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2));
}
