// `npm run slt -- PATH... [--life NAME|all] [--seed N] [--engine postgres|duckdb] [--rewrite]`: runs .slt files and prints what differs,
// in one of Headrace's lives, in all of them, or in another engine; --rewrite puts the engine's answers into the files, so that
// `--engine postgres --rewrite` records what PostgreSQL says.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { LIVES, type Life } from './lives.ts';
import { DUCKDB_LIMITS, duckdbTarget } from './oracle-duckdb.ts';
import { type PostgresServer, startPostgres, wireTarget } from './oracle-postgres.ts';
import { runSeed } from './seeded-random.ts';
import { writeSlt } from './slt-file.ts';
import { fileIsFor, readSlt, runLife, runSltFile, sltFiles } from './slt-files.ts';
import type { SltOutcome, SltTarget } from './slt-run.ts';

interface SltOptions {
  readonly engine: string;
  readonly life?: string;
  readonly seed?: string;
  readonly rewrite?: boolean;
}

/** One way to run a file. */
interface Runner {
  readonly name: string;
  readonly run: (path: string) => Promise<SltOutcome>;
}

/** PostgreSQL keeps its objects between files, so each file gets a schema-clean database. */
async function postgresTarget(server: PostgresServer): Promise<SltTarget> {
  const target = await wireTarget(server.port, 'postgres');
  await target.execute('DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public');
  return target;
}

async function oracle(engine: string): Promise<{ runner: Runner; stop: () => void }> {
  switch (engine) {
    case 'duckdb':
      return {
        runner: { name: engine, run: (path) => runSltFile(path, () => duckdbTarget(DUCKDB_LIMITS)) },
        stop() {},
      };
    case 'postgres': {
      const server = await startPostgres();
      if (server === null) throw new Error('PostgreSQL is not installed here');
      const run = (path: string) => runSltFile(path, () => postgresTarget(server));
      return { runner: { name: engine, run }, stop: () => server.stop() };
    }
    default:
      throw new Error(`unknown engine "${engine}": headrace, view, postgres or duckdb`);
  }
}

/** The lives asked for; what cannot be lived here is named. */
function livesOf(name: string): readonly Life[] {
  const wanted = LIVES.filter((life) => name === 'all' || life.name === name);
  if (wanted.length === 0)
    throw new Error(`unknown life "${name}": ${LIVES.map((life) => life.name).join(', ')} or all`);
  for (const life of wanted) if (life.missing !== null) console.log(`-- skipped: life ${life.name} (${life.missing})`);
  return wanted.filter((life) => life.missing === null);
}

async function runners(options: SltOptions): Promise<{ runners: readonly Runner[]; stop: () => void }> {
  const { engine } = options;
  if (engine !== 'headrace' && engine !== 'view') {
    const { runner, stop } = await oracle(engine);
    return { runners: [runner], stop };
  }
  const seed = options.seed === undefined ? runSeed() : Number(options.seed);
  const lives = livesOf(options.life ?? (engine === 'view' ? 'incremental' : 'main'));
  if (options.life !== undefined) console.log(`seed ${seed}`);
  return {
    runners: lives.map((life) => ({ name: life.name, run: (path: string) => runLife(path, life, seed) })),
    stop() {},
  };
}

/** Runs the files in one way; returns how many records passed and failed. */
async function runFiles(paths: readonly string[], runner: Runner, rewrite: boolean): Promise<[number, number]> {
  let run = 0;
  let failed = 0;
  for (const path of paths) {
    const outcome = await runner.run(path);
    run += outcome.run;
    const left = outcome.mismatches.filter(({ index }) => !rewrite || !outcome.answers.has(index));
    failed += left.length;
    for (const { line, message } of left) console.log(`${path}:${line}: ${message}`);
    if (rewrite) writeFileSync(path, writeSlt(readSlt(path), outcome.answers));
  }
  return [run - failed, failed];
}

async function main(paths: readonly string[], options: SltOptions): Promise<void> {
  const roots = paths.length > 0 ? paths : [join(import.meta.dirname, '..', '..', 'sql-tests')];
  const files = sltFiles(roots).filter((file) => fileIsFor(file, options.engine));
  const { runners: all, stop } = await runners(options);
  let failures = 0;
  try {
    for (const runner of all) {
      const [passed, failed] = await runFiles(files, runner, options.rewrite === true);
      failures += failed;
      console.log(`${all.length > 1 ? `${runner.name}: ` : ''}${passed} passed, ${failed} failed`);
    }
  } finally {
    stop();
  }
  process.exitCode = failures === 0 ? 0 : 1;
}

const program = new Command('slt')
  .argument('[paths...]', '.slt files or folders; default: sql-tests')
  .option('--engine <name>', 'headrace, view (the incremental life), postgres or duckdb', 'headrace')
  .option('--life <name>', `${LIVES.map((life) => life.name).join(', ')} or all`)
  .option('--seed <number>', 'what the lives leave to chance')
  .option('--rewrite', "put the engine's answers into the files")
  .action((paths: string[], options: SltOptions) => main(paths, options));
await program.parseAsync();
