// Subscriptions opened at random moments amid commits, some of tens of thousands of rows: snapshot and changes, added up, must be the view at
// every epoch that is compared: no row missing, none twice, no half of a transaction. --seconds N of commits, --subscribers N, --seed S.
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { runSeed, seededRandom, seedOf } from '../../src/testing/seeded-random.ts';
import { startHeadrace } from '../headrace-server.ts';

/** What is subscribed to, and the query that it must be. */
const OUTPUTS: Readonly<Record<string, string>> = {
  t: 'SELECT id, k, v FROM t',
  rows_of_t: 'SELECT id, k, v FROM t',
  groups: 'SELECT k, count(*), sum(v) FROM t GROUP BY k',
  named: 'SELECT t.id, u.name FROM t LEFT JOIN u ON t.k = u.k',
  greatest: 'SELECT id, v FROM t ORDER BY v DESC, id LIMIT 20',
  '(SELECT id, v FROM t WHERE v > 0)': 'SELECT id, v FROM t WHERE v > 0',
  '(SELECT id, v FROM t WHERE k = 3)': 'SELECT id, v FROM t WHERE k = 3',
  '(SELECT id, v FROM t WHERE k = 4)': 'SELECT id, v FROM t WHERE k = 4',
  '(SELECT count, sum FROM groups WHERE k = 3)': 'SELECT count(*), sum(v) FROM t WHERE k = 3 GROUP BY k',
  '(SELECT k % 10, count(*), sum(v) FROM t GROUP BY 1)': 'SELECT k % 10, count(*), sum(v) FROM t GROUP BY 1',
};
const SIZES = [1, 1, 2, 50, 400, 10_000];
const KEYS = 40;
const PATIENCE_MS = 120_000;

/** How often each row is there. */
type Rows = Map<string, number>;

function add(rows: Rows, row: string, count: number): void {
  const sum = (rows.get(row) ?? 0) + count;
  if (sum === 0) rows.delete(row);
  else rows.set(row, sum);
}

function difference(rows: Rows, expected: Rows): string | null {
  const rest = new Map(rows);
  for (const [row, count] of expected) add(rest, row, -count);
  return rest.size === 0
    ? null
    : [...rest]
        .slice(0, 4)
        .map(([row, count]) => `${count} x (${row})`)
        .join(', ');
}

class Subscriber {
  readonly output: string;
  readonly rows: Rows = new Map();
  /** the changes of each epoch */
  readonly epochs = new Map<string, Rows>();
  /** the epoch of its first rows: those of its snapshot, if there were any */
  first: string | null = null;
  failure: string | null = null;
  private readonly client: pg.Client;

  constructor(output: string, client: pg.Client) {
    this.output = output;
    this.client = client;
  }

  open(): void {
    const stream = this.client.query(copyTo(`COPY (SUBSCRIBE ${this.output}) TO STDOUT`));
    stream.on('error', (error) => {
      this.failure ??= error.message;
    });
    createInterface(stream).on('line', (line) => this.take(line));
  }

  private take(line: string): void {
    const [epoch, diff, ...values] = line.split('\t');
    const row = values.join('\t');
    this.first ??= epoch!;
    if (!this.epochs.has(epoch!)) this.epochs.set(epoch!, new Map());
    add(this.epochs.get(epoch!)!, row, Number(diff));
    add(this.rows, row, Number(diff));
  }
}

async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** A transaction that adds rows in pairs of v and -v, or changes all pairs of a key, so that the sum of v stays 0. */
async function transact(client: pg.Client, below: (limit: number) => number): Promise<void> {
  const key = below(KEYS);
  const pairs = SIZES[below(SIZES.length)]!;
  const spread = below(2);
  const insert = (sign: string) =>
    `INSERT INTO t SELECT nextval('ids'), ${key} + g % 3 * ${spread}, ${sign}(g % 97) FROM generate_series(1, ${pairs}) g`;
  const statements = [
    () => [insert(''), insert('-')],
    () => [insert(''), insert('-')],
    () => [`UPDATE t SET v = -v WHERE k = ${key}`],
    () => [`UPDATE t SET v = v * 2 WHERE k = ${key} AND abs(v) < 1000`],
    () => [`DELETE FROM t WHERE k IN (${key}, ${key + 1})`],
    () => [`DELETE FROM t WHERE k = ${key}`, insert(''), insert('-')],
    () => [`DELETE FROM u WHERE k = ${key}`, `INSERT INTO u VALUES (${key}, 'a name'), (${key}, 'name ${below(9)}')`],
  ];
  const chosen = statements[below(statements.length)]!();
  await client.query(`BEGIN; ${chosen.join('; ')}; ${below(8) === 0 ? 'ROLLBACK' : 'COMMIT'}`);
}

/** Rows as COPY writes them. */
async function asked(client: pg.Client, query: string): Promise<Rows> {
  const rows: Rows = new Map();
  const stream = client.query(copyTo(`COPY (${query}) TO STDOUT`));
  for await (const line of createInterface(stream)) add(rows, line, 1);
  return rows;
}

