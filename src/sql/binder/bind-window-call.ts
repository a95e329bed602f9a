// Window function calls: OVER, named windows and windows that extend others, frames.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression, SortKey } from '../../plan/expression.ts';
import type { FrameBound, WindowFrame } from '../../plan/logical.ts';
import { INT8, type SqlType } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type { FunctionCall, Expression as Syntax, WindowDefinition, WindowName } from '../ast.ts';
import { bindArguments, bindFilter, bindSortKey } from './bind-aggregate.ts';
import { toType } from './bind-operator.ts';
import { chooseCall } from './choose-call.ts';
import { settle } from './coerce.ts';
import { startOf } from './expression-position.ts';
import { addWindow, type ExpressionScope, refuseVariables, type WindowSpec } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';

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
  const filter = bindFilter(call, at);
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
    const bare = window.orderBy.length === 0 && window.frame === null && window.name === null;
    throw sqlError('windowing_error', text, {
      position: window.position,
      ...(bare && { hint: 'Omit the parentheses in this OVER clause.' }),
    });
  }
  const orderBy = base.orderBy.length > 0 ? base.orderBy : window.orderBy;
  return { ...window, base: null, partitionBy: base.partitionBy, orderBy };
}

/** The WINDOW clause as a whole, used or not. Throws 42P20 for a name given twice. */
export function checkWindowDefinitions(at: ExpressionScope): void {
  const { definitions } = at.collected;
  const twice = definitions.find((one, i) => definitions.findIndex((other) => other.name === one.name) !== i);
  if (twice !== undefined) {
    throw sqlError('windowing_error', `window "${twice.name}" is already defined`, { position: twice.position });
  }
  for (const definition of definitions) bindWindow(resolveWindow(definition, at), at);
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
  const { mode } = frame;
  const fail = (text: string) => sqlError('windowing_error', text, { position: definition.position });
  if (mode === 'groups' && orderBy.length === 0) throw fail('GROUPS mode requires an ORDER BY clause');
  const bound = (side: NonNullable<typeof frame.end>): FrameBound => {
    if (side.offset === null) return { kind: side.kind.replaceAll('_', '-') as 'current-row' };
    if (mode === 'range' && orderBy.length !== 1) {
      throw fail('RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column');
    }
    const key = mode === 'range' ? orderBy[0]!.expression.type : null;
    return { kind: side.kind as 'preceding' | 'following', offset: frameOffset(side.offset, mode, key, at) };
  };
  const start = bound(frame.start);
  const end: FrameBound = frame.end === null ? { kind: 'current-row' } : bound(frame.end);
  const exclude =
    frame.exclude === null ? 'no others' : frame.exclude === 'current_row' ? 'current row' : frame.exclude;
  return { mode, start, end, exclude };
}

const STEPS: ReadonlyMap<SqlType['name'], 'own' | 'interval'> = new Map([
  ...(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'] as const).map((name) => [name, 'own'] as const),
  ...(['date', 'timestamp', 'timestamptz', 'time', 'interval'] as const).map((name) => [name, 'interval'] as const),
]);

/** A count for ROWS and GROUPS, a distance in the ORDER BY column's terms for RANGE. */
function frameOffset(syntax: Syntax, mode: WindowFrame['mode'], key: SqlType | null, at: ExpressionScope): Expression {
  const { state } = at;
  const label = mode.toUpperCase();
  const offset = bindExpression(syntax, { ...at, clause: `window ${label}`, allowAggregates: false, allowSets: false });
  let type: SqlType = INT8;
  if (key !== null) {
    const step = STEPS.get(key.name);
    if (step === undefined) {
      const text = `RANGE with offset PRECEDING/FOLLOWING is not supported for column type ${formatTypeName(key)}`;
      throw sqlError('feature_not_supported', text, { position: startOf(syntax) });
    }
    type = step === 'own' ? key : { name: 'interval' };
  }
  const bound = toType(offset, type, label, state, syntax);
  refuseVariables(bound, at, label);
  return bound;
}
