// Value kernels against plain TypeScript, on random vectors with NULLs, selections and edge values, for every physical type.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateVector, type Vector } from '../columns/batch.ts';
import { readDatum, writeDatum } from '../columns/datum-vector.ts';
import { arenaFixture } from '../testing/arena-fixture.ts';
import { randomBelow } from '../testing/seeded-random.ts';
import { type Datum, type Decimal, decimal, type Interval, interval } from '../types/datum.ts';
import {
  absolute,
  add,
  ceil,
  decimalFromNumber,
  decimalToNumber,
  divide,
  divideTruncated,
  floor,
  formatDecimal,
  modulo,
  multiply,
  negate,
  round,
  subtract,
  truncate,
} from '../types/decimal.ts';
import * as types from '../types/sql-type.ts';
import { STATUS, statusCode, statusRow } from './kernel-library.ts';

const ROWS = 100;
const { shared, kernels, region } = arenaFixture(16 << 20);

const random = randomBelow(12345);

function pick<T>(values: readonly T[]): T {
  return values[random(values.length)]!;
}

type Row = Datum | null;

function fillVector(type: types.SqlType, values: readonly Row[]): Vector {
  const vector = allocateVector(region, type, values.length);
  values.forEach((value, row) => {
    writeDatum(shared, vector, row, value, region);
  });
  return vector;
}

function randomRows(make: () => Datum, nulls: boolean): Row[] {
  return Array.from({ length: ROWS }, () => (nulls && random(5) === 0 ? null : make()));
}

/** No selection, or a random one. */
function selections(): { address: number; rows: number[] }[] {
  const all = Array.from({ length: ROWS }, (_, row) => row);
  const some = all.filter(() => random(2) === 0);
  const address = region.allocate(4 * ROWS);
  shared.u32.set(some, address >>> 2);
  return [
    { address: 0, rows: all },
    { address, rows: some },
  ];
}

function orOfNulls(vectors: readonly Vector[]): number {
  if (vectors.every((vector) => vector.nulls === 0)) return 0;
  const nulls = region.allocateZeroed(ROWS);
  for (const vector of vectors) {
    for (let row = 0; vector.nulls !== 0 && row < ROWS; row++)
      shared.u8[nulls + row]! |= shared.u8[vector.nulls + row]!;
  }
  return nulls;
}

/** What a kernel should say of a row: a value, or the status it fails with. */
type Expected = Datum | { readonly status: number };
const isStatus = (value: Expected): value is { status: number } =>
  typeof value === 'object' && value !== null && 'status' in value;

/** Runs a kernel with and without NULLs and selections and compares every row, up to the first that fails. */
function check(
  name: string,
  argTypes: readonly types.SqlType[],
  result: types.SqlType,
  makers: readonly (() => Datum)[],
  expected: (...args: Datum[]) => Expected,
): void {
  const kernel = kernels.get(name);
  const usesHeap = kernel.length === argTypes.length + 6;
  for (let round = 0; round < 8; round++) {
    region.reset();
    const columns = makers.map((make) => randomRows(make, round % 2 === 1));
    const args = columns.map((rows, i) => fillVector(argTypes[i]!, rows));
    const nulls = orOfNulls(args);
    for (const { address, rows } of selections()) {
      const out = { ...allocateVector(region, result, ROWS), nulls };
      const head = [out.data, ...args.map((arg) => arg.data)];
      let status: number;
      if (usesHeap) {
        const heap = region.allocate(16);
        const bytes = region.allocate(65536);
        shared.u32.set([bytes, bytes + 65536], heap >>> 2);
        status = kernel(...head, nulls, address, rows.length, 0, heap);
      } else {
        status = kernel(...head, nulls, address, rows.length);
      }
      const wanted = rows.map((row) => {
        const values = columns.map((column) => column[row]!);
        return values.includes(null as never) ? null : expected(...(values as Datum[]));
      });
      const failing = wanted.findIndex((value) => value !== null && isStatus(value));
      const context = `${name} round ${round} selection ${address !== 0}`;
      if (failing >= 0) {
        assert.equal(statusCode(status), (wanted[failing] as { status: number }).status, context);
        assert.equal(statusRow(status), rows[failing], context);
      } else {
        assert.equal(status, 0, context);
      }
      rows.slice(0, failing < 0 ? rows.length : failing).forEach((row, i) => {
        const message = () => `${context} row ${row} of ${show(columns.map((column) => column[row]!))}`;
        assert.deepEqual(show(readDatum(shared, out, row)), show(wanted[i] as Row), message());
      });
    }
  }
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === 'bigint' ? `${part}n` : typeof part === 'number' && !Number.isFinite(part) ? String(part) : part,
  );
}

