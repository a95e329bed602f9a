// Conversations that break off: every prefix of one, then the client leaves (politely, or with a reset) or falls silent. Nothing of an
// unfinished transaction stays, no session and no memory is left behind, and others are answered all the while.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialize } from 'pg-protocol';
import { dataRows, firstError, RawClient } from '../testing/raw-client.ts';
import { type RealServer, startRealServer } from '../testing/real-server.ts';
import { watchSessions } from '../testing/what-stays.ts';

const startup = serialize.startup({ user: 'postgres', database: 'postgres' });
/** Commits two rows (1 and 2 together, then 3 by COPY), reads, leaves a transaction open. */
const CONVERSATION = [
  startup,
  serialize.query('BEGIN'),
  serialize.parse({ name: 's', text: 'INSERT INTO t VALUES ($1)', types: [23] }),
  serialize.bind({ statement: 's', values: ['1'] }),
  serialize.execute({}),
  serialize.bind({ statement: 's', values: ['2'] }),
  serialize.execute({}),
  serialize.sync(),
  serialize.query('COMMIT'),
  serialize.query('COPY t FROM STDIN'),
  serialize.copyData(Buffer.from('3\n')),
  serialize.copyDone(),
  serialize.parse({ text: 'SELECT * FROM generate_series(1, 5000)' }),
  serialize.describe({ type: 'S' }),
  serialize.bind({ portal: 'p' }),
  serialize.execute({ portal: 'p', rows: 10 }),
  serialize.flush(),
  serialize.query('BEGIN; INSERT INTO t VALUES (4)'),
  serialize.close({ type: 'S', name: 's' }),
];

async function rowsOf(client: RawClient, sql: string): Promise<(string | null)[][]> {
  const answer = await client.query(sql);
  assert.equal(firstError(answer), null);
  return dataRows(answer);
}

/** Waits until only one session is left, and says what the arena then holds; the test's own limit of time ends a wait for ever. */
async function settled(server: RealServer, client: RawClient): Promise<number> {
  for (;;) {
    const [[sessions]] = (await rowsOf(
      client,
      'SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
    )) as [[string]];
    if (sessions === '0' && server.server.connectionCount === 1) return server.database.arena.usage().usedBytes;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('every prefix of a conversation, then the end: all or nothing, and nothing left behind', {
  timeout: 300_000,
}, async () => {
  await using server = await startRealServer();
  const bystander = await RawClient.login(server.port);
  await bystander.query('CREATE TABLE t (n int)');
  const base = await settled(server, bystander);
  const bytes = Buffer.concat(CONVERSATION);
  const inserted = Buffer.concat(CONVERSATION.slice(0, 9)).length;
  const copied = Buffer.concat(CONVERSATION.slice(0, 12)).length;
  let expectedInserts = 0;
  let expectedCopies = 0;
  for (let length = 0; length <= bytes.length; length++) {
    const client = await RawClient.open(server.port);
    client.send(bytes.subarray(0, length));
    client.socket.end();
    await client.rest(60_000);
    assert.ok(client.closed, `the server leaves a client that has left after ${length} bytes`);
    if (length >= inserted) expectedInserts++;
    if (length >= copied) expectedCopies++;
    if (length % 5 === 0) assert.deepEqual(await rowsOf(bystander, 'SELECT 1'), [['1']]);
  }
  const used = await settled(server, bystander);
  const counts = await rowsOf(bystander, 'SELECT n, count(*) FROM t GROUP BY n ORDER BY n');
  assert.deepEqual(counts, [
    ['1', String(expectedInserts)],
    ['2', String(expectedInserts)],
    ['3', String(expectedCopies)],
  ]);
  assert.ok(used - base < 4 * 1024 * 1024, `the arena holds ${used - base} bytes more`);
  assert.deepEqual(server.complaints, []);
  bystander.close();
});

test('what was compiled for the prepared statements of a session goes with it', { timeout: 120_000 }, async () => {
  await using server = await startRealServer();
  const whatStays = watchSessions(server);
  const bystander = await RawClient.login(server.port);
  await bystander.query('CREATE TABLE t (n int NOT NULL); INSERT INTO t VALUES (1)');
  const client = await RawClient.login(server.port);
  for (const text of ['UPDATE t SET n = n + $1', 'SELECT n + $1 FROM t']) {
    const run = [serialize.bind({ statement: text, values: ['1'] }), serialize.execute({})];
    client.send(serialize.parse({ name: text, text, types: [23] }), ...run, ...run, ...run, serialize.sync());
    assert.equal(firstError(await client.until('Z')), null);
  }
  client.close();
  const { sessions, connections } = await whatStays(1);
  assert.deepEqual([sessions, connections], [1, 1], "the bystander's");
  bystander.close();
});

test('every prefix, then a reset amid the answers', { timeout: 240_000 }, async () => {
  await using server = await startRealServer();
  const bystander = await RawClient.login(server.port);
  await bystander.query('CREATE TABLE t (n int)');
  const bytes = Buffer.concat(CONVERSATION);
  for (let length = 1; length <= bytes.length; length += 7) {
    const client = await RawClient.open(server.port);
    client.send(bytes.subarray(0, length));
    if (length % 2 === 0) await new Promise(setImmediate);
    client.socket.resetAndDestroy();
  }
  await settled(server, bystander);
  const [[halves]] = (await rowsOf(
    bystander,
    'SELECT count(*) FILTER (WHERE n = 1) - count(*) FILTER (WHERE n = 2) FROM t',
  )) as [[string]];
  assert.equal(halves, '0');
  assert.deepEqual(await rowsOf(bystander, 'SELECT count(*) FROM t WHERE n = 4'), [['0']]);
  assert.deepEqual(server.complaints, []);
  bystander.close();
});

test('a prefix of the startup packet, then silence: cut off by the authentication timeout', {
  timeout: 120_000,
}, async (context) => {
  await using server = await startRealServer({}, { authenticationTimeoutMs: 150 });
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const bystander = await RawClient.login(server.port);
  const silent = await Promise.all(
    Array.from({ length: startup.length }, async (_, length) => {
      const client = await RawClient.open(server.port);
      client.send(startup.subarray(0, length));
      return client;
    }),
  );
  assert.deepEqual(await rowsOf(bystander, 'SELECT 1'), [['1']]);
  assert.ok(silent.every((client) => !client.closed));
  while (!silent.every((client) => client.closed)) {
    context.mock.timers.tick(150);
    await new Promise(setImmediate);
  }
  assert.deepEqual(await rowsOf(bystander, 'SELECT 2'), [['2']]);
  bystander.close();
  context.mock.timers.reset();
});

test('half a message after login, then silence: it waits alone, and a shutdown ends it', {
  timeout: 120_000,
}, async (context) => {
  const server = await startRealServer({}, { authenticationTimeoutMs: 100 });
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const waiting = await RawClient.login(server.port);
  waiting.send(serialize.query('SELECT 1').subarray(0, 7));
  const bystander = await RawClient.login(server.port);
  context.mock.timers.tick(1000);
  assert.deepEqual(await rowsOf(bystander, 'SELECT 1'), [['1']]);
  context.mock.timers.reset();
  assert.equal(await waiting.next(100), null);
  assert.ok(!waiting.closed, 'authentication is over: no timeout applies');
  const stopped = server[Symbol.asyncDispose]();
  assert.equal(firstError(await waiting.rest(60_000)), '57P01 terminating connection due to administrator command');
  await stopped;
});
