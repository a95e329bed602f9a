// Coercions: an expression of one type made into another, in PostgreSQL's three contexts. Untyped literals are read by the
// target type's input function at once; parameters without a type take the target's; modifiers (varchar(5), numeric(12,2))
// are applied by the type's cast to itself.
import { sqlError } from '../../errors/sql-error.ts';
import { rowBody } from '../../functions/define.ts';
import type { CastFunction, EvaluationContext, ScalarFunction } from '../../functions/function-definition.ts';
import { type Expression, relabel } from '../../plan/expression.ts';
import { type Datum, decimal } from '../../types/datum.ts';
import { formatDecimal } from '../../types/decimal.ts';
import { type SqlType, sameType, TEXT } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type { BindState } from './bind-context.ts';
import { at } from './type-names.ts';
import { type CastContext, derivedNumeric, findCoercion, plainType, sameBaseType } from './type-rules.ts';

export function isUnknownLiteral(expression: Expression): boolean {
  return expression.type.name === 'unknown' && expression.kind === 'constant';
}

export function nullOf(type: SqlType): Expression {
  return { kind: 'constant', type, value: null };
}

/** Throws 42846 "cannot cast type a to b", 42804 is the caller's. `position` is for errors. */
export function coerce(
  expression: Expression,
  target: SqlType,
  context: CastContext,
  state: BindState,
  position: number | undefined,
): Expression {
  if (target.name === 'unknown' || expression.type === target) return expression;
  if (expression.kind === 'parameter' && expression.type.name === 'unknown') {
    const parameter = setParameter(expression, target, state);
    return sameType(parameter.type, target) ? parameter : coerce(parameter, target, context, state, position);
  }
  if (isUnknownLiteral(expression)) return readLiteral(expression, target, context, state, position);
  const from = expression.type.name === 'unknown' ? TEXT : expression.type;
  if (sameType(from, target) && from.declared === target.declared) return expression;
  const how = findCoercion(from, target, context, state);
  if (how === undefined) {
    throw sqlError('cannot_coerce', `cannot cast type ${formatTypeName(from)} to ${formatTypeName(target)}`, {
      position,
    });
  }
  if (how === 'none')
    return sameBaseType(from, target)
      ? applyModifiers(expression, target, context, state, position)
      : relabel(expression, target);
  if (how === 'record') return coerceRecord(expression, target, context, state, position);
  const cast = how === 'elements' || typeof how === 'string' ? state.context.functions.cast(from, target) : how;
  return applyCast(expression, cast, target, context, state, position);
}

/** A parameter's type is decided by its first use. */
function setParameter(
  expression: Extract<Expression, { kind: 'parameter' }>,
  target: SqlType,
  state: BindState,
): Expression {
  const known = state.context.parameterTypes[expression.index];
  const type = plainType(target);
  if (known === undefined || known.name === 'unknown') state.context.parameterTypes[expression.index] = type;
  return { kind: 'parameter', type: state.context.parameterTypes[expression.index] ?? type, index: expression.index };
}

function evaluationOf(state: BindState): EvaluationContext {
  return state.context.evaluation ?? { nowMicros: 0n, timeZone: 'UTC' };
}

/** Calls a per-row body now. undefined: the function has none, or needs a session that is not here. */
function evaluateNow(
  definition: ScalarFunction,
  args: readonly (Datum | null)[],
  argTypes: readonly SqlType[],
  result: SqlType,
  state: BindState,
): Datum | null | undefined {
  if (definition.volatility !== 'immutable' && state.context.evaluation === undefined) return undefined;
  const body = definition.body(argTypes, result);
  const evaluate = rowBody(body);
  if (evaluate === undefined) return undefined;
  if (definition.strict && args.includes(null)) return null;
  return evaluate(args, evaluationOf(state));
}

function readLiteral(
  literal: Expression,
  target: SqlType,
  context: CastContext,
  state: BindState,
  position: number | undefined,
): Expression {
  const value = literal.kind === 'constant' ? literal.value : null;
  if (value === null) return nullOf(target);
  if (target.name === 'text' || (target.name === 'varchar' && target.length === undefined)) {
    return { kind: 'constant', type: target, value };
  }
  const cast = state.context.functions.cast(TEXT, target);
  if (cast === undefined) {
    if (target.name === 'record') {
      throw sqlError('feature_not_supported', 'input of anonymous composite types is not implemented', { position });
    }
    throw sqlError('cannot_coerce', `cannot cast type unknown to ${formatTypeName(target)}`, { position });
  }
  const plain = target.name === 'interval' ? target : plainType(target); // its fields say how a bare number is read
  const read = at(position, () =>
    applyCast({ kind: 'constant', type: TEXT, value }, cast, plain, context, state, position),
  );
  return sameType(plain, target) ? read : coerce(read, target, context, state, undefined);
}

