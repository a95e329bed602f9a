// WITH: each query is bound once, in the order that their references allow, and put around the plan that reads them. A recursive
// one becomes base and step; its columns have the base's types.
import { sqlError } from '../../errors/sql-error.ts';
import type { PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { type SqlType, sameType } from '../../types/sql-type.ts';
import { formatType } from '../../types/type-table.ts';
import type * as ast from '../ast.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import { coercePlan, settlePlan } from './coerce-plan.ts';
import { columnPosition } from './expression-position.ts';
import { orderCtes } from './order-ctes.ts';
import { bindChange, bindQuery } from './recursion.ts';
import { type CteBinding, NO_NAMES, type Scope, scopeOf } from './scope.ts';
import { commonType, declaredType } from './type-rules.ts';

interface BoundWith {
  readonly scope: Scope;
  readonly wrap: (body: LogicalPlan) => LogicalPlan;
}

interface Definition {
  readonly binding: CteBinding;
  readonly plan: LogicalPlan;
  readonly materialized: boolean | null;
}

/** The CTEs in a scope of their own; `wrap` puts their definitions around a plan that refers to them. */
export function bindWith(clause: ast.WithClause | null, outer: Scope | null, state: BindState): BoundWith {
  const ctes = new Map<string, CteBinding>();
  const scope = scopeOf(NO_NAMES, outer, ctes);
  if (clause === null) return { scope, wrap: (body) => body };
  refuseDuplicates(clause);
  const ordered = orderCtes(clause);
  const definitions = ordered.ctes.map((cte, i): Definition => {
    const later = new Set(ordered.ctes.slice(i).map((other) => other.name));
    const before: Scope = { ...scopeOf(NO_NAMES, outer, new Map(ctes)), laterCtes: later };
    const plan = bindDefinition(cte, ordered.recursive.has(cte), before, state);
    const silent = cte.statement.kind !== 'query' && cte.statement.returning.length === 0;
    const binding: CteBinding = { id: nextId(state), name: cte.name, columns: renamed(cte, plan.columns), silent };
    ctes.set(cte.name, binding);
    return { binding, plan, materialized: cte.materialized };
  });
  const wrap = (body: LogicalPlan): LogicalPlan =>
    definitions.reduceRight<LogicalPlan>(
      (inner, { binding, plan, materialized }) => ({
        kind: 'cte',
        columns: inner.columns,
        id: binding.id,
        name: binding.name,
        definition: plan,
        body: inner,
        ...(materialized === null ? {} : { materialized }),
      }),
      body,
    );
  return { scope, wrap };
}

function refuseDuplicates(clause: ast.WithClause): void {
  const names = new Set<string>();
  for (const { name, position } of clause.ctes) {
    if (names.has(name)) {
      throw sqlError('duplicate_alias', `WITH query name "${name}" specified more than once`, { position });
    }
    names.add(name);
  }
}

function bindDefinition(cte: ast.CommonTableExpression, recursive: boolean, scope: Scope, state: BindState) {
  const { statement, position } = cte;
  if (statement.kind !== 'query') {
    if (scope.parent !== null) {
      const text = 'WITH clause containing a data-modifying statement must be at the top level';
      throw sqlError('feature_not_supported', text, { position });
    }
    return bindChange(statement, scope, state);
  }
  if (cte.search !== null || cte.cycle !== null) {
    throw sqlError('feature_not_supported', 'SEARCH and CYCLE clauses are not supported', { position });
  }
  return recursive
    ? bindRecursive(cte, statement, scope, state)
    : settlePlan(bindQuery(statement, scope, state), state);
}

function nextId(state: BindState): number {
  state.nextId += 1;
  return state.nextId - 1;
}

function renamed(cte: ast.CommonTableExpression, columns: readonly PlanColumn[]): CteBinding['columns'] {
  if (cte.columns.length > columns.length) {
    const text = `WITH query "${cte.name}" has ${columns.length} columns available but ${cte.columns.length} columns specified`;
    throw sqlError('invalid_column_reference', text, { position: cte.position });
  }
  return columns.map((column, i) => ({ name: cte.columns[i] ?? column.name, type: column.type }));
}

/** base UNION [ALL] step, as order-ctes.ts has made sure. */
function bindRecursive(cte: ast.CommonTableExpression, query: ast.Query, scope: Scope, state: BindState): LogicalPlan {
  const body = query.body as ast.SetOperation;
  const inner = bindWith(query.with, scope, state);
  const operand = (side: ast.QueryBody, at: Scope) =>
    bindQuery({ ...query, with: null, orderBy: [], limit: null, offset: null, locking: [], body: side }, at, state);
  const seed = settlePlan(operand(body.left, inner.scope), state);
  const types = seed.columns.map((column) => declaredType(column.type));
  const base = coercePlan(seed, types, 'implicit', state, body.left.position);
  const columns = base.columns.map((column, i) => freshColumn(state, column.name, types[i]!));
  const id = nextId(state);
  const binding: CteBinding = { id, name: cte.name, columns: renamed(cte, columns), working: true };
  const step = operand(body.right, scopeOf(NO_NAMES, inner.scope, new Map([[cte.name, binding]])));
  checkStep(cte, body, types, step, state);
  const right = coercePlan(step, types, 'implicit', state, body.right.position);
  return inner.wrap({ kind: 'recursive-cte', columns, id, name: cte.name, base, step: right, unionAll: body.all });
}

/** The step may not need wider types than the base has. Throws 42601 for another width, 42804. */
function checkStep(
  cte: ast.CommonTableExpression,
  body: ast.SetOperation,
  types: readonly SqlType[],
  step: LogicalPlan,
  state: BindState,
): void {
  if (step.columns.length !== types.length) {
    const position = columnPosition(body.right, 0);
    throw sqlError('syntax_error', 'each UNION query must have the same number of columns', { position });
  }
  for (const [i, type] of types.entries()) {
    const common = commonType([type, step.columns[i]!.type], 'UNION', state, () => columnPosition(body.right, i));
    const overall = declaredType(common);
    if (sameType(overall, type)) continue;
    const text = `recursive query "${cte.name}" column ${i + 1} has type ${formatType(type)} in non-recursive term but type ${formatType(overall)} overall`;
    throw sqlError('datatype_mismatch', text, {
      position: columnPosition(body.left, i),
      hint: 'Cast the output of the non-recursive term to the correct type.',
    });
  }
}
