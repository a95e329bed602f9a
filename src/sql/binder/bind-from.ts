// FROM: tables, views, common table expressions, subqueries, functions, window functions of streams, and joins between
// them with USING and NATURAL. Gives a plan and the names it brings into scope.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, expressionsOf, freeColumns } from '../../plan/walk.ts';
import { childExpressions, conjunction } from '../../plan/walk-expression.ts';
import { BOOL, INT8 } from '../../types/sql-type.ts';
import type * as ast from '../ast.ts';
import { parseStatements } from '../parser/parse.ts';
import { type BindState, freshColumn, newState } from './bind-context.ts';
import { bindFromFunction } from './bind-from-function.ts';
import { bindCondition, equality } from './bind-operator.ts';
import { coerce } from './coerce.ts';
import { settlePlan } from './coerce-plan.ts';
import { plainScope } from './expression-scope.ts';
import { bindQuery, entries } from './recursion.ts';
import { findRelation } from './relation-names.ts';
import {
  asNullable,
  combineNamespaces,
  findCte,
  freshColumns,
  type Namespace,
  NO_NAMES,
  namedTable,
  type Scope,
  scopeOf,
} from './scope.ts';
import { commonType } from './type-rules.ts';

export interface BoundFrom {
  readonly plan: LogicalPlan;
  readonly namespace: Namespace;
}

export const ONE_ROW: LogicalPlan = { kind: 'values', columns: [], rows: [[]] };

/** Comma-separated items; LATERAL ones see those before them. */
export function bindFromList(items: readonly ast.FromItem[], scope: Scope, state: BindState): BoundFrom {
  let result: BoundFrom | undefined;
  for (const item of items) {
    const next = bindFromItem(item, result?.namespace ?? NO_NAMES, scope, state);
    result =
      result === undefined
        ? next
        : joinPlans('inner', result, next, null, combineNamespaces(result.namespace, next.namespace), state);
  }
  return result ?? { plan: ONE_ROW, namespace: NO_NAMES };
}

/** A join, or an apply where the right side reads columns of the left one. */
function joinPlans(
  type: ast.FromJoin['type'],
  left: BoundFrom,
  right: BoundFrom,
  condition: Expression | null,
  namespace: Namespace,
  state: BindState,
): BoundFrom {
  const free = freeColumns(right.plan);
  const lateral = left.plan.columns.find((column) => free.has(column.id));
  const isHalf = type === 'semi' || type === 'anti';
  const columns = isHalf ? left.plan.columns : [...left.plan.columns, ...right.plan.columns];
  if (lateral === undefined)
    return { plan: { kind: 'join', columns, type, left: left.plan, right: right.plan, condition }, namespace };
  if (type === 'right' || type === 'full') {
    const table = left.namespace.tables.find((one) => one.columns.some((column) => column.id === lateral.id));
    const reference = referenceIn(right.plan, lateral.id);
    const position = reference && state.positions.get(reference);
    const text = `invalid reference to FROM-clause entry for table "${table?.alias}"`;
    throw sqlError('invalid_column_reference', text, {
      ...(position !== undefined && { position }),
      detail: 'The combining JOIN type must be INNER or LEFT for a LATERAL reference.',
    });
  }
  return { plan: { kind: 'apply', columns, type, left: left.plan, right: right.plan, condition }, namespace };
}

/** The first use of a column in a plan. */
function referenceIn(plan: LogicalPlan, id: number): Expression | undefined {
  const find = (e: Expression): Expression | undefined =>
    e.kind === 'column' && e.id === id
      ? e
      : childExpressions(e)
          .map(find)
          .find((found) => found !== undefined);
  return (
    expressionsOf(plan)
      .map(find)
      .find((found) => found !== undefined) ??
    childPlans(plan)
      .map((input) => referenceIn(input, id))
      .find((found) => found !== undefined)
  );
}

function bindFromItem(item: ast.FromItem, before: Namespace, scope: Scope, state: BindState): BoundFrom {
  if (item.kind === 'from_join') return bindJoin(item, before, scope, state);
  const bound = bindSingleItem(item, before, scope, state);
  scope.rangeTable?.push(...bound.namespace.tables);
  return bound;
}

