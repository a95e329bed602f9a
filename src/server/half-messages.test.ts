// Conversations that break off: every prefix of one, then the client leaves (politely, or with a reset) or falls silent. Nothing of an
// unfinished transaction stays, no session and no memory is left behind, and others are answered all the while.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialize } from 'pg-protocol';
import { dataRows, firstError, RawClient } from '../testing/raw-client.ts';
import { type RealServer, startRealServer } from '../testing/real-server.ts';

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

/** Waits until only one session is left, and says what the arena then holds. */
async function settled(server: RealServer, client: RawClient): Promise<number> {
  for (let i = 0; i < 300; i++) {
    const [[sessions]] = (await rowsOf(
      client,
      'SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
    )) as [[string]];
    if (sessions === '0' && server.server.connectionCount === 1) return server.database.arena.usage().usedBytes;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('sessions are left');
}

test('every prefix of a conversation, then the end: all or nothing, and nothing left behind', {
  timeout: 120_000,
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
    await client.rest(10_000);
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

test('every prefix, then a reset amid the answers', { timeout: 60_000 }, async () => {
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
}, async () => {
  await using server = await startRealServer({}, { authenticationTimeoutMs: 150 });
  const bystander = await RawClient.login(server.port);
  const began = Date.now();
  const silent = await Promise.all(
    Array.from({ length: startup.length }, async (_, length) => {
      const client = await RawClient.open(server.port);
      client.send(startup.subarray(0, length));
      return client;
    }),
  );
  assert.deepEqual(await rowsOf(bystander, 'SELECT 1'), [['1']]);
  for (const client of silent) {
    assert.deepEqual(await client.rest(30_000), []);
    assert.ok(client.closed);
  }
  assert.ok(Date.now() - began < 30_000);
  assert.deepEqual(await rowsOf(bystander, 'SELECT 2'), [['2']]);
  bystander.close();
});

test('half a message after login, then silence: it waits alone, and a shutdown ends it', {
  timeout: 120_000,
}, async () => {
  const server = await startRealServer({}, { authenticationTimeoutMs: 100 });
  const waiting = await RawClient.login(server.port);
  waiting.send(serialize.query('SELECT 1').subarray(0, 7));
  const bystander = await RawClient.login(server.port);
  assert.equal(await waiting.next(300), null);
  assert.ok(!waiting.closed, 'authentication is over: no timeout applies');
  assert.deepEqual(await rowsOf(bystander, 'SELECT 1'), [['1']]);
  const stopped = server[Symbol.asyncDispose]();
  assert.equal(firstError(await waiting.rest(30_000)), '57P01 terminating connection due to administrator command');
  await stopped;
});
