// One scalar expression to its value: EXECUTE's arguments, option values, AS OF.
import { type ConstantEvaluation, evaluateConstant } from '../../engine/expressions/evaluate-constant.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { someExpression } from '../../plan/walk-expression.ts';
import type { Expression } from '../../sql/ast.ts';
import { bindScalarExpression } from '../../sql/binder/bind-statement.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { ParameterValue } from '../portals.ts';
import type { SessionState } from '../session-state.ts';

/** The value, coerced by assignment to `type`; `where` is for messages. Throws 42804, 42P02 and whatever the expression does. */
export function evaluateScalar(
  state: SessionState,
  expression: Expression,
  type: SqlType,
  parameters: readonly ParameterValue[] = [],
  where = 'an option',
): Datum | null {
  if (parameters.length > 0) {
    throw sqlError('feature_not_supported', 'parameters are not supported here', { position: expression.position });
  }
  const context = state.bindContext();
  const bound = bindScalarExpression(expression, [], context, { target: type });
  if (someExpression(bound, (node) => node.kind === 'subquery')) {
    const { position } = expression;
    throw sqlError('feature_not_supported', `cannot use subquery in ${where}`, { position });
  }
  const named = context.parameterTypes.length;
  if (named > 0) {
    throw sqlError('undefined_parameter', `there is no parameter $${named}`, { position: expression.position });
  }
  return evaluateConstant(bound, constantEvaluation(state));
}

export function constantEvaluation(state: SessionState): ConstantEvaluation {
  const { arena, kernels } = state.services;
  return { arena, kernels, functions: state.services.functions(state.catalog()), evaluation: state.evaluation() };
}
