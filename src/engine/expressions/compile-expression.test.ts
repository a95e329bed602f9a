// Semantics of compiled expressions: three-valued logic, branches that see only their rows, NULL propagation, alignment of numeric
// arguments, per-row fallbacks, folding, sharing, and reuse of an evaluator for many batches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '../../columns/batch.ts';
import { batchRowIndexes, buildBatch } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { ScalarBody, ScalarFunction } from '../../functions/function-definition.ts';
import type { Expression } from '../../plan/expression.ts';
import { arenaFixture, expressionContext } from '../../testing/arena-fixture.ts';
import { type Datum, decimal, type SqlArray, sqlArray } from '../../types/datum.ts';
import {
  arrayOf,
  BOOL,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  NUMERIC,
  numericOf,
  type SqlType,
  TEXT,
  UUID,
} from '../../types/sql-type.ts';
import { compileExpression, compileExpressions } from './compile-expression.ts';
import { compilePredicate } from './compile-predicate.ts';

const calls = new Map<string, number>();

function define(id: string, body: ScalarBody, rest: Partial<ScalarFunction> = {}): [string, ScalarFunction] {
  const base = { id, name: id, parameters: [], result: 'any', strict: true, volatility: 'immutable', oid: 0 } as const;
  return [id, { ...base, body: () => body, ...rest }];
}
const kernel = (name: string, align?: 'scale' | 'width'): ScalarBody =>
  align === undefined ? { kind: 'kernel', kernel: name } : { kind: 'kernel', kernel: name, align };
const row = (evaluate: (args: readonly (Datum | null)[]) => Datum | null): ScalarBody => ({ kind: 'row', evaluate });

const FUNCTIONS = new Map([
  ...['add', 'subtract', 'equal', 'not_equal', 'less', 'less_equal', 'greater', 'greater_equal'].map((name) =>
    define(name, kernel(name, 'scale')),
  ),
  define('multiply', kernel('multiply', 'width')),
  define('divide', kernel('divide', 'scale')),
  define('convert', kernel('convert')),
  define('like', kernel('like_view')),
  define('not_like', kernel('not_like_view')),
  define('lower', kernel('lower_view')),
  define('concat', kernel('concat_view')),
  define('parse_int4', kernel('cast_view_i32')),
  define(
    'count',
    row(([value]) => {
      calls.set('count', (calls.get('count') ?? 0) + 1);
      return value!;
    }),
  ),
  define(
    'fail',
    row(() => {
      throw sqlError('data_exception', 'failed');
    }),
  ),
  define(
    'or_zero',
    row(([value]) => value ?? 0),
    { strict: false },
  ),
  define(
    'sequence',
    row(() => BigInt(calls.set('sequence', (calls.get('sequence') ?? 0) + 1).get('sequence')!)),
    { volatility: 'volatile' },
  ),
  define(
    'once',
    row(() => calls.set('once', (calls.get('once') ?? 0) + 1).get('once')!),
    { volatility: 'stable' },
  ),
]);

const functions = { scalar: (id: string) => FUNCTIONS.get(id) ?? assert.fail(`no function ${id}`) };
const context = expressionContext(arenaFixture(), functions);
const { region, heap } = context;

const input = (index: number, type: SqlType = INT4): Expression => ({ kind: 'input', type, index });
const constant = (value: Datum | null, type: SqlType = INT4): Expression => ({ kind: 'constant', type, value });
const call = (id: string, type: SqlType, ...args: Expression[]): Expression => ({
  kind: 'call',
  type,
  function: id,
  args,
});
const and = (...args: Expression[]): Expression => ({ kind: 'and', type: BOOL, args });
const or = (...args: Expression[]): Expression => ({ kind: 'or', type: BOOL, args });
const not = (arg: Expression): Expression => ({ kind: 'not', type: BOOL, arg });

/** CASE of (when, then) pairs. */
const caseOf = (
  type: SqlType,
  pairs: readonly [Expression, Expression][],
  otherwise: Expression | null,
): Expression => ({
  kind: 'case',
  type,
  branches: pairs.map(([when, value]) => ({ when, then: value })),
  otherwise,
});

type Rows = readonly (readonly (Datum | null)[])[];

function batchOf(types: readonly SqlType[], rows: Rows): Batch {
  return buildBatch(region, types, rows);
}

