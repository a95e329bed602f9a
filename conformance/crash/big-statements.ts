// The part of the kill loop whose statements take long: INSERT, COPY, UPDATE, DELETE and CREATE TABLE AS of many rows, ALTER TYPE, ADD COLUMN,
// CREATE INDEX over them. A kill falls amid one of them more often than not; each must be there whole or not at all.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Part } from './part.ts';

/** Of a batch of rows: what it must be, and what it may be while a statement over it is not acknowledged. */
interface Batch {
  readonly number: number;
  /** v - g of its rows; null: they are not there */
  allowed: (number | null)[];
}

const DERIVED_TYPES = ['bigint', 'numeric(20,2)', 'text', 'integer'];
const text = (number: number, g: number) => `row ${g} of batch ${number}, longer than what fits inside`;

/** `rows`: in a batch. The random numbers choose what is done. */
export function bigStatements(rows: number, random: () => number): Part {
  const batches: Batch[] = [];
  /** tables made of a batch: the `v - g` of then */
  const derived = new Map<number, { shift: number; acknowledged: boolean; dropped: boolean }>();
  const below = (limit: number) => Math.floor(random() * limit);

  /** A statement after which the batch is `after`; until it is acknowledged it may be what it was. */
  async function change(batch: Batch, after: number | null, run: () => Promise<unknown>) {
    batch.allowed = [...batch.allowed, after];
    await run();
    batch.allowed = [after];
  }

  async function insert(client: pg.Client): Promise<void> {
    const batch: Batch = { number: batches.length, allowed: [null] };
    batches.push(batch);
    const { number } = batch;
    if (random() < 0.3) {
      const lines = function* () {
        for (let g = 1; g <= rows; g++) yield `${number}\t${g}\t${g}\t${text(number, g)}\n`;
      };
      return change(batch, 0, () => pipeline(Readable.from(lines()), client.query(copyFrom('COPY big FROM STDIN'))));
    }
    const values = `'row ' || g || ' of batch ${number}, longer than what fits inside'`;
    return change(batch, 0, () =>
      client.query(`INSERT INTO big SELECT ${number}, g, g, ${values} FROM generate_series(1, ${rows}) g`),
    );
  }

  async function derive(client: pg.Client, batch: Batch): Promise<void> {
    const [shift] = batch.allowed;
    if (shift == null || batch.allowed.length > 1 || derived.has(batch.number)) return;
    const made = { shift, acknowledged: false, dropped: false };
    derived.set(batch.number, made);
    const table = `of_batch_${batch.number}`;
    await client.query(`CREATE TABLE ${table} AS SELECT g, v, s FROM big WHERE batch = ${batch.number}`);
    made.acknowledged = true;
  }

  async function alter(client: pg.Client): Promise<void> {
    const [number, made] = [...derived].find(([, { acknowledged, dropped }]) => acknowledged && !dropped) ?? [];
    if (number === undefined || made === undefined) return;
    const table = `of_batch_${number}`;
    const type = DERIVED_TYPES[below(DERIVED_TYPES.length)]!;
    await client.query(`CREATE UNIQUE INDEX IF NOT EXISTS ${table}_g ON ${table}(g)`);
    await client.query(`ALTER TABLE ${table} ALTER COLUMN v TYPE ${type} USING v::${type}`);
    await client.query(`ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS added text DEFAULT 'the same'`);
    if (random() < 0.6) return;
    made.dropped = true;
    await client.query(`DROP TABLE ${table}`);
  }

  async function one(client: pg.Client): Promise<void> {
    const batch = batches[below(batches.length)];
    const settled = batch !== undefined && batch.allowed.length === 1 && batch.allowed[0] !== null;
    const chance = random();
    if (!settled || chance < 0.3) return insert(client);
    if (chance < 0.5) return derive(client, batch);
    if (chance < 0.65) return alter(client);
    const { number, allowed } = batch;
    if (chance < 0.8 || batches.length < 4)
      return change(batch, allowed[0]! + 1, () => client.query(`UPDATE big SET v = v + 1 WHERE batch = ${number}`));
    return change(batch, null, () => client.query(`DELETE FROM big WHERE batch = ${number}`));
  }

  return {
    name: 'big statements',
    async prepare(client) {
      await client.query('CREATE TABLE big (batch int, g int, v bigint, s text)');
      await client.query(
        'CREATE MATERIALIZED VIEW big_sums AS SELECT batch, count(*) AS n, sum(v) AS v FROM big GROUP BY batch',
      );
    },
    async work(client) {
      for (;;) await one(client);
    },
    async check(client) {
      return [...(await checkBatches(client, batches, rows)), ...(await checkDerived(client, derived, rows))];
    },
  };
}

