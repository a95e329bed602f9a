// Calls that the binder itself writes: a built-in function by name over bound arguments.
import { sqlError } from '../../errors/sql-error.ts';
import type { AggregateFunction, ScalarFunction } from '../../functions/function-definition.ts';
import type { Expression } from '../../plan/expression.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type { BindState } from './bind-context.ts';
import { coerce } from './coerce.ts';
import { applicable, chooseOverload, resolvePolymorphic, resultOf } from './resolve-overload.ts';

/** Throws 42883 where no built-in function of that name takes these arguments. */
export function callNamed(name: string, args: readonly Expression[], state: BindState, position: number): Expression {
  const { chosen, resolved } = resolveNamed(name, state.context.functions.scalarsNamed(name), args, state, position);
  const converted = args.map((arg, i) => coerce(arg, resolved.types[i]!, 'implicit', state, position));
  const type = resultOf(chosen.definition, { ...resolved, types: converted.map((arg) => arg.type) });
  return { kind: 'call', type, function: chosen.definition.id, args: converted, position };
}

/** The id of an aggregate for these argument types, converted. */
export function aggregateNamed(name: string, args: readonly Expression[], state: BindState, position: number) {
  const named = state.context.functions.aggregatesNamed(name);
  const { chosen, resolved } = resolveNamed(name, named, args, state, position);
  return { function: chosen.definition.id, type: resultOf(chosen.definition, resolved), args };
}

function resolveNamed<D extends ScalarFunction | AggregateFunction>(
  name: string,
  named: readonly D[],
  args: readonly Expression[],
  state: BindState,
  position: number,
) {
  const types = args.map((arg) => arg.type);
  const chosen = chooseOverload(applicable(named, args.length, false), types, state);
  const found = chosen === 'ambiguous' ? undefined : chosen;
  const resolved = found && resolvePolymorphic(found.parameters, types, state);
  if (found === undefined || resolved === undefined) {
    throw sqlError('undefined_function', `function ${name}(${types.map(formatTypeName).join(', ')}) does not exist`, {
      position,
      hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
    });
  }
  return { chosen: found, resolved };
}