/** The expression's value for every row, and again under a selection of every other row. */
function evaluate(expression: Expression, types: readonly SqlType[], rows: Rows): (Datum | null)[] {
  const evaluator = compileExpression(expression, context);
  const batch = batchOf(types, rows);
  const vector = evaluator.evaluate(batch, 0, rows.length);
  const values = rows.map((_, i) => readDatum(context.memory, vector, i));
  const odd = rows.map((_, i) => i).filter((i) => i % 2 === 1);
  const selection = region.allocate(4 * odd.length);
  context.memory.u32.set(odd, selection >>> 2);
  const again = evaluator.evaluate(batch, selection, odd.length);
  for (const i of odd) assert.deepEqual(readDatum(context.memory, again, i), values[i], `row ${i} under a selection`);
  return values;
}

function selected(expression: Expression, types: readonly SqlType[], rows: Rows): number[] {
  const batch = batchOf(types, rows);
  const { selection, count } = compilePredicate(expression, context).select(batch);
  return [...batchRowIndexes(context.memory, { ...batch, selection, count })];
}

const TRUTH = [true, false, null];
const PAIRS = TRUTH.flatMap((a) => TRUTH.map((b) => [a, b]));

test('AND, OR, NOT and IS NULL are three-valued', () => {
  const [a, b] = [input(0, BOOL), input(1, BOOL)];
  const andOf = (x: boolean | null, y: boolean | null) =>
    x === false || y === false ? false : x === null || y === null ? null : true;
  const orOf = (x: boolean | null, y: boolean | null) =>
    x === true || y === true ? true : x === null || y === null ? null : false;
  assert.deepEqual(
    evaluate(and(a, b), [BOOL, BOOL], PAIRS),
    PAIRS.map(([x, y]) => andOf(x!, y!)),
  );
  assert.deepEqual(
    evaluate(or(a, b), [BOOL, BOOL], PAIRS),
    PAIRS.map(([x, y]) => orOf(x!, y!)),
  );
  assert.deepEqual(
    evaluate(not(a), [BOOL, BOOL], PAIRS),
    PAIRS.map(([x]) => (x === null ? null : !x)),
  );
  for (const negated of [false, true]) {
    const test: Expression = { kind: 'is-null', type: BOOL, arg: a, negated };
    assert.deepEqual(
      evaluate(test, [BOOL, BOOL], PAIRS),
      PAIRS.map(([x]) => (x === null) !== negated),
    );
  }
  assert.deepEqual(selected(and(a, b), [BOOL, BOOL], PAIRS), [0]);
  assert.deepEqual(selected(or(a, b), [BOOL, BOOL], PAIRS), [0, 1, 2, 3, 6]);
});

test('later arguments of AND, OR, CASE and COALESCE see only the rows that need them', () => {
  const rows = [[0], [5], [null], [10]];
  const x = input(0);
  const inverse = call('divide', INT4, constant(100), x);
  const guarded = and(call('not_equal', BOOL, x, constant(0)), call('greater', BOOL, inverse, constant(10)));
  assert.deepEqual(evaluate(guarded, [INT4], rows), [false, true, null, false]);
  assert.deepEqual(selected(guarded, [INT4], rows), [1]);
  const either = or(call('equal', BOOL, x, constant(0)), call('greater', BOOL, inverse, constant(10)));
  assert.deepEqual(evaluate(either, [INT4], rows), [true, true, null, false]);
  const choice = caseOf(INT4, [[call('equal', BOOL, x, constant(0)), constant(-1)]], inverse);
  assert.deepEqual(evaluate(choice, [INT4], rows), [-1, 20, null, 10]);
  const first: Expression = { kind: 'coalesce', type: INT4, args: [x, call('fail', INT4, constant(1))] };
  assert.deepEqual(evaluate(first, [INT4], [[1], [2]]), [1, 2]);
  assert.throws(() => evaluate(first, [INT4], [[1], [null]]), { message: 'failed' });
  const never = caseOf(INT4, [[constant(false, BOOL), call('divide', INT4, constant(1), constant(0))]], x);
  assert.deepEqual(evaluate(never, [INT4], [[7]]), [7]);
});

