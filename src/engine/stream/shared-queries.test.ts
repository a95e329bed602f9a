// Subscriptions that share a job get what a job of their own would give them: random queries over a table, a view and a stream come and
// go amid random commits, each beside a twin that says the same in a way that cannot be shared; per epoch their net changes are equal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessTarget } from '../../testing/in-process-target.ts';
import { randomBelow } from '../../testing/seeded-random.ts';

type Next = (limit: number) => number;

const pick = <T>(next: Next, list: readonly T[]): T => list[next(list.length)]!;

const SETUP = `CREATE TABLE t (k int, g text, b bigint, f float8, d date, c varchar(9), w bool, n numeric(6,2));
  CREATE STREAM s (k int, g text, b bigint, f float8, d date, c varchar(9), w bool, n numeric(6,2));
  CREATE MATERIALIZED VIEW m AS SELECT k, max(g) g, max(b) b, max(f) f, min(d) d, max(c) c, bool_or(w) w, max(n) n FROM t GROUP BY k;
  CREATE VIEW q AS SELECT w, g, k, n, c, d, f, b, k > 1 AS high FROM t WHERE n > 1`;

/** of the columns: values that are stored and asked for, some of them equal in another form */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  k: ['0', '1', '2', '3', 'NULL', '2147483648'],
  g: ["'a'", "'b'", "'a much longer text than fits'", "''", 'NULL'],
  b: ['0', '1', '2', '-9223372036854775807', 'NULL'],
  f: ["'0'::float8", "'-0'::float8", "'NaN'::float8", '1.5::float8', 'NULL'],
  d: ["'2024-01-01'::date", "'infinity'::date", 'NULL'],
  c: ["'x'::varchar", "'y'::varchar", "'x '::varchar", 'NULL'],
  w: ['true', 'false', 'NULL'],
  n: ['1', '1.00', '2.5', 'NULL'],
};
const COLUMNS = Object.keys(VALUES);

function condition(next: Next): string {
  const column = pick(next, COLUMNS);
  const value = pick(next, VALUES[column]!);
  switch (next(8)) {
    case 0:
      return `${column} ${pick(next, ['<', '>=', '<>'])} ${value}`;
    case 1:
      return `${column} IS ${pick(next, ['NULL', 'NOT NULL'])}`;
    case 2:
      return `(${column} = ${value} OR ${condition(next)})`;
    case 3:
      return `${value} = ${column}`;
    default:
      return `${column} = ${value}`;
  }
}

function query(next: Next): { relation: string; targets: string; where: string } {
  const targets = pick(next, ['*', 'g, b', 'c, d, c', 'f', 'n, g, k = 1 AS one', "'x' AS x", 'k, g, b']);
  const where = Array.from({ length: next(4) }, () => condition(next)).join(' AND ');
  return { relation: pick(next, ['t', 't', 'm', 'm', 's', 'q']), targets, where };
}

const row = (next: Next) =>
  `(${COLUMNS.map((column) =>
    pick(
      next,
      VALUES[column]!.filter((value) => value !== '2147483648'),
    ),
  ).join(', ')})`;

function commit(next: Next): string {
  const rows = Array.from({ length: 1 + next(6) }, () => row(next)).join(', ');
  switch (next(6)) {
    case 0:
      return `INSERT INTO s VALUES ${rows}`;
    case 1:
      return `DELETE FROM t WHERE k = ${next(4)}`;
    case 2: {
      const column = pick(next, COLUMNS);
      return `UPDATE t SET ${column} = ${pick(next, VALUES[column]!.slice(0, 2))} WHERE k = ${next(4)}`;
    }
    case 3:
      return `BEGIN; INSERT INTO t VALUES ${rows}; UPDATE t SET b = 2 WHERE k = 1; DELETE FROM t WHERE b = 2 AND k = 2; COMMIT`;
    default:
      return `INSERT INTO t VALUES ${rows}`;
  }
}

class Pair {
  readonly text: string;
  private readonly target: InProcessTarget;
  private readonly id: number;

  constructor(target: InProcessTarget, id: number, text: string) {
    this.target = target;
    this.id = id;
    this.text = text;
  }

