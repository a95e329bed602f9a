// Files as tables, beside DuckDB: what it writes we read the same, what we write it reads the same; row groups and partitions that
// cannot match are not read; broken files are refused with their place.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Batch } from '../columns/batch.ts';
import { batchRows, buildBatch } from '../columns/batch-builder.ts';
import { Region } from '../columns/region.ts';
import { arenaFixture } from '../testing/arena-fixture.ts';
import { type Datum, decimal, sqlArray } from '../types/datum.ts';
import * as types from '../types/sql-type.ts';
import { Connectors } from './connectors.ts';
import type { NamedColumn } from './formats/csv-file.ts';
import { readFooter } from './formats/parquet-footer.ts';
import type { RowComparison } from './row-comparison.ts';

const { arena, kernels } = arenaFixture(512 << 20);
const connectors = new Connectors({ arena, kernels });
const folder = mkdtempSync(join(tmpdir(), 'headrace-tables-'));
let duck: DuckDBConnection;
before(async () => {
  duck = await (await DuckDBInstance.create()).connect();
});
after(() => rmSync(folder, { recursive: true }));

type Rows = (Datum | null)[][];

async function read(
  name: string,
  path: string | string[],
  options: Record<string, unknown> = {},
  comparisons: RowComparison[] = [],
  wanted?: string[],
): Promise<{ names: string[]; rows: Rows }> {
  const outputs = await connectors.externalSchema(name, [path], true, options);
  const paths = Array.isArray(path) ? path : [path];
  const call = {
    function: name,
    args: [{ kind: 'array', elements: paths.map((value) => ({ kind: 'constant', value })) }],
    outputs,
  };
  const attributes =
    wanted?.map((one) => outputs.findIndex((column) => column.name === one)) ?? outputs.map((_, i) => i);
  const rows: Rows = [];
  for await (const batch of connectors.externalTables(true).open(call, options, attributes, comparisons)) {
    rows.push(...batchRows(arena.shared, batch));
  }
  return { names: outputs.map((column) => `${column.name} ${column.type.name}`), rows };
}

async function write(
  path: string,
  options: Record<string, unknown>,
  columns: NamedColumn[],
  values: Rows,
): Promise<number> {
  const owner = arena.addOwner(64 * 1024 * 1024);
  const kinds = columns.map((column) => column.type);
  let at = 0;
  const next = (): Batch | null => {
    const part = values.slice(at, at + 1000);
    at += part.length;
    return part.length === 0 ? null : buildBatch(new Region(arena, owner), kinds, part);
  };
  try {
    return await connectors.writeFile(path, options, columns, { next });
  } finally {
    arena.freeOwner(owner);
  }
}

const EVERY_TYPE: NamedColumn[] = [
  { name: 'b', type: types.BOOL },
  { name: 's', type: types.INT2 },
  { name: 'i', type: types.INT4 },
  { name: 'l', type: types.INT8 },
  { name: 'f', type: types.FLOAT4 },
  { name: 'd', type: types.FLOAT8 },
  { name: 'n', type: types.numericOf(9, 2) },
  { name: 'w', type: types.numericOf(38, 3) },
  { name: 't', type: types.TEXT },
  { name: 'day', type: types.DATE },
  { name: 'time', type: types.TIME },
  { name: 'ts', type: types.TIMESTAMP },
  { name: 'tz', type: types.TIMESTAMPTZ },
  { name: 'raw', type: types.BYTEA },
  { name: 'xs', type: types.arrayOf(types.INT4) },
];
const VALUES: Rows = [
  [
    true,
    1,
    -2,
    9007199254740993n,
    1.5,
    -0.1,
    decimal(-123n, 2),
    decimal(12345678901234567890123n, 3),
    'é "x"',
    19724,
    1n,
    2n,
    3n,
    new Uint8Array([0, 255]),
    sqlArray([1, null, 3]),
  ],
  EVERY_TYPE.map(() => null),
  [
    false,
    -32768,
    2147483647,
    -1n,
    0,
    1e300,
    decimal(5n, 2),
    decimal(-1n, 3),
    '',
    -1,
    86399999999n,
    -1n,
    1704067200000000n,
    new Uint8Array(),
    sqlArray([]),
  ],
];

