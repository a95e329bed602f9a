// Random expression trees against a row-at-a-time interpreter: values, NULLs, and whether a row's error surfaces, for evaluators that
// are reused over several batches and selections, alone and with shared subexpressions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildBatch } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { builtinFunctions } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import { arenaFixture, expressionContext } from '../../testing/arena-fixture.ts';
import { randomBelow } from '../../testing/seeded-random.ts';
import type { Datum } from '../../types/datum.ts';
import { BOOL, INT4 } from '../../types/sql-type.ts';
import { compileExpression, compileExpressions } from './compile-expression.ts';
import { compilePredicate } from './compile-predicate.ts';

const functions = builtinFunctions();
const context = expressionContext(arenaFixture(), functions);
const { region } = context;

const random = randomBelow(99);

const TYPES = [INT4, INT4, BOOL];

function idOf(symbol: string): string {
  return functions.operatorsNamed(symbol).find((each) => each.parameters.join() === 'int4,int4')!.id;
}

function integer(depth: number): Expression {
  const kind = depth === 0 ? random(2) : random(8);
  if (kind === 0) return { kind: 'constant', type: INT4, value: random(6) === 0 ? null : random(7) - 3 };
  if (kind <= 2) return { kind: 'input', type: INT4, index: random(2) };
  if (kind === 3) {
    const branches = Array.from({ length: 1 + random(3) }, () => {
      const when = truth(depth - 1);
      return { when, then: integer(depth - 1) };
    });
    return { kind: 'case', type: INT4, branches, otherwise: random(3) === 0 ? null : integer(depth - 1) };
  }
  if (kind === 4)
    return { kind: 'coalesce', type: INT4, args: [integer(depth - 1), integer(depth - 1), integer(depth - 1)] };
  const args = [integer(depth - 1), integer(depth - 1)];
  return { kind: 'call', type: INT4, function: idOf('+-*/'[random(4)]!), args };
}

function truth(depth: number): Expression {
  const kind = depth === 0 ? 0 : random(9);
  if (kind === 0) return { kind: 'input', type: BOOL, index: 2 };
  if (kind <= 2) {
    const args = Array.from({ length: 2 + random(2) }, () => truth(depth - 1));
    return { kind: kind === 1 ? 'and' : 'or', type: BOOL, args };
  }
  if (kind === 3) return { kind: 'not', type: BOOL, arg: truth(depth - 1) };
  if (kind === 4) return { kind: 'is-null', type: BOOL, arg: integer(depth - 1), negated: random(2) === 0 };
  const [left, right] = [integer(depth - 1), integer(depth - 1)];
  const negated = random(2) === 0;
  if (kind === 5) return { kind: 'is-distinct', type: BOOL, left, right, negated, equals: idOf('=') };
  if (kind === 6) {
    const items = Array.from({ length: 1 + random(7) }, (_, i) => (i < 5 && random(5) > 0 ? integer(0) : right));
    return { kind: 'in-list', type: BOOL, arg: left, items, negated, equals: idOf('=') };
  }
  const operators = ['=', '<>', '<', '<=', '>', '>='];
  return { kind: 'call', type: BOOL, function: idOf(operators[random(6)]!), args: [left, right] };
}

class RowError extends Error {}

