// Queries: WITH (recursive too), set operations, VALUES, ORDER BY, LIMIT over any body. SELECT itself is bind-select.ts.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn, type SortKey } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { INT8 } from '../../types/sql-type.ts';
import type * as ast from '../ast.ts';
import { sortKeyOf } from './bind-aggregate.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import { toType } from './bind-operator.ts';
import { bindSelect } from './bind-select.ts';
import { coerce } from './coerce.ts';
import { coercePlan, settlePlan } from './coerce-plan.ts';
import { plainScope } from './expression-scope.ts';
import { bindExpression, entries } from './recursion.ts';
import { type CteBinding, NO_NAMES, type Scope, scopeOf } from './scope.ts';
import { commonType } from './type-rules.ts';

/** A query in the scope around it (null: none). Untyped output columns stay unknown for the caller to settle. */
function bindQuery(query: ast.Query, outer: Scope | null, state: BindState): LogicalPlan {
  const { scope, wrap } = bindWith(query.with, outer, state);
  return wrap(bindBody(query, scope, state));
}

function bindBody(query: ast.Query, scope: Scope, state: BindState): LogicalPlan {
  const { body } = query;
  if (body.kind === 'select') {
    const ordered = bindSelect(body, query.orderBy, scope, state);
    return ordered.finish(limitOver(query, ordered.plan, ordered.keys, scope, state));
  }
  const input = bindOperand(body, scope, state);
  const keys = query.orderBy.map((key) => outputKey(key, input.columns));
  const plan = keys.length === 0 ? input : ({ kind: 'sort', columns: input.columns, input, keys } as const);
  return limitOver(query, plan, keys, scope, state);
}

function limitOver(
  query: ast.Query,
  input: LogicalPlan,
  keys: readonly SortKey[],
  scope: Scope,
  state: BindState,
): LogicalPlan {
  const count = (e: ast.Expression | null, label: string): Expression | null => {
    if (e === null || e.kind === 'null') return null;
    const at = plainScope(state, { ...scope, namespace: NO_NAMES }, label);
    const bound = toType(bindExpression(e, at), INT8, label, state, e.position);
    return bound;
  };
  const limit = count(query.limit, 'LIMIT');
  const offset = count(query.offset, 'OFFSET');
  if (limit === null && offset === null) return input;
  if (query.withTies && keys.length === 0) {
    throw sqlError('syntax_error', 'WITH TIES cannot be specified without ORDER BY clause', {
      position: query.position,
    });
  }
  return { kind: 'limit', columns: input.columns, input, limit, offset, withTies: query.withTies ? keys : null };
}

/** ORDER BY over a set operation: output names and ordinals only. */
function outputKey(key: ast.SortKey, columns: readonly PlanColumn[]): SortKey {
  const { expression } = key;
  const ordinal = expression.kind === 'integer' ? Number(expression.text) : undefined;
  if (ordinal !== undefined) {
    const column = columns[ordinal - 1];
    if (column === undefined) {
      throw sqlError('invalid_column_reference', `ORDER BY position ${ordinal} is not in select list`, {
        position: expression.position,
      });
    }
    return sortKeyOf(key, columnReference(column));
  }
  const name = expression.kind === 'column' && expression.parts.length === 1 ? expression.parts[0] : undefined;
  const found = columns.filter((column) => column.name === name);
  if (found.length > 1) {
    throw sqlError('ambiguous_column', `ORDER BY "${name}" is ambiguous`, { position: expression.position });
  }
  if (found[0] !== undefined) return sortKeyOf(key, columnReference(found[0]));
  if (name !== undefined) {
    throw sqlError('undefined_column', `column "${name}" does not exist`, { position: expression.position });
  }
  throw sqlError('feature_not_supported', 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause', {
    position: leftmost(expression),
    detail: 'Only result column names can be used, not expressions or functions.',
    hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
  });
}

/** PostgreSQL points to the beginning of an operator expression here. */
function leftmost(e: ast.Expression): number {
  return e.kind === 'binary' ? leftmost(e.left) : e.position;
}

function bindOperand(body: ast.QueryBody, scope: Scope, state: BindState): LogicalPlan {
  switch (body.kind) {
    case 'query':
      return bindQuery(body, scope, state);
    case 'select': {
      const bound = bindSelect(body, [], scope, state);
      return bound.finish(bound.plan);
    }
    case 'values':
      return bindValues(body, scope, state);
    case 'set_operation': {
      const left = bindOperand(body.left, scope, state);
      const right = bindOperand(body.right, scope, state);
      return combine(body, left, right, state);
    }
  }
}

function combine(body: ast.SetOperation, left: LogicalPlan, right: LogicalPlan, state: BindState): LogicalPlan {
  const label = body.operator.toUpperCase();
  if (left.columns.length !== right.columns.length) {
    const text = `each ${label} query must have the same number of columns`;
    throw sqlError('syntax_error', text, { position: columnPosition(body.right, 0) });
  }
  const types = left.columns.map((column, i) =>
    commonType([column.type, right.columns[i]!.type], label, state, columnPosition(body.right, i)),
  );
  const l = coercePlan(left, types, 'implicit', state, body.left.position);
  const r = coercePlan(right, types, 'implicit', state, body.right.position);
  const columns = left.columns.map((column, i) => freshColumn(state, column.name, types[i]!));
  return { kind: 'set-operation', columns, operation: body.operator, all: body.all, left: l, right: r };
}

