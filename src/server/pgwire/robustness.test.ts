// What hostile, broken and slow clients may not do: crash the server, stall others, or make it hold memory without bound.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { serialize } from 'pg-protocol';
import fc from '../../testing/seeded-fast-check.ts';
import { runSeed } from '../../testing/seeded-random.ts';
import { heapBytes } from '../../testing/what-stays.ts';
import { startTestServer } from '../../testing/wire-test-server.ts';

const MB = 2 ** 20;
const startup = serialize.startup({ user: 'tester', database: 'db' });

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** What takes longer hangs. */
const LIMIT = { timeout: 120_000 };

/** Sends bytes, and nothing more if `end`; returns everything that comes back until the server closes, or until it contains `enough`. */
async function exchange(port: number, bytes: Uint8Array, { end = false, enough = '' } = {}): Promise<Buffer> {
  const socket = await open(port);
  const chunks: Buffer[] = [];
  const over = Promise.withResolvers<void>();
  socket.on('close', over.resolve);
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (enough !== '' && Buffer.concat(chunks).includes(enough)) over.resolve();
  });
  if (end) socket.end(bytes);
  else socket.write(bytes);
  await over.promise;
  socket.destroy();
  return Buffer.concat(chunks);
}

async function aliveAnswer(port: number): Promise<void> {
  const bytes = Buffer.concat([startup, serialize.query('rows 1'), serialize.end()]);
  assert.ok((await exchange(port, bytes)).includes('SELECT 1\0'));
}

/** Reads nothing of what it asks for. */
async function stalled(port: number, ...bytes: readonly Uint8Array[]): Promise<Socket> {
  const socket = await open(port);
  socket.pause();
  for (const each of bytes) socket.write(each);
  return socket;
}

test('random and mutated bytes: the server stays up and small', LIMIT, async (context) => {
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

  const seed = runSeed();
  context.diagnostic(`seed ${seed}`);
  const attack = async (from: number, to: number) => {
    for (let round = from; round < to; round++) {
      const samples = fc.sample(input, { numRuns: 20, seed: seed + round });
      await Promise.all(samples.map((bytes) => exchange(port, bytes, { end: true })));
    }
    await aliveAnswer(port);
    assert.ok(started.factory.sessions.every((session) => session.closed));
    started.factory.sessions.length = 0;
    return { arena: started.arena.usage().usedBytes, heap: heapBytes() };
  };
  const before = await attack(0, 10);
  const after = await attack(10, 60);
  assert.equal(after.arena, before.arena);
  assert.ok(after.heap - before.heap < 8 * MB, `the heap grew by ${after.heap - before.heap} bytes`);
});