async function checkBatches(client: pg.Client, batches: readonly Batch[], rows: number): Promise<string[]> {
  const { rows: found } = await client.query(
    `SELECT batch, count(*)::int AS n, count(DISTINCT g)::int AS d, min(v - g)::int AS least, max(v - g)::int AS most,
       count(*) FILTER (WHERE s <> 'row ' || g || ' of batch ' || batch || ', longer than what fits inside')::int AS wrong FROM big GROUP BY batch`,
  );
  const problems: string[] = [];
  for (const batch of batches) {
    const one = found.find((row) => row.batch === batch.number);
    const whole = one === undefined || (one.n === rows && one.d === rows && one.least === one.most && one.wrong === 0);
    const now: number | null = one === undefined ? null : one.least;
    if (!whole || !batch.allowed.includes(now))
      problems.push(`batch ${batch.number} is ${JSON.stringify(one)}, may be ${JSON.stringify(batch.allowed)}`);
    batch.allowed = [now];
  }
  const [kept, asked] = [
    await client.query('SELECT batch, n, v FROM big_sums ORDER BY batch'),
    await client.query('SELECT batch, count(*) AS n, sum(v) AS v FROM big GROUP BY batch ORDER BY batch'),
  ];
  if (JSON.stringify(kept.rows) !== JSON.stringify(asked.rows))
    problems.push(`view big_sums: ${JSON.stringify(kept.rows)} instead of ${JSON.stringify(asked.rows)}`);
  return problems;
}

async function checkDerived(
  client: pg.Client,
  derived: Map<number, { shift: number; acknowledged: boolean; dropped: boolean }>,
  rows: number,
): Promise<string[]> {
  const problems: string[] = [];
  for (const [number, made] of derived) {
    const table = `of_batch_${number}`;
    const { rows: there } = await client.query('SELECT 1 FROM pg_class WHERE relname = $1', [table]);
    if (there.length === 0) {
      if (made.acknowledged && !made.dropped) problems.push(`acknowledged table ${table} is lost`);
      derived.delete(number);
      continue;
    }
    made.acknowledged = true;
    made.dropped = false;
    const { rows: sums } = await client.query(
      `SELECT count(*)::int AS n, count(DISTINCT g)::int AS d, min(v::numeric - g)::int AS least, max(v::numeric - g)::int AS most FROM ${table}`,
    );
    const { rows: byKey } = await client.query(`SELECT count(*)::int AS n FROM ${table} WHERE g = ${rows}`);
    const { n, d, least, most } = sums[0];
    if (n !== rows || d !== rows || least !== made.shift || most !== made.shift || byKey[0].n !== 1)
      problems.push(`${table} is ${JSON.stringify(sums[0])} and has ${byKey[0].n} of its last key`);
    const { rows: columns } = await client.query(
      "SELECT count(*)::int AS n FROM information_schema.columns WHERE table_name = $1 AND column_name = 'added'",
      [table],
    );
    if (columns[0].n === 0) continue;
    const { rows: added } = await client.query(`SELECT count(*)::int AS n FROM ${table} WHERE added = 'the same'`);
    if (added[0].n !== rows) problems.push(`${table}: ${added[0].n} rows have the added column`);
  }
  return problems;
}
