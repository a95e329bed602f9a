// The operators that run other plans or JavaScript rows, and joins' special rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { INT4, INT8, TEXT } from '../../types/sql-type.ts';
import {
  aggregateCall,
  ascending,
  call,
  constant,
  EngineFixture,
  input,
  type Row,
  shape,
  unordered,
} from './plan-fixture.ts';

const fixture = new EngineFixture(64 * 1024 * 1024);
const numbers = (...values: (number | null)[]) =>
  fixture.table(
    [INT4],
    values.map((value): Row => [value]),
  );

function notIn(left: BatchPlan, right: BatchPlan): BatchPlan {
  const key = [input(INT4, 0)];
  return {
    kind: 'hash-join', type: 'null-aware-anti', left, right, leftKeys: key, rightKeys: key, nullsEqual: [false], residual: null,
    ...shape([INT4]),
  }; // biome-ignore format: short
}

test('NOT IN: a NULL among the right rows leaves nothing, no right rows leave everything', async () => {
  assert.deepEqual(await fixture.run(notIn(numbers(1, 2, null), numbers(1, 3))), [[2]]);
  assert.deepEqual(await fixture.run(notIn(numbers(1, 2, null), numbers(1, null))), []);
  assert.deepEqual(await fixture.run(notIn(numbers(1, null), numbers())), [[1], [null]]);
});

test('nested loop: every pair that holds, and left rows without any', async () => {
  const condition = call('<(int4,int4)', [input(INT4, 0), input(INT4, 1)]);
  const plan: BatchPlan = {
    kind: 'nested-loop-join', type: 'left', left: numbers(1, 2, 9), right: numbers(2, 3), condition, ...shape([INT4, INT4]),
  }; // biome-ignore format: short
  assert.deepEqual(
    unordered(await fixture.run(plan)),
    unordered([
      [1, 2],
      [1, 3],
      [2, 3],
      [9, null],
    ]),
  );
});

test('a recursive CTE counts to 3000 with UNION ALL and ends with UNION on a cycle', async () => {
  const working: BatchPlan = { kind: 'cte-scan', id: 7, name: 't', ...shape([INT4]) };
  const next = (modulus: Expression | null): BatchPlan => {
    const plus: Expression = call('+(int4,int4)', [input(INT4, 0), constant(INT4, 1)], INT4);
    const value = modulus === null ? plus : call('%(int4,int4)', [plus, modulus], INT4);
    const condition = call('<(int4,int4)', [input(INT4, 0), constant(INT4, 3000)]);
    const source: BatchPlan = { kind: 'filter', input: working, condition, ...shape([INT4]) };
    return { kind: 'project', input: source, expressions: [value], ...shape([INT4]) };
  };
  const base: BatchPlan = { kind: 'values', rowsOf: [[constant(INT4, 1)]], ...shape([INT4]) };
  const recursive = (step: BatchPlan, unionAll: boolean): BatchPlan => ({
    kind: 'recursive-cte', id: 7, name: 't', base, step, unionAll, ...shape([INT4]),
  }); // biome-ignore format: short
  const counted = await fixture.run(recursive(next(null), true));
  assert.deepEqual(
    counted,
    Array.from({ length: 3000 }, (_, i) => [i + 1]),
  );
  const cycle = await fixture.run(recursive(next(constant(INT4, 5)), false));
  assert.deepEqual(unordered(cycle), unordered([[0], [1], [2], [3], [4]]));
});

test('a CTE is computed once and read twice', async () => {
  const scan: BatchPlan = { kind: 'cte-scan', id: 1, name: 'c', ...shape([INT4]) };
  const body: BatchPlan = { kind: 'union-all', inputs: [scan, scan], ...shape([INT4]) };
  const plan: BatchPlan = { kind: 'cte', id: 1, name: 'c', definition: numbers(4, 5), body, ...shape([INT4]) };
  assert.deepEqual(await fixture.run(plan), [[4], [5], [4], [5]]);
});

