// The worker road gives what one thread gives: random tables with NULLs, duplicates and empty sides through joins of every type,
// aggregates over joins, sorts and top-n. Keys are dense and sparse integers, texts and pairs, so that every kind of table is met.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { BatchPlan } from '../../plan/batch.ts';
import type { JoinType } from '../../plan/logical.ts';
import { kernelModule } from '../../testing/arena-fixture.ts';
import { randomBelow } from '../../testing/seeded-random.ts';
import type { Datum } from '../../types/datum.ts';
import { parseDecimal } from '../../types/decimal.ts';
import { INT4, INT8, NUMERIC, type SqlType, TEXT } from '../../types/sql-type.ts';
import { compareDatumRows } from '../rows/datum-order.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import {
  aggregateCall,
  ascending,
  call,
  EngineFixture,
  input,
  type Row,
  rowText,
  shape,
  unordered,
} from './plan-fixture.ts';

const BPCHAR: SqlType = { name: 'bpchar' };
const fixture = new EngineFixture();
const workers = new WorkerPool({ size: 2, arena: fixture.arena, module: kernelModule });
after(() => workers.close());

const below = randomBelow(20_260_701);

const TYPES: readonly SqlType[] = [INT4, INT8, TEXT, INT4];

/** Rows of (dense key, sparse key, text, number), each now and then NULL. */
function randomRows(count: number, keys: number): Row[] {
  const orNull = <T>(value: T): T | null => (below(12) === 0 ? null : value);
  return Array.from({ length: count }, (_, i): Row => {
    const key = below(keys);
    const text = `${key % 7 === 0 ? 'a text too long for a view ' : 't'}${key}`;
    return [orNull(key - 5), orNull(BigInt(key) * 1_000_003n), orNull(text), orNull(i % 11)];
  });
}

const SIDES = {
  many: fixture.table(TYPES, randomRows(9000, 3000)),
  few: fixture.table(TYPES, randomRows(700, 900)),
  unique: fixture.table(
    TYPES,
    Array.from({ length: 1500 }, (_, i): Row => [i - 5, BigInt(i) * 1_000_003n, `t${i}`, i % 3]),
  ),
  one: fixture.table(TYPES, [[3, 3_000_009n, 't3', null]]),
  none: fixture.table(TYPES, []),
};

const JOIN_TYPES: readonly JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'null-aware-anti'];
const KEYS: readonly (readonly number[])[] = [[0], [1], [2], [0, 2]];

function join(
  type: JoinType,
  left: BatchPlan,
  right: BatchPlan,
  keys: readonly number[],
  residual: boolean,
): BatchPlan {
  const onlyLeft = type === 'semi' || type === 'anti' || type === 'null-aware-anti';
  const expressions = keys.map((key) => input(TYPES[key]!, key));
  return {
    kind: 'hash-join',
    type,
    left,
    right,
    leftKeys: expressions,
    rightKeys: expressions,
    nullsEqual: keys.map(() => false),
    residual: residual ? call('<=(int4,int4)', [input(INT4, 3), input(INT4, 7)]) : null,
    ...shape(onlyLeft ? TYPES : [...TYPES, ...TYPES]),
  };
}

/** count, sum and min per number of the left row: an aggregate over whatever is below, so that the worker road ends in groups. */
function grouped(below: BatchPlan): BatchPlan {
  const last = below.types.length - 2;
  const aggregates = [
    aggregateCall('count()', INT8, []),
    aggregateCall('sum(int4)', INT8, [input(INT4, 0)]),
    aggregateCall('min(text)', TEXT, [input(TEXT, last)]),
  ];
  return {
    kind: 'aggregate',
    input: below,
    groupBy: [input(INT4, 3)],
    aggregates,
    groupingSets: null,
    ...shape([INT4, INT8, INT8, TEXT], 0),
  };
}

async function sameOnWorkers(plan: BatchPlan, ordered: boolean): Promise<void> {
  const one = await fixture.run(plan);
  const several = await fixture.run(plan, { workers, minWorkerRows: 0 });
  if (ordered) assert.deepEqual(several.map(rowText), one.map(rowText));
  else assert.deepEqual(unordered(several), unordered(one));
}

for (const type of JOIN_TYPES) {
  test(`workers agree with one thread: ${type} join, as it is and aggregated`, async () => {
    for (const [leftName, left] of Object.entries(SIDES)) {
      for (const [rightName, right] of Object.entries(SIDES)) {
        const keys = KEYS[below(KEYS.length)]!;
        const isResidual = type !== 'null-aware-anti' && below(3) === 0;
        const joined = join(type, left, right, leftName === 'many' && rightName === 'unique' ? [0] : keys, isResidual);
        await sameOnWorkers(joined, false);
        await sameOnWorkers(grouped(joined), false);
      }
    }
  });
}

test('workers agree with one thread: a join whose probing side is a join, under a filter and a projection', async () => {
  for (const keys of KEYS) {
    const lower = join('inner', SIDES.many, SIDES.unique, keys, false);
    const filtered: BatchPlan = {
      kind: 'filter',
      input: lower,
      condition: call('<(int4,int4)', [input(INT4, 4), input(INT4, 3)]),
      ...shape(lower.types),
    };
    const projected: BatchPlan = {
      kind: 'project',
      input: filtered,
      expressions: [
        input(INT4, 4),
        input(INT8, 1),
        input(TEXT, 6),
        call('+(int4,int4)', [input(INT4, 3), input(INT4, 7)], INT4),
      ],
      ...shape(TYPES),
    };
    await sameOnWorkers(grouped(join('left', projected, SIDES.few, keys, false)), false);
    await sameOnWorkers(grouped(join('semi', projected, SIDES.few, keys, true)), false);
  }
});

