// The part of the kill loop in which clients are after the same few rows: random transactions of increments, upserts, MERGE, deletes, changes of
// keys, children of rows that go, locks in any order, savepoints rolled back, in both isolation levels. Every change of a counter is booked in a
// ledger in the same transaction, so one snapshot tells whether an update was lost or half of something is there, at any moment.
import type pg from 'pg';
import type { Part } from './part.ts';

const KEYS = 12;
/** Broken constraints, serialization failures and deadlocks are what contention is made of. */
const EXPECTED = new Set(['23505', '23503', '40001', '40P01', '21000']);
const COUNTERS_OFF = `SELECT coalesce(c.k, l.k) AS k, c.n, l.n AS booked FROM counters c
  FULL JOIN (SELECT k, sum(delta) AS n FROM ledger GROUP BY k) l ON c.k = l.k WHERE coalesce(c.n, 0) <> coalesce(l.n, 0)`;
/** What must give no rows in any snapshot. */
const NEVER: Readonly<Record<string, string>> = {
  'a counter is not what was booked': COUNTERS_OFF,
  'a child without its row': 'SELECT children.id FROM children LEFT JOIN counters USING (k) WHERE counters.k IS NULL',
  'a key twice':
    'SELECT k FROM counters GROUP BY k HAVING count(*) > 1 UNION ALL SELECT u FROM counters GROUP BY u HAVING count(*) > 1',
  'a row without its key': 'SELECT k FROM counters a WHERE u <> k + 1000',
  'a transaction twice': 'SELECT id FROM done GROUP BY id HAVING count(*) > 1',
  'view booked':
    '(TABLE booked EXCEPT SELECT k, sum(delta), count(*) FROM ledger GROUP BY k) UNION ALL (SELECT k, sum(delta), count(*) FROM ledger GROUP BY k EXCEPT TABLE booked)',
  'view with_children':
    '(TABLE with_children EXCEPT SELECT k, count(*) FROM children JOIN counters USING (k) GROUP BY k) UNION ALL (SELECT k, count(*) FROM children JOIN counters USING (k) GROUP BY k EXCEPT TABLE with_children)',
};

/** In one snapshot all answers are of the same moment; the short ways to counts and bounds say what a scan says. */
async function look(client: pg.Client): Promise<string[]> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  const summary = async () =>
    JSON.stringify((await client.query('SELECT count(*), min(k), max(k) FROM counters')).rows[0]);
  const before = await summary();
  const problems: string[] = [];
  for (const [what, query] of Object.entries(NEVER)) {
    const { rows } = await client.query(query);
    if (rows.length > 0) problems.push(`${what}: ${JSON.stringify(rows.slice(0, 3))}`);
  }
  const { rows } = await client.query('SELECT k FROM counters');
  const keys = rows.map(({ k }) => k as number);
  const scanned = JSON.stringify({
    count: String(keys.length),
    min: keys.length === 0 ? null : Math.min(...keys),
    max: keys.length === 0 ? null : Math.max(...keys),
  });
  for (const summed of [before, await summary()])
    if (summed !== scanned) problems.push(`count, min, max are ${summed}, by the rows ${scanned}`);
  for (const k of keys) {
    const found = await client.query(`SELECT count(*)::int AS n FROM counters WHERE k = ${k} AND u = ${k} + 1000`);
    if (found.rows[0].n !== 1) problems.push(`key ${k} is found ${found.rows[0].n} times`);
  }
  await client.query('COMMIT');
  return problems;
}

async function book(client: pg.Client, k: number, delta: number): Promise<void> {
  await client.query(`INSERT INTO ledger VALUES (${k}, ${delta})`);
}

type Step = (client: pg.Client) => Promise<unknown>;

