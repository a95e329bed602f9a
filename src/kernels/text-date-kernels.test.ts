// Text and date kernels against plain TypeScript: every operation on short, inline-sized, long and non-ASCII text, and on dates from
// before the epoch to leap days.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateVector, type Vector } from '../columns/batch.ts';
import { readDatum, writeDatum } from '../columns/datum-vector.ts';
import { arenaFixture } from '../testing/arena-fixture.ts';
import { type Datum, type Interval, interval } from '../types/datum.ts';
import { BOOL, DATE, FLOAT8, INT4, INT8, INTERVAL, type SqlType, TEXT, TIMESTAMP } from '../types/sql-type.ts';
import { STATUS, statusCode, statusRow } from './kernel-library.ts';

const { shared, kernels, region } = arenaFixture(16 << 20);

function fillVector(type: SqlType, values: readonly Datum[]): Vector {
  const vector = allocateVector(region, type, values.length);
  values.forEach((value, row) => {
    writeDatum(shared, vector, row, value, region);
  });
  return vector;
}

const DECLINED = 'declined';

/** Every row through the kernel; declined rows are noted and the call goes on behind them. */
function run(
  name: string,
  argTypes: readonly SqlType[],
  result: SqlType,
  rows: readonly (readonly Datum[])[],
): unknown[] {
  const kernel = kernels.get(name);
  const args = argTypes.map((type, i) =>
    fillVector(
      type,
      rows.map((row) => row[i]!),
    ),
  );
  const out = allocateVector(region, result, rows.length);
  const identity = region.allocate(4 * rows.length);
  shared.u32.set(
    rows.map((_, row) => row),
    identity >>> 2,
  );
  const heap = region.allocate(16);
  const heapBytes = region.allocate(400_000);
  shared.u32.set([heapBytes, heapBytes + 400_000], heap >>> 2);
  const declined = new Set<number>();
  const usesHeap = kernel.length === argTypes.length + 6;
  let from = 0;
  while (from < rows.length) {
    const head = [out.data, ...args.map((arg) => arg.data)];
    const status = usesHeap
      ? kernel(...head, 0, 0, rows.length, from, heap)
      : kernel(...head, 0, identity + 4 * from, rows.length - from);
    if (status === 0) break;
    if (statusCode(status) === STATUS.OUT_OF_RANGE) throw new RangeError(`row ${statusRow(status)}`);
    assert.equal(statusCode(status), STATUS.NEED_SLOW, name);
    declined.add(statusRow(status));
    from = statusRow(status) + 1;
  }
  return rows.map((_, row) => (declined.has(row) ? DECLINED : readDatum(shared, out, row)));
}

function check(
  name: string,
  argTypes: readonly SqlType[],
  result: SqlType,
  rows: readonly (readonly Datum[])[],
  expected: (...args: never[]) => unknown,
): void {
  region.reset();
  const got = run(name, argTypes, result, rows);
  rows.forEach((row, i) => {
    assert.deepEqual(got[i], expected(...(row as never[])), `${name}(${row.map(String).join(', ')})`);
  });
}

const LONG = 'The quick brown fox jumps over the lazy dog. The end of the Tale';
const TEXTS = [
  '',
  ' ',
  'a',
  'ab',
  'abc',
  'ABC def',
  'abcdefghijkl',
  'abcdefghijklm',
  LONG,
  `  ${LONG}  `,
  'grün',
  `größe ${LONG}`,
  '日本語テキスト',
  'a%b_c\\d',
];
const characters = (text: string) => [...text];
const pairs = (left: readonly Datum[], right: readonly Datum[]) => left.flatMap((a) => right.map((b) => [a, b]));
const isAscii = (text: string) => Buffer.byteLength(text) === text.length;

