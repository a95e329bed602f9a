// Functions that loop, throw, eat memory, recurse, return what they should not, print, and reach for the process, files and the network,
// called through SQL: in a SELECT and inside a continuous query. Each ends with an error or a right value, the server lives on, other
// sessions are answered meanwhile, and a view heals when the row that hurt it is gone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type HeadraceServer, startHeadrace } from '../headrace-server.ts';
import { Bystander, connect, failureOf, residentMb } from './bystander.ts';

let server: HeadraceServer;
let bystander: Bystander;

before(async () => {
  server = await startHeadrace();
  bystander = await Bystander.of(server);
});
after(async () => {
  await bystander.end();
  await server.stop();
});

/** Body, and what calling it fails with. The body sees n (int) and returns int. */
const FAILING: readonly (readonly [name: string, body: string, error: RegExp])[] = [
  ['loops', 'for (;;) {} return n', /^57014 |^53\d\d\d |time limit|timed out/],
  ['throws', "throw new Error('out of cheese ' + n)", /^38000 .*out of cheese 1/],
  ['throws_null', 'throw null', /^38000 /],
  ['throws_getter', 'throw { get message() { throw 1 } }', /^38000 /],
  ['recurses', 'const f = (x) => 1 + f(x + 1); return f(n)', /^38000 .*(stack|recursion)/i],
  ['eats_arrays', 'const all = []; for (;;) all.push(new Array(100000).fill(n)); return n', /^(53200|38000|57014) /],
  ['eats_text', "let text = 'x'; for (;;) text += text; return n", /^(53200|38000|57014) /],
  ['eats_buffers', 'const all = []; for (;;) all.push(new ArrayBuffer(10000000)); return n', /^(53200|38000|57014) /],
  ['a_regexp_that_backtracks', "return /^(a+)+$/.test('a'.repeat(40) + 'b') ? 1 : 0", /^(57014|38000|53\d\d\d) /],
  ['wrong_text', "return 'no number'", /^(22P02|38000|42804) /],
  ['wrong_object', 'return { a: 1 }', /^(22P02|38000|42804) /],
  ['too_big', 'return 2 ** 40', /^(22003|38000) /],
  ['a_fraction', 'return 1.5', /^(22P02|22003|38000) /],
  ['not_a_number', 'return NaN', /^(22P02|22003|38000) /],
  ['a_promise', 'return Promise.resolve(1)', /^(0A000|38000|42804|22P02) /],
  ['names_the_process', 'return process.pid', /^38000 .*process.*not defined/],
  ['requires', "return require('fs').readdirSync('/').length", /^38000 .*require.*not defined/],
  ['imports', "import('fs'); return globalThis.constructor.constructor('return process')().pid", /^38000 /],
  ['fetches', "return fetch('http://127.0.0.1/').status", /^38000 .*fetch.*not defined/],
  ['evals_the_outside', "return (0, eval)('process').pid", /^38000 .*process.*not defined/],
]; // biome-ignore format: a table

for (const [name, body, expected] of FAILING) {
  test(`SELECT ${name}(1)`, { timeout: 290_000 }, async () => {
    const client = await connect(server);
    await client.query(`CREATE FUNCTION ${name}(n int) RETURNS int LANGUAGE javascript AS $body$ ${body} $body$`);
    const failure = await bystander.during(failureOf(client.query(`SELECT ${name}(1)`)));
    assert.match(failure ?? 'no error', expected);
    const { rows } = await client.query('SELECT 1 AS one');
    assert.deepEqual(rows, [{ one: 1 }], 'the session goes on');
    await client.end();
  });
}

test('what a function prints goes nowhere, and is no error', { timeout: 290_000 }, async () => {
  await bystander.query(
    "CREATE FUNCTION prints(n int) RETURNS int LANGUAGE javascript AS $$ if (typeof console === 'object') console.log('x'.repeat(100000)); return n $$",
  );
  const failure = await failureOf(bystander.query('SELECT prints(g) FROM generate_series(1, 200) g'));
  assert.ok(failure === null || /^38000 /.test(failure), failure ?? '');
  await bystander.isAnswered();
});

