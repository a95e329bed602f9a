// Random and mutated bytes against real sessions: messages and statements in any order, with flipped bytes, changed lengths, cuts. The
// server lives on little memory, no statement hangs, no internal error is seen, another session is answered all the while, and nothing stays
// of a conversation when it is over. HEADRACE_TEST_SEED repeats a run, HEADRACE_FUZZ_ROUNDS makes it longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialize } from 'pg-protocol';
import { dataRows, errorFields, RawClient } from '../testing/raw-client.ts';
import { startRealServer } from '../testing/real-server.ts';
import { runSeed, seededRandom } from '../testing/seeded-random.ts';
import { type Stays, watchSessions } from '../testing/what-stays.ts';

const ROUNDS = Number(process.env.HEADRACE_FUZZ_ROUNDS ?? 120);
/** Conversations at a time. */
const TOGETHER = 8;
const MB = 2 ** 20;
const STATEMENTS = [
  'SELECT 1',
  "SELECT n, n::text || 'x' FROM t WHERE n > 3 ORDER BY 1 LIMIT 3",
  'SELECT count(*), sum(n), avg(n)::numeric(8,2) FROM t GROUP BY n % 2 HAVING count(*) > 0',
  "SELECT * FROM t a LEFT JOIN t b ON a.n = b.n + 1 WHERE a.n BETWEEN 2 AND '5'",
  'BEGIN',
  'INSERT INTO t VALUES (9) RETURNING n',
  'UPDATE t SET n = n + 1 WHERE n = 9',
  'DELETE FROM t WHERE n > 8',
  'ROLLBACK',
  'SAVEPOINT a',
  'ROLLBACK TO a',
  'COPY t TO STDOUT (FORMAT csv)',
  'COPY t FROM STDIN',
  'DECLARE c CURSOR FOR SELECT * FROM generate_series(1, 100)',
  'FETCH 3 FROM c',
  "SELECT ARRAY[1,2,3], '{\"a\": [1]}'::jsonb -> 'a', interval '1 day', '\\xff'::bytea",
  'WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 50) SELECT max(i) FROM r',
  'EXPLAIN SELECT * FROM t',
  "SET TimeZone = 'Asia/Tokyo'; SHOW TimeZone",
  'LISTEN x; NOTIFY x',
  'SELECT row_number() OVER (ORDER BY n) FROM t; SELECT 1/0; SELECT 2',
  'PREPARE q(int) AS SELECT $1 + 1; EXECUTE q(1); DEALLOCATE q',
  'SELECT relname FROM pg_class WHERE oid < 2000 ORDER BY 1 LIMIT 2',
  'CREATE TEMP TABLE x (a int); DROP TABLE x',
];

type Random = () => number;
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

function message(random: Random): Buffer {
  const name = pick(random, ['', '', 's', 'p']);
  const values = pick(random, [[], ['1'], [null], ['x', '2'], [Buffer.from([0, 0, 0, 7])]]);
  return pick<() => Buffer>(random, [
    () => serialize.query(pick(random, STATEMENTS)),
    () => serialize.query(mutateText(random, pick(random, STATEMENTS))),
    () => serialize.parse({ name, text: pick(random, [...STATEMENTS, 'SELECT $1::int', 'SELECT n FROM t WHERE n = $1']), types: pick(random, [[], [23], [25]]) }),
    () => serialize.bind({ portal: name, statement: pick(random, ['', 's']), values, binary: random() < 0.5 }),
    () => serialize.describe({ type: pick(random, ['S', 'P'] as const), name }),
    () => serialize.execute({ portal: name, rows: pick(random, [0, 1, 2]) }),
    () => serialize.close({ type: pick(random, ['S', 'P'] as const), name }),
    () => serialize.copyData(Buffer.from(pick(random, ['1\n', 'x\n', '1\t2\n', '\\.\n', '\\N\n']))),
    () => serialize.copyDone(),
    () => serialize.copyFail('enough'),
    () => serialize.flush(),
    () => serialize.sync(),
  ])(); // biome-ignore format: one message per line
}

function mutateText(random: Random, text: string): string {
  const at = Math.floor(random() * text.length);
  const extra = pick(random, [
    "'",
    '"',
    '(',
    ')',
    '$1',
    '/*',
    '--',
    '\\',
    ' SELECT ',
    ',',
    '::',
    'é',
    '$$',
    '0x',
    '1e',
    '[',
    ';',
  ]);
  return random() < 0.5
    ? text.slice(0, at) + extra + text.slice(at)
    : text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 5));
}

function conversation(random: Random): Buffer {
  const bytes = Buffer.concat(Array.from({ length: 1 + Math.floor(random() * 10) }, () => message(random)));
  if (random() < 0.3) return Buffer.concat([bytes, serialize.sync()]);
  for (let flips = Math.floor(random() * 5); flips > 0; flips--)
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  if (random() < 0.2) return Buffer.from(Array.from({ length: 40 }, () => Math.floor(random() * 256)));
  return random() < 0.3 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
}

/** Sends it from a session of its own; returns the internal errors that came back. */
async function attack(port: number, bytes: Buffer): Promise<string[]> {
  // A recursion that never ends is a statement like any other: it ends with its timeout.
  const client = await RawClient.login(port, { statement_timeout: '1000' });
  client.send(bytes);
  client.socket.end();
  const answer = await client.rest(60_000);
  assert.ok(client.closed, `the session hangs after ${JSON.stringify(bytes.toString('latin1'))}`);
  return answer
    .filter(({ type }) => type === 'E')
    .map(({ body }) => errorFields(body))
    .filter((fields) => fields.C === 'XX000')
    .map((fields) => `${fields.M}: ${JSON.stringify(bytes.toString('latin1'))}`);
}

/** Relations and locks that sessions may leave. */
const LEFT = 'SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_locks)';

function assertNothingStays(before: Stays, after: Stays): void {
  assert.deepEqual([after.sessions, after.connections], [1, 1], 'the bystander is still there, and no other');
  const grown = { arena: after.arenaBytes - before.arenaBytes, heap: after.heapBytes - before.heapBytes };
  // a table that was changed, statistics; code that was compiled for what the first rounds had not met
  assert.ok(grown.arena <= 2 * MB && grown.heap <= 16 * MB, `bytes that stay: ${JSON.stringify(grown)}`);
}

test('random and mutated bytes against real sessions', { timeout: 300_000 + ROUNDS * 2000 }, async (context) => {
  await using server = await startRealServer({ memory: 128 * MB });
  const seed = runSeed();
  context.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const whatStays = watchSessions(server);
  const bystander = await RawClient.login(server.port);
  await bystander.query('CREATE TABLE t (n int); INSERT INTO t SELECT * FROM generate_series(1, 5)');
  const left = dataRows(await bystander.query(LEFT));
  const internal: string[] = [];
  const fight = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      const attacks = Array.from({ length: TOGETHER }, () => attack(server.port, conversation(random)));
      assert.deepEqual(dataRows(await bystander.query('SELECT 42')), [['42']]);
      internal.push(...(await Promise.all(attacks)).flat());
    }
  };
  await fight(Math.ceil(ROUNDS / 4));
  const before = await whatStays(1);
  await fight(ROUNDS);
  const after = await whatStays(1);
  assert.deepEqual(internal, [], `internal errors, seed ${seed}`);
  assert.deepEqual(dataRows(await bystander.query(LEFT)), left);
  assertNothingStays(before, after);
  context.diagnostic(JSON.stringify({ before, after }));
  assert.deepEqual(server.complaints, []);
  bystander.close();
});
