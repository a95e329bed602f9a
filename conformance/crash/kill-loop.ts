// kill -9 in a loop: clients commit numbered rows (one transaction puts the same number into two tables), the server is killed at a random
// moment and started again on the same directory; every acknowledged number must be there, in both tables or in neither, and the
// materialized view must count what the table holds. --rounds N, --seed S.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import pg from 'pg';
import { startHeadrace } from '../headrace-server.ts';

const CLIENTS = 4;

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Commits numbers until the connection breaks; records those that were acknowledged. */
async function write(port: number, next: () => number, acknowledged: Set<number>): Promise<void> {
  const client = await connect(port);
  try {
    for (;;) {
      const n = next();
      await client.query('BEGIN');
      await client.query('INSERT INTO a VALUES ($1)', [n]);
      await client.query('INSERT INTO b VALUES ($1)', [n]);
      if (n % 3 === 0)
        await client.query('INSERT INTO events VALUES ($1, $2)', [n % 7, new Date(1_700_000_000_000 + n * 1000)]);
      await client.query('COMMIT');
      acknowledged.add(n);
    }
  } catch {
    // killed
  }
}

async function check(port: number, acknowledged: ReadonlySet<number>): Promise<string[]> {
  const client = await connect(port);
  const numbers = async (table: string) =>
    new Set((await client.query(`SELECT n FROM ${table}`)).rows.map((row) => row.n as number));
  const [a, b] = [await numbers('a'), await numbers('b')];
  const problems: string[] = [];
  for (const n of acknowledged) if (!a.has(n)) problems.push(`acknowledged ${n} is lost`);
  for (const n of a) if (!b.has(n)) problems.push(`${n} is in a but not in b`);
  for (const n of b) if (!a.has(n)) problems.push(`${n} is in b but not in a`);
  const view = await client.query('SELECT k, c FROM per_key ORDER BY k');
  const batch = await client.query('SELECT k, count(*) AS c FROM events GROUP BY k ORDER BY k');
  if (JSON.stringify(view.rows) !== JSON.stringify(batch.rows)) problems.push('the view differs from its query');
  await client.end();
  return problems;
}

async function main(rounds: number, seed: number): Promise<void> {
  const random = seeded(seed);
  const directory = mkdtempSync(join(tmpdir(), 'headrace-kill-'));
  const acknowledged = new Set<number>();
  let last = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const server = await startHeadrace(['--data', directory]);
      if (round === 0) {
        const client = await connect(server.port);
        await client.query('CREATE TABLE a (n int PRIMARY KEY); CREATE TABLE b (n int PRIMARY KEY)');
        await client.query("CREATE STREAM events (k int, ts timestamptz, WATERMARK FOR ts AS ts - INTERVAL '1 hour')");
        await client.query('CREATE MATERIALIZED VIEW per_key AS SELECT k, count(*) AS c FROM events GROUP BY k');
        await client.end();
      }
      const problems = await check(server.port, acknowledged);
      if (problems.length > 0) {
        await server.stop();
        throw new Error(`after kill ${round}: ${problems.slice(0, 5).join('; ')}`);
      }
      const writers = Array.from({ length: CLIENTS }, () => write(server.port, () => ++last, acknowledged));
      await new Promise((resolve) => setTimeout(resolve, 200 + random() * 800));
      server.process.kill('SIGKILL');
      await once(server.process, 'exit');
      await Promise.all(writers);
      console.log(`round ${round + 1}: ${acknowledged.size} commits acknowledged so far`);
    }
    const server = await startHeadrace(['--data', directory]);
    const problems = await check(server.port, acknowledged);
    await server.stop();
    if (problems.length > 0) throw new Error(problems.slice(0, 5).join('; '));
    console.log(`${rounds} kills, ${acknowledged.size} acknowledged commits: all there, none half`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const options = new Command()
  .option('--rounds <n>', 'kills', '20')
  .option('--seed <n>', 'random seed', '1')
  .parse()
  .opts();
await main(Number(options.rounds), Number(options.seed));
