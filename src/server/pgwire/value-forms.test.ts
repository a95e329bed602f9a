// Kernels and per-value forms are two writers of the same formats: for any value of any type both write the same bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildBatch } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import type { Format } from '../../session/session-contract.ts';
import { arenaFixture } from '../../testing/arena-fixture.ts';
import fc from '../../testing/seeded-fast-check.ts';
import { type Datum, decimal, interval, sqlArray } from '../../types/datum.ts';
import {
  arrayOf,
  BOOL,
  BYTEA,
  DATE,
  FLOAT4,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  INTERVAL,
  JSONB,
  NUMERIC,
  numericOf,
  OID,
  type SqlType,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  UUID,
} from '../../types/sql-type.ts';
import { DEFAULT_SETTINGS, type TypeSettings } from '../../types/type-settings.ts';
import { encodeColumn, planColumn } from './encode-column.ts';
import { VALUE_FORMS } from './value-forms.ts';

const { arena, shared: memory, kernels, region } = arenaFixture();
const scratch = new Region(arena, arena.addOwner(16 * 1024 * 1024));

const wide = (bits: number) => fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });
const days = fc.oneof(fc.integer({ min: -2440588, max: 2145042541 }), fc.integer({ min: -800_000, max: 800_000 }), fc.constantFrom(2147483647, -2147483648)); // biome-ignore format: alternatives
const instants = fc.oneof(
  fc.bigInt({ min: -210866803200000000n, max: 9224318015999999999n }).filter((value) => value < 2n ** 63n),
  fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 0n, -1n),
);
const scaled = (precision: number, scale: number) =>
  fc
    .bigInt({ min: 1n - 10n ** BigInt(precision), max: 10n ** BigInt(precision) - 1n })
    .map((value) => decimal(value, scale));
const free = fc.tuple(wide(160), fc.nat(45)).map(([value, scale]) => decimal(value, scale));
const specials = fc
  .constantFrom(...(['NaN', 'Infinity', '-Infinity'] as const))
  .map((special): Datum => ({ kind: 'decimal', coefficient: 0n, scale: 0, special }));

const CASES: readonly (readonly [SqlType, fc.Arbitrary<Datum>])[] = [
  [BOOL, fc.boolean()],
  [INT2, fc.integer({ min: -32768, max: 32767 })],
  [INT4, fc.integer()],
  [INT8, wide(64)],
  [OID, fc.nat(4294967295)],
  [
    FLOAT8,
    fc.oneof(
      fc.double(),
      fc.tuple(fc.integer(), fc.nat(12)).map(([value, decimals]) => value / 10 ** decimals),
    ),
  ],
  [
    FLOAT4,
    fc.oneof(
      fc.float(),
      fc.integer({ max: 99_999 }).map((value) => Math.fround(value / 100)),
    ),
  ],
  [numericOf(18, 4), scaled(18, 4)],
  [numericOf(9, 9), scaled(9, 9)],
  [numericOf(38, 10), scaled(38, 10)],
  [numericOf(30, 0), scaled(30, 0)],
  [NUMERIC, fc.oneof(free, scaled(12, 3), specials)],
  [DATE, days],
  [TIME, fc.bigInt({ min: 0n, max: 86_400_000_000n })],
  [TIMESTAMP, instants],
  [TIMESTAMPTZ, instants],
  [
    INTERVAL,
    fc.tuple(fc.integer(), fc.integer(), wide(64)).map(([months, count, micros]) => interval(months, count, micros)),
  ],
  [
    INTERVAL,
    fc
      .tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -3, max: 3 }), wide(40))
      .map(([months, count, micros]) => interval(months, count, micros)),
  ],
  [UUID, fc.uuid()],
  [BYTEA, fc.uint8Array({ maxLength: 40 })],
  [TEXT, fc.string({ unit: 'grapheme' })],
  [JSONB, fc.json()],
  [arrayOf(INT4), fc.array(fc.option(fc.integer())).map(sqlArray)],
];

function pieces(
  type: SqlType,
  values: readonly (Datum | null)[],
  format: Format,
  settings: TypeSettings,
): (Buffer | null)[] {
  region.reset();
  scratch.reset();
  const vector = buildBatch(region, [type], values.map((value) => [value])).columns[0]!; // biome-ignore format: one call
  const [lens, ptrs] = [scratch.allocate(values.length * 4), scratch.allocate(values.length * 4)];
  const context = { memory, scratch, forms: VALUE_FORMS, settings, viewBytes: kernels.get('encode_view_bytes') };
  const slice = { selection: 0, firstRow: 0, count: values.length };
  encodeColumn(context, planColumn(kernels, vector, format, settings), vector, format, slice, lens, ptrs);
  return values.map((_, i) => {
    const length = memory.i32[(lens >>> 2) + i]!;
    const start = memory.u32[(ptrs >>> 2) + i]!;
    return length < 0 ? null : Buffer.from(memory.u8.slice(start, start + length));
  });
}

function compare(type: SqlType, values: readonly (Datum | null)[], settings: TypeSettings): void {
  const texts = pieces(type, values, 0, settings);
  const binaries = pieces(type, values, 1, settings);
  values.forEach((value, i) => {
    if (value === null) {
      assert.deepEqual([texts[i], binaries[i]], [null, null]);
      return;
    }
    assert.equal(texts[i]!.toString(), VALUE_FORMS.formatText(type, value, settings), type.name);
    const expected = Buffer.from(VALUE_FORMS.encodeBinary(type, value)).toString('hex');
    assert.equal(binaries[i]!.toString('hex'), expected, `${type.name} ${texts[i]}`);
  });
}

test('kernels and per-value forms agree on every type', () => {
  for (const [type, values] of CASES) compare(type, [...fc.sample(values, 600), null], DEFAULT_SETTINGS);
});

test('and under other settings', () => {
  const others: Partial<TypeSettings>[] = [
    { timeZone: 'Europe/Berlin' },
    { timeZone: 'Asia/Kolkata', intervalStyle: 'iso_8601' },
    { timeZone: 'America/St_Johns', byteaOutput: 'escape' },
    { dateStyle: 'German, DMY', extraFloatDigits: 0 },
  ];
  for (const more of others) {
    const settings = { ...DEFAULT_SETTINGS, ...more };
    for (const [type, values] of CASES) compare(type, [null, ...fc.sample(values, 60)], settings);
  }
});
