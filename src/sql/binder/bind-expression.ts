// Expressions: from the syntax tree to typed plan expressions. One switch over the kinds; calls, operators, subqueries and
// the constructs with their own typing rules (CASE, IN, arrays ...) have files of their own.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Datum } from '../../types/datum.ts';
import { arrayOf, BOOL, INT4, type SqlType, TEXT, UNKNOWN } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type * as ast from '../ast.ts';
import { bindCall } from './bind-call.ts';
import { bindColumn, bindField } from './bind-column.ts';
import {
  bindBetween,
  bindCase,
  bindCoalesce,
  bindInList,
  bindLike,
  bindMinMax,
  bindNullIf,
  bindSqlValue,
} from './bind-conditional.ts';
import { freshColumn } from './bind-context.ts';
import { bindCondition, bindOperator, chooseOperator, toBoolean } from './bind-operator.ts';
import { bindRowSubquery, bindSubquery } from './bind-subquery.ts';
import { bindSubscript } from './bind-subscript.ts';
import { coerce, isUnknownLiteral, settle } from './coerce.ts';
import { startOf } from './expression-position.ts';
import type { ExpressionScope } from './expression-scope.ts';
import { argumentAt } from './function-arguments.ts';
import { booleanConstant, decimalConstant, integerConstant, stringConstant } from './literals.ts';
import { missingTable } from './missing-names.ts';
import { entries } from './recursion.ts';
import { findTable, wholeRow } from './scope.ts';
import { resolveTypeName } from './type-names.ts';
import { commonType, wantedType } from './type-rules.ts';

/** Elements from which on an array of constants is a constant. */
const LONG_ARRAY = 100;

function bindExpression(syntax: ast.Expression, at: ExpressionScope): Expression {
  const bound = bindByKind(syntax, at);
  if (!at.state.positions.has(bound)) at.state.positions.set(bound, syntax.position);
  return bound;
}

function bindByKind(syntax: ast.Expression, at: ExpressionScope): Expression {
  switch (syntax.kind) {
    case 'null':
      return { kind: 'constant', type: UNKNOWN, value: null };
    case 'boolean':
      return booleanConstant(syntax.value);
    case 'integer':
      return integerConstant(syntax.text);
    case 'decimal':
      return decimalConstant(syntax.text, syntax.position);
    case 'string':
      return stringConstant(syntax.value);
    case 'typed_literal':
      return bindTypedLiteral(syntax, at);
    case 'column':
      return bindColumn(syntax, at);
    case 'parameter':
      return bindParameter(syntax, at);
    case 'unary':
      return bindUnary(syntax, at);
    case 'binary':
      return bindBinary(syntax, at);
    case 'and':
    case 'or':
      return {
        kind: syntax.kind,
        type: BOOL,
        args: syntax.operands.map((o) => bindCondition(o, syntax.kind.toUpperCase(), at)),
      };
    case 'not': {
      const operand = bindCondition(syntax.operand, 'NOT', at);
      return { kind: 'not', type: BOOL, arg: operand };
    }
    case 'is':
      return bindIsTest(syntax, at);
    case 'is_distinct':
      return bindIsDistinct(syntax, at);
    case 'cast':
      return bindCast(syntax, at);
    case 'collate':
      return bindCollate(syntax, at);
    case 'function':
      return bindCall(syntax, at);
    default:
      return bindConstruct(syntax, at);
  }
}

