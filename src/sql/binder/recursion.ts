// The binder is mutually recursive: expressions hold queries, queries hold expressions, table functions hold tables. The files below go up
// through these entries, which bind-expression.ts, bind-query.ts, bind-change.ts and bind-from.ts fill in when they load, so that imports
// point one way only.
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import type * as ast from '../ast.ts';
import type { BindState } from './bind-context.ts';
import type { BoundFrom } from './bind-from.ts';
import type { ExpressionScope } from './expression-scope.ts';
import type { Scope } from './scope.ts';

interface Entries {
  expression: (syntax: ast.Expression, at: ExpressionScope) => Expression;
  query: (query: ast.Query, outer: Scope | null, state: BindState) => LogicalPlan;
  change: (statement: ast.DataChange, outer: Scope | null, state: BindState) => LogicalPlan;
  fromTable: (item: ast.FromTable, scope: Scope, state: BindState) => BoundFrom;
}

function missing(): never {
  throw new Error('the binder was entered before bind-statement.ts had loaded');
}

/** Filled in by the files named above. */
export const entries: Entries = { expression: missing, query: missing, change: missing, fromTable: missing };

export function bindExpression(syntax: ast.Expression, at: ExpressionScope): Expression {
  return entries.expression(syntax, at);
}

export function bindQuery(query: ast.Query, outer: Scope | null, state: BindState): LogicalPlan {
  return entries.query(query, outer, state);
}

export function bindChange(statement: ast.DataChange, outer: Scope | null, state: BindState): LogicalPlan {
  return entries.change(statement, outer, state);
}

export function bindFromTable(item: ast.FromTable, scope: Scope, state: BindState): BoundFrom {
  return entries.fromTable(item, scope, state);
}
