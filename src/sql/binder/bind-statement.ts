// The binder's door: a statement of data (SELECT, VALUES, INSERT, UPDATE, DELETE) to a typed logical plan, and single
// expressions for defaults, checks, generated columns and watermarks.
import type { EmitMode, UserFunction, View } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { type SqlType, TEXT } from '../../types/sql-type.ts';
import type * as ast from '../ast.ts';
import { bindChange } from './bind-change.ts';
import { type BindContext, type BindState, type BoundStatement, newState } from './bind-context.ts';
import './bind-expression.ts';
import './bind-query.ts';
import { intervalMicros } from './bind-window-function.ts';
import { coerce, settle } from './coerce.ts';
import { settlePlan } from './coerce-plan.ts';
import { plainScope } from './expression-scope.ts';
import { checkFunctionBody } from './inline-function.ts';
import { bindExpression, bindQuery } from './recursion.ts';
import { NO_NAMES, scopeOf } from './scope.ts';
import { updatableColumns } from './updatable-view.ts';

/** Throws SqlErrors with PostgreSQL's texts, SQLSTATEs, positions and hints. Fills context.parameterTypes. */
export function bindStatement(statement: ast.DataStatement, context: BindContext): BoundStatement {
  const state = newState(context);
  switch (statement.kind) {
    case 'query': {
      const plan = settlePlan(bindQuery(statement, null, state), state);
      const emit = statement.emit === null ? undefined : emitMode(statement.emit, state);
      const lock = statement.locking[0];
      const locking = lock === undefined ? undefined : lock.strength.endsWith('update') ? 'update' : 'share';
      return finish('query', plan, state, {
        ...(emit === undefined ? {} : { emit }),
        ...(locking === undefined ? {} : { locking }),
      });
    }
    default: {
      const plan = bindChange(statement, null, state);
      return finish(statement.kind, plan, state);
    }
  }
}

function finish(
  kind: BoundStatement['kind'],
  plan: LogicalPlan,
  state: BindState,
  extra: Pick<BoundStatement, 'emit' | 'locking'> = {},
): BoundStatement {
  const { parameterTypes } = state.context;
  for (let i = 0; i < parameterTypes.length; i += 1) {
    const type = parameterTypes[i];
    if (type === undefined) {
      throw sqlError('indeterminate_datatype', `could not determine data type of parameter $${i + 1}`);
    }
    if (type.name === 'unknown') parameterTypes[i] = TEXT;
  }
  return {
    kind,
    plan,
    columns: plan.columns,
    parameterTypes: parameterTypes as readonly SqlType[],
    relations: { read: [...state.read], written: [...state.written] },
    functions: [...state.functions],
    ...extra,
  };
}

function emitMode(clause: ast.EmitClause, state: BindState): EmitMode {
  const scope = scopeOf(NO_NAMES, null);
  const micros = (e: ast.Expression | null) => (e === null ? null : intervalMicros(e, state, scope, 'the EMIT delay'));
  switch (clause.mode) {
    case 'changes':
      return { kind: 'changes' };
    case 'complete':
      return { kind: 'complete' };
    case 'on_window_close':
      return { kind: 'window-close', delayMicros: micros(clause.delay) ?? 0n, timeoutMicros: micros(clause.timeout) };
  }
}

/** Binds the body of a SQL function to see that it gives the result. Throws what binding throws, 42P13 for another result. */
export function bindFunctionBody(one: UserFunction, context: BindContext): void {
  checkFunctionBody(one, newState(context));
}

/** What of a view can be changed through it; undefined: nothing. */
export function bindUpdatable(view: View, context: BindContext): View['updatable'] {
  return updatableColumns(view, newState(context));
}

/**
 * An expression over given columns. `target`: converted by assignment. `clause`: what messages call it. `called`: takes the oids of the
 * user functions in it.
 */
export function bindScalarExpression(
  syntax: ast.Expression,
  columns: readonly PlanColumn[],
  context: BindContext,
  options: {
    readonly relation?: string;
    readonly clause?: string;
    readonly target?: SqlType;
    readonly called?: Set<number>;
  } = {},
): Expression {
  const state = newState(context);
  state.nextId = columns.reduce((max, column) => Math.max(max, column.id), 0) + 1;
  const tables = [{ alias: options.relation ?? '', columns }];
  const scope = scopeOf({ tables, columns }, null);
  const bound = bindExpression(syntax, plainScope(state, scope, options.clause ?? 'DEFAULT expressions'));
  for (const oid of state.functions) options.called?.add(oid);
  if (options.target !== undefined) return coerce(bound, options.target, 'assignment', state, syntax.position);
  return settle(bound, state);
}
