// Generated code against the interpreter: random aggregations over random rows give the same answers, or the same errors, whichever road
// they take, on one thread and on workers. Tables have values at the edges of their types, so that proofs, checks and giving up all occur.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InProcessTarget } from './in-process-target.ts';
import fc from './seeded-fast-check.ts';
import { TargetError } from './slt-run.ts';

const ROWS = 6000;
const target = new InProcessTarget({ workers: 2, memoryBytes: 512 * 1024 * 1024 });

before(async () => {
  await target.execute('SET headrace.min_worker_rows = 3000');
  const pick = (values: readonly string[], type: string) =>
    `(ARRAY[${values.join(', ')}])[1 + (i * 7919 + i / 3) % ${values.length}]::${type}`;
  const columns = (edges: boolean) => [
    `(i * 31 % 1009)::int4 AS a`,
    edges
      ? pick(['2147483647', '-2147483648', '0', '1', 'NULL', '7'], 'int4 AS b')
      : `CASE WHEN i % 11 = 0 THEN NULL ELSE i % 50 - 25 END::int4 AS b`,
    edges
      ? pick(['9223372036854775807', '-9223372036854775808', 'NULL', '3'], 'int8 AS c')
      : `(i::int8 * 1000003) AS c`,
    edges
      ? pick(['9999999999.99', '-9999999999.99', '0', '1.01', 'NULL'], 'numeric(12,2) AS d')
      : `(i % 997 * 0.37)::numeric(12,2) AS d`,
    `(i % 100 * 0.0001)::numeric(18,4) AS e`,
    edges
      ? pick(["'NaN'", "'Infinity'", "'-0'", '0', '1e300', '-2.5', 'NULL'], 'float8 AS f')
      : `CASE WHEN i % 13 = 0 THEN NULL ELSE i / 7.0 END::float8 AS f`,
    `CASE WHEN i % 17 = 0 THEN NULL ELSE i % 3 = 0 END AS g`,
    pick(
      [
        "'A'",
        "'N'",
        'NULL',
        "'twelve bytes'",
        "'a text that is longer than a view'",
        "'a text that is longer than a vine'",
        "''",
      ],
      'text AS h',
    ),
    `(DATE '2020-01-01' + i % 400)::date AS k`,
    `(i % 5)::int2 AS s`,
  ];
  for (const [name, edges] of [
    ['plain', false],
    ['edges', true],
  ] as const) {
    await target.execute(
      `CREATE TABLE ${name} AS SELECT ${columns(edges).join(', ')} FROM generate_series(1, ${ROWS}) i`,
    );
  }
});
after(() => target.close());

const { letrec } = fc;
const depth = { maxDepth: 3, depthIdentifier: 'expression' } as const;

const { integer, decimal, float, truth } = letrec<{ integer: string; decimal: string; float: string; truth: string }>(
  (tie) => {
    const joined = (operators: readonly string[], operand: fc.Arbitrary<string>) =>
      fc.tuple(operand, fc.constantFrom(...operators), operand).map((parts) => `(${parts.join(' ')})`);
    const chosen = (operand: fc.Arbitrary<string>) =>
      fc
        .tuple(tie('truth'), operand, fc.option(operand))
        .map(([when, then, other]) => `CASE WHEN ${when} THEN ${then}${other === null ? '' : ` ELSE ${other}`} END`);
    const arithmetic = ['+', '-', '*', '+', '-'];
    const comparisons = ['=', '<>', '<', '<=', '>', '>='];
    return {
    integer: fc.oneof(depth, fc.constantFrom('a', 'b', 's', 'c', '1', '7', '-3', 'a', 'b'), joined(arithmetic, tie('integer')), chosen(tie('integer')),
      tie('integer').map((value) => `coalesce(${value}, 5)`), tie('integer').map((value) => `(${value} / 3)`)),
    decimal: fc.oneof(depth, fc.constantFrom('d', 'e', '0.05', '1', '2.345', 'd'), joined(arithmetic, tie('decimal')), chosen(tie('decimal')),
      fc.tuple(tie('decimal'), tie('integer')).map(([x, y]) => `(${x} + ${y})`)),
    float: fc.oneof(depth, fc.constantFrom('f', 'a::float8', "'0.5'::float8"), joined(arithmetic, tie('float')), chosen(tie('float'))),
    truth: fc.oneof(depth,
      fc.oneof(fc.constantFrom('g', "h = 'A'", "h <> 'twelve bytes'", "h IN ('A', 'N', '')", "k < DATE '2020-06-01'", 'b IS NULL', 'd IS NOT NULL', "h LIKE '%long%'", 's BETWEEN 1 AND 3', 'a IN (1, 5, 900)')),
      joined(comparisons, tie('integer')), joined(comparisons, tie('decimal')), joined(comparisons, tie('float')),
      joined(['AND', 'OR'], tie('truth')), tie('truth').map((value) => `(NOT ${value})`)),
  }; // biome-ignore format: a grammar
  },
);