const OUT_OF_RANGE = { status: STATUS.OUT_OF_RANGE };
const BY_ZERO = { status: STATUS.DIVISION_BY_ZERO };
const SLOW = { status: STATUS.NEED_SLOW };

const int4 = () =>
  pick([0, 1, -1, 7, 2147483647, -2147483648, random(1000), -random(1000), random(1000), random(70000)]);
const smallInt4 = () => random(2000) - 1000;
const int2 = () => pick([0, 1, -1, 32767, -32768, random(300), random(300)]);
const EDGES64 = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, -(2n ** 31n), 3037000500n];
const int8 = () => pick([...EDGES64, BigInt(random(1000)), BigInt(random(1 << 30)) * BigInt(random(1 << 30))]);
const smallInt8 = () => BigInt(random(100000) - 50000);
const FLOATS = [
  0,
  -0,
  1,
  -1.5,
  1e308,
  -1e308,
  5e-324,
  1e-200,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const float8 = () => pick([...FLOATS, random(1000) / 8]);
const plainFloat8 = () => random(1000) / 8 - 60;
const text = () =>
  pick(['', 'a', 'b', 'ab', 'abc', 'grün', 'abcdefghijkl', 'abcdefghijklm', 'abcdefghijklmn', 'abcdefghiXklmn', ' x ']);
const BIG = types.numericOf(38, 0);
const big = () =>
  decimal(pick([0n, 1n, -1n, 10n ** 37n, -(10n ** 37n), 2n ** 64n, -(2n ** 64n), 2n ** 63n, BigInt(random(999))]), 0);
const span = () =>
  interval(pick([0, 1, -1, 2]), pick([0, 30, -30, 29, 31]), pick([0n, 86400000000n, -86400000000n, 5n, 2n ** 62n]));

const wrapped32 = (value: bigint) => (BigInt.asIntN(32, value) === value ? Number(value) : OUT_OF_RANGE);
const wrapped16 = (value: number) => (value === (value << 16) >> 16 ? value : OUT_OF_RANGE);
const wrapped64 = (value: bigint) => (BigInt.asIntN(64, value) === value ? value : OUT_OF_RANGE);
/** Products go through magnitudes, which must stay below 2^127; no numeric of 38 digits comes near. */
const wrapped128 = (value: bigint) =>
  BigInt.asIntN(128, value) === value && value !== -(2n ** 127n) ? decimal(value, 0) : OUT_OF_RANGE;

const ARITHMETIC: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
};

for (const [operation, compute] of Object.entries(ARITHMETIC)) {
  test(`${operation}: integers and decimals`, () => {
    const on = (a: Datum, b: Datum) => compute(BigInt(a as number), BigInt(b as number));
    for (const maker of [int4, smallInt4]) {
      check(`${operation}_i32`, [types.INT4, types.INT4], types.INT4, [maker, maker], (a, b) => wrapped32(on(a, b)));
    }
    check(`${operation}_i16`, [types.INT2, types.INT2], types.INT2, [int2, int2], (a, b) =>
      wrapped16(Number(on(a, b))),
    );
    for (const maker of [int8, smallInt8]) {
      check(`${operation}_i64`, [types.INT8, types.INT8], types.INT8, [maker, maker], (a, b) => wrapped64(on(a, b)));
      check(
        `${operation}_i64_i128`,
        [types.INT8, types.INT8],
        { ...types.UUID, name: 'numeric', precision: 38 },
        [maker, maker],
        (a, b) => decimal(on(a, b), 0),
      );
    }
    check(`${operation}_i128`, [BIG, BIG], BIG, [big, big], (a, b) =>
      wrapped128(compute((a as Decimal).coefficient, (b as Decimal).coefficient)),
    );
  });
}