const ORDERS = {
  'a dense integer downwards, then the rest': [
    ascending(INT4, 0, true),
    ascending(INT8, 1),
    ascending(TEXT, 2),
    ascending(INT4, 3),
  ],
  'a text, NULLs first, then the rest': [
    ascending(TEXT, 2, false, true),
    ascending(INT4, 3, true),
    ascending(INT8, 1),
    ascending(INT4, 0),
  ],
  'few values, then the rest': [
    ascending(INT4, 3),
    ascending(INT8, 1, true),
    ascending(TEXT, 2, true, false),
    ascending(INT4, 0),
  ],
};

for (const [name, keys] of Object.entries(ORDERS)) {
  test(`workers agree with one thread: sort and top-n by ${name}`, async () => {
    for (const source of Object.values(SIDES)) {
      await sameOnWorkers({ kind: 'sort', input: source, keys, ...shape(TYPES) }, true);
      for (const [limit, offset] of [
        [1, 0],
        [25, 10],
        [5000, 0],
        [5000, 3000],
      ] as const) {
        await sameOnWorkers(
          { kind: 'top-n', input: source, keys, limit, offset, withTies: false, ...shape(TYPES) },
          true,
        );
      }
      const ties: BatchPlan = {
        kind: 'top-n',
        input: source,
        keys: keys.slice(0, 1),
        limit: 10,
        offset: 0,
        withTies: true,
        ...shape(TYPES),
      };
      await sameOnWorkers(ties, false);
    }
  });
}

test('sorts of many equal prefixes and of one value: every road through the buckets', async () => {
  const long = 'the same first bytes in all of them ';
  const rows = Array.from({ length: 70_000 }, (_, i): Row => [7, 5n, `${long}${(i * 7919) % 40_000}`, i % 2]);
  const source = fixture.table(TYPES, rows);
  const sort = (...keys: ReturnType<typeof ascending>[]): BatchPlan => ({
    kind: 'sort',
    input: source,
    keys,
    ...shape(TYPES),
  });
  for (const changes of [{}, { workers, minWorkerRows: 0 }]) {
    const sorted = await fixture.run(sort(ascending(INT4, 0), ascending(TEXT, 2)), changes);
    const texts = sorted.map((row) => String(row[2]));
    assert.deepEqual(texts, rows.map((row) => String(row[2])).sort());
    const stable = await fixture.run(sort(ascending(INT8, 1)), changes);
    assert.equal(stable.length, rows.length);
    const halves = await fixture.run(sort(ascending(INT4, 3), ascending(INT4, 0)), changes);
    assert.ok(halves.every((row, i) => row[3] === (i < 35_000 ? 0 : 1)));
  }
});

/** Trailing blanks of bpchar do not count; only that type's values end in two. */
const plain = (value: Datum | null) =>
  typeof value === 'string' && value.endsWith('  ') ? value.replace(/ +$/, '') : value;

test('sorts of deep keys: long common beginnings, ends inside them, blanks, numerics of all sizes', async () => {
  const types = [TEXT, NUMERIC, BPCHAR, INT4] as const;
  const endings = ['', '\u0000', 'a', 'ab', ' q', '  x', 'zz'];
  const numerics = [
    '0',
    '-1',
    '1.0',
    '1.00',
    '0.001',
    '1e30',
    '-1e-9',
    '99999999999999999999.5',
    '1e-15',
    '123456789012345678',
  ];
  const rows = Array.from({ length: 80_000 }, (): Row => {
    const text =
      'common beginning '.repeat(1 + below(3)) + endings[below(endings.length)]! + endings[below(endings.length)]!;
    const numeric = below(9) === 0 ? null : parseDecimal(numerics[below(numerics.length)]!);
    return [
      below(50) === 0 ? null : text,
      numeric,
      `${endings[below(endings.length)]!.replace('\u0000', '\t')}  `,
      below(3),
    ];
  });
  const source = fixture.table(types, rows);
  for (const at of [
    [0, 1, 2, 3],
    [1, 0, 2, 3],
    [2, 1, 0, 3],
  ]) {
    for (const descending of [false, true]) {
      const keys = at.map((column, i) => ascending(types[column]!, column, descending === (i % 2 === 0)));
      const plan: BatchPlan = { kind: 'sort', input: source, keys, ...shape(types) };
      const order = keys.map(({ expression: { type }, ...rest }) => ({ type, ...rest }));
      for (const changes of [{}, { workers, minWorkerRows: 0 }]) {
        const sorted = await fixture.run(plan, changes);
        assert.equal(sorted.length, rows.length);
        for (let i = 1; i < sorted.length; i++) {
          const [before, after] = [sorted[i - 1]!, sorted[i]!].map((row) => at.map((column) => plain(row[column]!)));
          assert.ok(
            compareDatumRows(before!, after!, order) <= 0,
            `row ${i}: ${rowText(before!)} before ${rowText(after!)}`,
          );
        }
      }
    }
  }
});

test('a thread that dies fails its query only', async () => {
  const pool = new WorkerPool({ size: 2, arena: fixture.arena, module: kernelModule });
  const plan: BatchPlan = { kind: 'sort', input: SIDES.many, keys: [ascending(TEXT, 2)], ...shape(TYPES) };
  try {
    const expected = (await fixture.run(plan, { workers: pool, minWorkerRows: 0 })).length;
    const running = fixture.run(plan, { workers: pool, minWorkerRows: 0 });
    const failed = assert.rejects(running, { sqlstate: 'XX000' });
    await pool.close();
    await failed;
    assert.equal((await fixture.run(plan, { workers: pool, minWorkerRows: 0 })).length, expected);
  } finally {
    await pool.close();
  }
});
