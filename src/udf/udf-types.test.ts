// Every type there and back, and the check of results against the declared type.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from '../testing/seeded-fast-check.ts';
import { UdfHost } from './udf-host.ts';
import { udf } from './udf-literal.ts';

const host = new UdfHost({ maxChildren: 1, callTimeoutMs: 60_000, memoryLimitBytes: 128 << 20 });
after(() => host.close());

const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', '0'));
const day = 86_400_000;
const time = fc.date({ noInvalidDate: true, min: new Date(-6e13), max: new Date(2.5e14) });

/** Values a column of each type may hold, in the form in which they must come back. */
const VALUES: Record<string, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int2: fc.integer({ min: -32768, max: 32767 }),
  int4: fc.integer(),
  int8: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float4: fc.float(),
  float8: fc.double(),
  numeric: fc.oneof(
    fc.bigInt().map((i) => `${i}.00${i < 0n ? -i : i}`),
    fc.constant('NaN'),
    fc.constant('Infinity'),
  ),
  text,
  uuid: fc.uuid(),
  interval: fc.constantFrom('1 day 02:00:00', '-3 mons', '00:00:00.000001'),
  date: time.map((date) => new Date(Math.floor(date.getTime() / day) * day)),
  timestamp: time,
  timestamptz: fc.oneof(time, fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
  jsonb: fc
    .jsonValue({ noUnicodeString: false, maxDepth: 3 })
    .map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  bytea: fc.uint8Array(),
};

