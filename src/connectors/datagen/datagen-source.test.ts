// The datagen connector: rate, end, bounds, and the same rows from the same seed over any restart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOOL, INT4, INT8, NUMERIC, numericOf, TEXT, TIMESTAMPTZ } from '../../types/sql-type.ts';
import type { SourcePlace } from '../source.ts';
import { SourceBench } from '../source-bench-fixtures.ts';

const bench = new SourceBench();
const columns = [
  { name: 'order_id', type: INT8 },
  { name: 'n', type: INT4 },
  { name: 'price', type: numericOf(8, 2) },
  { name: 't', type: TEXT },
  { name: 'at', type: TIMESTAMPTZ },
];
const options = {
  'rows-per-second': '1000',
  'number-of-rows': '5000',
  seed: '42',
  'fields.order_id.kind': 'sequence',
  'fields.order_id.start': '1',
  'fields.n.min': '-3',
  'fields.n.max': '3',
  'fields.n.null-rate': '0.1',
  'fields.price.max': '9.99',
  'fields.t.length': '11',
};

test('rows come at their rate, within their bounds, until the last', async () => {
  const run = bench.open('datagen', options, columns);
  run.source.start();
  await run.advance(1_000_000n);
  assert.equal(run.rows.length, 1000);
  await run.advance(10_000_000n);
  assert.equal(run.rows.length, 5000);
  assert.deepEqual(run.offsets, { rows: 5000, seed: 42 });
  assert.deepEqual([run.rows[0]![0], run.rows[4999]![0]], [1n, 5000n]);
  assert.deepEqual(new Set(run.rows.map((row) => row[1])), new Set([-3, -2, -1, 0, 1, 2, 3, null]));
  assert.ok(run.rows.every((row) => /^[0-9a-f]{11}$/.test(row[3] as string)));
  assert.ok(run.rows.every((row) => (row[2] as { coefficient: bigint }).coefficient <= 999n));
  const nulls = run.rows.filter((row) => row[1] === null).length;
  assert.ok(nulls > 400 && nulls < 600);
  assert.equal(run.rows[1999]![4], 2_000_000n);
  await run.source.stop();
});

test('without a rate: ten rows a second, for ever; a stream that ends comes at once', async () => {
  const endless = bench.open('datagen', {}, columns);
  endless.source.start();
  await endless.advance(3_000_000n);
  assert.equal(endless.rows.length, 30);
  await endless.source.stop();
  const finite = bench.open('datagen', { 'number-of-rows': '5000' }, columns);
  finite.source.start();
  await finite.advance(1_000_000n);
  assert.equal(finite.rows.length, 5000);
  await finite.source.stop();
});

test('the same seed makes the same rows, restarted or not', async () => {
  const whole = bench.open('datagen', options, columns.slice(0, 4));
  whole.source.start();
  await whole.advance(6_000_000n);
  const rows: unknown[] = [];
  let place: SourcePlace | null = null;
  for (let life = 0; rows.length < 5000 && life < 100; life++) {
    const part = bench.open('datagen', options, columns.slice(0, 4), place);
    part.source.start();
    await part.advance(1_300_000n);
    await part.source.stop();
    rows.push(...part.rows);
    place = part.place;
  }
  assert.deepEqual(rows, whole.rows);
});

test('a sequence with an end ends the stream', async () => {
  const given = { 'fields.id.kind': 'sequence', 'fields.id.start': '7', 'fields.id.end': '9' };
  const run = bench.open('datagen', given, [{ name: 'id', type: INT8 }]);
  run.source.start();
  await run.advance(500_000n);
  assert.deepEqual(run.rows, [[7n], [8n], [9n]]);
});

test('options are checked', async () => {
  const check = (given: Record<string, string>) => bench.check('datagen', given, columns);
  assert.equal((await check(options)).length, 5);
  await assert.rejects(check({ 'fields.n.min': 'x' }), { sqlstate: '22023' });
  await assert.rejects(check({ 'fields.n.min': '2', 'fields.n.max': '1' }), { sqlstate: '22023' });
  await assert.rejects(check({ 'fields.none.min': '1' }), { sqlstate: '42703' });
  await assert.rejects(check({ 'fields.n.colour': '1' }), { sqlstate: '22023', message: /"colour"/ });
  await assert.rejects(check({ 'rows-per-second': '0' }), { sqlstate: '22023' });
  await assert.rejects(bench.check('datagen', {}, []), { sqlstate: '42P16' });
  assert.deepEqual(
    await bench.check('datagen', {}, [
      { name: 'b', type: BOOL },
      { name: 'x', type: NUMERIC },
    ]),
    ['b bool', 'x numeric'],
  );
});

test('times back to max-past, texts up to their length', async () => {
  const given = {
    'number-of-rows': '500',
    'fields.at.max-past': '5 s',
    'fields.t.length': '9',
    'fields.t.var-len': 'true',
  };
  const run = bench.open('datagen', given, [
    { name: 'at', type: TIMESTAMPTZ },
    { name: 't', type: TEXT },
  ]);
  run.source.start();
  await run.advance(1_000_000n);
  await run.source.stop();
  const back = run.rows.map((row, i) => BigInt((i + 1) * 100) - (row[0] as bigint));
  assert.ok(back.every((micros) => micros >= 0n && micros <= 5_000_000n) && new Set(back).size > 400);
  assert.deepEqual(new Set(run.rows.map((row) => (row[1] as string).length)), new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  await assert.rejects(bench.check('datagen', { 'fields.at.max-past': 'long' }, columns), { sqlstate: '22023' });
});
