// Random statements asked of PostgreSQL and of Headrace, whose answers must agree: values (comparisons of random values of every type), queries,
// and changes with the contents of the tables after each: of rows (changes), and of columns too (columns); Headrace is killed or ended and
// started again amid the changes. --seed S repeats a run, --minutes M bounds it (0.7 for all parts together), --only PART.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { comparisons, RandomTypes } from '../../src/testing/equal-values.ts';
import { startPostgres, wireTarget } from '../../src/testing/oracle-postgres.ts';
import { runSeed, seededRandom, seedOf } from '../../src/testing/seeded-random.ts';
import { type HeadraceServer, startHeadrace } from '../headrace-server.ts';
import { ChangeGrammar } from './change-grammar.ts';
import { type Difference, differenceOf, Peer, type Statement, TIMEOUT } from './peers.ts';
import { QueryGrammar } from './query-grammar.ts';
import { tableStatements } from './query-tables.ts';
import { TableGrammar } from './table-grammar.ts';

/** PostgreSQL's time for a query; ours is longer, so that only what it answers in time is compared. Changes are done on both or on neither. */
const TIMEOUTS = { postgresQuery: '3s', any: '120s' } as const;
const SETTINGS_EVERY = 20;
const TABLES_EVERY = 60;
const RESTART_EVERY = 400;
const CHECKPOINT_EVERY = 25;
const VALUES_PER_TYPE = 16;
/** Limits of ours that the README names. */
const KNOWN = /^0A000 numeric with a precision up to 38 cannot hold NaN/;
/** Statements before a difference that are shown. */
const SHOWN = 30;
/** A part gives up after so many differences. */
const MOST_PROBLEMS = 10;
/** Which constraint a statement breaks, or which column it lacks, is a matter of order where there are several. */
const OF_SEVERAL = /^(23\d{3}|21000|42703)$/;

interface Peers {
  readonly postgres: Peer;
  readonly headrace: Peer;
}

/** What changes are drawn from. */
interface Changes {
  /** the tables, whose contents are compared after each statement */
  readonly changed: readonly string[];
  /** whether a failed statement leaves a block in which nothing can be asked */
  readonly inBlock: boolean;
  /** statements that make the tables anew */
  tables(): string[];
  statement(): Statement;
  /** the statement that was given last has failed */
  failed(): void;
}

/** Our server on a directory that outlives it, and the connection to it. */
class Life {
  server: HeadraceServer;
  peer: Peer;
  private readonly directory: string;

  private constructor(directory: string, server: HeadraceServer, peer: Peer) {
    this.directory = directory;
    this.server = server;
    this.peer = peer;
  }

  static async begin(): Promise<Life> {
    const directory = mkdtempSync(join(tmpdir(), 'headrace-random-'));
    const server = await startHeadrace(['--data', join(directory, 'data')]);
    return new Life(directory, server, await Peer.connect(server.port, TIMEOUTS.any));
  }

  async restart(kill: boolean): Promise<void> {
    if (kill) {
      this.server.process.kill('SIGKILL');
      await once(this.server.process, 'exit');
    } else {
      await this.peer.close();
      await this.server.stop();
    }
    this.server = await startHeadrace(['--data', join(this.directory, 'data')]);
    this.peer = await Peer.connect(this.server.port, TIMEOUTS.any);
  }

  checkpoint(): Promise<void> {
    return this.peer.run('CHECKPOINT');
  }

