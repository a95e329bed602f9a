// User-defined functions run in child processes, so their calls are lifted out of expressions into a udf-project below, which is
// asynchronous: the expressions then read the call's column. Inner calls are lifted first.
import type { BatchPlan } from '../../plan/batch.ts';
import type { CallExpression, Expression } from '../../plan/expression.ts';
import { replaceExpression, sameExpression, someExpression } from '../../plan/walk-expression.ts';

const isUdfCall = (node: Expression): node is CallExpression =>
  node.kind === 'call' && node.function.startsWith('udf:');
const hasUdf = (expression: Expression): boolean => someExpression(expression, isUdfCall);

/** The input with the calls' columns appended, and the expressions over it. Unchanged when there is no call. */
export function liftUdf(
  input: BatchPlan,
  expressions: readonly Expression[],
): { readonly input: BatchPlan; readonly expressions: readonly Expression[] } {
  let current = input;
  let rest = expressions;
  while (rest.some(hasUdf)) {
    const calls: CallExpression[] = [];
    const base = current.types.length;
    rest = rest.map((expression) =>
      replaceExpression(expression, (node) => {
        if (!isUdfCall(node) || node.args.some(hasUdf)) return undefined;
        let at = calls.findIndex((call) => sameExpression(call, node));
        if (at < 0) at = calls.push(node) - 1;
        return { kind: 'input', type: node.type, index: base + at };
      }),
    );
    current = {
      kind: 'udf-project',
      types: [...current.types, ...calls.map((call) => call.type)],
      names: [...current.names, ...calls.map((call) => call.function)],
      rows: current.rows,
      input: current,
      calls,
    };
  }
  return { input: current, expressions: rest };
}

/** The first `count` columns only. */
export function firstColumns(input: BatchPlan, count: number): BatchPlan {
  if (input.types.length === count) return input;
  const types = input.types.slice(0, count);
  return {
    kind: 'project',
    types,
    names: input.names.slice(0, count),
    rows: input.rows,
    input,
    expressions: types.map((type, index) => ({ kind: 'input', type, index })),
  };
}
