// SELECT: FROM, WHERE, grouping, windows, the select list with set-returning functions, DISTINCT, and ORDER BY over output
// columns or any expression of the input. Sort keys that are not in the select list ride along as hidden columns and are
// cut off by `finish` after the sort.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn, type SortKey } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { columnsIn } from '../../plan/walk.ts';
import { sameExpression } from '../../plan/walk-expression.ts';
import type * as ast from '../ast.ts';
import { sortKeyOf } from './bind-aggregate.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import { bindFromList } from './bind-from.ts';
import { bindGroupKeys, type Grouping, groupPlan } from './bind-grouping.ts';
import { bindCondition } from './bind-operator.ts';
import { checkWindowDefinitions } from './bind-window-call.ts';
import { assignSparkWindow } from './bind-window-function.ts';
import { type BoundTarget, targetNamed } from './bound-target.ts';
import { settle } from './coerce.ts';
import { startOf } from './expression-position.ts';
import { type Collected, type ExpressionScope, newCollected, type WindowSpec } from './expression-scope.ts';
import { missingTable } from './missing-names.ts';
import { bindExpression } from './recursion.ts';
import { findTable, type Namespace, queryLevel, type Scope, scopeOf } from './scope.ts';
import { columnName } from './target-name.ts';
import { requireEquality } from './type-rules.ts';

/** PostgreSQL's MaxTupleAttributeNumber */
const MAX_TARGETS = 1664;

export interface BoundSelect {
  /** sorted; its columns are the output's and then hidden ones */
  readonly plan: LogicalPlan;
  readonly keys: readonly SortKey[];
  readonly scope: Scope;
  /** cuts hidden columns off */
  readonly finish: (plan: LogicalPlan) => LogicalPlan;
}

export function bindSelect(
  syntax: ast.Select,
  orderBy: readonly ast.SortKey[],
  outer: Scope,
  state: BindState,
): BoundSelect {
  if (syntax.into !== null)
    throw sqlError('syntax_error', 'SELECT ... INTO is not allowed here', { position: syntax.into.table.position });
  const level = queryLevel(outer);
  const from = assignSparkWindow(syntax, bindFromList(syntax.from, level, state), level, state);
  const scope = scopeOf(from.namespace, level);
  const collected = newCollected(syntax.windows);
  const at = (clause: string, aggregates: boolean, windows: boolean, sets: boolean): ExpressionScope => ({
    state,
    scope,
    clause,
    collected,
    allowAggregates: aggregates,
    allowWindows: windows,
    allowSets: sets,
    inside: null,
  });
  let plan = from.plan;
  if (syntax.where !== null) {
    const condition = bindCondition(syntax.where, 'WHERE', at('WHERE', false, false, false));
    plan = { kind: 'filter', columns: plan.columns, input: plan, condition };
  }
  const targetScope = at('SELECT', true, true, true);
  const targets = bindTargets(syntax.targets, targetScope);
  if (targets.length > MAX_TARGETS) {
    throw sqlError('too_many_columns', `target lists can have at most ${MAX_TARGETS} entries`);
  }
  const grouping = bindGroupKeys(syntax, targets, at('GROUP BY', false, false, false));
  const having =
    syntax.having === null ? null : bindCondition(syntax.having, 'HAVING', at('HAVING', true, false, false));
  const sorts = orderBy.map((key) => bindOrderKey(key, targets, at('ORDER BY', true, true, true)));
  const on = syntax.distinct?.on.map((e) => bindDistinctOn(e, targets, at('DISTINCT ON', true, true, true))) ?? null;
  const qualify =
    syntax.qualify === undefined ? null : bindQualify(syntax.qualify, targets, at('QUALIFY', true, true, false));
  const body: SelectBody = { targets, having, qualify, sorts, on, orderBy };
  checkWindowDefinitions(at('window definitions', true, false, false));
  refuseRecursiveAggregate(from.namespace, collected);
  return { ...assemble(syntax, plan, body, grouping, collected, state), scope };
}

