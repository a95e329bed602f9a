// Where an expression stands: the names it sees, and what the clause allows - aggregates, window functions and
// set-returning functions are collected for the query around it, or refused with PostgreSQL's text.
import { sqlError } from '../../errors/sql-error.ts';
import {
  type AggregateCall,
  columnReference,
  type Expression,
  type PlanColumn,
  type SortKey,
} from '../../plan/expression.ts';
import type { TableFunctionCall, WindowCall, WindowFrame } from '../../plan/logical.ts';
import { collectColumns, columnsIn } from '../../plan/walk.ts';
import { childExpressions, expressionKey, sameExpression, someExpression } from '../../plan/walk-expression.ts';
import type { WindowDefinition } from '../ast.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import type { Scope } from './scope.ts';

export interface WindowSpec {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly frame: WindowFrame;
}

export interface CollectedAggregate {
  readonly call: AggregateCall;
  readonly column: PlanColumn;
  readonly position: number;
  /** arguments of an ordered-set aggregate that stand outside WITHIN GROUP */
  readonly direct: readonly Expression[];
  /** what only the same call has; null: it has subqueries, which are compared column by column */
  readonly key: string | null;
}

/** What the expressions of one SELECT level collect. */
export interface Collected {
  readonly aggregates: CollectedAggregate[];
  readonly windows: { readonly spec: WindowSpec; readonly call: WindowCall; readonly column: PlanColumn }[];
  readonly sets: { readonly call: TableFunctionCall; readonly columns: readonly PlanColumn[] }[];
  /** GROUPING(...) calls: their arguments, and the column standing for the value */
  readonly groupings: {
    readonly args: readonly Expression[];
    readonly column: PlanColumn;
    readonly position: number;
  }[];
  readonly definitions: readonly WindowDefinition[];
}

export interface ExpressionScope {
  readonly state: BindState;
  readonly scope: Scope;
  /** as messages name it: WHERE, JOIN conditions, ... */
  readonly clause: string;
  readonly collected: Collected;
  readonly allowAggregates: boolean;
  readonly allowWindows: boolean;
  readonly allowSets: boolean;
  /** What names mean that no table has: the select list's, for QUALIFY. */
  readonly outputs?: ReadonlyMap<string, Expression>;
  /** inside an aggregate's or a window function's arguments */
  readonly inside: 'aggregate' | 'window' | null;
  /** The construct around that evaluates its parts by need, so that a set has no place there. */
  readonly noSetsIn?: 'CASE' | 'COALESCE';
}

export function newCollected(definitions: readonly WindowDefinition[] = []): Collected {
  return { aggregates: [], windows: [], sets: [], groupings: [], definitions };
}

/** A clause where nothing but plain expressions is allowed. */
export function plainScope(state: BindState, scope: Scope, clause: string): ExpressionScope {
  return {
    state,
    scope,
    clause,
    collected: newCollected(),
    allowAggregates: false,
    allowWindows: false,
    allowSets: false,
    inside: null,
  };
}

/** An aggregate belongs to the innermost query whose columns it reads, which may be one around `at`. */
export function addAggregate(
  at: ExpressionScope,
  name: string,
  call: AggregateCall,
  position: number,
  direct: readonly Expression[],
): Expression {
  const home = homeOf(call, at, position);
  if (home !== at) return addAggregate(home, name, call, position, direct);
  if (at.inside === 'aggregate') {
    throw sqlError('grouping_error', 'aggregate function calls cannot be nested', { position });
  }
  if (!at.allowAggregates) {
    throw sqlError('grouping_error', `aggregate functions are not allowed in ${at.clause}`, { position });
  }
  const key = keyOf(call);
  const known = at.collected.aggregates.find((other) =>
    key === null || other.key === null ? sameCall(other.call, call) : other.key === key,
  );
  if (known !== undefined) return columnReference(known.column);
  const column = freshColumn(at.state, name, call.type);
  at.collected.aggregates.push({ call, column, position, direct, key });
  return columnReference(column);
}