function bindConstruct(syntax: ast.Expression, at: ExpressionScope): Expression {
  switch (syntax.kind) {
    case 'between':
      return bindBetween(syntax, at);
    case 'in_list':
      return bindInList(syntax, at);
    case 'like':
      return bindLike(syntax, at);
    case 'case':
      return bindCase(syntax, at);
    case 'coalesce':
      return bindCoalesce(syntax, at);
    case 'nullif':
      return bindNullIf(syntax, at);
    case 'minmax':
      return bindMinMax(syntax, at);
    case 'sql_value':
      return bindSqlValue(syntax, at);
    case 'exists':
    case 'subquery':
    case 'in_subquery':
    case 'quantified_subquery':
    case 'array_subquery':
      return bindSubquery(syntax, at);
    case 'quantified_array':
      return bindQuantifiedArray(syntax, at);
    case 'array':
      return bindArray(syntax, at, undefined);
    case 'row':
      return bindRow(syntax, at);
    case 'subscript':
    case 'slice':
      return bindSubscript(syntax, at);
    case 'field':
      return bindField(syntax, at);
    case 'grouping':
      return bindGrouping(syntax, at);
    case 'star':
      return bindRowStar(syntax, at);
    default:
      return refuse(syntax);
  }
}

function refuse(syntax: ast.Expression): never {
  const { position } = syntax;
  switch (syntax.kind) {
    case 'default':
      throw sqlError('syntax_error', 'DEFAULT is not allowed in this context', { position });
    case 'star':
    case 'field_star':
      throw sqlError('syntax_error', 'row expansion via "*" is not supported here', { position });
    case 'bit_string':
      throw sqlError('feature_not_supported', 'bit strings are not supported', { position });
    case 'current_of':
      throw sqlError('feature_not_supported', 'WHERE CURRENT OF is not supported', { position });
    default:
      throw sqlError('feature_not_supported', 'a table or descriptor argument is not allowed here', { position });
  }
}

function bindTypedLiteral(syntax: ast.TypedLiteral, at: ExpressionScope): Expression {
  const type = resolveTypeName(syntax.type);
  return coerce(stringConstant(syntax.value), type, 'explicit', at.state, syntax.position);
}

function bindParameter(syntax: ast.Parameter, at: ExpressionScope): Expression {
  const index = syntax.index - 1;
  const { arguments: own, context } = at.state;
  const { parameterTypes } = context;
  if (index < 0 || index > 65534 || (own !== null && index >= own.values.length)) {
    throw sqlError('undefined_parameter', `there is no parameter $${syntax.index}`, { position: syntax.position });
  }
  if (own !== null) return argumentAt(own, index);
  while (parameterTypes.length <= index) parameterTypes.push(undefined);
  return { kind: 'parameter', type: parameterTypes[index] ?? UNKNOWN, index };
}

/** Negative numbers are constants, so that -2147483648 is an int4 as in PostgreSQL after folding. */
function bindUnary(syntax: ast.UnaryExpression, at: ExpressionScope): Expression {
  if (syntax.operator === '-' && syntax.operand.kind === 'integer') {
    const positive = integerConstant(syntax.operand.text);
    if (positive.kind === 'constant' && typeof positive.value === 'number')
      return { ...positive, value: 0 - positive.value };
    if (positive.kind === 'constant' && positive.value === 2147483648n)
      return { ...positive, type: INT4, value: -2147483648 };
    if (positive.kind === 'constant' && typeof positive.value === 'bigint')
      return { ...positive, value: -positive.value };
  }
  return bindOperator(syntax.operator, [bindExpression(syntax.operand, at)], at.state, syntax.position);
}

function bindBinary(syntax: ast.BinaryExpression, at: ExpressionScope): Expression {
  const left = bindExpression(syntax.left, at);
  if (left.kind === 'row' && syntax.left.kind === 'row' && syntax.right.kind === 'subquery') {
    const right = bindRowSubquery(syntax.right, left.fields.length, at);
    return bindOperator(syntax.operator, [left, right], at.state, syntax.position);
  }
  const right = bindExpression(syntax.right, at);
  return bindOperator(syntax.operator, [left, right], at.state, syntax.position);
}

