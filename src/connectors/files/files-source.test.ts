// The files connector over temporary directories: what is taken and when, exactly once over restarts, malformed rows, formats.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { FLOAT8, INT4, INT8, TEXT } from '../../types/sql-type.ts';
import type { SourcePlace } from '../source.ts';
import { SourceBench } from '../source-bench-fixtures.ts';

const bench = new SourceBench();
const roots: string[] = [];
after(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});
function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'headrace-source-'));
  roots.push(root);
  return root;
}
const columns = [
  { name: 'id', type: INT8 },
  { name: 't', type: TEXT },
];
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `{"id":${from + i},"t":"text of row ${from + i}"}\n`).join('');
const upTo = (n: number) => Array.from({ length: n }, (_, i) => BigInt(i));

test('latest passes over what is there, also when it grows; new files are read once', async () => {
  const path = folder();
  writeFileSync(join(path, 'old.jsonl'), lines(100, 102));
  const run = bench.open('files', { path }, columns, await bench.firstPlace('files', { path }, 'json'), 'json');
  run.source.start();
  appendFileSync(join(path, 'old.jsonl'), lines(102, 104));
  writeFileSync(join(path, 'new.jsonl'), lines(0, 3));
  writeFileSync(join(path, 'b.tmp'), lines(3, 5));
  await run.until(() => run.rows.length >= 3);
  await run.until(() => run.items.size === 2);
  renameSync(join(path, 'b.tmp'), join(path, 'b.jsonl'));
  await run.until(() => run.rows.length >= 5);
  await run.source.stop();
  assert.deepEqual(
    run.rows.map((row) => row[0]),
    upTo(5),
  );
});

test('earliest reads what is there; a file is not taken while it is written to', async () => {
  const path = folder();
  writeFileSync(join(path, 'a.jsonl'), lines(0, 1));
  const run = bench.open('files', { path, 'scan.startup.mode': 'earliest' }, columns, null, 'json');
  run.source.start();
  for (let i = 1; i < 5; i++) {
    await run.advance(150_000n);
    appendFileSync(join(path, 'a.jsonl'), lines(i, i + 1));
  }
  assert.equal(run.rows.length, 0);
  await run.until(() => run.rows.length > 0);
  await run.source.stop();
  assert.equal(run.rows.length, 5);
});

test('a restart goes on within the file, malformed rows included', async () => {
  const path = folder();
  const text = `${lines(0, 3000)}{"id":\n{"id":"x"}\n${lines(3000, 7000)}end`;
  writeFileSync(join(path, 'a.jsonl'), text);
  const options = { path, 'scan.startup.mode': 'earliest' };
  const rows: unknown[] = [];
  const rejected: string[] = [];
  let place: SourcePlace | null = null;
  for (let lives = 0; lives < 20 && rows.length < 7000; lives++) {
    const run = bench.open('files', options, columns, place, 'json');
    run.commitsLeft = 1;
    run.source.start();
    await run.until(() => run.failure !== null);
    await run.source.stop();
    rows.push(...run.rows.map((row) => row[0]));
    // what was rejected before a commit that failed is told again
    if (run.rows.length > 0) rejected.push(...run.rejected.slice(0, run.rejected.length).map((row) => row.raw));
    place = run.place ?? place;
  }
  assert.deepEqual(rows, upTo(7000));
  assert.deepEqual([...new Set(rejected)], ['{"id":', '{"id":"x"}', 'end']);
});

test('csv by header and by position, with malformed rows', async () => {
  const path = folder();
  writeFileSync(join(path, 'a.csv'), 't,extra,id\r\n"x, y",1,0\nz,2,oops\n,3,1\n');
  writeFileSync(join(path, 'b.csv'), '2,last\n3\n');
  const run = bench.open('files', { path, 'scan.startup.mode': 'earliest' }, columns, null, 'csv');
  run.source.start();
  await run.until(() => run.rows.length + run.rejected.length >= 5);
  await run.source.stop();
  assert.deepEqual(run.rows, [
    [0n, 'x, y'],
    [1n, null],
    [2n, 'last'],
  ]);
  assert.deepEqual(
    run.rejected.map((row) => row.raw),
    ['z,2,oops', '3'],
  );
  assert.match(run.rejected[0]!.reason, /invalid input syntax for type bigint: "oops"/);
});

