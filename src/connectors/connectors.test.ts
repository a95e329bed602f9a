// Files as tables: what DuckDB writes we read the same; inference; broken files; permission; streams' definitions.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Batch } from '../columns/batch.ts';
import { batchRows, buildBatch } from '../columns/batch-builder.ts';
import { Region } from '../columns/region.ts';
import { arenaFixture } from '../testing/arena-fixture.ts';
import type { Datum } from '../types/datum.ts';
import { INT8, TEXT } from '../types/sql-type.ts';
import { Connectors } from './connectors.ts';

const { arena, kernels } = arenaFixture(512 << 20);
const folder = mkdtempSync(join(tmpdir(), 'headrace-files-'));
const connectors = new Connectors({ arena, kernels });
after(() => rmSync(folder, { recursive: true }));

async function read(name: string, path: string): Promise<{ names: string[]; rows: (Datum | null)[][] }> {
  const outputs = await connectors.externalSchema(name, [path], true);
  const call = { function: name, args: [{ kind: 'constant', value: path }], outputs };
  const rows: (Datum | null)[][] = [];
  const all = outputs.map((_, i) => i);
  for await (const batch of connectors.externalTables(true).open(call, {}, all))
    rows.push(...batchRows(arena.shared, batch));
  return { names: outputs.map((column) => `${column.name} ${column.type.name}`), rows };
}

test('csv: delimiter, header and types are found out', async () => {
  const path = join(folder, 'a.csv');
  writeFileSync(path, 'id;name;price;day\r\n1;"x;y";1.5;2024-01-02\r\n2;;2;2024-01-03\r\n');
  const { names, rows } = await read('read_csv', path);
  assert.deepEqual(names, ['id int8', 'name text', 'price float8', 'day date']);
  assert.deepEqual(rows, [
    [1n, 'x;y', 1.5, 19724],
    [2n, null, 2, 19725],
  ]);
});

test('json lines keep the digits of numbers', async () => {
  const path = join(folder, 'a.jsonl');
  writeFileSync(path, '{"a":123456789012345678,"t":"x"}\n\n{"a":2,"b":{"c":[1.10]}}\n');
  const { names, rows } = await read('read_json', path);
  assert.deepEqual(names, ['a int8', 't text', 'b jsonb']);
  assert.deepEqual(rows, [
    [123456789012345678n, 'x', null],
    [2n, null, '{"c": [1.10]}'],
  ]);
  writeFileSync(path, '{"a":1}\n{"a":\n');
  await assert.rejects(read('read_json', path), { sqlstate: '22P02' });
});

test('parquet written by DuckDB; half a file; no file; no permission', async () => {
  const path = join(folder, 'a.parquet');
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`copy (select i::int a, i::bigint b, i / 4 c, case when i % 3 = 0 then null else 'text number ' || i end d,
    date '2024-01-01' + i::int e, timestamp '2024-01-01 00:00:00.5' + to_seconds(i) f, (i / 8)::decimal(9,2) g, i % 2 = 0 h
    from range(200000) r(i)) to '${path}' (format parquet)`);
  const { names, rows } = await read('read_parquet', path);
  assert.deepEqual(names, ['a int4', 'b int8', 'c float8', 'd text', 'e date', 'f timestamp', 'g numeric', 'h bool']);
  assert.equal(rows.length, 200_000);
  assert.deepEqual(rows[199_999]!.slice(0, 6), [
    199_999,
    199_999n,
    49_999.75,
    'text number 199999',
    219_722,
    1704067200500000n + 199_999_000_000n,
  ]);
  assert.equal(rows[3]![3], null);
  assert.equal((rows[4]![6] as { coefficient: bigint }).coefficient, 50n);
  assert.equal(rows[4]![7], true);
  writeFileSync(join(folder, 'half.parquet'), readFileSync(path).subarray(0, 10_000));
  await assert.rejects(read('read_parquet', join(folder, 'half.parquet')), /half\.parquet/);
  await assert.rejects(read('read_parquet', join(folder, 'none.parquet')), { sqlstate: '58P01' });
  await assert.rejects(connectors.externalSchema('read_csv', [path], false), { sqlstate: '42501' });
  assert.equal((await read('read_parquet', join(folder, 'a*.parquet'))).rows.length, 200_000);
});

test('the flights of vega-datasets: three million rows, only the column asked for', async () => {
  const path = 'node_modules/vega-datasets/data/flights-3m.parquet';
  const outputs = await connectors.externalSchema('read_parquet', [path], true);
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(`select count(*)::int, sum(delay)::int from '${path}'`);
  const call = { function: 'read_parquet', args: [{ kind: 'constant', value: path }], outputs };
  const delay = outputs.findIndex((column) => column.name.toLowerCase() === 'delay');
  let count = 0;
  let sum = 0;
  for await (const batch of connectors.externalTables(true).open(call, {}, [delay])) {
    const { data, physical } = batch.columns[0]!;
    assert.equal(physical, 'i64');
    for (let i = 0; i < batch.count; i++) sum += Number(arena.shared.i64[data / 8 + i]!);
    count += batch.count;
  }
  assert.deepEqual([count, sum], reader.getRows()[0]);
});

test('rows written to csv and json files are read back', async () => {
  const owner = arena.addOwner(16 * 1024 * 1024);
  const columns = [
    { name: 'n', type: INT8 },
    { name: 't', type: TEXT },
  ];
  const values = [
    [9007199254740993n, 'a "b", c'],
    [2n, null],
  ];
  for (const format of ['csv', 'json', 'parquet', 'arrow']) {
    const path = join(folder, `back.${format}`);
    let batch: Batch | null = buildBatch(new Region(arena, owner), [INT8, TEXT], values);
    const next = () => {
      const now = batch;
      batch = null;
      return now;
    };
    assert.equal(await connectors.writeFile(path, { format }, columns, { next }), 2);
    assert.deepEqual((await read(`read_${format}`, path)).rows, values);
  }
  arena.freeOwner(owner);
  const nothing = { next: () => null };
  await assert.rejects(connectors.writeFile(join(folder, 'x'), { format: 'orc' }, columns, nothing), {
    sqlstate: '22023',
  });
  assert.ok(!existsSync(join(folder, 'x')));
});

test('streams: the internal connector, its options, and what is refused', async () => {
  const stream = { connector: 'internal', options: { retention: '7 days' }, encode: null, columns: [] };
  assert.deepEqual(await connectors.checkStream(stream, { serverFiles: false }), []);
  await assert.rejects(connectors.checkStream({ ...stream, options: { x: '1' } }, { serverFiles: false }), {
    sqlstate: '22023',
  });
  await assert.rejects(connectors.checkStream({ ...stream, connector: 'kafka' }, { serverFiles: false }), {
    sqlstate: '0A000',
  });
});
