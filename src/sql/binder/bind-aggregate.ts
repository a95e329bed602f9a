// Aggregate and window function calls: DISTINCT, FILTER, ORDER BY, WITHIN GROUP; OVER with named windows and frames.
import { sqlError } from '../../errors/sql-error.ts';
import type { AggregateCall, Expression, SortKey } from '../../plan/expression.ts';
import type { FrameBound, WindowFrame } from '../../plan/logical.ts';
import { INT8, type SqlType } from '../../types/sql-type.ts';
import type { FunctionCall, SortKey as SortSyntax, WindowDefinition, WindowName } from '../ast.ts';
import type { BindState } from './bind-context.ts';
import { toBoolean, toType } from './bind-operator.ts';
import { chooseCall } from './choose-call.ts';
import { settle } from './coerce.ts';
import { addAggregate, addWindow, type ExpressionScope, type WindowSpec } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';

function bindArguments(call: FunctionCall, at: ExpressionScope): Expression[] {
  if (call.star && call.name.at(-1) !== 'count') {
    throw sqlError('undefined_function', `function ${call.name.join('.')}() does not exist`, {
      position: call.position,
    });
  }
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
  const within = call.withinGroup.map((key) => bindSortKey(key, inner));
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
  const orderBy =
    within.length > 0
      ? within.map((key, i) => ({ ...key, expression: chosen.args[bound.length + i]! }))
      : call.orderBy.map((key) => bindSortKey(key, inner));
  const aggregate: AggregateCall = {
    function: definition.id,
    type: chosen.type,
    args: chosen.args,
    distinct: call.distinct,
    filter:
      call.filter === null
        ? null
        : toBoolean(bindExpression(call.filter, inner), 'FILTER', at.state, call.filter.position),
    orderBy,
  };
  return addAggregate(at, call.name.at(-1)!, aggregate, call.position);
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
      position: key.expression.position,
      hint: 'Use an explicit ordering operator or modify the query.',
    });
  }
  return { expression, descending, nullsFirst: key.nulls === null ? descending : key.nulls === 'first' };
}

export function bindWindowCall(call: FunctionCall, at: ExpressionScope): Expression {
  const { state } = at;
  const name = call.name.at(-1)!;
  const inner: ExpressionScope = { ...at, inside: 'window' };
  if (at.inside === 'window') {
    throw sqlError('windowing_error', 'window function calls cannot be nested', { position: call.position });
  }
  const chosen = chooseCall(call, bindArguments(call, inner), state);
  const { callable } = chosen;
  if (callable.kind !== 'window' && callable.kind !== 'aggregate') {
    const text = `OVER specified, but ${name} is not a window function nor an aggregate function`;
    throw sqlError('wrong_object_type', text, { position: call.position });
  }
  if (call.distinct) {
    throw sqlError('feature_not_supported', 'DISTINCT is not implemented for window functions', {
      position: call.position,
    });
  }
  if (call.orderBy.length > 0) {
    const text = 'aggregate ORDER BY is not implemented for window functions';
    throw sqlError('feature_not_supported', text, { position: call.position });
  }
  if (call.filter !== null && callable.kind === 'window') {
    const text = 'FILTER is not implemented for non-aggregate window functions';
    throw sqlError('feature_not_supported', text, { position: call.position });
  }
  const definition = resolveWindow(call.over!, at);
  const spec = bindWindow(definition, { ...at, allowWindows: false, clause: 'window definitions' });
  const filter =
    call.filter === null ? null : toBoolean(bindExpression(call.filter, inner), 'FILTER', state, call.filter.position);
  return addWindow(
    at,
    name,
    spec,
    {
      function: callable.definition.id,
      aggregate: callable.kind === 'aggregate',
      type: chosen.type,
      args: chosen.args,
      filter,
      ignoreNulls: call.nullTreatment === 'ignore',
    },
    call.position,
  );
}