test('parquet, in the types the stream declares; a broken file is rejected', async () => {
  const path = folder();
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`copy (select i::int id, i / 4 x from range(5000) r(i)) to '${join(path, 'a.parquet')}'`);
  writeFileSync(join(path, 'b.parquet'), 'PAR1 and nothing else');
  const declared = [...columns, { name: 'x', type: FLOAT8 }];
  const run = bench.open('files', { path, format: 'parquet', 'scan.startup.mode': 'earliest' }, declared);
  run.source.start();
  await run.until(() => run.rows.length === 5000 && run.rejected.length > 0);
  await run.source.stop();
  assert.deepEqual(run.rows[4999], [4999n, null, 1249.75]);
  assert.match(run.rejected[0]!.reason, /b\.parquet" is not a readable Parquet file/);
});

test('columns are found from the first file; options are checked', async () => {
  const path = folder();
  await assert.rejects(bench.check('files', { path }), { sqlstate: '42P16' });
  writeFileSync(join(path, 'a.jsonl'), '{"id":1,"t":"x","d":1.5}\n');
  assert.deepEqual(await bench.check('files', { path }), ['id int8', 't text', 'd float8']);
  assert.deepEqual(await bench.check('files', { path }, [{ name: 'id', type: INT4 }]), ['id int4']);
  await assert.rejects(bench.check('files', { path }, columns, 'json', false), { sqlstate: '42501' });
  await assert.rejects(bench.check('files', {}, columns), { sqlstate: '22023', message: /needs the option "path"/ });
  await assert.rejects(bench.check('files', { path: join(path, 'no') }, columns), { sqlstate: '58P01' });
  await assert.rejects(bench.check('files', { path }, columns, 'avro'), { sqlstate: '0A000' });
});

test('lines of text and packed files; bytes that are not UTF-8 are set aside', async () => {
  const path = folder();
  writeFileSync(
    join(path, 'a.txt'),
    Buffer.concat([Buffer.from('one\r\n\ntwo '), Buffer.from([0xff]), Buffer.from('\nthree')]),
  );
  writeFileSync(join(path, 'b.txt.gz'), gzipSync('packed\n'));
  const options = { path, 'scan.startup.mode': 'earliest', format: 'text' };
  assert.deepEqual(await bench.check('files', options), ['value text']);
  const run = bench.open('files', options, [{ name: 'value', type: TEXT }]);
  run.source.start();
  await run.until(() => run.rows.length >= 4);
  await run.source.stop();
  assert.deepEqual(run.rows.flat().sort(), ['', 'one', 'packed', 'three']);
  assert.match(run.rejected[0]!.reason, /invalid byte sequence for encoding "UTF8"/);
});

test('json with bytes that are not UTF-8, and arrays', async () => {
  const path = folder();
  const bad = Buffer.concat([Buffer.from('{"id": 2, "t": "'), Buffer.from([0xc3]), Buffer.from('"}\n')]);
  writeFileSync(join(path, 'a.json'), Buffer.concat([Buffer.from('{"id": 1}\n'), bad]));
  writeFileSync(join(path, 'b.json'), '[{"id": 3},\n{"id": 4}]');
  const run = bench.open('files', { path, 'scan.startup.mode': 'earliest' }, columns, null, 'json');
  run.source.start();
  await run.until(() => run.rows.length >= 3);
  await run.source.stop();
  assert.deepEqual(run.rows.map((row) => row[0]).sort(), [1n, 3n, 4n]);
  assert.equal(run.rejected.length, 1);
});

test('commits that were cut elsewhere: every record once', async () => {
  const path = folder();
  writeFileSync(join(path, 'a.jsonl'), lines(0, 3000));
  const options = { path, 'scan.startup.mode': 'earliest' };
  const first = bench.open('files', options, columns, null, 'json');
  first.commitsLeft = 1;
  first.source.start();
  await first.until(() => first.failure !== null);
  const offsets = first.offsets as { current: { rows: number } };
  const cut = { offsets: { current: { ...offsets.current, rows: 1234 } }, items: new Map() };
  const second = bench.open('files', options, columns, cut, 'json');
  second.source.start();
  await second.until(() => second.rows.length >= 3000 - 1234);
  await second.source.stop();
  assert.deepEqual(
    second.rows.map((row) => row[0]),
    upTo(3000).slice(1234),
  );
});