test('measures, cases and trims', () => {
  const rows = TEXTS.map((text) => [text]);
  check('length_view', [TEXT], INT4, rows, (a: string) => characters(a).length);
  check('octet_length_view', [TEXT], INT4, rows, (a: string) => Buffer.byteLength(a));
  check('lower_view', [TEXT], TEXT, rows, (a: string) => (isAscii(a) ? a.toLowerCase() : DECLINED));
  check('upper_view', [TEXT], TEXT, rows, (a: string) => (isAscii(a) ? a.toUpperCase() : DECLINED));
  check('reverse_view', [TEXT], TEXT, rows, (a: string) => (isAscii(a) ? [...a].reverse().join('') : DECLINED));
  check('trim_view', [TEXT], TEXT, rows, (a: string) => a.replace(/^ +| +$/g, ''));
  check('ltrim_view', [TEXT], TEXT, rows, (a: string) => a.replace(/^ +/, ''));
  check('rtrim_view', [TEXT], TEXT, rows, (a: string) => a.replace(/ +$/, ''));
});

test('parts of text count in characters', () => {
  const starts = [-2147483648, -3, 0, 1, 2, 5, 13, 70, 2147483647];
  const sizes = [0, 1, 3, 12, 13, 100, 2147483647, -1];
  const slice = (text: string, from: number, end: number) =>
    characters(text)
      .slice(Math.max(0, from - 1), Math.max(0, end - 1))
      .join('');
  check('substring_view', [TEXT, INT4], TEXT, pairs(TEXTS, starts), (a: string, n: number) =>
    slice(a, n, Number.MAX_SAFE_INTEGER),
  );
  const triples = pairs(TEXTS, starts).flatMap((row) => sizes.map((size) => [...row, size]));
  check('substring_for_view', [TEXT, INT4, INT4], TEXT, triples, (a: string, n: number, m: number) =>
    m < 0 ? DECLINED : slice(a, n, n + m),
  );
  const counts = [-100, -2, 0, 1, 3, 12, 14, 200];
  check('left_view', [TEXT, INT4], TEXT, pairs(TEXTS, counts), (a: string, n: number) =>
    characters(a)
      .slice(0, n < 0 ? Math.max(0, characters(a).length + n) : n)
      .join(''),
  );
  check('right_view', [TEXT, INT4], TEXT, pairs(TEXTS, counts), (a: string, n: number) =>
    characters(a)
      .slice(n < 0 ? -n : Math.max(0, characters(a).length - n))
      .join(''),
  );
});

test('searching', () => {
  const needles = ['', 'a', 'b', 'The', 'lazy dog. The end', 'Tale', 'zz', 'ü', '語テ', LONG, `${LONG}!`];
  check('starts_with_view', [TEXT, TEXT], BOOL, pairs(TEXTS, needles), (a: string, b: string) => a.startsWith(b));
  check('position_view', [TEXT, TEXT], INT4, pairs(TEXTS, needles), (a: string, b: string) =>
    a.includes(b) ? characters(a.slice(0, a.indexOf(b))).length + 1 : 0,
  );
});

test('new text: concatenation, replacement, repetition', () => {
  check('concat_view', [TEXT, TEXT], TEXT, pairs(TEXTS, TEXTS), (a: string, b: string) => a + b);
  const triples = pairs(TEXTS, ['', 'a', 'The', 'ü', LONG]).flatMap((row) =>
    ['', 'x', 'longer than that'].map((by) => [...row, by]),
  );
  check('replace_view', [TEXT, TEXT, TEXT], TEXT, triples, (a: string, b: string, c: string) =>
    b === '' ? a : a.replaceAll(b, c),
  );
  check('repeat_view', [TEXT, INT4], TEXT, pairs(TEXTS, [-1, 0, 1, 5]), (a: string, n: number) =>
    a.repeat(Math.max(0, n)),
  );
});

