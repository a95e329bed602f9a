// Random statements asked of PostgreSQL and of Headrace, whose answers must agree: values (comparisons of random values of every type), queries,
// and changes with the contents of the tables after each. --seed S repeats a run, --minutes M bounds it (0.5 for all three together), --only PART.
import { Command } from 'commander';
import { comparisons, RandomTypes } from '../../src/testing/equal-values.ts';
import { startPostgres, wireTarget } from '../../src/testing/oracle-postgres.ts';
import { seededRandom, seedOf } from '../../src/testing/seeded-random.ts';
import { startHeadrace } from '../headrace-server.ts';
import { CHANGED, ChangeGrammar } from './change-grammar.ts';
import { type Difference, differenceOf, Peer, type Statement, TIMEOUT } from './peers.ts';
import { QueryGrammar } from './query-grammar.ts';
import { tableStatements } from './query-tables.ts';

/** PostgreSQL's time per statement; ours is longer, so that only what it answers in time is compared. */
const TIMEOUTS = { postgres: '3s', headrace: '30s' } as const;
const SETTINGS_EVERY = 20;
const TABLES_EVERY = 60;
const VALUES_PER_TYPE = 16;
/** A part gives up after so many differences. */
const MOST_PROBLEMS = 10;
/** Which constraint a statement is said to break first is a matter of order, where it breaks several. */
const CONSTRAINTS = /^(23\d{3}|21000)$/;

interface Peers {
  readonly postgres: Peer;
  readonly headrace: Peer;
}

interface Run {
  readonly peers: Peers;
  readonly ports: { readonly postgres: number; readonly headrace: number };
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
  const postgres = await wireTarget(run.ports.postgres, 'postgres');
  const headrace = await wireTarget(run.ports.headrace, 'headrace');
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
  const { peers } = run;
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

async function compareChanges(run: Run): Promise<number> {
  const { peers } = run;
  const grammar = new ChangeGrammar(run.random);
  let done: Statement[] = [];
  const begin = async () => {
    await everywhere(peers, ['ROLLBACK', ...grammar.tables()]);
    done = [];
  };
  let count = 0;
  for (; !isOver(run); count++) {
    if (count % TABLES_EVERY === 0) await begin();
    const statement = grammar.statement();
    done.push(statement);
    const difference = await differenceAfter(peers, statement, grammar.inBlock);
    if (difference === null) continue;
    report(run, done.slice(-8), difference);
    await begin();
  }
  return count;
}

/** Of the statement's own answer, then of the tables' contents. */
async function differenceAfter(peers: Peers, statement: Statement, inBlock: boolean): Promise<Difference | null> {
  const [theirs, ours] = [await peers.postgres.ask(statement), await peers.headrace.ask(statement)];
  const bothRefuse = [theirs, ours].every(({ error }) => error !== null && CONSTRAINTS.test(error.code));
  const difference = bothRefuse ? null : differenceOf(theirs, ours, true);
  if (difference !== null || (inBlock && theirs.error !== null)) return difference;
  for (const table of CHANGED) {
    const query = `SELECT * FROM ${table}`;
    const found = differenceOf(await peers.postgres.ask(query), await peers.headrace.ask(query), true);
    if (found !== null) return { ...found, what: `contents of ${table}` };
  }
  return null;
}

const PARTS = { values: compareValues, queries: compareQueries, changes: compareChanges } as const;

const { seed, minutes, only } = new Command()
  .option('--seed <n>', 'repeats a run', Number, Math.floor(Math.random() * 1_000_000))
  .option('--minutes <n>', 'time for all parts together', Number, 0.5)
  .option('--only <part>', Object.keys(PARTS).join(', '))
  .parse()
  .opts<{ seed: number; minutes: number; only?: string }>();
const names = (Object.keys(PARTS) as (keyof typeof PARTS)[]).filter((name) => only === undefined || name === only);
const server = await startPostgres();
if (server === null) throw new Error('PostgreSQL is not installed');
const headrace = await startHeadrace();
let failed = false;
try {
  for (const name of names) {
    const ports = { postgres: server.port, headrace: headrace.port };
    const peers: Peers = {
      postgres: await Peer.connect(ports.postgres, TIMEOUTS.postgres),
      headrace: await Peer.connect(ports.headrace, TIMEOUTS.headrace),
    };
    const until = performance.now() + (minutes * 60_000) / names.length;
    const run: Run = { peers, ports, random: seededRandom(seedOf(seed, name)), until, problems: [] };
    const count = await PARTS[name](run);
    console.log(`${name}: ${count} compared, ${run.problems.length} differences (--seed ${seed} --only ${name})`);
    failed ||= run.problems.length > 0;
    await Promise.all([peers.postgres.close(), peers.headrace.close()]);
  }
} finally {
  await headrace.stop();
  server.stop();
}
process.exitCode = failed ? 1 : 0;
