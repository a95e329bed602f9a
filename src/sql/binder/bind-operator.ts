// Operators: overloads by PostgreSQL's rules, comparisons of rows, and the function ids that other nodes compare with.
import { sqlError } from '../../errors/sql-error.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import type { Expression } from '../../plan/expression.ts';
import { BOOL, type SqlType } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type { Expression as Syntax } from '../ast.ts';
import type { BindState } from './bind-context.ts';
import { coerce } from './coerce.ts';
import { startOf } from './expression-position.ts';
import type { ExpressionScope } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';
import { chooseOverload, type Overload, resolvePolymorphic, resultOf } from './resolve-overload.ts';
import { canCoerce, findCommonType, requireSimilarRecords, sameBaseType, wantedType } from './type-rules.ts';

export interface ChosenOperator {
  readonly definition: ScalarFunction;
  readonly args: readonly Expression[];
  readonly type: SqlType;
}

/** Picks the operator for these operands and converts them. Throws 42883 or 42725 at `position`. */
export function chooseOperator(
  operator: string,
  given: readonly Expression[],
  state: BindState,
  position: number,
): ChosenOperator {
  const operands = alikeRows(operator, given, state, position);
  const types = operands.map((operand) => operand.type);
  const chosen = overloadOf(operator, types, state);
  const shown =
    types.length === 1
      ? `${operator} ${formatTypeName(types[0]!)}`
      : `${formatTypeName(types[0]!)} ${operator} ${formatTypeName(types[1]!)}`;
  if (chosen === 'ambiguous') {
    throw sqlError('ambiguous_function', `operator is not unique: ${shown}`, {
      position,
      hint: 'Could not choose a best candidate operator. You might need to add explicit type casts.',
    });
  }
  const resolved = chosen && resolvePolymorphic(chosen.parameters, types, state);
  if (chosen === undefined || resolved === undefined) {
    throw sqlError('undefined_function', `operator does not exist: ${shown}`, {
      position,
      hint:
        types.length === 1
          ? 'No operator matches the given name and argument type. You might need to add an explicit type cast.'
          : 'No operator matches the given name and argument types. You might need to add explicit type casts.',
    });
  }
  const args = operands.map((operand, i) =>
    coerce(operand, resolved.types[i]!, 'implicit', state, state.positions.get(operand) ?? position),
  );
  if (args.length === 2) requireSimilarRecords(args[0]!.type, args[1]!.type);
  const actual = { ...resolved, types: args.map((arg) => arg.type) };
  return { definition: chosen.definition, args, type: resultOf(chosen.definition, actual) };
}

type Chosen = Overload<ScalarFunction> | 'ambiguous' | undefined;

/** What operators meant before, by registry: a long text asks the same again and again, and a search looks at dozens of candidates. */
const chosenBefore = new WeakMap<object, Map<string, Chosen>>();

function overloadOf(operator: string, types: readonly SqlType[], state: BindState): Chosen {
  if (types.some((type) => type.element !== undefined || type.fields !== undefined)) {
    return searchOverload(operator, types, state);
  }
  const { functions } = state.context;
  const known = chosenBefore.get(functions) ?? new Map<string, Chosen>();
  chosenBefore.set(functions, known);
  const key = `${operator} ${types.map((type) => type.name).join()}`;
  if (known.has(key)) return known.get(key);
  const chosen = searchOverload(operator, types, state);
  known.set(key, chosen);
  return chosen;
}

function searchOverload(operator: string, types: readonly SqlType[], state: BindState): Chosen {
  const overloads = state.context.functions
    .operatorsNamed(operator)
    .filter((definition) => definition.parameters.length === types.length)
    .map((definition) => ({ definition, parameters: definition.parameters, expandedVariadic: false }));
  return sameTypeOperator(overloads, types) ?? chooseOverload(overloads, types, state);
}

/** Two rows written out have their fields brought to common types. */
function alikeRows(
  operator: string,
  operands: readonly Expression[],
  state: BindState,
  position: number,
): readonly Expression[] {
  const [left, right] = operands;
  if (left?.kind !== 'row' || right?.kind !== 'row' || left.fields.length !== right.fields.length) return operands;
  const pairs = left.fields.map((field, i) => {
    const pair = [field, right.fields[i]!];
    const common = findCommonType(pair.map(wantedType), state);
    if ('mismatch' in common) return chooseOperator(operator, pair, state, position).args;
    return pair.map((each) => coerce(each, common.type, 'implicit', state, state.positions.get(each) ?? position));
  });
  return operands.map((_, side) => {
    const fields = pairs.map((pair) => pair[side]!);
    const types = fields.map(({ type }, i) => ({ name: `f${i + 1}`, type }));
    return { kind: 'row', type: { name: 'record', fields: types }, fields };
  });
}

