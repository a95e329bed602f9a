// What a call of a user-defined function costs in each kind of sandbox, per row and per batch of 2,048 rows:
//   node conformance/benchmarks/udf-bench.ts [folder with node_modules/isolated-vm]
// Functions: x * 2 + 1 over integers, and clean_text over strings. Sandboxes:
//   headrace        QuickJS in wasm in a child, frames over a pipe: src/udf as it is
//   vm-child        node:vm in a bare child under --permission, child_process messages with serialization 'advanced'
//   isolated-vm     in this process, asynchronous calls: one apply per row, and one per batch with copied arrays
// and the messages alone: 'advanced', 'json' and v8.serialize over stdin against a frame over stdin.
// Numbers are medians of many batches after a warm-up; without isolated-vm that part is reported as skipped.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { UdfDefinition } from '../../src/udf/udf-definition.ts';
import { UdfHost } from '../../src/udf/udf-host.ts';

const ROWS = 2048;
const WARM_UP = 15;
const ROUNDS = 60;

interface Case {
  readonly name: string;
  readonly argType: string;
  readonly row: string;
  readonly vector: string;
  readonly column: unknown[];
}

const CASES: readonly Case[] = [
  {
    name: 'x * 2 + 1 (float8)',
    argType: 'float8',
    row: 'return x * 2 + 1',
    vector:
      'const out = new Float64Array(x.length); for (let i = 0; i < x.length; i++) out[i] = x[i] * 2 + 1; return out',
    column: Array.from({ length: ROWS }, (_, i) => i / 3),
  },
  {
    name: 'clean_text (text)',
    argType: 'text',
    row: "return x.trim().toLowerCase().replace(/  +/g, ' ')",
    vector: "return x.map((s) => s.trim().toLowerCase().replace(/  +/g, ' '))",
    column: Array.from({ length: ROWS }, (_, i) => `  Product  Number ${i}  `),
  },
];

