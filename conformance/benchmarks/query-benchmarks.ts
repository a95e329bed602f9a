// Analytic queries over tables like TPC-H's: Headrace in process beside DuckDB in process with as many threads, and PostgreSQL where
// the machine has it (fewer runs). All answers are compared before anything is measured.
import { availableParallelism } from 'node:os';
import { InProcessTarget } from '../../src/testing/in-process-target.ts';
import { duckdbTarget } from '../../src/testing/oracle-duckdb.ts';
import { startPostgres, wireTarget } from '../../src/testing/oracle-postgres.ts';
import type { SltTarget } from '../../src/testing/slt-run.ts';
import { type Benchmark, type BenchSettings, compare, interleave, type Outcome, time } from './measure.ts';
import { TPCH_TABLES, type TpchFiles, writeTpchFiles } from './tpch-data.ts';

/** `scale`: of the tables, which have six million times as many lineitems. */
const queries = (scale: number): Readonly<Record<string, string>> => ({
  q1: `SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice), sum(l_extendedprice * (1 - l_discount)),
         sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)), count(*)
       FROM lineitem WHERE l_shipdate <= DATE '1998-09-02' GROUP BY l_returnflag, l_linestatus ORDER BY 1, 2`,
  q6: `SELECT sum(l_extendedprice * l_discount) FROM lineitem WHERE l_shipdate >= DATE '1994-01-01'
         AND l_shipdate < DATE '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24`,
  'group by part': `SELECT count(*), max(n), sum(q) FROM
       (SELECT l_partkey, count(*) AS n, sum(l_quantity) AS q FROM lineitem GROUP BY l_partkey) AS g`,
  'join lineitem-orders': `SELECT o_orderpriority, count(*), sum(l_extendedprice) FROM lineitem JOIN orders
       ON l_orderkey = o_orderkey WHERE o_orderdate >= DATE '1995-01-01' GROUP BY o_orderpriority ORDER BY 1`,
  like: "SELECT count(*) FROM lineitem WHERE l_comment LIKE '%special%requests%'",
  'top 100': `SELECT l_orderkey, l_extendedprice, l_partkey FROM lineitem
       ORDER BY l_extendedprice DESC, l_orderkey, l_partkey LIMIT 100`,
  // Almost all sorted rows are skipped, so that no client is measured.
  'full sort': `SELECT l_orderkey, l_extendedprice, l_partkey FROM lineitem
       ORDER BY l_extendedprice, l_orderkey, l_partkey OFFSET ${Math.round(5_900_000 * scale)}`,
});

async function load(target: SltTarget, copy: (table: string) => string): Promise<void> {
  for (const table of TPCH_TABLES) await target.execute(table);
  for (const table of ['orders', 'lineitem']) await target.execute(copy(table));
}

async function check(query: string, reference: SltTarget, others: readonly SltTarget[]): Promise<void> {
  const expected = JSON.stringify((await reference.execute(query)).rows);
  for (const other of others) {
    const got = JSON.stringify((await other.execute(query)).rows);
    if (got !== expected) {
      throw new Error(
        `${other.engine} disagrees with ${reference.engine}\n${got.slice(0, 400)}\n${expected.slice(0, 400)}`,
      );
    }
  }
}

/** PostgreSQL with the tables, over COPY from a server file. */
async function postgresWithTables(files: TpchFiles): Promise<{ target: SltTarget; stop(): void } | null> {
  const server = await startPostgres(['shared_buffers=1GB', 'work_mem=256MB', 'fsync=off', 'max_wal_size=8GB']);
  if (server === null) return null;
  const target = await wireTarget(server.port, 'postgres');
  try {
    const { chmodSync } = await import('node:fs');
    const { dirname } = await import('node:path');
    chmodSync(dirname(files.orders), 0o755);
    await load(target, (table) => `COPY ${table} FROM '${files[table as 'orders']}' WITH (FORMAT csv)`);
    await target.execute('VACUUM ANALYZE');
  } catch (error) {
    await target.close();
    server.stop();
    throw error;
  }
  return {
    target,
    stop() {
      void target.close();
      server.stop();
    },
  };
}

async function run(settings: BenchSettings, report: (outcome: Outcome) => void): Promise<void> {
  const threads = Math.min(4, availableParallelism());
  const files = writeTpchFiles(settings.scale);
  const headrace = new InProcessTarget({ workers: threads, memoryBytes: 3 * 1024 ** 3 });
  const duckdb = await duckdbTarget();
  let missing = 'PostgreSQL is not installed';
  const postgres = await postgresWithTables(files).catch((error: Error) => {
    missing = `PostgreSQL failed: ${error.message}`;
    return null;
  });
  if (postgres === null) report({ name: 'queries beside PostgreSQL', skipped: missing });
  try {
    await duckdb.execute(`SET threads = ${threads}`);
    await load(headrace, (table) => `COPY ${table} FROM '${files[table as 'orders']}' WITH (FORMAT csv)`);
    await load(duckdb, (table) => `COPY ${table} FROM '${files[table as 'orders']}' (HEADER false)`);
    for (const [name, query] of Object.entries(queries(settings.scale))) {
      const others = postgres === null ? [headrace] : [headrace, postgres.target];
      await check(query, duckdb, others);
      const runs = [headrace, duckdb].map((target) => () => time(() => target.execute(query)));
      const [ours, theirs] = (await interleave(settings.quick ? 5 : 7, runs)) as [number, number];
      const label = name === 'group by part' ? `group by ${Math.round(200_000 * settings.scale)} keys` : name;
      report(compare(label, 'ms', ours, { name: 'DuckDB', value: theirs }, 1));
      if (postgres === null) continue;
      const [slow] = (await interleave(settings.quick ? 2 : 1, [() => time(() => postgres.target.execute(query))])) as [
        number,
      ];
      report(compare(label, 'ms', ours, { name: 'PostgreSQL', value: slow }, 1));
    }
  } finally {
    postgres?.stop();
    await duckdb.close();
    await headrace.close();
    files.remove();
  }
}

export const queryBenchmarks: Benchmark = { name: 'queries', run };