function homeOf(call: AggregateCall, at: ExpressionScope, position: number): ExpressionScope {
  const used = new Set<number>();
  const keys = call.orderBy.map((key) => key.expression);
  for (const e of [...call.args, ...keys, ...(call.filter === null ? [] : [call.filter])]) collectColumns(e, used);
  const readBy = (scope: Scope) => scope.namespace.tables.some((table) => table.columns.some(({ id }) => used.has(id)));
  if (used.size === 0 || readBy(at.scope)) return at;
  for (let scope = at.scope.parent; scope !== null; scope = scope.parent) {
    if (!readBy(scope)) continue;
    if (scope.owner !== undefined) return scope.owner;
    const text = 'aggregate functions are not allowed in FROM clause of their own query level';
    throw sqlError('grouping_error', text, { position });
  }
  return at;
}

const asExpression = (call: AggregateCall): Expression =>
  ({ ...call, kind: 'constant', value: null }) as unknown as Expression;

function sameCall(a: AggregateCall, b: AggregateCall): boolean {
  return sameExpression(asExpression(a), asExpression(b));
}

/** Comparing every call with every other would take seconds for a thousand of them. */
function keyOf(call: AggregateCall): string | null {
  const parts = [
    ...call.args,
    ...call.orderBy.map(({ expression }) => expression),
    ...(call.filter === null ? [] : [call.filter]),
  ];
  return parts.some((part) => someExpression(part, (node) => node.kind === 'subquery'))
    ? null
    : expressionKey(asExpression(call));
}

/** For LIMIT and frame offsets, which have one value for all rows. Throws 42P10. */
export function refuseVariables(e: Expression, at: Pick<ExpressionScope, 'scope' | 'state'>, clause: string): void {
  const own = new Set(at.scope.namespace.tables.flatMap((table) => table.columns.map((column) => column.id)));
  const find = (node: Expression): Expression | undefined =>
    node.kind === 'column' && own.has(node.id)
      ? node
      : childExpressions(node)
          .map(find)
          .find((found) => found !== undefined);
  const variable = find(e);
  if (variable === undefined && !(own.size > 0 && [...columnsIn(e)].some((id) => own.has(id)))) return;
  const position = variable && at.state.positions.get(variable);
  const text = `argument of ${clause} must not contain variables`;
  throw sqlError('invalid_column_reference', text, position === undefined ? {} : { position });
}

export function addWindow(
  at: ExpressionScope,
  name: string,
  spec: WindowSpec,
  call: WindowCall,
  position: number,
): Expression {
  if (at.inside === 'window') {
    throw sqlError('windowing_error', 'window function calls cannot be nested', { position });
  }
  if (at.inside === 'aggregate') {
    throw sqlError('grouping_error', 'aggregate function calls cannot contain window function calls', { position });
  }
  if (!at.allowWindows) {
    throw sqlError('windowing_error', `window functions are not allowed in ${at.clause}`, { position });
  }
  const column = freshColumn(at.state, name, call.type);
  at.collected.windows.push({ spec, call, column });
  return columnReference(column);
}

export function addSet(at: ExpressionScope, call: TableFunctionCall, position: number): Expression {
  const hint = 'You might be able to move the set-returning function into a LATERAL FROM item.';
  if (!at.allowSets || at.inside !== null) {
    const where =
      at.inside === null ? at.clause : at.inside === 'aggregate' ? 'aggregate function calls' : 'window functions';
    const text =
      at.inside === null
        ? `set-returning functions are not allowed in ${where}`
        : `${at.inside} function calls cannot contain set-returning function calls`;
    throw sqlError('feature_not_supported', text, at.inside === null ? { position } : { position, hint });
  }
  if (at.noSetsIn !== undefined) {
    const text = `set-returning functions are not allowed in ${at.noSetsIn}`;
    throw sqlError('feature_not_supported', text, { position, hint });
  }
  const columns = call.outputs.map((output) => freshColumn(at.state, output.name, output.type));
  at.collected.sets.push({ call, columns });
  if (columns.length === 1) return columnReference(columns[0]!);
  return {
    kind: 'row',
    type: { name: 'record', fields: call.outputs.map(({ name, type }) => ({ name, type })) },
    fields: columns.map(columnReference),
  };
}
