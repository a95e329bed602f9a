// PostgreSQL's rules about types: categories and preferred members, what may be cast where, and the common type of
// UNION, CASE, VALUES and the like (its manual, chapter "Type Conversion").
import { sqlError } from '../../errors/sql-error.ts';
import type { CastFunction } from '../../functions/function-definition.ts';
import type { Expression } from '../../plan/expression.ts';
import { arrayOf, NUMERIC, type SqlType, sameType, TEXT, type TypeName } from '../../types/sql-type.ts';
import { formatTypeName, typeFacts } from '../../types/type-table.ts';
import type { BindState } from './bind-context.ts';

export type CastContext = CastFunction['context'];
const RANK: Readonly<Record<CastContext, number>> = { implicit: 0, assignment: 1, explicit: 2 };

export function categoryOf(type: SqlType): string {
  return typeFacts(type).category;
}

export function isPreferred(type: SqlType): boolean {
  return typeFacts(type).preferred;
}

/** Same type, modifiers aside; of records the fields. */
export function sameBaseType(a: SqlType, b: SqlType): boolean {
  if (a.name !== b.name) return false;
  if (a.name === 'record') {
    const { fields } = b;
    if (a.fields === undefined || fields === undefined) return true;
    return a.fields.length === fields.length && a.fields.every(({ type }, i) => sameBaseType(type, fields[i]!.type));
  }
  if (a.name !== 'array') return true;
  return a.element === undefined || b.element === undefined || sameBaseType(a.element, b.element);
}

export type Coercion = CastFunction | 'none' | 'elements' | 'text-input' | 'text-output' | 'record';

const REG_TYPES = new Set<TypeName>([
  'regclass',
  'regtype',
  'regproc',
  'regprocedure',
  'regoperator',
  'regnamespace',
  'regrole',
]);
const TEXT_LIKE = new Set<TypeName>(['text', 'varchar', 'bpchar', 'name']);

/** How a value of `from` becomes a `to` in this context; undefined where PostgreSQL refuses. */
export function findCoercion(from: SqlType, to: SqlType, context: CastContext, state: BindState): Coercion | undefined {
  if (sameBaseType(from, to) || from.name === 'unknown') return 'none';
  if (from.name === 'record' && to.name === 'record') return 'record';
  if (from.name === 'array' && to.name === 'array') {
    const inner = findCoercion(from.element ?? TEXT, to.element ?? TEXT, context, state);
    return inner === undefined ? undefined : inner === 'none' ? 'none' : 'elements';
  }
  const cast = state.context.functions.cast(from, to);
  const textual = TEXT_LIKE.has(to.name);
  if (cast !== undefined && RANK[cast.context] <= RANK[context]) {
    const charToText = from.name === 'char' && to.name === 'text';
    if (!(context === 'implicit' && textual && !TEXT_LIKE.has(from.name) && !charToText)) return cast;
  }
  if (textual && context !== 'implicit') return 'text-output';
  if (TEXT_LIKE.has(from.name) && context === 'explicit') return 'text-input';
  if (TEXT_LIKE.has(from.name) && to.name === 'regclass') return 'text-input';
  if (to.name === 'oid' && REG_TYPES.has(from.name)) return cast ?? 'none';
  return undefined;
}

/** Throws 42883 for types whose values cannot be compared, where rows are grouped or made distinct. */
export function requireEquality(type: SqlType, position: () => number): void {
  const element = type.name === 'array' ? (type.element ?? TEXT) : type;
  if (element.name !== 'json') return;
  const text = `could not identify an equality operator for type ${formatTypeName(type)}`;
  throw sqlError('undefined_function', text, { position: position() });
}

/** Throws 42804 for records that cannot be compared, since their columns are of different types. */
export function requireSimilarRecords(a: SqlType, b: SqlType): void {
  if (a.fields === undefined || b.fields === undefined || sameBaseType(a, b)) return;
  if (a.fields.length !== b.fields.length) {
    throw sqlError('datatype_mismatch', 'cannot compare record types with different numbers of columns');
  }
  const index = a.fields.findIndex(({ type }, i) => !sameBaseType(type, b.fields![i]!.type));
  const [left, right] = [a, b].map(({ fields }) => formatTypeName(fields![index]!.type));
  const text = `cannot compare dissimilar column types ${left} and ${right} at record column ${index + 1}`;
  throw sqlError('datatype_mismatch', text);
}

export function canCoerce(from: SqlType, to: SqlType, context: CastContext, state: BindState): boolean {
  return findCoercion(from, to, context, state) !== undefined;
}