function bindIsTest(syntax: ast.IsTest, at: ExpressionScope): Expression {
  const operand = bindExpression(syntax.operand, at);
  const { negated } = syntax;
  const not = (arg: Expression): Expression => (negated ? { kind: 'not', type: BOOL, arg } : arg);
  switch (syntax.test) {
    case 'null': {
      const arg = settle(operand, at.state);
      if (arg.kind !== 'row') return { kind: 'is-null', type: BOOL, arg, negated };
      const tests = arg.fields.map((field): Expression => ({ kind: 'is-null', type: BOOL, arg: field, negated }));
      return tests.length === 1 ? tests[0]! : { kind: 'and', type: BOOL, args: tests };
    }
    case 'true':
    case 'false': {
      const label = `IS ${negated ? 'NOT ' : ''}${syntax.test.toUpperCase()}`;
      const arg = toBoolean(operand, label, at.state, syntax.operand);
      const tested: Expression = syntax.test === 'true' ? arg : { kind: 'not', type: BOOL, arg };
      return not({ kind: 'coalesce', type: BOOL, args: [tested, booleanConstant(false)] });
    }
    case 'unknown':
      return {
        kind: 'is-null',
        type: BOOL,
        arg: toBoolean(operand, `IS ${negated ? 'NOT ' : ''}UNKNOWN`, at.state, syntax.operand),
        negated,
      };
    default:
      throw sqlError('feature_not_supported', 'IS JSON is not supported', { position: syntax.position });
  }
}

function bindIsDistinct(syntax: ast.IsDistinct, at: ExpressionScope): Expression {
  const chosen = chooseOperator(
    '=',
    [bindExpression(syntax.left, at), bindExpression(syntax.right, at)],
    at.state,
    syntax.position,
  );
  return {
    kind: 'is-distinct',
    type: BOOL,
    left: chosen.args[0]!,
    right: chosen.args[1]!,
    negated: syntax.negated,
    equals: chosen.definition.id,
  };
}

function bindCast(syntax: ast.Cast, at: ExpressionScope): Expression {
  const type = resolveTypeName(syntax.type);
  const operand =
    syntax.operand.kind === 'array'
      ? bindArray(syntax.operand, at, type.name === 'array' ? type : undefined)
      : bindExpression(syntax.operand, at);
  const position = isUnknownLiteral(operand) ? syntax.operand.position : syntax.position;
  return coerce(operand, type, 'explicit', at.state, position);
}

function bindCollate(syntax: ast.Collate, at: ExpressionScope): Expression {
  const operand = settle(bindExpression(syntax.operand, at), at.state);
  const name = syntax.collation.at(-1)!;
  if (!['C', 'POSIX', 'default', 'ucs_basic'].includes(name)) {
    throw sqlError('undefined_object', `collation "${name}" for encoding "UTF8" does not exist`, {
      position: syntax.position,
    });
  }
  if (!['text', 'varchar', 'bpchar', 'name'].includes(operand.type.name)) {
    const text = `collations are not supported by type ${formatTypeName(operand.type)}`;
    throw sqlError('datatype_mismatch', text, { position: syntax.position });
  }
  return operand;
}

function bindQuantifiedArray(syntax: ast.QuantifiedArray, at: ExpressionScope): Expression {
  const { state } = at;
  const left = bindExpression(syntax.left, at);
  let array = bindExpression(syntax.array, at);
  if (array.type.name === 'unknown')
    array = coerce(
      array,
      arrayOf(left.type.name === 'unknown' ? TEXT : left.type),
      'implicit',
      state,
      syntax.array.position,
    );
  const element: SqlType | undefined =
    array.type.name === 'int2vector'
      ? { name: 'int2' }
      : array.type.name === 'oidvector'
        ? { name: 'oid' }
        : array.type.element;
  if (element === undefined) {
    throw sqlError('wrong_object_type', `op ANY/ALL (array) requires array on right side`, {
      position: syntax.position,
    });
  }
  const sample: Expression = { kind: 'input', type: element, index: -1 };
  const chosen = chooseOperator(syntax.operator, [left, sample], state, syntax.position);
  if (chosen.type.name !== 'bool') {
    throw sqlError('wrong_object_type', 'op ANY/ALL (array) requires operator to yield boolean', {
      position: syntax.position,
    });
  }
  const wanted = chosen.args[1]!.type;
  const converted =
    chosen.args[1]!.kind === 'input' ? array : coerce(array, arrayOf(wanted), 'implicit', state, syntax.position);
  return {
    kind: 'quantified-array',
    type: BOOL,
    arg: chosen.args[0]!,
    array: converted,
    operator: chosen.definition.id,
    all: syntax.quantifier === 'all',
  };
}

