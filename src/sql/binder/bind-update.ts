// UPDATE: FROM, WHERE, subqueries that give several columns, checks, RETURNING.
import { sqlError } from '../../errors/sql-error.ts';
import type { PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { freeColumns } from '../../plan/walk.ts';
import type * as ast from '../ast.ts';
import type * as change from '../ast-change.ts';
import { bindAssignments } from './bind-assignments.ts';
import type { BindState } from './bind-context.ts';
import { bindFromList, scanOf } from './bind-from.ts';
import { bindCondition } from './bind-operator.ts';
import {
  bindReturning,
  rowChecks,
  rowColumns,
  rowNames,
  type TargetTable,
  targetName,
  targetTable,
} from './bind-target-table.ts';
import { bindWith } from './bind-with.ts';
import { plainScope } from './expression-scope.ts';
import { bindQuery } from './recursion.ts';
import { combineNamespaces, type Namespace, namedTable, queryLevel, type Scope, scopeOf } from './scope.ts';

export interface ChangeInput {
  readonly input: LogicalPlan;
  readonly oldColumns: readonly PlanColumn[];
  readonly own: Namespace;
  readonly names: Namespace;
  /** what FROM and WHERE stand in */
  readonly level: Scope;
}

/** Row id, the old row, then FROM's columns, filtered: shared by UPDATE and DELETE. */
export function bindChangeInput(
  table: TargetTable,
  alias: ast.Alias | null,
  from: readonly ast.FromItem[],
  where: ast.Expression | null,
  outer: Scope,
  state: BindState,
): ChangeInput {
  const name = alias?.name ?? targetName(table);
  state.read.add(table.relation.oid);
  const rows = changedRows(table, name, state);
  const { oldColumns } = rows;
  const own = namedTable(name, rows.visible, alias?.columns ?? [], state, {
    relation: table.relation.oid,
    realName: targetName(table),
  });
  const level = queryLevel(outer, own.tables);
  let input = rows.plan;
  let names = own;
  if (from.length > 0) {
    const other = bindFromList(from, level, state);
    names = combineNamespaces(own, other.namespace);
    const columns = [...input.columns, ...other.plan.columns];
    const lateral = [...freeColumns(other.plan)].some((id) => oldColumns.some((column) => column.id === id));
    input = lateral
      ? { kind: 'apply', type: 'inner', columns, left: input, right: other.plan, condition: null }
      : { kind: 'join', type: 'inner', columns, left: input, right: other.plan, condition: null };
  }
  if (where !== null) {
    const at = plainScope(state, scopeOf(names, level), 'WHERE');
    input = {
      kind: 'filter',
      columns: input.columns,
      input,
      condition: bindCondition(where, 'WHERE', at),
    };
  }
  return { input, oldColumns, own, names, level };
}

/** What is changed: rows of the table, or what a view shows of them. */
function changedRows(table: TargetTable, name: string, state: BindState) {
  const { view } = table;
  if (view !== null)
    return { plan: view.plan, oldColumns: view.row, visible: view.columns.map(({ column }) => column) };
  const plan: LogicalPlan = scanOf(table.relation, name, state, true);
  const oldColumns = plan.columns.slice(1);
  return { plan, oldColumns, visible: oldColumns };
}

export function bindUpdate(syntax: change.Update, outer: Scope | null, state: BindState): LogicalPlan {
  const table = targetTable(syntax.table, 'update', state);
  const { scope, wrap } = bindWith(syntax.with, outer, state);
  const bound = bindChangeInput(table, syntax.alias, syntax.from, syntax.where, scope, state);
  const names = scopeOf(bound.names, bound.level);
  const applied = applySubqueries(syntax.assignments, bound.input, names, state);
  const values = bindAssignments(syntax.assignments, table, bound.oldColumns, names, state, applied.columns);
  const newColumns = rowColumns(table, state);
  const alias = syntax.alias?.name ?? targetName(table);
  const { namespace, over } = rowNames(table, alias, syntax.alias?.columns ?? [], newColumns, state);
  const others = { tables: bound.names.tables.slice(1), columns: bound.names.columns.slice(bound.own.columns.length) };
  const { columns, returning } = bindReturning(
    syntax.returning,
    combineNamespaces(namespace, others),
    bound.level,
    state,
    over,
  );
  return {
    kind: 'update',
    columns,
    relation: table.relation.oid,
    input: wrap(applied.input),
    oldColumns: bound.oldColumns,
    values,
    newColumns,
    checks: rowChecks(table, newColumns, state),
    returning,
  };
}

interface Applied {
  readonly input: LogicalPlan;
  /** the subquery's columns, for each (a, b) = (SELECT ...) */
  readonly columns: ReadonlyMap<change.Assignment, readonly PlanColumn[]>;
}

/** (a, b) = (SELECT x, y ...): the subquery's row is joined to the input as a single apply. */
function applySubqueries(
  assignments: readonly change.Assignment[],
  input: LogicalPlan,
  names: Scope,
  state: BindState,
): Applied {
  const columns = new Map<change.Assignment, readonly PlanColumn[]>();
  let plan = input;
  for (const assignment of assignments) {
    if (!assignment.multiple || assignment.value.kind !== 'subquery') continue;
    const right = bindQuery(assignment.value.query, names, state);
    if (right.columns.length !== assignment.targets.length) {
      throw sqlError('syntax_error', 'number of columns does not match number of values', {
        position: assignment.value.position,
      });
    }
    plan = {
      kind: 'apply',
      type: 'single',
      columns: [...plan.columns, ...right.columns],
      left: plan,
      right,
      condition: null,
    };
    columns.set(assignment, right.columns);
  }
  return { input: plan, columns };
}