test('every type, written by us and read by DuckDB and us', async () => {
  const path = join(folder, 'types.parquet');
  assert.equal(await write(path, { format: 'parquet', compression: 'zstd' }, EVERY_TYPE, VALUES), 3);
  const result = await duck.runAndReadAll(
    `select b, s, i, l, d, n::text, w::text, t, day::text, ts::text, epoch_us(tz)::text, octet_length(raw), len(xs) from '${path}'`,
  );
  assert.deepEqual(result.getRowsJS(), [
    [
      true,
      1,
      -2,
      9007199254740993n,
      -0.1,
      '-1.23',
      '12345678901234567890.123',
      'é "x"',
      '2024-01-02',
      '1970-01-01 00:00:00.000002',
      '3',
      2n,
      3n,
    ],
    [null, null, null, null, null, null, null, null, null, null, null, null, null],
    [
      false,
      -32768,
      2147483647,
      -1n,
      1e300,
      '0.05',
      '-0.001',
      '',
      '1969-12-31',
      '1969-12-31 23:59:59.999999',
      '1704067200000000',
      0n,
      0n,
    ],
  ]);
  for (const format of ['parquet', 'arrow']) {
    const back = join(folder, `types.${format}`);
    if (format === 'arrow') await write(back, { format }, EVERY_TYPE, VALUES);
    const { names, rows } = await read(`read_${format}`, back);
    assert.deepEqual(
      names.slice(0, 14),
      EVERY_TYPE.slice(0, 14).map((column) => `${column.name} ${column.type.name}`),
    );
    assert.deepEqual(
      rows.map((row) => row.slice(0, 14)),
      VALUES.map((row) => row.slice(0, 14)),
    );
    assert.deepEqual(rows[0]![14], '[1, null, 3]');
  }
});

test('a numeric that the file would round is refused, and nothing is left behind', async () => {
  const path = join(folder, 'exact.parquet');
  const columns = [{ name: 'n', type: types.NUMERIC }];
  assert.equal(await write(path, { format: 'parquet' }, columns, [[decimal(25n, 1)], [decimal(1n, 18)]]), 2);
  const before = readFileSync(path);
  await assert.rejects(write(path, { format: 'parquet' }, columns, [[decimal(1n, 19)]]), { sqlstate: '22003' });
  assert.deepEqual(readFileSync(path), before);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('.part-')),
    [],
  );
  await assert.rejects(write(path, { format: 'parquet', overwrite: false }, columns, []), { sqlstate: '58P02' });
  await assert.rejects(write(path, { format: 'parquet', compression: 'rar' }, columns, []), { sqlstate: '22023' });
});

test('row groups by statistics, beside DuckDB', async () => {
  const path = join(folder, 'groups.parquet');
  await duck.run(`copy (select i::int id, i::bigint wide, i / 7 ratio, 'k' || lpad(i::text, 6, '0') code, date '2020-01-01' + (i / 100)::int as "day",
    (i / 4)::decimal(9, 2) price, case when i < 20000 then null else i end late from range(100000) r(i))
    to '${path}' (format parquet, row_group_size 10000)`);
  const groups = await readFooter(path);
  assert.deepEqual(
    groups.map((group) => group.rows),
    Array.from({ length: groups.length }, () => 10_240)
      .slice(0, 9)
      .concat(100_000 - 9 * 10_240),
  );
  assert.deepEqual(groups[1]!.ranges.get('id'), { min: 10_240, max: 20_479 });
  const cases: [RowComparison, string][] = [
    [{ column: 0, operator: '=', value: 55_555, type: types.INT4 }, 'id = 55555'],
    [{ column: 1, operator: '>=', value: 99_990n, type: types.INT8 }, 'wide >= 99990'],
    [{ column: 2, operator: '<', value: 1, type: types.FLOAT8 }, 'ratio < 1'],
    [{ column: 3, operator: '<=', value: 'k000003', type: types.TEXT }, "code <= 'k000003'"],
    [{ column: 4, operator: '=', value: 18_262 + 7, type: types.DATE }, '"day" = date \'2020-01-08\''],
    [{ column: 5, operator: '>', value: decimal(249_990n, 1), type: types.numericOf(9, 2) }, 'price > 24999.0'],
    [{ column: 6, operator: '<', value: 20_001n, type: types.INT8 }, 'late < 20001'],
  ];
  for (const [comparison, condition] of cases) {
    const { rows } = await read('read_parquet', path, {}, [comparison], ['id']);
    const kept = new Set(rows.map(([id]) => id));
    const right = (await duck.runAndReadAll(`select id from '${path}' where ${condition}`)).getRowsJS();
    assert.ok(right.length > 0 && right.every(([id]) => kept.has(id as number)), condition);
    assert.ok(rows.length < 40_000, `${condition} read ${rows.length} rows`);
  }
});

