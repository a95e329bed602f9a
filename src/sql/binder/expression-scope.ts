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
import { sameExpression } from '../../plan/walk-expression.ts';
import type { WindowDefinition } from '../ast.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import type { Scope } from './scope.ts';

export interface WindowSpec {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly frame: WindowFrame;
}

/** What the expressions of one SELECT level collect. */
export interface Collected {
  readonly aggregates: { readonly call: AggregateCall; readonly column: PlanColumn; readonly position: number }[];
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
  /** inside an aggregate's or a window function's arguments */
  readonly inside: 'aggregate' | 'window' | null;
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

export function addAggregate(at: ExpressionScope, name: string, call: AggregateCall, position: number): Expression {
  if (at.inside === 'aggregate') {
    throw sqlError('grouping_error', 'aggregate function calls cannot be nested', { position });
  }
  if (!at.allowAggregates) {
    throw sqlError('grouping_error', `aggregate functions are not allowed in ${at.clause}`, { position });
  }
  const known = at.collected.aggregates.find((other) => sameCall(other.call, call));
  if (known !== undefined) return columnReference(known.column);
  const column = freshColumn(at.state, name, call.type);
  at.collected.aggregates.push({ call, column, position });
  return columnReference(column);
}

function sameCall(a: AggregateCall, b: AggregateCall): boolean {
  const wrap = (call: AggregateCall): Expression =>
    ({ ...call, kind: 'constant', value: null }) as unknown as Expression;
  return sameExpression(wrap(a), wrap(b));
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
  if (!at.allowSets || at.inside !== null) {
    const where =
      at.inside === null ? at.clause : at.inside === 'aggregate' ? 'aggregate function calls' : 'window functions';
    const text =
      at.inside === null
        ? `set-returning functions are not allowed in ${where}`
        : `${at.inside} function calls cannot contain set-returning function calls`;
    throw sqlError('feature_not_supported', text, { position });
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
