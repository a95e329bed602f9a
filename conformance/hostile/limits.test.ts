// The limits of the server, reached from outside: connections, query texts, parameters, columns, nesting, memory. Each is an error with
// PostgreSQL's SQLSTATE or works; nobody else notices, and the server is as it was afterwards.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import { firstError, RawClient } from '../../src/testing/raw-client.ts';
import { type HeadraceServer, startHeadrace } from '../headrace-server.ts';
import { Bystander, connect, failureOf, residentMb } from './bystander.ts';

let server: HeadraceServer;
let bystander: Bystander;
let client: pg.Client;
before(async () => {
  server = await startHeadrace(['--data', 'memory', '--max-connections', '60']);
  bystander = await Bystander.of(server);
  client = await connect(server);
});
after(async () => {
  await client.end();
  await bystander.end();
  await server.stop();
});

const failure = (sql: string, values?: unknown[]) => bystander.during(failureOf(client.query(sql, values)));

test('thousands of connections: 53300 beyond the limit, slots come back', { timeout: 290_000 }, async () => {
  for (let round = 0; round < 15; round++) {
    const opening = Array.from({ length: 200 }, () => RawClient.open(server.port).catch(() => null));
    const opened = await bystander.during(Promise.all(opening));
    for (const one of opened) one?.close();
  }
  const held: RawClient[] = [];
  const errors = new Map<string, number>();
  for (let i = 0; i < 150; i++) {
    try {
      held.push(await RawClient.login(server.port));
    } catch (error) {
      const message = (error as Error).message;
      errors.set(message, (errors.get(message) ?? 0) + 1);
    }
  }
  assert.equal(held.length, 58, 'sixty, less the two that were there');
  assert.deepEqual([...errors.keys()], ['login failed: "53300 sorry, too many clients already"']);
  await bystander.isAnswered();
  for (const one of held) one.close();
  for (;;) {
    const { rows } = await bystander.query('SELECT count(*)::int AS n FROM pg_stat_activity');
    if (rows[0].n <= 2) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const again = await RawClient.login(server.port);
  assert.equal(firstError(await again.query('SELECT 1')), null);
  again.close();
});

test('query texts: 10 MB are parsed, 100 MB end the connection before they are buffered', {
  timeout: 290_000,
}, async () => {
  const long = 'x'.repeat(10_000_000);
  const { rows } = await bystander.during(client.query(`SELECT length('${long}') AS n`));
  assert.equal(rows[0].n, long.length);
  const list = Array.from({ length: 100_000 }, (_, i) => i).join(',');
  const sum = await bystander.during(
    client.query(`SELECT count(*)::int AS n FROM generate_series(1, 10) g WHERE g IN (${list})`),
  );
  assert.equal(sum.rows[0].n, 10);
  const before = residentMb(server);
  const raw = await RawClient.login(server.port);
  const head = Buffer.from([0x51, 0x06, 0x40, 0, 0]); // Query of 104,857,600 bytes
  raw.send(head, Buffer.alloc(1000, 0x20));
  await raw.rest(60_000);
  assert.ok(raw.closed, 'closed without waiting for the rest');
  assert.ok(residentMb(server) - before < 100);
  await bystander.isAnswered();
});

test('parameters: 10,000 and 65,535 work, one more is refused', { timeout: 290_000 }, async () => {
  const of = (n: number) => `SELECT ${Array.from({ length: n }, (_, i) => `$${i + 1}::int`).join(' + ')} AS total`;
  const ones = (n: number) => Array.from({ length: n }, () => 1);
  assert.equal(
    (
      await bystander.during(
        client.query(
          `SELECT cardinality(ARRAY[${Array.from({ length: 10_000 }, (_, i) => `$${i + 1}::int`).join(',')}]) AS total`,
          ones(10_000),
        ),
      )
    ).rows[0].total,
    10_000,
  );
  const deep = await failure(of(10_000), ones(10_000));
  assert.ok(deep === null || /^54001 /.test(deep), deep ?? '');
  const list = Array.from({ length: 65_535 }, (_, i) => `$${i + 1}`).join(',');
  const many = await bystander.during(client.query(`SELECT 1 IN (${list}) AS found`, ones(65_535)));
  assert.equal(many.rows[0].found, true);
  assert.match((await failure('SELECT $65536')) ?? 'no error', /^42P02 there is no parameter \$65536/);
  assert.match((await failure('SELECT $99999999999999999999')) ?? 'no error', /^(42P02|42601|22003) /);
});

test('columns: 1,600 in a table and a result, no more', { timeout: 290_000 }, async () => {
  const columns = (n: number) => Array.from({ length: n }, (_, i) => `c${i} int`).join(', ');
  assert.equal(await failure(`CREATE TABLE wide (${columns(1600)})`), null);
  assert.equal(await failure('INSERT INTO wide (c0, c1599) VALUES (1, 2)'), null);
  assert.equal((await client.query('SELECT * FROM wide')).fields.length, 1600);
  assert.match(
    (await failure(`CREATE TABLE wider (${columns(1601)})`)) ?? 'no error',
    /^54011 tables can have at most 1600 columns/,
  );
  assert.match(
    (await failure('ALTER TABLE wide ADD COLUMN one_more int')) ?? 'no error',
    /^54011 tables can have at most 1600 columns/,
  );
  const targets = (n: number) => Array.from({ length: n }, (_, i) => i).join(', ');
  assert.equal(await failure(`SELECT ${targets(1664)}`), null);
  assert.match(
    (await failure(`SELECT ${targets(1665)}`)) ?? 'no error',
    /^54011 target lists can have at most 1664 entries/,
  );
});

const NESTED: readonly (readonly [what: string, text: (depth: number) => string])[] = [
  ['parentheses', (n) => `SELECT ${'('.repeat(n)}1${')'.repeat(n)}`],
  ['NOT', (n) => `SELECT ${'NOT '.repeat(n)}true`],
  ['minus', (n) => `SELECT ${'- '.repeat(n)}1`],
  ['CASE', (n) => `SELECT ${'CASE WHEN true THEN '.repeat(n)}1${' END'.repeat(n)}`],
  ['calls', (n) => `SELECT ${'abs('.repeat(n)}1${')'.repeat(n)}`],
  ['casts', (n) => `SELECT 1${'::int'.repeat(n)}`],
  ['arrays', (n) => `SELECT ${'ARRAY['.repeat(n)}1${']'.repeat(n)}`],
  ['subqueries', (n) => `SELECT ${'(SELECT '.repeat(n)}1${')'.repeat(n)}`],
  ['FROM', (n) => `SELECT * FROM ${'(SELECT * FROM '.repeat(n)}pg_am${') a'.repeat(n)}`],
  ['UNION', (n) => `SELECT 1${' UNION SELECT 1'.repeat(n)}`],
  ['joins', (n) => `SELECT 1 FROM pg_am a${Array.from({ length: n }, (_, i) => ` JOIN pg_am a${i} ON true`).join('')} LIMIT 1`],
  ['sums', (n) => `SELECT 1${' + 1'.repeat(n)}`],
  ['ORs', (n) => `SELECT 1 WHERE ${'1 = 2 OR '.repeat(n)}true`],
  ['ANDs', (n) => `SELECT 1 WHERE ${'1 = 1 AND '.repeat(n)}true`],
  ['concatenation', (n) => `SELECT 'a'${" || 'a'".repeat(n)}`],
  ['WITH', (n) => `${'WITH a AS ('.repeat(n)}SELECT 1${') SELECT * FROM a'.repeat(n)}`],
  ['jsonb', (n) => `SELECT '${'['.repeat(n)}${']'.repeat(n)}'::jsonb`],
  ['array literals', (n) => `SELECT '${'{'.repeat(n)}1${'}'.repeat(n)}'::int[]`],
  ['comments', (n) => `SELECT 1 ${'/* '.repeat(n)}${'*/ '.repeat(n)}`],
]; // biome-ignore format: a table

for (const [what, text] of NESTED) {
  test(`nesting: ${what}`, { timeout: 290_000 }, async () => {
    for (const depth of what === 'joins' ? [20, 100] : [50, 5000, 15_000]) {
      const error = await failure(text(depth));
      assert.ok(
        error === null || /^(54001|54000|54023|54011|42601|22P02|2202E|0A000|53200) /.test(error),
        `${depth}: ${error}`,
      );
      if (error?.startsWith('42601') === true) assert.equal(what, 'WITH', error);
    }
  });
}

test('memory: a query past its bound ends with 53200, the next one works', { timeout: 290_000 }, async () => {
  await client.query("SET work_mem = '32MB'");
  for (const sql of [
    'SELECT count(*) FROM (SELECT g, count(*) FROM generate_series(1, 20000000) g GROUP BY g) s',
    "SELECT length(string_agg(repeat('x', 100000), '')) FROM generate_series(1, 20000)",
    'SELECT cardinality(array_agg(g)) FROM generate_series(1, 100000000) g',
    "SELECT length(repeat('x', 2000000000))",
  ]) {
    const error = await failure(sql);
    assert.match(error ?? '53200 ran within its bound', /^(53200|54000|22023|57014) /, sql);
    assert.equal(await failure('SELECT 1'), null);
  }
  assert.ok(residentMb(server) < 2000, `${residentMb(server).toFixed(0)} MB`);
});
