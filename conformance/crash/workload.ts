// What the clients of the kill loop do until the server dies, and what must hold after it has come back. Each part commits in its own way
// and knows what was acknowledged: two tables in one transaction, COPY, transfers, DDL, a directory of files that a stream reads, checkpoints.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { bigStatements } from './big-statements.ts';
import { contention } from './contention.ts';
import { fileStreams } from './file-streams.ts';
import type { Part } from './part.ts';

const COPY_ROWS = 250;
const FILE_ROWS = 40;
/** At files that are on their way, a tenth of a second apart at least: a busy machine takes its time. */
const FILE_LOOKS = 1200;
const ACCOUNTS = 20;
const TOTAL = ACCOUNTS * 1000;

export async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function column(client: pg.Client, sql: string): Promise<unknown[]> {
  const { rows } = await client.query({ text: sql, rowMode: 'array' });
  return rows.map(([value]) => value as unknown);
}

/** The same rows from two queries, or what differs. */
async function sameRows(client: pg.Client, what: string, one: string, other: string): Promise<string[]> {
  const [left, right] = [await client.query(one), await client.query(other)];
  if (JSON.stringify(left.rows) === JSON.stringify(right.rows)) return [];
  return [`${what}: ${JSON.stringify(left.rows).slice(0, 300)} instead of ${JSON.stringify(right.rows).slice(0, 300)}`];
}

/** One number into two tables and, now and then, into a stream with windows. */
function pairs(): Part {
  const acknowledged = new Set<number>();
  let last = 0;
  return {
    name: 'pairs',
    async prepare(client) {
      await client.query('CREATE TABLE a (n int PRIMARY KEY); CREATE TABLE b (n int PRIMARY KEY)');
      await client.query("CREATE STREAM events (k int, ts timestamptz, WATERMARK FOR ts AS ts - INTERVAL '1 second')");
      await client.query('CREATE MATERIALIZED VIEW per_key AS SELECT k, count(*) AS c FROM events GROUP BY k');
      await client.query(
        'CREATE MATERIALIZED VIEW joined AS SELECT b.n % 10 AS d, count(*) AS c FROM a JOIN b USING (n) GROUP BY 1',
      );
      await client.query(
        "CREATE MATERIALIZED VIEW closed AS SELECT window_start, count(*) AS c FROM TUMBLE(events, ts, INTERVAL '10 seconds') GROUP BY window_start EMIT ON WINDOW CLOSE",
      );
    },
    async work(client) {
      for (;;) {
        const n = ++last;
        await client.query('BEGIN');
        await client.query('INSERT INTO a VALUES ($1)', [n]);
        await client.query('INSERT INTO b VALUES ($1)', [n]);
        if (n % 3 === 0)
          await client.query('INSERT INTO events VALUES ($1, $2)', [n % 7, new Date(1_700_000_000_000 + n * 300)]);
        await client.query('COMMIT');
        acknowledged.add(n);
      }
    },
    async check(client) {
      const [a, b] = [
        new Set(await column(client, 'SELECT n FROM a')),
        new Set(await column(client, 'SELECT n FROM b')),
      ];
      return [
        ...[...acknowledged].filter((n) => !a.has(n)).map((n) => `acknowledged ${n} is lost`),
        ...[...a].filter((n) => !b.has(n)).map((n) => `${n} is in a but not in b`),
        ...[...b].filter((n) => !a.has(n)).map((n) => `${n} is in b but not in a`),
        ...(await sameRows(
          client,
          'view per_key',
          'SELECT k, c FROM per_key ORDER BY k',
          'SELECT k, count(*) AS c FROM events GROUP BY k ORDER BY k',
        )),
        ...(await sameRows(
          client,
          'view joined',
          'SELECT d, c FROM joined ORDER BY d',
          'SELECT n % 10 AS d, count(*) AS c FROM a GROUP BY 1 ORDER BY 1',
        )),
        ...(await sameRows(
          client,
          'closed windows',
          'SELECT window_start, c FROM closed ORDER BY 1',
          `SELECT window_start, count(*) AS c FROM TUMBLE(events, ts, INTERVAL '10 seconds')
           WHERE window_end <= (SELECT watermark FROM headrace.streams WHERE stream_name = 'events') GROUP BY 1 ORDER BY 1`,
        )),
      ];
    },
  };
}