test('partitions: written, read by DuckDB, pruned; other columns by name; the name of the file', async () => {
  const path = join(folder, 'sales');
  const columns = [
    { name: 'id', type: types.INT4 },
    { name: 'year', type: types.INT4 },
    { name: 'shop', type: types.TEXT },
  ];
  const values: Rows = Array.from({ length: 3000 }, (_, i) => [i, 2022 + (i % 3), i % 2 === 0 ? 'a/b' : null]);
  assert.equal(await write(path, { format: 'parquet', partition_by: ['year', 'shop'] }, columns, values), 3000);
  const theirs = await duck.runAndReadAll(
    `select year, count(*), sum(id) from read_parquet('${path}/**/*.parquet', hive_partitioning = true) where shop is null group by 1 order by 1`,
  );
  const ours = await read('read_parquet', path, {}, [{ column: 1, operator: '=', value: 2023n, type: types.INT8 }]);
  assert.deepEqual(ours.names, ['id int4', 'year int8', 'shop text']);
  assert.equal(ours.rows.length, 1000);
  assert.ok(ours.rows.every((row) => row[1] === 2023n));
  const none = ours.rows.filter((row) => row[2] === null);
  const expected = theirs.getRowsJS().find((row) => Number(row[0]) === 2023)!;
  assert.deepEqual(
    [none.length, none.reduce((sum, row) => sum + Number(row[0]), 0)],
    [Number(expected[1]), Number(expected[2])],
  );
  // written again: the old files are gone
  await write(path, { format: 'csv', partition_by: 'year' }, columns, values.slice(0, 3));
  assert.deepEqual(readdirSync(path).sort(), ['year=2022', 'year=2023', 'year=2024']);
  assert.deepEqual((await read('read_csv', path, { filename: true })).names, [
    'id int8',
    'shop text',
    'year int8',
    'filename text',
  ]);
});

