// Aggregate calls: DISTINCT, FILTER, ORDER BY, WITHIN GROUP.
import { sqlError } from '../../errors/sql-error.ts';
import type { AggregateCall, Expression, SortKey } from '../../plan/expression.ts';
import { sameExpression } from '../../plan/walk-expression.ts';
import type { FunctionCall, SortKey as SortSyntax } from '../ast.ts';
import { bindCondition } from './bind-operator.ts';
import { chooseCall } from './choose-call.ts';
import { settle } from './coerce.ts';
import { startOf } from './expression-position.ts';
import { addAggregate, type ExpressionScope } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';
import { requireEquality } from './type-rules.ts';

export function bindArguments(call: FunctionCall, at: ExpressionScope): Expression[] {
  if (!call.star && call.arguments.length === 0 && call.name.at(-1) === 'count') {
    throw sqlError('wrong_object_type', 'count(*) must be used to call a parameterless aggregate function', {
      position: call.position,
    });
  }
  return call.arguments.map((argument) => bindExpression(argument.value, at));
}

export function bindAggregateCall(call: FunctionCall, at: ExpressionScope): Expression {
  const inner: ExpressionScope = { ...at, inside: 'aggregate' };
  if (at.inside === 'aggregate') {
    throw sqlError('grouping_error', 'aggregate function calls cannot be nested', { position: call.position });
  }
  const bound = bindArguments(call, inner);
  const within = call.withinGroup.map((key) => sortKeyOf(key, bindExpression(key.expression, inner)));
  const withinTypes = within.map((key) => key.expression);
  const chosen = chooseCall(call, [...bound, ...withinTypes], at.state);
  if (chosen.callable.kind !== 'aggregate') {
    throw sqlError('wrong_object_type', `${call.name.at(-1)} is not an aggregate function`, {
      position: call.position,
    });
  }
  const { definition } = chosen.callable;
  if (definition.orderedSet === true && within.length === 0) {
    throw sqlError('wrong_object_type', `WITHIN GROUP is required for ordered-set aggregate ${definition.name}`, {
      position: call.position,
    });
  }
  if (definition.orderedSet !== true && within.length > 0) {
    const text = `${definition.name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`;
    throw sqlError('wrong_object_type', text, { position: call.position });
  }
  const listed = call.orderBy.map((key) => bindSortKey(key, inner));
  // DISTINCT finds equal values side by side, so a list of them comes out sorted
  const sorted = call.distinct && listed.length === 0 && definition.state.kind === 'collect';
  const orderBy =
    within.length > 0
      ? within.map((key, i) => ({ ...key, expression: chosen.args[bound.length + i]! }))
      : sorted
        ? chosen.args.map((expression) => ({ expression, descending: false, nullsFirst: false }))
        : listed;
  const aggregate: AggregateCall = {
    function: definition.id,
    type: chosen.type,
    args: chosen.args,
    distinct: call.distinct,
    filter: bindFilter(call, at),
    orderBy,
  };
  if (call.distinct) checkDistinct(call, aggregate);
  const direct = within.length > 0 ? aggregate.args.slice(0, bound.length) : [];
  return addAggregate(at, call.name.at(-1)!, aggregate, call.position, direct);
}

/** FILTER (WHERE ...) is asked of each input row, so it is a clause like WHERE. */
export function bindFilter(call: FunctionCall, at: ExpressionScope): Expression | null {
  if (call.filter === null) return null;
  const plain = { clause: 'FILTER', allowAggregates: false, allowWindows: false, allowSets: false, inside: null };
  return bindCondition(call.filter, 'FILTER', { ...at, ...plain });
}

function checkDistinct(call: FunctionCall, { args, orderBy }: AggregateCall): void {
  for (const arg of args) requireEquality(arg.type, () => startOf(call.arguments[args.indexOf(arg)]!.value));
  const other = orderBy.findIndex((key) => !args.some((arg) => sameExpression(arg, key.expression)));
  if (other < 0) return;
  const text = 'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list';
  throw sqlError('invalid_column_reference', text, { position: startOf(call.orderBy[other]!.expression) });
}

export function bindSortKey(key: SortSyntax, at: ExpressionScope): SortKey {
  return sortKeyOf(key, settle(bindExpression(key.expression, at), at.state));
}

/** Direction and NULLS of a syntax key; ascending puts NULLs last, descending first, as PostgreSQL does. */
export function sortKeyOf(key: SortSyntax, expression: Expression): SortKey {
  if (key.using !== null && key.using !== '<' && key.using !== '>') {
    throw sqlError('wrong_object_type', `operator ${key.using} is not a valid ordering operator`, {
      position: key.position,
    });
  }
  const descending = key.direction === 'desc' || key.using === '>';
  if (expression.type.name === 'json') {
    throw sqlError('undefined_function', 'could not identify an ordering operator for type json', {
      position: startOf(key.expression),
      hint: 'Use an explicit ordering operator or modify the query.',
    });
  }
  return { expression, descending, nullsFirst: key.nulls === null ? descending : key.nulls === 'first' };
}