function bindSingleItem(
  item: Exclude<ast.FromItem, ast.FromJoin>,
  before: Namespace,
  scope: Scope,
  state: BindState,
): BoundFrom {
  const lateralScope = (): Scope => scopeOf(before, scope);
  switch (item.kind) {
    case 'from_table':
      return bindFromTable(item, scope, state);
    case 'from_subquery': {
      const plan = settlePlan(bindQuery(item.query, item.lateral ? lateralScope() : scope, state), state);
      const columns = freshNames(plan, state);
      const alias = item.alias?.name ?? 'unnamed_subquery';
      return {
        plan: columns,
        namespace: namedTable(alias, columns.columns, item.alias?.columns ?? [], state),
      };
    }
    case 'from_function':
      return bindFromFunction(item, lateralScope(), scope, state);
    case 'from_match_recognize':
      throw sqlError('feature_not_supported', 'MATCH_RECOGNIZE is not supported yet', {
        position: item.position,
        hint: 'Compare each row with those before it: lag(x) OVER (PARTITION BY key ORDER BY time).',
      });
  }
}

/** Output columns keep their ids, but a column listed twice needs two. */
function freshNames(plan: LogicalPlan, state: BindState): LogicalPlan {
  if (new Set(plan.columns.map((column) => column.id)).size === plan.columns.length) return plan;
  const seen = new Set<number>();
  const columns = plan.columns.map((column) => {
    if (seen.has(column.id)) return freshColumn(state, column.name, column.type, column.origin);
    seen.add(column.id);
    return column;
  });
  return { kind: 'project', columns, input: plan, expressions: plan.columns.map(columnReference) };
}

function bindFromTable(item: ast.FromTable, scope: Scope, state: BindState): BoundFrom {
  const { table, position } = item;
  if (item.sample !== null) {
    const hint = 'Use WHERE random() < 0.1 for a tenth of the rows.';
    throw sqlError('feature_not_supported', 'TABLESAMPLE is not supported', { position, hint });
  }
  if (item.systemTime !== null) {
    const hint =
      'A join with a table reads its rows of now, and takes changes up; leave FOR SYSTEM_TIME out if that will do.';
    throw sqlError('feature_not_supported', 'FOR SYSTEM_TIME AS OF is not supported yet', { position, hint });
  }
  const name = table.parts.at(-1)!;
  const alias = item.alias?.name ?? name;
  const renames = item.alias?.columns ?? [];
  const cte = table.parts.length === 1 ? findCte(scope, name) : undefined;
  if (cte !== undefined) {
    if (cte.silent === true) {
      const text = `WITH query "${name}" does not have a RETURNING clause`;
      throw sqlError('feature_not_supported', text, { position });
    }
    const columns = freshColumns(cte.columns, state);
    const plan: LogicalPlan = { kind: 'cte-reference', columns, id: cte.id, name: cte.name };
    return {
      plan,
      namespace: namedTable(alias, columns, renames, state, {
        realName: name,
        working: cte.working === true,
      }),
    };
  }
  const relation = findRelation(table, state, scope);
  if (relation.kind === 'index') {
    throw sqlError('wrong_object_type', `"${relation.name}" is an index`, { position });
  }
  const schema = state.context.catalog.schemas.get(relation.schemaOid)?.name;
  const withRowId = state.context.rowIds === true && relation.kind === 'table';
  const plan =
    relation.kind === 'view'
      ? expandView(relation, state)
      : relation.kind === 'sequence'
        ? sequenceScan(relation.oid, alias, state)
        : scanOf(relation, alias, state, withRowId);
  const extra = {
    relation: relation.oid,
    realName: name,
    ...(schema === undefined ? {} : { schema }),
    ...(withRowId ? { rowId: plan.columns[0]! } : {}),
  };
  state.read.add(relation.oid);
  state.context.trace?.relation(table.position, relation.oid);
  const visible = plan.columns.slice(withRowId ? 1 : 0);
  return { plan, namespace: namedTable(alias, visible, renames, state, extra) };
}

/** A sequence as a table of one row. */
function sequenceScan(relation: number, alias: string, state: BindState): LogicalPlan {
  const columns = [
    freshColumn(state, 'last_value', INT8),
    freshColumn(state, 'log_cnt', INT8),
    freshColumn(state, 'is_called', BOOL),
  ];
  return { kind: 'scan', columns, relation, attributes: [1, 2, 3], alias, filters: [] };
}

