// Batch is the oracle of streaming, in SQL: random inserts, updates and deletes, checkpoints, restarts and crashes between them; after each
// round every view, made amid it all, holds the rows of its query. The key that groups, joins and partitions is an int in one life, and in
// another of a type drawn by chance. HEADRACE_TEST_SEEDS=10 for more than one seed, HEADRACE_TEST_KEY_TYPES=all for a life of every type.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BASE_TYPES, type RandomType, RandomTypes } from './equal-values.ts';
import { InProcessTarget } from './in-process-target.ts';
import { seededRandom, seedOf } from './seeded-random.ts';

const ROUNDS = 14;
const SEEDS = Number(process.env.HEADRACE_TEST_SEEDS ?? 1);
const KEYS = 9;

/** Over tables t and u (id, k, v, x) and the stream s (id, k, v, x, ts). */
const VIEWS: Readonly<Record<string, string>> = {
  groups: 'SELECT k, count(*) n, sum(v) s, min(v) l, max(x) m, avg(v) a, count(DISTINCT v) d FROM t GROUP BY k',
  groups_of_groups: 'SELECT n, count(*) c FROM groups GROUP BY n',
  grand: 'SELECT count(*) n, sum(v) s FROM t',
  lists: "SELECT k, array_agg(id ORDER BY id) ids, string_agg(x, ',' ORDER BY id) xs FROM t GROUP BY k",
  sets: 'SELECT k, x, count(*) FROM t GROUP BY GROUPING SETS ((k), (x), ())',
  joined: 'SELECT t.id, t.v, u.x FROM t JOIN u ON t.k = u.k',
  left_joined: 'SELECT t.id, u.id AS uid, u.x FROM t LEFT JOIN u ON t.k = u.k AND t.v < u.v',
  full_joined: 'SELECT t.id tid, u.id uid FROM t FULL JOIN u ON t.id = u.id',
  semi: 'SELECT id, v FROM t WHERE k IN (SELECT k FROM u WHERE v > 5)',
  anti: 'SELECT id, v FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.k = t.k)',
  correlated: 'SELECT id, (SELECT max(v) FROM u WHERE u.k = t.k) m FROM t',
  cte: 'WITH c AS (SELECT k, sum(v) s FROM t GROUP BY k) SELECT a.k, a.s, b.s bs FROM c a JOIN c b ON a.s <= b.s',
  united: 'SELECT k, x FROM t UNION ALL SELECT k, x FROM u',
  excepted: 'SELECT k FROM t EXCEPT SELECT k FROM u',
  intersected: 'SELECT k, v FROM t INTERSECT ALL SELECT k, v FROM u',
  distinct_rows: 'SELECT DISTINCT k, x FROM t',
  distinct_on: 'SELECT DISTINCT ON (k) k, id, v FROM t ORDER BY k, v DESC, id',
  top: 'SELECT id, v FROM t ORDER BY v DESC, id LIMIT 5',
  behind: 'SELECT id, v FROM t ORDER BY v, id LIMIT 3 OFFSET 4',
  numbered: 'SELECT id, row_number() OVER w n, lag(v) OVER w b FROM t WINDOW w AS (PARTITION BY k ORDER BY v, id)',
  running: 'SELECT id, sum(v) OVER (ORDER BY id) FROM t',
  best_two: 'SELECT * FROM (SELECT id, rank() OVER (PARTITION BY k ORDER BY v DESC, id) r FROM t) a WHERE r <= 2',
  sessions: "SELECT id, window_start, window_end FROM SESSION(s PARTITION BY k, ts, INTERVAL '2 minutes')",
  hops: "SELECT window_end, k, count(*) FROM HOP(s, ts, INTERVAL '1 minute', INTERVAL '3 minutes') GROUP BY window_end, k",
  close_pairs:
    "SELECT a.id, b.id bid FROM s a JOIN s b ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '2 minutes'",
  enriched: 'SELECT s.id, u.x FROM s JOIN u ON s.k = u.k',
  latest: 'SELECT k, id, v FROM s ORDER BY v DESC, id LIMIT 4',
  keys_in_order: 'SELECT k, id FROM t ORDER BY k DESC, id LIMIT 6',
  ranked: 'SELECT id, rank() OVER (ORDER BY k), count(*) OVER (PARTITION BY k) FROM t',
  same_keys: 'SELECT t.id, u.id uid FROM t FULL JOIN u ON t.k = u.k AND t.v = u.v',
  counted_keys: 'SELECT x, count(DISTINCT k) d, count(k) c FROM t GROUP BY x',
  keys_of_both: 'SELECT k FROM t UNION SELECT k FROM u',
  all_but: 'SELECT k FROM t EXCEPT ALL SELECT k FROM u',
  not_in: 'SELECT id FROM t WHERE k NOT IN (SELECT k FROM u WHERE k IS NOT NULL)',
};

class RandomLife {
  private readonly target = new InProcessTarget({ durable: true });
  private readonly next: (limit: number) => number;
  private readonly made = new Set<string>();
  private readonly keyType: RandomType;
  private readonly keys: readonly string[];
  /** of keys that are equal in SQL any may stand for the others: the text of each to that of the first like it */
  private spellings: ReadonlyMap<string, string> = new Map();
  private ids = 0;
  private seconds = 0;

