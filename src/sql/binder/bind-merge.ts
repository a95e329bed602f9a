// MERGE: the source joined to the target once, then one change per WHEN clause over the rows that no clause before it has taken. The plan
// is a WITH of the join and of those changes around nothing: they are its steps, and the statement has no rows of its own.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { conjunction } from '../../plan/walk-expression.ts';
import { BOOL } from '../../types/sql-type.ts';
import type * as change from '../ast-change.ts';
import { bindAssignments } from './bind-assignments.ts';
import type { BindState } from './bind-context.ts';
import { bindFromList, scanOf } from './bind-from.ts';
import { completeRows, insertTargets } from './bind-insert.ts';
import { bindCondition } from './bind-operator.ts';
import {
  assignTo,
  defaultOf,
  refuseGenerated,
  rowChecks,
  rowColumns,
  type TargetTable,
  targetTable,
} from './bind-target-table.ts';
import { bindWith } from './bind-with.ts';
import { type ExpressionScope, plainScope } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';
import {
  combineNamespaces,
  freshColumns,
  type Namespace,
  namedTable,
  queryLevel,
  type Scope,
  scopeOf,
} from './scope.ts';

/** The rows that all clauses read: the target's row id (NULL: no match), its columns, the source's. */
interface Joined {
  readonly id: number;
  readonly plan: LogicalPlan;
  readonly table: TargetTable;
  readonly alias: string;
  readonly source: Namespace;
  readonly level: Scope;
}

const NAME = 'merge';

export function bindMerge(syntax: change.Merge, outer: Scope | null, state: BindState): LogicalPlan {
  refuseClauses(syntax);
  const table = targetTable(syntax.table, 'update', state);
  if (table.view !== null) {
    const text = `cannot execute MERGE on relation "${table.view.view.name}"`;
    const { position } = syntax.table;
    throw sqlError('wrong_object_type', text, { position, detail: 'This operation is not supported for views.' });
  }
  const { scope, wrap } = bindWith(syntax.with, outer, state);
  const joined = bindJoined(syntax, table, scope, state);
  const nothing: LogicalPlan = { kind: 'values', columns: [], rows: [] };
  const changes = syntax.clauses.flatMap((clause, i): LogicalPlan[] =>
    clause.action === 'nothing' ? [] : [bindClause(clause, syntax.clauses.slice(0, i), joined, state)],
  );
  const body = changes.reduceRight<LogicalPlan>(
    (inner, definition) => ({ kind: 'cte', columns: [], id: nextId(state), name: NAME, definition, body: inner }),
    nothing,
  );
  return wrap({
    kind: 'cte',
    columns: [],
    id: joined.id,
    name: NAME,
    definition: joined.plan,
    body,
    materialized: true,
  });
}

function nextId(state: BindState): number {
  state.nextId += 1;
  return state.nextId - 1;
}

function refuseClauses({ clauses, returning, position }: change.Merge): void {
  if (returning.length > 0)
    throw sqlError('feature_not_supported', 'MERGE ... RETURNING is not supported', { position });
  for (const [i, { match, position: at }] of clauses.entries()) {
    if (match === 'not_matched_by_source') {
      throw sqlError('feature_not_supported', 'WHEN NOT MATCHED BY SOURCE is not supported', { position: at });
    }
    if (clauses.slice(0, i).some((before) => before.match === match && before.condition === null)) {
      throw sqlError('syntax_error', 'unreachable WHEN clause specified after unconditional WHEN clause');
    }
  }
}

function bindJoined(syntax: change.Merge, table: TargetTable, scope: Scope, state: BindState): Joined {
  const alias = syntax.alias?.name ?? table.relation.name;
  const scan = scanOf(table.relation, alias, state, true);
  state.read.add(table.relation.oid);
  const target = targetNames(table, alias, scan.columns.slice(1), state);
  const level = queryLevel(scope, target.tables);
  const source = bindFromList([syntax.source], level, state);
  if (source.namespace.tables.some((one) => one.alias === alias)) {
    throw sqlError('duplicate_alias', `name "${alias}" specified more than once`, {
      detail: 'The name is used both as MERGE target table and data source.',
    });
  }
  const names = combineNamespaces(target, source.namespace);
  const condition = bindCondition(syntax.on, 'JOIN/ON', plainScope(state, scopeOf(names, level), 'JOIN conditions'));
  const inserts = syntax.clauses.some((clause) => clause.match === 'not_matched_by_target');
  const plan: LogicalPlan = {
    kind: 'join',
    type: inserts ? 'right' : 'inner',
    columns: [...scan.columns, ...source.plan.columns],
    left: scan,
    right: source.plan,
    condition,
  };
  return { id: nextId(state), plan, table, alias, source: source.namespace, level };
}