test('a file that is replaced is new, one that was moved here long after it was written is taken at once', async () => {
  const path = folder();
  const run = bench.open('files', { path }, columns, null, 'json');
  run.source.start();
  writeFileSync(join(path, 'a.jsonl'), lines(0, 2));
  await run.until(() => run.rows.length >= 2);
  writeFileSync(join(path, 'a.jsonl'), lines(10, 13));
  await run.until(() => run.rows.length >= 5);
  const outside = join(folder(), 'late.jsonl');
  writeFileSync(outside, lines(20, 21));
  utimesSync(outside, 1, 1);
  renameSync(outside, join(path, 'late.jsonl'));
  await run.until(() => run.rows.length >= 6);
  await run.source.stop();
  assert.deepEqual(
    run.rows.map((row) => Number(row[0])),
    [0, 1, 10, 11, 12, 20],
  );
});

test('an unknown option is refused with the options there are', async () => {
  await assert.rejects(bench.check('files', { path: folder(), mode: 'x' }, columns), (error: unknown) => {
    const { sqlstate, details } = error as { sqlstate: string; details: { hint: string } };
    assert.equal(sqlstate, '22023');
    assert.match(details.hint, /^Options are path, format, .*scan\.startup\.mode/);
    return true;
  });
});

test('a file that comes right behind the beginning is new', async () => {
  const path = folder();
  writeFileSync(join(path, 'old.jsonl'), lines(0, 1));
  const place = await bench.firstPlace('files', { path }, 'json');
  writeFileSync(join(path, 'new.jsonl'), lines(1, 2)); // and a crash before the source has begun
  const run = bench.open('files', { path }, columns, place, 'json');
  run.source.start();
  await run.until(() => run.rows.length >= 1);
  await run.source.stop();
  assert.deepEqual(run.rows[0]![0], 1n);
});

test('a directory that is away for a while comes back with the files that are done', async () => {
  const path = join(folder(), 'inbox');
  mkdirSync(path);
  writeFileSync(join(path, 'a.jsonl'), lines(0, 2));
  const options = { path, 'scan.startup.mode': 'earliest' };
  const run = bench.open('files', options, columns, null, 'json');
  run.source.start();
  await run.until(() => run.items.size === 1);
  await run.source.rest!();
  renameSync(path, `${path}.away`);
  await run.advance(1_000_000n);
  await run.source.rest!();
  renameSync(`${path}.away`, path);
  writeFileSync(join(path, 'b.jsonl'), lines(2, 4));
  await run.until(() => run.rows.length >= 4);
  await run.source.stop();
  assert.equal(run.failure, null);
  assert.deepEqual(
    run.rows.map((row) => row[0]),
    upTo(4),
  );
});

test('a csv file of bad rows alone, more than may wait', async () => {
  const path = folder();
  writeFileSync(join(path, 'a.csv'), `id,t\n${'x,y\n'.repeat(15_000)}${'1,2,3\n'.repeat(15_000)}7,end\n`);
  const run = bench.open('files', { path, 'scan.startup.mode': 'earliest' }, columns, null, 'csv');
  run.source.start();
  await run.until(() => run.items.size === 1 || run.failure !== null);
  await run.source.stop();
  assert.equal(run.failure, null);
  assert.deepEqual(run.rows, [[7n, 'end']]);
  assert.equal(run.rejected.length, 30_000);
});

for (const [format, text] of [['json', lines(0, 5000)], ['csv', upTo(5000).map((n) => `${n},x\n`).join('')], ['text', upTo(5000).join('\n')]] as const)
  test(`${format}: a packed file that is cut off is set aside where it breaks, and the others are read`, async () => {
    const path = folder();
    const packed = gzipSync(text);
    writeFileSync(join(path, 'a.gz'), packed.subarray(0, packed.length - 100));
    utimesSync(join(path, 'a.gz'), 1, 1);
    writeFileSync(join(path, 'b'), text);
    const of = format === 'text' ? columns.slice(1) : columns;
    const run = bench.open('files', { path, 'scan.startup.mode': 'earliest' }, of, null, format);
    run.source.start();
    await run.until(() => run.items.size === 2 || run.failure !== null);
    await run.source.stop();
    assert.equal(run.failure, null);
    assert.ok(run.rows.length >= 5000);
    assert.match(run.rejected.at(-1)!.reason, /could not read file ".*a\.gz": unexpected end of file/);
  }); // biome-ignore format: one list

