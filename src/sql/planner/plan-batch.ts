// The planner's door: an optimized logical plan to the batch algebra: column ids to positions, an algorithm for every node, row
// estimates. One function per family of nodes.
import { sqlError } from '../../errors/sql-error.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { BatchPlan, IndexKey, Shape } from '../../plan/batch.ts';
import type { Expression, PlanColumn, SortKey } from '../../plan/expression.ts';
import type { LogicalPlan, WindowCall } from '../../plan/logical.ts';
import { freeColumns } from '../../plan/walk.ts';
import { conjunctsOf } from '../../plan/walk-expression.ts';
import { filteredRows, groupedRows, tableFunctionRows } from './estimate-rows.ts';
import { inLayout, rowsInLayout } from './exact-types.ts';
import { projectLate } from './late-projection.ts';
import { firstColumns, liftUdf } from './lift-udf.ts';
import { planIndexLookup } from './plan-index-lookup.ts';
import { planJoin } from './plan-join.ts';
import { probingStep } from './plan-recursion.ts';
import { ColumnPositions } from './resolve-columns.ts';

export interface PlannerOptions {
  readonly functions: FunctionRegistry;
  readonly statistics: (relation: number) => number;
  /** indexes that keys of the relation may be looked up in; absent: plans scan */
  readonly indexes?: (relation: number) => readonly IndexKey[];
}

/** Parameters of apply nodes are numbered from here on, past any client parameter. */
const FIRST_APPLY_PARAMETER = 100_000;

export interface PlannerState extends PlannerOptions {
  /** parameter index by id of the outer columns in scope */
  readonly outer: ReadonlyMap<number, number>;
  readonly counter: { next: number };
  /** CTE estimates by id */
  readonly cteRows: Map<number, number>;
}

type Of<K extends LogicalPlan['kind']> = LogicalPlan & { readonly kind: K };

export function planBatch(plan: LogicalPlan, options: PlannerOptions): BatchPlan {
  return planNode(plan, newPlannerState(options));
}

export function newPlannerState(options: PlannerOptions): PlannerState {
  return { ...options, outer: new Map(), counter: { next: FIRST_APPLY_PARAMETER }, cteRows: new Map() };
}

export function shapeOf(columns: readonly PlanColumn[], rows: number): Shape {
  return {
    types: columns.map((column) => column.type),
    names: columns.map((column) => column.name),
    rows: Math.max(0, Math.round(rows)),
  };
}

export function positionsIn(columns: readonly PlanColumn[], state: PlannerState): ColumnPositions {
  return new ColumnPositions(columns, state.outer);
}

export function planNode(plan: LogicalPlan, state: PlannerState): BatchPlan {
  switch (plan.kind) {
    case 'scan':
    case 'table-function':
    case 'values':
      return planSource(plan, state);
    case 'filter':
      return planFilter(plan, state);
    case 'project':
      return planProject(plan, state);
    case 'join':
      return planJoinNode(plan, state);
    case 'apply':
      return planApply(plan, state);
    case 'aggregate':
      return planAggregate(plan, state);
    case 'distinct':
      return planDistinct(plan, state);
    case 'sort':
      return planSort(plan, state);
    case 'limit':
      return planLimit(plan, state);
    case 'set-operation':
      return planSetOperation(plan, state);
    case 'window':
      return planWindow(plan, state);
    case 'project-set':
    case 'window-assign':
      return planExpansion(plan, state);
    case 'cte':
    case 'cte-reference':
    case 'recursive-cte':
      return planCte(plan, state);
    default:
      throw sqlError('feature_not_supported', `a data-modifying statement is not supported here`, {
        hint: 'Run it as a statement of its own.',
      });
  }
}

