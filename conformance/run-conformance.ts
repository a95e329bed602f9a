// `npm run conformance [-- SUITE...]`: what Headrace promises to others, checked as far as this machine allows. Each suite says why it is
// skipped where it is; the closing line counts suites. SUITE is a word of a suite's name.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres } from '../src/testing/oracle-postgres.ts';
import { startHeadrace } from './headrace-server.ts';

interface Suite {
  readonly name: string;
  /** why it cannot run here, or null */
  readonly missing: () => string | null;
  readonly run: () => Promise<Outcome>;
}

const ROOT = join(import.meta.dirname, '..');

type Outcome = 'passed' | 'FAILED' | 'skipped';
/** What a script ends with that found nothing to run here; it has said why. */
const SKIPPED = 77;

function node(...args: string[]): Promise<Outcome> {
  return nodeIn({}, ...args);
}

function nodeIn(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env });
    child.on('exit', (code) => resolve(code === 0 ? 'passed' : code === SKIPPED ? 'skipped' : 'FAILED'));
  });
}

const client = (name: string) => node('conformance/clients/run-clients.ts', name);

const has = (command: string) => spawnSync('which', [command]).status === 0;
const needsPostgres = () => (findPostgres() === null ? 'PostgreSQL is not installed' : null);
const needsPsql = () => (has('psql') ? null : 'psql is not installed');

async function playTraces(): Promise<Outcome> {
  const server = await startHeadrace();
  try {
    const folder = join(ROOT, 'conformance', 'wire');
    const traces = readdirSync(folder)
      .filter((name) => name.endsWith('.trace'))
      .map((name) => join(folder, name));
    return await node(
      'src/testing/trace-player.ts',
      'play',
      `127.0.0.1:${server.port}`,
      'postgres',
      'postgres',
      ...traces,
    );
  } finally {
    await server.stop();
  }
}

const SUITES: readonly Suite[] = [
  {
    name: "sql-tests: the recorded answers are PostgreSQL's",
    missing: needsPostgres,
    run: () => node('src/testing/slt-command.ts', '--engine', 'postgres', 'sql-tests'),
  },
  { name: 'wire traces recorded from PostgreSQL', missing: () => null, run: playTraces },
  {
    name: 'psql: \\d, \\dt, \\dv, \\df, \\dn, \\l, \\du and the tour of the README',
    missing: needsPsql,
    run: () => node('conformance/psql/run-psql.ts'),
  },
  {
    name: "system catalogs have PostgreSQL 15's columns",
    missing: () =>
      needsPostgres() ??
      (existsSync(join(ROOT, 'conformance/catalog/compare-columns.ts')) ? null : 'not part of this version'),
    run: () => node('conformance/catalog/compare-columns.ts'),
  },
  {
    name: 'sessions that wait for each other, beside PostgreSQL',
    missing: needsPostgres,
    run: () => node('conformance/sessions/run-sessions.ts'),
  },
  {
    name: 'random values, queries and changes, beside PostgreSQL',
    missing: needsPostgres,
    run: () => node('conformance/random/run-random.ts'),
  },
  {
    name: 'views keyed by every type, through restarts and crashes',
    missing: () => null,
    run: () => nodeIn({ HEADRACE_TEST_KEY_TYPES: 'all' }, '--test', 'src/testing/random-views.test.ts'),
  },
  {
    name: 'DuckDB beside us: the queries of sql-tests',
    missing: () => null,
    run: () => node('conformance/duckdb/run-duckdb.ts'),
  },
  {
    name: 'hostile: stalled clients, limits, refused starts, function bombs',
    missing: () => null,
    run: () => node('--test', '--test-concurrency=1', '--test-timeout=300000', 'conformance/hostile/*.test.ts'),
  },
  {
    name: 'clients: psycopg, asyncpg, SQLAlchemy (Python)',
    missing: () => null,
    run: () => client('python'),
  },
  { name: 'clients: postgres.js, knex, Sequelize, Drizzle (Node)', missing: () => null, run: () => client('node') },
  { name: 'clients: pgjdbc (Java)', missing: () => null, run: () => client('java') },
  { name: 'clients: pgx, lib/pq (Go)', missing: () => null, run: () => client('go') },
  { name: 'clients: tokio-postgres (Rust)', missing: () => null, run: () => client('rust') },
  { name: 'Dockerfile: rules and layout', missing: () => null, run: () => node('conformance/docker/check-image.ts') },
  {
    name: "parser: PostgreSQL's own reads the statements of sql-tests as ours does",
    missing: () => null,
    run: () => node('conformance/parser/compare-parser.ts'),
  },
  {
    name: "tpch: the 22 queries' answers are DuckDB's",
    missing: () => null,
    run: () => node('conformance/tpch/run-tpch.ts'),
  },
  {
    name: 'leaks: memory, heap and handles come back',
    missing: () => null,
    run: () => node('--expose-gc', 'conformance/leaks/leak-run.ts', '--scale', '0.3'),
  },
  {
    name: 'subscriptions opened amid commits: no row missing, none twice',
    missing: () => null,
    run: () => node('conformance/subscriptions/run-subscriptions.ts'),
  },
  {
    name: 'kill -9: acknowledged commits survive',
    missing: () => null,
    run: () => node('conformance/crash/kill-loop.ts', '--rounds', '8'),
  },
];

/** All suites, or those whose names hold one of the words; a word that no name holds ends the run with the names there are. */
function chosen(words: readonly string[]): readonly Suite[] {
  const unknown = words.find((word) => !SUITES.some(({ name }) => name.includes(word)));
  if (unknown !== undefined) {
    console.log(`No suite is named like "${unknown}". There are:\n${SUITES.map(({ name }) => `  ${name}`).join('\n')}`);
    process.exit(2);
  }
  return words.length === 0 ? SUITES : SUITES.filter(({ name }) => words.some((word) => name.includes(word)));
}

async function main(wanted: readonly string[]): Promise<void> {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const suite of chosen(wanted)) {
    const missing = suite.missing();
    if (missing !== null) {
      skipped++;
      console.log(`-- skipped: ${suite.name} (${missing})`);
      continue;
    }
    const began = performance.now();
    const outcome = await suite.run();
    console.log(`-- ${outcome}: ${suite.name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    if (outcome === 'passed') passed++;
    else if (outcome === 'skipped') skipped++;
    else failed++;
  }
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main(process.argv.slice(2));
