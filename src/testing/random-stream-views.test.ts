// Batch is the oracle of streaming: random queries over streams, made amid random events (late ones among them) and changes of a table, with
// checkpoints, restarts and crashes between. EMIT CHANGES: after each round a view holds what its query gives. EMIT ON WINDOW CLOSE: what
// its query gave of each window when the watermark passed its end. HEADRACE_TEST_SEEDS=10 for more than one seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessTarget } from './in-process-target.ts';
import { RandomStreamQueries } from './random-stream-queries.ts';
import { seededRandom } from './seeded-random.ts';
import { SubscribedRows } from './subscribed-rows.ts';

const ROUNDS = 7;
const QUERIES = 4; // new ones in each round
const SEEDS = Number(process.env.HEADRACE_TEST_SEEDS ?? 1);
const FIRST_SEED = Number(process.env.HEADRACE_TEST_SEED ?? 1);
const NEVER = '-infinity';

interface FinalView {
  readonly query: string;
  /** until when its windows are closed */
  closed: string;
  readonly rows: string[];
}

class StreamLife {
  /** views that were compared, and those that were refused */
  cases = 0;
  refused = 0;
  private readonly target = new InProcessTarget({ durable: true, udfTimeoutMs: 60_000 });
  private readonly random: () => number;
  private readonly queries: RandomStreamQueries;
  private readonly subscribed = new SubscribedRows(this.target);
  private readonly whole = new Map<string, string>();
  private readonly final = new Map<string, FinalView>();

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.queries = new RandomStreamQueries(this.random);
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  async run(): Promise<void> {
    for (const statement of this.queries.tables()) await this.rows(statement);
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < QUERIES; i++) await this.make(`v${round}_${i}`);
      await this.standOn(round);
      for (const name of [...this.whole.keys(), ...this.final.keys()])
        if (this.below(6) === 0 && !this.subscribed.has(name)) await this.subscribed.follow(name, `SUBSCRIBE ${name}`);
      await this.target.checkpoint(); // from here on windows stay closed as they were
      for (let n = this.below(4); n >= 0; n--) {
        await this.rows(this.queries.change());
        await this.target.advance('0 seconds');
        for (const [name, view] of this.final) await this.close(name, view);
        if (this.below(3) === 0) await this.subscribed.receiveAll();
      }
      await this.interrupt();
      for (const [name, query] of this.whole) await this.compare(name, query, await this.rows(query));
      for (const [name, { query, rows }] of this.final) await this.compare(name, query, [...rows].sort());
    }
    await this.target.close();
  }

  /** Windows that a view without saved state has closed are closed again, with what their rows give now: it is compared no more. */
  private async interrupt(): Promise<void> {
    const life = this.below(8);
    if (life > 1) return;
    const built = await this.target.execute("SELECT query_name FROM headrace.queries WHERE plan LIKE '%built anew%'");
    for (const [name] of built.rows!) this.final.delete(name!);
    this.subscribed.forget();
    if (life === 0) await this.target.restart();
    else await this.target.crash();
  }

  private async rows(sql: string): Promise<string[]> {
    const { rows } = await this.target.execute(sql);
    return (rows ?? []).map((row) => JSON.stringify(row)).sort();
  }

  private async make(name: string): Promise<void> {
    const { sql, windowed } = this.queries.query();
    const closes = windowed && this.below(2) === 0;
    try {
      await this.rows(`CREATE MATERIALIZED VIEW ${name} AS ${sql}${closes ? ' EMIT ON WINDOW CLOSE' : ''}`);
    } catch (error) {
      assert.equal((error as { sqlstate?: string }).sqlstate, '0A000', `${sql}: ${error}`);
      this.refused++;
      return;
    }
    await this.rows(`SELECT * FROM ${name}`); // it is there, so that the checkpoint behind it has its state
    if (!closes) this.whole.set(name, sql);
    else {
      const view = { query: sql, closed: NEVER, rows: [] };
      this.final.set(name, view);
      await this.close(name, view);
    }
  }

  /** A view over one of windows, which may be final. */
  private async standOn(round: number): Promise<void> {
    const [below] = [...this.final.keys()].slice(-1 - this.below(3));
    if (below === undefined) return;
    const name = `above${round}`;
    const sql = `SELECT we, count(*) AS c, row_number() OVER (ORDER BY we DESC) AS r FROM ${below} GROUP BY we`;
    await this.rows(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
    this.whole.set(name, sql);
  }

  /** The rows of windows that the last commit has closed. */
  private async close(name: string, view: FinalView): Promise<void> {
    const { rows } = await this.target.execute(
      `SELECT CASE WHEN count(*) = count(watermark) THEN min(watermark) AT TIME ZONE 'UTC' END FROM headrace.streams
       WHERE stream_name = ANY ('{${await this.streamsOf(name)}}')`,
    );
    const until = rows![0]![0];
    if (until == null) return;
    const between = `we > timestamp '${view.closed}' AND we <= timestamp '${until}'`;
    view.rows.push(...(await this.rows(`SELECT * FROM (${view.query}) q WHERE ${between}`)));
    view.closed = until;
  }

  private async streamsOf(name: string): Promise<string> {
    const { query } = this.final.get(name)!;
    const found = new Set<string>();
    const below: Readonly<Record<string, readonly string[]>> = {
      a: ['a'], b: ['b'], l: ['l'], named: ['a'], mixed: ['a', 'b'], positive: ['l'], picked: ['b'],
    }; // biome-ignore format: one object
    for (const [, source] of query.matchAll(/(?:TUMBLE|HOP|CUMULATE|SESSION)\((\w+)/g))
      for (const stream of below[source!]!) found.add(stream);
    return [...found].join(',');
  }

  private async compare(name: string, query: string, expected: readonly string[]): Promise<void> {
    assert.deepEqual(await this.rows(`SELECT * FROM ${name}`), expected, `${name}: ${query}`);
    this.cases++;
    if (!this.subscribed.has(name)) return;
    const got = (await this.subscribed.rows(name)).map((row) => JSON.stringify(row));
    assert.deepEqual(got.sort(), expected, `subscription to ${name}: ${query}`);
  }
}

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
  test(`random queries over streams as views, seed ${seed}`, async (t) => {
    const life = new StreamLife(seed);
    await life.run();
    t.diagnostic(`${life.cases} comparisons, ${life.refused} queries were refused`);
    assert.ok(life.cases > 60, `only ${life.cases} comparisons`);
  });
}
