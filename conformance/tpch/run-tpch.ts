// `node conformance/tpch/run-tpch.ts [--scale 0.02] [--runs 5] [--only q21] [--explain]`: the queries of queries.ts over the tables of
// tables.ts, in Headrace and in DuckDB with as many threads. Every answer must be DuckDB's; the times are medians of interleaved runs.
// Ends with 77 where DuckDB is not installed.
import { parseArgs } from 'node:util';
import { InProcessTarget } from '../../src/testing/in-process-target.ts';
import { duckdbTarget } from '../../src/testing/oracle-duckdb.ts';
import type { SltTarget, TargetResult } from '../../src/testing/slt-run.ts';
import { QUERIES } from './queries.ts';
import { TABLES, writeTables } from './tables.ts';

const { values: options } = parseArgs({
  options: {
    scale: { type: 'string', default: '0.02' },
    runs: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
    explain: { type: 'boolean', default: false },
  },
});

/** Numbers by value (1.50 is 1.5, and DuckDB's sums of integers are not written otherwise), other texts as they are. */
function comparable({ rows }: TargetResult): string {
  const text = (value: string | null) =>
    value !== null && /^-?\d+\.\d+$/.test(value) ? value.replace(/\.?0+$/, '') : value;
  return JSON.stringify(rows?.map((row) => row.map(text)));
}

async function load(target: SltTarget, copy: (table: string) => string): Promise<void> {
  for (const [table, columns] of Object.entries(TABLES)) {
    await target.execute(`CREATE TABLE ${table} (${columns})`);
    await target.execute(copy(table));
  }
}

async function timed(target: SltTarget, sql: string): Promise<{ ms: number; answer: string }> {
  const start = performance.now();
  const result = await target.execute(sql);
  return { ms: performance.now() - start, answer: comparable(result) };
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!;

/** Whether the answers agree. */
async function compare(name: string, headrace: SltTarget, duckdb: SltTarget): Promise<boolean> {
  const sql = QUERIES[name]!;
  if (options.explain) {
    const { rows } = await headrace.execute(`EXPLAIN ANALYZE ${sql}`);
    console.log((rows ?? []).map(([line]) => line).join('\n'));
  }
  const ours: number[] = [];
  const theirs: number[] = [];
  // The first round warms both up.
  for (let i = 0; i <= Number(options.runs); i++) {
    const [mine, other] = [await timed(headrace, sql), await timed(duckdb, sql)];
    if (mine.answer !== other.answer) {
      console.log(
        `${name}: the answers differ\n  headrace ${mine.answer.slice(0, 600)}\n  duckdb   ${other.answer.slice(0, 600)}`,
      );
      return false;
    }
    if (i === 0) continue;
    ours.push(mine.ms);
    theirs.push(other.ms);
  }
  const [a, b] = [median(ours), median(theirs)];
  console.log(
    `${name.padEnd(32)} ${a.toFixed(1).padStart(9)} ms  DuckDB ${b.toFixed(1).padStart(8)} ms  ${(a / b).toFixed(2).padStart(6)}x`,
  );
  return true;
}

async function main(): Promise<number> {
  const duckdb = await duckdbTarget().catch((error: Error) => {
    console.log(`skipped: ${error.message}`);
    return null;
  });
  if (duckdb === null) return 77;
  const files = writeTables(Number(options.scale));
  const headrace = new InProcessTarget({ workers: Number(options.threads), memoryBytes: 3 * 1024 ** 3 });
  let failures = 0;
  try {
    await duckdb.execute(`SET threads = ${options.threads}`);
    await load(headrace, (table) => `COPY ${table} FROM '${files.path(table)}' WITH (FORMAT csv)`);
    await load(duckdb, (table) => `COPY ${table} FROM '${files.path(table)}' (HEADER false)`);
    for (const name of Object.keys(QUERIES)) {
      if (options.only !== undefined && options.only !== name) continue;
      const agrees = await compare(name, headrace, duckdb).catch((error: Error) => {
        console.log(`${name}: ${error.message}`);
        return false;
      });
      if (!agrees) failures++;
    }
  } finally {
    await duckdb.close();
    await headrace.close();
    files.remove();
  }
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