test('values at the edges come back as they are', { timeout: 290_000 }, async () => {
  await bystander.query('CREATE FUNCTION echo(t text) RETURNS text LANGUAGE javascript AS $$ return t $$');
  const { rows } = await bystander.query(
    "SELECT echo(t) = t AS same FROM (VALUES (''), ('é😀'), (repeat('y', 300000)), (E'a\\nb\\\\')) AS v(t)",
  );
  assert.ok(rows.every(({ same }) => same === true));
  const nothing = await bystander.query('SELECT echo(NULL) IS NULL AS missing');
  assert.equal(nothing.rows[0].missing, true);
  await bystander.query('CREATE FUNCTION nothing(n int) RETURNS int LANGUAGE javascript AS $$ if (n > 5) return n $$');
  assert.equal((await bystander.query('SELECT nothing(1) IS NULL AS missing')).rows[0].missing, true);
});

test('a bomb amid a big query ends the query alone', { timeout: 290_000 }, async () => {
  await bystander.query(
    "CREATE FUNCTION mine(n int) RETURNS int LANGUAGE javascript AS $$ if (n === 50000) throw new Error('mine'); return n $$",
  );
  const client = await connect(server);
  const failure = await bystander.during(
    failureOf(client.query('SELECT sum(mine(g)) FROM generate_series(1, 100000) g')),
  );
  assert.match(failure ?? 'no error', /^38000 .*mine/);
  const { rows } = await client.query('SELECT sum(mine(g)) AS total FROM generate_series(1, 40000) g');
  assert.equal(rows[0].total, '800020000');
  await client.end();
});

test('a loop can be cancelled before its time is up', { timeout: 290_000 }, async () => {
  const client = await connect(server);
  await client.query('SET statement_timeout = 300');
  const failure = await bystander.during(failureOf(client.query('SELECT loops(g) FROM generate_series(1, 100) g')));
  assert.equal(failure, '57014 canceling statement due to statement timeout', 'not the limit of the function');
  await client.end();
});

test('in a continuous query: the view fails with the error, the others go on, and deleting the row heals it', {
  timeout: 290_000,
}, async () => {
  await bystander.query('CREATE TABLE fed (n int)');
  await bystander.query(
    "CREATE FUNCTION fragile(n int) RETURNS int LANGUAGE javascript IMMUTABLE AS $$ if (n === 13) throw new Error('unlucky'); if (n === 14) for (;;) {} return n * 2 $$",
  );
  await bystander.query('CREATE MATERIALIZED VIEW hurt AS SELECT n, fragile(n) AS twice FROM fed');
  await bystander.query('CREATE MATERIALIZED VIEW whole AS SELECT count(*)::int AS c FROM fed');
  for (const [n, error] of [
    [13, /unlucky/],
    [14, /./],
  ] as const) {
    await bystander.query('INSERT INTO fed VALUES (1), (2)');
    await bystander.during(failureOf((await connect(server)).query(`INSERT INTO fed VALUES (${n})`)));
    const failure = await failureOf(bystander.query('SELECT * FROM hurt'));
    assert.match(failure ?? 'no error', error);
    assert.equal((await bystander.query('SELECT c FROM whole')).rows[0].c, 3);
    await bystander.query(`DELETE FROM fed WHERE n = ${n}`);
    const { rows } = await bystander.query('SELECT n, twice FROM hurt ORDER BY n');
    assert.deepEqual(rows, [
      { n: 1, twice: 2 },
      { n: 2, twice: 4 },
    ]);
    await bystander.query('TRUNCATE fed');
  }
});

test('after all that the server is small and answers', async () => {
  await bystander.isAnswered();
  assert.ok(residentMb(server) < 900, `${residentMb(server).toFixed(0)} MB`);
});