test('what is no startup packet is closed without a word', LIMIT, async () => {
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

test('unencrypted bytes behind an SSLRequest are refused', LIMIT, async () => {
  await using started = await startTestServer();
  const answer = await exchange(started.server.port, Buffer.concat([serialize.requestSsl(), startup]));
  assert.equal(answer[0], 'N'.charCodeAt(0));
  assert.ok(answer.includes('received unencrypted data after SSL request'));
});

test('an unknown message type ends the connection with a reason, an oversized message without', LIMIT, async () => {
  await using started = await startTestServer({ messageLimitBytes: 100_000 });
  const { port } = started.server;
  const unknown = await exchange(port, Buffer.concat([startup, Buffer.from('y\0\0\0\x04')]));
  assert.ok(unknown.includes('invalid frontend message type 121'));
  const oversized = await exchange(port, Buffer.concat([startup, Buffer.from([0x51, 0, 0x02, 0, 0])]));
  assert.ok(!oversized.includes('FATAL'));
});

test('an error discards messages until Sync, Query included, and is sent at once', LIMIT, async () => {
  await using started = await startTestServer();
  const { port } = started.server;
  const failing = [startup, serialize.parse({ text: 'syntax' }), serialize.query('rows 1'), serialize.execute({})];
  const early = await exchange(port, Buffer.concat(failing), { enough: 'syntax error' }); // it does not wait for Sync
  assert.ok(!early.includes('SELECT 1'));
  const all = await exchange(
    port,
    Buffer.concat([...failing, serialize.sync(), serialize.query('rows 1'), serialize.end()]),
  );
  assert.ok(all.includes('SELECT 1'));
});

test('COPY: other messages lose synchronization; what follows a failed COPY is swallowed', LIMIT, async () => {
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

test('a client that stops reading holds no memory, and is cut off in time', LIMIT, async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  await using started = await startTestServer({ sendTimeoutMs: 3000 });
  const { port } = started.server;
  const before = heapBytes();
  const socket = await stalled(port, startup, serialize.query('rows 20000000'));
  while (started.factory.sessions[0]?.log.length !== 1) await setImmediate();
  for (let i = 0; i < 20; i++) await aliveAnswer(port);
  const [session] = started.factory.sessions;
  assert.equal(session!.closed, false);
  const grown = heapBytes() - before;
  assert.ok(grown < 16 * MB, `the heap grew by ${grown} bytes`);
  assert.ok(started.arena.usage().usedBytes < 8 * MB, `${started.arena.usage().usedBytes} bytes of the arena`);
  while (!session!.closed) {
    context.mock.timers.tick(3000);
    await setImmediate();
  }
  socket.destroy();
  context.mock.timers.reset();
});

test('a client that pipelines without end is read no faster than it is served', LIMIT, async () => {
  await using started = await startTestServer();
  const many = Buffer.concat(Array.from({ length: 20_000 }, () => serialize.query('rows 1000')));
  const before = heapBytes();
  const socket = await stalled(started.server.port, startup, ...Array.from({ length: 100 }, () => many)); // 34 MB, one buffer
  const begun = () => started.factory.sessions[0]?.log.length ?? 0;
  // it goes on until the buffers of both sides are full
  for (let [quiet, last] = [0, 0]; quiet < 20; last = begun()) {
    await aliveAnswer(started.server.port);
    quiet = begun() === last && last > 0 ? quiet + 1 : 0;
  }
  assert.ok(begun() < 20_000, `${begun()} statements were begun`);
  const grown = heapBytes() - before;
  assert.ok(grown < 12 * MB, `the heap grew by ${grown} bytes`);
  socket.destroy();
});

test('short answers that a client does not read hold it back too', LIMIT, async () => {
  await using started = await startTestServer();
  const many = Buffer.concat(Array.from({ length: 1000 }, () => serialize.query('x'.repeat(2000)))); // each an error
  const socket = await stalled(started.server.port, startup, ...Array.from({ length: 20 }, () => many));
  const begun = () => started.factory.sessions[0]?.log.length ?? 0;
  for (let [quiet, last] = [0, 0]; quiet < 20; last = begun()) {
    await aliveAnswer(started.server.port);
    quiet = begun() === last && last > 0 ? quiet + 1 : 0;
  }
  assert.ok(begun() < 20_000, `${begun()} statements were begun`);
  socket.destroy();
});

test('notifications that a client lets wait are bounded, in a transaction too', LIMIT, async () => {
  await using started = await startTestServer();
  const payload = 'x'.repeat(8000);
  for (const [query, tag] of [
    ['rows 1', 'SELECT 1'],
    ['begin', 'BEGIN'],
  ] as const) {
    const socket = await open(started.server.port);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(Buffer.concat([startup, serialize.query(query)]));
    while (!Buffer.concat(chunks).includes(tag)) await once(socket, 'data');
    socket.pause();
    const { client } = started.factory.sessions.at(-1)!.startup;
    for (let i = 0; i < 10_000; i++) client.notification(1, 'c', payload);
    socket.resume();
    await once(socket, 'close');
    const answer = Buffer.concat(chunks);
    assert.ok(answer.length < 70 * MB, `${answer.length} bytes`);
    // who did not read may be gone before the last words
    if (query === 'begin') assert.match(answer.subarray(-400).toString(), /FATAL.*53400.*too many notifications/s);
  }
});

test('a client that never finishes its startup is cut off', LIMIT, async () => {
  await using started = await startTestServer({ authenticationTimeoutMs: 50 });
  assert.equal((await exchange(started.server.port, Buffer.from([0, 0]))).length, 0);
});
