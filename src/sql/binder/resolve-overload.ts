// Which of several functions or operators a call means: PostgreSQL's algorithm (its manual, "Type Conversion"): an exact
// match; else the candidates whose parameters the arguments can become, most exact matches first, then preferred types,
// then guesses about untyped literals by category. Polymorphic parameters are resolved afterwards from the known arguments.
import type { ParameterType } from '../../functions/function-definition.ts';
import { arrayOf, type SqlType, TEXT, type TypeName } from '../../types/sql-type.ts';
import type { BindState } from './bind-context.ts';
import { canCoerce, categoryOf, findCommonType, isPreferred, plainType, sameBaseType } from './type-rules.ts';

export interface Overload<D> {
  readonly definition: D;
  /** one per argument, variadic ones repeated */
  readonly parameters: readonly ParameterType[];
  readonly expandedVariadic: boolean;
}

const PSEUDO = new Set<string>(['any', 'anyelement', 'anyarray', 'anynonarray', 'anycompatible', 'anycompatiblearray']);

function isPseudo(parameter: ParameterType): boolean {
  return PSEUDO.has(parameter);
}

export function typeOfParameter(parameter: ParameterType): SqlType {
  return parameter.endsWith('[]')
    ? arrayOf({ name: parameter.slice(0, -2) as TypeName })
    : { name: parameter as TypeName };
}

function fits(type: SqlType, parameter: ParameterType, state: BindState): boolean {
  if (type.name === 'unknown') return true;
  switch (parameter) {
    case 'any':
    case 'anyelement':
    case 'anycompatible':
      return true;
    case 'anyarray':
    case 'anycompatiblearray':
      return type.name === 'array' || type.name === 'int2vector' || type.name === 'oidvector';
    case 'anynonarray':
      return type.name !== 'array';
    default:
      return canCoerce(type, typeOfParameter(parameter), 'implicit', state);
  }
}

const matches = (type: SqlType, parameter: ParameterType): boolean =>
  !isPseudo(parameter) && sameBaseType(type, typeOfParameter(parameter));

/** The one overload meant, 'ambiguous', or undefined when none fits. */
export function chooseOverload<D>(
  overloads: readonly Overload<D>[],
  types: readonly SqlType[],
  state: BindState,
): Overload<D> | 'ambiguous' | undefined {
  const exact = overloads.filter((o) => o.parameters.every((p, i) => matches(types[i]!, p)));
  if (exact.length > 0) return exact.find((o) => !o.expandedVariadic) ?? exact[0]!;
  let left = overloads.filter(
    (o) => o.parameters.every((p, i) => fits(types[i]!, p, state)) && resolvePolymorphic(o.parameters, types, state),
  );
  if (left.length > 1 && left.some((o) => !o.expandedVariadic)) left = left.filter((o) => !o.expandedVariadic);
  if (left.length <= 1) return left[0];
  left = best(left, (o) => count(o, (p, i) => matches(types[i]!, p)));
  if (left.length === 1) return left[0]!;
  left = best(left, (o) =>
    count(
      o,
      (p, i) =>
        types[i]!.name !== 'unknown' &&
        (matches(types[i]!, p) ||
          (!isPseudo(p) &&
            isPreferred(typeOfParameter(p)) &&
            categoryOf(typeOfParameter(p)) === categoryOf(types[i]!))),
    ),
  );
  if (left.length === 1) return left[0]!;
  left = guessUnknowns(left, types);
  if (left.length === 1) return left[0]!;
  return assumeSameType(left, types, state) ?? 'ambiguous';
}

function count<D>(overload: Overload<D>, test: (parameter: ParameterType, index: number) => boolean): number {
  return overload.parameters.filter((parameter, i) => test(parameter, i)).length;
}

function best<T>(list: readonly T[], score: (item: T) => number): T[] {
  const top = Math.max(...list.map(score));
  return list.filter((item) => score(item) === top);
}

/** Untyped literals take the string category if any candidate does, else the category all candidates agree on. */
function guessUnknowns<D>(overloads: Overload<D>[], types: readonly SqlType[]): Overload<D>[] {
  const wanted = new Map<number, { category: string; preferred: boolean }>();
  for (const [i, type] of types.entries()) {
    if (type.name !== 'unknown') continue;
    const categories = overloads.map((o) => parameterCategory(o.parameters[i]!));
    const category = categories.includes('S') ? 'S' : categories[0]!;
    if (category !== 'S' && categories.some((other) => other !== category)) return overloads;
    const preferred = overloads.some(
      (o) =>
        parameterCategory(o.parameters[i]!) === category &&
        !isPseudo(o.parameters[i]!) &&
        isPreferred(typeOfParameter(o.parameters[i]!)),
    );
    wanted.set(i, { category, preferred });
  }
  const left = overloads.filter((o) =>
    [...wanted].every(([i, want]) => {
      const parameter = o.parameters[i]!;
      if (parameterCategory(parameter) !== want.category) return false;
      return !want.preferred || isPreferred(typeOfParameter(parameter));
    }),
  );
  return left.length > 0 ? left : overloads;
}