/** A round of a recursion sees only the rows of the last one, so there is no whole to aggregate. */
function refuseRecursiveAggregate(from: Namespace, { aggregates }: Collected): void {
  if (aggregates[0] === undefined || !from.tables.some((table) => table.working)) return;
  const text = "aggregate functions are not allowed in a recursive query's recursive term";
  throw sqlError('invalid_recursion', text, { position: aggregates[0].position });
}

/** A name that no input column has means the target of that name, as where QUALIFY comes from. */
function bindQualify(syntax: ast.Expression, targets: readonly BoundTarget[], at: ExpressionScope): Expression {
  const named = new Map(targets.map((target) => [target.name, target.expression]));
  return bindCondition(syntax, 'QUALIFY', { ...at, outputs: named });
}

interface SelectBody {
  readonly targets: readonly BoundTarget[];
  readonly having: Expression | null;
  readonly qualify: Expression | null;
  readonly sorts: readonly SortKey[];
  readonly on: readonly Expression[] | null;
  readonly orderBy: readonly ast.SortKey[];
}

function assemble(
  syntax: ast.Select,
  input: LogicalPlan,
  body: SelectBody,
  grouping: Grouping | null,
  collected: Collected,
  state: BindState,
): Omit<BoundSelect, 'scope'> {
  let plan = input;
  let change = (e: Expression): Expression => e;
  if (grouping !== null || collected.aggregates.length > 0 || body.having !== null || collected.groupings.length > 0) {
    const above = [
      ...body.targets.map((target) => target.expression),
      ...(body.having === null ? [] : [body.having]),
      ...(body.qualify === null ? [] : [body.qualify]),
      ...body.sorts.map((key) => key.expression),
      ...(body.on ?? []),
      ...collected.windows.flatMap(({ spec, call }) => [
        ...call.args,
        ...spec.partitionBy,
        ...spec.orderBy.map((key) => key.expression),
      ]),
      ...collected.sets.flatMap(({ call }) => call.args),
    ];
    const grouped = groupPlan(plan, grouping ?? { keys: [], sets: null }, collected, state, above);
    plan = grouped.plan;
    change = grouped.change;
  }
  const targets = body.targets.map((target) => ({ ...target, expression: change(target.expression) }));
  if (body.having !== null)
    plan = { kind: 'filter', columns: plan.columns, input: plan, condition: change(body.having) };
  plan = windowPlan(plan, collected, change);
  if (body.qualify !== null)
    plan = { kind: 'filter', columns: plan.columns, input: plan, condition: change(body.qualify) };
  plan = setPlan(plan, collected, change);
  const sorts = body.sorts.map((key) => ({ ...key, expression: change(key.expression) }));
  const on = body.on?.map(change) ?? null;
  return project(syntax, plan, { ...body, targets, sorts, on }, state);
}

/** One window node per distinct specification. */
function windowPlan(input: LogicalPlan, collected: Collected, change: (e: Expression) => Expression): LogicalPlan {
  const groups: { spec: WindowSpec; members: Collected['windows'][number][] }[] = [];
  for (const window of collected.windows) {
    const spec: WindowSpec = {
      ...window.spec,
      partitionBy: window.spec.partitionBy.map(change),
      orderBy: window.spec.orderBy.map((key) => ({ ...key, expression: change(key.expression) })),
    };
    const same = groups.find((group) => sameSpec(group.spec, spec));
    if (same === undefined) groups.push({ spec, members: [window] });
    else same.members.push(window);
  }
  let plan = input;
  for (const { spec, members } of groups) {
    plan = {
      kind: 'window',
      columns: [...plan.columns, ...members.map((member) => member.column)],
      input: plan,
      ...spec,
      calls: members.map(({ call }) => ({
        ...call,
        args: call.args.map(change),
        filter: call.filter === null ? null : change(call.filter),
      })),
    };
  }
  return plan;
}

const sameSpec = (a: WindowSpec, b: WindowSpec): boolean =>
  sameExpression({ ...a } as unknown as Expression, { ...b } as unknown as Expression);

