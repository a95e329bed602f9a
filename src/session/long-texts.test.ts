// Long texts: they are answered rightly, and a message of thousands of statements lets other sessions in between two of them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { serialize } from 'pg-protocol';
import { firstError, RawClient } from '../testing/raw-client.ts';
import { startRealServer } from '../testing/real-server.ts';

test('another session is answered while a message of many statements runs', async () => {
  await using server = await startRealServer();
  const [busy, other] = [await RawClient.login(server.port), await RawClient.login(server.port)];
  busy.countRows = true;
  const started = once(busy.socket, 'data');
  busy.send(serialize.query('SELECT 1;'.repeat(3000)));
  const whole = busy.until('Z');
  await started;
  other.send(
    serialize.query("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT 1;%'"),
  );
  const row = (await other.until('Z')).find(({ type }) => type === 'D')!;
  assert.ok(row.body.toString('latin1').endsWith('1'), 'it still runs');
  assert.equal(firstError(await whole), null);
  busy.close();
  other.close();
});

test('thousands of conditions are answered as one by one', async () => {
  await using server = await startRealServer();
  const client = await RawClient.login(server.port);
  const ask = async (sql: string) => {
    client.send(serialize.query(sql));
    return client.until('Z');
  };
  await ask('CREATE TABLE t AS SELECT g AS id, g % 100 AS k FROM generate_series(1, 20000) g');
  const terms = Array.from({ length: 2000 }, (_, i) => `id = ${i * 2} AND k <> ${i % 50}`);
  for (const joined of [terms.join(' OR '), `NOT (${terms.map((term) => `NOT (${term})`).join(' AND ')})`]) {
    const answer = await ask(`SELECT count(*) FROM t WHERE ${joined}`);
    assert.equal(firstError(answer), null);
    const row = answer.find(({ type }) => type === 'D')!;
    // id = 2i has k = 2i % 100, which is i % 50 only where that is 0; id 0 is not there
    const expected = Array.from({ length: 1999 }, (_, i) => i + 1).filter((i) => (2 * i) % 100 !== i % 50).length;
    assert.ok(row.body.toString('latin1').endsWith(String(expected)));
  }
  client.close();
});

test('lists of many literals are rows, arrays and arguments', async () => {
  await using server = await startRealServer();
  const client = await RawClient.login(server.port);
  const answer = async (sql: string) => {
    client.send(serialize.query(sql));
    const messages = await client.until('Z');
    assert.equal(firstError(messages), null);
    return messages
      .find(({ type }) => type === 'D')
      ?.body.toString('latin1')
      .slice(6);
  };
  const list = (count: number, text: (i: number) => string) => Array.from({ length: count }, (_, i) => text(i)).join();
  await answer('CREATE TABLE t (id int PRIMARY KEY, name text, price numeric(10, 2))');
  await answer(`INSERT INTO t VALUES ${list(50_000, (i) => `(${i}, 'name ${i}', ${i}.5)`)}`);
  assert.equal(await answer('SELECT count(*) FROM t'), '50000');
  assert.equal(await answer('SELECT sum(price) FROM t'), '1250000000.00');
  const threes = `ARRAY[${list(100_000, (i) => String(i * 3))}]`;
  assert.equal(await answer(`SELECT count(*) FROM t WHERE id = ANY (${threes})`), '16667');
  assert.equal(await answer(`SELECT count(*) FROM t WHERE id <> ALL (${threes})`), '33333');
  assert.equal(await answer(`SELECT array_length(${threes}, 1)`), '100000');
  const names = `ARRAY[${list(200, (i) => `'name ${i * 2}'`)}, NULL]`;
  assert.equal(await answer(`SELECT count(*) FROM t WHERE name = ANY (${names})`), '200');
  assert.equal(await answer(`SELECT count(*) FROM t WHERE (name = ANY (${names})) IS NULL`), '49800');
  assert.equal(await answer(`SELECT length(concat(VARIADIC ${names}))`), '1545');
  client.close();
});