function applyCast(
  expression: Expression,
  cast: CastFunction | undefined,
  target: SqlType,
  context: CastContext,
  state: BindState,
  position: number | undefined,
): Expression {
  if (cast === undefined) {
    const from = formatTypeName(expression.type);
    throw sqlError('cannot_coerce', `cannot cast type ${from} to ${formatTypeName(target)}`, { position });
  }
  if (cast.function === 'binary-compatible') return relabel(expression, target);
  const number =
    expression.kind === 'constant' && NUMBERS.has(expression.type.name)
      ? convertNumber(expression.value, target)
      : undefined;
  if (number !== undefined) return { kind: 'constant', type: constantType(target, number), value: number };
  // a written cast cuts an overlong text off, an assignment raises 22001
  const definition = (context === 'assignment' ? cast.assignmentFunction : undefined) ?? cast.function;
  const result = castResult(expression, target);
  if (expression.kind === 'constant') {
    const { value, type } = expression;
    const folded = evaluateNow(definition, [value], [type], result, state);
    if (folded !== undefined) return { kind: 'constant', type: constantType(result, folded), value: folded };
  }
  return position === undefined
    ? { kind: 'call', type: result, function: definition.id, args: [expression] }
    : { kind: 'call', type: result, function: definition.id, args: [expression], position };
}

const NUMBERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'numeric']);

/** Integer and decimal constants as a wider number, without a call; undefined where the cast could round or fail. */
function convertNumber(value: Datum | null, target: SqlType): Datum | undefined {
  if (target.precision !== undefined) return undefined;
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'decimal') {
    const float = target.name === 'float8' ? Number(formatDecimal(value)) : undefined;
    // beyond a double's range the cast itself raises the error
    return float !== undefined && Number.isFinite(float) && (float !== 0 || value.coefficient === 0n)
      ? float
      : undefined;
  }
  const integer = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  if (!integer) return undefined;
  const exact = BigInt(value as number | bigint);
  switch (target.name) {
    case 'int8':
      return exact;
    case 'numeric':
      return decimal(exact, 0);
    case 'float8':
      return Number(exact);
    case 'int4':
      return exact >= -2147483648n && exact <= 2147483647n ? Number(exact) : undefined;
    case 'int2':
      return exact >= -32768n && exact <= 32767n ? Number(exact) : undefined;
    default:
      return undefined;
  }
}

/** Integers cast to plain numeric keep a precision that holds them, so that they stay scaled integers. */
function castResult(expression: Expression, target: SqlType): SqlType {
  if (target.name !== 'numeric' || target.precision !== undefined || expression.type.name === 'numeric') return target;
  return derivedNumeric(expression.type) ?? target;
}

/** A numeric constant's type says exactly its digits. */
export function constantType(type: SqlType, value: Datum | null): SqlType {
  if (type.name !== 'numeric' || type.declared === true || typeof value !== 'object' || value === null) return type;
  if (!('kind' in value) || value.kind !== 'decimal' || value.special !== undefined) return type;
  const digits = value.coefficient.toString().replace('-', '').length;
  const precision = Math.max(digits, value.scale, 1);
  return precision > 38 ? { name: 'numeric' } : { name: 'numeric', precision, scale: value.scale, declared: false };
}

function applyModifiers(
  expression: Expression,
  target: SqlType,
  context: CastContext,
  state: BindState,
  position: number | undefined,
): Expression {
  if (!hasModifiers(target)) {
    // an untyped NULL or a narrower value is a value of the plain type already
    return target.name === 'numeric' || expression.type.name === 'numeric' ? expression : relabel(expression, target);
  }
  if (sameType(expression.type, target)) return relabel(expression, target);
  const cast = state.context.functions.cast(expression.type, target);
  if (cast === undefined) return relabel(expression, target);
  return applyCast(expression, cast, target, context, state, position);
}

function hasModifiers(type: SqlType): boolean {
  if (type.name === 'array') return type.element !== undefined && hasModifiers(type.element);
  return type.length !== undefined || type.precision !== undefined || type.intervalFields !== undefined;
}

function coerceRecord(
  expression: Expression,
  target: SqlType,
  context: CastContext,
  state: BindState,
  position: number | undefined,
): Expression {
  const fields = target.fields;
  if (fields === undefined) return relabel(expression, target);
  if (expression.kind !== 'row' || fields.length !== expression.fields.length) {
    throw sqlError('cannot_coerce', 'cannot cast type record to record', { position });
  }
  return {
    ...expression,
    type: target,
    fields: expression.fields.map((field, i) => coerce(field, fields[i]!.type, context, state, position)),
  };
}

/** Leftover untyped literals and parameters become text. */
export function settle(expression: Expression, state: BindState): Expression {
  return expression.type.name === 'unknown' ? coerce(expression, TEXT, 'implicit', state, undefined) : expression;
}
