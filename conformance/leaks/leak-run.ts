// Leaks: thousands of connections, statements of all kinds with errors and cancels, subscriptions, views, tables and functions made and
// dropped. After each phase the shared memory, the JavaScript heap and the open file handles must be back at where they were after a
// tenth of it (which fills pools and caches). Run with --expose-gc; --scale 0.2 makes it shorter.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import pg from 'pg';
import { serialize } from 'pg-protocol';
import { RawClient } from '../../src/testing/raw-client.ts';
import { type RealServer, startRealServer } from '../../src/testing/real-server.ts';

const MB = 2 ** 20;
/** What may be left behind a phase: noise of the collector, statistics that grow by the logarithm, nothing per item. */
const BOUNDS = { arenaBytes: 1 * MB, heapBytes: 10 * MB, handles: 2 };

interface Usage {
  readonly arenaBytes: number;
  readonly heapBytes: number;
  readonly handles: number;
}

interface Phase {
  readonly name: string;
  readonly times: number;
  readonly once: (server: RealServer, client: pg.Client, i: number) => Promise<void>;
}

async function connect(server: RealServer): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const STATEMENTS: readonly string[] = [
  'SELECT 1',
  'SELECT * FROM items WHERE id = 17',
  'SELECT kind, count(*), sum(price) FROM items GROUP BY kind ORDER BY 2 DESC',
  'SELECT * FROM items a JOIN items b ON a.id = b.id + 1 ORDER BY a.price LIMIT 5',
  'SELECT DISTINCT kind FROM items WHERE EXISTS (SELECT 1 FROM items i WHERE i.id = items.id + 1)',
  'SELECT row_number() OVER (PARTITION BY kind ORDER BY price) FROM items LIMIT 10',
  'SELECT 1/0',
  'SELECT nothing FROM items',
  'SELEC 1',
  "SELECT 'x'::int",
  "INSERT INTO items VALUES (1, 'again', 1)",
  'BEGIN; UPDATE items SET price = price + 1 WHERE id < 20; ROLLBACK',
  "BEGIN; INSERT INTO items VALUES (-1, 'n', 0); SELECT 1/0; COMMIT",
  'ROLLBACK',
  'UPDATE items SET price = price WHERE id = 5',
  'DECLARE c CURSOR WITH HOLD FOR SELECT * FROM items; FETCH 3 FROM c; CLOSE c',
  'PREPARE p AS SELECT * FROM items WHERE id = $1; EXECUTE p(3); DEALLOCATE p',
  'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 30) SELECT sum(n) FROM r',
  'SET statement_timeout = 1; SELECT count(*) FROM generate_series(1, 3000000) g WHERE g % 3 = 1',
  'RESET statement_timeout',
  "SELECT jsonb_build_object('a', id), string_agg(kind, ',') FROM items WHERE id < 10 GROUP BY id",
  'SELECT relname, attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE relname = $$items$$',
  'EXPLAIN ANALYZE SELECT count(*) FROM items',
  'CREATE TEMP TABLE scratch AS SELECT * FROM items; DROP TABLE scratch',
];

async function ignoringErrors(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {});
}