test('CASE without ELSE gives NULL, and branches of narrower numerics are brought to its type', () => {
  const result = numericOf(10, 3, false);
  const choice = caseOf(
    result,
    [
      [call('equal', BOOL, input(0), constant(1)), constant(decimal(15n, 1), numericOf(2, 1))],
      [call('equal', BOOL, input(0), constant(2)), call('convert', numericOf(10, 0, false), input(0))],
    ],
    null,
  );
  assert.deepEqual(evaluate(choice, [INT4], [[1], [2], [3], [null]]), [
    decimal(1500n, 3),
    decimal(2000n, 3),
    null,
    null,
  ]);
});

test('strict calls propagate NULL, others see it', () => {
  const sum = call('add', INT4, call('add', INT4, input(0), input(1)), constant(1));
  assert.deepEqual(
    evaluate(
      sum,
      [INT4, INT4],
      [
        [1, 2],
        [null, 2],
        [1, null],
        [3, 4],
      ],
    ),
    [4, null, null, 8],
  );
  assert.deepEqual(evaluate(call('add', INT4, input(0), constant(null)), [INT4], [[1]]), [null]);
  assert.deepEqual(evaluate(call('or_zero', INT4, input(0)), [INT4], [[5], [null]]), [5, 0]);
  const overflow = call('add', INT4, input(0), constant(1));
  assert.throws(() => evaluate(overflow, [INT4], [[1], [2147483647]]), {
    sqlstate: '22003',
    message: 'integer out of range',
  });
  assert.throws(() => evaluate(call('add', INT2, input(0, INT2), input(0, INT2)), [INT2], [[20000]]), {
    message: 'smallint out of range',
  });
  assert.throws(() => evaluate(call('divide', INT8, input(0, INT8), constant(0n, INT8)), [INT8], [[1n]]), {
    sqlstate: '22012',
    message: 'division by zero',
  });
});

test('numeric arguments are brought to one scale and one width', () => {
  const [price, rate, wide] = [numericOf(12, 2), numericOf(4, 3), numericOf(30, 10)];
  const types = [price, rate, wide, NUMERIC];
  const rows = [
    [decimal(1050n, 2), decimal(-125n, 3), decimal(5n, 10), decimal(25n, 1)],
    [null, decimal(1n, 3), decimal(1n, 10), decimal(1n, 0)],
  ];
  const [a, b, c, d] = types.map((type, i) => input(i, type)) as [Expression, Expression, Expression, Expression];
  assert.deepEqual(evaluate(call('add', numericOf(14, 3, false), a, b), types, rows)[0], decimal(10375n, 3));
  assert.deepEqual(evaluate(call('multiply', numericOf(16, 5, false), a, b), types, rows)[0], decimal(-131250n, 5));
  assert.deepEqual(evaluate(call('multiply', numericOf(24, 4, false), a, a), types, rows)[0], decimal(1102500n, 4));
  assert.deepEqual(
    evaluate(call('subtract', numericOf(31, 10, false), a, c), types, rows)[0],
    decimal(104999999995n, 10),
  );
  assert.deepEqual(evaluate(call('add', NUMERIC, a, d), types, rows)[0], decimal(1300n, 2));
  assert.deepEqual(evaluate(call('greater', BOOL, a, d), types, rows), [true, null]);
  assert.deepEqual(evaluate(call('equal', BOOL, d, constant(decimal(2500n, 3), NUMERIC)), types, rows), [true, false]);
  assert.deepEqual(selected(call('less', BOOL, constant(10), a), types, rows), [0]);
  assert.deepEqual(selected(call('greater', BOOL, b, constant(decimal(0n, 0), numericOf(1, 0))), types, rows), [1]);
});

test('numbers convert with the rounding and the errors of PostgreSQL', () => {
  const convert = (from: SqlType, to: SqlType, value: Datum) =>
    evaluate(call('convert', to, input(0, from)), [from], [[value]])[0];
  assert.deepEqual(convert(numericOf(5, 2), INT4, decimal(250n, 2)), 3);
  assert.deepEqual(convert(numericOf(5, 2), INT2, decimal(-250n, 2)), -3);
  assert.deepEqual(convert(FLOAT8, INT4, 2.5), 2);
  assert.deepEqual(convert(FLOAT8, NUMERIC, 0.1), decimal(1n, 1));
  assert.deepEqual(convert(INT4, numericOf(10, 2), 7), decimal(700n, 2));
  assert.deepEqual(convert(INT8, numericOf(30, 5), -7n), decimal(-700000n, 5));
  assert.deepEqual(convert(numericOf(30, 5), FLOAT8, decimal(150000n, 5)), 1.5);
  assert.deepEqual(convert(numericOf(9, 3), FLOAT8, decimal(100n, 3)), 0.1);
  assert.deepEqual(convert(numericOf(9, 3), numericOf(5, 1), decimal(1250n, 3)), decimal(13n, 1));
  assert.deepEqual(convert(numericOf(38, 3), NUMERIC, decimal(10n ** 37n, 3)), decimal(10n ** 37n, 3));
  assert.throws(() => convert(numericOf(9, 3), numericOf(3, 1), decimal(99950n, 3)), {
    sqlstate: '22003',
    message: 'numeric field overflow',
  });
  assert.throws(() => convert(INT8, INT4, 2n ** 31n), { message: 'integer out of range' });
  assert.throws(() => convert(numericOf(20, 1), INT4, decimal(21474836475n, 1)), { message: 'integer out of range' });
  assert.throws(() => convert(NUMERIC, INT8, decimal(2n ** 63n, 0)), { message: 'bigint out of range' });
});