type RelationLike = ReturnType<typeof findRelation>;

/** A scan of all columns in order, or with the hidden row id (attribute 0) first. */
export function scanOf(
  relation: RelationLike,
  alias: string,
  state: BindState,
  withRowId = false,
): Extract<LogicalPlan, { kind: 'scan' }> {
  const ordered = [...relation.columns].sort((a, b) => a.attribute - b.attribute);
  const columns = ordered.map((column) =>
    freshColumn(state, column.name, column.type, { relation: relation.oid, attribute: column.attribute }),
  );
  const scan = state.nextId;
  columns.forEach((column, i) => {
    state.origins.set(column.id, { relation: relation.oid, attribute: ordered[i]!.attribute, scan });
  });
  const rowId = withRowId ? [freshColumn(state, '_row_id', INT8)] : [];
  return {
    kind: 'scan',
    columns: [...rowId, ...columns],
    relation: relation.oid,
    attributes: [...rowId.map(() => 0), ...ordered.map((column) => column.attribute)],
    alias,
    filters: [],
  };
}

/** A view's query, as a projection to the view's columns. */
export function expandView(view: Extract<RelationLike, { kind: 'view' }>, state: BindState): LogicalPlan {
  if (state.expanding.includes(view.oid)) {
    throw sqlError('invalid_object_definition', `infinite recursion detected in rules for relation "${view.name}"`);
  }
  const statement = parseStatements(view.sql)[0]?.statement;
  if (statement?.kind !== 'query') throw sqlError('internal_error', `view "${view.name}" has no query`);
  const inner: BindState = {
    ...newState({ ...state.context, searchPath: view.searchPath, rowIds: false, trace: undefined }),
    nextId: state.nextId,
    read: state.read,
    origins: state.origins,
    functions: state.functions,
    expanding: [...state.expanding, view.oid],
  };
  const plan = settlePlan(bindQuery(statement, null, inner), inner);
  state.nextId = inner.nextId;
  const expressions = plan.columns.map(columnReference);
  const columns = plan.columns.map((column, i) =>
    freshColumn(state, view.columns[i]?.name ?? column.name, column.type, { relation: view.oid, attribute: i + 1 }),
  );
  return { kind: 'project', columns, input: plan, expressions };
}

function bindJoin(item: ast.FromJoin, before: Namespace, scope: Scope, state: BindState): BoundFrom {
  const { position } = item;
  if (item.asof) {
    const lateral = 'SELECT * FROM b WHERE b.key = a.key AND b.time <= a.time ORDER BY b.time DESC LIMIT 1';
    const hint = `Use a LEFT JOIN LATERAL (${lateral}) AS b ON true.`;
    throw sqlError('feature_not_supported', 'ASOF JOIN is not supported yet', { position, hint });
  }
  const left = bindFromItem(item.left, before, scope, state);
  const visible = {
    tables: [...before.tables, ...left.namespace.tables],
    columns: [...before.columns, ...left.namespace.columns],
  };
  const right = bindFromItem(item.right, visible, scope, state);
  const nullable = (side: 'left' | 'right') => item.type === 'full' || item.type === side;
  const both = combineNamespaces(
    nullable('right') ? asNullable(left.namespace) : left.namespace,
    nullable('left') ? asNullable(right.namespace) : right.namespace,
  );
  if (item.type === 'semi' || item.type === 'anti') {
    const condition = halfJoinCondition(item, left, right, scopeOf(both, scope), state);
    return aliasJoin(item, joinPlans(item.type, left, right, condition, left.namespace, state), state);
  }
  const shared = item.natural ? naturalColumns(left.namespace, right.namespace) : item.using;
  if (shared !== null && shared.length > 0) return joinUsing(item, shared, left, right, both, state);
  let condition: Expression | null = null;
  if (item.on !== null) {
    condition = bindCondition(item.on, 'JOIN/ON', plainScope(state, scopeOf(both, scope), 'JOIN conditions'));
  }
  return aliasJoin(item, joinPlans(item.type, left, right, condition, both, state), state);
}

