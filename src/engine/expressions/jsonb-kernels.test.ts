// jsonb's accessors by kernel against their per-row bodies: random documents with odd keys, escapes and numbers, random keys, indexes
// and paths, constant or not, many rows at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildBatch } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import { rowBody } from '../../functions/define.ts';
import { builtinFunctions } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import { arenaFixture, expressionContext } from '../../testing/arena-fixture.ts';
import fc from '../../testing/seeded-fast-check.ts';
import { type Datum, sqlArray } from '../../types/datum.ts';
import { canonicalJsonb } from '../../types/json.ts';
import { arrayOf, BOOL, INT4, JSONB, type SqlType, TEXT } from '../../types/sql-type.ts';
import { compileExpression } from './compile-expression.ts';

const fixture = arenaFixture();
const { arena } = fixture;
const functions = builtinFunctions();

/** The answers of all rows: with the second argument as a column, and as a constant. */
function answers(id: string, types: readonly SqlType[], result: SqlType, rows: readonly Datum[][]): unknown[] {
  const context = expressionContext(fixture, functions);
  const { region } = context;
  try {
    const inputs = types.map((type, index): Expression => ({ kind: 'input', type, index }));
    const call = (args: readonly Expression[]): Expression => ({ kind: 'call', type: result, function: id, args });
    const batch = buildBatch(region, types, rows);
    const all = compileExpression(call(inputs), context).evaluate(batch, 0, rows.length);
    const read = rows.map((_, i) => readDatum(arena.shared, all, i));
    const constant: Expression[] = types.length < 2 ? [] : [{ kind: 'constant', type: types[1]!, value: rows[0]![1]! }];
    const first = compileExpression(call([inputs[0]!, ...constant]), context).evaluate(batch, 0, 1);
    return [...read, readDatum(arena.shared, first, 0)];
  } finally {
    arena.freeOwner(region.owner);
  }
}

/** The same by the body for one row. */
function expected(id: string, types: readonly SqlType[], result: SqlType, rows: readonly Datum[][]): unknown[] {
  const body = functions.scalar(id).body(types, result);
  const evaluate = rowBody(body)!;
  const read = rows.map((row) => evaluate(row, { nowMicros: 0n, timeZone: 'UTC' }));
  return [...read, read[0]];
}

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', '', 'key with "quotes"', 'back\\slash', 'ü', '0', '-1', ' 1', 'line\nbreak'),
  fc.string({ maxLength: 3 }),
);
const scalar = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '-1', '1', '1.0', '1.00', '12345678901234567890', '-0.5', '""'),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => JSON.stringify(text)),
  key.map((text) => JSON.stringify(text)),
);
const { document } = fc.letrec<{ document: string }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('document'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(key, tie('document')), { maxLength: 5 })
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  ),
}));
const flat = fc
  .array(fc.tuple(key, scalar), { maxLength: 3 })
  .map((members) =>
    canonicalJsonb(`{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  );
const jsonb = document.map(canonicalJsonb);
const index = fc.integer({ min: -4, max: 4 });
const path = fc
  .array(fc.option(fc.oneof(key, index.map(String))), { maxLength: 3 })
  .map((steps): Datum => sqlArray(steps));

const rowsOf = (second: fc.Arbitrary<Datum>) => fc.array(fc.tuple(jsonb, second), { minLength: 1, maxLength: 10 });
const objects = fc.array(fc.tuple(fc.oneof(flat, jsonb), flat), { minLength: 1, maxLength: 10 });

const CASES: readonly [string, SqlType, SqlType, fc.Arbitrary<(readonly [string, Datum])[]>][] = [
  ['->(jsonb,text)', TEXT, JSONB, rowsOf(key)],
  ['->>(jsonb,text)', TEXT, TEXT, rowsOf(key)],
  ['->(jsonb,int4)', INT4, JSONB, rowsOf(index)],
  ['->>(jsonb,int4)', INT4, TEXT, rowsOf(index)],
  ['#>(jsonb,text[])', arrayOf(TEXT), JSONB, rowsOf(path)],
  ['#>>(jsonb,text[])', arrayOf(TEXT), TEXT, rowsOf(path)],
  ['@>(jsonb,jsonb)', JSONB, BOOL, objects],
];

for (const [id, second, result, given] of CASES) {
  test(`${id} by kernel is what its per-row body says`, () => {
    const types = [JSONB, second];
    fc.assert(
      fc.property(given, (rows) => {
        const plain = rows.map((row) => [...row]);
        assert.deepEqual(answers(id, types, result, plain), expected(id, types, result, plain));
      }),
      { numRuns: 150 },
    );
  });
}

test('jsonb_array_length counts the items of arrays', () => {
  const arrays = fc.array(fc.array(document, { maxLength: 5 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(arrays, (lists) => {
      const rows = lists.map((items) => [canonicalJsonb(`[${items.join(',')}]`)]);
      const found = answers('jsonb_array_length(jsonb)', [JSONB], INT4, rows);
      assert.deepEqual(
        found.slice(0, -1),
        lists.map((items) => items.length),
      );
    }),
  );
});
