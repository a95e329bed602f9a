// What hostile, broken and slow clients may not do: crash the server, stall others, or make it hold memory without bound.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { serialize } from 'pg-protocol';
import { runSeed } from '../../testing/seeded-random.ts';
import { startTestServer } from '../../testing/wire-test-server.ts';

const startup = serialize.startup({ user: 'tester', database: 'db' });

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes and returns everything that comes back until the server closes (or `waitMs` pass). */
async function exchange(port: number, bytes: Uint8Array, waitMs = 1000): Promise<Buffer> {
  const socket = await open(port);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, waitMs))]);
  socket.destroy();
  return Buffer.concat(chunks);
}

async function aliveAnswer(port: number): Promise<void> {
  const bytes = Buffer.concat([startup, serialize.query('rows 1'), serialize.end()]);
  // The answer ends the wait: a busy machine may take its time.
  assert.ok((await exchange(port, bytes, 15_000)).includes('SELECT 1\0'));
}

test('random and mutated bytes: the server stays up and small', { timeout: 120_000 }, async (context) => {
  await using started = await startTestServer({ messageLimitBytes: 1024 * 1024 });
  const { port } = started.server;
  const conversation = [
    serialize.query('rows 2'),
    serialize.parse({ name: 's', text: 'echo $1', types: [] }),
    serialize.bind({ portal: 'p', statement: 's', values: ['x'] }),
    serialize.describe({ type: 'P', name: 'p' }),
    serialize.execute({ portal: 'p', rows: 1 }),
    serialize.sync(),
    serialize.query('copyin'),
    serialize.copyData(Buffer.from('1\tx\n')),
    serialize.copyDone(),
    serialize.close({ type: 'S', name: 's' }),
    serialize.flush(),
    serialize.query('fail'),
  ];
  const shuffled = fc
    .array(fc.constantFrom(...conversation), { minLength: 1, maxLength: 8 })
    .map((parts) => Buffer.concat(parts));
  const mutated = fc
    .tuple(shuffled, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat())
    .map(([bytes, flips, cut]) => {
      for (const [at, value] of flips) bytes[at % bytes.length] = value;
      return bytes.subarray(0, bytes.length - (cut % 3 === 0 ? cut % bytes.length : 0));
    });
  const random = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
  const input = fc.oneof(random, mutated.map((bytes) => Buffer.concat([startup, bytes])), random.map((bytes) => Buffer.concat([startup, bytes]))); // biome-ignore format: alternatives

  const before = process.memoryUsage().rss;
  const seed = runSeed();
  context.diagnostic(`seed ${seed}`);
  for (let round = 0; round < 50; round++)
    await Promise.all(fc.sample(input, { numRuns: 20, seed: seed + round }).map((bytes) => exchange(port, bytes, 15)));
  await aliveAnswer(port);
  const grownMb = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grownMb < 150, `memory grew by ${grownMb.toFixed(0)} MB`);
});

test('what is no startup packet is closed without a word', async () => {
  await using started = await startTestServer();
  const { port } = started.server;
  for (const bytes of [
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '\x00\x00\x00\x07abc',
    '\x7f\xff\xff\xff',
    '\x16\x03\x01\x02\x00\x01',
  ]) {
    assert.equal((await exchange(port, Buffer.from(bytes, 'latin1'))).length, 0);
  }
});

test('unencrypted bytes behind an SSLRequest are refused', async () => {
  await using started = await startTestServer();
  const answer = await exchange(started.server.port, Buffer.concat([serialize.requestSsl(), startup]));
  assert.equal(answer[0], 'N'.charCodeAt(0));
  assert.ok(answer.includes('received unencrypted data after SSL request'));
});

test('an unknown message type ends the connection with a reason, an oversized message without', async () => {
  await using started = await startTestServer({ messageLimitBytes: 100_000 });
  const { port } = started.server;
  const unknown = await exchange(port, Buffer.concat([startup, Buffer.from('y\0\0\0\x04')]));
  assert.ok(unknown.includes('invalid frontend message type 121'));
  const oversized = await exchange(port, Buffer.concat([startup, Buffer.from([0x51, 0, 0x02, 0, 0])]));
  assert.ok(!oversized.includes('FATAL'));
});