function parameterCategory(parameter: ParameterType): string {
  return isPseudo(parameter) ? 'P' : categoryOf(typeOfParameter(parameter));
}

/** When all known arguments have one type, the untyped ones are taken to have it too. */
function assumeSameType<D>(
  overloads: readonly Overload<D>[],
  types: readonly SqlType[],
  state: BindState,
): Overload<D> | undefined {
  const known = types.filter((type) => type.name !== 'unknown');
  const first = known[0];
  if (first === undefined || known.length === types.length || !known.every((t) => sameBaseType(t, first)))
    return undefined;
  const assumed = types.map((type) => (type.name === 'unknown' ? first : type));
  const left = overloads.filter(
    (o) =>
      o.parameters.every((p, i) => types[i]!.name !== 'unknown' || fits(first, p, state)) &&
      resolvePolymorphic(o.parameters, assumed, state) !== undefined,
  );
  return left.length === 1 ? left[0] : undefined;
}

export interface ResolvedParameters {
  /** the type each argument becomes */
  readonly types: readonly SqlType[];
  readonly element: SqlType | undefined;
}

/** Argument types for polymorphic parameters; undefined when the arguments contradict each other. */
export function resolvePolymorphic(
  parameters: readonly ParameterType[],
  types: readonly SqlType[],
  state: BindState,
): ResolvedParameters | undefined {
  const compatible = parameters.some((p) => p.startsWith('anycompatible'));
  const seen: SqlType[] = [];
  for (const [i, parameter] of parameters.entries()) {
    const type = types[i]!;
    if (type.name === 'unknown') continue;
    if (parameter === 'anyarray' || parameter === 'anycompatiblearray') seen.push(elementOf(type));
    else if (parameter !== 'any' && isPseudo(parameter)) seen.push(type);
  }
  let element = seen[0];
  if (element !== undefined && compatible) {
    const common = findCommonType(seen, state);
    if ('mismatch' in common) return undefined;
    element = common.type;
  } else if (element !== undefined && !seen.every((type) => sameBaseType(type, element!))) return undefined;
  else if (element !== undefined && seen.length > 1) {
    const common = findCommonType(seen, state);
    if ('type' in common) element = common.type;
  }
  const untyped = parameters.some((parameter, i) => types[i]!.name === 'unknown' && isPseudo(parameter));
  if (untyped && element !== undefined) element = plainType(element); // a literal is not cut to the others' length
  const result = parameters.map((parameter, i) => actualType(parameter, types[i]!, element));
  return { types: result, element };
}

function elementOf(type: SqlType): SqlType {
  if (type.name === 'int2vector') return { name: 'int2' };
  if (type.name === 'oidvector') return { name: 'oid' };
  return type.element ?? TEXT;
}

function actualType(parameter: ParameterType, type: SqlType, element: SqlType | undefined): SqlType {
  switch (parameter) {
    case 'any':
      return type.name === 'unknown' ? TEXT : type;
    case 'anyelement':
    case 'anynonarray':
    case 'anycompatible':
      return element ?? TEXT;
    case 'anyarray':
    case 'anycompatiblearray':
      return arrayOf(element ?? TEXT);
    default: {
      const target = typeOfParameter(parameter);
      return type.name !== 'unknown' && sameBaseType(type, target) ? type : target;
    }
  }
}

/** The declared result for these argument types. */
export function resultOf(
  definition: { readonly result: ParameterType; readonly resultType?: (args: readonly SqlType[]) => SqlType },
  resolved: ResolvedParameters,
): SqlType {
  if (definition.resultType !== undefined) return definition.resultType(resolved.types);
  return actualType(definition.result, { name: 'unknown' }, resolved.element);
}

/** Overloads that take so many arguments: variadic ones expanded, trailing defaults left out. */
export function applicable<
  D extends { parameters: readonly ParameterType[]; variadic?: boolean; defaults?: readonly unknown[] },
>(definitions: readonly D[], argumentCount: number): Overload<D>[] {
  const found: Overload<D>[] = [];
  for (const definition of definitions) {
    const declared = definition.parameters;
    const required = declared.length - (definition.defaults?.length ?? 0);
    if (definition.variadic === true) {
      if (argumentCount < declared.length) continue;
      const last = declared.at(-1)!;
      const repeated = Array.from({ length: argumentCount - declared.length + 1 }, () => last);
      found.push({ definition, parameters: [...declared.slice(0, -1), ...repeated], expandedVariadic: true });
    } else if (argumentCount >= required && argumentCount <= declared.length) {
      found.push({ definition, parameters: declared.slice(0, argumentCount), expandedVariadic: false });
    }
  }
  return found;
}