test('a full heap window is asked for again and the call goes on', () => {
  region.reset();
  const rows = Array.from({ length: 9 }, (_, i) => String(i).repeat(30));
  const [a, b] = [fillVector(TEXT, rows), fillVector(TEXT, rows)];
  const out = allocateVector(region, TEXT, rows.length);
  const heap = region.allocate(16);
  let from = 0;
  let calls = 0;
  while (from < rows.length) {
    const bytes = region.allocate(130); // two results of 60 bytes
    shared.u32.set([bytes, bytes + 130], heap >>> 2);
    const status = kernels.get('concat_view')(out.data, a.data, b.data, 0, 0, rows.length, from, heap);
    calls++;
    if (status === 0) break;
    assert.equal(statusCode(status), STATUS.NEED_HEAP);
    from = statusRow(status);
  }
  assert.equal(calls, 5);
  rows.forEach((text, row) => {
    assert.equal(readDatum(shared, out, row), text + text);
  });
});

/** A LIKE pattern as a regular expression; null when it ends with an escape. */
function likeExpression(pattern: string): RegExp | null {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    let char = pattern[i]!;
    if (char === '%') source += '.*';
    else if (char === '_') source += '.';
    else {
      if (char === '\\') char = pattern[++i] ?? '';
      if (char === '') return null;
      source += char.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    }
  }
  return new RegExp(`^${source}$`, 'su');
}

test('LIKE with general patterns', () => {
  const patterns = [
    '',
    '%',
    '_',
    '%%',
    'a%',
    '%c',
    '%b%',
    '_b_',
    'The%fox%Tale',
    '%the%the%',
    '%日_語%',
    '___',
    '%ü_',
    'a\\%b\\_c\\\\d',
    '%\\%%',
    '%_%_%',
  ];
  const expected = (a: string, b: string) => likeExpression(b)!.test(a);
  check('like_view', [TEXT, TEXT], BOOL, pairs(TEXTS, patterns), expected);
  check('not_like_view', [TEXT, TEXT], BOOL, pairs(TEXTS, patterns), (a: string, b: string) => !expected(a, b));
  check('like_view', [TEXT, TEXT], BOOL, [['ab', 'a\\']], () => DECLINED);
});

test('numbers from text and back', () => {
  const words = [
    '0',
    '-0',
    '42',
    ' 42 ',
    '+7',
    '-2147483648',
    '2147483647',
    '2147483648',
    '9223372036854775807',
    '',
    ' ',
    '1x',
    '0x10',
    '1_000',
    '--1',
    '\t12\n',
  ];
  const plain = (a: string, bits: number) => {
    if (!/^\s*[+-]?\d{1,18}\s*$/.test(a)) return null;
    const value = BigInt(a.trim().replace('+', ''));
    return BigInt.asIntN(bits, value) === value ? value : null;
  };
  const rows = words.map((word) => [word]);
  check('cast_view_i32', [TEXT], INT4, rows, (a: string) => (plain(a, 32) === null ? DECLINED : Number(plain(a, 32))));
  check('cast_view_i64', [TEXT], INT8, rows, (a: string) => plain(a, 64) ?? DECLINED);
  const floats = ['0', '-0', '1.5', '-12.25', '0.1', '123456789012345', '3.14159265358979', '.5', '5.'];
  check(
    'cast_view_f64',
    [TEXT],
    FLOAT8,
    floats.map((word) => [word]),
    (a: string) => Number(a),
  );
  check(
    'cast_view_f64',
    [TEXT],
    FLOAT8,
    ['', '-', '.', '1e5', 'NaN', ' 1', '12345678901234567', '1.2.3'].map((word) => [word]),
    () => DECLINED,
  );
  check(
    'cast_i32_view',
    [INT4],
    TEXT,
    [0, -1, 10, 2147483647, -2147483648].map((value) => [value]),
    (a: number) => String(a),
  );
  check(
    'cast_i64_view',
    [INT8],
    TEXT,
    [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)].map((value) => [value]),
    (a: bigint) => String(a),
  );
  check('cast_bool_view', [BOOL], TEXT, [[true], [false]], (a: boolean) => String(a));
});