test('divide and modulo: truncation, zero, the one overflow', () => {
  const divide = (a: number, b: number) => (b === 0 ? BY_ZERO : wrapped32(BigInt(Math.trunc(a / b))));
  for (const maker of [int4, () => 1 + random(50)]) {
    check('divide_i32', [types.INT4, types.INT4], types.INT4, [int4, maker], (a, b) =>
      divide(a as number, b as number),
    );
    check('modulo_i32', [types.INT4, types.INT4], types.INT4, [int4, maker], (a, b) =>
      b === 0 ? BY_ZERO : ((a as number) % (b as number)) + 0,
    );
  }
  for (const maker of [int8, () => BigInt(random(9) - 10)]) {
    check('divide_i64', [types.INT8, types.INT8], types.INT8, [int8, maker], (a, b) =>
      b === 0n ? BY_ZERO : wrapped64((a as bigint) / (b as bigint)),
    );
    check('modulo_i64', [types.INT8, types.INT8], types.INT8, [int8, maker], (a, b) =>
      b === 0n ? BY_ZERO : (a as bigint) % (b as bigint),
    );
  }
});

test('floats: overflow and underflow as PostgreSQL checks them', () => {
  const checked = (result: number, a: number, b: number) =>
    !Number.isFinite(result) && !Number.isNaN(result) && Number.isFinite(a) && Number.isFinite(b)
      ? OUT_OF_RANGE
      : result;
  const F = types.FLOAT8;
  for (const maker of [float8, plainFloat8]) {
    check('add_f64', [F, F], F, [maker, maker], (a, b) =>
      checked((a as number) + (b as number), a as number, b as number),
    );
    check('multiply_f64', [F, F], F, [maker, maker], (a, b) => {
      const product = (a as number) * (b as number);
      if (product === 0 && a !== 0 && b !== 0) return { status: STATUS.INVALID };
      return checked(product, a as number, b as number);
    });
    check('divide_f64', [F, F], F, [maker, maker], (a, b) => {
      if (b === 0 && !Number.isNaN(a)) return BY_ZERO;
      const quotient = (a as number) / (b as number);
      if (quotient === 0 && a !== 0 && Number.isFinite(b)) return { status: STATUS.INVALID };
      return checked(quotient, a as number, 0);
    });
  }
});

const COMPARE: Readonly<Record<string, (order: number) => boolean>> = {
  equal: (order) => order === 0,
  not_equal: (order) => order !== 0,
  less: (order) => order < 0,
  less_equal: (order) => order <= 0,
  greater: (order) => order > 0,
  greater_equal: (order) => order >= 0,
};

const plain = (a: Datum, b: Datum) => (a < b ? -1 : a > b ? 1 : 0);
const floatOrder = (a: Datum, b: Datum) => {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return plain(a, b);
};
const totalMicros = (value: Interval) =>
  (BigInt(value.months) * 30n + BigInt(value.days)) * 86400000000n + value.micros;

const COMPARED: readonly [string, types.SqlType, () => Datum, (a: Datum, b: Datum) => number][] = [
  ['bool', types.BOOL, () => random(2) === 0, plain],
  ['i32', types.INT4, int4, plain],
  ['u32', types.OID, () => pick([0, 1, 4294967295, 2147483648]), plain],
  ['i64', types.INT8, int8, plain],
  ['f32', types.FLOAT4, () => Math.fround(float8()), floatOrder],
  ['f64', types.FLOAT8, float8, floatOrder],
  ['i128', BIG, big, (a, b) => plain((a as Decimal).coefficient, (b as Decimal).coefficient)],
  ['interval', types.INTERVAL, span, (a, b) => plain(totalMicros(a as Interval), totalMicros(b as Interval))],
  ['view', types.TEXT, text, (a, b) => Buffer.compare(Buffer.from(a as string), Buffer.from(b as string))],
];

