// Entry of a sandbox child process: a loop that reads a request frame from stdin, runs it in the function's guest and
// writes one reply frame to stdout. Reads and writes block on purpose: the child has nothing else to do, and no timer,
// socket or promise of its own can then be waiting. Ends when stdin ends, when its parent is gone, or by SIGKILL.
// Arguments: memory limit in bytes, time limit in ms, largest frame in bytes, path of the QuickJS wasm file.
import { readFileSync, readSync, writeSync } from 'node:fs';
import {
  align8,
  FRAME_HEADER_BYTES,
  type Frame,
  frameParts,
  type GuestFailure,
  REPLY,
  REQUEST,
  readFrame,
} from './frame.ts';
import { Guest, GuestError, type GuestLimits, GuestMemoryError, type InstallSpec } from './guest.ts';

const STDIN = 0;
const STDOUT = 1;
const WAIT_CELL = new Int32Array(new SharedArrayBuffer(4));

/** Runs a blocking read or write, again while the descriptor has no data or no room. */
function blocking(operation: () => number): number {
  for (;;) {
    try {
      return operation();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(WAIT_CELL, 0, 0, 1);
    }
  }
}

function readExactly(into: Uint8Array, from: number): boolean {
  for (let at = from; at < into.length; ) {
    const count = blocking(() => readSync(STDIN, into, at, into.length - at, null));
    if (count === 0) return false;
    at += count;
  }
  return true;
}

function nextRequest(largestFrame: number): Frame | undefined {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  if (!readExactly(header, 0)) return undefined;
  const length = new DataView(header.buffer).getUint32(0, true) + 4;
  if (length > largestFrame || length < align8(FRAME_HEADER_BYTES)) throw new Error('malformed request');
  const frame = new Uint8Array(length);
  frame.set(header);
  return readExactly(frame, FRAME_HEADER_BYTES) ? readFrame(frame) : undefined;
}

function send(code: number, memoryBytes: number, json: string, data?: Uint8Array): void {
  for (const part of frameParts(code, memoryBytes, json, data === undefined ? [] : [data])) {
    for (let at = 0; at < part.length; ) at += blocking(() => writeSync(STDOUT, part, at));
  }
}

const guests = new Map<number, Guest>();

function memoryInUse(): number {
  let bytes = 0;
  for (const guest of guests.values()) bytes += guest.memoryBytes;
  return bytes;
}

function sendFailure(error: unknown, guest: Guest | undefined, installing: boolean): void {
  const failure: GuestFailure =
    error instanceof GuestError
      ? error.failure
      : { name: 'Error', message: error instanceof Error ? error.message : String(error) };
  const outOfMemory = failure.message === 'out of memory' || error instanceof GuestMemoryError;
  const known = error instanceof GuestError && failure.message !== 'null';
  const code = guest?.timedOut
    ? REPLY.timeout
    : outOfMemory
      ? REPLY.memory
      : installing && known
        ? REPLY.rejected
        : REPLY.broken;
  send(code, memoryInUse(), JSON.stringify(failure));
}

async function handle(
  request: Frame,
  wasmModule: WebAssembly.Module,
  limits: GuestLimits,
  parentPid: number,
): Promise<void> {
  const key = request.number;
  let guest = guests.get(key);
  try {
    if (request.code === REQUEST.install) {
      guest = await Guest.create(wasmModule, limits, parentPid);
      guest.install(JSON.parse(request.json) as InstallSpec);
      guests.set(key, guest);
      send(REPLY.done, memoryInUse(), '{}');
    } else if (request.code === REQUEST.drop) {
      guests.delete(key);
      // The child runs with --expose-gc: wasm memory goes back to the system when its instance is collected.
      globalThis.gc?.();
      send(REPLY.done, memoryInUse(), '{}');
    } else {
      const result = guest!.call(request.json, request.data);
      send(REPLY.done, memoryInUse(), result.json, result.data);
    }
  } catch (error) {
    sendFailure(error, guest, request.code === REQUEST.install);
  }
}

async function main(): Promise<void> {
  const [memoryBytes, timeMs, largestFrame, wasmPath] = process.argv.slice(2) as [string, string, string, string];
  const parentPid = process.ppid;
  const wasmModule = new WebAssembly.Module(readFileSync(wasmPath));
  const limits = { memoryBytes: Number(memoryBytes), timeMs: Number(timeMs) };
  send(REPLY.ready, 0, '{}');
  for (;;) {
    const request = nextRequest(Number(largestFrame));
    if (request === undefined) return;
    await handle(request, wasmModule, limits, parentPid);
  }
}

// Emscripten would print to stdout, which carries our frames.
console.log = () => {};
await main();
process.exit(0);
