// psql keeps a query's rows until it has all of them: a bare SUBSCRIBE would show nothing for ever, so psql is told what to write instead.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from 'pg';
import { type RealServer, startRealServer } from '../testing/real-server.ts';

/** What takes longer hangs. */
const LIMIT = { timeout: 120_000 };

let server: RealServer;
before(async () => {
  server = await startRealServer();
}, LIMIT);
after(() => server[Symbol.asyncDispose](), LIMIT);

async function connect(application: string): Promise<Client> {
  const options = { host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' };
  const client = new Client({ ...options, application_name: application });
  await client.connect();
  return client;
}

/** The hints that come before `statement` is cancelled: at the first hint, or after a while where none is expected. */
async function hintsFor(application: string, statement: string, cancelAtHint: boolean): Promise<readonly string[]> {
  const client = await connect(application);
  const other = await connect('canceller');
  await client.query('DROP TABLE IF EXISTS t; CREATE TABLE t AS SELECT 1 AS n');
  if (!cancelAtHint) await client.query("SET statement_timeout = '200ms'");
  const hints: string[] = [];
  const { processID } = client as unknown as { processID: number };
  client.on('notice', (notice) => {
    hints.push(String(notice.hint));
    if (cancelAtHint) void other.query('SELECT pg_cancel_backend($1)', [processID]);
  });
  await client.query(statement).catch((error: { code?: string }) => assert.equal(error.code, '57014'));
  await client.end();
  await other.end();
  return hints;
}

test('psql is told to COPY a subscription', LIMIT, async () => {
  const hints = await hintsFor('psql', 'SUBSCRIBE t', true);
  assert.equal(hints.length, 1);
  assert.match(hints[0]!, /COPY \(SUBSCRIBE t\) TO STDOUT/);
  assert.match(
    (await hintsFor('psql', 'SUBSCRIBE (SELECT n FROM t)', true))[0]!,
    /COPY \(SUBSCRIBE \.\.\.\) TO STDOUT/,
  );
});

test('nobody is told who sees the rows', LIMIT, async () => {
  assert.deepEqual(await hintsFor('my service', 'SUBSCRIBE t', false), []);
  assert.deepEqual(await hintsFor('psql', 'COPY (SUBSCRIBE t) TO STDOUT', false), []);
  assert.deepEqual(
    await hintsFor('psql', "DECLARE c CURSOR FOR SUBSCRIBE t; FETCH 1 FROM c WITH (timeout = '1ms')", false),
    [],
  );
});
