// Constructs with typing rules of their own: BETWEEN, IN lists, LIKE, CASE, COALESCE, NULLIF, GREATEST/LEAST, CURRENT_DATE
// and its kin.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import { BOOL, type SqlType, sameType, TEXT } from '../../types/sql-type.ts';
import type * as ast from '../ast.ts';
import { bindCondition, bindOperator, chooseOperator } from './bind-operator.ts';
import { callNamed } from './call-named.ts';
import { coerce, nullOf } from './coerce.ts';
import { startOf } from './expression-position.ts';
import type { ExpressionScope } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';
import { commonType, findCommonType, wantedType } from './type-rules.ts';

const and = (args: Expression[]): Expression => ({ kind: 'and', type: BOOL, args });
const or = (args: Expression[]): Expression => ({ kind: 'or', type: BOOL, args });

export function bindBetween(syntax: ast.Between, at: ExpressionScope): Expression {
  const { position, negated } = syntax;
  const operand = bindExpression(syntax.operand, at);
  const low = bindExpression(syntax.low, at);
  const high = bindExpression(syntax.high, at);
  // a parameter without a type has one after its first comparison
  const typed = (bound: Expression): Expression =>
    bound.kind === 'parameter' ? { ...bound, type: at.state.context.parameterTypes[bound.index] ?? bound.type } : bound;
  const compare = (operator: string, bound: Expression) =>
    bindOperator(operator, [typed(operand), typed(bound)], at.state, position);
  const inside = (a: Expression, b: Expression) => and([compare('>=', a), compare('<=', b)]);
  const outside = (a: Expression, b: Expression) => or([compare('<', a), compare('>', b)]);
  if (!syntax.symmetric) return negated ? outside(low, high) : inside(low, high);
  return negated ? and([outside(low, high), outside(high, low)]) : or([inside(low, high), inside(high, low)]);
}

export function bindInList(syntax: ast.InList, at: ExpressionScope): Expression {
  const { state } = at;
  const { position, negated } = syntax;
  const operand = bindExpression(syntax.operand, at);
  const items = syntax.list.map((item) => bindExpression(item, at));
  const common =
    operand.type.name === 'record' ? undefined : findCommonType([operand, ...items].map(wantedType), state);
  if (common === undefined || 'mismatch' in common) {
    const tests = items.map((item) => bindOperator(negated ? '<>' : '=', [operand, item], state, position));
    return tests.length === 1 ? tests[0]! : negated ? and(tests) : or(tests);
  }
  const { type } = common;
  const converted = items.map((item, i) => coerce(item, type, 'implicit', state, syntax.list[i]!.position));
  const arg = coerce(operand, type, 'implicit', state, syntax.operand.position);
  if (converted.length === 1) return bindOperator(negated ? '<>' : '=', [arg, converted[0]!], state, position);
  const chosen = chooseOperator('=', [arg, converted[0]!], state, position);
  const side = chosen.definition.parameters[1]!;
  const list =
    side.startsWith('any') || chosen.args[1]!.type.name === type.name
      ? converted
      : converted.map((item) => coerce(item, chosen.args[1]!.type, 'implicit', state, position));
  const first = chosen.args[0]!;
  if (!list.every((item) => sameType(item.type, first.type))) {
    // Numerics of several scales: each comparison brings its own two sides together.
    const tests = list.map((item) => bindOperator(negated ? '<>' : '=', [first, item], state, position));
    return negated ? and(tests) : or(tests);
  }
  return { kind: 'in-list', type: BOOL, arg: chosen.args[0]!, items: list, negated, equals: chosen.definition.id };
}

export function bindLike(syntax: ast.Like, at: ExpressionScope): Expression {
  const { state } = at;
  const { position, negated } = syntax;
  const operand = bindExpression(syntax.operand, at);
  let pattern = bindExpression(syntax.pattern, at);
  if (syntax.form === 'similar') {
    const escaped = syntax.escape === null ? [] : [bindExpression(syntax.escape, at)];
    pattern = callNamed('similar_to_escape', [pattern, ...escaped], state, position);
    return bindOperator(negated ? '!~' : '~', [operand, pattern], state, position);
  }
  if (syntax.escape !== null)
    pattern = callNamed('like_escape', [pattern, bindExpression(syntax.escape, at)], state, position);
  const operator = `${negated ? '!' : ''}~~${syntax.form === 'ilike' ? '*' : ''}`;
  return bindOperator(operator, [operand, pattern], state, position);
}

