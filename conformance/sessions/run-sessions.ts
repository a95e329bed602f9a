// Two sessions side by side with PostgreSQL: each script of scripts/ is played in many orders (all, or a sample drawn by a seed) on both
// servers; who waits, who is answered what and the tables at the end must agree.
// `node conformance/sessions/run-sessions.ts [--all] [--seed N] [--per-script N] [--random N] [WORD...]`; words choose scripts by
// name; --random is how many are made by chance besides.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../src/testing/oracle-postgres.ts';
import { runSeed, seededRandom } from '../../src/testing/seeded-random.ts';
import { startHeadrace } from '../headrace-server.ts';
import { type Script, Stage } from './play-pair.ts';
import { randomScript } from './random-scripts.ts';

const FOLDER = join(import.meta.dirname, 'scripts');
/** PostgreSQL looks for a deadlock once, after this time: then who closes the circle is the victim, as with us. */
const DEADLOCK_TIMEOUT = 'deadlock_timeout=5ms';
const NOTHING_TO_RUN = 77;

/** A file of scripts: `script NAME`, `setup SQL`, `a SQL`, `b SQL`, `table QUERY`, a line each; `#` begins a comment. */
function readScripts(text: string): Script[] {
  const scripts: { name: string; setup: string[]; sessions: Map<string, string[]>; tables: string[] }[] = [];
  for (const line of text.split('\n')) {
    const [, word, rest] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (word === undefined || rest === undefined) continue;
    const script = scripts.at(-1);
    if (word === 'script') scripts.push({ name: rest, setup: [], sessions: new Map(), tables: [] });
    else if (script === undefined) throw new Error(`before the first script: ${line}`);
    else if (word === 'setup') script.setup.push(rest);
    else if (word === 'table') script.tables.push(rest);
    else script.sessions.set(word, [...(script.sessions.get(word) ?? []), rest]);
  }
  return scripts;
}

/** Every order of the sessions' turns. */
function orders(counts: ReadonlyMap<string, number>): string[][] {
  const open = [...counts].filter(([, count]) => count > 0);
  if (open.length === 0) return [[]];
  return open.flatMap(([name, count]) =>
    orders(new Map([...counts, [name, count - 1]])).map((rest) => [name, ...rest]),
  );
}

const isRandom = ({ name }: Script): boolean => name.startsWith('random ');

/** Whether a row that was updated and then deleted counts as updated or as deleted is told differently. */
function withoutReasons(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/due to concurrent (update|delete)/, 'due to another'));
}

/** `count` of them by chance, in their order. */
function sample<T>(all: readonly T[], count: number, random: () => number): T[] {
  return all.filter((_, i) => random() * (all.length - i) < count && count-- > 0);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    seed: { type: 'string' },
    'per-script': { type: 'string', default: '3' },
    random: { type: 'string', default: '60' },
  },
});
const seed = values.seed === undefined ? runSeed() : Number(values.seed);
const postgres = await startPostgres([DEADLOCK_TIMEOUT, 'fsync=off']);
if (postgres === null) {
  console.log('PostgreSQL is not installed');
  process.exit(NOTHING_TO_RUN);
}
const headrace = await startHeadrace();
const random = seededRandom(seed);
let count = 0;
let different = 0;
try {
  const stages = [await Stage.open(postgres.port), await Stage.open(headrace.port)] as const;
  const written = readdirSync(FOLDER)
    .sort()
    .flatMap((file) => readScripts(readFileSync(join(FOLDER, file), 'utf8')))
    .filter(({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)));
  const chance = positionals.length > 0 ? 0 : Number(values.random);
  const scripts = [...written, ...Array.from({ length: chance }, (_, i) => randomScript(random, `random ${i + 1}`))];
  for (const script of scripts) {
    const counts = new Map([...script.sessions].map(([name, statements]) => [name, statements.length]));
    const every = orders(counts);
    const few = isRandom(script) ? 1 : Number(values['per-script']);
    const wanted = values.all ? every : sample(every, few, random);
    for (const order of wanted) {
      const played = await Promise.all(stages.map((stage) => stage.play(script, order)));
      const [theirs, ours] = isRandom(script) ? played.map(withoutReasons) : played;
      count++;
      const at = theirs!.findIndex((line, i) => line !== ours![i]);
      if (at < 0 && theirs!.length === ours!.length) continue;
      different++;
      console.log(`${script.name} (${order.join('')}) differs:`);
      for (const line of theirs!.slice(0, at)) console.log(`    ${line}`);
      console.log(`  PostgreSQL: ${theirs!.slice(at).join(' | ')}`);
      console.log(`  Headrace:   ${ours!.slice(at).join(' | ')}`);
    }
  }
  for (const stage of stages) await stage.close();
} finally {
  await headrace.stop();
  postgres.stop();
}
console.log(`${count} orders of statements played, ${different} differ (seed ${seed})`);
process.exitCode = different === 0 && count > 0 ? 0 : 1;