for (const [physical, type, make, order] of COMPARED) {
  test(`comparisons of ${physical}: vectors, constants, selections`, () => {
    for (const [name, holds] of Object.entries(COMPARE)) {
      check(`${name}_${physical}`, [type, type], types.BOOL, [make, make], (a, b) => holds(order(a, b)));
      region.reset();
      const left = randomRows(make, true);
      const right = randomRows(make, false);
      const [a, b] = [fillVector(type, left), fillVector(type, right)];
      for (const { address, rows } of selections()) {
        const out = region.allocate(ROWS * 4);
        const compare = (row: number, other: Row) => left[row] !== null && holds(order(left[row]!, other!));
        const selected = (count: number) => [...shared.u32.subarray(out >>> 2, (out >>> 2) + count)];
        const byVector = kernels.get(`select_${name}_${physical}`)(out, a.data, b.data, a.nulls, address, rows.length);
        assert.deepEqual(
          selected(byVector),
          rows.filter((row) => compare(row, right[row]!)),
          `select ${name}`,
        );
        const byConstant = kernels.get(`select_${name}_${physical}_const`)(
          out,
          a.data,
          b.data,
          a.nulls,
          address,
          rows.length,
        );
        assert.deepEqual(
          selected(byConstant),
          rows.filter((row) => compare(row, right[0]!)),
          `select const ${name}`,
        );
        kernels.get(`${name}_${physical}_const`)(out, a.data, b.data, a.nulls, address, rows.length);
        const flags = rows.filter((row) => left[row] !== null && shared.u8[out + row] === 1);
        assert.deepEqual(
          flags,
          rows.filter((row) => compare(row, right[0]!)),
          `const ${name}`,
        );
      }
    }
  });
}

const NUMERIC = types.NUMERIC;
const numeric = () =>
  decimal(pick([0n, 5n, -5n, 50n, 2n ** 62n, -(2n ** 63n), 10n ** 25n, 123456789n]), pick([0, 1, 2, 9]));
const plainNumeric = () => decimal(BigInt(random(100000) - 50000), random(5));
/** Numbers of up to 40 digits, of which kernels take those below 2^127; some are small, some end in zeros. */
const wideNumeric = () => {
  const digits = pick([0, 1, 3, 9, 17, 18, 19, 25, 36, 38, 39]);
  let coefficient = 0n;
  for (let i = 0; i < digits; i++) coefficient = coefficient * 10n + BigInt(random(4) === 0 ? 0 : random(10));
  return decimal(pick([coefficient, -coefficient]), pick([0, 1, 2, 9, 20, 30]));
};
const magnitudeOf = (value: bigint) => (value < 0n ? -value : value);
const isWide = (...values: readonly bigint[]) => values.every((value) => magnitudeOf(value) < 2n ** 127n);

/** The result unless an argument, or a number on the way to it, is beyond 127 bits. */
const within = (way: readonly bigint[], result: () => Expected): Expected => (isWide(...way) ? result() : SLOW);
const brought = (a: Decimal, b: Decimal) => {
  const scale = Math.max(a.scale, b.scale);
  return [a.coefficient, b.coefficient, ...[a, b].map((x) => x.coefficient * 10n ** BigInt(scale - x.scale))] as const;
};

