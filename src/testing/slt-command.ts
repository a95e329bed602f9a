// `npm run slt -- PATH... [--engine headrace|view|postgres|duckdb] [--rewrite]`: runs .slt files and prints what differs; --rewrite puts
// the engine's answers into the files, so that `--engine postgres --rewrite` records what PostgreSQL says.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { InProcessTarget } from './in-process-target.ts';
import { duckdbTarget } from './oracle-duckdb.ts';
import { type PostgresServer, startPostgres, wireTarget } from './oracle-postgres.ts';
import { writeSlt } from './slt-file.ts';
import { fileIsFor, readSlt, runSltFile, sltFiles } from './slt-files.ts';
import type { SltTarget } from './slt-run.ts';
import { ViewTarget } from './view-target.ts';

interface SltOptions {
  readonly engine: string;
  readonly rewrite?: boolean;
}

/** PostgreSQL keeps its objects between files, so each file gets a schema-clean database. */
async function postgresTarget(server: PostgresServer): Promise<SltTarget> {
  const target = await wireTarget(server.port, 'postgres');
  await target.execute('DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public');
  return target;
}

async function opener(
  engine: string,
): Promise<{ open: (path: string) => Promise<SltTarget> | SltTarget; stop: () => void }> {
  switch (engine) {
    case 'headrace':
      return { open: () => new InProcessTarget({ durable: true }), stop() {} };
    case 'view':
      return { open: (path) => new ViewTarget(readSlt(path)), stop() {} };
    case 'duckdb':
      return { open: duckdbTarget, stop() {} };
    case 'postgres': {
      const server = await startPostgres();
      if (server === null) throw new Error('PostgreSQL is not installed here');
      return { open: () => postgresTarget(server), stop: () => server.stop() };
    }
    default:
      throw new Error(`unknown engine "${engine}"`);
  }
}

async function main(paths: readonly string[], options: SltOptions): Promise<void> {
  const roots = paths.length > 0 ? paths : [join(import.meta.dirname, '..', '..', 'sql-tests')];
  const { open, stop } = await opener(options.engine);
  let run = 0;
  let failed = 0;
  try {
    for (const path of sltFiles(roots).filter((file) => fileIsFor(file, options.engine))) {
      const outcome = await runSltFile(path, () => open(path));
      run += outcome.run;
      const rewritten = new Set(options.rewrite === true ? outcome.answers.keys() : []);
      const left = outcome.mismatches.filter(({ index }) => !rewritten.has(index));
      failed += left.length;
      for (const { line, message } of left) console.log(`${path}:${line}: ${message}`);
      if (options.rewrite === true) writeFileSync(path, writeSlt(readSlt(path), outcome.answers));
    }
  } finally {
    stop();
  }
  console.log(`${run - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

const program = new Command('slt')
  .argument('[paths...]', '.slt files or folders; default: sql-tests')
  .option('--engine <name>', 'headrace, view (every query as a materialized view), postgres or duckdb', 'headrace')
  .option('--rewrite', "put the engine's answers into the files")
  .action((paths: string[], options: SltOptions) => main(paths, options));
await program.parseAsync();
