// Streams over directories of files, by CSV, Parquet and JSON, with each way of ON ERROR and ON LATE. Every record of a file comes exactly once,
// into the stream, the stream of late rows or the dead letters; the views over them (windows, sessions, joins, EMIT ON WINDOW CLOSE) equal
// their queries.
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { csvLine, FileWriter, KEYS, type Written } from './file-writer.ts';
import { differences, type Part } from './part.ts';

/** There before the streams are. */
const FIRST_FILES = 300;
/** headrace.rejected holds at least so many rows */
const KEPT_REJECTED = 9000;

export function fileStreams(root: string, random: () => number): Part {
  const writer = new FileWriter(root, random);
  const below = (n: number) => Math.floor(random() * n);
  const mend = async (client: pg.Client) => {
    writer.mend();
    await client.query('ALTER STREAM strict_in RESUME');
  };
  return {
    name: 'file streams',
    async prepare(client) {
      for (let i = 0; i < FIRST_FILES; i++) writer.putCsv(1 + below(4));
      await makeStreams(client, writer.into);
      for (const [name, query, emit] of VIEWS)
        await client.query(`CREATE MATERIALIZED VIEW ${name} AS ${query} ${emit}`);
    },
    async work(client) {
      try {
        for (;;) {
          await writer.another();
          if (below(30) === 0) await mend(client);
          await client.query('SELECT 1');
          await setTimeout(below(40));
        }
      } finally {
        writer.replaceSome();
      }
    },
    async check(client, atEnd) {
      if (atEnd || below(6) === 0) await mend(client);
      if (atEnd) await complete(client, writer);
      return [
        ...(await differences(client, VIEWS.map(([name, query, emit]) => ({ name, query: emit === '' ? query : closedOf(name, query) })))),
        ...(await everyRecordOnce(client, writer, atEnd)),
      ]; // biome-ignore format: two lists
    },
  };
}

async function makeStreams(client: pg.Client, into: FileWriter['into']): Promise<void> {
  const columns =
    "id int8, k int NOT NULL, ts timestamptz, v numeric(10,2), WATERMARK FOR ts AS ts - INTERVAL '5 seconds'";
  const source = (path: string, format: string) =>
    `WITH (connector = 'files', path = '${path}', 'scan.startup.mode' = 'earliest') FORMAT PLAIN ENCODE ${format}`;
  await client.query(`
    CREATE STREAM dead (raw text, reason text);
    CREATE STREAM late_in (id int8, k int, ts timestamptz, v numeric(10,2));
    CREATE STREAM csv_in (${columns}) ${source(into.csv, 'CSV')} ON LATE KEEP ON ERROR INTO dead;
    CREATE STREAM parquet_in (${columns}) ${source(into.parquet, 'PARQUET')} ON LATE INTO late_in ON ERROR REJECT;
    CREATE STREAM strict_in (id int8) ${source(into.strict, 'JSON')} ON ERROR FAIL;
    CREATE TABLE names AS SELECT g AS k, 'name ' || g AS name FROM generate_series(0, ${KEYS - 2}) g;`);
}

/** What a view with EMIT ON WINDOW CLOSE shows of its query: windows close in order. */
function closedOf(view: string, query: string): string {
  return `SELECT * FROM (${query}) q WHERE window_end <= (SELECT max(window_end) FROM ${view})`;
}

/** Waits until the streams have all that was written. */
async function complete(client: pg.Client, { csv, parquet, strict }: FileWriter): Promise<void> {
  const wanted = [csv, parquet, strict].map((files) =>
    files.filter(({ extent }) => extent === 'whole').reduce((sum, { good }) => sum + good.length, 0),
  );
  for (let i = 0; i < 1200; i++) {
    const counts = await firstColumn(
      client,
      'SELECT count(*) FROM csv_in UNION ALL SELECT (SELECT count(*) FROM parquet_in) + (SELECT count(*) FROM late_in) UNION ALL SELECT count(*) FROM strict_in',
    );
    if (wanted.every((count, at) => Number(counts[at]) >= count)) break;
    await setTimeout(50);
  }
  await setTimeout(1000); // what comes twice comes now
}

async function firstColumn(client: pg.Client, sql: string): Promise<string[]> {
  return (await client.query({ text: sql, rowMode: 'array' })).rows.map(([value]) => String(value));
}