const aggregate = fc.oneof(
  fc.constantFrom('count(*)', 'count(h)', 'count(DISTINCT b)', 'min(k)', 'max(k)', 'sum(s)', 'max(h)'),
  integer.chain((value) => fc.constantFrom(`sum(${value})`, `count(${value})`, `min(${value})`, `max(${value})`, `avg(${value})`)),
  decimal.chain((value) => fc.constantFrom(`sum(${value})`, `avg(${value})`, `min(${value})`)),
  float.chain((value) => fc.constantFrom(`min(${value})`, `max(${value})`, `count(${value})`)),
  truth.chain((value) => fc.constantFrom(`bool_and(${value})`, `bool_or(${value})`, `count(*) FILTER (WHERE ${value})`, `sum(a) FILTER (WHERE ${value})`)),
); // biome-ignore format: a grammar
const key = fc.oneof(
  fc.constantFrom('a', 'b', 'g', 'h', 's', 'k', 'f', 'c', 'd'),
  integer,
  truth,
  fc.constant('extract(month FROM k)'),
  fc.constant('lower(h)'),
);

const query = fc
  .record({
    table: fc.constantFrom('plain', 'edges', 'plain'),
    keys: fc.array(key, { maxLength: 3 }),
    aggregates: fc.array(aggregate, { minLength: 1, maxLength: 4 }),
    where: fc.option(truth),
  })
  .map(({ table, keys, aggregates, where }) => {
    const names = keys.map((each, i) => `${each} AS k${i}, `).join('');
    const groupBy = keys.length === 0 ? '' : ` GROUP BY ${keys.map((_, i) => i + 1).join(', ')}`;
    return `SELECT ${names}${aggregates.join(', ')} FROM ${table}${where === null ? '' : ` WHERE ${where}`}${groupBy}`;
  }); // biome-ignore format: one text

/** Sorted rows, or the error. */
async function answer(sql: string, minRows: number): Promise<string> {
  await target.execute(`SET headrace.min_generated_rows = ${minRows}`);
  try {
    const { rows } = await target.execute(sql);
    return (rows ?? []).map((row) => JSON.stringify(row)).sort().join('\n'); // biome-ignore format: one line
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return `error ${error.sqlstate}`; // which of several errors is met first, nobody promises
  }
}

for (const workers of [true, false]) {
  test(`random aggregations agree with the interpreter ${workers ? 'on workers' : 'on one thread'}`, async () => {
    await target.execute(`SET headrace.min_worker_rows = ${workers ? 1000 : 2_000_000_000}`);
    await fc.assert(
      fc.asyncProperty(query, async (sql) => {
        const expected = await answer(sql, -1);
        assert.equal(await answer(sql, 0), expected, sql);
      }),
      { numRuns: 120, seed: workers ? 1 : 2 },
    );
  });
}
