// Parameters in the body of a SQL function: $1 or a name stands for the bound argument itself. Columns of the body's own queries go before
// parameters of the same name.
import type { Expression } from '../../plan/expression.ts';
import type { BindState, FunctionArguments } from './bind-context.ts';

export function argumentAt({ values, uses }: FunctionArguments, index: number): Expression {
  uses[index]! += 1;
  return values[index]!;
}

/** undefined: not in a function's body, or it has no such parameter. */
export function namedArgument(name: string, { arguments: own }: BindState): Expression | undefined {
  const index = own?.names.indexOf(name) ?? -1;
  return own === null || index < 0 ? undefined : argumentAt(own, index);
}
