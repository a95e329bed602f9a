// Broken files through SQL, the whole road: Parquet cut and with flipped bits, CSV with too many fields, JSON that is not JSON in ON ERROR's
// three ways. Each ends in a clear error or in rows set aside; nothing is lost, and another session is answered all the while.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { dataRows, errorFields, firstError, RawClient } from '../testing/raw-client.ts';
import { type RealServer, startRealServer } from '../testing/real-server.ts';
import { runSeed, seededRandom } from '../testing/seeded-random.ts';

const folder = mkdtempSync(join(tmpdir(), 'headrace-bad-files-'));
let server: RealServer;
let client: RawClient;
let bystander: RawClient;
before(async () => {
  server = await startRealServer();
  client = await RawClient.login(server.port);
  bystander = await RawClient.login(server.port);
});
after(async () => {
  client.close();
  bystander.close();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function rowsOf(sql: string): Promise<(string | null)[][]> {
  const answer = await client.query(sql);
  assert.equal(firstError(answer), null, sql);
  return dataRows(answer);
}

async function othersGoOn(): Promise<void> {
  assert.deepEqual(dataRows(await bystander.query('SELECT 6 * 7')), [['42']]);
}

/** Waits until the query answers something true; a files stream looks at its directory now and then. The test's limit of time ends it. */
async function until(sql: string): Promise<void> {
  for (;;) {
    if ((await rowsOf(sql))[0]?.[0] === 't') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A file appears whole, as the connector asks for. */
function put(directory: string, name: string, text: string): void {
  writeFileSync(join(directory, `${name}.tmp`), text);
  renameSync(join(directory, `${name}.tmp`), join(directory, name));
}

test('Parquet cut anywhere or with flipped bits: XX001 or rows, never a crash', {
  timeout: 300_000,
}, async (context) => {
  const good = join(folder, 'good.parquet');
  const instance = await DuckDBInstance.create();
  const duckdb = await instance.connect();
  await duckdb.run(
    `COPY (SELECT n::int AS n, 'text ' || n AS t, n * 1.5 AS f, DATE '2024-01-01' + n::int AS d FROM range(3000) r(n)) TO '${good}' (ROW_GROUP_SIZE 1000)`,
  );
  duckdb.closeSync();
  const bytes = readFileSync(good);
  assert.deepEqual(await rowsOf(`SELECT count(*), max(t) FROM read_parquet('${good}')`), [['3000', 'text 999']]);
  const seed = runSeed();
  context.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const path = join(folder, 'bad.parquet');
  const outcomes = new Map<string, number>();
  const attempt = async (content: Uint8Array, mustFail: boolean): Promise<void> => {
    writeFileSync(path, content);
    const answer = await client.query(`SELECT count(*), min(n), max(t), sum(f), max(d) FROM read_parquet('${path}')`);
    const error = answer.find(({ type }) => type === 'E');
    const fields = error === undefined ? null : errorFields(error.body);
    const outcome = fields === null ? 'rows' : fields.C!;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (mustFail) assert.equal(fields?.C, 'XX001', `${content.length} of ${bytes.length} bytes`);
    if (fields?.C === 'XX001') assert.match(fields.M!, /bad\.parquet" is not a readable Parquet file/);
    assert.notEqual(fields?.C, 'XX000', `${fields?.M}, seed ${seed}`);
    await othersGoOn();
  };
  await attempt(bytes.subarray(0, bytes.length / 2), true);
  for (let i = 0; i < 40; i++) await attempt(bytes.subarray(0, Math.floor(random() * bytes.length)), true);
  for (let i = 0; i < 150; i++) {
    const flipped = Buffer.from(bytes);
    // half of the flips in the footer, where the counts and offsets are
    const from = i % 2 === 0 ? 0 : bytes.length - 800;
    for (let flips = 1 + Math.floor(random() * 3); flips > 0; flips--) {
      const at = from + Math.floor(random() * (bytes.length - from));
      flipped[at] = flipped[at]! ^ (1 << Math.floor(random() * 8));
    }
    await attempt(flipped, false);
  }
  context.diagnostic(JSON.stringify([...outcomes]));
  assert.deepEqual(await rowsOf(`SELECT count(*), max(t) FROM read_parquet('${good}')`), [['3000', 'text 999']]);
  assert.deepEqual(server.complaints, []);
});

test('CSV with too many and too few fields: 22P04 with the line, and no row of the file', async () => {
  await rowsOf('CREATE TABLE target (a int, b text)');
  const path = join(folder, 'fields.csv');
  const cases = [
    ['1,x\n2,y,z\n', 'extra data after last expected column', 'COPY target, line 2: "2,y,z"'],
    ['1,x\n2\n', 'missing data for column "b"', 'COPY target, line 2: "2"'],
    ['1,x\n2,"y\n', 'unterminated CSV quoted field', 'COPY target, line 3: "2,"y\n"'],
  ] as const;
  for (const [text, message, where] of cases) {
    writeFileSync(path, text);
    const answer = await client.query(`COPY target FROM '${path}' (FORMAT csv)`);
    const fields = errorFields(answer.find(({ type }) => type === 'E')!.body);
    assert.deepEqual([fields.C, fields.M, fields.W], ['22P04', message, where]);
  }
  writeFileSync(path, '1,x\ntwo,y\n');
  const typed = errorFields(
    (await client.query(`COPY target FROM '${path}' (FORMAT csv)`)).find(({ type }) => type === 'E')!.body,
  );
  assert.deepEqual(
    [typed.C, typed.M, typed.W],
    ['22P02', 'invalid input syntax for type integer: "two"', 'COPY target, line 2, column a: "two"'],
  );
  assert.deepEqual(await rowsOf('SELECT count(*) FROM target'), [['0']]);
  assert.match(
    firstError(await client.query(`SELECT * FROM read_csv('${join(folder, 'none.csv')}')`)) ?? '',
    /^58P01 /,
  );
  await othersGoOn();
});

const LINES =
  '{"k": 1, "t": "one"}\nthis is no JSON\n{"k": "many"}\n{"k": 4, "t": "four"}\n[1, 2]\n{"k": 6\n{"k": 7, "extra": true}\n';

function stream(name: string, onError: string): { directory: string; sql: string } {
  const directory = mkdtempSync(join(folder, name));
  return {
    directory,
    sql: `CREATE STREAM ${name} (k int, t text) WITH (connector = 'files', path = '${directory}', 'scan.startup.mode' = 'earliest') FORMAT PLAIN ENCODE JSON ON ERROR ${onError}`,
  };
}

test('JSON that is not JSON, ON ERROR REJECT: good rows come, bad ones are counted and kept', {
  timeout: 240_000,
}, async () => {
  const { directory, sql } = stream('rejecting', 'REJECT');
  await rowsOf(sql);
  put(directory, 'a.jsonl', LINES);
  await until("SELECT accepted_rows = 3 AND malformed_rows = 4 FROM headrace.streams WHERE stream_name = 'rejecting'");
  assert.deepEqual(await rowsOf('SELECT k, t FROM rejecting ORDER BY k'), [
    ['1', 'one'],
    ['4', 'four'],
    ['7', null],
  ]);
  const kept = await rowsOf("SELECT reason, raw FROM headrace.rejected WHERE stream_name = 'rejecting' ORDER BY raw");
  assert.deepEqual(kept, [
    ['malformed', '[1, 2]'],
    ['malformed', 'this is no JSON'],
    ['malformed', '{"k": "many"}'],
    ['malformed', '{"k": 6'],
  ]);
  await othersGoOn();
});

test('ON ERROR INTO: bad rows go to the stream of dead letters', { timeout: 240_000 }, async () => {
  await rowsOf('CREATE STREAM dead (raw text, reason text, stream text)');
  const { directory, sql } = stream('routing', 'INTO dead');
  await rowsOf(sql);
  put(directory, 'a.jsonl', LINES);
  await until('SELECT count(*) = 4 FROM dead');
  assert.deepEqual(await rowsOf('SELECT raw, stream FROM dead ORDER BY raw'), [
    ['[1, 2]', 'routing'],
    ['this is no JSON', 'routing'],
    ['{"k": "many"}', 'routing'],
    ['{"k": 6', 'routing'],
  ]);
  assert.deepEqual(await rowsOf('SELECT count(*) FROM routing'), [['3']]);
  await othersGoOn();
});

test('ON ERROR FAIL: the source stops and says why, nothing of the batch is taken, the server goes on', {
  timeout: 240_000,
}, async () => {
  const { directory, sql } = stream('failing', 'FAIL');
  await rowsOf(sql);
  put(directory, 'a.jsonl', LINES);
  await until("SELECT last_error LIKE '%malformed row%' FROM headrace.streams WHERE stream_name = 'failing'");
  await rowsOf(sql.replace('failing', 'watching').replace('FAIL', 'REJECT'));
  put(directory, 'b.jsonl', '{"k": 9}\n');
  await until("SELECT accepted_rows = 4 FROM headrace.streams WHERE stream_name = 'watching'"); // it saw the second file
  assert.deepEqual(await rowsOf('SELECT count(*) FROM failing'), [['0']]);
  await othersGoOn();
});