/** Of LEFT SEMI JOIN and LEFT ANTI JOIN, which have no columns of the right side to merge. */
function halfJoinCondition(
  item: ast.FromJoin,
  left: BoundFrom,
  right: BoundFrom,
  both: Scope,
  state: BindState,
): Expression {
  const { position, using } = item;
  if (item.on !== null) return bindCondition(item.on, 'JOIN/ON', plainScope(state, both, 'JOIN conditions'));
  const tests = (using ?? []).map((name): Expression => {
    const l = columnReference(usingColumn(left.namespace, name, 'left', position));
    const r = columnReference(usingColumn(right.namespace, name, 'right', position));
    const equal = equality(l, r, state, position);
    return { kind: 'call', type: equal.type, function: equal.definition.id, args: equal.args, position };
  });
  return conjunction(tests)!;
}

function naturalColumns(left: Namespace, right: Namespace): string[] {
  const names = new Set(right.columns.map((column) => column.name));
  return left.columns.map((column) => column.name).filter((name) => names.has(name));
}

function usingColumn(namespace: Namespace, name: string, side: 'left' | 'right', position: number): PlanColumn {
  const found = namespace.columns.filter((column) => column.name === name);
  if (found.length > 1) {
    throw sqlError('ambiguous_column', `common column name "${name}" appears more than once in ${side} table`, {
      position,
    });
  }
  if (found[0] === undefined) {
    const text = `column "${name}" specified in USING clause does not exist in ${side} table`;
    throw sqlError('undefined_column', text);
  }
  return found[0];
}

/** The merged columns come first: the left one, the right one of a RIGHT JOIN, or their COALESCE in a FULL JOIN. */
function joinUsing(
  item: ast.FromJoin,
  names: readonly string[],
  left: BoundFrom,
  right: BoundFrom,
  both: Namespace,
  state: BindState,
): BoundFrom {
  const { position, type } = item;
  const tests: Expression[] = [];
  const merged: { readonly column: PlanColumn; readonly computed: Expression | null }[] = [];
  for (const name of names) {
    const l = usingColumn(left.namespace, name, 'left', position);
    const r = usingColumn(right.namespace, name, 'right', position);
    const equal = equality(columnReference(l), columnReference(r), state, position);
    tests.push({ kind: 'call', type: equal.type, function: equal.definition.id, args: equal.args, position });
    const common = commonType([l.type, r.type], 'JOIN/USING', state, () => position);
    const values = (type === 'right' ? [r] : type === 'full' ? [l, r] : [l]).map((c) =>
      coerce(columnReference(c), common, 'implicit', state, position),
    );
    const value: Expression = values.length === 1 ? values[0]! : { kind: 'coalesce', type: common, args: values };
    if (value.kind === 'column') merged.push({ column: type === 'right' ? r : l, computed: null });
    else merged.push({ column: freshColumn(state, name, common), computed: value });
  }
  const joined = joinPlans(type, left, right, conjunction(tests), both, state);
  const computed = merged.filter((m) => m.computed !== null);
  const plan: LogicalPlan =
    computed.length === 0
      ? joined.plan
      : {
          kind: 'project',
          input: joined.plan,
          columns: [...joined.plan.columns, ...computed.map((m) => m.column)],
          expressions: [...joined.plan.columns.map(columnReference), ...computed.map((m) => m.computed!)],
        };
  const rest = both.columns.filter((column) => !names.includes(column.name));
  const columns = [...merged.map((m) => m.column), ...rest];
  const tables =
    item.usingAlias === null
      ? both.tables
      : [...both.tables, { alias: item.usingAlias, columns: merged.map((m) => m.column) }];
  for (const m of merged) if (!state.columnNames.has(m.column.id)) state.columnNames.set(m.column.id, m.column.name);
  return aliasJoin(item, { plan, namespace: { tables, columns } }, state);
}

function aliasJoin(item: ast.FromJoin, joined: BoundFrom, state: BindState): BoundFrom {
  if (item.alias === null) return joined;
  const working = joined.namespace.tables.some((table) => table.working);
  const { name, columns } = item.alias;
  const namespace = namedTable(name, joined.namespace.columns, columns, state, { working });
  return { plan: joined.plan, namespace };
}

entries.fromTable = bindFromTable;