const DAY = 86_400_000_000n;
const micros = (text: string) => BigInt(Date.parse(`${text}Z`)) * 1000n;
const STAMPS = ['1970-01-01T00:00:00', '1969-12-31T23:59:59.999', '2000-02-29T12:34:56.789', '2024-12-30T01:02:03', '2021-01-03T00:00:00', '1900-03-01T05:00:00', '0044-03-15T06:00:00', '2100-12-31T23:00:00'].map(micros); // biome-ignore format: a list
const dateOf = (stamp: bigint) => new Date(Number(stamp / 1000n - (stamp % 1000n < 0n ? 1n : 0n)));

test('fields of timestamps', () => {
  const rows = STAMPS.map((stamp) => [stamp]);
  const utc = (get: (date: Date) => number) => (a: bigint) => BigInt(get(dateOf(a)));
  check(
    'extract_year_timestamp',
    [TIMESTAMP],
    INT8,
    rows,
    utc((date) => date.getUTCFullYear()),
  );
  check(
    'extract_month_timestamp',
    [TIMESTAMP],
    INT8,
    rows,
    utc((date) => date.getUTCMonth() + 1),
  );
  check(
    'extract_day_timestamp',
    [TIMESTAMP],
    INT8,
    rows,
    utc((date) => date.getUTCDate()),
  );
  check(
    'extract_hour_timestamp',
    [TIMESTAMP],
    INT8,
    rows,
    utc((date) => date.getUTCHours()),
  );
  check(
    'extract_minute_timestamp',
    [TIMESTAMP],
    INT8,
    rows,
    utc((date) => date.getUTCMinutes()),
  );
  check(
    'extract_dow_timestamp',
    [TIMESTAMP],
    INT8,
    rows,
    utc((date) => date.getUTCDay()),
  );
  check(
    'extract_isodow_timestamp',
    [TIMESTAMP],
    INT8,
    rows,
    utc((date) => date.getUTCDay() || 7),
  );
  check(
    'extract_quarter_timestamp',
    [TIMESTAMP],
    INT8,
    rows,
    utc((date) => Math.floor(date.getUTCMonth() / 3) + 1),
  );
  check('extract_epoch_micros_timestamp', [TIMESTAMP], INT8, rows, (a: bigint) => a);
  const dates = ['2024-12-30', '2021-01-03', '2021-01-04', '2016-01-01', '2000-12-31'];
  const days = dates.map((date) => [Number(micros(`${date}T00:00:00`) / DAY)]);
  assert.deepEqual(run('extract_week_date', [DATE], INT8, days), [1n, 53n, 1n, 53n, 52n]);
  assert.deepEqual(run('extract_isoyear_date', [DATE], INT8, days), [2025n, 2020n, 2021n, 2015n, 2000n]);
  assert.deepEqual(run('extract_doy_date', [DATE], INT8, days), [365n, 3n, 4n, 1n, 366n]);
  assert.deepEqual(run('extract_century_date', [DATE], INT8, days), [21n, 21n, 21n, 21n, 20n]);
  assert.deepEqual(run('extract_year_date', [DATE], INT8, [[-719528]]), [-1n], 'day 1 of year 0 is 1 BC');
  assert.deepEqual(run('extract_year_timestamp', [TIMESTAMP], INT8, [[2n ** 63n - 1n]]), [DECLINED]);
});