  constructor(random: () => number, keyType: RandomType) {
    this.next = (limit) => Math.floor(random() * limit);
    this.keyType = keyType;
    this.keys = Array.from({ length: KEYS }, () => keyType.value());
  }

  async run(): Promise<void> {
    const { name } = this.keyType;
    for (const table of ['t', 'u'])
      await this.rows(`CREATE TABLE ${table} (id int PRIMARY KEY, k ${name}, v bigint, x text)`);
    await this.rows(`CREATE STREAM s (id int, k ${name}, v bigint, x text, ts timestamp, WATERMARK FOR ts AS ts - INTERVAL '2 minutes')`); // biome-ignore format: one statement
    await this.learnSpellings();
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of Object.keys(VIEWS)) if (round === ROUNDS - 3 || this.next(6) === 0) await this.make(name);
      for (let n = this.next(5); n >= 0; n--) await this.change();
      const life = this.next(6);
      if (life === 0) await this.target.restart();
      else if (life === 1) await this.target.crash();
      else if (life === 2) await this.target.checkpoint();
      await this.target.advance('5 seconds');
      for (const name of this.made) await this.compare(name, round);
    }
    await this.target.close();
  }

  private async rows(sql: string): Promise<string[]> {
    const { rows } = await this.target.execute(sql);
    return (rows ?? []).map((row) => JSON.stringify(row.map((text) => this.spellings.get(text ?? '') ?? text))).sort();
  }

  private async learnSpellings(): Promise<void> {
    const listed = this.keys.map((key, i) => `(${i}, (${key})::${this.keyType.name})`).join(', ');
    const { rows } = await this.target.execute(
      `WITH k(i, x) AS (VALUES ${listed}) SELECT DISTINCT ON (a.i) a.x, b.x FROM k a JOIN k b ON a.x = b.x ORDER BY a.i, b.i`,
    );
    this.spellings = new Map(rows!.map(([text, first]) => [text!, first!]));
  }

  private key(): string {
    return this.next(8) === 0 ? 'NULL' : this.keys[this.next(this.keys.length)]!;
  }

  private async make(name: string): Promise<void> {
    if (this.made.has(name) || (name === 'groups_of_groups' && !this.made.has('groups'))) return;
    const options = name !== 'groups' && this.next(4) === 0 ? "WITH (trigger = 'processing_time 5 seconds')" : '';
    await this.rows(`CREATE MATERIALIZED VIEW ${name} ${options} AS ${VIEWS[name]}`);
    this.made.add(name);
  }

  private values(): string {
    const text = this.next(3) === 0 ? 'a rather long text, number ' : 'x';
    const x = this.next(8) === 0 ? 'NULL' : `'${text}${this.next(4)}'`;
    return `${++this.ids}, ${this.key()}, ${this.next(12) - 3}, ${x}`;
  }

  private async change(): Promise<void> {
    const table = this.next(2) === 0 ? 't' : 'u';
    const some = `id % 7 = ${this.next(7)}`;
    const many = (count: number, row: () => string) => Array.from({ length: count }, row).join(', ');
    switch (this.next(6)) {
      case 0:
        await this.rows(`DELETE FROM ${table} WHERE ${this.next(9) === 0 ? 'true' : some}`);
        break;
      case 1:
        await this.rows(`UPDATE ${table} SET v = v + 1, k = ${this.key()} WHERE ${some}`);
        break;
      case 2:
      case 3: {
        this.seconds += this.next(90);
        const row = () =>
          `(${this.values()}, timestamp '2024-01-01' + ${this.seconds - this.next(200)} * interval '1 second')`;
        await this.rows(`INSERT INTO s VALUES ${many(1 + this.next(30), row)}`);
        break;
      }
      default:
        await this.rows(`INSERT INTO ${table} VALUES ${many(1 + this.next(12), () => `(${this.values()})`)}`);
    }
  }

  private async compare(name: string, round: number): Promise<void> {
    assert.deepEqual(
      await this.rows(`SELECT * FROM ${name}`),
      await this.rows(VIEWS[name]!),
      `${name}, round ${round}`,
    );
  }
}

const INT: RandomType = { name: 'int', storable: true, value: () => '0' };

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`views equal their queries through a random life, seed ${seed}`, () => {
    const random = seededRandom(seed);
    return new RandomLife(random, { ...INT, value: () => String(Math.floor(random() * 6)) }).run();
  });
  for (const name of keyTypes(seed)) {
    test(`views keyed by ${name} equal their queries, seed ${seed}`, () => {
      const random = seededRandom(seedOf(seed, name));
      return new RandomLife(random, keyType(new RandomTypes(random), name)).run();
    });
  }
}

function keyType(types: RandomTypes, name: string): RandomType {
  return name.endsWith('[]') ? types.array(types.base(name.slice(0, -2))) : types.base(name);
}

function keyTypes(seed: number): readonly string[] {
  const all = [...BASE_TYPES, ...BASE_TYPES.map((name) => `${name}[]`)];
  if (process.env.HEADRACE_TEST_KEY_TYPES === 'all') return all;
  const random = seededRandom(seedOf(seed, 'key types'));
  return [all[Math.floor(random() * all.length)]!];
}