test('ON ERROR FAIL: a file that was mended instead of read on is said so once, then read as a new one', async () => {
  const path = folder();
  const options = { path, 'scan.startup.mode': 'earliest' };
  const bad = `${lines(0, 3000)}{"id":`;
  writeFileSync(join(path, 'a.jsonl'), bad);
  let place: SourcePlace | null = null;
  const lives: [rows: number, failure: string | undefined][] = [];
  for (let life = 0; life < 4; life++) {
    if (life === 2) writeFileSync(join(path, 'a.jsonl'), lines(5000, 5002));
    const run = bench.open('files', options, columns, place, 'json', 'fail');
    run.source.start();
    await run.until(() => run.failure !== null || run.items.size === 1);
    await run.source.stop();
    lives.push([run.rows.length, run.failure?.message]);
    place = run.place ?? place;
  }
  assert.deepEqual(lives, [
    [2048, 'invalid input syntax for type json: Unexpected end of JSON input'],
    [0, 'invalid input syntax for type json: Unexpected end of JSON input'],
    [0, 'the file was removed or replaced before all of it was read'],
    [2, undefined],
  ]);
});

test('ON ERROR FAIL: a file whose bad end was mended is read on', async () => {
  const path = folder();
  const options = { path, 'scan.startup.mode': 'earliest' };
  writeFileSync(join(path, 'a.jsonl'), `${lines(0, 3000)}{"id":`);
  const first = bench.open('files', options, columns, null, 'json', 'fail');
  first.source.start();
  await first.until(() => first.failure !== null);
  writeFileSync(join(path, 'a.jsonl'), lines(0, 3005));
  const second = bench.open('files', options, columns, first.place, 'json', 'fail');
  second.source.start();
  await second.until(() => second.failure !== null || second.items.size === 1);
  await second.source.stop();
  assert.equal(second.failure, null);
  assert.deepEqual(
    [...first.rows, ...second.rows].map((row) => row[0]),
    upTo(3005),
  );
});

test('a commit tells of the files that are new, however many are done; a restart knows all', async () => {
  const path = folder();
  const options = { path, 'scan.startup.mode': 'earliest' };
  const files = 60;
  let place: SourcePlace | null = null;
  for (let life = 0; life < 2; life++) {
    for (let i = life * files; i < (life + 1) * files; i++) writeFileSync(join(path, `${i}.jsonl`), lines(i, i + 1));
    const run = bench.open('files', options, columns, place, 'json');
    run.source.start();
    await run.until(() => run.items.size === (life + 1) * files);
    await run.source.stop();
    assert.equal(run.rows.length, files);
    assert.ok(Math.max(...run.placeBytes) < 1000, `${Math.max(...run.placeBytes)} bytes`);
    place = run.place;
  }
  for (let i = 0; i < 2 * files; i++) if (i % 2 === 0) rmSync(join(path, `${i}.jsonl`));
  writeFileSync(join(path, 'one more.jsonl'), lines(0, 1));
  const run = bench.open('files', options, columns, place, 'json');
  run.source.start();
  await run.until(() => run.items.size === files + 1);
  await run.source.stop();
  assert.equal(run.rows.length, 1);
});

test('files that are done as older servers kept them, in the offsets, become items', async () => {
  const path = folder();
  const options = { path, 'scan.startup.mode': 'earliest' };
  for (let i = 0; i < 3; i++) writeFileSync(join(path, `${i}.jsonl`), lines(i, i + 1));
  const first = bench.open('files', options, columns, null, 'json');
  first.source.start();
  await first.until(() => first.items.size === 3);
  await first.source.stop();
  const old = { offsets: { seen: [...first.items.values()], current: null }, items: new Map() };
  const run = bench.open('files', options, columns, old, 'json');
  run.source.start();
  writeFileSync(join(path, '3.jsonl'), lines(3, 4));
  await run.until(() => run.items.size === 4);
  await run.source.stop();
  assert.deepEqual(
    run.rows.map((row) => row[0]),
    [3n],
  );
  assert.deepEqual(run.offsets, { current: null });
});

test('a file that goes away before it is read, or amid it, is said so and the others are read', async () => {
  const path = folder();
  for (const [name, from] of [['a', 0], ['b', 300], ['c', 600]] as const)
    writeFileSync(join(path, `${name}.jsonl`), lines(from, from + 300)); // biome-ignore format: three files
  const run = bench.open('files', { path, 'scan.startup.mode': 'earliest' }, columns, null, 'json');
  run.committed = () => rmSync(join(path, 'b.jsonl'), { force: true });
  run.source.start();
  await run.until(() => run.rows.length >= 600);
  await run.source.stop();
  assert.equal(run.failure, null);
  assert.deepEqual(
    run.rows.map((row) => Number(row[0])),
    [...upTo(300), ...upTo(900).slice(600)].map(Number),
  );
});