/** Sets in lockstep; those over the rows of others, as in f(g(x)), in steps of their own above them. */
function setPlan(input: LogicalPlan, collected: Collected, change: (e: Expression) => Expression): LogicalPlan {
  const depths = new Map<number, number>();
  const steps: Collected['sets'][number][][] = [];
  for (const set of collected.sets) {
    const below = set.call.args.flatMap((arg) => [...columnsIn(arg)].map((id) => depths.get(id) ?? 0));
    const depth = Math.max(0, ...below);
    for (const column of set.columns) depths.set(column.id, depth + 1);
    steps[depth] = [...(steps[depth] ?? []), set];
  }
  return steps.reduce<LogicalPlan>(
    (plan, sets) => ({
      kind: 'project-set',
      columns: [...plan.columns, ...sets.flatMap((set) => set.columns)],
      input: plan,
      functions: sets.map(({ call }) => ({ ...call, args: call.args.map(change) })),
      ordinality: false,
      outer: false,
    }),
    input,
  );
}

/** The select list, hidden sort columns, DISTINCT, the sort. */
function project(
  syntax: ast.Select,
  input: LogicalPlan,
  { targets, sorts, on, orderBy }: SelectBody,
  state: BindState,
): Omit<BoundSelect, 'scope'> {
  const expressions: Expression[] = targets.map((target) => target.expression);
  const columns: PlanColumn[] = targets.map((target) => outputColumn(target, state));
  const visible = columns.length;
  const columnFor = (e: Expression): Expression => {
    let i = expressions.findIndex((other) => sameExpression(other, e));
    if (i < 0) {
      i = expressions.push(e) - 1;
      columns.push(freshColumn(state, 'hidden', e.type));
    }
    return columnReference(columns[i]!);
  };
  const distinct = syntax.distinct !== null;
  if (distinct && on!.length === 0) {
    for (const [i, { expression }] of targets.entries())
      requireEquality(expression.type, () => targetPosition(syntax, i));
  }
  const hiddenSort = sorts.find((key) => !expressions.some((other) => sameExpression(other, key.expression)));
  const keys = sorts.map((key) => ({ ...key, expression: columnFor(key.expression) }));
  if (distinct && on!.length === 0 && columns.length > visible) {
    throw sqlError('invalid_column_reference', 'for SELECT DISTINCT, ORDER BY expressions must appear in select list', {
      position: hiddenSort === undefined ? syntax.position : startOf(orderBy[sorts.indexOf(hiddenSort)]!.expression),
    });
  }
  const onKeys = on?.map(columnFor) ?? [];
  let plan: LogicalPlan = { kind: 'project', columns: [...columns], input, expressions };
  if (distinct && onKeys.length > 0) checkDistinctOn(onKeys, keys, syntax);
  if (distinct) {
    plan = {
      kind: 'distinct',
      columns: plan.columns,
      input: plan,
      on: onKeys.length > 0 ? onKeys : null,
      orderBy: onKeys.length > 0 ? keys : [],
    };
  }
  if (keys.length > 0) plan = { kind: 'sort', columns: plan.columns, input: plan, keys };
  const finish = (sorted: LogicalPlan): LogicalPlan => {
    if (sorted.columns.length === visible) return sorted;
    const kept = sorted.columns.slice(0, visible);
    return { kind: 'project', columns: kept, input: sorted, expressions: kept.map(columnReference) };
  };
  return { plan, keys, finish };
}

function targetPosition(syntax: ast.Select, index: number): number {
  const target = syntax.targets[index] ?? syntax.targets[0];
  return target === undefined ? syntax.position : startOf(target.expression);
}

function outputColumn(target: BoundTarget, state: BindState): PlanColumn {
  const column = freshColumn(state, target.name, target.expression.type, target.origin);
  return column;
}

