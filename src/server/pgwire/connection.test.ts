// The wire server under a real client (node-postgres) over loopback, with scripted statements behind it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { sqlError } from '../../errors/sql-error.ts';
import { startTestServer } from '../../testing/wire-test-server.ts';
import { createScramVerifier } from './scram.ts';

interface PgFailure {
  readonly code: string;
  readonly message: string;
}

async function connect(port: number, more: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'tester', database: 'db', ...more });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function failure(promise: Promise<unknown>): Promise<PgFailure> {
  try {
    await promise;
  } catch (error) {
    return error as PgFailure;
  }
  throw new Error('expected a failure');
}

/** Lets others have their turns until it is so; the test's own limit of time ends a wait for ever. */
async function turnsUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate();
}

test('simple query: rows, tags, several statements, empty query', async () => {
  await using started = await startTestServer();
  const client = await connect(started.server.port);
  const result = await client.query('rows 3');
  assert.deepEqual(result.rows, [0, 1, 2].map((n) => ({ n, label: `row ${n}` }))); // biome-ignore format: one value
  assert.equal(result.command, 'SELECT');
  const many = (await client.query('begin; rows 1; commit')) as unknown as pg.QueryResult[];
  assert.deepEqual(many.map((each) => each.command), ['BEGIN', 'SELECT', 'COMMIT']); // biome-ignore format: one value
  assert.equal((await client.query('')).rowCount, null);
  await client.end();
});

test('large results stream through several buffers, giant values included', async () => {
  await using started = await startTestServer();
  const client = await connect(started.server.port);
  const { rows } = await client.query('rows 50000');
  assert.equal(rows.length, 50_000);
  assert.deepEqual(rows[49_999], { n: 49_999, label: 'row 49999' });
  for (const bytes of [0, 7_000, 131_000, 131_072, 3_000_000]) {
    const wide = await client.query(`wide ${bytes}`);
    assert.equal(wide.rows[0].echo.length, bytes);
  }
  await client.end();
});

test('extended query: parameters, named statements, errors until Sync', async () => {
  await using started = await startTestServer();
  const client = await connect(started.server.port);
  assert.equal((await client.query('echo $1', ['grüße'])).rows[0].echo, 'grüße');
  const named = { name: 'one', text: 'echo $1', values: ['a'] };
  assert.equal((await client.query(named)).rows[0].echo, 'a');
  assert.equal((await client.query({ ...named, values: ['b'] })).rows[0].echo, 'b');
  const error = await failure(client.query('fail $1', [1]));
  assert.equal(error.code, '42P01');
  assert.equal((await failure(client.query('syntax $1', [1]))).code, '42601');
  assert.equal((await client.query('echo $1', ['after'])).rows[0].echo, 'after');
  await client.end();
});

test('an error carries all its fields, with the position in characters', async () => {
  await using started = await startTestServer();
  const client = await connect(started.server.port);
  const error = await failure(client.query('fail'));
  const { code, severity, position, hint, table } = error as unknown as Record<string, string>;
  const fields = { code, severity, position, hint, table };
  assert.deepEqual(fields, { code: '42P01', severity: 'ERROR', position: '2', hint: 'none', table: 't' });
  assert.equal((await failure(client.query('crash'))).code, 'XX000');
  assert.equal((await client.query('rows 1')).rowCount, 1);
  await client.end();
});

test('a portal with a row limit suspends and goes on', async () => {
  await using started = await startTestServer();
  const client = await connect(started.server.port);
  const rows: unknown[] = [];
  const config = { text: 'rows 7', values: [], rows: 3 } as unknown as pg.QueryConfig;
  const query = new pg.Query(config);
  const done = new Promise<void>((resolve, reject) => {
    query.on('row', (row: unknown) => rows.push(row));
    query.on('end', () => resolve());
    query.on('error', reject);
  });
  client.query(query);
  await done;
  assert.equal(rows.length, 7);
  await client.end();
});

test('notices, changed parameters and notifications', async () => {
  await using started = await startTestServer();
  const client = await connect(started.server.port);
  const heard: string[] = [];
  client.on('notice', (notice) => heard.push(`notice ${notice.message}`));
  client.on('notification', (message) => heard.push(`${message.channel} ${message.payload}`));
  await client.query('notice careful');
  await client.query('begin; notify topic inside');
  assert.deepEqual(heard, ['notice careful'], 'not delivered inside a transaction');
  await client.query('commit');
  assert.deepEqual(heard, ['notice careful', 'topic inside']);
  const waiting = new Promise((resolve) => client.once('notification', resolve));
  started.factory.sessions[0]!.startup.client.notification(7, 'topic', 'idle');
  await waiting;
  assert.equal(heard.at(-1), 'topic idle');
  await client.end();
});