test('variable numerics below 2^127, all else declined', () => {
  const at = (value: Decimal, scale: number) => value.coefficient * 10n ** BigInt(scale - value.scale);
  const both = [NUMERIC, NUMERIC];
  const make = wideNumeric;
  const binary = (name: string, result: (a: Decimal, b: Decimal) => Expected) =>
    check(name, both, NUMERIC, [make, make], (a, b) => result(a as Decimal, b as Decimal));
  binary('add_numeric', (a, b) => {
    const [x, y, left, right] = brought(a, b);
    return within([x, y, left, right, left + right], () => add(a, b));
  });
  binary('subtract_numeric', (a, b) => {
    const [x, y, left, right] = brought(a, b);
    return within([x, y, left, right, left - right], () => subtract(a, b));
  });
  binary('multiply_numeric', (a, b) => {
    const [x, y] = [a.coefficient, b.coefficient];
    const bothLong = magnitudeOf(x) >= 2n ** 64n && magnitudeOf(y) >= 2n ** 64n;
    return bothLong ? SLOW : within([x, y, x * y], () => multiply(a, b));
  });
  binary('divide_numeric', (a, b) => {
    const [x, y] = [a.coefficient, b.coefficient];
    if (!isWide(x, y)) return SLOW;
    if (y === 0n) return { status: STATUS.DIVISION_BY_ZERO };
    const power = divide(a, b).scale + b.scale - a.scale;
    return within([x * 10n ** BigInt(power)], () => divide(a, b));
  });
  for (const [name, f] of [
    ['modulo_numeric', modulo],
    ['whole_quotient_numeric', divideTruncated],
  ] as const) {
    binary(name, (a, b) => {
      const [x, y, left, right] = brought(a, b);
      if (!isWide(x, y)) return SLOW;
      if (y === 0n) return { status: STATUS.DIVISION_BY_ZERO };
      return within([left, right], () => f(a, b));
    });
  }
  const unary = (name: string, result: types.SqlType, f: (a: Decimal) => Expected) =>
    check(name, [NUMERIC], result, [make], (a) => within([(a as Decimal).coefficient], () => f(a as Decimal)));
  unary('negate_numeric', NUMERIC, negate);
  unary('absolute_numeric', NUMERIC, absolute);
  unary('floor_numeric', NUMERIC, floor);
  unary('ceil_numeric', NUMERIC, ceil);
  unary('round_whole_numeric', NUMERIC, (a) => round(a, 0));
  unary('truncate_whole_numeric', NUMERIC, (a) => truncate(a, 0));
  unary('cast_numeric_view', types.TEXT, (a) => formatDecimal(a));
  unary('cast_numeric_i64', types.INT8, (a) => {
    const whole = round(a, 0).coefficient;
    return magnitudeOf(whole) < 2n ** 63n ? whole : SLOW;
  });
  for (const [name, f] of [
    ['round_numeric', round],
    ['truncate_numeric', truncate],
  ] as const) {
    check(name, [NUMERIC, types.INT4], NUMERIC, [make, () => random(40) - 3], (a, n) => {
      const [value, places] = [a as Decimal, n as number];
      if (places < 0) return SLOW;
      return within([value.coefficient, f(value, places).coefficient], () => f(value, places));
    });
  }
  for (const [name, holds] of Object.entries(COMPARE)) {
    check(`${name}_numeric`, [NUMERIC, NUMERIC], types.BOOL, [numeric, plainNumeric], (a, b) => {
      const scale = Math.max((a as Decimal).scale, (b as Decimal).scale);
      return holds(plain(at(a as Decimal, scale), at(b as Decimal, scale)));
    });
  }
});

test('floats as numerics, numerics as floats and both as text', () => {
  const float = () =>
    pick([
      0,
      0.1,
      -0.25,
      1234567890123.125,
      1 / 3,
      9.999999999999998,
      0.00099999,
      1e14,
      (random(1 << 20) / (1 << 20)) * 10 ** random(15),
    ]);
  check('cast_f64_numeric', [types.FLOAT8], NUMERIC, [float], (x) => {
    const size = Math.abs(x as number);
    return size !== 0 && (size < 1e-4 || size >= 1e15) ? SLOW : decimalFromNumber(x as number);
  });
  check('cast_numeric_f64', [NUMERIC], types.FLOAT8, [plainNumeric], (a) => decimalToNumber(a as Decimal));
  check('cast_f64_view', [types.FLOAT8], types.TEXT, [() => random(100000) / 8 - 100], (x) => String(x));
});