function planSource(plan: Of<'scan'> | Of<'table-function'> | Of<'values'>, state: PlannerState): BatchPlan {
  const positions = positionsIn(plan.columns, state);
  switch (plan.kind) {
    case 'scan': {
      const filters = positions.resolveAll(plan.filters);
      const rows = filteredRows(state.statistics(plan.relation), plan.filters);
      const { relation, alias, attributes } = plan;
      const scan = {
        ...shapeOf(plan.columns, rows),
        kind: 'table-scan',
        relation,
        alias,
        attributes,
        filters,
      } as const;
      const indexes = state.indexes?.(relation) ?? [];
      return planIndexLookup(scan, indexes, state.statistics(relation), state.functions) ?? scan;
    }
    case 'table-function': {
      const rows = tableFunctionRows(plan.call, state.functions);
      const call = new ColumnPositions([], state.outer).tableFunction(plan.call);
      const { options, attributes } = plan;
      return {
        ...shapeOf(plan.columns, rows),
        kind: 'table-function-scan',
        call,
        options,
        attributes,
        filters: positions.resolveAll(plan.filters),
      };
    }
    case 'values': {
      const nothing = new ColumnPositions([], state.outer);
      const rowsOf = plan.rows.map((row) =>
        row.map((one, i) => inLayout(nothing.resolve(one), plan.columns[i]!.type, state.functions)),
      );
      const values: BatchPlan = { ...shapeOf(plan.columns, plan.rows.length), kind: 'values', rowsOf };
      const [only] = rowsOf;
      if (only === undefined || rowsOf.length > 1) return values;
      // A single row of expressions with UDF calls: compute them over one empty row.
      const unit: BatchPlan = { types: [], names: [], rows: 1, kind: 'values', rowsOf: [[]] };
      const lifted = liftUdf(unit, only);
      return lifted.input === unit
        ? values
        : { ...shapeOf(plan.columns, 1), kind: 'project', input: lifted.input, expressions: lifted.expressions };
    }
  }
}

function planFilter(plan: Of<'filter'>, state: PlannerState): BatchPlan {
  const input = planNode(plan.input, state);
  const condition = positionsIn(plan.input.columns, state).resolve(plan.condition);
  const lifted = liftUdf(input, [condition]);
  const rows = filteredRows(input.rows, conjunctsOf(plan.condition));
  const filter: BatchPlan = {
    types: lifted.input.types,
    names: lifted.input.names,
    rows,
    kind: 'filter',
    input: lifted.input,
    condition: lifted.expressions[0]!,
  };
  return firstColumns(filter, input.types.length);
}

function planProject(plan: Of<'project'>, state: PlannerState): BatchPlan {
  const input = planNode(plan.input, state);
  const positions = positionsIn(plan.input.columns, state);
  const exact = plan.expressions.map((one, i) =>
    inLayout(positions.resolve(one), plan.columns[i]!.type, state.functions),
  );
  const lifted = liftUdf(input, exact);
  if (isUnit(lifted.input)) return { ...shapeOf(plan.columns, 1), kind: 'values', rowsOf: [lifted.expressions] };
  return {
    ...shapeOf(plan.columns, input.rows),
    kind: 'project',
    input: lifted.input,
    expressions: lifted.expressions,
  };
}

/** One row without columns: what a SELECT without FROM computes its expressions over. */
function isUnit(plan: BatchPlan): boolean {
  return plan.kind === 'values' && plan.rowsOf.length === 1 && plan.types.length === 0;
}

/** Brings a join's or set operation's output into the order of the node's columns. */
function inOrder(
  joined: BatchPlan,
  available: readonly PlanColumn[],
  wanted: readonly PlanColumn[],
  state: PlannerState,
): BatchPlan {
  if (available.length === wanted.length && available.every((column, i) => column.id === wanted[i]!.id)) return joined;
  const expressions = positionsIn(available, state).resolveAll(
    wanted.map((c) => ({ kind: 'column', type: c.type, id: c.id, name: c.name })),
  );
  return { ...shapeOf(wanted, joined.rows), kind: 'project', input: joined, expressions };
}