export function bindCase(syntax: ast.CaseExpression, around: ExpressionScope): Expression {
  const at: ExpressionScope = { ...around, noSetsIn: 'CASE' };
  const { state } = at;
  const operand = syntax.operand === null ? null : bindExpression(syntax.operand, at);
  const conditions = syntax.branches.map((branch) => {
    if (operand === null) return bindCondition(branch.condition, 'CASE/WHEN', at);
    return bindOperator('=', [operand, bindExpression(branch.condition, at)], state, branch.condition.position);
  });
  const results = syntax.branches.map((branch) => bindExpression(branch.result, at));
  const otherwise = syntax.otherwise === null ? null : bindExpression(syntax.otherwise, at);
  // PostgreSQL looks at ELSE first
  const bodies = [...(syntax.otherwise === null ? [] : [syntax.otherwise]), ...syntax.branches.map((b) => b.result)];
  const types = [...(otherwise === null ? [] : [otherwise]), ...results].map(wantedType);
  const common = commonType(types, 'CASE', state, (i) => startOf(bodies[i]!));
  return {
    kind: 'case',
    type: common,
    branches: conditions.map((when, i) => ({
      when,
      then: coerce(results[i]!, common, 'implicit', state, syntax.branches[i]!.result.position),
    })),
    otherwise: otherwise === null ? null : coerce(otherwise, common, 'implicit', state, syntax.otherwise!.position),
  };
}

function bindCommon(
  list: readonly ast.Expression[],
  label: string,
  at: ExpressionScope,
): { type: SqlType; args: Expression[] } {
  const bound = list.map((item) => bindExpression(item, at));
  const type = commonType(bound.map(wantedType), label, at.state, (i) => startOf(list[i]!));
  return { type, args: bound.map((b, i) => coerce(b, type, 'implicit', at.state, list[i]!.position)) };
}

export function bindCoalesce(syntax: ast.Coalesce, at: ExpressionScope): Expression {
  const { type, args } = bindCommon(syntax.arguments, 'COALESCE', { ...at, noSetsIn: 'COALESCE' });
  return { kind: 'coalesce', type, args };
}

/** NULLIF(a, b): CASE WHEN a = b THEN NULL ELSE a END, of the type that = takes a as. */
export function bindNullIf(syntax: ast.NullIf, at: ExpressionScope): Expression {
  const left = bindExpression(syntax.left, at);
  const chosen = chooseOperator('=', [left, bindExpression(syntax.right, at)], at.state, syntax.position);
  const value = chosen.args[0]!;
  const when: Expression = {
    kind: 'call',
    type: BOOL,
    function: chosen.definition.id,
    args: chosen.args,
    position: syntax.position,
  };
  return { kind: 'case', type: value.type, branches: [{ when, then: nullOf(value.type) }], otherwise: value };
}

/** GREATEST and LEAST ignore NULLs: a chain of CASEs over pairs. */
export function bindMinMax(syntax: ast.MinMax, at: ExpressionScope): Expression {
  const { type, args } = bindCommon(syntax.arguments, syntax.form.toUpperCase(), at);
  const { state } = at;
  if (state.context.functions.scalarsNamed(syntax.form).length > 0) {
    const call = callNamed(syntax.form, args, state, syntax.position);
    return call.kind === 'call' ? { ...call, type } : call; // the first argument's scale is not everyone's
  }
  const operator = syntax.form === 'greatest' ? '>=' : '<=';
  return args.reduce((best, arg): Expression => {
    const better = bindOperator(operator, [best, arg], state, syntax.position);
    const keep = or([better, { kind: 'is-null', type: BOOL, arg, negated: false }]);
    const known: Expression = { kind: 'is-null', type: BOOL, arg: best, negated: true };
    return { kind: 'case', type, branches: [{ when: and([known, keep]), then: best }], otherwise: arg };
  });
}

const VALUE_TYPES: Partial<Record<ast.SqlValueFunction['name'], SqlType>> = {
  current_date: { name: 'date' },
  current_timestamp: { name: 'timestamptz' },
  localtimestamp: { name: 'timestamp' },
  localtime: { name: 'time' },
};

/** CURRENT_DATE and the like are casts of now(); CURRENT_USER and the like are ordinary functions of that name. */
export function bindSqlValue(syntax: ast.SqlValueFunction, at: ExpressionScope): Expression {
  const { state } = at;
  const { position } = syntax;
  const type = VALUE_TYPES[syntax.name];
  if (type !== undefined) {
    const now = callNamed('now', [], state, position);
    const target = syntax.precision === null ? type : { ...type, precision: syntax.precision };
    return coerce(now, target, 'explicit', state, position);
  }
  switch (syntax.name) {
    case 'current_time':
      throw sqlError('feature_not_supported', 'CURRENT_TIME is not supported', { position, hint: 'Use LOCALTIME.' });
    case 'current_catalog':
      return { kind: 'constant', type: { name: 'name' }, value: state.context.database };
    case 'current_role':
    case 'user':
    case 'current_user':
      return { kind: 'constant', type: { name: 'name' }, value: state.context.currentUser };
    case 'current_schema':
    case 'session_user':
      return callNamed(syntax.name, [], state, position);
    default:
      return nullOf(TEXT);
  }
}