/** One untyped operand is taken to have the other's type if there is such an operator. */
function sameTypeOperator<O extends { readonly parameters: ScalarFunction['parameters'] }>(
  overloads: readonly O[],
  types: readonly SqlType[],
): O | undefined {
  if (types.length !== 2) return undefined;
  const known = types.filter((type) => type.name !== 'unknown');
  if (known.length !== 1 || known[0]!.name === 'array') return undefined;
  return overloads.find((o) => o.parameters.every((parameter) => parameter === known[0]!.name));
}

export function bindOperator(
  operator: string,
  operands: readonly Expression[],
  state: BindState,
  position: number,
): Expression {
  if (operands.length === 2 && operands[0]!.kind === 'row' && operands[1]!.kind === 'row') {
    return compareRows(operator, operands[0]!.fields, operands[1]!.fields, state, position);
  }
  const { definition, args, type } = chooseOperator(operator, operands, state, position);
  return { kind: 'call', type, function: definition.id, args, position };
}

/** Row comparison: = and <> by fields, < and the like lexicographically. */
function compareRows(
  operator: string,
  left: readonly Expression[],
  right: readonly Expression[],
  state: BindState,
  position: number,
): Expression {
  if (left.length !== right.length) {
    throw sqlError('syntax_error', 'unequal number of entries in row expressions', { position });
  }
  const pair = (op: string, i: number) => bindOperator(op, [left[i]!, right[i]!], state, position);
  if (operator === '=' || operator === '<>') {
    const parts = left.map((_, i) => pair(operator, i));
    if (parts.length === 1) return parts[0]!;
    return { kind: operator === '=' ? 'and' : 'or', type: BOOL, args: parts };
  }
  if (!['<', '<=', '>', '>='].includes(operator)) {
    pair(operator, 0); // which may not even exist
    throw sqlError(
      'feature_not_supported',
      `could not determine interpretation of row comparison operator ${operator}`,
      {
        position,
      },
    );
  }
  const strict = operator.slice(0, 1);
  const last = left.length - 1;
  let result = pair(operator, last);
  for (let i = last - 1; i >= 0; i -= 1) {
    const tie: Expression = { kind: 'and', type: BOOL, args: [pair('=', i), result] };
    result = { kind: 'or', type: BOOL, args: [pair(strict, i), tie] };
  }
  return result;
}

/** The `=` for two expressions brought to its types. Throws 42883 when there is none. */
export function equality(left: Expression, right: Expression, state: BindState, position: number): ChosenOperator {
  return chooseOperator('=', [left, right], state, position);
}

/** A condition as bool. Throws 42804 "argument of WHERE must be type boolean, not type integer". */
export function bindCondition(syntax: Syntax, label: string, at: ExpressionScope): Expression {
  return toBoolean(bindExpression(syntax, at), label, at.state, syntax);
}

export function toBoolean(expression: Expression, label: string, state: BindState, syntax: Syntax): Expression {
  if (!canCoerce(expression.type, BOOL, 'implicit', state)) {
    const text = `argument of ${label} must be type boolean, not type ${formatTypeName(expression.type)}`;
    throw sqlError('datatype_mismatch', text, { position: startOf(syntax) });
  }
  return coerce(expression, BOOL, 'implicit', state, syntax.position);
}

/** For LIMIT, frame offsets and the like: the expression as `target` or 42804. */
export function toType(
  expression: Expression,
  target: SqlType,
  label: string,
  state: BindState,
  syntax: Syntax,
): Expression {
  if (!canCoerce(expression.type, target, 'assignment', state) && !sameBaseType(expression.type, target)) {
    const text = `argument of ${label} must be type ${formatTypeName(target)}, not type ${formatTypeName(expression.type)}`;
    throw sqlError('datatype_mismatch', text, { position: startOf(syntax) });
  }
  return coerce(expression, target, 'assignment', state, syntax.position);
}