test('rows that a kernel declines go through their per-row twin', () => {
  const rows = [['ABC'], ['ÄÖÜ'], [null], ['Xyz'], ['ÉÉ']];
  assert.deepEqual(evaluate(call('lower', TEXT, input(0, TEXT)), [TEXT], rows), ['abc', 'äöü', null, 'xyz', 'éé']);
  const huge = decimal(10n ** 40n, 2);
  const sums = evaluate(
    call('add', NUMERIC, input(0, NUMERIC), input(0, NUMERIC)),
    [NUMERIC],
    [[huge], [decimal(5n, 1)]],
  );
  assert.deepEqual(sums, [decimal(2n * 10n ** 40n, 2), decimal(10n, 1)]);
  const parsed = call('parse_int4', INT4, input(0, TEXT));
  assert.deepEqual(evaluate(parsed, [TEXT], [['12'], ['  0000000000000000000031 '], [null]]), [12, 31, null]);
  assert.throws(() => evaluate(parsed, [TEXT], [['twelve']]), {
    sqlstate: '22P02',
    message: 'invalid input syntax for type integer: "twelve"',
  });
  assert.throws(() => evaluate(parsed, [TEXT], [['3000000000']]), {
    sqlstate: '22003',
    message: 'value "3000000000" is out of range for type integer',
  });
});

test('strings longer than the heap window', () => {
  const long = 'x'.repeat(100_000);
  const rows = Array.from({ length: 5 }, (_, i) => [`${i}${long}`]);
  const twice = evaluate(call('concat', TEXT, input(0, TEXT), input(0, TEXT)), [TEXT], rows);
  assert.deepEqual(
    twice,
    rows.map(([text]) => text! + text!),
  );
  heap.reset();
});

test('LIKE with constant patterns', () => {
  const texts = ['', 'a', 'abc', 'xabcx', 'abcabc', 'cab', 'a%c', 'grün und blau und rot', 'aXXbXXc', null];
  const rows = texts.map((text) => [text]);
  for (const pattern of [
    '',
    '%',
    'abc',
    'abc%',
    '%abc',
    '%abc%',
    'a%c',
    '%und%und%',
    '%a%b%',
    'a\\%c',
    '_',
    '%ü_%',
    'a%a',
    'abc%abc',
  ]) {
    const source = pattern.replace(/\\(.)|([%_])|./gu, (char, escaped, wild) =>
      escaped !== undefined ? escaped : wild === '%' ? '[\\s\\S]*' : wild === '_' ? '[\\s\\S]' : char,
    );
    const expected = texts.map((text) => (text === null ? null : new RegExp(`^${source}$`, 'u').test(text)));
    const like = call('like', BOOL, input(0, TEXT), constant(pattern, TEXT));
    assert.deepEqual(evaluate(like, [TEXT], rows), expected, pattern);
    const notLike = call('not_like', BOOL, input(0, TEXT), constant(pattern, TEXT));
    assert.deepEqual(
      evaluate(notLike, [TEXT], rows),
      expected.map((value) => (value === null ? null : !value)),
      pattern,
    );
    assert.deepEqual(
      selected(like, [TEXT], rows),
      expected.flatMap((value, i) => (value ? [i] : [])),
      pattern,
    );
  }
  assert.throws(() => evaluate(call('like', BOOL, input(0, TEXT), constant('a\\', TEXT)), [TEXT], [['ab']]), {
    sqlstate: '22025',
  });
});