function checkDistinctOn(on: readonly Expression[], keys: readonly SortKey[], syntax: ast.Select): void {
  const leading = keys.slice(0, on.length);
  if (leading.every((key) => on.some((e) => sameExpression(e, key.expression)))) return;
  throw sqlError('invalid_column_reference', 'SELECT DISTINCT ON expressions must match initial ORDER BY expressions', {
    position: syntax.distinct!.on[0]?.position ?? syntax.distinct!.position,
  });
}

/** The select list with stars expanded. */
export function bindTargets(targets: readonly ast.Target[], at: ExpressionScope): BoundTarget[] {
  return targets.flatMap((target): BoundTarget[] => {
    const { expression: e } = target;
    if (e.kind === 'star') return expandStar(e, at);
    if (e.kind === 'field_star') return expandRecord(bindExpression(e.operand, at), e.position);
    const expression = bindExpression(e, at);
    const origin = expression.kind === 'column' ? at.state.origins.get(expression.id) : undefined;
    const name = target.alias ?? columnName(e);
    return [
      origin === undefined
        ? { name, expression }
        : { name, expression, origin: { relation: origin.relation, attribute: origin.attribute } },
    ];
  });
}

function expandStar(star: ast.Star, at: ExpressionScope): BoundTarget[] {
  const { state, scope } = at;
  if (star.qualifier.length > 0) {
    const table = findTable(scope, star.qualifier, star.position);
    if (table === undefined) throw missingTable(scope, star.qualifier, star.position);
    const columns = without(table.columns, star);
    traceStar(star, columns, at);
    return columns.map((column) => starTarget(column, star.position, state));
  }
  if (scope.namespace.tables.length === 0) {
    throw sqlError('syntax_error', 'SELECT * with no tables specified is not valid', { position: star.position });
  }
  const columns = without(scope.namespace.columns, star);
  traceStar(star, columns, at);
  return columns.map((column) => starTarget(column, star.position, state));
}

function without(columns: readonly PlanColumn[], { except = [], position }: ast.Star): readonly PlanColumn[] {
  const missing = except.find((name) => !columns.some((column) => column.name === name));
  if (missing !== undefined) {
    throw sqlError('undefined_column', `column "${missing}" of EXCEPT does not exist`, { position });
  }
  return except.length === 0 ? columns : columns.filter((column) => !except.includes(column.name));
}

function traceStar(star: ast.Star, columns: readonly PlanColumn[], { state, scope }: ExpressionScope): void {
  const tableOf = ({ id }: PlanColumn) =>
    scope.namespace.tables.find((table) => table.columns.some((column) => column.id === id))?.alias ?? null;
  for (const { id } of columns) {
    const origin = state.origins.get(id);
    if (origin !== undefined) state.context.trace?.column(star.position, origin);
  }
  state.context.trace?.star(
    star.position,
    columns.map((column) => ({ table: tableOf(column), name: column.name })),
  );
}

function starTarget(column: PlanColumn, position: number, state: BindState): BoundTarget {
  const expression = columnReference(column);
  state.positions.set(expression, position);
  return column.origin === undefined
    ? { name: column.name, expression }
    : { name: column.name, expression, origin: column.origin };
}

function expandRecord(value: Expression, position: number): BoundTarget[] {
  if (value.type.name !== 'record' || value.type.fields === undefined) {
    throw sqlError('wrong_object_type', 'record type has not been registered', { position });
  }
  return value.type.fields.map((field, index) => ({
    name: field.name,
    expression: value.kind === 'row' ? value.fields[index]! : { kind: 'field', type: field.type, arg: value, index },
  }));
}

function bindOrderKey(key: ast.SortKey, targets: readonly BoundTarget[], at: ExpressionScope): SortKey {
  const bound =
    targetNamed(key.expression, targets, 'ORDER BY') ?? settle(bindExpression(key.expression, at), at.state);
  return sortKeyOf(key, bound);
}

function bindDistinctOn(e: ast.Expression, targets: readonly BoundTarget[], at: ExpressionScope): Expression {
  return targetNamed(e, targets, 'DISTINCT ON') ?? settle(bindExpression(e, at), at.state);
}
