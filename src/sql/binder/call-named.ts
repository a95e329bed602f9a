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
  const chosen = chooseOverload(
    applicable(state.context.functions.scalarsNamed(name), args.length, false),
    types,
    state,
  );
  const resolved =
    chosen === undefined || chosen === 'ambiguous' ? undefined : resolvePolymorphic(chosen.parameters, types, state);
  if (chosen === undefined || chosen === 'ambiguous' || resolved === undefined) {
    throw sqlError('undefined_function', `function ${name}(${types.map(formatTypeName).join(', ')}) does not exist`, {
      position,
      hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
    });
  }
  const converted = args.map((arg, i) => coerce(arg, resolved.types[i]!, 'implicit', state, position));
  const type = resultOf(chosen.definition, { ...resolved, types: converted.map((arg) => arg.type) });
  return { kind: 'call', type, function: chosen.definition.id, args: converted, position };
}

/** The id of an aggregate for these argument types, converted. */
export function aggregateNamed(name: string, args: readonly Expression[], state: BindState, position: number) {
  const types = args.map((arg) => arg.type);
  const chosen = chooseOverload(
    applicable(state.context.functions.aggregatesNamed(name), args.length, false),
    types,
    state,
  );
  const resolved =
    chosen === undefined || chosen === 'ambiguous' ? undefined : resolvePolymorphic(chosen.parameters, types, state);
  if (chosen === undefined || chosen === 'ambiguous' || resolved === undefined) {
    throw sqlError('undefined_function', `function ${name}(${types.map(formatTypeName).join(', ')}) does not exist`, {
      position,
    });
  }
  return { function: chosen.definition.id, type: resultOf(chosen.definition, resolved), args };
}