  async end(): Promise<void> {
    await this.peer.close();
    await this.server.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

interface Run {
  postgres: Peer;
  readonly life: Life;
  readonly postgresPort: number;
  readonly random: () => number;
  readonly until: number;
  readonly problems: string[];
}

function report(run: Run, statements: readonly Statement[], { what, postgres, headrace }: Difference): void {
  const texts = statements.map((each) => (typeof each === 'string' ? each : `${each.text} -- ${each.values}`));
  const indented = (text: string) => text.replaceAll('\n', '\n    ');
  run.problems.push(what);
  console.log(
    `${what}:\n  ${texts.join(';\n  ')}\n  PostgreSQL:\n    ${indented(postgres)}\n  Headrace:\n    ${indented(headrace)}`,
  );
}

function isOver(run: Run): boolean {
  return performance.now() > run.until || run.problems.length >= MOST_PROBLEMS;
}

async function everywhere({ postgres, headrace }: Peers, statements: readonly string[]): Promise<void> {
  for (const sql of statements) await Promise.all([postgres.run(sql), headrace.run(sql)]);
}

async function compareValues(run: Run): Promise<number> {
  const types = new RandomTypes(run.random);
  const postgres = await wireTarget(run.postgresPort, 'postgres');
  const headrace = await wireTarget(run.life.server.port, 'headrace');
  let count = 0;
  for (; !isOver(run); count++) {
    const type = types.composite();
    const values = types.values(type, VALUES_PER_TYPE);
    const [theirs, ours] = [await comparisons(postgres, values), await comparisons(headrace, values)];
    const at = theirs.findIndex((pair, i) => pair !== ours[i]);
    if (at < 0) continue;
    const [a, b] = theirs[at]!.split(' ').map((id) => values[Number(id)]!);
    const difference = { what: `${type.name}: a, b, a = b, a < b`, postgres: theirs[at]!, headrace: ours[at] ?? '' };
    report(run, [`${a}, ${b}`], difference);
  }
  await Promise.all([postgres.close(), headrace.close()]);
  return count;
}

async function compareQueries(run: Run): Promise<number> {
  const peers: Peers = { postgres: run.postgres, headrace: run.life.peer };
  const grammar = new QueryGrammar(run.random);
  await everywhere(peers, tableStatements());
  await peers.postgres.run('ANALYZE');
  let count = 0;
  for (; !isOver(run); count++) {
    if (count % SETTINGS_EVERY === 0) {
      await peers.headrace.run(`SET headrace.min_worker_rows = ${grammar.pick([0, 20_000])}`);
      await peers.headrace.run(`SET headrace.min_generated_rows = ${grammar.pick([0, -1, 20_000])}`);
    }
    const query = grammar.query();
    const [theirs, ours] = await Promise.all([peers.postgres.ask(query), peers.headrace.ask(query)]);
    const difference = differenceOf(theirs, ours, false);
    if (ours.error?.code === TIMEOUT && theirs.error === null) console.log(`slow, not compared: ${query}`);
    else if (difference !== null) report(run, [query], difference);
  }
  return count;
}

async function compareChanges(run: Run, grammar: Changes): Promise<number> {
  let done: Statement[] = [];
  const peers = (): Peers => ({ postgres: run.postgres, headrace: run.life.peer });
  const begin = async () => {
    await Promise.all([peers().postgres.ask('ROLLBACK'), peers().headrace.ask('ROLLBACK')]);
    await everywhere(peers(), grammar.tables());
    done = [];
  };
  let count = 0;
  for (let sinceStart = 0; !isOver(run); count++, sinceStart++) {
    if (count % TABLES_EVERY === 0) await begin();
    if (sinceStart > RESTART_EVERY && !grammar.inBlock) {
      sinceStart = 0;
      const kill = run.random() < 0.6;
      done.push(kill ? '-- killed' : '-- restarted');
      await run.life.restart(kill);
      await run.postgres.close();
      run.postgres = await Peer.connect(run.postgresPort, TIMEOUTS.any);
    } else if (count % CHECKPOINT_EVERY === 0 && !grammar.inBlock) {
      done.push('-- checkpoint');
      await run.life.checkpoint();
    }
    const statement = grammar.statement();
    done.push(statement);
    const { difference, failed } = await differenceAfter(peers(), statement, grammar);
    if (failed) grammar.failed();
    if (difference === null) continue;
    if (!KNOWN.test(difference.headrace)) report(run, done.slice(-SHOWN), difference);
    await begin();
  }
  return count;
}

/** Of the statement's own answer, then of the tables' contents. */
async function differenceAfter(
  peers: Peers,
  statement: Statement,
  { inBlock, changed }: Changes,
): Promise<{ difference: Difference | null; failed: boolean }> {
  const [theirs, ours] = [await peers.postgres.ask(statement), await peers.headrace.ask(statement)];
  const bothRefuse = [theirs, ours].every(({ error }) => error !== null && OF_SEVERAL.test(error.code));
  const difference = bothRefuse ? null : differenceOf(theirs, ours, true);
  const failed = theirs.error !== null;
  if (difference !== null || (inBlock && failed)) return { difference, failed };
  for (const table of changed) {
    const query = `SELECT * FROM ${table}`;
    const found = differenceOf(await peers.postgres.ask(query), await peers.headrace.ask(query), true);
    if (found !== null) return { difference: { ...found, what: `contents of ${table}` }, failed };
  }
  return { difference: null, failed };
}

const PARTS = {
  values: compareValues,
  queries: compareQueries,
  changes: (run: Run) => compareChanges(run, new ChangeGrammar(run.random)),
  columns: (run: Run) => compareChanges(run, new TableGrammar(run.random)),
} as const;

const { seed, minutes, only } = new Command()
  .option('--seed <n>', 'repeats a run', Number, runSeed())
  .option('--minutes <n>', 'time for all parts together', Number, 0.7)
  .option('--only <part>', Object.keys(PARTS).join(', '))
  .parse()
  .opts<{ seed: number; minutes: number; only?: string }>();
const names = (Object.keys(PARTS) as (keyof typeof PARTS)[]).filter((name) => only === undefined || name === only);
const server = await startPostgres();
if (server === null) throw new Error('PostgreSQL is not installed');
const life = await Life.begin();
let failed = false;
try {
  for (const name of names) {
    const postgres = await Peer.connect(server.port, name === 'queries' ? TIMEOUTS.postgresQuery : TIMEOUTS.any);
    const until = performance.now() + (minutes * 60_000) / names.length;
    const random = seededRandom(seedOf(seed, name));
    const run: Run = { postgres, life, postgresPort: server.port, random, until, problems: [] };
    const count = await PARTS[name](run);
    console.log(`${name}: ${count} compared, ${run.problems.length} differences (--seed ${seed} --only ${name})`);
    failed ||= run.problems.length > 0;
    await run.postgres.close();
  }
} finally {
  await life.end();
  server.stop();
}
process.exitCode = failed ? 1 : 0;