function planJoinNode(plan: Of<'join'>, state: PlannerState): BatchPlan {
  const both = [...plan.left.columns, ...plan.right.columns];
  const condition = plan.condition === null ? null : positionsIn(both, state).resolve(plan.condition);
  const joined = planJoin(
    plan.type,
    planNode(plan.left, state),
    planNode(plan.right, state),
    condition,
    state.functions,
    plan.rows === undefined ? undefined : Math.round(plan.rows),
  );
  const onlyLeft = plan.type === 'semi' || plan.type === 'anti' || plan.type === 'null-aware-anti';
  return inOrder(joined, onlyLeft ? plan.left.columns : both, plan.columns, state);
}

function planApply(plan: Of<'apply'>, state: PlannerState): BatchPlan {
  const left = planNode(plan.left, state);
  const onlyLeft = plan.type === 'semi' || plan.type === 'anti';
  const both = [...plan.left.columns, ...plan.right.columns];
  const condition = plan.condition === null ? null : positionsIn(both, state).resolve(plan.condition);
  const guard = plan.guard === undefined || plan.guard === null ? null : plan.guard;
  const free = freeColumns(plan.right);
  const correlated = plan.left.columns.filter((column) => free.has(column.id));
  const finish = (joined: BatchPlan) => inOrder(joined, onlyLeft ? plan.left.columns : both, plan.columns, state);
  if (correlated.length === 0 && guard === null) {
    const right = planNode(plan.right, state);
    if (plan.type !== 'single') return finish(planJoin(plan.type, left, right, condition, state.functions));
    const checked: BatchPlan = { types: right.types, names: right.names, rows: 1, kind: 'single-check', input: right };
    return finish(planJoin('left', left, checked, condition, state.functions));
  }
  const parameterBase = state.counter.next;
  state.counter.next += correlated.length;
  const outer = new Map(state.outer);
  for (const [i, column] of correlated.entries()) outer.set(column.id, parameterBase + i);
  const right = planNode(plan.right, { ...state, outer });
  const bindings = positionsIn(plan.left.columns, state).resolveAll(
    correlated.map((c) => ({ kind: 'column', type: c.type, id: c.id, name: c.name })),
  );
  const rows = plan.type === 'single' || onlyLeft ? left.rows : left.rows * Math.max(1, right.rows);
  const columns = onlyLeft ? plan.left.columns : both;
  return finish({
    ...shapeOf(columns, rows),
    kind: 'apply',
    type: plan.type,
    left,
    right,
    parameterBase,
    bindings,
    condition,
    guard: guard === null ? null : positionsIn(plan.left.columns, state).resolve(guard),
  });
}

function planAggregate(plan: Of<'aggregate'>, state: PlannerState): BatchPlan {
  const input = planNode(plan.input, state);
  const positions = positionsIn(plan.input.columns, state);
  const calls = plan.aggregates.map((call) => positions.aggregate(call));
  const groupBy = positions.resolveAll(plan.groupBy);
  const flat = [
    ...groupBy,
    ...calls.flatMap((call) => [
      ...call.args,
      ...(call.filter === null ? [] : [call.filter]),
      ...call.orderBy.map((key) => key.expression),
    ]),
  ];
  const lifted = liftUdf(input, flat);
  const take = lifted.expressions[Symbol.iterator]();
  const next = () => take.next().value as Expression;
  const liftedGroups = groupBy.map(next);
  const aggregates = calls.map((call) => ({
    ...call,
    args: call.args.map(next),
    filter: call.filter === null ? null : next(),
    orderBy: call.orderBy.map((key) => ({ ...key, expression: next() })),
  }));
  const rows = groupedRows(input.rows, plan.groupBy.length);
  return {
    ...shapeOf(plan.columns, rows),
    kind: 'aggregate',
    input: lifted.input,
    groupBy: liftedGroups,
    aggregates,
    groupingSets: plan.groupingSets,
  };
}

function planDistinct(plan: Of<'distinct'>, state: PlannerState): BatchPlan {
  const input = planNode(plan.input, state);
  const positions = positionsIn(plan.input.columns, state);
  if (plan.on === null) {
    const groupBy = input.types.map((type, index): Expression => ({ kind: 'input', type, index }));
    const rows = groupedRows(input.rows, groupBy.length);
    return { ...shapeOf(plan.columns, rows), kind: 'aggregate', input, groupBy, aggregates: [], groupingSets: null };
  }
  const keys = positions.resolveAll(plan.on);
  const orderBy = positions.keys(plan.orderBy);
  return { ...shapeOf(plan.columns, groupedRows(input.rows, keys.length)), kind: 'distinct-on', input, keys, orderBy };
}