test('truncation to units', () => {
  const rows = STAMPS.map((stamp) => [stamp]);
  const start = (change: (date: Date) => number) => (a: bigint) => BigInt(change(dateOf(a))) * 1000n;
  const utc = (year: number, month: number, day: number) => new Date(0).setUTCFullYear(year, month, day);
  check(
    'date_trunc_month',
    [TIMESTAMP],
    TIMESTAMP,
    rows,
    start((d) => utc(d.getUTCFullYear(), d.getUTCMonth(), 1)),
  );
  check(
    'date_trunc_year',
    [TIMESTAMP],
    TIMESTAMP,
    rows,
    start((d) => utc(d.getUTCFullYear(), 0, 1)),
  );
  check(
    'date_trunc_day',
    [TIMESTAMP],
    TIMESTAMP,
    rows,
    start((d) => utc(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate())),
  );
  check(
    'date_trunc_quarter',
    [TIMESTAMP],
    TIMESTAMP,
    rows,
    start((d) => utc(d.getUTCFullYear(), Math.floor(d.getUTCMonth() / 3) * 3, 1)),
  );
  check(
    'date_trunc_week',
    [TIMESTAMP],
    TIMESTAMP,
    rows,
    start((d) => utc(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate() - ((d.getUTCDay() + 6) % 7))),
  );
  check(
    'date_trunc_hour',
    [TIMESTAMP],
    TIMESTAMP,
    rows,
    (a: bigint) => a - (((a % 3600000000n) + 3600000000n) % 3600000000n),
  );
  check('date_trunc_century', [TIMESTAMP], TIMESTAMP, [[micros('2024-05-05T00:00:00')]], () =>
    micros('2001-01-01T00:00:00'),
  );
});

test('timestamps and intervals', () => {
  const spans = [
    interval(0, 0, 0n),
    interval(1, 0, 0n),
    interval(-13, 0, 0n),
    interval(0, 31, -1n),
    interval(12, -1, DAY * 3n + 7n),
  ];
  const moved = (stamp: bigint, span: Interval, sign: bigint) => {
    let day = stamp / DAY - (stamp % DAY < 0n ? 1n : 0n);
    const time = stamp - day * DAY;
    const date = dateOf(stamp);
    const months = date.getUTCFullYear() * 12 + date.getUTCMonth() + Number(sign) * span.months;
    const [year, month] = [Math.floor(months / 12), ((months % 12) + 12) % 12];
    const last = new Date(new Date(0).setUTCFullYear(year, month + 1, 0)).getUTCDate();
    day = BigInt(new Date(0).setUTCFullYear(year, month, Math.min(last, date.getUTCDate()))) * 1000n / DAY; // biome-ignore format: one formula
    return (day + sign * BigInt(span.days)) * DAY + time + sign * span.micros;
  };
  check('add_timestamp_interval', [TIMESTAMP, INTERVAL], TIMESTAMP, pairs(STAMPS, spans), (a: bigint, b: Interval) =>
    moved(a, b, 1n),
  );
  check(
    'subtract_timestamp_interval',
    [TIMESTAMP, INTERVAL],
    TIMESTAMP,
    pairs(STAMPS, spans),
    (a: bigint, b: Interval) => moved(a, b, -1n),
  );
  check('subtract_timestamps', [TIMESTAMP, TIMESTAMP], INTERVAL, pairs(STAMPS, STAMPS), (a: bigint, b: bigint) =>
    interval(0, Number((a - b) / DAY), (a - b) % DAY),
  );
  check(
    'cast_timestamp_date',
    [TIMESTAMP],
    DATE,
    STAMPS.map((stamp) => [stamp]),
    (a: bigint) => Number(a / DAY) - (a % DAY < 0n ? 1 : 0),
  );
  check('cast_date_timestamp', [DATE], TIMESTAMP, [[0], [-1], [20000], [2147483647], [-2147483648]], (a: number) =>
    a === 2147483647 ? 2n ** 63n - 1n : a === -2147483648 ? -(2n ** 63n) : BigInt(a) * DAY,
  );
  assert.throws(
    () => run('add_timestamp_interval', [TIMESTAMP, INTERVAL], TIMESTAMP, [[0n, interval(2147483647, 0, 0n)]]),
    RangeError,
  );
  assert.throws(
    () => run('add_timestamp_interval', [TIMESTAMP, INTERVAL], TIMESTAMP, [[0n, interval(0, 0, 2n ** 63n - 1n)]]),
    RangeError,
  );
});