  async changes(which: 'shared' | 'own'): Promise<string[]> {
    const { rows } = await this.target.execute(`FETCH ALL ${which}${this.id} WITH (timeout = '1ms')`);
    const net = new Map<string, number>();
    for (const [epoch, diff, ...values] of rows ?? []) {
      const key = `${epoch} ${JSON.stringify(values)}`;
      net.set(key, (net.get(key) ?? 0) + Number(diff));
    }
    return [...net].filter(([, diff]) => diff !== 0).map(([key, diff]) => `${key} ${diff}`).sort(); // biome-ignore format: one line
  }
}

async function life(seed: number): Promise<number> {
  const next = randomBelow(seed);
  const target = new InProcessTarget({ memoryBytes: 256 * 1024 * 1024 });
  await target.execute(SETUP);
  const open = new Map<number, Pair>();
  let compared = 0;
  const compare = async (pair: Pair) => {
    const [shared, own] = [await pair.changes('shared'), await pair.changes('own')];
    assert.deepEqual(shared, own, `seed ${seed}: ${pair.text}`);
    compared += own.length;
  };
  for (let step = 0; step < 40; step++) {
    for (let n = next(4); n > 0; n--) await target.execute(commit(next));
    if (next(4) === 0) continue;
    await target.advance('0 seconds');
    for (const [id, pair] of open) {
      if (next(3) > 0) await compare(pair);
      if (next(8) > 0) continue;
      await target.execute(`CLOSE shared${id}; CLOSE own${id}`);
      open.delete(id);
    }
    const { relation, targets, where } = query(next);
    const options = next(3) === 0 ? 'WITH (SNAPSHOT = false)' : '';
    const select = (clause: string) => `SUBSCRIBE (SELECT ${targets} FROM ${relation}${clause}) ${options}`;
    const pair = new Pair(target, step, select(where === '' ? '' : ` WHERE ${where}`));
    const unshared = `coalesce(b % 1, 0) = 0${where === '' ? '' : ` AND ${where}`}`;
    await target.execute(`DECLARE shared${step} CURSOR WITH HOLD FOR ${pair.text}`);
    await target.execute(`DECLARE own${step} CURSOR WITH HOLD FOR ${select(` WHERE ${unshared}`)}`);
    open.set(step, pair);
  }
  await target.advance('0 seconds');
  for (const pair of open.values()) await compare(pair);
  await target.close();
  return compared;
}

test('per epoch, subscriptions that share a job get what a job of their own gives', async () => {
  const seeds = Number(process.env.SEEDS ?? 3);
  let compared = 0;
  for (let seed = 1; seed <= seeds; seed++) compared += await life(seed * 7919);
  assert.ok(compared > seeds * 40, `only ${compared} changes were compared`);
});

class Measured extends InProcessTarget {
  get usedBytes(): number {
    return this.database!.arena.usage().usedBytes;
  }
}

test('subscriptions that differ in a constant hold a queue each, and nothing else', async () => {
  const target = new Measured();
  await target.execute(`CREATE TABLE t (k int, g text, v int); INSERT INTO t SELECT i, 'g' || i, i FROM generate_series(1, 300) i;
    CREATE MATERIALIZED VIEW m AS SELECT k, g, count(*) n FROM t GROUP BY k, g`);
  const open = async (from: number, to: number) => {
    for (let k = from; k <= to; k++) {
      await target.execute(
        `DECLARE c${k} CURSOR WITH HOLD FOR SUBSCRIBE (SELECT n, g FROM m WHERE k = ${k} AND g = 'g${k}')`,
      );
      assert.deepEqual(await fetch(k), [['1', '1', `g${k}`]]);
    }
  };
  const fetch = async (k: number) => {
    const { rows } = await target.execute(`FETCH ALL c${k} WITH (timeout = '1ms')`);
    return rows!.map((row) => row.slice(1)).sort();
  };
  await open(1, 2);
  await target.advance('0 seconds');
  const before = target.usedBytes;
  await open(3, 202);
  assert.ok(target.usedBytes - before < 200 * 4096, `${(target.usedBytes - before) / 200} bytes each`);
  await target.execute('INSERT INTO t SELECT i, $$g$$ || i, 0 FROM generate_series(100, 300) i');
  await target.advance('0 seconds');
  assert.deepEqual(await fetch(99), []);
  assert.deepEqual(await fetch(100), [['-1', '1', 'g100'], ['1', '2', 'g100']]); // biome-ignore format: rows
  for (let k = 1; k <= 202; k++) await target.execute(`CLOSE c${k}`);
  await target.advance('0 seconds');
  assert.ok(target.usedBytes <= before, 'what they held is given back');
  await target.close();
});
