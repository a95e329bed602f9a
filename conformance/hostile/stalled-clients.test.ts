// Clients that stop reading amid a SELECT, a COPY OUT and a subscription: the server's memory stays bounded, others are answered, a
// statement that is stuck can be cancelled, a subscriber that stays behind is cut off with the epoch to resume from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialize } from 'pg-protocol';
import { firstError, RawClient } from '../../src/testing/raw-client.ts';
import { startHeadrace } from '../headrace-server.ts';
import { Bystander, residentMb } from './bystander.ts';

const ROWS = 1_000_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A client that has sent a query and reads nothing of the answer. */
async function stalled(port: number, ...queries: readonly string[]): Promise<RawClient> {
  const client = await RawClient.login(port);
  for (const query of queries.slice(0, -1)) await client.query(query);
  client.countRows = true;
  client.socket.pause();
  client.send(serialize.query(queries.at(-1)!));
  return client;
}

test('clients that stop reading', { timeout: 290_000 }, async (context) => {
  const server = await startHeadrace();
  context.after(() => server.stop());
  const bystander = await Bystander.of(server);
  await bystander.query(
    `CREATE TABLE big AS SELECT n, 'row number ' || n AS label, n * 1.5 AS half FROM generate_series(1, ${ROWS}) AS n`,
  );
  await bystander.query('CREATE STREAM s (n int)');
  await bystander.query('CREATE MATERIALIZED VIEW v AS SELECT n % 1000 AS k, count(*) AS c FROM s GROUP BY 1');
  await bystander.query('SELECT count(*) FROM big');
  const base = residentMb(server);

  const selects = await Promise.all([1, 2, 3].map(() => stalled(server.port, 'SELECT * FROM big')));
  const copies = await Promise.all([1, 2, 3].map(() => stalled(server.port, 'COPY big TO STDOUT')));
  await bystander.during(pause(1500));
  const held = residentMb(server) - base;
  assert.ok(held < 150, `six stalled clients hold ${held.toFixed(0)} MB`);

  const active = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY big%'";
  while ((await bystander.query(active)).rows.length < copies.length) await pause(20); // they are seen as active
  const stuck = await bystander.query(active);
  await bystander.query(`SELECT pg_cancel_backend(${stuck.rows[0].pid})`);
  const answers = await bystander.during(
    Promise.all(
      copies.map(async (client) => {
        client.socket.resume();
        const answer = await client.until('Z', 60_000);
        return { error: firstError(answer), rows: client.rowCount };
      }),
    ),
  );
  assert.equal(answers.filter(({ error }) => error === '57014 canceling statement due to user request').length, 1);
  assert.equal(
    answers.filter(({ error, rows }) => error === null && rows === ROWS).length,
    2,
    'the others get every row',
  );
  selects[0]!.close();
  await bystander.during(pause(100));
  for (const client of selects.slice(1)) {
    client.socket.resume();
    await client.until('Z', 60_000);
    assert.equal(client.rowCount, ROWS);
  }
  for (const client of [...selects, ...copies]) client.close();
  await bystander.end();
});

test('a subscriber that stops reading is cut off; others get every change', { timeout: 290_000 }, async (context) => {
  const server = await startHeadrace();
  context.after(() => server.stop());
  const bystander = await Bystander.of(server);
  await bystander.query('CREATE STREAM s (n int, label text)');
  const slow = await stalled(
    server.port,
    'SET headrace.subscription_queue_rows = 50000',
    'COPY (SUBSCRIBE s) TO STDOUT',
  );
  const quick = await RawClient.login(server.port);
  quick.send(serialize.query('COPY (SUBSCRIBE s) TO STDOUT'));
  quick.countRows = true;
  const opened = 'SELECT count(*)::int AS n FROM headrace.subscriptions';
  while ((await bystander.query(opened)).rows[0].n < 2) await pause(20);
  const base = residentMb(server);
  for (let i = 0; i < 60; i++) {
    // no two rows are the same: equal ones of commits that share a step are one row with a higher _diff
    await bystander.query(`INSERT INTO s SELECT ${i} * 10000 + n, repeat('x', 100) FROM generate_series(1, 10000) n`);
    await bystander.isAnswered();
  }
  for (let [idle, last] = [0, -1]; idle < 300 && quick.rowCount < 600_000; last = quick.rowCount) {
    await bystander.during(pause(100));
    idle = quick.rowCount === last ? idle + 1 : 0;
  }
  const cutOff = quick.rowCount < 600_000 ? firstError(await quick.until('Z', 1000)) : null;
  assert.equal(cutOff, null);
  assert.equal(quick.rowCount, 600_000);
  const subscriptions = await bystander.query('SELECT count(*)::int AS n FROM headrace.subscriptions');
  assert.ok(subscriptions.rows[0].n <= 2);
  slow.socket.resume();
  const answer = await bystander.during(slow.until('Z', 60_000));
  assert.match(firstError(answer) ?? 'no error', /^53400 .*(slow|behind|keep up)/i);
  const got = slow.rowCount;
  assert.ok(got < 600_000, 'it has not got everything');
  const held = residentMb(server) - base;
  context.diagnostic(`${got} of 600000 rows reached the slow subscriber; the server grew by ${held.toFixed(0)} MB`);
  for (const client of [slow, quick]) client.close();
  await bystander.end();
});
