// Which expressions give a value for any row: what never fails may be computed early, together with others, or for rows nobody asked for.
import type { Expression } from './expression.ts';
import { someExpression } from './walk-expression.ts';

/** Calls that give a value for any arguments: comparisons, and casts to a wider type. */
const SURE_CALL =
  /^(?:(?:=|<>|<|<=|>|>=)\(|cast\((?:int2->int[48]|int4->int8|int[248]->(?:numeric|float8)|(?:varchar|bpchar|name)->text|date->timestamp)\))/;

/** Whether evaluating the expression may raise an error. Unknown calls may. */
export function mayFail(expression: Expression): boolean {
  return someExpression(
    expression,
    (node) => node.kind === 'subquery' || (node.kind === 'call' && !SURE_CALL.test(node.function)),
  );
}
