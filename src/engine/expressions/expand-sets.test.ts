// Kernels of set-returning functions against the functions' per-row bodies: random arrays of every element type and random series, in
// portions of any size, under selections and weights, with and without outer rows and ordinals; a row that fails is told apart.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { batchRows, buildBatch } from '../../columns/batch-builder.ts';
import type { TableFunction } from '../../functions/function-definition.ts';
import { builtinFunctions } from '../../functions/registry.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { arenaFixture, expressionContext } from '../../testing/arena-fixture.ts';
import fc from '../../testing/seeded-fast-check.ts';
import { type Datum, decimal, interval, sqlArray } from '../../types/datum.ts';
import {
  arrayOf,
  BOOL,
  DATE,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  INTERVAL,
  NUMERIC,
  numericOf,
  type SqlType,
  TEXT,
  TIMESTAMP,
  UUID,
} from '../../types/sql-type.ts';
import { type ExpandContext, SetExpander } from './expand-sets.ts';

type ProjectSet = Extract<BatchPlan, { kind: 'project-set' }>;
type Row = readonly (Datum | null)[];

const fixture = arenaFixture();
const { arena } = fixture;
const functions = builtinFunctions();
const withoutKernels = {
  scalar: (id: string) => functions.scalar(id),
  tableFunction(id: string): TableFunction {
    const { kernel: _, ...definition } = functions.tableFunction(id);
    return definition;
  },
};

interface Options {
  readonly outer: boolean;
  readonly ordinality: boolean;
  readonly capacity: number;
  readonly weighted: boolean;
  readonly everySecond: boolean;
}

/** The rows that come out, each with its weight, and the messages of the rows that fail. */
function run(id: string, types: readonly SqlType[], rows: readonly Row[], options: Options, own: boolean): string[] {
  const chosenFunctions = own ? functions : withoutKernels;
  const context: ExpandContext = { ...expressionContext(fixture), functions: chosenFunctions };
  const { region } = context;
  try {
    const outputs = functions.tableFunction(id).outputs(types);
    const args = types.map((type, index) => ({ kind: 'input' as const, type, index }));
    const made = [...types, ...outputs.map((output) => output.type), ...(options.ordinality ? [INT8] : [])];
    const input = { types } as BatchPlan;
    const plan = { kind: 'project-set', input, functions: [{ function: id, args, outputs }], ...options, types: made };
    const expander = new SetExpander(plan as unknown as ProjectSet, context, options.capacity);
    const weights = rows.map((_, i) => (options.weighted && i % 3 === 0 ? -2n : 1n));
    const whole = buildBatch(region, types, rows, { weights });
    const chosen = rows.map((_, i) => i).filter((i) => i % 2 === 0);
    const selection = region.allocate(rows.length * 4 + 4);
    arena.shared.u32.set(chosen, selection >>> 2);
    const batch = options.everySecond ? { ...whole, selection, count: chosen.length } : whole;
    const found: string[] = [];
    const failed: string[] = [];
    const onFailure = (error: Error, row: number) => failed.push(`${row}: ${error.message}`);
    for (const portion of expander.expand(batch, expander.evaluateArguments(batch), onFailure)) {
      assert.ok(portion.count <= options.capacity);
      batchRows(arena.shared, portion).forEach((row, i) => {
        const weight = portion.weights === 0 ? 1n : arena.shared.i64[portion.weights / 8 + i]!;
        found.push(JSON.stringify([row, weight], (_, v) => (typeof v === 'bigint' ? `${v}n` : v)));
      });
    }
    expander.release();
    return [...found, ...failed];
  } finally {
    arena.freeOwner(region.owner);
  }
}