/** Named windows and windows that extend others become one definition. */
function resolveWindow(window: WindowDefinition | WindowName, at: ExpressionScope): WindowDefinition {
  const find = (name: string, position: number): WindowDefinition => {
    const found = at.collected.definitions.find((definition) => definition.name === name);
    if (found === undefined) throw sqlError('undefined_object', `window "${name}" does not exist`, { position });
    return resolveWindow(found, at);
  };
  if (window.kind === 'window_name') return find(window.name, window.position);
  if (window.base === null) return window;
  const base = find(window.base, window.position);
  const fail = (what: string) =>
    sqlError('windowing_error', `cannot override ${what} clause of window "${window.base}"`, {
      position: window.position,
    });
  if (window.partitionBy.length > 0) throw fail('PARTITION BY');
  if (window.orderBy.length > 0 && base.orderBy.length > 0) throw fail('ORDER BY');
  if (base.frame !== null) {
    const text = `cannot copy window "${window.base}" because it has a frame clause`;
    throw sqlError('windowing_error', text, { position: window.position });
  }
  const orderBy = base.orderBy.length > 0 ? base.orderBy : window.orderBy;
  return { ...window, base: null, partitionBy: base.partitionBy, orderBy };
}

function bindWindow(definition: WindowDefinition, at: ExpressionScope): WindowSpec {
  const partitionBy = definition.partitionBy.map((e) => settle(bindExpression(e, at), at.state));
  const orderBy = definition.orderBy.map((key) => bindSortKey(key, at));
  return { partitionBy, orderBy, frame: bindFrame(definition, orderBy, at) };
}

function bindFrame(definition: WindowDefinition, orderBy: readonly SortKey[], at: ExpressionScope): WindowFrame {
  const { frame } = definition;
  if (frame === null) {
    return {
      mode: 'range',
      start: { kind: 'unbounded-preceding' },
      end: { kind: 'current-row' },
      exclude: 'no others',
    };
  }
  const fail = (text: string) => sqlError('windowing_error', text, { position: frame.position });
  if (frame.mode === 'groups' && orderBy.length === 0) throw fail('GROUPS mode requires an ORDER BY clause');
  const bound = (side: NonNullable<typeof frame.end>): FrameBound => {
    if (side.offset === null) return { kind: side.kind.replaceAll('_', '-') as 'current-row' };
    return {
      kind: side.kind as 'preceding' | 'following',
      offset: frameOffset(bindExpression(side.offset, at), frame.mode, orderBy, at.state, side.offset.position),
    };
  };
  const start = bound(frame.start);
  const end: FrameBound = frame.end === null ? { kind: 'current-row' } : bound(frame.end);
  if (start.kind === 'unbounded-following') throw fail('frame start cannot be UNBOUNDED FOLLOWING');
  if (end.kind === 'unbounded-preceding') throw fail('frame end cannot be UNBOUNDED PRECEDING');
  if (start.kind === 'following' && end.kind === 'current-row') {
    throw fail('frame starting from following row cannot end with current row');
  }
  const exclude =
    frame.exclude === null ? 'no others' : frame.exclude === 'current_row' ? 'current row' : frame.exclude;
  return { mode: frame.mode, start, end, exclude };
}

function frameOffset(
  offset: Expression,
  mode: 'rows' | 'range' | 'groups',
  orderBy: readonly SortKey[],
  state: BindState,
  position: number,
): Expression {
  if (mode !== 'range') return toType(offset, INT8, mode.toUpperCase(), state, position);
  const key = orderBy[0];
  if (key === undefined || orderBy.length !== 1) {
    const text = 'RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column';
    throw sqlError('windowing_error', text, { position });
  }
  const type = key.expression.type;
  const dates: readonly SqlType['name'][] = ['date', 'timestamp', 'timestamptz', 'time', 'interval'];
  return toType(offset, dates.includes(type.name) ? { name: 'interval' } : type, 'RANGE', state, position);
}