function liftKeys(input: BatchPlan, keys: readonly SortKey[]): { input: BatchPlan; keys: readonly SortKey[] } {
  const lifted = liftUdf(
    input,
    keys.map((key) => key.expression),
  );
  return { input: lifted.input, keys: keys.map((key, i) => ({ ...key, expression: lifted.expressions[i]! })) };
}

function planSort(plan: Of<'sort'>, state: PlannerState): BatchPlan {
  const input = planNode(plan.input, state);
  const lifted = liftKeys(input, positionsIn(plan.input.columns, state).keys(plan.keys));
  const sort: BatchPlan = {
    types: lifted.input.types,
    names: lifted.input.names,
    rows: input.rows,
    kind: 'sort',
    input: lifted.input,
    keys: lifted.keys,
  };
  return firstColumns(sort, input.types.length);
}

const MAX_TOP_N = 1_000_000;

function constantCount(expression: Expression | null): number | null {
  if (expression?.kind !== 'constant' || expression.value === null) return null;
  const count = Number(expression.value);
  return count >= 0 && count <= MAX_TOP_N ? count : null;
}

function planLimit(plan: Of<'limit'>, state: PlannerState): BatchPlan {
  const limit = constantCount(plan.limit);
  const offset = plan.offset === null ? 0 : constantCount(plan.offset);
  if (plan.input.kind === 'sort' && limit !== null && offset !== null) {
    const sort = planSort(plan.input, state);
    const inner = sort.kind === 'project' ? sort.input : sort;
    if (inner.kind !== 'sort') throw new Error('a sort was planned as something else');
    const rows = Math.min(limit, inner.rows);
    const top = { ...inner, kind: 'top-n', limit, offset, withTies: plan.withTies !== null, rows } as const;
    return firstColumns(projectLate(top, state.functions), plan.input.columns.length);
  }
  if (plan.withTies !== null) {
    throw sqlError('feature_not_supported', 'WITH TIES is supported with ORDER BY and constant counts only');
  }
  const input = planNode(plan.input, state);
  const nothing = new ColumnPositions([], state.outer);
  const rows = limit === null ? input.rows : Math.min(limit, input.rows);
  return {
    ...shapeOf(plan.columns, rows),
    kind: 'limit',
    input,
    limit: plan.limit === null ? null : nothing.resolve(plan.limit),
    offset: plan.offset === null ? null : nothing.resolve(plan.offset),
  };
}

function planSetOperation(plan: Of<'set-operation'>, state: PlannerState): BatchPlan {
  const types = plan.columns.map((column) => column.type);
  const left = rowsInLayout(planNode(plan.left, state), types, state.functions);
  const right = rowsInLayout(planNode(plan.right, state), types, state.functions);
  const { operation, all } = plan;
  if (operation !== 'union') {
    return { ...shapeOf(plan.columns, left.rows), kind: 'set-difference', operation, all, left, right };
  }
  const inputs = [left, right].flatMap((side) => (side.kind === 'union-all' ? side.inputs : [side]));
  const union: BatchPlan = { ...shapeOf(plan.columns, left.rows + right.rows), kind: 'union-all', inputs };
  if (all) return union;
  const groupBy = union.types.map((type, index): Expression => ({ kind: 'input', type, index }));
  return {
    ...shapeOf(plan.columns, union.rows),
    kind: 'aggregate',
    input: union,
    groupBy,
    aggregates: [],
    groupingSets: null,
  };
}

function planWindow(plan: Of<'window'>, state: PlannerState): BatchPlan {
  const input = planNode(plan.input, state);
  const positions = positionsIn(plan.input.columns, state);
  return {
    ...shapeOf(plan.columns, input.rows),
    kind: 'window',
    input,
    partitionBy: positions.resolveAll(plan.partitionBy),
    orderBy: positions.keys(plan.orderBy),
    frame: positions.frame(plan.frame),
    calls: plan.calls.map((call) => withDefaultsLayout(positions.windowCall(call), state.functions)),
  };
}

