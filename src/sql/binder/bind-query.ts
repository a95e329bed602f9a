// Queries: set operations, VALUES, ORDER BY, LIMIT over any body. SELECT itself is bind-select.ts, WITH is bind-with.ts.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn, type SortKey } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { INT8 } from '../../types/sql-type.ts';
import type * as ast from '../ast.ts';
import { sortKeyOf } from './bind-aggregate.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import { toType } from './bind-operator.ts';
import { bindSelect } from './bind-select.ts';
import { bindWith } from './bind-with.ts';
import { noSuchPosition, ordinalOf } from './bound-target.ts';
import { coerce } from './coerce.ts';
import { coercePlan } from './coerce-plan.ts';
import { columnPosition, startOf } from './expression-position.ts';
import { plainScope, refuseVariables } from './expression-scope.ts';
import { missingTable } from './missing-names.ts';
import { bindExpression, entries } from './recursion.ts';
import { NO_NAMES, type Scope } from './scope.ts';
import { commonType, requireEquality, wantedType } from './type-rules.ts';

/** A query in the scope around it (null: none). Untyped output columns stay unknown for the caller to settle. */
function bindQuery(query: ast.Query, outer: Scope | null, state: BindState): LogicalPlan {
  const { scope, wrap } = bindWith(query.with, outer, state);
  return wrap(bindBody(query, scope, state));
}

function bindBody(query: ast.Query, scope: Scope, state: BindState): LogicalPlan {
  const { body } = query;
  if (body.kind === 'select') {
    const ordered = bindSelect(body, query.orderBy, scope, state);
    return ordered.finish(limitOver(query, ordered.plan, ordered.keys, ordered.scope, state));
  }
  const input = bindOperand(body, scope, state);
  const keys = query.orderBy.map((key) => outputKey(key, input.columns, scope));
  const plan = keys.length === 0 ? input : ({ kind: 'sort', columns: input.columns, input, keys } as const);
  return limitOver(query, plan, keys, { ...scope, namespace: NO_NAMES }, state);
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
    const at = plainScope(state, scope, label);
    const bound = toType(bindExpression(e, at), INT8, label, state, e);
    refuseVariables(bound, at, label);
    return bound;
  };
  const limit = count(query.limit, 'LIMIT');
  const offset = count(query.offset, 'OFFSET');
  if (limit === null && offset === null) return input;
  if (query.withTies && keys.length === 0) {
    throw sqlError('syntax_error', 'WITH TIES cannot be specified without ORDER BY clause');
  }
  return { kind: 'limit', columns: input.columns, input, limit, offset, withTies: query.withTies ? keys : null };
}

/** ORDER BY over a set operation: output names and ordinals only. */
function outputKey(key: ast.SortKey, columns: readonly PlanColumn[], scope: Scope): SortKey {
  const { expression } = key;
  const ordinal = ordinalOf(expression, 'ORDER BY');
  if (ordinal !== undefined) {
    const column = columns[ordinal - 1];
    if (column === undefined) throw noSuchPosition(expression, ordinal, 'ORDER BY');
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
  if (expression.kind === 'column') throw missingTable(scope, expression.parts.slice(0, -1), expression.position);
  throw sqlError('feature_not_supported', 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause', {
    position: startOf(expression),
    detail: 'Only result column names can be used, not expressions or functions.',
    hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
  });
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
    commonType([column.type, right.columns[i]!.type], label, state, () => columnPosition(body.right, i)),
  );
  if (body.operator !== 'union' || !body.all) {
    for (const [i, type] of types.entries()) requireEquality(type, () => columnPosition(body.left, i));
  }
  const l = coercePlan(left, types, 'implicit', state, body.left.position);
  const r = coercePlan(right, types, 'implicit', state, body.right.position);
  const columns = left.columns.map((column, i) => freshColumn(state, column.name, types[i]!));
  return { kind: 'set-operation', columns, operation: body.operator, all: body.all, left: l, right: r };
}

function bindValues(body: ast.Values, scope: Scope, state: BindState): LogicalPlan {
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
    const column = rows.map((row) => row[i]!);
    if (rows.length === 1 || column.every(({ type }) => type.name === 'unknown')) return column[0]!.type;
    return commonType(column.map(wantedType), 'VALUES', state, (r) => startOf(body.rows[r]![i]!));
  });
  const converted = rows.map((row, r) =>
    row.map((e, i) => coerce(e, types[i]!, 'implicit', state, body.rows[r]![i]!.position)),
  );
  const columns = types.map((type, i) => freshColumn(state, `column${i + 1}`, type));
  return { kind: 'values', columns, rows: converted };
}

entries.query = bindQuery;