test('IN lists: short and long, of constants and expressions, with NULL', () => {
  const inList = (type: SqlType, items: readonly Expression[], negated = false): Expression => ({ kind: 'in-list', type: BOOL, arg: input(0, type), items, negated, equals: 'equal' }); // biome-ignore format: one value
  const numbers = [[1], [4], [null], [9], [-3]];
  const items = [9, -3, 4, 4, 77, 100].map((value) => constant(value));
  assert.deepEqual(evaluate(inList(INT4, items), [INT4], numbers), [false, true, null, true, true]);
  assert.deepEqual(evaluate(inList(INT4, items, true), [INT4], numbers), [true, false, null, false, false]);
  const withNull = [...items, constant(null)];
  assert.deepEqual(evaluate(inList(INT4, withNull), [INT4], numbers), [null, true, null, true, true]);
  assert.deepEqual(evaluate(inList(INT4, withNull, true), [INT4], numbers), [null, false, null, false, false]);
  assert.deepEqual(evaluate(inList(INT4, [constant(null), constant(4)]), [INT4], numbers), [
    null,
    true,
    null,
    null,
    null,
  ]);
  const words = ['pear', 'fig', 'a much longer fruit', 'apple', '', 'ü'].map((word) => constant(word, TEXT));
  assert.deepEqual(
    evaluate(inList(TEXT, words), [TEXT], [['fig'], ['a much longer fruit'], [''], ['x'], ['ü'], ['appl'], ['apples']]),
    [true, true, true, false, true, false, false],
  );
  const scaled = [decimal(5n, 0), decimal(25n, 1), decimal(10n ** 37n, 0), decimal(1n, 0), decimal(2n, 0)].map(
    (value) => constant(value, numericOf(38, value.scale)),
  );
  assert.deepEqual(
    evaluate(
      inList(numericOf(5, 2), scaled),
      [numericOf(5, 2)],
      [[decimal(250n, 2)], [decimal(251n, 2)], [decimal(500n, 2)]],
    ),
    [true, false, true],
  );
  const ids = ['00', '7f', '80', 'ff', '10', '20'].map((start) => `${start}000000-0000-0000-0000-000000000001`);
  const idRows = [[ids[0]!], [ids[3]!], ['7f000000-0000-0000-0000-000000000002'], [ids[2]!]];
  const idList = inList(
    UUID,
    ids.map((id) => constant(id, UUID)),
  );
  assert.deepEqual(evaluate(idList, [UUID], idRows), [true, true, false, true]);
  const sum = call('add', INT4, input(0), constant(0));
  assert.deepEqual(evaluate(inList(INT4, [constant(5), sum]), [INT4], numbers), [true, true, null, true, true]);
  assert.deepEqual(selected(inList(INT4, items), [INT4], numbers), [1, 3, 4]);
});

test('IS DISTINCT FROM', () => {
  const rows = [
    [1, 1],
    [1, 2],
    [null, 1],
    [1, null],
    [null, null],
  ];
  const distinct = (negated: boolean): Expression => ({ kind: 'is-distinct', type: BOOL, left: input(0), right: input(1), negated, equals: 'equal' }); // biome-ignore format: one value
  const expected = [false, true, true, true, false];
  assert.deepEqual(evaluate(distinct(false), [INT4, INT4], rows), expected);
  assert.deepEqual(
    evaluate(distinct(true), [INT4, INT4], rows),
    expected.map((value) => !value),
  );
});

test('ANY and ALL over arrays', () => {
  const rows = [
    [2, sqlArray([1, 2, 3])],
    [5, sqlArray([1, null])],
    [1, sqlArray([])],
    [null, sqlArray([1])],
    [1, null],
    [1, sqlArray([1, null])],
    [3, sqlArray(Array.from({ length: 3000 }, () => 3))],
  ];
  const quantified = (operator: string, all: boolean): Expression => ({ kind: 'quantified-array', type: BOOL, arg: input(0), array: input(1, arrayOf(INT4)), operator, all }); // biome-ignore format: one value
  const types = [INT4, arrayOf(INT4)];
  assert.deepEqual(evaluate(quantified('equal', false), types, rows), [true, null, false, null, null, true, true]);
  assert.deepEqual(evaluate(quantified('equal', true), types, rows), [false, false, true, null, null, null, true]);
});

