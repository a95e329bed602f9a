// Random queries as views: made before, amid and after random changes of their tables, with checkpoints, restarts and crashes between;
// after each round a view holds what its query gives. HEADRACE_TEST_SEEDS=10 for more than one seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlError } from '../errors/sql-error.ts';
import { InProcessTarget } from './in-process-target.ts';
import { RandomQueries } from './random-queries.ts';
import { seededRandom } from './seeded-random.ts';

const ROUNDS = 6;
const QUERIES = 24;
const SEEDS = Number(process.env.HEADRACE_TEST_SEEDS ?? 1);

/** Of equal numerics of several scales either may stand for a group. */
const plain = (value: string | null) => (value !== null && /^-?\d+\.\d+$/.test(value) ? String(Number(value)) : value);

class QueryLife {
  private readonly target = new InProcessTarget({ durable: true });
  private readonly random: () => number;
  private readonly views = new Map<string, string>();

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  async run(): Promise<void> {
    const queries = new RandomQueries(this.random);
    for (const statement of queries.tables()) await this.rows(statement);
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < QUERIES / ROUNDS; i++) await this.make(`v${round}_${i}`, queries.query());
      const size = ['1', '3', '2048'][this.below(3)]!;
      await this.rows(`SET headrace.batch_rows = ${size}`);
      for (let n = this.below(4); n >= 0; n--) await this.rows(queries.change());
      const life = this.below(6);
      if (life === 0) await this.target.restart();
      else if (life === 1) await this.target.crash();
      else if (life === 2) await this.target.checkpoint();
      for (const [name, query] of this.views) await this.compare(name, query);
    }
    assert.ok(this.views.size > QUERIES / 2);
    await this.target.close();
  }

  private async rows(sql: string): Promise<string[]> {
    const { rows } = await this.target.execute(sql);
    return (rows ?? []).map((row) => JSON.stringify(row.map(plain))).sort();
  }

  /** Names for the columns, as many as there are: the query gives some of them the same one. */
  private async make(name: string, query: string): Promise<void> {
    for (const columns of ['(x, y, z, w)', '(x, y, z)', '(x, y)']) {
      try {
        await this.target.execute(`CREATE MATERIALIZED VIEW ${name} ${columns} AS ${query}`);
        this.views.set(name, query);
        return;
      } catch (error) {
        if (!/more column names|too many column/.test(String(error))) throw error;
      }
    }
  }

  private async compare(name: string, query: string): Promise<void> {
    const outcome = (sql: string) => this.rows(sql).catch((error: unknown) => [String((error as SqlError).message)]);
    assert.deepEqual(await outcome(`SELECT * FROM ${name}`), await outcome(query), query);
  }
}

for (let seed = 1; seed <= SEEDS; seed++)
  test(`random queries as views, seed ${seed}`, () => new QueryLife(seed).run());
