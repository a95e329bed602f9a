// INSERT: column lists, defaults, multi-row VALUES, queries, generated columns, checks, ON CONFLICT, RETURNING. The plan's
// input gives whole rows in attnum order.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan, OnConflict } from '../../plan/logical.ts';
import type * as ast from '../ast.ts';
import type * as change from '../ast-change.ts';
import { bindAssignments } from './bind-assignments.ts';
import type { BindState } from './bind-context.ts';
import { bindCondition } from './bind-operator.ts';
import {
  assignTo,
  bindReturning,
  defaultOf,
  generatedValue,
  refuseGenerated,
  rowChecks,
  rowColumns,
  rowNames,
  type TargetTable,
  targetColumn,
  targetName,
  targetTable,
} from './bind-target-table.ts';
import { bindWith } from './bind-with.ts';
import { coercePlan } from './coerce-plan.ts';
import { columnPosition } from './expression-position.ts';
import { plainScope } from './expression-scope.ts';
import { bindExpression, bindQuery } from './recursion.ts';
import { combineNamespaces, NO_NAMES, namedTable, queryLevel, type Scope, scopeOf } from './scope.ts';
import { canCoerce } from './type-rules.ts';

export function bindInsert(syntax: change.Insert, outer: Scope | null, state: BindState): LogicalPlan {
  const table = targetTable(syntax.table, 'insert into', state);
  const { scope, wrap } = bindWith(syntax.with, outer, state);
  const targets = insertTargets(syntax.columns, table);
  const row = rowColumns(table, state);
  const alias = syntax.alias ?? targetName(table);
  const { namespace, over } = rowNames(table, alias, [], row, state);
  const level = queryLevel(scope, namespace.tables);
  const given = bindSource(syntax, table, targets, level, state);
  const input = completeRows(table, targets, given, state);
  const onConflict =
    syntax.onConflict === null ? null : bindConflict(syntax.onConflict, table, row, alias, level, state);
  const { columns, returning } = bindReturning(syntax.returning, namespace, level, state, over);
  return {
    kind: 'insert',
    columns,
    relation: table.relation.oid,
    input: wrap(input),
    rowColumns: row,
    checks: rowChecks(table, row, state),
    onConflict,
    returning,
  };
}

/** The columns that values are for, as indexes; all without a list. */
export function insertTargets(listed: readonly change.ColumnTarget[], table: TargetTable): number[] {
  if (listed.length === 0) return unlistedTargets(table);
  const partial = listed.find((column) => column.indirection.length > 0);
  if (partial !== undefined) {
    throw sqlError('feature_not_supported', 'INSERT into array elements or fields is not supported', {
      position: partial.position,
      hint: 'Insert the whole array.',
    });
  }
  const indexes = listed.map((column) => targetColumn(table, column));
  const twice = indexes.findIndex((index, i) => indexes.indexOf(index) !== i);
  if (twice >= 0) {
    const { name, position } = listed[twice]!;
    throw sqlError('duplicate_column', `column "${name}" specified more than once`, { position });
  }
  return indexes;
}

/** All columns; of a view those before the first that is computed. */
function unlistedTargets({ columns, view }: TargetTable): number[] {
  if (view === null) return columns.map((_, i) => i);
  const bases = view.columns.map(({ base }) => base);
  const end = bases.indexOf(null);
  return (end < 0 ? bases : bases.slice(0, end)).map((base) => base!);
}

function checkWidth(syntax: change.Insert, width: number, targets: readonly number[], position: number): void {
  if (width > targets.length)
    throw sqlError('syntax_error', 'INSERT has more expressions than target columns', { position });
  if (syntax.columns.length > 0 && width < targets.length) {
    throw sqlError('syntax_error', 'INSERT has more target columns than expressions', {
      position: syntax.columns[width]!.position,
    });
  }
}

/** The source's rows, as many columns as it gives, already of the target columns' types. */
function bindSource(
  syntax: change.Insert,
  table: TargetTable,
  targets: readonly number[],
  scope: Scope,
  state: BindState,
): LogicalPlan | null {
  const { source } = syntax;
  if (source === null) return null;
  const { body } = source;
  const simple =
    body.kind === 'values' &&
    source.with === null &&
    source.limit === null &&
    source.orderBy.length === 0 &&
    source.offset === null;
  if (simple) return bindRows(syntax, body as ast.Values, table, targets, scope, state);
  const plan = bindQuery(source, scope, state);
  checkWidth(syntax, plan.columns.length, targets, columnPosition(body, targets.length));
  const columns = plan.columns.map((_, i) => table.columns[targets[i]!]!);
  for (const column of columns) if (!overrides(syntax)) refuseGenerated(column, 'insert');
  plan.columns.forEach((column, i) => {
    if (!canCoerce(column.type, columns[i]!.type, 'assignment', state))
      assignTo(columns[i]!, columnReference(column), state, { position: columnPosition(body, i) });
  });
  return coercePlan(
    plan,
    columns.map((column) => column.type),
    'assignment',
    state,
    undefined,
  );
}

const overrides = (syntax: change.Insert): boolean => syntax.overriding === 'system';

