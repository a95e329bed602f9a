// One sandbox child process as the server sees it: started with a command of sandbox-command.ts, asked one request at a
// time, killed with SIGKILL when a request works too long, the process grows too big, or the caller gives up.
// A child that was killed or that failed oddly is never used again; child-pool.ts starts another.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FRAME_HEADER_BYTES, type Frame, frameParts, REPLY, readFrame } from './sandbox/frame.ts';
import type { SandboxCommand, SandboxLimits } from './sandbox-command.ts';

/** Why a child ended while a request was under way. `exited` is nobody's fault that we know of and may be retried. */
export type ChildEnd = 'timeout' | 'memory' | 'cancelled' | 'exited' | 'closed';

export class ChildEnded extends Error {
  readonly reason: ChildEnd;
  constructor(reason: ChildEnd, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface ChildRequest {
  readonly code: number;
  readonly key: number;
  readonly json: string;
  readonly data: readonly Uint8Array[];
}

interface Pending {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

/** On the wall: a child that does nothing is stuck; one that the machine gives no processor is not. */
const STUCK_MS = 60_000;
const WATCH_INTERVAL_MS = 20;
const PROCESS_SLACK_BYTES = 64 << 20;
const STDERR_KEPT_CHARACTERS = 2000;

/** What the system tells of a process; empty where it has no /proc, or no such process. */
function processFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** Resident bytes of a process, or 0 where they are not known. */
function residentBytes(pid: number): number {
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(processFile(pid, 'status'));
  return resident === null ? 0 : Number(resident[1]) * 1024;
}

/** Processor time of the main thread of a process, or 0 where it is not known. Linux counts it in hundredths of a second. */
export function workedMs(pid: number): number {
  const text = processFile(pid, `task/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // the name before may hold anything
  return text === '' ? 0 : 10 * (Number(fields[11]) + Number(fields[12]));
}

export class SandboxChild {
  /** The functions installed in this child and their keys there, least recently used first. */
  readonly functions = new Map<string, number>();
  /** The estimate of the memory of all its functions, from its last reply. */
  memoryBytes = 0;
  nextKey = 1;
  readonly #process: ChildProcess;
  readonly #limits: SandboxLimits;
  readonly #ended: Promise<void>;
  #usable = true;
  #endReason: ChildEnd | undefined;
  #idleBytes = 0;
  #pending: Pending | undefined;
  #chunks: Uint8Array[] = [];
  #received = 0;
  #stderr = '';

  private constructor(command: SandboxCommand, limits: SandboxLimits) {
    this.#limits = limits;
    // In a session of its own: a Ctrl-C at the server's terminal is for the server alone, which ends its children itself.
    const stdio = ['pipe', 'pipe', 'pipe'] as const;
    this.#process = spawn(command.file, command.args, { env: {}, cwd: '/', stdio: [...stdio], detached: true });
    this.#process.stdout!.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT_CHARACTERS);
    });
    this.#process.stdin!.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      this.#process.on('close', (code, signal) => {
        this.#onEnd(code, signal);
        resolve();
      });
      this.#process.on('error', (error) => {
        this.#stderr += error.message;
        this.#onEnd(null, null);
        resolve();
      });
    });
  }

  /** Starts a child and waits until it is ready. Throws ChildEnded if it does not come up. */
  static async start(command: SandboxCommand, limits: SandboxLimits): Promise<SandboxChild> {
    const child = new SandboxChild(command, limits);
    const ready = await child.#await(Number.POSITIVE_INFINITY, undefined);
    if (ready.code !== REPLY.ready) throw new ChildEnded('exited', 'the sandbox process spoke out of turn');
    child.#idleBytes = residentBytes(child.#process.pid!);
    return child;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether another request may be sent. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Sends one request and waits for its reply. Throws ChildEnded; the child is then gone. */
  async request(request: ChildRequest, signal: AbortSignal | undefined): Promise<Frame> {
    if (!this.#usable) throw new ChildEnded('exited', 'the sandbox process has ended');
    const stdin = this.#process.stdin!;
    for (const part of frameParts(request.code, request.key, request.json, request.data)) stdin.write(part);
    // The child measures its own processor time; this limit is for what it cannot interrupt itself.
    const reply = await this.#await(2 * this.#limits.timeMs + 250, signal);
    this.memoryBytes = reply.number;
    if (reply.code === REPLY.timeout) throw await this.#endWith('timeout');
    if (reply.code === REPLY.memory) throw await this.#endWith('memory');
    return reply;
  }

  /** Kills the process; resolves when it is gone. */
  kill(reason: ChildEnd): Promise<void> {
    this.#usable = false;
    this.#endReason ??= reason;
    this.setReferenced(true);
    this.#process.kill('SIGKILL');
    return this.#ended;
  }

  /** Lets the server's own process end while this child is idle. */
  setReferenced(referenced: boolean): void {
    const handles = [this.#process, this.#process.stdin, this.#process.stdout, this.#process.stderr];
    for (const handle of handles as { ref?(): void; unref?(): void }[]) referenced ? handle.ref?.() : handle.unref?.();
  }

  async #endWith(reason: ChildEnd): Promise<ChildEnded> {
    await this.kill(reason);
    return new ChildEnded(reason, this.#stderr);
  }

  /** The next frame of the child, which may work so long for it. */
  #await(limitMs: number, signal: AbortSignal | undefined): Promise<Frame> {
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    this.#pending = { resolve, reject };
    const onAbort = () => void this.kill('cancelled');
    const stuck = setTimeout(() => void this.kill('timeout'), STUCK_MS + 20 * this.#limits.timeMs);
    const pid = this.#process.pid;
    const until = pid === undefined ? 0 : workedMs(pid) + limitMs;
    const watch = setInterval(() => this.#watch(until), WATCH_INTERVAL_MS);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    return promise.finally(() => {
      clearTimeout(stuck);
      clearInterval(watch);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  #watch(untilMs: number): void {
    const pid = this.#process.pid;
    if (pid === undefined) return;
    const allowed = this.#idleBytes + 2 * this.#limits.memoryBytes + PROCESS_SLACK_BYTES;
    if (this.#idleBytes > 0 && residentBytes(pid) > allowed) void this.kill('memory');
    else if (workedMs(pid) > untilMs) void this.kill('timeout');
  }

  #receive(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#received < FRAME_HEADER_BYTES) return;
    const first = this.#chunks[0]!.length >= 4 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const length = new DataView(first.buffer, first.byteOffset, 4).getUint32(0, true) + 4;
    if (length > this.#limits.frameBytes) return void this.kill('memory');
    if (this.#received < length) return;
    const bytes = new Uint8Array(this.#received);
    let at = 0;
    for (const piece of this.#chunks) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#chunks = [];
    this.#received = 0;
    const pending = this.#pending;
    this.#pending = undefined;
    try {
      if (pending === undefined || bytes.length !== length) throw new Error('unexpected bytes');
      pending.resolve(readFrame(bytes));
    } catch {
      void this.kill('exited');
      pending?.reject(new ChildEnded('exited', 'the sandbox process sent a malformed reply'));
    }
  }

  #onEnd(code: number | null, signal: string | null): void {
    this.#usable = false;
    // V8 aborts when its heap is full, and the kernel's or the shell's limits end in the same two signals.
    const outOfMemory =
      signal === 'SIGABRT' || signal === 'SIGTRAP' || code === 134 || /out of memory/i.test(this.#stderr);
    const reason = this.#endReason ?? (outOfMemory ? 'memory' : 'exited');
    const note = this.#stderr.trim() || `exit code ${code}, signal ${signal}`;
    this.#pending?.reject(new ChildEnded(reason, note));
    this.#pending = undefined;
  }
}