function targetNames(table: TargetTable, alias: string, columns: readonly PlanColumn[], state: BindState): Namespace {
  const { oid, name } = table.relation;
  return namedTable(alias, columns, [], state, { relation: oid, realName: name });
}

function bindClause(
  clause: change.MergeClause,
  before: readonly change.MergeClause[],
  joined: Joined,
  state: BindState,
): LogicalPlan {
  const { table, plan, level } = joined;
  const columns = freshColumns(plan.columns, state);
  const read: LogicalPlan = { kind: 'cte-reference', columns, id: joined.id, name: NAME };
  const renamed = new Map(plan.columns.map((column, i) => [column.id, columns[i]!]));
  const fresh = (list: readonly PlanColumn[]) =>
    list.map((column) => ({ ...(renamed.get(column.id) ?? column), name: column.name }));
  const source: Namespace = {
    tables: joined.source.tables.map((one) => ({ ...one, columns: fresh(one.columns) })),
    columns: fresh(joined.source.columns),
  };
  const oldColumns = columns.slice(1, 1 + table.columns.length);
  const matched = clause.match === 'matched';
  const target = targetNames(table, joined.alias, oldColumns, state);
  const names = scopeOf(matched ? combineNamespaces(target, source) : source, level);
  const at = plainScope(state, names, 'MERGE WHEN conditions');
  const rowId = columnReference(columns[0]!);
  const taken = before.filter((other) => other.match === clause.match && other.condition !== null);
  const condition = conjunction([
    { kind: 'is-null', type: BOOL, arg: rowId, negated: matched },
    ...taken.map((other) => isNotTrue(bindCondition(other.condition!, 'WHEN', at))),
    ...(clause.condition === null ? [] : [bindCondition(clause.condition, 'WHEN', at)]),
  ])!;
  const input: LogicalPlan = { kind: 'filter', columns, input: read, condition };
  const relation = table.relation.oid;
  switch (clause.action) {
    case 'update': {
      const values = bindAssignments(clause.assignments, table, oldColumns, names, state);
      const newColumns = rowColumns(table, state);
      const checks = rowChecks(table, newColumns, state);
      return { kind: 'update', columns: [], relation, input, oldColumns, values, newColumns, checks, returning: [] };
    }
    case 'delete':
      return { kind: 'delete', columns: [], relation, input, oldColumns, returning: [] };
    default:
      return bindMergeInsert(clause, table, input, { ...at, clause: 'VALUES' }, state);
  }
}

/** true where the condition is false or NULL */
function isNotTrue(condition: Expression): Expression {
  const known: Expression = {
    kind: 'coalesce',
    type: BOOL,
    args: [condition, { kind: 'constant', type: BOOL, value: false }],
  };
  return { kind: 'not', type: BOOL, arg: known };
}

function bindMergeInsert(
  clause: change.MergeClause,
  table: TargetTable,
  input: LogicalPlan,
  at: ExpressionScope,
  state: BindState,
): LogicalPlan {
  const targets = insertTargets(clause.columns, table);
  if (clause.values.length > targets.length) {
    const { position } = clause.values[targets.length]!;
    throw sqlError('syntax_error', 'INSERT has more expressions than target columns', { position });
  }
  if (clause.columns.length > clause.values.length && clause.values.length > 0) {
    const { position } = clause.columns[clause.values.length]!;
    throw sqlError('syntax_error', 'INSERT has more target columns than expressions', { position });
  }
  const given = targets.slice(0, clause.values.length);
  const expressions = clause.values.map((value, i): Expression => {
    const column = table.columns[given[i]!]!;
    if (value.kind === 'default') return defaultOf(column, state);
    if (clause.overriding !== 'system' || column.generated === 'stored') refuseGenerated(column, 'insert');
    return assignTo(column, bindExpression(value, at), state, value);
  });
  const columns = rowColumns({ ...table, columns: given.map((index) => table.columns[index]!) }, state);
  const rows: LogicalPlan = { kind: 'project', columns, input, expressions };
  const row = rowColumns(table, state);
  return {
    kind: 'insert',
    columns: [],
    relation: table.relation.oid,
    input: completeRows(table, given, rows, state),
    rowColumns: row,
    checks: rowChecks(table, row, state),
    onConflict: null,
    returning: [],
  };
}