test('an error discards messages until Sync, Query included, and is sent at once', async () => {
  await using started = await startTestServer();
  const { port } = started.server;
  const failing = [startup, serialize.parse({ text: 'syntax' }), serialize.query('rows 1'), serialize.execute({})];
  const early = await exchange(port, Buffer.concat(failing), 100);
  assert.ok(early.includes('syntax error'), 'the error does not wait for Sync');
  assert.ok(!early.includes('SELECT 1'));
  const all = await exchange(
    port,
    Buffer.concat([...failing, serialize.sync(), serialize.query('rows 1'), serialize.end()]),
  );
  assert.ok(all.includes('SELECT 1'));
});

test('COPY: other messages lose synchronization; what follows a failed COPY is swallowed', async () => {
  await using started = await startTestServer();
  const { port } = started.server;
  const lost = await exchange(port, Buffer.concat([startup, serialize.query('copyin'), serialize.query('rows 1')]));
  assert.ok(lost.includes('unexpected message type 0x51 during COPY from stdin'));
  assert.ok(lost.includes('terminating connection because protocol synchronization was lost'));
  const data = serialize.copyData(Buffer.from('1\tx\n'));
  const failed = await exchange(
    port,
    Buffer.concat([
      startup,
      serialize.query('copyin fail'),
      data,
      data,
      serialize.copyDone(),
      serialize.query('rows 3'),
      serialize.end(),
    ]),
  );
  assert.ok(failed.includes('COPY t, line 1') && failed.includes('SELECT 3'));
  const refused = await exchange(
    port,
    Buffer.concat([startup, serialize.query('copyin'), serialize.copyFail('no more'), serialize.end()]),
  );
  assert.ok(refused.includes('COPY from stdin failed: no more'));
  const ignored = await exchange(
    port,
    Buffer.concat([
      startup,
      serialize.query('copyin'),
      serialize.sync(),
      serialize.flush(),
      data,
      serialize.copyDone(),
      serialize.end(),
    ]),
  );
  assert.ok(ignored.includes('COPY 1\0'));
});

test('a client that stops reading holds no memory, can be cancelled, and is cut off in time', {
  timeout: 120_000,
}, async () => {
  await using started = await startTestServer({ sendTimeoutMs: 3000 });
  const { port } = started.server;
  const socket = await open(port);
  socket.pause();
  const before = process.memoryUsage().rss;
  socket.write(Buffer.concat([startup, serialize.query('rows 20000000')]));
  await new Promise((resolve) => setTimeout(resolve, 250));
  await aliveAnswer(port);
  assert.equal(started.factory.sessions[0]!.closed, false);
  const grownMb = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grownMb < 60, `memory grew by ${grownMb.toFixed(0)} MB`);
  const deadline = Date.now() + 60_000;
  while (!started.factory.sessions[0]!.closed && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(started.factory.sessions[0]!.closed, true, 'cut off after the send timeout');
  socket.destroy();
});

test('a client that pipelines without end is read no faster than it is served', { timeout: 120_000 }, async () => {
  await using started = await startTestServer();
  const socket = await open(started.server.port);
  socket.pause();
  const many = Buffer.concat(Array.from({ length: 2000 }, () => serialize.query('rows 1000')));
  socket.write(startup);
  for (let i = 0; i < 100; i++) socket.write(many);
  const before = process.memoryUsage().rss;
  await new Promise((resolve) => setTimeout(resolve, 400));
  await aliveAnswer(started.server.port);
  const grownMb = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grownMb < 80, `memory grew by ${grownMb.toFixed(0)} MB`);
  socket.destroy();
});

test('a client that never finishes its startup is cut off', async () => {
  await using started = await startTestServer({ authenticationTimeoutMs: 50 });
  const start = Date.now();
  assert.equal((await exchange(started.server.port, Buffer.from([0, 0]), 60_000)).length, 0);
  assert.ok(Date.now() - start < 30_000);
});