function columnOf(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> {
  return fc.array(fc.option(values, { freq: 5 }), { minLength: 1, maxLength: 40 });
}

describe('types there and back', () => {
  for (const [typeName, values] of Object.entries(VALUES)) {
    for (const vectorized of [false, true]) {
      it(`${typeName}${vectorized ? ', vectorized' : ''}`, async () => {
        const def = udf('return a', [typeName], typeName, { vectorized });
        const holds = async (column: unknown[]) =>
          assert.deepEqual(await host.callRows(def, [column], column.length), column);
        await fc.assert(fc.asyncProperty(columnOf(values), holds), { numRuns: 8 });
        await fc.assert(fc.asyncProperty(fc.array(values, { minLength: 1 }), holds), { numRuns: 5 });
      });
    }
    it(`${typeName}[]`, async () => {
      const def = udf('return a', [`${typeName}[]`], `${typeName}[]`);
      const holds = async (column: unknown[]) =>
        assert.deepEqual(await host.callRows(def, [column], column.length), column);
      const list = fc.array(fc.option(values), { maxLength: 6 });
      await fc.assert(fc.asyncProperty(columnOf(list), holds), { numRuns: 8 });
    });
  }

  it('arrays of more than one dimension', async () => {
    const column = [
      [
        [1, 2],
        [3, null],
      ],
      [],
      null,
    ];
    assert.deepEqual(await host.callRows(udf('return a', ['int4[]'], 'int4[]'), [column], 3), column);
  });

  it('shows each type as a JavaScript programmer expects it', async () => {
    const shown = async (typeName: string, value: unknown) => {
      const source = 'return a === null ? "null" : typeof a === "object" ? a.constructor.name : typeof a';
      return (await host.callRows(udf(source, [typeName], 'text'), [[value]], 1))[0];
    };
    assert.equal(await shown('int8', 5n), 'bigint');
    assert.equal(await shown('numeric', '1.50'), 'string');
    assert.equal(await shown('timestamptz', new Date(0)), 'Date');
    assert.equal(await shown('timestamptz', 1_000_000n), 'Date');
    assert.equal(await shown('date', new Date(0)), 'Date');
    assert.equal(await shown('bytea', new Uint8Array(2)), 'Uint8Array');
    assert.equal(await shown('int8[]', [5n]), 'Array');
    assert.equal(await shown('jsonb', { a: 1 }), 'Object');
    assert.equal(await shown('bool', true), 'boolean');
  });

  it('reads bigint times as microseconds', async () => {
    const def = udf('return a.toISOString()', ['timestamptz'], 'text');
    assert.deepEqual(await host.callRows(def, [[1_500_000n]], 1), ['1970-01-01T00:00:01.500Z']);
  });
});

describe('results', () => {
  async function returned(expression: string, typeName: string): Promise<unknown> {
    return (await host.callRows(udf(`return ${expression}`, [], typeName), [], 1))[0];
  }

  const accepted: [string, string, unknown][] = [
    ['5n', 'int4', 5],
    ["' 12 '", 'int4', 12],
    ['12', 'int8', 12n],
    ["'-9223372036854775808'", 'int8', -9223372036854775808n],
    ["'1.5'", 'float8', 1.5],
    ['NaN', 'float8', Number.NaN],
    ['0.1', 'float4', Math.fround(0.1)],
    ['0.1', 'numeric', '0.1'],
    ['12345678901234567890n', 'numeric', '12345678901234567890'],
    ['1.5', 'text', '1.5'],
    ['true', 'text', 'true'],
    ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ["'2024-02-03'", 'date', new Date('2024-02-03')],
    ["new Date('2024-02-03T23:00:00Z')", 'date', new Date('2024-02-03')],
    ["'2024-02-03 04:05:06'", 'timestamp', new Date('2024-02-03T04:05:06Z')],
    ["'2024-02-03T04:05:06+02:00'", 'timestamptz', new Date('2024-02-03T02:05:06Z')],
    ['0', 'timestamptz', new Date(0)],
    ['({ a: [1, undefined], d: new Date(0) })', 'jsonb', { a: [1, null], d: '1970-01-01T00:00:00.000Z' }],
    ['new Int32Array([1, 2])', 'int4[]', [1, 2]],
    ["[1, '2', null]", 'int8[]', [1n, 2n, null]],
    ['undefined', 'bool', null],
  ];
  for (const [expression, typeName, expected] of accepted) {
    it(`${expression} as ${typeName}`, async () => assert.deepEqual(await returned(expression, typeName), expected));
  }

  const refused: [string, string, string][] = [
    ['3e9', 'int4', '22003'],
    ['40000', 'int2', '22003'],
    ['2n ** 63n', 'int8', '22003'],
    ['1e300', 'float4', '22003'],
    ["'1e999'", 'float8', '22003'],
    ['1.5', 'int4', '22P02'],
    ['1e20', 'int8', '22003'],
    ["'x'", 'int4', '22P02'],
    ['true', 'int4', '22P02'],
    ['1', 'bool', '22P02'],
    ['({})', 'text', '22P02'],
    ['() => 1', 'text', '22P02'],
    ['Promise.resolve(1)', 'int4', '22P02'],
    ["'xyz'", 'numeric', '22P02'],
    ["'xyz'", 'uuid', '22P02'],
    ["'yesterday'", 'date', '22P02'],
    ["new Date('no')", 'timestamptz', '22P02'],
    ["'abc'", 'bytea', '22P02'],
    ['1', 'int4[]', '22P02'],
    ["['x']", 'int4[]', '22P02'],
    ["'a\\0b'", 'text', '22021'],
    ["'\\ud800'", 'text', '22021'],
    ["['\\ud800']", 'text[]', '22021'],
    ['({ a: 1n })', 'jsonb', '38000'],
    ['(() => { const o = {}; o.o = o; return o })()', 'jsonb', '38000'],
  ];
  for (const [expression, typeName, sqlstate] of refused) {
    it(`${expression} is not ${typeName}`, async () => {
      await assert.rejects(returned(expression, typeName), { sqlstate, message: /^function f (?:returned|failed)/ });
    });
  }

  it('says what came back instead', async () => {
    await assert.rejects(returned("'many'", 'int4'), {
      message: 'function f returned the string "many", which is not a value of type integer',
    });
  });
});