test('cancel reaches the running statement, needs the right key, and never the next one', async () => {
  await using started = await startTestServer();
  const client = await connect(started.server.port);
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const cancel = async (key: number) => {
    const { connect: open } = await import('node:net');
    const packet = Buffer.alloc(16);
    packet.writeInt32BE(16, 0);
    packet.writeInt32BE(80877102, 4);
    packet.writeInt32BE(processID, 8);
    packet.writeInt32BE(key, 12);
    await new Promise<void>((resolve) => {
      const socket = open(started.server.port, '127.0.0.1', () => socket.end(packet));
      socket.on('data', () => assert.fail('a cancel request is not answered'));
      socket.on('close', () => resolve());
    });
  };
  const running = failure(client.query('hang'));
  await turnsUntil(() => started.factory.sessions[0]!.hanging);
  await cancel(secretKey ^ 1);
  assert.equal(started.factory.sessions[0]!.hanging, true);
  await cancel(secretKey);
  const error = await running;
  assert.deepEqual([error.code, error.message], ['57014', 'canceling statement due to user request']);
  await cancel(secretKey);
  assert.equal((await client.query('rows 2')).rowCount, 2);
  await client.end();
});

test('SCRAM: right, wrong and unknown', async () => {
  const verifier = createScramVerifier('s3cret ünïcode');
  await using started = await startTestServer({}, { alice: { kind: 'scram', verifier } });
  const { port } = started.server;
  const client = await connect(port, { user: 'alice', password: 's3cret ünïcode' });
  assert.equal((await client.query('rows 1')).rowCount, 1);
  await client.end();
  for (const user of ['alice', 'nobody']) {
    const error = await failure(connect(port, { user, password: 'wrong' }));
    assert.deepEqual([error.code, error.message], ['28P01', `password authentication failed for user "${user}"`]);
  }
});

test('refusals: unknown database, too many clients, shutdown', async () => {
  const started = await startTestServer({ maxConnections: 1 });
  const { port } = started.server;
  assert.equal((await failure(connect(port, { database: 'nowhere' }))).code, '3D000');
  const client = await connect(port);
  const refused = await failure(connect(port));
  assert.deepEqual([refused.code, refused.message], ['53300', 'sorry, too many clients already']);
  const running = failure(client.query('hang'));
  const closing = started.server.close();
  assert.equal((await running).code, '57P01');
  await closing;
  assert.equal(started.factory.sessions[0]!.closed, true);
});

test('a client that disconnects stops its statement; an idle one is told why it is cut off', async () => {
  await using started = await startTestServer();
  const client = await connect(started.server.port);
  const lost = failure(client.query('hang'));
  await turnsUntil(() => started.factory.sessions[0]!.hanging);
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  await lost;
  await turnsUntil(() => started.factory.sessions[0]!.closed);

  const idle = new pg.Client({
    host: '127.0.0.1',
    port: started.server.port,
    user: 'tester',
    options: '-c idle_session_timeout=20',
  });
  const told = new Promise<PgFailure>((resolve) =>
    idle.once('error', (error) => resolve(error as unknown as PgFailure)),
  );
  idle.on('error', () => {}); // the end of the connection, after the reason
  await idle.connect();
  assert.equal((await told).code, '57P05');
});

test('a Unix socket beside the port; one left behind by a killed server is replaced', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-socket-'));
  try {
    const first = await startTestServer({ socketDirectory: folder });
    const { port } = first.server;
    const path = join(folder, `.s.PGSQL.${port}`);
    const client = await connect(port, { host: folder });
    assert.equal((await client.query('rows 1')).rowCount, 1);
    assert.equal(statSync(path).mode & 0o777, 0o770);
    await client.end();
    await first.server.close();
    writeFileSync(path, '');
    await using second = await startTestServer({ port, socketDirectory: folder });
    assert.ok(statSync(path).isSocket());
    assert.equal(second.server.port, port);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a port in use is said plainly', async () => {
  await using started = await startTestServer();
  await assert.rejects(startTestServer({ port: started.server.port }), /already in use/);
  assert.equal(started.server.terminate(1 << 29, sqlError('admin_shutdown', 'x')), false);
});