test('union by name and a column that a file lacks', async () => {
  const [a, b] = [join(folder, 'u1.csv'), join(folder, 'u2.csv')];
  writeFileSync(a, 'id,x\n1,2\n');
  writeFileSync(b, 'x,y\n2.5,q\n');
  await assert.rejects(read('read_csv', [a, b]), { sqlstate: '42703', message: /u2\.csv" has no column "id"/ });
  const { names, rows } = await read('read_csv', [a, b], { union_by_name: true });
  assert.deepEqual(names, ['id int8', 'x float8', 'y text']);
  assert.deepEqual(rows, [
    [1n, 2, null],
    [null, 2.5, 'q'],
  ]);
});

test('csv: options, gzip, byte order mark, skipped lines', async () => {
  const path = join(folder, 'o.csv');
  writeFileSync(path, '# made by hand\n# twice\n\ufeffa|b\n1|x\n-|y\n'.replace('\ufeff', ''));
  const { names, rows } = await read('read_csv', path, { skip: 2, delim: '|', nullstr: '-', header: true });
  assert.deepEqual(
    [names, rows],
    [
      ['a int8', 'b text'],
      [
        [1n, 'x'],
        [null, 'y'],
      ],
    ],
  );
  const declared = await read('read_csv', path, { skip: 3, sep: '|', nullstr: '-', columns: 'n numeric(5,1), t text' });
  assert.deepEqual(declared.names, ['n numeric', 't text']);
  writeFileSync(`${path}.gz`, gzipSync('a,b\n1,2\n'));
  assert.deepEqual((await read('read_csv', `${path}.gz`)).rows, [[1n, 2n]]);
  assert.deepEqual((await read('read_csv', `${path}.gz`, { all_varchar: true })).rows, [['1', '2']]);
  writeFileSync(`${path}.gz`, gzipSync('a,b\n1,2\n').subarray(0, 20));
  await assert.rejects(read('read_csv', `${path}.gz`), { sqlstate: 'XX001', message: /could not read file/ });
  await assert.rejects(read('read_csv', path, { delimeter: ';' }), {
    sqlstate: '22023',
    message: /has no option "delimeter"/,
  });
  await assert.rejects(read('read_csv', path, { columns: 'a nonsense' }), { sqlstate: '22023' });
  writeFileSync(path, '\ufeffa,b\n1,2\n');
  assert.deepEqual((await read('read_csv', path)).names, ['a int8', 'b int8']);
});

test('json: arrays over many lines, nested values, chunks of any size', async () => {
  const path = join(folder, 'array.json');
  const objects = Array.from({ length: 30_000 }, (_, id) => ({ id, t: `a],{"\\ ${id}`, inner: { x: [id, null] } }));
  writeFileSync(path, `\n [${objects.map((one) => JSON.stringify(one, null, 1)).join(',\n')}]\n`);
  const { names, rows } = await read('read_json', path);
  assert.deepEqual(names, ['id int8', 't text', 'inner jsonb']);
  assert.equal(rows.length, objects.length);
  assert.deepEqual(rows[29_999], [29_999n, 'a],{"\\ 29999', '{"x": [29999, null]}']);
  writeFileSync(path, '[]');
  assert.deepEqual(await read('read_json', path), { names: [], rows: [] });
  writeFileSync(path, '[{"a": 1},\n {"a": tru}]');
  await assert.rejects(read('read_json', path), (error: { sqlstate: string; details: { context: string } }) => {
    assert.equal(error.sqlstate, '22P02');
    assert.match(error.details.context, /array\.json, line 2$/);
    return true;
  });
  writeFileSync(path, '[{"a": 1},');
  await assert.rejects(read('read_json', path), { sqlstate: '22P02' });
});

test('broken Parquet files are refused by name, whatever is broken, and others can be read after', async () => {
  const good = join(folder, 'good.parquet');
  await duck.run(`copy (select i id, 'text ' || i t from range(5000) r(i)) to '${good}' (format parquet)`);
  const bytes = readFileSync(good);
  const bad = join(folder, 'bad.parquet');
  const refused = async (what: string): Promise<void> => {
    await assert.rejects(
      read('read_parquet', bad),
      { sqlstate: 'XX001', message: /bad\.parquet" is not a readable Parquet file/ },
      what,
    );
  };
  for (const cut of [0, 3, 11, bytes.length >> 1, bytes.length - 1]) {
    writeFileSync(bad, bytes.subarray(0, cut));
    await refused(`cut at ${cut}`);
  }
  writeFileSync(bad, Buffer.concat([bytes.subarray(0, -4), Buffer.from('PAR2')]));
  await refused('magic');
  // every flipped byte of the footer and some of the data: an error or rows, never a crash or a hang
  const footer = bytes.readUInt32LE(bytes.length - 8);
  for (let at = bytes.length - 8 - footer; at < bytes.length; at += 7) await flipped(at);
  for (let at = 4; at < 4000; at += 401) await flipped(at);
  async function flipped(at: number): Promise<void> {
    const copy = Buffer.from(bytes);
    copy[at]! ^= 0x55;
    writeFileSync(bad, copy);
    await read('read_parquet', bad).catch((error: { sqlstate?: string }) => assert.ok(error.sqlstate, String(error)));
  }
  assert.equal((await read('read_parquet', good)).rows.length, 5000);
});

test('a directory is its files, without those that begin with _ or .', async () => {
  const path = join(folder, 'dir');
  mkdirSync(path);
  writeFileSync(join(path, 'a.csv'), 'a\n1\n');
  writeFileSync(join(path, '_SUCCESS'), '');
  writeFileSync(join(path, '.hidden.csv'), 'zzz');
  assert.deepEqual((await read('read_csv', path)).rows, [[1n]]);
});
