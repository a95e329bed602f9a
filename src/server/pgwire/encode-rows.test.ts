// Row encoding: every type's text and binary form against known answers of PostgreSQL, properties against JavaScript's own
// formatting, slices, selections and NULLs.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Batch } from '../../columns/batch.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import type { Format, OutputSettings } from '../../session/session-contract.ts';
import { arenaFixture } from '../../testing/arena-fixture.ts';
import { scriptedField } from '../../testing/scripted-session.ts';
import fc from '../../testing/seeded-fast-check.ts';
import { type Datum, decimal, interval } from '../../types/datum.ts';
import {
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
import type { ValueForms } from './encode-column.ts';
import { RowEncoder } from './encode-rows.ts';
import { Output } from './output.ts';
import { SendBuffers } from './send-buffers.ts';

const { arena, kernels, region } = arenaFixture(128 << 20);
const buffers = new SendBuffers(arena);

/** Says which values took the per-value road, and what a zone's offset is. */
const forms: ValueForms = {
  formatText: (type, value) => `slow ${type.name} ${typeof value === 'number' ? value : ''}`,
  encodeBinary: () => Buffer.from('slow'),
  zoneOffset: (zone, micros) => (zone === 'Asia/Kolkata' ? 19_800 : micros >= 0n ? 3600 : -12_345),
};

const ISO: OutputSettings = {
  timeZone: 'UTC',
  dateStyle: 'ISO, MDY',
  intervalStyle: 'postgres',
  byteaOutput: 'hex',
  extraFloatDigits: 1,
};

async function encode(batch: Batch, formats: readonly Format[], settings = ISO): Promise<(Buffer | null)[][]> {
  const stream = new PassThrough({ highWaterMark: 1024 });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
  const output = new Output(stream as unknown as Socket, 0, () => {});
  const encoder = new RowEncoder({ arena, kernels, forms, buffers }, output, { outputSettings: () => settings });
  await encoder.send(batch, batch.columns.map((column) => scriptedField('c', column.type)), formats); // biome-ignore format: one call
  output.flush();
  await new Promise<void>((resolve) => stream.end(resolve));
  return dataRows(Buffer.concat(chunks));
}

function dataRows(bytes: Buffer): (Buffer | null)[][] {
  const rows: (Buffer | null)[][] = [];
  for (let at = 0; at < bytes.length; ) {
    assert.equal(bytes[at], 0x44);
    const end = at + 1 + bytes.readInt32BE(at + 1);
    const columns = bytes.readInt16BE(at + 5);
    let from = at + 7;
    const row: (Buffer | null)[] = [];
    for (let i = 0; i < columns; i++) {
      const length = bytes.readInt32BE(from);
      from += 4;
      row.push(length < 0 ? null : bytes.subarray(from, from + length));
      from += Math.max(0, length);
    }
    assert.equal(from, end);
    rows.push(row);
    at = end;
  }
  return rows;
}

async function texts(type: SqlType, values: readonly (Datum | null)[], settings = ISO): Promise<(string | null)[]> {
  region.reset();
  const batch = buildBatch(region, [type], values.map((value) => [value])); // biome-ignore format: one call
  return (await encode(batch, [0], settings)).map(([piece]) => piece?.toString() ?? null);
}

async function hex(type: SqlType, value: Datum): Promise<string | undefined> {
  region.reset();
  const [row] = await encode(buildBatch(region, [type], [[value]]), [1]);
  return row![0]?.toString('hex');
}

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000;
const micros = (text: string): bigint => BigInt(Date.parse(text)) * 1000n;

const TEXTS: readonly (readonly [SqlType, Datum, string])[] = [
  [BOOL, true, 't'],
  [BOOL, false, 'f'],
  [INT2, -32768, '-32768'],
  [INT4, 0, '0'],
  [INT4, -2147483648, '-2147483648'],
  [INT8, -9223372036854775808n, '-9223372036854775808'],
  [INT8, 10000000000000000n, '10000000000000000'],
  [OID, -1, '4294967295'],
  [FLOAT8, -0, '-0'],
  [FLOAT8, 0.1, '0.1'],
  [FLOAT8, 100000000000000, '100000000000000'],
  [FLOAT8, 1e15, 'slow float8 1000000000000000'],
  [FLOAT8, 0.0001, '0.0001'],
  [FLOAT8, Number.NaN, 'slow float8 NaN'],
  [FLOAT4, 999999, '999999'],
  [FLOAT4, Math.fround(0.1), '0.1'],
  [numericOf(12, 2), decimal(-5n, 2), '-0.05'],
  [numericOf(18, 18), decimal(1n, 18), '0.000000000000000001'],
  [numericOf(5, 0), decimal(-120n, 0), '-120'],
  [numericOf(38, 0), decimal(-(10n ** 38n - 1n), 0), `-${'9'.repeat(38)}`],
  [numericOf(38, 38), decimal(7n, 38), `0.${'0'.repeat(37)}7`],
  [numericOf(30, 4), decimal(1000000000n, 4), '100000.0000'],
  [NUMERIC, decimal(1230000000000000000000n, 3), '1230000000000000000.000'],
  [NUMERIC, decimal(0n, 0), '0'],
  [NUMERIC, decimal(-25n, 1), '-2.5'],
  [NUMERIC, { kind: 'decimal', coefficient: 0n, scale: 0, special: 'NaN' }, 'slow numeric '],
  [DATE, day('2000-02-29'), '2000-02-29'],
  [DATE, 2147483647, 'infinity'],
  [DATE, -2147483648, '-infinity'],
  [DATE, -719163, '0001-12-31 BC'],
  [DATE, -2440588, '4714-11-24 BC'],
  [DATE, 2145042905, '5874897-12-31'],
  [TIME, 0n, '00:00:00'],
  [TIME, 86_400_000_000n, '24:00:00'],
  [TIME, 45_296_000_100n, '12:34:56.0001'],
  [TIMESTAMP, micros('1999-12-31T23:59:59.500Z'), '1999-12-31 23:59:59.5'],
  [TIMESTAMP, -1n, '1969-12-31 23:59:59.999999'],
  [TIMESTAMP, -62135596800000001n, '0001-12-31 23:59:59.999999 BC'],
  [TIMESTAMP, 9223372036854775807n, 'infinity'],
  [TIMESTAMPTZ, micros('2024-07-01T12:00:00Z'), '2024-07-01 12:00:00+00'],
  [INTERVAL, interval(14, 3, 14_706_700_000n), '1 year 2 mons 3 days 04:05:06.7'],
  [INTERVAL, interval(-13, 1, -1n), '-1 years -1 mons +1 day -00:00:00.000001'],
  [INTERVAL, interval(0, 0, 0n), '00:00:00'],
  [INTERVAL, interval(0, -1, 3_600_000_000n), '-1 days +01:00:00'],
  [INTERVAL, interval(0, 0, 3_600_000_000_000n), '1000:00:00'],
  [UUID, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  [BYTEA, Buffer.from([0, 255, 16]), '\\x00ff10'],
  [TEXT, '', ''],
  [TEXT, 'a longer text than twelve bytes', 'a longer text than twelve bytes'],
  [JSONB, '{"a": 1}', '{"a": 1}'],
];

test('text forms are PostgreSQL’s', async () => {
  for (const [type, value, expected] of TEXTS) {
    assert.deepEqual(await texts(type, [value, null, value]), [expected, null, expected]);
  }
});

const BINARY: readonly (readonly [SqlType, Datum, string])[] = [
  [BOOL, true, '01'],
  [INT2, -2, 'fffe'],
  [INT4, 258, '00000102'],
  [INT8, -2n, 'fffffffffffffffe'],
  [FLOAT4, 1, '3f800000'],
  [FLOAT8, 1, '3ff0000000000000'],
  [numericOf(12, 2), decimal(123456789n, 2), '0003000100000002007b11d722c4'],
  [numericOf(12, 5), decimal(-12n, 5), '0002ffff40000005000107d0'],
  [NUMERIC, decimal(100000000n, 0), '00010002000000000001'],
  [NUMERIC, decimal(0n, 3), '0000000000000003'],
  [numericOf(38, 0), decimal(10n ** 37n - 1n, 0), `000a000900000000${'0009'}${'270f'.repeat(9)}`],
  [DATE, day('2000-01-02'), '00000001'],
  [DATE, -2147483648, '80000000'],
  [TIME, 1n, '0000000000000001'],
  [TIMESTAMPTZ, micros('2000-01-01T00:00:01Z'), '00000000000f4240'],
  [TIMESTAMP, 9223372036854775807n, '7fffffffffffffff'],
  [INTERVAL, interval(1, 2, 3n), '00000000000000030000000200000001'],
  [UUID, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
  [BYTEA, Buffer.from([1, 2]), '0102'],
  [JSONB, '{}', '017b7d'],
  [TEXT, 'é', 'c3a9'],
];

test('binary forms are PostgreSQL’s', async () => {
  for (const [type, value, expected] of BINARY) assert.equal(await hex(type, value), expected, type.name);
});

test('numbers read back and are written as JavaScript writes them', async () => {
  const floats = await fc.sample(
    fc.oneof(fc.double({ noNaN: true }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
    2000,
  );
  const shorts = fc.sample(fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 9 })), 2000);
  const doubles = [...floats, ...shorts.map(([integer, decimals]) => integer / 10 ** decimals)];
  const written = await texts(FLOAT8, doubles);
  written.forEach((text, i) => {
    const value = doubles[i]!;
    if (text!.startsWith('slow')) return;
    assert.equal(text, Object.is(value, -0) ? '-0' : String(value));
  });
  const fast = written.slice(2000).filter((text) => !text!.startsWith('slow'));
  assert.ok(fast.length > 1500, `short decimals take the kernel: ${fast.length}`);

  const longs = fc.sample(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), 1000);
  const powers = Array.from({ length: 19 }, (_, i) => 10n ** BigInt(i)).flatMap((power) => [power, power - 1n, -power]);
  for (const values of [longs, powers]) assert.deepEqual(await texts(INT8, values), values.map(String)); // biome-ignore format: one call
  const ints = fc.sample(fc.integer(), 1000);
  assert.deepEqual(await texts(INT4, ints), ints.map(String)); // biome-ignore format: one call
});

test('decimals of any width and scale', async () => {
  for (const [precision, scale] of [
    [18, 0],
    [18, 5],
    [18, 18],
    [38, 0],
    [38, 9],
    [38, 38],
  ] as const) {
    // biome-ignore format: pairs
    const limit = 10n ** BigInt(precision) - 1n;
    const values = fc
      .sample(fc.bigInt({ min: -limit, max: limit }), 300)
      .concat([0n, 1n, -1n, limit, -limit, 10n ** 9n]);
    const kept = values.filter((value) => value <= limit && value >= -limit);
    const expected = kept.map((value) => decimalText(value, scale));
    assert.deepEqual(await texts(numericOf(precision, scale), kept.map((value) => decimal(value, scale))), expected); // biome-ignore format: one call
    assert.deepEqual(await texts(NUMERIC, kept.map((value) => decimal(value, scale))), expected); // biome-ignore format: one call
  }
});

function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? '.' : ''}${digits.slice(point)}`;
}

test('timestamps agree with JavaScript, and with a zone’s offset', async () => {
  const values = fc.sample(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), 1000);
  const written = await texts(TIMESTAMP, values.map((seconds) => BigInt(seconds) * 1_000_000n)); // biome-ignore format: one call
  values.forEach((seconds, i) => {
    assert.equal(written[i], new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' '));
  });
  const moments = [micros('2024-07-01T23:30:00Z'), -1_000_000n, null, 9223372036854775807n];
  assert.deepEqual(await texts(TIMESTAMPTZ, moments, { ...ISO, timeZone: 'Asia/Kolkata' }), [
    '2024-07-02 05:00:00+05:30',
    '1970-01-01 05:29:59+05:30',
    null,
    'infinity',
  ]);
  assert.deepEqual(await texts(TIMESTAMPTZ, [-1_000_000n], { ...ISO, timeZone: 'Other' }), [
    '1969-12-31 20:34:14-03:25:45',
  ]);
});

test('selections, slices and values larger than a send buffer', async () => {
  region.reset();
  const rows = Array.from({ length: 5000 }, (_, i) => [
    i,
    i % 7 === 0 ? null : `value ${'x'.repeat(i % 40)}`,
    i === 4001 ? 'y'.repeat(300_000) : '',
  ]);
  const whole = buildBatch(region, [INT4, TEXT, TEXT], rows);
  const expected = rows.map((row) => row.map((value) => (value === null ? null : String(value))));
  const read = (pieces: (Buffer | null)[][]) => pieces.map((row) => row.map((piece) => piece?.toString() ?? null));
  assert.deepEqual(read(await encode(whole, [0, 0, 0])), expected);

  const chosen = rows.map((_, i) => i).filter((i) => i % 3 === 1);
  const selection = region.allocate(chosen.length * 4);
  arena.shared.u32.set(chosen, selection >>> 2);
  const selected = await encode({ ...whole, selection, count: chosen.length }, [0, 0, 0]);
  assert.deepEqual(read(selected), chosen.map((i) => expected[i])); // biome-ignore format: one call
});