test('apply binds the left row; single refuses two rows', async () => {
  const parameter: Expression = { kind: 'parameter', type: INT4, index: 3 };
  const condition = call('<(int4,int4)', [input(INT4, 0), parameter]);
  const right: BatchPlan = { kind: 'filter', input: numbers(1, 2), condition, ...shape([INT4]) };
  const apply = (type: 'left' | 'single' | 'semi', types = [INT4, INT4]): BatchPlan => ({
    kind: 'apply', type, left: numbers(1, 2, 3), right, parameterBase: 3, bindings: [input(INT4, 0)], condition: null, guard: null, ...shape(types),
  }); // biome-ignore format: short
  assert.deepEqual(await fixture.run(apply('left')), [
    [1, null],
    [2, 1],
    [3, 1],
    [3, 2],
  ]);
  assert.deepEqual(await fixture.run(apply('semi', [INT4])), [[2], [3]]);
  await assert.rejects(fixture.run(apply('single')), { sqlstate: '21000' });
});

test('set-returning functions advance in lockstep and stop with LIMIT', async () => {
  const series = (to: number) => ({
    function: 'generate_series(int4,int4)',
    args: [constant(INT4, 1), constant(INT4, to)],
    outputs: [{ name: 'n', type: INT4 }],
  });
  const plan: BatchPlan = {
    kind: 'project-set', input: numbers(8), functions: [series(3), series(2)], ordinality: true, outer: false,
    ...shape([INT4, INT4, INT4, INT8]),
  }; // biome-ignore format: short
  assert.deepEqual(await fixture.run(plan), [
    [8, 1, 1, 1n],
    [8, 2, 2, 2n],
    [8, 3, null, 3n],
  ]);
  const endless: BatchPlan = {
    ...plan,
    functions: [series(2_000_000_000)],
    ordinality: false,
    ...shape([INT4, INT4]),
  } as BatchPlan;
  const few: BatchPlan = {
    kind: 'limit',
    input: endless,
    limit: constant(INT8, 2n),
    offset: null,
    ...shape([INT4, INT4]),
  };
  assert.deepEqual(await fixture.run(few), [
    [8, 1],
    [8, 2],
  ]);
});

test('grouping sets give one result each, numbered', async () => {
  const source = fixture.table(
    [INT4, TEXT],
    [
      [1, 'a'],
      [1, 'b'],
      [2, 'a'],
    ],
  );
  const plan: BatchPlan = {
    kind: 'aggregate',
    input: source,
    groupBy: [input(INT4, 0), input(TEXT, 1)],
    aggregates: [aggregateCall('count()', INT8, [])],
    groupingSets: [[0], [1], []],
    ...shape([INT4, TEXT, INT8, INT4]),
  };
  const expected: Row[] = [
    [1, null, 2n, 0],
    [2, null, 1n, 0],
    [null, 'a', 2n, 1],
    [null, 'b', 1n, 1],
    [null, null, 3n, 2],
  ];
  assert.deepEqual(unordered(await fixture.run(plan)), unordered(expected));
});

test('DISTINCT ON keeps the first row of each key', async () => {
  const source = fixture.table(
    [INT4, INT4],
    [
      [1, 5],
      [2, 9],
      [1, 3],
      [2, 9],
      [null, 1],
    ],
  );
  const plan: BatchPlan = {
    kind: 'distinct-on', input: source, keys: [input(INT4, 0)], orderBy: [ascending(INT4, 0), ascending(INT4, 1)], ...shape([INT4, INT4]),
  }; // biome-ignore format: short
  assert.deepEqual(await fixture.run(plan), [
    [1, 3],
    [2, 9],
    [null, 1],
  ]);
});

test('string_agg keeps its order', async () => {
  const source = fixture.table(
    [INT4, TEXT],
    [
      [2, 'b'],
      [1, 'a'],
      [3, 'c'],
      [4, null],
    ],
  );
  const args = [input(TEXT, 1), constant(TEXT, '-')];
  const plan: BatchPlan = {
    kind: 'aggregate', input: source, groupBy: [], groupingSets: null, ...shape([TEXT]),
    aggregates: [aggregateCall('string_agg(text,text)', TEXT, args, { orderBy: [ascending(INT4, 0, true)] })],
  }; // biome-ignore format: short
  assert.deepEqual(await fixture.run(plan), [['c-b-a']]);
});
