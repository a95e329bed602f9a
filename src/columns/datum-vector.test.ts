// Values survive the way into a vector and back, for every physical layout and inside arrays and records.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Datum, decimal, interval, sqlArray } from '../types/datum.ts';
import {
  arrayOf,
  BOOL,
  BYTEA,
  FLOAT4,
  FLOAT8,
  INT4,
  INT8,
  INTERVAL,
  NUMERIC,
  numericOf,
  OID,
  type SqlType,
  TEXT,
  UUID,
} from '../types/sql-type.ts';
import { BatchBuilder, batchRows, buildBatch } from './batch-builder.ts';
import { Arena, SharedMemory } from './memory.ts';
import { Region } from './region.ts';
import { decodeValue, encodeValue } from './value-bytes.ts';

function newRegion(): Region {
  const arena = Arena.create(SharedMemory.reserve(8 << 20));
  return new Region(arena, arena.addOwner(4 << 20));
}

const UUID_TEXT = '00112233-4455-6677-8899-aabbccddeeff';
const CASES: readonly [SqlType, readonly Datum[]][] = [
  [BOOL, [true, false]],
  [INT4, [0, -1, 2147483647, -2147483648]],
  [OID, [0, 4294967295]],
  [INT8, [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]],
  [FLOAT4, [0, 1.5, Number.POSITIVE_INFINITY, Number.NaN]],
  [FLOAT8, [0, -0, 1e308, Number.NEGATIVE_INFINITY, Number.NaN]],
  [TEXT, ['', 'twelve bytes', 'thirteen byte', 'grüße aus der arena, länger']],
  [BYTEA, [Uint8Array.of(), Uint8Array.from({ length: 40 }, (_, i) => i)]],
  [UUID, [UUID_TEXT, 'ffffffff-ffff-ffff-ffff-ffffffffffff']],
  [INTERVAL, [interval(-3, 40, -5n), interval(0, 0, 2n ** 62n)]],
  [numericOf(12, 2), [decimal(12345n, 2), decimal(-1n, 2)]],
  [numericOf(38, 10), [decimal(10n ** 37n, 10), decimal(-(10n ** 37n), 10)]],
  [
    NUMERIC,
    [
      decimal(0n, 0),
      decimal(-100n, 2),
      decimal(10n ** 60n + 7n, 20),
      decimal(2n ** 48n, 300),
      { kind: 'decimal', coefficient: 0n, scale: 0, special: 'NaN' },
      { kind: 'decimal', coefficient: 0n, scale: 0, special: '-Infinity' },
    ],
  ],
  [
    arrayOf(INT4),
    [
      sqlArray([]),
      sqlArray([1, null, 3]),
      { kind: 'array', dimensions: [2, 2], lowerBounds: [0, -1], elements: [1, 2, 3, 4] },
    ],
  ],
  [arrayOf(numericOf(5, 1)), [sqlArray([decimal(15n, 1), null])]],
  [arrayOf(UUID), [sqlArray([UUID_TEXT])]],
  [
    {
      name: 'record',
      fields: [
        { name: 'a', type: INT8 },
        { name: 'b', type: arrayOf(TEXT) },
      ],
    },
    [
      { kind: 'record', values: [7n, sqlArray(['x'])] },
      { kind: 'record', values: [null, null] },
    ],
  ],
];

for (const [type, values] of CASES) {
  test(`${type.name}${type.element ? ` of ${type.element.name}` : ''} survives vectors and bytes`, () => {
    const region = newRegion();
    const rows = [...values.map((value) => [value]), [null], [values[0]!]];
    const batch = buildBatch(region, [type], rows);
    assert.deepStrictEqual(batchRows(region.arena.shared, batch), rows);
    for (const value of values) assert.deepStrictEqual(decodeValue(type, encodeValue(type, value)), value);
  });
}

test('numerics are rounded half away from zero to their type, and refused when too large', () => {
  const region = newRegion();
  const batch = buildBatch(region, [numericOf(5, 1)], [[decimal(125n, 2)], [decimal(-125n, 2)], [decimal(3n, 0)]]);
  assert.deepStrictEqual(batchRows(region.arena.shared, batch), [
    [decimal(13n, 1)],
    [decimal(-13n, 1)],
    [decimal(30n, 1)],
  ]);
  assert.throws(() => buildBatch(region, [numericOf(5, 1)], [[decimal(10000n, 0)]]), { sqlstate: '22003' });
});

test('a builder is reused: nulls and weights of the first batch do not leak into the second', () => {
  const region = newRegion();
  const memory = region.arena.shared;
  const builder = new BatchBuilder(region, [INT4], { capacity: 3 });
  builder.append([1]);
  builder.append([null], -1n);
  const first = builder.batch(5n);
  assert.deepStrictEqual(batchRows(memory, first), [[1], [null]]);
  assert.deepStrictEqual([...memory.i64.subarray(first.weights / 8, first.weights / 8 + 2)], [1n, -1n]);
  assert.equal(first.epoch, 5n);
  builder.reset();
  for (const value of [4, 5, 6]) builder.append([value]);
  assert.equal(builder.full, true);
  assert.deepStrictEqual(batchRows(memory, builder.batch()), [[4], [5], [6]]);
  assert.equal(builder.batch().weights, 0);
});

test('batchRows honours the selection', () => {
  const region = newRegion();
  const memory = region.arena.shared;
  const batch = buildBatch(region, [TEXT], [['a'], ['b'], ['c']]);
  const selection = region.allocate(8);
  memory.u32.set([0, 2], selection >>> 2);
  assert.deepStrictEqual(batchRows(memory, { ...batch, selection, count: 2 }), [['a'], ['c']]);
});