test('arrays, rows and fields', () => {
  const pair: Expression = { kind: 'array', type: arrayOf(INT4), elements: [input(0), constant(7)] };
  assert.deepEqual(evaluate(pair, [INT4], [[1], [null]]), [sqlArray([1, 7]), sqlArray([null, 7])]);
  const square: Expression = { kind: 'array', type: arrayOf(INT4), elements: [pair, pair] };
  const value = evaluate(square, [INT4], [[1]])[0] as SqlArray;
  assert.deepEqual(
    [value.dimensions, value.elements],
    [
      [2, 2],
      [1, 7, 1, 7],
    ],
  );
  const type: SqlType = { name: 'record', fields: [{ name: 'a', type: INT4 }, { name: 'b', type: TEXT }] }; // biome-ignore format: one type
  const record: Expression = { kind: 'row', type, fields: [input(0), constant('x', TEXT)] };
  const field: Expression = { kind: 'field', type: INT4, arg: record, index: 0 };
  assert.deepEqual(evaluate(field, [INT4], [[1], [null]]), [1, null]);
});

test('common subexpressions are computed once per batch, under one condition and inside of it', () => {
  const counted = call('count', INT4, input(0));
  const guard = caseOf(INT4, [[call('less', BOOL, counted, constant(3)), counted]], null);
  const program = compileExpressions([counted, call('add', INT4, counted, counted), guard], context);
  calls.set('count', 0);
  for (const rows of [[[1], [2], [3]], [[4]]]) {
    const vectors = program.evaluate(batchOf([INT4], rows), 0, rows.length);
    const last = rows.length - 1;
    const x = rows[last]![0]!;
    assert.deepEqual(
      vectors.map((vector) => readDatum(context.memory, vector, last)),
      [x, 2 * x, null],
    );
  }
  assert.equal(calls.get('count'), 4);
});

test('volatile calls run per occurrence and row, stable ones over constants once', () => {
  const sequence = call('sequence', INT8);
  calls.set('sequence', 0);
  const [first, second] = compileExpressions([sequence, sequence], context).evaluate(batchOf([INT4], [[1], [1]]), 0, 2);
  const values = [first!, second!].flatMap((vector) => [0, 1].map((i) => readDatum(context.memory, vector, i)));
  assert.equal(new Set(values).size, 4);
  calls.set('once', 0);
  assert.deepEqual(evaluate(call('once', INT4), [INT4], [[1], [2], [3]]), [1, 1, 1]);
});

test('an evaluator forgets the NULLs of the batch before', () => {
  const evaluator = compileExpression(call('add', INT4, call('lower_or', INT4, input(0)), input(1)), {
    ...context,
    functions: { scalar: (id) => (id === 'lower_or' ? FUNCTIONS.get('count')! : FUNCTIONS.get(id)!) },
  });
  const read = (rows: Rows) => {
    const vector = evaluator.evaluate(batchOf([INT4, INT4], rows), 0, rows.length);
    return rows.map((_, i) => readDatum(context.memory, vector, i));
  };
  assert.deepEqual(
    read([
      [null, 1],
      [1, null],
    ]),
    [null, null],
  );
  assert.deepEqual(
    read([
      [1, 1],
      [1, 2],
    ]),
    [2, 3],
  );
});

test('predicates narrow step by step and keep a dense batch dense', () => {
  const rows = Array.from({ length: 2000 }, (_, i) => [i, i % 7 === 0 ? null : i % 10]);
  const types = [INT4, INT4];
  const [a, b] = [input(0), input(1)];
  const condition = and(
    call('greater_equal', BOOL, a, constant(100)),
    call('less', BOOL, constant(3), b),
    call('less', BOOL, b, a),
    { kind: 'is-null', type: BOOL, arg: b, negated: true },
    not(call('equal', BOOL, b, constant(5))),
  );
  const expected = rows.flatMap(([x, y], i) => (x! >= 100 && y !== null && y! > 3 && y! < x! && y !== 5 ? [i] : []));
  assert.deepEqual(selected(condition, types, rows), expected);
  const batch = batchOf(types, rows);
  const all = compilePredicate(call('greater_equal', BOOL, a, constant(0)), context).select(batch);
  assert.deepEqual(all, { selection: 0, count: 2000 });
  assert.deepEqual(selected(constant(false, BOOL), types, rows), []);
  assert.deepEqual(selected(call('equal', BOOL, a, constant(null)), types, rows), []);
});
