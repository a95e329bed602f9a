// UPDATE: assignments (single, DEFAULT, multiple from a row or a subquery), FROM, WHERE, generated columns, checks, RETURNING.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { freeColumns, replaceDeep } from '../../plan/walk.ts';
import type * as ast from '../ast.ts';
import type * as change from '../ast-change.ts';
import type { BindState } from './bind-context.ts';
import { bindFromList, scanOf } from './bind-from.ts';
import { toBoolean } from './bind-operator.ts';
import {
  assignTo,
  bindReturning,
  defaultOf,
  generatedValue,
  refuseGenerated,
  rowChecks,
  rowColumns,
  type TargetTable,
  targetColumn,
  targetTable,
} from './bind-target-table.ts';
import { bindWith } from './bind-with.ts';
import { plainScope } from './expression-scope.ts';
import { bindExpression, bindQuery } from './recursion.ts';
import { combineNamespaces, type Namespace, namedTable, type Scope, scopeOf } from './scope.ts';

export interface ChangeInput {
  readonly input: LogicalPlan;
  readonly oldColumns: readonly PlanColumn[];
  readonly own: Namespace;
  readonly names: Namespace;
}

/** Row id, the old row, then FROM's columns, filtered: shared by UPDATE and DELETE. */
export function bindChangeInput(
  table: TargetTable,
  alias: ast.Alias | null,
  from: readonly ast.FromItem[],
  where: ast.Expression | null,
  scope: Scope,
  state: BindState,
  position: number,
): ChangeInput {
  const name = alias?.name ?? table.relation.name;
  const scan = scanOf(table.relation, name, state, true);
  state.read.add(table.relation.oid);
  const oldColumns = scan.columns.slice(1);
  const own = namedTable(name, oldColumns, alias?.columns ?? [], state, position, {
    relation: table.relation.oid,
    realName: table.relation.name,
  });
  let input: LogicalPlan = scan;
  let names = own;
  if (from.length > 0) {
    const other = bindFromList(from, scope, state);
    names = combineNamespaces(own, other.namespace);
    const columns = [...input.columns, ...other.plan.columns];
    const lateral = [...freeColumns(other.plan)].some((id) => oldColumns.some((column) => column.id === id));
    input = lateral
      ? { kind: 'apply', type: 'inner', columns, left: input, right: other.plan, condition: null }
      : { kind: 'join', type: 'inner', columns, left: input, right: other.plan, condition: null };
  }
  if (where !== null) {
    const at = plainScope(state, scopeOf(names, scope), 'WHERE');
    input = {
      kind: 'filter',
      columns: input.columns,
      input,
      condition: toBoolean(bindExpression(where, at), 'WHERE', state, where.position),
    };
  }
  return { input, oldColumns, own, names };
}

export function bindUpdate(syntax: change.Update, state: BindState): LogicalPlan {
  const table = targetTable(syntax.table, 'update', state);
  const { scope, wrap } = bindWith(syntax.with, null, state);
  const bound = bindChangeInput(table, syntax.alias, syntax.from, syntax.where, scope, state, syntax.position);
  const names = scopeOf(bound.names, scope);
  const applied = applySubqueries(syntax.assignments, bound.input, names, state);
  const values = bindAssignments(syntax.assignments, table, bound.oldColumns, names, state, applied.columns);
  const newColumns = rowColumns(table, state);
  const alias = syntax.alias?.name ?? table.relation.name;
  const returned = namedTable(alias, newColumns, syntax.alias?.columns ?? [], state, syntax.position, {
    relation: table.relation.oid,
    realName: table.relation.name,
  });
  const others = { tables: bound.names.tables.slice(1), columns: bound.names.columns.slice(bound.oldColumns.length) };
  const { columns, returning } = bindReturning(syntax.returning, combineNamespaces(returned, others), scope, state);
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

/** The new row in attnum order: assigned values, the old ones elsewhere, generated columns over the result. */
export function bindAssignments(
  assignments: readonly change.Assignment[],
  table: TargetTable,
  oldColumns: readonly PlanColumn[],
  names: Scope,
  state: BindState,
  applied: Applied['columns'] = new Map(),
): Expression[] {
  const at = plainScope(state, names, 'UPDATE');
  const values: Expression[] = oldColumns.map(columnReference);
  const seen = new Set<number>();
  const set = (target: change.ColumnTarget, make: () => { value: ast.Expression | null; bound?: Expression }): void => {
    const index = targetColumn(table, target);
    if (seen.has(index)) {
      throw sqlError('syntax_error', `multiple assignments to same column "${target.name}"`);
    }
    seen.add(index);
    const column = table.columns[index]!;
    const { value, bound } = make();
    if (value?.kind === 'default') {
      values[index] = defaultOf(column, state);
      return;
    }
    refuseGenerated(column, 'update');
    values[index] = assignTo(column, bound ?? bindExpression(value!, at), state, value?.position ?? target.position);
  };
  for (const assignment of assignments) {
    const { value, targets } = assignment;
    const joined = applied.get(assignment);
    if (!assignment.multiple) set(targets[0]!, () => ({ value }));
    else if (joined !== undefined) {
      for (const [i, target] of targets.entries())
        set(target, () => ({ value: null, bound: columnReference(joined[i]!) }));
    } else if (value.kind === 'row') {
      if (value.elements.length !== targets.length) {
        throw sqlError('syntax_error', 'number of columns does not match number of values', {
          position: assignment.value.position,
        });
      }
      for (const [i, target] of targets.entries()) set(target, () => ({ value: value.elements[i]! }));
    } else {
      const text = 'source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression';
      throw sqlError('feature_not_supported', text, { position: value.position });
    }
  }
  return withGenerated(table, values, state);
}

/** Generated columns are computed from the new values of the others. */
function withGenerated(table: TargetTable, values: readonly Expression[], state: BindState): Expression[] {
  if (!table.columns.some((column) => column.generated === 'stored')) return [...values];
  const row = rowColumns(table, state);
  return table.columns.map((column, i) => {
    if (column.generated !== 'stored') return values[i]!;
    return replaceDeep(generatedValue(table, column, row, state), (e) => {
      const at = e.kind === 'column' ? row.findIndex((candidate) => candidate.id === e.id) : -1;
      return at < 0 ? undefined : values[at];
    });
  });
}