function bindArray(syntax: ast.ArrayExpression, at: ExpressionScope, target: SqlType | undefined): Expression {
  const { state } = at;
  const nested = syntax.elements.some((element) => element.kind === 'array');
  const elements = syntax.elements.map((element) =>
    element.kind === 'array' ? bindArray(element, at, target) : bindExpression(element, at),
  );
  if (elements.length === 0 && target === undefined) {
    throw sqlError('indeterminate_datatype', 'cannot determine type of empty array', {
      position: syntax.position,
      hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
    });
  }
  if (target !== undefined && !nested) {
    const element = target.element ?? TEXT;
    const converted = elements.map((e, i) => coerce(e, element, 'explicit', state, syntax.elements[i]!.position));
    return { kind: 'array', type: target, elements: converted };
  }
  const common = commonType(elements.map(wantedType), 'ARRAY', state, (i) => startOf(syntax.elements[i]!));
  const converted = elements.map((e, i) => coerce(e, common, 'implicit', state, syntax.elements[i]!.position));
  const constant = constantArray(converted, common);
  if (constant !== null) return constant;
  return { kind: 'array', type: common.name === 'array' ? common : arrayOf(common), elements: converted };
}

/** A long list of constants is one value: nothing that follows looks at each of them. */
function constantArray(elements: readonly Expression[], element: SqlType): Expression | null {
  if (elements.length < LONG_ARRAY || element.name === 'array') return null;
  const values: (Datum | null)[] = [];
  for (const each of elements) {
    if (each.kind !== 'constant') return null;
    values.push(each.value);
  }
  const value: Datum = { kind: 'array', dimensions: [values.length], lowerBounds: [1], elements: values };
  return { kind: 'constant', type: arrayOf(element), value };
}

function bindRow(syntax: ast.RowExpression, at: ExpressionScope): Expression {
  const fields = syntax.elements.map((element) => bindExpression(element, at));
  const types = fields.map((field, i) => ({ name: `f${i + 1}`, type: field.type }));
  return { kind: 'row', type: { name: 'record', fields: types }, fields };
}

/** count(t.*): the whole row. */
function bindRowStar(syntax: ast.Star, at: ExpressionScope): Expression {
  const table = syntax.qualifier.length === 0 ? undefined : findTable(at.scope, syntax.qualifier, syntax.position);
  if (syntax.qualifier.length === 0) return refuse(syntax);
  if (table === undefined) throw missingTable(at.scope, syntax.qualifier, syntax.position);
  return wholeRow(table, syntax.position, at.state);
}

/** GROUPING(a, b): the SELECT around it computes the value once its grouping sets are known. */
function bindGrouping(syntax: ast.Grouping, at: ExpressionScope): Expression {
  if (!at.allowAggregates) {
    throw sqlError('grouping_error', `grouping operations are not allowed in ${at.clause}`, {
      position: syntax.position,
    });
  }
  const args = syntax.arguments.map((argument) => bindExpression(argument, { ...at, inside: 'aggregate' }));
  const column = freshColumn(at.state, 'grouping', INT4);
  at.collected.groupings.push({ args, column, position: syntax.arguments[0]?.position ?? syntax.position });
  return { kind: 'column', type: INT4, id: column.id, name: 'grouping' };
}

entries.expression = bindExpression;