/** Median milliseconds of one call of `batch`. */
async function median(batch: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const start = performance.now();
    await batch();
    if (round >= WARM_UP) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

function report(sandbox: string, what: string, ms: number): void {
  console.log(
    `${sandbox.padEnd(22)} ${what.padEnd(32)} ${ms.toFixed(2).padStart(8)} ms/batch ${((ms * 1e6) / ROWS).toFixed(0).padStart(7)} ns/row`,
  );
}

async function benchHeadrace(): Promise<void> {
  const options = { maxChildren: 1, callTimeoutMs: 5000, memoryLimitBytes: 64 << 20 };
  const start = performance.now();
  const host = new UdfHost(options);
  for (const test of CASES) {
    for (const vectorized of [false, true]) {
      const def: UdfDefinition = {
        id: `${test.name}/${vectorized}`,
        name: 'f',
        language: 'javascript',
        argTypes: [test.argType],
        argNames: ['x'],
        returnType: test.argType,
        source: vectorized ? test.vector : test.row,
        vectorized,
        strict: false,
      };
      const first = performance.now();
      await host.callRows(def, [test.column], ROWS);
      const now = performance.now();
      if (first - start < 5) console.log(`headrace: first call of the first function ${(now - start).toFixed(0)} ms`);
      const what = `${test.name}${vectorized ? ', vectorized' : ''}`;
      report('headrace', what, await median(() => host.callRows(def, [test.column], ROWS)));
      if (!vectorized) report('headrace, one row', what, await median(() => host.callRows(def, [test.column], 1)));
    }
  }
  await host.close();
}

const VM_CHILD = `
const vm = require('node:vm');
let fn;
process.on('message', (m) => {
  if (m.source !== undefined) {
    fn = vm.runInNewContext('(column) => { const f = (x) => {' + m.source + '}; const out = []; for (let i = 0; i < column.length; i++) out[i] = f(column[i]); return out; }');
    return process.send('ready');
  }
  process.send(fn(m.column));
});`;

async function benchVmChild(): Promise<void> {
  for (const test of CASES) {
    const child = spawn(process.execPath, ['--permission', '--no-warnings', '-e', VM_CHILD], {
      env: {},
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    const ask = async (message: object) => {
      const reply = once(child, 'message');
      child.send(message);
      return (await reply)[0] as unknown;
    };
    await ask({ source: test.row });
    report('vm-child', test.name, await median(() => ask({ column: test.column })));
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** The part of isolated-vm's interface that is used here; the package is no dependency of ours. */
interface IsolatedVm {
  Isolate: new (options: {
    memoryLimit: number;
  }) => {
    createContext(): Promise<{ eval(code: string, options: object): Promise<IsolatedFunction> }>;
    dispose(): void;
  };
}
interface IsolatedFunction {
  apply(self: undefined, args: unknown[], options: object): Promise<unknown>;
}

async function benchIsolatedVm(folder: string | undefined): Promise<void> {
  let ivm: IsolatedVm;
  try {
    ivm = createRequire(path.resolve(folder ?? '.', 'package.json'))('isolated-vm') as IsolatedVm;
  } catch {
    console.log('isolated-vm            skipped: not installed in the folder given');
    return;
  }
  for (const test of CASES) {
    const isolate = new ivm.Isolate({ memoryLimit: 64 });
    const context = await isolate.createContext();
    const row = await context.eval(`(x) => {${test.row}}`, { reference: true });
    const loop = `(column) => { const f = (x) => {${test.row}}; return column.map(f); }`;
    const whole = await context.eval(loop, { reference: true });
    const perRow = async () => {
      for (const value of test.column) await row.apply(undefined, [value], { timeout: 1000 });
    };
    const copied = { arguments: { copy: true }, result: { copy: true }, timeout: 1000 };
    report('isolated-vm, per row', test.name, await median(perRow));
    report('isolated-vm, per batch', test.name, await median(() => whole.apply(undefined, [test.column], copied)));
    isolate.dispose();
  }
}

const ECHO_FRAMES = `
const { readSync, writeSync } = require('node:fs');
const v8 = require('node:v8');
const serialized = process.argv[1] === 'v8';
const all = (f, b) => { for (let at = 0; at < b.length;) { const n = f(b, at); if (n === 0) process.exit(); at += n; } return b; };
for (;;) {
  const head = all((b, at) => readSync(0, b, at, 4 - at, null), Buffer.alloc(4));
  let body = all((b, at) => readSync(0, b, at, b.length - at, null), Buffer.allocUnsafe(head.readUInt32LE(0)));
  if (serialized) body = v8.serialize(v8.deserialize(body));
  else body = Buffer.from(JSON.stringify(JSON.parse(body.toString())));
  head.writeUInt32LE(body.length, 0);
  all((b, at) => writeSync(1, b, at), head);
  all((b, at) => writeSync(1, b, at), body);
}`;

async function benchPipe(kind: 'v8' | 'json', column: unknown[], name: string): Promise<void> {
  const v8 = await import('node:v8');
  const child = spawn(process.execPath, ['-e', ECHO_FRAMES, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  let received: Buffer = Buffer.alloc(0);
  let wake = () => {};
  child.stdout.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    if (received.length >= 4 && received.length >= received.readUInt32LE(0) + 4) wake();
  });
  const ask = async () => {
    const body = kind === 'v8' ? v8.serialize(column) : Buffer.from(JSON.stringify(column));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    child.stdin.write(head);
    child.stdin.write(body);
    await promise;
    const answer = received.subarray(4);
    received = Buffer.alloc(0);
    return kind === 'v8' ? v8.deserialize(answer) : JSON.parse(answer.toString());
  };
  report(`pipe, ${kind} echo`, name, await median(ask));
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function benchMessages(): Promise<void> {
  for (const test of CASES) {
    for (const serialization of ['advanced', 'json'] as const) {
      const child = fork('data:text/javascript,', {
        serialization,
        execArgv: ['-e', "process.on('message', (m) => process.send(m))"],
      });
      const ask = async () => {
        const reply = once(child, 'message');
        child.send({ column: test.column });
        await reply;
      };
      report(`ipc, ${serialization} echo`, test.name, await median(ask));
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await benchPipe('v8', test.column, test.name);
    await benchPipe('json', test.column, test.name);
  }
}

await benchHeadrace();
await benchVmChild();
await benchIsolatedVm(process.argv[2]);
await benchMessages();