/** One statement after a counter and its children, and what is booked for it. */
function stepsBy(below: (limit: number) => number): readonly Step[] {
  const key = () => 1 + below(KEYS);
  return [
    async (client) => {
      const [k, d] = [key(), 1 + below(5)];
      const { rowCount } = await client.query(`UPDATE counters SET n = n + ${d} WHERE k = ${k}`);
      if (rowCount === 1) await book(client, k, d);
    },
    async (client) => {
      const [k, d] = [key(), 1 + below(5)];
      await client.query(
        `INSERT INTO counters VALUES (${k}, ${k} + 1000, ${d}) ON CONFLICT (k) DO UPDATE SET n = counters.n + excluded.n`,
      );
      await book(client, k, d);
    },
    async (client) => {
      const [k, d] = [key(), 1 + below(5)];
      await client.query(
        `MERGE INTO counters USING (VALUES (${k}, ${d})) s(k, d) ON counters.k = s.k
         WHEN MATCHED THEN UPDATE SET n = n + s.d WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.k + 1000, s.d)`,
      );
      await book(client, k, d);
    },
    async (client) => {
      const { rows } = await client.query(`DELETE FROM counters WHERE k IN (${key()}, ${key()}) RETURNING k, n`);
      for (const { k, n } of rows) await book(client, k, -n);
    },
    async (client) => {
      const [from, to] = [key(), key()];
      const { rows } = await client.query(
        `UPDATE counters SET k = ${to}, u = ${to} + 1000 WHERE k = ${from} RETURNING n`,
      );
      for (const { n } of rows) {
        await book(client, from, -n);
        await book(client, to, n);
      }
    },
    (client) => client.query(`INSERT INTO children(k) VALUES (${key()})`),
    (client) => client.query(`DELETE FROM children WHERE k = ${key()}`),
    (client) =>
      client.query(`SELECT n FROM counters WHERE k IN (${key()}, ${key()}) FOR ${below(2) === 0 ? 'UPDATE' : 'SHARE'}`),
  ];
}

export function contention(random: () => number): Part {
  const acknowledged = new Set<number>();
  let last = 0;
  const below = (limit: number) => Math.floor(random() * limit);
  const steps = stepsBy(below);

  async function transact(client: pg.Client): Promise<void> {
    const id = ++last;
    await client.query(`BEGIN ISOLATION LEVEL ${below(2) === 0 ? 'READ COMMITTED' : 'REPEATABLE READ'}`);
    for (let n = 1 + below(4); n > 0; n--) {
      const undone = below(8) === 0;
      if (undone) await client.query('SAVEPOINT s');
      await steps[below(steps.length)]!(client);
      if (undone) await client.query('ROLLBACK TO s');
    }
    await client.query(`INSERT INTO done VALUES (${id})`);
    await client.query('COMMIT');
    acknowledged.add(id);
  }

  return {
    name: 'contention',
    async prepare(client) {
      await client.query(
        `CREATE TABLE counters (k int PRIMARY KEY, u int UNIQUE, n int); CREATE TABLE ledger (k int, delta int); CREATE TABLE done (id int);
         CREATE TABLE children (id serial PRIMARY KEY, k int NOT NULL REFERENCES counters ON DELETE CASCADE ON UPDATE CASCADE);
         CREATE INDEX ON children(k)`,
      );
      await client.query('CREATE MATERIALIZED VIEW booked AS SELECT k, sum(delta), count(*) FROM ledger GROUP BY k');
      await client.query(
        'CREATE MATERIALIZED VIEW with_children AS SELECT k, count(*) FROM children JOIN counters USING (k) GROUP BY k',
      );
    },
    async work(client) {
      for (;;) {
        if (below(20) === 0) {
          const problems = await look(client);
          if (problems.length > 0) throw new Error(problems.join('\n'));
        }
        try {
          await transact(client);
        } catch (error) {
          if (!EXPECTED.has((error as { code?: string }).code ?? '')) throw error;
          await client.query('ROLLBACK');
        }
      }
    },
    async check(client) {
      const problems = await look(client);
      const { rows } = await client.query('SELECT id FROM done');
      const done = new Set(rows.map(({ id }) => id as number));
      const lost = [...acknowledged].filter((id) => !done.has(id));
      return [...problems, ...lost.map((id) => `acknowledged transaction ${id} is lost`)];
    },
  };
}