/** Of two subscriptions to the same view: what differs in an epoch that both were told of. */
function differentEpoch(early: Subscriber, late: Subscriber): string | null {
  if (late.first === null) return null;
  const at = new Map<string, number>();
  const first = BigInt(late.first);
  for (const [epoch, changes] of early.epochs) {
    if (BigInt(epoch) > first) continue;
    for (const [row, count] of changes) add(at, row, count);
  }
  const start = difference(late.epochs.get(late.first)!, at);
  if (start !== null && early.epochs.has(late.first)) {
    // an empty snapshot: its first rows are changes
    const changes = difference(late.epochs.get(late.first)!, early.epochs.get(late.first)!);
    if (changes !== null) return `at its first epoch ${first}: ${start}`;
  } else if (start !== null) return `at its snapshot ${first}: ${start}`;
  for (const [epoch, changes] of late.epochs) {
    if (BigInt(epoch) <= first) continue;
    const found = difference(changes, early.epochs.get(epoch) ?? new Map());
    if (found !== null) return `in epoch ${epoch}: ${found}`;
  }
  return null;
}

const { seconds, subscribers, seed } = new Command()
  .option('--seconds <n>', 'of commits', Number, 12)
  .option('--subscribers <n>', 'opened amid them', Number, 40)
  .option('--seed <n>', 'repeats the statements', Number, runSeed())
  .parse()
  .opts<{ seconds: number; subscribers: number; seed: number }>();
const server = await startHeadrace(['--data', 'memory', '--max-connections', '500']);
const problems: string[] = [];
let transactions = 0;
try {
  const control = await connect(server.port);
  await control.query('CREATE TABLE t (id int, k int, v int); CREATE TABLE u (k int, name text); CREATE SEQUENCE ids');
  for (const [name, query] of Object.entries(OUTPUTS)) {
    if (name !== 't' && !name.startsWith('(')) await control.query(`CREATE MATERIALIZED VIEW ${name} AS ${query}`);
  }
  const all: Subscriber[] = [];
  const subscribe = async (output: string) => {
    const subscriber = new Subscriber(output, await connect(server.port));
    subscriber.open();
    all.push(subscriber);
  };
  for (const output of Object.keys(OUTPUTS)) await subscribe(output);
  const until = performance.now() + seconds * 1000;
  const write = async (number: number) => {
    const random = seededRandom(seedOf(seed, `writer ${number}`));
    const client = await connect(server.port);
    for (; performance.now() < until; transactions++) await transact(client, (limit) => Math.floor(random() * limit));
    await client.end();
  };
  const open = async () => {
    const random = seededRandom(seedOf(seed, 'subscribers'));
    const names = Object.keys(OUTPUTS);
    for (let i = 0; i < subscribers && performance.now() < until; i++) {
      await subscribe(names[Math.floor(random() * names.length)]!);
      await setTimeout(random() * ((2000 * seconds) / subscribers));
    }
  };
  await Promise.all([write(1), write(2), open()]);
  // a last commit, which every output shows
  await control.query('INSERT INTO t VALUES (-1, -1, 2000000000), (0, -1, -2000000000)');
  for (const [output, query] of Object.entries(OUTPUTS)) {
    const expected = await asked(control, query);
    const own = all.filter((subscriber) => subscriber.output === output);
    const [early] = own;
    for (const [i, subscriber] of own.entries()) {
      const end = performance.now() + PATIENCE_MS;
      while (difference(subscriber.rows, expected) !== null && subscriber.failure === null && performance.now() < end)
        await setTimeout(100);
      const what = `${output}, subscriber ${i} from epoch ${subscriber.first}`;
      const found = subscriber.failure ?? difference(subscriber.rows, expected);
      if (found !== null) problems.push(`${what}, at the end: ${found}`);
      if (i === 0 || output.startsWith('(')) continue; // a query's steps are its own
      const epoch = differentEpoch(early!, subscriber);
      if (epoch !== null) problems.push(`${what}, ${epoch}`);
    }
    for (const { epochs } of output === 't' ? own : []) problems.push(...halves(epochs));
  }
  console.log(`${transactions} transactions, ${all.length} subscriptions: ${problems.length} problems (seed ${seed})`);
  for (const problem of problems.slice(0, 20)) console.log(`  ${problem}`);
} finally {
  server.process.kill('SIGKILL'); // the subscribers never end
}
process.exit(problems.length === 0 ? 0 : 1);

/** Epochs whose changes do not keep the sum of v. */
function halves(epochs: ReadonlyMap<string, Rows>): string[] {
  return [...epochs].flatMap(([epoch, rows]) => {
    let sum = 0;
    for (const [row, count] of rows) sum += Number(row.split('\t')[2]) * count;
    return sum === 0 ? [] : [`half a transaction in epoch ${epoch}: the sum of v is ${sum}`];
  });
}