/** VALUES: each expression is converted to its target column at once; DEFAULT is allowed. */
function bindRows(
  syntax: change.Insert,
  body: ast.Values,
  table: TargetTable,
  targets: readonly number[],
  scope: Scope,
  state: BindState,
): LogicalPlan {
  const at = plainScope(state, { ...scope, namespace: NO_NAMES }, 'VALUES');
  const width = body.rows[0]?.length ?? 0;
  const defaults = new Map<number, Expression>();
  const rows = body.rows.map((items) => {
    if (items.length !== width) {
      throw sqlError('syntax_error', 'VALUES lists must all be the same length', {
        position: items[0]?.position ?? body.position,
      });
    }
    checkWidth(syntax, width, targets, items[targets.length]?.position ?? items[0]?.position ?? body.position);
    return items.map((item, i) => {
      const index = targets[i]!;
      const column = table.columns[index]!;
      if (item.kind === 'default') {
        if (!defaults.has(index)) defaults.set(index, defaultOf(column, state));
        return defaults.get(index)!;
      }
      if (syntax.overriding === 'user' && column.generated?.startsWith('identity') === true)
        return defaultOf(column, state);
      if (!overrides(syntax) || column.generated === 'stored') refuseGenerated(column, 'insert');
      return assignTo(column, bindExpression(item, at), state, item);
    });
  });
  const columns: PlanColumn[] = rowColumns(
    { ...table, columns: targets.slice(0, width).map((index) => table.columns[index]!) },
    state,
  );
  return { kind: 'values', columns, rows };
}

/** Whole rows: given columns, defaults for the rest, then generated columns over them. */
export function completeRows(
  table: TargetTable,
  targets: readonly number[],
  given: LogicalPlan | null,
  state: BindState,
): LogicalPlan {
  const input: LogicalPlan = given ?? { kind: 'values', columns: [], rows: [[]] };
  const base = table.columns.map((column, index): Expression => {
    const at = targets.indexOf(index);
    const source = at >= 0 && at < input.columns.length && given !== null ? input.columns[at] : undefined;
    return source === undefined ? defaultOf(column, state) : columnReference(source);
  });
  const columns = rowColumns(table, state);
  const rows: LogicalPlan = { kind: 'project', columns, input, expressions: base };
  if (!table.columns.some((column) => column.generated === 'stored')) return rows;
  const full = rowColumns(table, state);
  const expressions = table.columns.map((column, i) =>
    column.generated === 'stored' ? generatedValue(table, column, columns, state) : columnReference(columns[i]!),
  );
  return { kind: 'project', columns: full, input: rows, expressions };
}

function bindConflict(
  syntax: change.OnConflict,
  table: TargetTable,
  excluded: readonly PlanColumn[],
  alias: string,
  scope: Scope,
  state: BindState,
): OnConflict {
  if (table.view !== null) {
    const hint = 'Insert into the table under it.';
    const { position } = syntax;
    throw sqlError('feature_not_supported', 'ON CONFLICT over a view is not supported', { position, hint });
  }
  const target = conflictTarget(syntax, table, state);
  if (syntax.action === 'nothing') return { target, update: null };
  if (target === null) {
    throw sqlError('syntax_error', 'ON CONFLICT DO UPDATE requires inference specification or constraint name', {
      position: syntax.position,
      hint: 'For example, ON CONFLICT (column_name).',
    });
  }
  const existingColumns = rowColumns(table, state);
  const existing = namedTable(alias, existingColumns, [], state, {
    relation: table.relation.oid,
    realName: table.relation.name,
  });
  const proposed = { tables: [{ alias: 'excluded', columns: excluded }], columns: excluded };
  const names = scopeOf(combineNamespaces(existing, proposed), scope);
  const values = bindAssignments(syntax.assignments, table, existingColumns, names, state);
  const where = syntax.where === null ? null : bindCondition(syntax.where, 'WHERE', plainScope(state, names, 'WHERE'));
  return { target, update: { existingColumns, values, where } };
}

function conflictTarget(syntax: change.OnConflict, table: TargetTable, state: BindState): readonly number[] | null {
  const keys = table.constraints.filter((one) => one.kind === 'primary-key' || one.kind === 'unique');
  if (syntax.constraint !== null) {
    const found = keys.find((constraint) => constraint.name === syntax.constraint);
    if (found !== undefined) return found.columns;
    const text = `constraint "${syntax.constraint}" for table "${table.relation.name}" does not exist`;
    throw sqlError('undefined_object', text);
  }
  if (syntax.targets.length === 0) return null;
  const attributes = syntax.targets.map((element) => {
    if (element.column === null) {
      throw sqlError('feature_not_supported', 'ON CONFLICT over an expression is not supported', {
        position: element.position,
      });
    }
    const column = table.columns.find((candidate) => candidate.name === element.column);
    if (column !== undefined) return column.attribute;
    throw sqlError('undefined_column', `column "${element.column}" does not exist`, { position: element.position });
  });
  const same = (list: readonly number[]) =>
    list.length === new Set(attributes).size && list.every((a) => attributes.includes(a));
  const found = keys.find((constraint) => same(constraint.columns));
  if (found !== undefined) return found.columns;
  for (const index of state.context.catalog.relations.values()) {
    if (index.kind !== 'index' || index.table !== table.relation.oid) continue;
    if (index.unique && same(index.keyAttributes)) return index.keyAttributes;
  }
  throw sqlError(
    'invalid_column_reference',
    'there is no unique or exclusion constraint matching the ON CONFLICT specification',
  );
}
