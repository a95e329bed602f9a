// For every type: reading what was printed gives the value back, in text and in binary.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/seeded-fast-check.ts';
import { type Datum, decimal, interval, sqlArray } from './datum.ts';
import { arrayOf, type SqlType, type TypeName } from './sql-type.ts';
import { typeOperations } from './type-operations.ts';
import { DEFAULT_SETTINGS } from './type-settings.ts';

const int = (bits: number) => fc.bigInt({ min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n });
const micros = fc.bigInt({ min: -60_000_000_000_000_000n, max: 200_000_000_000_000_000n });
const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'));

const VALUES: readonly (readonly [TypeName, fc.Arbitrary<Datum>])[] = [
  ['bool', fc.boolean()],
  ['int2', int(16).map(Number)],
  ['int4', int(32).map(Number)],
  ['int8', int(64)],
  ['float8', fc.double()],
  ['float4', fc.float()],
  ['numeric', fc.tuple(fc.bigInt(), fc.nat(30)).map(([coefficient, scale]) => decimal(coefficient, scale))],
  ['text', word],
  ['bytea', fc.uint8Array({ maxLength: 20 })],
  ['uuid', fc.uuid()],
  ['date', fc.integer({ min: -700000, max: 2000000 })],
  ['time', fc.bigInt({ min: 0n, max: 86_400_000_000n })],
  ['timestamp', micros],
  ['timestamptz', micros],
  [
    'interval',
    fc.tuple(fc.integer(), fc.integer(), int(62)).map(([months, days, time]) => interval(months, days, time)),
  ],
  [
    'jsonb',
    fc
      .jsonValue()
      .map((value) => typeOperations({ name: 'jsonb' }).parseText(JSON.stringify(value), { name: 'jsonb' }))
      .filter((text) => !(text as string).includes('\\u0000')),
  ],
];

function check(type: SqlType, value: Datum, settings = DEFAULT_SETTINGS): void {
  const operations = typeOperations(type);
  const text = operations.formatText(value, type, settings);
  assert.deepEqual(operations.formatText(operations.parseText(text, type, settings), type, settings), text);
  assert.equal(operations.compare(operations.parseText(text, type, settings), value, type), 0, text);
  assert.equal(
    operations.compare(operations.decodeBinary(operations.encodeBinary(value, type), type), value, type),
    0,
    text,
  );
}

for (const [name, values] of VALUES) {
  test(`${name} survives its text and binary forms`, () => {
    fc.assert(
      fc.property(values, (value) => check({ name }, value)),
      { numRuns: 150 },
    );
  });
  test(`${name}[] survives its text and binary forms`, () => {
    const arrays = fc.array(fc.option(values), { maxLength: 4 });
    fc.assert(
      fc.property(arrays, (items) => check(arrayOf({ name }), sqlArray(items))),
      { numRuns: 50 },
    );
  });
}

test('intervals and timestamps survive every style', () => {
  for (const intervalStyle of ['postgres', 'postgres_verbose', 'iso_8601'] as const) {
    check({ name: 'interval' }, interval(14, -3, 4_000_500n), { ...DEFAULT_SETTINGS, intervalStyle });
  }
  for (const dateStyle of ['ISO, DMY', 'SQL, MDY', 'SQL, DMY', 'German, DMY', 'Postgres, MDY']) {
    for (const timeZone of ['UTC', 'America/New_York', 'Asia/Kolkata']) {
      if (timeZone === 'Asia/Kolkata' && !dateStyle.startsWith('ISO')) continue; // IST names Israel's zone on input
      check({ name: 'timestamptz' }, 1_719_835_200_123_456n, { ...DEFAULT_SETTINGS, dateStyle, timeZone });
    }
  }
});
