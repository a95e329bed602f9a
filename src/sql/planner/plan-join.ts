// Joins: equalities between the sides become hash keys, the rest a residual; without any, every pair is tested. An inner join
// builds its smaller side, which is the right one.
import { sqlError } from '../../errors/sql-error.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { type Expression, relabel } from '../../plan/expression.ts';
import type { JoinType } from '../../plan/logical.ts';
import { conjunction, conjunctsOf, replaceExpression, someExpression } from '../../plan/walk-expression.ts';
import { type SqlType, sameType } from '../../types/sql-type.ts';
import { liftUdf } from './lift-udf.ts';

/** As a hash join has them. */
export interface JoinKeys {
  readonly left: readonly Expression[];
  readonly right: readonly Expression[];
  readonly nullsEqual: readonly boolean[];
}

interface Keys {
  readonly left: Expression[];
  readonly right: Expression[];
  readonly nullsEqual: boolean[];
  readonly residual: Expression[];
}

/** Types whose `=` is plain equality of values, so that a hash key decides it. */
function commonKeyType(a: SqlType, b: SqlType): SqlType | null {
  if (sameType(a, b)) return a;
  if (a.name === b.name && a.name === 'numeric') return { name: 'numeric' };
  const integers = ['int2', 'int4', 'int8'];
  const order = integers.indexOf(a.name) - integers.indexOf(b.name);
  if (integers.includes(a.name) && integers.includes(b.name)) return order > 0 ? a : b;
  const texts = ['text', 'varchar', 'name'];
  if (texts.includes(a.name) && texts.includes(b.name)) return { name: 'text' };
  if (a.name === b.name && a.name !== 'bpchar') return { name: a.name };
  return null;
}

function castKey(key: Expression, type: SqlType, functions: FunctionRegistry): Expression | null {
  if (sameType(key.type, type)) return key;
  const cast = functions.cast(key.type, type);
  if (cast === undefined || cast.function === 'binary-compatible') return relabel(key, type);
  return { kind: 'call', type, function: cast.function.id, args: [key] };
}

function side(expression: Expression, width: number): 'left' | 'right' | 'both' | 'none' {
  const left = someExpression(expression, (node) => node.kind === 'input' && node.index < width);
  const right = someExpression(expression, (node) => node.kind === 'input' && node.index >= width);
  return left ? (right ? 'both' : 'left') : right ? 'right' : 'none';
}

function shift(expression: Expression, by: number): Expression {
  return replaceExpression(expression, (node) =>
    node.kind === 'input' ? { ...node, index: node.index + by } : undefined,
  );
}

function splitKeys(condition: Expression | null, width: number, functions: FunctionRegistry): Keys {
  const keys: Keys = { left: [], right: [], nullsEqual: [], residual: [] };
  for (const conjunct of conjunctsOf(condition)) {
    if (!addKey(keys, conjunct, width, functions)) keys.residual.push(conjunct);
  }
  return keys;
}

function addKey(keys: Keys, conjunct: Expression, width: number, functions: FunctionRegistry): boolean {
  const isEquality = conjunct.kind === 'call' && conjunct.function.startsWith('=(');
  const isNotDistinct = conjunct.kind === 'is-distinct' && conjunct.negated;
  if (!isEquality && !isNotDistinct) return false;
  let [a, b] = conjunct.kind === 'call' ? [conjunct.args[0]!, conjunct.args[1]!] : [conjunct.left, conjunct.right];
  if (side(a, width) === 'right' && side(b, width) === 'left') [a, b] = [b, a];
  if (side(a, width) !== 'left' || side(b, width) !== 'right') return false;
  const type = commonKeyType(a.type, b.type);
  if (type === null) return false;
  const left = castKey(a, type, functions);
  const right = castKey(shift(b, -width), type, functions);
  if (left === null || right === null) return false;
  keys.left.push(left);
  keys.right.push(right);
  keys.nullsEqual.push(isNotDistinct);
  return true;
}

/** `condition` is over (left columns, right columns); `estimate`: rows, where the optimizer has ordered the sides by its own. */
export function planJoin(
  type: JoinType,
  left: BatchPlan,
  right: BatchPlan,
  condition: Expression | null,
  functions: FunctionRegistry,
  estimate?: number,
): BatchPlan {
  const keys = splitKeys(condition, left.types.length, functions);
  if (
    keys.residual.some((e) => someExpression(e, (node) => node.kind === 'call' && node.function.startsWith('udf:')))
  ) {
    throw sqlError(
      'feature_not_supported',
      'a user-defined function over both sides of a join condition is not supported',
      {
        hint: 'Compute it in a subquery, or move it to WHERE of an inner join.',
      },
    );
  }
  const onlyLeft = type === 'semi' || type === 'anti' || type === 'null-aware-anti';
  const shape = {
    types: onlyLeft ? left.types : [...left.types, ...right.types],
    names: onlyLeft ? left.names : [...left.names, ...right.names],
    rows: estimate ?? joinRows(type, left.rows, right.rows, keys.left.length),
  };
  if (keys.left.length === 0) {
    return { ...shape, kind: 'nested-loop-join', type, left, right, condition };
  }
  const leftSide = liftUdf(left, keys.left);
  const rightSide = liftUdf(right, keys.right);
  if (leftSide.input !== left || rightSide.input !== right) {
    throw sqlError(
      'feature_not_supported',
      'a user-defined function in an equality between the sides of a join is not supported',
      {
        hint: 'Compute it as a column of a subquery and join on that.',
      },
    );
  }
  const residual = conjunction(keys.residual);
  if (type === 'inner' && estimate === undefined && left.rows < right.rows * 0.7)
    return swapped(shape, left, right, keys, residual);
  return {
    ...shape,
    kind: 'hash-join',
    type,
    left,
    right,
    leftKeys: keys.left,
    rightKeys: keys.right,
    nullsEqual: keys.nullsEqual,
    residual,
  };
}

/** The inner join with its sides exchanged, under a projection to the columns as they were. */
export function swapped(
  shape: Pick<BatchPlan, 'types' | 'names' | 'rows'>,
  left: BatchPlan,
  right: BatchPlan,
  keys: JoinKeys,
  residual: Expression | null,
): BatchPlan {
  const leftWidth = left.types.length;
  const rightWidth = right.types.length;
  const exchange = (index: number) => (index < leftWidth ? index + rightWidth : index - leftWidth);
  const turned =
    residual === null
      ? null
      : replaceExpression(residual, (node) =>
          node.kind === 'input' ? { ...node, index: exchange(node.index) } : undefined,
        );
  const join: BatchPlan = {
    kind: 'hash-join',
    type: 'inner',
    types: [...right.types, ...left.types],
    names: [...right.names, ...left.names],
    rows: shape.rows,
    left: right,
    right: left,
    leftKeys: keys.right,
    rightKeys: keys.left,
    nullsEqual: keys.nullsEqual,
    residual: turned,
  };
  const expressions = shape.types.map((type, index): Expression => ({ kind: 'input', type, index: exchange(index) }));
  return { ...shape, kind: 'project', input: join, expressions };
}

function joinRows(type: JoinType, left: number, right: number, keys: number): number {
  if (type === 'semi' || type === 'anti' || type === 'null-aware-anti') return Math.max(1, left / 2);
  const inner = keys === 0 ? left * Math.max(1, right) : Math.max(left, right);
  if (type === 'left') return Math.max(inner, left);
  if (type === 'right') return Math.max(inner, right);
  return type === 'full' ? Math.max(inner, left + right) : inner;
}
