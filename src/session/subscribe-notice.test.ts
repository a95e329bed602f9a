// psql keeps a query's rows until it has all of them: a bare SUBSCRIBE would show nothing for ever, so psql is told what to write instead.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from 'pg';
import { type RealServer, startRealServer } from '../testing/real-server.ts';

let server: RealServer;
before(async () => {
  server = await startRealServer();
});
after(() => server[Symbol.asyncDispose]());

/** The hints that come before the first row of `statement`, which is then cancelled. */
async function hintsFor(application: string, statement: string): Promise<readonly string[]> {
  const options = { host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' };
  const client = new Client({ ...options, application_name: application });
  const hints: string[] = [];
  client.on('notice', (notice) => hints.push(String(notice.hint)));
  await client.connect();
  await client.query('DROP TABLE IF EXISTS t; CREATE TABLE t AS SELECT 1 AS n');
  hints.splice(0);
  await client.query("SET statement_timeout = '200ms'");
  await client.query(statement).catch((error: { code?: string }) => assert.equal(error.code, '57014'));
  await client.end();
  return hints;
}

test('psql is told to COPY a subscription', async () => {
  const hints = await hintsFor('psql', 'SUBSCRIBE t');
  assert.equal(hints.length, 1);
  assert.match(hints[0]!, /COPY \(SUBSCRIBE t\) TO STDOUT/);
  assert.match((await hintsFor('psql', 'SUBSCRIBE (SELECT n FROM t)'))[0]!, /COPY \(SUBSCRIBE \.\.\.\) TO STDOUT/);
});

test('nobody is told who sees the rows', async () => {
  assert.deepEqual(await hintsFor('my service', 'SUBSCRIBE t'), []);
  assert.deepEqual(await hintsFor('psql', 'COPY (SUBSCRIBE t) TO STDOUT'), []);
  assert.deepEqual(
    await hintsFor('psql', "DECLARE c CURSOR FOR SUBSCRIBE t; FETCH 1 FROM c WITH (timeout = '1ms')"),
    [],
  );
});