async function everyRecordOnce(client: pg.Client, writer: FileWriter, atEnd: boolean): Promise<string[]> {
  const ids = (sql: string) => firstColumn(client, sql);
  const dead = await ids('SELECT raw FROM dead');
  const refused = await ids(
    "SELECT raw FROM headrace.rejected WHERE stream_name = 'parquet_in' AND reason = 'malformed'",
  );
  return [
    ...once('csv', await ids('SELECT id FROM csv_in'), dead.filter(isRecord), writer.csv, atEnd),
    ...once('parquet', await ids('SELECT id FROM parquet_in UNION ALL SELECT id FROM late_in'), refused.map(refusedId), writer.parquet, atEnd),
    ...once('json', await ids('SELECT id FROM strict_in'), [], writer.strict, atEnd),
  ]; // biome-ignore format: three lists
}

/** Not the name of a file that was replaced before all of it was read. */
function isRecord(raw: string): boolean {
  return !raw.startsWith('/');
}

/** (id,k,...) of a row that lacks what is NOT NULL; or the path of a file. */
function refusedId(raw: string): string {
  return /^\((\d+),/.exec(raw)?.[1] ?? raw;
}

/** Records that came twice, that nobody wrote, that are missing; of each file the first ones, in order, at any time. */
function once(
  what: string,
  good: readonly string[],
  bad: readonly string[],
  files: readonly Written[],
  atEnd: boolean,
): string[] {
  const problems: string[] = [];
  const came = new Map<string, number>();
  for (const id of [...good, ...bad]) came.set(id, (came.get(id) ?? 0) + 1);
  for (const [id, times] of came) if (times > 1) problems.push(`${what}: ${id} came ${times} times`);
  const known = new Set(files.flatMap((file) => [...file.good.map(String), ...file.bad]));
  const cut = files
    .filter(({ extent }) => extent === 'beginning')
    .flatMap(({ bad, good }) => [...bad, ...good.map(csvLine)]);
  for (const id of came.keys())
    if (!known.has(id) && !cut.some((line) => line.startsWith(id))) problems.push(`${what}: nobody wrote ${id}`);
  for (const { path, good: own, bad: ownBad, extent } of files) {
    const missing = own.findIndex((n) => !came.has(String(n)));
    const behind = missing < 0 ? undefined : own.slice(missing).find((n) => came.has(String(n)));
    if (behind !== undefined) problems.push(`${what}: ${path} has ${behind} but not ${own[missing]}`);
    if (!atEnd || extent !== 'whole') continue;
    if (missing >= 0) problems.push(`${what}: ${path} lacks ${own[missing]}`);
    const lost = ownBad.find((raw) => !came.has(raw));
    if (lost !== undefined && bad.length < KEPT_REJECTED)
      problems.push(`${what}: ${path} lacks the bad record ${lost}`);
  }
  return problems;
}

/** Name, query, EMIT. */
const VIEWS: readonly (readonly [string, string, string])[] = [
  ['csv_by_key', 'SELECT k, count(*) AS c, sum(v) AS s, min(id) AS low FROM csv_in GROUP BY k', ''],
  ['dead_by_reason', 'SELECT reason, count(*) AS c FROM dead GROUP BY reason', ''],
  [
    'csv_windows',
    "SELECT window_start, k, count(*) AS c, max(v) AS m FROM TUMBLE(csv_in, ts, INTERVAL '10 seconds') GROUP BY window_start, k",
    '',
  ],
  [
    'named_windows',
    "SELECT window_end, name, count(*) AS c, sum(v) AS s FROM TUMBLE(parquet_in, ts, INTERVAL '10 seconds') JOIN names USING (k) GROUP BY window_end, name",
    'EMIT ON WINDOW CLOSE',
  ],
  [
    'hops',
    "SELECT window_end, p.k, name, count(*) AS c FROM HOP(parquet_in, ts, INTERVAL '5 seconds', INTERVAL '15 seconds') p LEFT JOIN names USING (k) GROUP BY 1, 2, 3",
    'EMIT ON WINDOW CLOSE',
  ],
  [
    'session_ends',
    "SELECT window_end, k, count(*) AS c, min(id) AS first FROM SESSION(parquet_in PARTITION BY k, ts, INTERVAL '900 milliseconds') GROUP BY window_end, k",
    'EMIT ON WINDOW CLOSE',
  ],
  [
    'near',
    "SELECT p.k, count(*) AS c FROM parquet_in p JOIN csv_in c ON c.k = p.k AND c.id / 2000 = p.id / 2000 AND c.ts BETWEEN p.ts - INTERVAL '3 seconds' AND p.ts + INTERVAL '3 seconds' GROUP BY p.k",
    '',
  ],
  [
    'unmatched',
    'SELECT p.id, c.id AS other FROM parquet_in p LEFT JOIN csv_in c ON c.id = p.id + 40 WHERE p.id % 10 = 0',
    '',
  ],
];
