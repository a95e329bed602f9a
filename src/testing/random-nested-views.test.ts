// Batch is the oracle of streaming: random views on views, beside the same queries as plain views, which a batch query computes from the tables.
// Amid random inserts, updates and deletes, checkpoints, restarts and crashes both hold the same rows, and what a subscription opened at any
// moment has got, added up, is the view too. HEADRACE_TEST_SEEDS=10 for more than one seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlError } from '../errors/sql-error.ts';
import { InProcessTarget } from './in-process-target.ts';
import { RandomNestedQueries } from './random-nested-queries.ts';
import { seededRandom } from './seeded-random.ts';
import { SubscribedRows } from './subscribed-rows.ts';

const ROUNDS = 7;
const QUERIES = 3; // new ones in each round
const MOST_ROWS = 400;
const SEEDS = Number(process.env.HEADRACE_TEST_SEEDS ?? 1);
const FIRST_SEED = Number(process.env.HEADRACE_TEST_SEED ?? 1);

/** Of equal numerics of several scales either may stand for a group. */
const plain = (value: string | null) => (value !== null && /^-?\d+\.\d+$/.test(value) ? String(Number(value)) : value);

class NestedLife {
  comparisons = 0;
  refused = 0;
  private readonly target = new InProcessTarget({ durable: true });
  private readonly random: () => number;
  private readonly queries: RandomNestedQueries;
  /** by number */
  private readonly made = new Map<number, string>();
  private readonly subscribed = new SubscribedRows(this.target);

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.queries = new RandomNestedQueries(this.random);
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  async run(): Promise<void> {
    for (const statement of this.queries.tables()) await this.target.execute(statement);
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < QUERIES; i++) await this.make(this.queries.query());
      for (const number of this.made.keys())
        if (this.below(6) === 0 && !this.subscribed.has(`v${number}`)) await this.follow(number);
      await this.target.execute(`SET headrace.batch_rows = ${['1', '3', '2048'][this.below(3)]!}`);
      for (let n = this.below(4); n >= 0; n--) {
        await this.target.execute(this.queries.change());
        if (this.below(3) === 0) await this.subscribed.receiveAll();
      }
      await this.interrupt();
      for (const number of this.made.keys()) await this.compare(number);
    }
    await this.target.close();
  }

  private async interrupt(): Promise<void> {
    const life = this.below(7);
    if (life < 2) this.subscribed.forget();
    if (life === 0) await this.target.restart();
    else if (life === 1) await this.target.crash();
    else if (life === 2) await this.target.checkpoint();
  }

  /** v stands on views that are kept up to date, x on plain ones. */
  private async make(query: string): Promise<void> {
    const over = (letter: string) => query.replaceAll(/\{(\d+)\}/g, `${letter}$1`);
    const { rows } = await this.target.execute(`SELECT count(*) FROM (${over('x')}) q`);
    if (Number(rows![0]![0]) > MOST_ROWS) return;
    const number = this.queries.keep();
    await this.target.execute(`CREATE VIEW x${number} AS ${over('x')}`);
    try {
      await this.target.execute(`CREATE MATERIALIZED VIEW v${number} AS ${over('v')}`);
      this.made.set(number, over('v'));
    } catch (error) {
      assert.equal((error as SqlError).sqlstate, '0A000', `${over('v')}: ${error}`);
      this.refused++;
      await this.target.execute(`CREATE VIEW v${number} AS ${over('v')}`);
    }
  }

  private async rows(sql: string): Promise<string[]> {
    try {
      const { rows } = await this.target.execute(sql);
      return rows!.map((row) => JSON.stringify(row.map(plain))).sort();
    } catch (error) {
      return [String((error as Error).message)];
    }
  }

  private follow(number: number): Promise<void> {
    const what = number % 2 === 0 ? `v${number}` : `(SELECT * FROM v${number} WHERE id IS NOT NULL)`;
    return this.subscribed.follow(`v${number}`, `SUBSCRIBE ${what}`);
  }

  private async compare(number: number): Promise<void> {
    const expected = await this.rows(`SELECT * FROM x${number}`);
    const text = () => this.story(number);
    assert.deepEqual(await this.rows(`SELECT * FROM v${number}`), expected, text());
    this.comparisons++;
    if (!this.subscribed.has(`v${number}`)) return;
    const got = (await this.subscribed.rows(`v${number}`)).map((row) => JSON.stringify(row.map(plain)));
    const followed = number % 2 === 0 ? expected : expected.filter((row) => !row.startsWith('[null'));
    assert.deepEqual(got.sort(), followed, `subscription to ${text()}`);
  }

  /** The query and those below it. */
  private story(number: number, told = new Set<number>()): string {
    if (told.has(number)) return '';
    told.add(number);
    const query = this.made.get(number) ?? 'not kept';
    const below = [...query.matchAll(/\bv(\d+)\b/g)].map(([, n]) => this.story(Number(n), told));
    return [`v${number}: ${query}`, ...below].filter((line) => line !== '').join('\n');
  }
}

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
  test(`random views on views, seed ${seed}`, async (t) => {
    const life = new NestedLife(seed);
    await life.run();
    t.diagnostic(`${life.comparisons} comparisons, ${life.refused} queries were refused`);
    assert.ok(life.comparisons > 40, `only ${life.comparisons} comparisons`);
  });
}
