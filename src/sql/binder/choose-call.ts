// The choice of a function: which kind the name means (scalar, aggregate, window, set-returning, user-defined, a type used as a
// function), which overload, named arguments and defaults.
import type { UserFunction } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type {
  AggregateFunction,
  ParameterType,
  ScalarFunction,
  TableFunction,
  WindowFunction,
} from '../../functions/function-definition.ts';
import type { Expression } from '../../plan/expression.ts';
import type { TableFunctionCall } from '../../plan/logical.ts';
import type { SqlArray } from '../../types/datum.ts';
import { type SqlType, TEXT } from '../../types/sql-type.ts';
import { formatTypeName, parameterNameOf, typeFromName } from '../../types/type-table.ts';
import type { FunctionCall } from '../ast.ts';
import type { BindState } from './bind-context.ts';
import { coerce, isUnknownLiteral, nullOf } from './coerce.ts';
import { foreignFunctionHint } from './foreign-functions.ts';
import {
  applicable,
  chooseOverload,
  type Overload,
  resolvePolymorphic,
  resultOf,
  typeOfParameter,
} from './resolve-overload.ts';
import { canCoerce } from './type-rules.ts';

export type Callable =
  | { readonly kind: 'scalar'; readonly definition: ScalarFunction }
  /** its body takes the place of the call */
  | { readonly kind: 'sql'; readonly definition: ScalarFunction; readonly function: UserFunction }
  | { readonly kind: 'aggregate'; readonly definition: AggregateFunction }
  | { readonly kind: 'window'; readonly definition: WindowFunction }
  | { readonly kind: 'table'; readonly definition: TableFunction };

export interface ChosenCall {
  readonly callable: Callable;
  readonly args: readonly Expression[];
  readonly type: SqlType;
}

type Parameters = {
  readonly parameters: readonly ParameterType[];
  readonly variadic?: boolean;
  readonly parameterNames?: readonly string[];
  readonly defaults?: readonly unknown[];
  readonly callable: Callable;
};

/** Polymorphic parameters that do not take an untyped literal for text. */
const EXACT_POLYMORPHIC: ReadonlySet<string> = new Set(['anyelement', 'anynonarray', 'anyarray']);

const BUILT_IN_SCHEMAS: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema', 'headrace']);

/** Every function of that name. A user's function of the same signature hides a built-in one. */
export function callablesNamed(name: readonly string[], state: BindState): Parameters[] {
  const { functions, catalog } = state.context;
  const schema = name.length > 1 ? name.at(-2) : undefined;
  const plain = name.at(-1)!;
  const found: Parameters[] = [];
  const add = (callable: Callable): void => {
    found.push({ ...callable.definition, callable } as unknown as Parameters);
  };
  const user = catalog.findFunctions(plain).filter((f) => inSchema(f, schema, state));
  for (const one of user) {
    const definition = userScalar(one);
    add(one.language === 'sql' ? { kind: 'sql', definition, function: one } : { kind: 'scalar', definition });
  }
  if (schema !== undefined && user.length > 0) return found;
  for (const definition of functions.scalarsNamed(plain)) add({ kind: 'scalar', definition });
  for (const definition of functions.aggregatesNamed(plain)) add({ kind: 'aggregate', definition });
  for (const definition of functions.windowFunctionsNamed(plain)) add({ kind: 'window', definition });
  for (const definition of functions.tableFunctionsNamed(plain)) add({ kind: 'table', definition });
  if (schema !== undefined && !BUILT_IN_SCHEMAS.has(schema)) return [];
  return found;
}

function inSchema(definition: UserFunction, schema: string | undefined, state: BindState): boolean {
  const { catalog, searchPath } = state.context;
  const owner = catalog.schemas.get(definition.schemaOid)?.name ?? '';
  return schema === undefined ? searchPath.includes(owner) : owner === schema;
}

/** A user-defined function as the binder sees any other; its id is "udf:<oid>" and engine/ runs it in a sandbox. */
function userScalar(definition: UserFunction): ScalarFunction {
  return {
    id: `udf:${definition.oid}`,
    name: definition.name,
    parameterNames: definition.parameterNames,
    parameters: definition.parameterTypes.map((type) => parameterNameOf(type) as ParameterType),
    result: parameterNameOf(definition.resultType) as ParameterType,
    resultType: () => definition.resultType,
    strict: definition.strict,
    volatility: definition.volatility,
    body: () => {
      throw sqlError('internal_error', `function ${definition.name} has no body in this process`);
    },
    oid: definition.oid,
  };
}

function signature(call: FunctionCall, types: readonly SqlType[]): string {
  const name = call.syntax === null ? call.name.join('.') : call.name.join('.');
  const shown = types.map((type, i) => {
    const label = call.arguments[i]?.name;
    return label == null ? formatTypeName(type) : `${label} => ${formatTypeName(type)}`;
  });
  return `${name}(${shown.join(', ')})`;
}

/** Named arguments put in the order of the function's parameters, defaults in the gaps; null when they do not fit. */
function orderNamed(
  call: FunctionCall,
  args: readonly Expression[],
  candidates: readonly Parameters[],
): readonly Expression[] | null {
  if (call.arguments.every((argument) => argument.name === null)) return args;
  for (const candidate of candidates) {
    const { parameters, parameterNames: names = [] } = candidate;
    const positions = call.arguments.map((a, i) => (a.name === null ? i : names.indexOf(a.name)));
    if (positions.includes(-1) || new Set(positions).size !== positions.length) continue;
    const ordered = parameters.flatMap((_, i) => args[positions.indexOf(i)] ?? defaultOf(candidate, i) ?? []);
    if (ordered.length === parameters.length) return ordered;
  }
  return null;
}