/** What an operand asks of a common type: an untyped NULL nothing at all, an untyped literal or parameter no modifiers. */
export function wantedType(operand: Expression): SqlType | null {
  return operand.type.name === 'unknown' && operand.kind === 'constant' && operand.value === null ? null : operand.type;
}

/**
 * The type that values of all these types become in UNION, CASE, COALESCE, VALUES, ARRAY, IN; see wantedType.
 * @param label what the message names, e.g. "CASE". Throws 42804 "CASE types integer and text cannot be matched".
 * @param positionOf where the value stands that does not go with those before it
 */
export function commonType(
  types: readonly (SqlType | null)[],
  label: string,
  state: BindState,
  positionOf: (index: number) => number,
): SqlType {
  const found = findCommonType(types, state);
  if ('type' in found) return found.type;
  const { before, mismatch } = found;
  requireSimilarRecords(before, types[mismatch]!);
  const text = `${label} types ${formatTypeName(before)} and ${formatTypeName(types[mismatch]!)} cannot be matched`;
  throw sqlError('datatype_mismatch', text, { position: positionOf(mismatch) });
}

/** The common type, or the index of the first type that does not go with what those `before` it became. */
export function findCommonType(
  types: readonly (SqlType | null)[],
  state: BindState,
): { readonly type: SqlType } | { readonly mismatch: number; readonly before: SqlType } {
  const known = types.filter((type) => type !== null && type.name !== 'unknown') as SqlType[];
  let best = known[0];
  if (best === undefined) return { type: TEXT };
  for (const [mismatch, type] of types.entries()) {
    if (type === null || type.name === 'unknown' || sameBaseType(best, type)) continue;
    if (categoryOf(best) !== categoryOf(type) || best.name === 'record') return { mismatch, before: best };
    const toType = canCoerce(best, type, 'implicit', state);
    const toBest = canCoerce(type, best, 'implicit', state);
    if (!isPreferred(best) && toType && !toBest) best = type;
    else if (!toBest) return { mismatch, before: best };
  }
  const untyped = types.some((type) => type?.name === 'unknown');
  return { type: untyped ? plainType(best) : withCommonModifiers(best, known) };
}

/** The type without modifiers. */
export function plainType(type: SqlType): SqlType {
  if (type.name === 'array') return arrayOf(plainType(type.element ?? TEXT));
  return type.name === 'record' ? type : { name: type.name };
}

/** Modifiers stay only where all agree, in records field by field; numerics of one scale keep it, with the widest precision (display scale is per value). */
function withCommonModifiers(best: SqlType, types: readonly SqlType[]): SqlType {
  if (types.every((type) => sameType(type, best))) {
    return types.every((type) => type.declared === best.declared) ? best : { ...best, declared: false };
  }
  if (best.name === 'array') {
    const elements = types.map((type) => type.element ?? TEXT);
    return arrayOf(withCommonModifiers(elements.find((e) => e.name === best.element?.name) ?? TEXT, elements));
  }
  const { fields } = best;
  if (fields !== undefined) {
    const typesOf = (index: number) => types.map((type) => type.fields?.[index]?.type ?? TEXT);
    return {
      ...best,
      fields: fields.map(({ name, type }, i) => ({ name, type: withCommonModifiers(type, typesOf(i)) })),
    };
  }
  if (best.name === 'numeric') {
    const exact = types.map(derivedNumeric);
    const scale = exact[0]?.scale;
    if (exact.some((type) => type?.precision === undefined || type.scale !== scale)) return NUMERIC;
    return {
      name: 'numeric',
      precision: exact.reduce((most, type) => Math.max(most, type!.precision!), 0),
      scale: scale!,
      declared: false,
    };
  }
  return { name: best.name };
}

/** The type as PostgreSQL sees it: without a precision and scale that were only derived. */
export function declaredType(type: SqlType): SqlType {
  if (type.name === 'array') return arrayOf(declaredType(type.element ?? TEXT));
  return type.name === 'numeric' && type.declared !== true ? NUMERIC : type;
}

/** The numeric(p,s) that holds every value of an exact numeric type; undefined where there is none. */
export function derivedNumeric(type: SqlType): SqlType | undefined {
  switch (type.name) {
    case 'int2':
      return { name: 'numeric', precision: 5, scale: 0, declared: false };
    case 'int4':
      return { name: 'numeric', precision: 10, scale: 0, declared: false };
    case 'int8':
      return { name: 'numeric', precision: 19, scale: 0, declared: false };
    case 'numeric':
      return type;
    default:
      return undefined;
  }
}
