// The rate connector on a virtual clock: when rows come, back-pressure, restart, options.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INT8, TIMESTAMPTZ } from '../../types/sql-type.ts';
import { SourceBench } from '../source-bench-fixtures.ts';

const bench = new SourceBench();
const columns = [
  { name: 'timestamp', type: TIMESTAMPTZ },
  { name: 'value', type: INT8 },
];

test('rows come at their times, counted from 0, and a restart goes on', async () => {
  const first = bench.open('rate', { rowsPerSecond: '2' }, columns);
  first.source.start();
  await first.advance(1_600_000n);
  assert.deepEqual(first.rows, [
    [500_000n, 0n],
    [1_000_000n, 1n],
    [1_500_000n, 2n],
  ]);
  await first.source.stop();
  assert.deepEqual(first.offsets, { next: 3 });
  const second = bench.open('rate', { rowsPerSecond: '2' }, columns, first.place);
  second.source.start();
  await second.advance(1_000_000n);
  assert.deepEqual(
    second.rows.map((row) => row[1]),
    [3n, 4n],
  );
  await second.source.stop();
});

test('a fast rate comes in full batches and none is lost to a slow sink', async () => {
  const fast = bench.open('rate', { 'rows-per-second': '50000', numPartitions: '4' }, columns);
  fast.source.start();
  await fast.advance(1_000_000n);
  assert.equal(fast.rows.length, 50_000);
  assert.equal(fast.rows[49_999]![1], 49_999n);
  assert.equal(fast.rows[49_999]![0], 1_000_000n);
  await fast.source.stop();
});

test('an error of the sink ends the source and is told', async () => {
  const broken = bench.open('rate', {}, columns);
  broken.refuse = true;
  broken.source.start();
  await broken.advance(1_000_000n);
  assert.equal(broken.failure?.sqlstate, '53200');
  await broken.source.stop();
});

test('columns and options are checked', async () => {
  const check = (options: Record<string, string>, declared = columns) => bench.check('rate', options, declared);
  assert.deepEqual(await check({ rowsPerSecond: '1' }, []), ['timestamp timestamptz', 'value int8']);
  await assert.rejects(check({ rowsPerSecond: 'x' }), { sqlstate: '22023', message: /option "rowsPerSecond": "x"/ });
  await assert.rejects(check({ rows: '1' }), { sqlstate: '22023', message: /unrecognized option "rows"/ });
  await assert.rejects(check({}, [{ name: 'other', type: INT8 }]), { sqlstate: '42P16' });
});