/** The default of a parameter as a constant; undefined where it has none. */
function defaultOf({ parameters, defaults = [] }: Parameters, index: number): Expression | undefined {
  const value = defaults[index - (parameters.length - defaults.length)];
  if (value === undefined) return undefined;
  return { ...nullOf(typeOfParameter(parameters[index]!)), value } as Expression;
}

/** Resolves the overload and converts the arguments. Throws 42883, 42725. */
export function chooseCall(call: FunctionCall, bound: readonly Expression[], state: BindState): ChosenCall {
  const candidates = callablesNamed(call.name, state);
  const ordered = orderNamed(call, expandVariadic(call, bound), candidates);
  const args = ordered ?? bound;
  const types = args.map((arg) => arg.type);
  const overloads = ordered === null ? [] : applicable(candidates, args.length);
  const chosen = chooseOverload(overloads, types, state);
  const { position } = call;
  if (chosen === 'ambiguous') {
    throw sqlError('ambiguous_function', `function ${signature(call, types)} is not unique`, {
      position,
      hint: 'Could not choose a best candidate function. You might need to add explicit type casts.',
    });
  }
  if (chosen === undefined) {
    const cast = functionalCast(call, args, state);
    if (cast !== undefined) return cast;
    throw sqlError('undefined_function', `function ${signature(call, types)} does not exist`, {
      position,
      hint:
        (candidates.length === 0 ? foreignFunctionHint(call.name) : undefined) ??
        'No function matches the given name and argument types. You might need to add explicit type casts.',
    });
  }
  return finishCall(chosen, args, types, state, position);
}

function finishCall(
  chosen: Overload<Parameters>,
  args: readonly Expression[],
  types: readonly SqlType[],
  state: BindState,
  position: number,
): ChosenCall {
  const resolved = resolvePolymorphic(chosen.parameters, types, state)!;
  const { callable, parameters } = chosen.definition;
  if (callable.definition.id.startsWith('udf:')) state.functions.add(callable.definition.oid);
  if (resolved.element === undefined && chosen.parameters.some((parameter) => EXACT_POLYMORPHIC.has(parameter))) {
    throw sqlError('datatype_mismatch', 'could not determine polymorphic type because input has type unknown');
  }
  const converted = args.map((arg, i) =>
    coerce(
      arg,
      resolved.types[i]!,
      'implicit',
      state,
      isUnknownLiteral(arg) ? (state.positions.get(arg) ?? position) : position,
    ),
  );
  const missing = chosen.expandedVariadic ? 0 : parameters.length - args.length;
  const filled = [...converted];
  for (let i = args.length; i < args.length + missing; i += 1) {
    filled.push(defaultOf(chosen.definition, i)!);
  }
  const actual = { ...resolved, types: filled.map((arg) => arg.type) };
  const type = callable.kind === 'table' ? TEXT : resultOf(callable.definition, actual);
  return { callable, args: filled, type };
}

/** f(VARIADIC ARRAY[a, b]) is f(a, b). */
function expandVariadic(call: FunctionCall, bound: readonly Expression[]): readonly Expression[] {
  if (!call.variadic) return bound;
  const last = bound.at(-1)!;
  if (last.kind === 'array') return [...bound.slice(0, -1), ...last.elements];
  if (
    last.kind === 'constant' &&
    last.type.element !== undefined &&
    last.value !== null &&
    call.arguments.at(-1)!.value.kind === 'array'
  ) {
    const type = last.type.element;
    const elements = (last.value as SqlArray).elements.map((value): Expression => ({ kind: 'constant', type, value }));
    return [...bound.slice(0, -1), ...elements];
  }
  throw sqlError('feature_not_supported', 'VARIADIC is only supported with an ARRAY[...] constructor', {
    position: call.position,
    hint: 'Write the elements as separate arguments.',
  });
}

/** PostgreSQL reads text(x), int4(x), date(x) as casts where no function of that name fits. */
function functionalCast(call: FunctionCall, args: readonly Expression[], state: BindState): ChosenCall | undefined {
  const target = args.length === 1 && call.syntax === null ? typeFromName(call.name) : undefined;
  const arg = args[0];
  if (target === undefined || arg === undefined || !canCoerce(arg.type, target, 'explicit', state)) return undefined;
  const converted = coerce(arg, target, 'explicit', state, call.position);
  const definition = { ...CAST_MARKER, result: target.name };
  return { callable: { kind: 'scalar', definition }, args: [converted], type: target };
}

export const CAST_MARKER: ScalarFunction = {
  id: 'functional cast',
  name: 'cast',
  parameters: ['any'],
  result: 'any',
  strict: true,
  volatility: 'immutable',
  body: () => {
    throw sqlError('internal_error', 'a cast marker is not callable');
  },
  oid: 0,
};

export function tableCall(chosen: ChosenCall): TableFunctionCall {
  if (chosen.callable.kind !== 'table') throw sqlError('internal_error', 'not a table function');
  const { definition } = chosen.callable;
  const outputs = definition.outputs(chosen.args.map((arg) => arg.type));
  return { function: definition.id, args: chosen.args, outputs };
}