const rescaled = (value: bigint, power: number) => {
  const divisor = 10n ** BigInt(power);
  const magnitude = value < 0n ? -value : value;
  const rounded = (magnitude + divisor / 2n) / divisor;
  return value < 0n ? -rounded : rounded;
};

test('changes of scale round half away from zero and notice overflow', () => {
  const power = 3;
  const call = (name: string, type: types.SqlType, rows: readonly Datum[]) => {
    const out = allocateVector(region, type, rows.length);
    const status = kernels.get(name)(out.data, fillVector(type, rows).data, power, 0, 0, rows.length);
    return { status, values: rows.map((_, row) => readDatum(shared, out, row)) };
  };
  region.reset();
  const longs = [0n, 499n, 500n, -500n, -499n, 1500n, 2n ** 63n - 1n, -(2n ** 63n)];
  assert.deepEqual(
    call('scale_down_i64', types.INT8, longs).values,
    longs.map((value) => rescaled(value, power)),
  );
  const wides = [...longs, 10n ** 37n + 500n, -(10n ** 37n) - 500n].map((value) => decimal(value, 0));
  const down = call('scale_down_i128', BIG, wides).values;
  assert.deepEqual(
    down,
    wides.map((value) => decimal(rescaled(value.coefficient, power), 0)),
  );
  const up = wides.filter((value) => value.coefficient < 10n ** 30n && value.coefficient > -(10n ** 30n));
  assert.deepEqual(
    call('scale_up_i128', BIG, up).values,
    up.map((value) => decimal(value.coefficient * 1000n, 0)),
  );
  assert.equal(statusCode(call('scale_up_i128', BIG, [decimal(10n ** 37n, 0)]).status), STATUS.OUT_OF_RANGE);
  assert.equal(statusCode(call('scale_up_i64', types.INT8, [2n ** 62n]).status), STATUS.OUT_OF_RANGE);
});

test('casts between numbers', () => {
  const { INT4, INT8, FLOAT8, FLOAT4, INT2 } = types;
  const even = (value: number) => {
    const floor = Math.floor(value);
    if (value - floor !== 0.5) return Math.round(value);
    return floor % 2 === 0 ? floor : floor + 1;
  };
  const inRange = (value: number, low: number, high: number) => value >= low && value < high;
  const halves = () =>
    pick([0.5, 1.5, -0.5, -1.5, 2.5, 2147483647.5, 2147483647.4, -2147483648.5, 9.3e18, Number.NaN, 32767.5]);
  for (const maker of [halves, plainFloat8]) {
    check('cast_f64_i32', [FLOAT8], INT4, [maker], (a) =>
      inRange(even(a as number), -2147483648, 2147483648) ? even(a as number) + 0 : OUT_OF_RANGE,
    );
    check('cast_f64_i16', [FLOAT8], INT2, [maker], (a) =>
      inRange(even(a as number), -32768, 32768) ? even(a as number) + 0 : OUT_OF_RANGE,
    );
    check('cast_f64_i64', [FLOAT8], INT8, [maker], (a) =>
      inRange(even(a as number), -(2 ** 63), 2 ** 63) ? BigInt(even(a as number)) : OUT_OF_RANGE,
    );
  }
  check('cast_f64_f32', [FLOAT8], FLOAT4, [plainFloat8], (a) => Math.fround(a as number));
  check('cast_i64_i32', [INT8], INT4, [int8], (a) => wrapped32(a as bigint));
  check('cast_i32_i16', [INT4], INT2, [int4], (a) => wrapped16(a as number));
  check('cast_i64_f64', [INT8], FLOAT8, [int8], (a) => Number(a));
  check('cast_i128_i64', [BIG], INT8, [big], (a) => wrapped64((a as Decimal).coefficient));
});