/** Where PostgreSQL points to for column i of an operand. */
export function columnPosition(body: ast.QueryBody, i: number): number {
  switch (body.kind) {
    case 'select':
      return body.targets[i]?.expression.position ?? body.targets[0]?.expression.position ?? body.position;
    case 'values':
      return body.rows[0]?.[i]?.position ?? body.position;
    case 'set_operation':
      return columnPosition(body.left, i);
    case 'query':
      return columnPosition(body.body, i);
  }
}

export function bindValues(body: ast.Values, scope: Scope, state: BindState): LogicalPlan {
  const at = plainScope(state, scope, 'VALUES');
  const width = body.rows[0]?.length ?? 0;
  const rows = body.rows.map((row) => {
    if (row.length !== width) {
      throw sqlError('syntax_error', 'VALUES lists must all be the same length', {
        position: row[0]?.position ?? body.position,
      });
    }
    return row.map((item) => bindExpression(item, at));
  });
  const types = Array.from({ length: width }, (_, i) => {
    const column = rows.map((row) => row[i]!.type);
    if (rows.length === 1 || column.every((type) => type.name === 'unknown')) return column[0]!;
    return commonType(column, 'VALUES', state, body.rows[1]?.[i]?.position);
  });
  const converted = rows.map((row, r) =>
    row.map((e, i) => coerce(e, types[i]!, 'implicit', state, body.rows[r]![i]!.position)),
  );
  const columns = types.map((type, i) => freshColumn(state, `column${i + 1}`, type));
  return { kind: 'values', columns, rows: converted };
}

interface BoundWith {
  readonly scope: Scope;
  readonly wrap: (body: LogicalPlan) => LogicalPlan;
}

/** The CTEs in a scope of their own; `wrap` puts their definitions around a plan that refers to them. */
export function bindWith(clause: ast.WithClause | null, outer: Scope | null, state: BindState): BoundWith {
  const ctes = new Map<string, CteBinding>();
  const scope = scopeOf(NO_NAMES, outer, ctes);
  if (clause === null) return { scope, wrap: (body) => body };
  const definitions: {
    readonly binding: CteBinding;
    readonly definition: LogicalPlan;
    readonly inline: boolean | null;
  }[] = [];
  for (const cte of clause.ctes) {
    const { position } = cte;
    if (ctes.has(cte.name)) {
      throw sqlError('duplicate_alias', `WITH query name "${cte.name}" specified more than once`, { position });
    }
    if (cte.statement.kind !== 'query') {
      throw sqlError('feature_not_supported', 'data-modifying statements in WITH are not supported', { position });
    }
    if (cte.search !== null || cte.cycle !== null) {
      throw sqlError('feature_not_supported', 'SEARCH and CYCLE clauses are not supported', { position });
    }
    const before = scopeOf(NO_NAMES, outer, new Map(ctes));
    const recursive = clause.recursive ? bindRecursive(cte, cte.statement, before, state) : undefined;
    const definition = recursive ?? settlePlan(bindQuery(cte.statement, before, state), state);
    const id = recursive?.kind === 'recursive-cte' ? recursive.id : nextId(state);
    const binding: CteBinding = { id, name: cte.name, columns: renamed(cte, definition.columns), used: 0 };
    ctes.set(cte.name, binding);
    definitions.push({ binding, definition, inline: cte.materialized });
  }
  const wrap = (body: LogicalPlan): LogicalPlan =>
    definitions.reduceRight<LogicalPlan>(
      (inner, { binding, definition, inline }) => ({
        kind: 'cte',
        columns: inner.columns,
        id: binding.id,
        name: binding.name,
        definition,
        body: inner,
        ...(inline === null ? {} : { materialized: inline }),
      }),
      body,
    );
  return { scope, wrap };
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

/** base UNION [ALL] step, where the step reads the CTE's own name; undefined when it does not refer to itself. */
function bindRecursive(
  cte: ast.CommonTableExpression,
  query: ast.Query,
  scope: Scope,
  state: BindState,
): LogicalPlan | undefined {
  const { body } = query;
  if (body.kind !== 'set_operation' || body.operator !== 'union') return undefined;
  const inner = bindWith(query.with, scope, state);
  const base = settlePlan(bindOperand(body.left, inner.scope, state), state);
  const binding: CteBinding = { id: nextId(state), name: cte.name, columns: renamed(cte, base.columns), used: 0 };
  const stepScope = scopeOf(NO_NAMES, inner.scope, new Map([[cte.name, binding]]));
  const step = bindOperand(body.right, stepScope, state);
  if (binding.used === 0) return undefined;
  if (query.orderBy.length > 0 || query.limit !== null || query.offset !== null) {
    const what = query.orderBy.length > 0 ? 'ORDER BY' : query.limit !== null ? 'LIMIT' : 'OFFSET';
    throw sqlError('feature_not_supported', `${what} in a recursive query is not implemented`, {
      position: query.position,
    });
  }
  if (binding.used > 1) {
    const text = `recursive reference to query "${cte.name}" must not appear more than once`;
    throw sqlError('invalid_recursion', text, { position: body.right.position });
  }
  if (step.columns.length !== base.columns.length) {
    throw sqlError('syntax_error', 'each UNION query must have the same number of columns', {
      position: body.right.position,
    });
  }
  const right = coercePlan(
    step,
    base.columns.map((column) => column.type),
    'assignment',
    state,
    body.right.position,
  );
  const columns = base.columns.map((column) => freshColumn(state, column.name, column.type));
  return inner.wrap({
    kind: 'recursive-cte',
    columns,
    id: binding.id,
    name: cte.name,
    base,
    step: right,
    unionAll: body.all,
  });
}

entries.query = bindQuery;