/** Of lag and lead: the value and the default that may take its place have one layout. */
function withDefaultsLayout(call: WindowCall, functions: FunctionRegistry): WindowCall {
  const [value, offset, otherwise] = call.args;
  if (call.aggregate || otherwise === undefined) return call;
  const to = (arg: Expression) => inLayout(arg, call.type, functions);
  return { ...call, args: [to(value!), offset!, to(otherwise)] };
}

function planExpansion(plan: Of<'project-set'> | Of<'window-assign'>, state: PlannerState): BatchPlan {
  const input = planNode(plan.input, state);
  const positions = positionsIn(plan.input.columns, state);
  if (plan.kind === 'window-assign') {
    const { window } = plan;
    const slide = window.kind === 'hop' ? window.slideMicros : window.kind === 'cumulate' ? window.stepMicros : null;
    const copies = slide === null || window.kind === 'session' ? 1 : Number(window.sizeMicros / slide);
    return {
      ...shapeOf(plan.columns, input.rows * copies),
      kind: 'window-assign',
      input,
      window,
      time: positions.resolve(plan.time),
      partitionBy: positions.resolveAll(plan.partitionBy),
    };
  }
  const functions = plan.functions.map((call) => positions.tableFunction(call));
  const perRow = Math.max(1, ...plan.functions.map((call) => tableFunctionRows(call, state.functions)));
  const { ordinality, outer } = plan;
  const shape = shapeOf(plan.columns, input.rows * perRow);
  const lifted = liftUdf(
    input,
    functions.flatMap((call) => call.args),
  );
  if (lifted.input === input) return { ...shape, kind: 'project-set', input, functions, ordinality, outer };
  const take = lifted.expressions[Symbol.iterator]();
  const calls = functions.map((call) => ({ ...call, args: call.args.map(() => take.next().value as Expression) }));
  return withoutLifted({ ...shape, kind: 'project-set', input: lifted.input, functions: calls, ordinality, outer });
}

/** A project-set over lifted calls gives their columns too, after those of its input: here they are left out again. */
function withoutLifted(set: Extract<BatchPlan, { kind: 'project-set' }>): BatchPlan {
  const { types, names, rows } = set;
  const produced = set.functions.reduce((sum, call) => sum + call.outputs.length, Number(set.ordinality));
  const kept = types.length - produced;
  const extra = set.input.types.length - kept;
  const wide = <T>(own: readonly T[], input: readonly T[]) => [...input, ...own.slice(kept)];
  return {
    kind: 'project',
    types,
    names,
    rows,
    input: { ...set, types: wide(types, set.input.types), names: wide(names, set.input.names) },
    expressions: types.map((type, i) => ({ kind: 'input', type, index: i < kept ? i : i + extra })),
  };
}

function planCte(plan: Of<'cte'> | Of<'cte-reference'> | Of<'recursive-cte'>, state: PlannerState): BatchPlan {
  const { id, name } = plan;
  if (plan.kind === 'cte-reference') {
    return { ...shapeOf(plan.columns, state.cteRows.get(id) ?? 1000), kind: 'cte-scan', id, name };
  }
  if (plan.kind === 'cte') {
    const definition = planNode(plan.definition, state);
    state.cteRows.set(id, definition.rows);
    const body = planNode(plan.body, state);
    return { ...shapeOf(plan.columns, body.rows), kind: 'cte', id, name, definition, body };
  }
  const types = plan.columns.map((column) => column.type);
  const base = rowsInLayout(planNode(plan.base, state), types, state.functions);
  state.cteRows.set(id, base.rows);
  const step = probingStep(rowsInLayout(planNode(plan.step, state), types, state.functions), id);
  return {
    ...shapeOf(plan.columns, base.rows * 10),
    kind: 'recursive-cte',
    id,
    name,
    base,
    step,
    unionAll: plan.unionAll,
  };
}
