// Every operator against a naive computation over the same random rows: NULLs, duplicates, long strings, several batches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchPlan } from '../../plan/batch.ts';
import type { JoinType } from '../../plan/logical.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { INT4, INT8, NUMERIC, TEXT } from '../../types/sql-type.ts';
import { compareDatumRows } from '../rows/datum-order.ts';
import {
  aggregateCall,
  ascending,
  call,
  constant,
  EngineFixture,
  input,
  type Row,
  rowText,
  shape,
  unordered,
} from './plan-fixture.ts';

const fixture = new EngineFixture();

function randomRows(count: number, keys: number, seed: number): Row[] {
  const next = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const key = next() < 0.05 ? null : Math.floor(next() * keys);
    const text =
      next() < 0.1 ? null : `${next() < 0.5 ? '' : 'a rather long text with number '}${Math.floor(next() * keys)}`;
    return [key, text, BigInt(Math.floor(next() * 1000) - 500)];
  });
}

const TYPES = [INT4, TEXT, INT8];
const left = randomRows(5000, 700, 1);
const right = randomRows(900, 700, 2);
const leftScan = fixture.table(TYPES, left);
const rightScan = fixture.table(TYPES, right);

function naiveJoin(type: JoinType, keys: readonly number[], residual: (l: Row, r: Row) => boolean): Row[] {
  const matches = (l: Row, r: Row) => keys.every((k) => l[k] !== null && l[k] === r[k]) && residual(l, r);
  const none: Row = [null, null, null];
  const out: Row[] = [];
  const met = new Set<Row>();
  for (const l of left) {
    const found = right.filter((r) => matches(l, r));
    for (const r of found) met.add(r);
    if (type === 'semi' && found.length > 0) out.push(l);
    else if (type === 'anti' && found.length === 0) out.push(l);
    else if (type !== 'semi' && type !== 'anti') {
      for (const r of found) out.push([...l, ...r]);
      if (found.length === 0 && (type === 'left' || type === 'full')) out.push([...l, ...none]);
    }
  }
  if (type === 'right' || type === 'full') for (const r of right) if (!met.has(r)) out.push([...none, ...r]);
  return out;
}

for (const type of ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const) {
  for (const keys of [[0], [0, 1], [1]]) {
    for (const withResidual of [false, true]) {
      test(`hash join: ${type} on ${keys.join()}${withResidual ? ' with a residual' : ''}`, async () => {
        const residual = withResidual ? call('<(int8,int8)', [input(INT8, 2), input(INT8, 5)]) : null;
        const types = type === 'semi' || type === 'anti' ? TYPES : [...TYPES, ...TYPES];
        const plan: BatchPlan = {
          kind: 'hash-join',
          type,
          left: leftScan,
          right: rightScan,
          leftKeys: keys.map((k) => input(TYPES[k]!, k)),
          rightKeys: keys.map((k) => input(TYPES[k]!, k)),
          nullsEqual: keys.map(() => false),
          residual: residual,
          ...shape(types),
        };
        const expected = naiveJoin(type, keys, (l, r) => !withResidual || (l[2] as bigint) < (r[2] as bigint));
        assert.deepEqual(unordered(await fixture.run(plan)), unordered(expected));
      });
    }
  }
}