const COMPUTE: Readonly<Record<string, (a: number, b: number) => number | boolean>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b + 0,
  '/': (a, b) => Math.trunc(a / b) + 0,
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function interpret(expression: Expression, row: readonly (Datum | null)[]): Datum | null {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'input':
      return row[expression.index]!;
    case 'and':
    case 'or': {
      const decisive = expression.kind === 'or';
      let result: boolean | null = !decisive;
      for (const arg of expression.args) {
        const value = interpret(arg, row);
        if (value === decisive) return decisive;
        if (value === null) result = null;
      }
      return result;
    }
    case 'not': {
      const value = interpret(expression.arg, row);
      return value === null ? null : !value;
    }
    case 'is-null':
      return (interpret(expression.arg, row) === null) !== expression.negated;
    case 'is-distinct': {
      const [left, right] = [interpret(expression.left, row), interpret(expression.right, row)];
      return (left !== right) !== expression.negated;
    }
    case 'case': {
      for (const branch of expression.branches) {
        if (interpret(branch.when, row) === true) return interpret(branch.then, row);
      }
      return expression.otherwise === null ? null : interpret(expression.otherwise, row);
    }
    case 'coalesce': {
      for (const arg of expression.args) {
        const value = interpret(arg, row);
        if (value !== null) return value;
      }
      return null;
    }
    case 'in-list': {
      const value = interpret(expression.arg, row);
      let result: boolean | null = false;
      for (const item of expression.items) {
        const other = interpret(item, row);
        if (value === null || other === null) result = null;
        else if (value === other) return !expression.negated;
      }
      return result === null ? null : expression.negated;
    }
    case 'call': {
      const [a, b] = expression.args.map((arg) => interpret(arg, row)) as [number | null, number | null];
      if (a === null || b === null) return null;
      const symbol = (context.functions.scalar(expression.function).operator ?? '') as string;
      if (symbol === '/' && b === 0) throw new RowError();
      const result = COMPUTE[symbol]!(a, b);
      if (typeof result === 'number' && result !== (result | 0)) throw new RowError();
      return result;
    }
    default:
      throw new Error(expression.kind);
  }
}

/** A row's value, or that it fails. */
function outcome(expression: Expression, row: readonly (Datum | null)[]): Datum | null | typeof RowError {
  try {
    return interpret(expression, row);
  } catch (error) {
    if (error instanceof RowError) return RowError;
    throw error;
  }
}

function randomBatch() {
  const rows = Array.from({ length: 1 + random(40) }, () => {
    const small = () => (random(6) === 0 ? null : random(7) - 3);
    return [small(), small(), random(4) === 0 ? null : random(2) === 0];
  });
  const batch = buildBatch(region, TYPES, rows);
  if (random(2) === 0) return { rows, batch, indexes: rows.map((_, i) => i) };
  const indexes = rows.map((_, i) => i).filter(() => random(3) > 0);
  const selection = region.allocate(4 * rows.length);
  context.memory.u32.set(indexes, selection >>> 2);
  return { rows, batch: { ...batch, selection, count: indexes.length }, indexes };
}

test('random expressions mean what a row-at-a-time interpreter says', () => {
  for (let round = 0; round < 150; round++) {
    region.reset();
    const expressions = [integer(3), truth(3), integer(2)];
    const single = compileExpression(expressions[0]!, context);
    const together = compileExpressions([...expressions, expressions[0]!], context);
    const predicate = compilePredicate(expressions[1]!, context);
    for (let i = 0; i < 4; i++) {
      const { rows, batch, indexes } = randomBatch();
      const { selection, count } = batch;
      const wanted = expressions.map((expression) => indexes.map((row) => outcome(expression, rows[row]!)));
      const read = (vector: Parameters<typeof readDatum>[1]) =>
        indexes.map((row) => readDatum(context.memory, vector, row));
      const check = (fails: boolean, run: () => unknown, expected: unknown) => {
        const message = `round ${round}: ${JSON.stringify(expressions)}`;
        if (fails) assert.throws(run, SqlError, message);
        else assert.deepEqual(run(), expected, message);
      };
      check(wanted[0]!.includes(RowError), () => read(single.evaluate(batch, selection, count)), wanted[0]);
      check(
        wanted.some((column) => column.includes(RowError)),
        () => together.evaluate(batch, selection, count).map(read),
        [...wanted, wanted[0]],
      );
      const found = () => {
        const result = predicate.select(batch);
        return Array.from({ length: result.count }, (_, at) =>
          result.selection === 0 ? at : context.memory.u32[(result.selection >>> 2) + at]!,
        );
      };
      if (!wanted[1]!.includes(RowError))
        check(
          false,
          found,
          indexes.filter((_, at) => wanted[1]![at] === true),
        );
    }
  }
});
