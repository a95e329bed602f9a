// Calls that the binder itself writes: a built-in function by name over bound arguments.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type { BindState } from './bind-context.ts';
import { coerce } from './coerce.ts';
import { applicable, chooseOverload, resolvePolymorphic, resultOf } from './resolve-overload.ts';

/** Throws 42883 where no built-in function of that name takes these arguments. */
export function callNamed(name: string, args: readonly Expression[], state: BindState, position: number): Expression {
  const types = args.map((arg) => arg.type);
  const chosen = chooseOverload(applicable(state.context.functions.scalarsNamed(name), args.length), types, state);
  const found = chosen === 'ambiguous' ? undefined : chosen;
  const resolved = found && resolvePolymorphic(found.parameters, types, state);
  if (found === undefined || resolved === undefined) {
    throw sqlError('undefined_function', `function ${name}(${types.map(formatTypeName).join(', ')}) does not exist`, {
      position,
      hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
    });
  }
  const converted = args.map((arg, i) => coerce(arg, resolved.types[i]!, 'implicit', state, position));
  const type = resultOf(found.definition, { ...resolved, types: converted.map((arg) => arg.type) });
  return { kind: 'call', type, function: found.definition.id, args: converted, position };
}