/** Batches by COPY: all rows of one, or none. */
function copies(): Part {
  const acknowledged = new Set<number>();
  let last = 0;
  return {
    name: 'copies',
    async prepare(client) {
      await client.query('CREATE TABLE copied (batch int, line text)');
    },
    async work(client) {
      for (;;) {
        const batch = ++last;
        const lines = Array.from({ length: COPY_ROWS }, (_, i) => `${batch}\tline ${i} of ${batch}\n`);
        await pipeline(Readable.from(lines), client.query(copyFrom('COPY copied FROM STDIN')));
        acknowledged.add(batch);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async check(client) {
      const { rows } = await client.query(
        'SELECT batch, count(*)::int AS n, count(DISTINCT line)::int AS d FROM copied GROUP BY batch',
      );
      const whole = new Set(
        rows.filter(({ n, d }) => n === COPY_ROWS && d === COPY_ROWS).map(({ batch }) => batch as number),
      );
      return [
        ...rows.filter(({ batch }) => !whole.has(batch)).map(({ batch, n }) => `COPY ${batch} has ${n} rows`),
        ...[...acknowledged].filter((batch) => !whole.has(batch)).map((batch) => `acknowledged COPY ${batch} is lost`),
      ];
    },
  };
}

/** Updates that keep a sum, and deletes that come with inserts. */
function transfers(): Part {
  let turn = 0;
  return {
    name: 'transfers',
    async prepare(client) {
      await client.query(
        `CREATE TABLE accounts AS SELECT g AS id, 1000 AS amount FROM generate_series(1, ${ACCOUNTS}) g`,
      );
      await client.query(
        'CREATE MATERIALIZED VIEW wealth AS SELECT sum(amount) AS total, count(*) AS accounts FROM accounts',
      );
    },
    async work(client) {
      for (;;) {
        const [from, to] = [(turn % ACCOUNTS) + 1, ((turn * 7 + 3) % ACCOUNTS) + 1];
        turn++;
        await client.query('BEGIN');
        await client.query('UPDATE accounts SET amount = amount - $2 WHERE id = $1', [from, turn % 50]);
        if (turn % 9 === 0)
          await client.query('WITH gone AS (SELECT amount FROM accounts WHERE id = $1) SELECT * FROM gone', [to]);
        await client.query('UPDATE accounts SET amount = amount + $2 WHERE id = $1', [to, turn % 50]);
        await client.query(turn % 11 === 0 ? 'ROLLBACK' : 'COMMIT');
      }
    },
    async check(client) {
      const { rows } = await client.query('SELECT sum(amount)::int AS total, count(*)::int AS n FROM accounts');
      const { rows: kept } = await client.query('SELECT total::int AS total, accounts::int AS n FROM wealth');
      return [rows[0], kept[0]]
        .filter(({ total, n }) => total !== TOTAL || n !== ACCOUNTS)
        .map((found) => `accounts hold ${JSON.stringify(found)}`);
    },
  };
}

/** A table and its line in a list, made and dropped together. */
function definitions(): Part {
  /** acknowledged, and no DROP of it was sent */
  const made = new Set<number>();
  let last = 0;
  return {
    name: 'definitions',
    async prepare(client) {
      await client.query('CREATE TABLE listed (n int PRIMARY KEY)');
    },
    async work(client) {
      for (;;) {
        const n = ++last;
        await client.query(
          `BEGIN; CREATE TABLE made_${n} (x int PRIMARY KEY, y text DEFAULT 'd'); INSERT INTO made_${n} VALUES (${n}); INSERT INTO listed VALUES (${n}); COMMIT`,
        );
        made.add(n);
        if (n % 4 === 0)
          await client.query(
            `ALTER TABLE made_${n} ADD COLUMN z int DEFAULT 5; CREATE VIEW view_${n} AS SELECT x FROM made_${n}`,
          );
        const [oldest] = made;
        if (oldest === undefined || made.size < 5) continue;
        made.delete(oldest);
        await client.query(`BEGIN; DROP TABLE made_${oldest} CASCADE; DELETE FROM listed WHERE n = ${oldest}; COMMIT`);
      }
    },
    async check(client) {
      const tables = new Set(
        (await column(client, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'made_%'")).map(
          (name) => Number(String(name).slice(5)),
        ),
      );
      const listed = new Set((await column(client, 'SELECT n FROM listed')) as number[]);
      const problems = [
        ...[...tables].filter((n) => !listed.has(n)).map((n) => `table made_${n} is there and not listed`),
        ...[...listed].filter((n) => !tables.has(n)).map((n) => `made_${n} is listed and not there`),
        ...[...made].filter((n) => !tables.has(n)).map((n) => `acknowledged table made_${n} is lost`),
      ];
      for (const n of tables) {
        const found = await column(client, `SELECT x FROM made_${n}`);
        if (found.length !== 1 || found[0] !== n) problems.push(`made_${n} holds ${JSON.stringify(found)}`);
      }
      return problems;
    },
  };
}

/** Files that appear in a directory, each row of which must be in the stream once. */
function files(directory: string): Part {
  let written = 0;
  mkdirSync(directory, { recursive: true });
  const put = () => {
    const n = ++written;
    const lines = Array.from({ length: FILE_ROWS }, (_, i) =>
      JSON.stringify({ n: n * FILE_ROWS + i, text: `of file ${n}` }),
    );
    writeFileSync(join(directory, `.${n}.part`), `${lines.join('\n')}\n`);
    renameSync(join(directory, `.${n}.part`), join(directory, `${String(n).padStart(6, '0')}.jsonl`));
  };
  return {
    name: 'files',
    async prepare(client) {
      await client.query(
        `CREATE STREAM read_files (n int, text text) WITH (connector = 'files', path = '${directory}', 'scan.startup.mode' = 'earliest') FORMAT PLAIN ENCODE JSON`,
      );
      await client.query(
        'CREATE MATERIALIZED VIEW of_files AS SELECT text, count(*) AS c FROM read_files GROUP BY text',
      );
    },
    async work(client) {
      for (;;) {
        put();
        await client.query('SELECT 1');
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    },
    async check(client) {
      const expected = written * FILE_ROWS;
      let found = { n: 0, d: 0 };
      for (let looks = 0; looks < FILE_LOOKS; looks++) {
        const { rows } = await client.query('SELECT count(*)::int AS n, count(DISTINCT n)::int AS d FROM read_files');
        found = rows[0];
        if (found.n >= expected) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const problems =
        found.n === expected && found.d === expected
          ? []
          : [`of ${expected} rows of files there are ${found.n}, ${found.d} distinct`];
      return [
        ...problems,
        ...(await sameRows(
          client,
          'view of_files',
          'SELECT text, c FROM of_files ORDER BY text',
          'SELECT text, count(*) AS c FROM read_files GROUP BY text ORDER BY text',
        )),
      ];
    },
  };
}

/** Checkpoints amid everything else. */
function checkpoints(): Part {
  return {
    name: 'checkpoints',
    async prepare() {},
    async work(client) {
      for (let i = 0; ; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20 + (i % 7) * 40));
        await client.query('CHECKPOINT');
      }
    },
    async check() {
      return [];
    },
  };
}

export interface WorkloadOptions {
  /** the directory that the file stream reads */
  readonly inbox: string;
  /** rows of one big statement */
  readonly bigRows: number;
  readonly random: () => number;
}

/** The parts; `pairs` has several clients. */
export function workload({
  inbox,
  bigRows,
  random,
}: WorkloadOptions): readonly { readonly part: Part; readonly clients: number }[] {
  return [
    { part: pairs(), clients: 3 },
    { part: copies(), clients: 1 },
    { part: transfers(), clients: 1 },
    { part: definitions(), clients: 1 },
    { part: files(inbox), clients: 1 },
    { part: fileStreams(`${inbox}-streams`, random), clients: 1 },
    { part: bigStatements(bigRows, random), clients: 1 },
    { part: contention(random), clients: 8 },
    { part: checkpoints(), clients: 1 },
  ];
}
