// A top-n over a projection becomes a projection over a top-n: what is computed for the rows that leave is not computed at all, and the
// scan below sees the keys.
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { replaceExpression, someExpression } from '../../plan/walk-expression.ts';

type TopN = Extract<BatchPlan, { kind: 'top-n' }>;

export function projectLate(top: TopN, functions: FunctionRegistry): BatchPlan {
  const { input } = top;
  if (input.kind !== 'project' || input.input.kind === 'udf-project') return top;
  const { expressions } = input;
  if (expressions.every((expression) => expression.kind === 'input')) return top;
  const keys = top.keys.map((key) => ({ ...key, expression: withExpressions(key.expression, expressions) }));
  if (keys.some(({ expression }) => isVolatile(expression, functions))) return top;
  const { types, names } = input.input;
  const below: BatchPlan = { ...top, types, names, input: input.input, keys };
  return { ...input, rows: top.rows, input: below };
}

function withExpressions(key: Expression, expressions: readonly Expression[]): Expression {
  return replaceExpression(key, (node) => (node.kind === 'input' ? expressions[node.index] : undefined));
}

function isVolatile(expression: Expression, functions: FunctionRegistry): boolean {
  return someExpression(
    expression,
    (node) => node.kind === 'call' && functions.findScalar(node.function)?.volatility === 'volatile',
  );
}