const options: fc.Arbitrary<Options> = fc.record({
  outer: fc.boolean(),
  ordinality: fc.boolean(),
  capacity: fc.constantFrom(1, 2, 3, 7, 2048),
  weighted: fc.boolean(),
  everySecond: fc.boolean(),
});

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.string({ minLength: 13, maxLength: 40 }));
const wide = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const ELEMENTS: readonly (readonly [SqlType, fc.Arbitrary<Datum>])[] = [
  [BOOL, fc.boolean()],
  [INT2, fc.integer({ min: -32768, max: 32767 })],
  [INT4, fc.integer()],
  [DATE, fc.integer({ min: -100_000, max: 100_000 })],
  [INT8, wide],
  [FLOAT8, fc.double({ noNaN: true })],
  [INTERVAL, fc.tuple(fc.integer(), fc.integer(), wide).map(([m, d, t]) => interval(m, d, t))],
  [UUID, fc.uuid()],
  [TEXT, text],
  [NUMERIC, fc.tuple(wide, fc.nat({ max: 5 })).map(([n, s]) => decimal(n, s))],
  [numericOf(12, 2), fc.integer().map((n) => decimal(BigInt(n), 2))],
];

const sameEitherWay = (id: string, types: readonly SqlType[], rows: readonly Row[], given: Options) =>
  assert.deepEqual(run(id, types, rows, given, true), run(id, types, rows, given, false));

after(() => assert.equal(arena.usage().usedBytes, 0));

for (const [type, values] of ELEMENTS) {
  test(`unnest of ${type.name}${type.precision ?? ''}[]`, () => {
    const flat = fc.array(fc.option(values), { maxLength: 5 }).map((elements) => sqlArray(elements));
    const square = fc
      .array(fc.option(values), { minLength: 4, maxLength: 4 })
      .map((elements) => ({ ...sqlArray(elements), dimensions: [2, 2], lowerBounds: [1, 1] }));
    const rows = fc.array(fc.tuple(fc.option(fc.oneof(flat, square))), { maxLength: 12 });
    fc.assert(
      fc.property(rows, options, (given, how) => sameEitherWay('unnest(anyarray)', [arrayOf(type)], given, how)),
      { numRuns: 60 },
    );
  });
}

const small: fc.Arbitrary<number> = fc.integer({ min: -6, max: 6 });
const maybe: fc.Arbitrary<number | null> = fc.option(small);
const SERIES: readonly (readonly [string, readonly SqlType[], fc.Arbitrary<readonly (Datum | null)[]>])[] = [
  ['int4,int4', [INT4, INT4], fc.tuple(maybe, small)],
  ['int4,int4,int4', [INT4, INT4, INT4], fc.tuple(small, maybe, fc.integer({ min: -2, max: 2 }))],
  ['int8,int8', [INT8, INT8], fc.tuple(small, small).map(([a, b]) => [BigInt(a), BigInt(b)])],
  [
    'int8,int8,int8',
    [INT8, INT8, INT8],
    fc.tuple(wide, small, fc.bigInt({ min: -2n, max: 2n })).map(([a, b, step]) => {
      const to = a + BigInt(b) * step;
      return [a, to < -(2n ** 63n) || to >= 2n ** 63n ? a : to, step];
    }),
  ],
  [
    'timestamp,timestamp,interval',
    [TIMESTAMP, TIMESTAMP, INTERVAL],
    fc.tuple(small, small, fc.constantFrom(0, 0, 1), small).map(([a, b, months, days]) => {
      const day = 86_400_000_000n;
      return [BigInt(a) * day, BigInt(b) * 10n * day, interval(months, days, days === 0 ? 3_600_000_000n : 0n)];
    }),
  ],
];

for (const [parameters, types, rows] of SERIES) {
  test(`generate_series(${parameters})`, () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 8 }), options, (given, how) =>
        sameEitherWay(`generate_series(${parameters})`, types, given, how),
      ),
      { numRuns: 80 },
    );
  });
}

test('a series ends at the last number there is', () => {
  const given = { outer: false, ordinality: false, capacity: 2, weighted: false, everySecond: false };
  const rows = [[2n ** 63n - 3n, 2n ** 63n - 1n]];
  assert.equal(run('generate_series(int8,int8)', [INT8, INT8], rows, given, true).length, 3);
});
