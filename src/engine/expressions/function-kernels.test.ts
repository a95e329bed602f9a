// The built-in functions and the kernels they name, together: every kernel body compiles for its types and runs, and every comparison
// operator agrees with the order of the type itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildBatch } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { ParameterType, ScalarFunction } from '../../functions/function-definition.ts';
import { builtinFunctions } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import { arenaFixture, expressionContext } from '../../testing/arena-fixture.ts';
import { type Datum, decimal, interval } from '../../types/datum.ts';
import { NUMERIC, numericOf, type SqlType, type TypeName } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { compileExpression } from './compile-expression.ts';
import { compilePredicate } from './compile-predicate.ts';

const functions = builtinFunctions();
const context = expressionContext(arenaFixture(), functions);
const { region } = context;

const UUIDS = [
  '00000000-0000-0000-0000-000000000001',
  '80000000-0000-0000-0000-000000000000',
  'ffffffff-0000-0000-0000-000000000000',
];
const DECIMALS = [decimal(0n, 0), decimal(150n, 2), decimal(15n, 1), decimal(-25n, 1), decimal(99999n, 2)];

/** Values of a type in no order; numerics fit numeric(12, 2). */
function samples(type: SqlType): readonly Datum[] {
  switch (type.name) {
    case 'bool':
      return [true, false];
    case 'int2':
    case 'int4':
      return [0, 1, -1, 7, 100];
    case 'date':
      return [0, 19000, -1000, 2147483647];
    case 'oid':
    case 'xid':
      return [0, 1, 4294967295, 2147483648];
    case 'int8':
      return [0n, 1n, -1n, 12345678901n];
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return [0n, 86399999999n, 3600000000n];
    case 'float4':
    case 'float8':
      return [0, 1.5, -2.25, Number.NaN, Number.POSITIVE_INFINITY];
    case 'numeric':
      return DECIMALS;
    case 'uuid':
      return UUIDS;
    case 'interval':
      return [interval(1, 0, 0n), interval(0, 30, 0n), interval(0, 0, -5n), interval(0, 29, 90000000000n)];
    case 'bytea':
      return [Uint8Array.of(), Uint8Array.of(1, 255), Uint8Array.of(1)];
    default:
      return ['', 'a', 'ab', 'B', 'thirteen byte', 'thirteen bytf', 'ü', ' 12 '];
  }
}

const CONCRETE: ReadonlySet<string> = new Set(['bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'varchar', 'name', 'char', 'bytea', 'uuid', 'date', 'time', 'timestamp', 'timestamptz', 'interval', 'oid', 'xid']); // biome-ignore format: a list

/** Type lists to try: numeric parameters in every layout. */
function typeLists(parameters: readonly ParameterType[]): SqlType[][] | null {
  if (!parameters.every((parameter) => CONCRETE.has(parameter))) return null;
  const forms: SqlType[] = [numericOf(12, 2), numericOf(6, 2), numericOf(30, 10), NUMERIC];
  let lists: SqlType[][] = [[]];
  for (const parameter of parameters) {
    const types = parameter === 'numeric' ? forms : [{ name: parameter as TypeName }];
    lists = lists.flatMap((list) => types.map((type) => [...list, type]));
  }
  return lists;
}

function resultOf(definition: ScalarFunction, args: readonly SqlType[]): SqlType {
  return definition.resultType?.(args) ?? { name: definition.result as TypeName };
}

function callOf(definition: ScalarFunction, args: readonly SqlType[]): Expression {
  const inputs = args.map((type, index): Expression => ({ kind: 'input', type, index }));
  return { kind: 'call', type: resultOf(definition, args), function: definition.id, args: inputs };
}

/** All combinations of samples, as rows; numerics at the scale of their column, so that results compare exactly. */
function rowsOf(types: readonly SqlType[]): Datum[][] {
  let rows: Datum[][] = [[]];
  for (const type of types) rows = rows.flatMap((row) => samples(type).map((value) => [...row, value]));
  return rows;
}

test('every kernel a function names exists, for all layouts of its arguments, and runs', () => {
  let kernelBodies = 0;
  for (const definition of functions.allScalars()) {
    for (const types of typeLists(definition.parameters) ?? []) {
      const result = resultOf(definition, types);
      if (!CONCRETE.has(result.name) || definition.body(types, result).kind !== 'kernel') continue;
      kernelBodies++;
      region.reset();
      const evaluator = compileExpression(callOf(definition, types), context);
      for (const row of rowsOf(types)) {
        const batch = buildBatch(region, types, [row]);
        try {
          const vector = evaluator.evaluate(batch, 0, 1);
          readDatum(context.memory, vector, 0);
        } catch (error) {
          assert.ok(error instanceof SqlError, `${definition.id}(${JSON.stringify(types)}): ${error}`);
        }
      }
      context.heap.reset();
    }
  }
  assert.ok(kernelBodies > 50, `${kernelBodies} kernel bodies`);
});

const HOLDS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

test('comparison operators agree with the order of their type, as values and as predicates', () => {
  for (const [operator, holds] of Object.entries(HOLDS)) {
    for (const definition of functions.operatorsNamed(operator)) {
      const [left, right] = definition.parameters;
      if (left !== right) continue;
      for (const types of typeLists(definition.parameters) ?? []) {
        region.reset();
        const rows = rowsOf(types);
        const batch = buildBatch(region, types, rows);
        const stored = rows.map((_, i) => batch.columns.map((column) => readDatum(context.memory, column, i)!));
        const { compare } = typeOperations(types[0]!);
        const expected = stored.map(([a, b]) => holds(compare(a!, b!, types[0]!)));
        const vector = compileExpression(callOf(definition, types), context).evaluate(batch, 0, rows.length);
        const context_ = `${definition.id} ${JSON.stringify(types)}`;
        assert.deepEqual(
          rows.map((_, i) => readDatum(context.memory, vector, i)),
          expected,
          context_,
        );
        const { selection, count } = compilePredicate(callOf(definition, types), context).select(batch);
        const found = Array.from({ length: count }, (_, i) =>
          selection === 0 ? i : context.memory.u32[(selection >>> 2) + i]!,
        );
        assert.deepEqual(
          found,
          expected.flatMap((value, i) => (value ? [i] : [])),
          context_,
        );
      }
    }
  }
});