test('group by a text with count, sum, min, max and a distinct count', async () => {
  const plan: BatchPlan = {
    kind: 'aggregate',
    input: leftScan,
    groupBy: [input(TEXT, 1)],
    aggregates: [
      aggregateCall('count()', INT8, []),
      aggregateCall('sum(int4)', INT8, [input(INT4, 0)]),
      aggregateCall('min(int8)', INT8, [input(INT8, 2)]),
      aggregateCall('max(text)', TEXT, [input(TEXT, 1)]),
      aggregateCall('count(any)', INT8, [input(INT4, 0)], { distinct: true }),
    ],
    groupingSets: null,
    ...shape([TEXT, INT8, INT8, INT8, TEXT, INT8]),
  };
  const groups = new Map<string | null, Row[]>();
  for (const row of left) {
    const key = row[1] as string | null;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const expected = [...groups].map(([key, rows]): Row => {
    const keys = rows.map((row) => row[0]).filter((value) => value !== null) as number[];
    const least = rows.map((row) => row[2] as bigint).sort((a, b) => Number(a - b))[0]!;
    const sum = keys.length === 0 ? null : BigInt(keys.reduce((a, b) => a + b, 0));
    return [key, BigInt(rows.length), sum, least, key, BigInt(new Set(keys).size)];
  });
  assert.deepEqual(unordered(await fixture.run(plan)), unordered(expected));
});

test('aggregates without groups give one row even over nothing', async () => {
  const aggregates = [
    aggregateCall('count()', INT8, []),
    aggregateCall('avg(int4)', NUMERIC, [input(INT4, 0)]),
    aggregateCall('sum(int8)', NUMERIC, [input(INT8, 2)]),
  ];
  const over = (source: BatchPlan): BatchPlan => ({
    kind: 'aggregate', input: source, groupBy: [], aggregates, groupingSets: null, ...shape([INT8, NUMERIC, NUMERIC]),
  }); // biome-ignore format: short
  const few = fixture.table(TYPES, [[1, 'a', 5n], [2, 'b', null], [null, 'c', 7n]]); // biome-ignore format: a table
  assert.deepEqual(await fixture.run(over(few)), [
    [
      3n,
      { kind: 'decimal', coefficient: 15000000000000000n, scale: 16 },
      { kind: 'decimal', coefficient: 12n, scale: 0 },
    ],
  ]);
  assert.deepEqual(await fixture.run(over(fixture.table(TYPES, []))), [[0n, null, null]]);
});

for (const [name, keys] of [
  ['an integer', [ascending(INT4, 0)]],
  ['an integer downwards', [ascending(INT4, 0, true)]],
  ['a text, NULLs first, then a bigint downwards', [ascending(TEXT, 1, false, true), ascending(INT8, 2, true)]],
] as const) {
  test(`sort by ${name}; top-n agrees`, async () => {
    const order = keys.map((key) => ({ ...key, type: key.expression.type }));
    const places = keys.map((key) => (key.expression.kind === 'input' ? key.expression.index : 0));
    const keyOf = (row: Row) => places.map((place) => row[place]!);
    const expected = [...left].sort((a, b) => compareDatumRows(keyOf(a), keyOf(b), order));
    const sorted = await fixture.run({ kind: 'sort', input: leftScan, keys, ...shape(TYPES) });
    assert.deepEqual(sorted.map((row) => rowText(keyOf(row))), expected.map((row) => rowText(keyOf(row)))); // biome-ignore format: one line
    assert.deepEqual(unordered(sorted), unordered(left));
    const top = await fixture.run({
      kind: 'top-n',
      input: leftScan,
      keys,
      limit: 20,
      offset: 5,
      withTies: false,
      ...shape(TYPES),
    });
    assert.deepEqual(top.map((row) => rowText(keyOf(row))), expected.slice(5, 25).map((row) => rowText(keyOf(row)))); // biome-ignore format: one line
  });
}

test('limit stops the work early and frees everything', async () => {
  const plan: BatchPlan = {
    kind: 'limit',
    input: leftScan,
    limit: constant(INT8, 10n),
    offset: constant(INT8, 2045n),
    ...shape(TYPES),
  };
  assert.deepEqual(await fixture.run(plan), left.slice(2045, 2055));
});

test('intersect all and except count duplicates', async () => {
  const short = (rows: Row[]) => fixture.table([INT4], rows);
  const a = short([[1], [1], [2], [null], [null], [3]]);
  const b = short([[1], [null], [4]]);
  const run = (operation: 'intersect' | 'except', all: boolean) =>
    fixture.run({ kind: 'set-difference', operation, all, left: a, right: b, ...shape([INT4]) });
  assert.deepEqual(unordered(await run('intersect', true)), unordered([[1], [null]]));
  assert.deepEqual(unordered(await run('except', true)), unordered([[1], [2], [null], [3]]));
  assert.deepEqual(unordered(await run('except', false)), unordered([[2], [3]]));
});

test('window: row_number, lag and a running sum', async () => {
  const frame = {
    mode: 'range',
    start: { kind: 'unbounded-preceding' },
    end: { kind: 'current-row' },
    exclude: 'no others',
  } as const;
  const one = (id: string, aggregate: boolean, type = INT8, args = [input(INT8, 2)]) => ({
    function: id, aggregate, type, args, filter: null, ignoreNulls: false,
  }); // biome-ignore format: short
  const plan: BatchPlan = {
    kind: 'window',
    input: leftScan,
    partitionBy: [input(INT4, 0)],
    orderBy: [ascending(INT8, 2)],
    frame,
    calls: [one('row_number()', false, INT8, []), one('lag(anyelement)', false), one('count(any)', true)],
    ...shape([...TYPES, INT8, INT8, INT8]),
  };
  const rows = await fixture.run(plan);
  assert.equal(rows.length, left.length);
  let previous: Row | null = null;
  for (const row of rows) {
    const first: boolean = previous === null || previous[0] !== row[0];
    assert.equal(row[3], first ? 1n : (previous![3] as bigint) + 1n);
    assert.equal(row[4], first ? null : previous![2]);
    const peers = left.filter((each) => each[0] === row[0] && (each[2] as bigint) <= (row[2] as bigint)).length;
    assert.equal(row[5], BigInt(peers));
    previous = row;
  }
});

test('past its memory a query fails with 53200 and leaves nothing', async () => {
  const plan: BatchPlan = { kind: 'sort', input: leftScan, keys: [ascending(INT4, 0)], ...shape(TYPES) };
  await assert.rejects(fixture.run(plan, { memoryLimitBytes: 300_000 }), { sqlstate: '53200' });
});

test('a cancelled query ends with 57014', async () => {
  const plan: BatchPlan = { kind: 'sort', input: leftScan, keys: [ascending(INT4, 0)], ...shape(TYPES) };
  await assert.rejects(fixture.run(plan, { cancel: { cancelled: true } }), { sqlstate: '57014' });
});