/** Waits until the server has noticed that clients have left. */
async function noneBut(server: RealServer, count: number): Promise<void> {
  for (let i = 0; i < 6000 && server.server.connectionCount > count; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

const PHASES: readonly Phase[] = [
  {
    name: 'connections',
    times: 5000,
    async once(server, _, i) {
      const raw = await RawClient.open(server.port);
      if (i % 5 !== 0)
        raw.send(serialize.startup({ user: 'postgres', database: 'postgres' }), serialize.query('SELECT 1'));
      if (i % 5 > 1) await raw.until('C');
      if (i % 5 > 3) raw.send(serialize.end());
      raw.close();
    },
  },
  {
    name: 'statements',
    times: 20_000,
    async once(_, client, i) {
      await ignoringErrors(client.query(STATEMENTS[i % STATEMENTS.length]!));
    },
  },
  {
    name: 'parameters and cursors of drivers',
    times: 4000,
    async once(_, client, i) {
      const named = i % 3 === 0 ? { name: `s${i % 40}` } : {};
      await ignoringErrors(
        client.query({
          ...named,
          text: 'SELECT id, kind FROM items WHERE id < $1 ORDER BY id',
          values: [i % 7 === 0 ? 'x' : i % 50],
        }),
      );
    },
  },
  {
    name: 'cancels',
    times: 200,
    async once(server) {
      const raw = await RawClient.login(server.port);
      raw.send(serialize.query('SELECT count(*) FROM generate_series(1, 200000000) g WHERE g % 7 = 3'));
      await new Promise((resolve) => setTimeout(resolve, 2));
      raw.close();
    },
  },
  {
    name: 'subscriptions',
    times: 400,
    async once(server, client, i) {
      if (i % 2 === 0) {
        await client.query('BEGIN; DECLARE s CURSOR FOR SUBSCRIBE (SELECT kind, count(*) FROM items GROUP BY kind)');
        await client.query('FETCH 2 s');
        await client.query('COMMIT');
        return;
      }
      const raw = await RawClient.login(server.port);
      raw.send(serialize.query(`COPY (SUBSCRIBE (SELECT id FROM items WHERE id % 10 = ${i % 10})) TO STDOUT`));
      await raw.next();
      raw.close();
    },
  },
  {
    name: 'tables, views and functions',
    times: 300,
    async once(_, client, i) {
      await client.query(
        `CREATE TABLE t${i} (id int PRIMARY KEY, label text); INSERT INTO t${i} SELECT g, 'label ' || g FROM generate_series(1, 500) g`,
      );
      await client.query(
        `CREATE MATERIALIZED VIEW v${i} AS SELECT label, count(*) AS n FROM t${i} JOIN items USING (id) GROUP BY label`,
      );
      await client.query(`DELETE FROM t${i} WHERE id % 2 = 0; SELECT count(*) FROM v${i}`);
      if (i % 10 === 0) {
        await client.query(
          `CREATE FUNCTION f${i}(n int) RETURNS int LANGUAGE javascript AS $$ return n + 1 $$; SELECT f${i}(1)`,
        );
        await client.query(`DROP FUNCTION f${i}(int)`);
      }
      await client.query(`DROP MATERIALIZED VIEW v${i}; DROP TABLE t${i}`);
      if (i % 50 === 0) await client.query('CHECKPOINT');
    },
  },
];

async function usage(server: RealServer): Promise<Usage> {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error('run with --expose-gc');
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    collect();
  }
  let handles = 0;
  try {
    handles = readdirSync('/proc/self/fd').length;
  } catch {
    // not Linux: handles are not counted
  }
  return { arenaBytes: server.database.arena.usage().usedBytes, heapBytes: process.memoryUsage().heapUsed, handles };
}

/** Runs a phase; returns what it left behind, as lines. */
async function measure(server: RealServer, phase: Phase, scale: number): Promise<string[]> {
  const times = Math.max(20, Math.round(phase.times * scale));
  const client = await connect(server);
  const run = async (from: number, to: number) => {
    for (let i = from; i < to; i++) await phase.once(server, client, i);
    await ignoringErrors(client.query('ROLLBACK'));
    await noneBut(server, 1);
  };
  await run(0, Math.ceil(times / 10));
  await client.query('CHECKPOINT');
  const before = await usage(server);
  const began = performance.now();
  await run(Math.ceil(times / 10), times);
  await client.query('CHECKPOINT');
  const after = await usage(server);
  await client.end();
  const grown = (key: keyof Usage) => after[key] - before[key];
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const shown = `shared memory ${(grown('arenaBytes') / MB).toFixed(2)} MB, heap ${(grown('heapBytes') / MB).toFixed(2)} MB, handles ${grown('handles')}`;
  console.log(`${phase.name} (${times}, ${seconds} s): ${shown}`);
  return (Object.keys(BOUNDS) as (keyof Usage)[])
    .filter((key) => grown(key) > BOUNDS[key])
    .map((key) => `${phase.name}: ${key} grew by ${grown(key)}, at most ${BOUNDS[key]}`);
}

async function main(scale: number, only: string | undefined): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-leaks-'));
  const problems: string[] = [];
  {
    await using server = await startRealServer({ data: directory, workers: 1 });
    const client = await connect(server);
    await client.query(
      "CREATE TABLE items (id int PRIMARY KEY, kind text, price numeric(10,2)); INSERT INTO items SELECT g, 'kind ' || g % 7, g * 1.5 FROM generate_series(1, 2000) g",
    );
    await client.end();
    for (const phase of PHASES) {
      if (only === undefined || phase.name.includes(only)) problems.push(...(await measure(server, phase, scale)));
    }
    problems.push(...server.complaints);
  }
  rmSync(directory, { recursive: true, force: true });
  for (const problem of problems) console.log(problem);
  console.log(problems.length === 0 ? 'nothing leaks' : `${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

const options = new Command()
  .option('--scale <factor>', 'of the numbers of repetitions', '1')
  .option('--only <phase>', 'a part of a name')
  .parse()
  .opts();
await main(Number(options.scale), options.only);
