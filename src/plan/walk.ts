// Walking and rewriting logical plans: the one place that knows the inputs and the expressions of every node kind.
// Rewrites keep the identity of what they do not change.
import type { AggregateCall, Expression } from './expression.ts';
import type { LogicalPlan, TableFunctionCall, WindowCall, WindowFrame } from './logical.ts';
import { childExpressions, mapChildren, mapSortKeys } from './walk-expression.ts';

type Change = (expression: Expression) => Expression;

export function childPlans(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
    case 'cte-reference':
      return [];
    case 'join':
    case 'apply':
    case 'mark':
    case 'set-operation':
      return [plan.left, plan.right];
    case 'cte':
      return [plan.definition, plan.body];
    case 'recursive-cte':
      return [plan.base, plan.step];
    default:
      return [plan.input];
  }
}

/** The node over other inputs (as many as childPlans gives). */
export function withChildren(plan: LogicalPlan, inputs: readonly LogicalPlan[]): LogicalPlan {
  const old = childPlans(plan);
  if (old.every((input, i) => input === inputs[i])) return plan;
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
    case 'cte-reference':
      return plan;
    case 'join':
    case 'apply':
    case 'mark':
    case 'set-operation':
      return { ...plan, left: inputs[0]!, right: inputs[1]! };
    case 'cte':
      return { ...plan, definition: inputs[0]!, body: inputs[1]! };
    case 'recursive-cte':
      return { ...plan, base: inputs[0]!, step: inputs[1]! };
    default:
      return { ...plan, input: inputs[0]! };
  }
}

function mapAggregate(call: AggregateCall, change: Change): AggregateCall {
  return {
    ...call,
    args: call.args.map(change),
    filter: call.filter === null ? null : change(call.filter),
    orderBy: mapSortKeys(call.orderBy, change),
  };
}

function mapWindowCall(call: WindowCall, change: Change): WindowCall {
  return { ...call, args: call.args.map(change), filter: call.filter === null ? null : change(call.filter) };
}

function mapFunction(call: TableFunctionCall, change: Change): TableFunctionCall {
  return { ...call, args: call.args.map(change) };
}

function mapFrame(frame: WindowFrame, change: Change): WindowFrame {
  const bound = (b: WindowFrame['start']): WindowFrame['start'] =>
    b.kind === 'preceding' || b.kind === 'following' ? { ...b, offset: change(b.offset) } : b;
  return { ...frame, start: bound(frame.start), end: bound(frame.end) };
}

const MANY_ROWS = 256;
const constantRows = new WeakMap<readonly (readonly Expression[])[], boolean>();

/** Whether rows are many and all of constants: there is nothing to change in them, and dozens of walks would look for it. */
function areConstants(rows: readonly (readonly Expression[])[]): boolean {
  if (rows.length < MANY_ROWS) return false;
  let known = constantRows.get(rows);
  if (known === undefined) {
    known = rows.every((row) => row.every(({ kind }) => kind === 'constant'));
    constantRows.set(rows, known);
  }
  return known;
}

const nullable = (e: Expression | null, change: Change): Expression | null => (e === null ? null : change(e));

/**
 * The node with its own expressions changed; its inputs stay. Subquery plans inside are the caller's to enter. Many rows of constants are
 * passed over.
 */
export function mapExpressions(plan: LogicalPlan, change: Change): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
      return plan.filters.length === 0 ? plan : { ...plan, filters: plan.filters.map(change) };
    case 'values':
      return areConstants(plan.rows) ? plan : { ...plan, rows: plan.rows.map((row) => row.map(change)) };
    case 'filter':
      return { ...plan, condition: change(plan.condition) };
    case 'project':
      return { ...plan, expressions: plan.expressions.map(change) };
    case 'join':
      return plan.condition === null ? plan : { ...plan, condition: change(plan.condition) };
    case 'apply':
    case 'mark': {
      const condition = nullable(plan.condition, change);
      const guard = nullable(plan.guard ?? null, change);
      return condition === null && guard === null ? plan : { ...plan, condition, guard };
    }
    case 'aggregate':
      return {
        ...plan,
        groupBy: plan.groupBy.map(change),
        aggregates: plan.aggregates.map((call) => mapAggregate(call, change)),
      };
    case 'distinct':
      return { ...plan, on: plan.on?.map(change) ?? null, orderBy: mapSortKeys(plan.orderBy, change) };
    case 'sort':
      return { ...plan, keys: mapSortKeys(plan.keys, change) };
    case 'limit':
      return {
        ...plan,
        limit: nullable(plan.limit, change),
        offset: nullable(plan.offset, change),
        withTies: plan.withTies === null ? null : mapSortKeys(plan.withTies, change),
      };
    case 'window':
      return {
        ...plan,
        partitionBy: plan.partitionBy.map(change),
        orderBy: mapSortKeys(plan.orderBy, change),
        frame: mapFrame(plan.frame, change),
        calls: plan.calls.map((call) => mapWindowCall(call, change)),
      };
    case 'project-set':
      return { ...plan, functions: plan.functions.map((call) => mapFunction(call, change)) };
    case 'table-function':
      return { ...plan, call: mapFunction(plan.call, change), filters: plan.filters.map(change) };
    case 'window-assign':
      return { ...plan, time: change(plan.time), partitionBy: plan.partitionBy.map(change) };
    default:
      return mapModifyExpressions(plan, change);
  }
}

function mapModifyExpressions(plan: LogicalPlan, change: Change): LogicalPlan {
  switch (plan.kind) {
    case 'insert': {
      const update = plan.onConflict?.update ?? null;
      return {
        ...plan,
        checks: plan.checks.map((check) => ({ ...check, condition: nullable(check.condition, change) })),
        onConflict:
          plan.onConflict === null || update === null
            ? plan.onConflict
            : {
                ...plan.onConflict,
                update: { ...update, values: update.values.map(change), where: nullable(update.where, change) },
              },
        returning: plan.returning.map(change),
      };
    }
    case 'update':
      return {
        ...plan,
        values: plan.values.map(change),
        checks: plan.checks.map((check) => ({ ...check, condition: nullable(check.condition, change) })),
        returning: plan.returning.map(change),
      };
    case 'delete':
      return { ...plan, returning: plan.returning.map(change) };
    default:
      return plan;
  }
}

/** The node's own expressions, in no promised order; without those of many rows of constants. */
export function expressionsOf(plan: LogicalPlan): readonly Expression[] {
  const found: Expression[] = [];
  mapExpressions(plan, (expression) => {
    found.push(expression);
    return expression;
  });
  return found;
}

/** Bottom-up rewrite of every node of the tree, without entering subquery expressions. */
export function rewritePlan(plan: LogicalPlan, change: (node: LogicalPlan) => LogicalPlan): LogicalPlan {
  return change(
    withChildren(
      plan,
      childPlans(plan).map((input) => rewritePlan(input, change)),
    ),
  );
}

/** Every expression node of the plan, its inputs and its subqueries, top-down replaced. */
export function replaceInPlan(plan: LogicalPlan, replace: (node: Expression) => Expression | undefined): LogicalPlan {
  const inputs = childPlans(plan).map((input) => replaceInPlan(input, replace));
  return mapExpressions(withChildren(plan, inputs), (expression) => replaceDeep(expression, replace));
}

/** Top-down replacement that also enters the plans of subqueries. */
export function replaceDeep(expression: Expression, replace: (node: Expression) => Expression | undefined): Expression {
  const replaced = replace(expression);
  if (replaced !== undefined) return replaced;
  const next = mapChildren(expression, (child) => replaceDeep(child, replace));
  if (next.kind !== 'subquery') return next;
  const plan = replaceInPlan(next.plan, replace);
  return plan === next.plan ? next : { ...next, plan };
}

/** Adds the ids of the columns an expression reads, those read inside subqueries included. */
export function collectColumns(expression: Expression, into: Set<number>): void {
  if (expression.kind === 'column') into.add(expression.id);
  if (expression.kind === 'subquery') for (const id of freeColumns(expression.plan)) into.add(id);
  for (const child of childExpressions(expression)) collectColumns(child, into);
}

export function columnsIn(expression: Expression): ReadonlySet<number> {
  const found = new Set<number>();
  collectColumns(expression, found);
  return found;
}

/** Ids that a node's expressions may use besides its inputs' columns. */
function ownNames(plan: LogicalPlan): readonly { readonly id: number }[] {
  switch (plan.kind) {
    case 'scan':
    case 'table-function':
      return plan.columns;
    case 'insert':
      return [...plan.rowColumns, ...(plan.onConflict?.update?.existingColumns ?? [])];
    case 'update':
      return [...plan.oldColumns, ...plan.newColumns];
    case 'delete':
      return plan.oldColumns;
    default:
      return [];
  }
}

/** Columns that the plan reads from outside itself: what makes it correlated. */
export function freeColumns(plan: LogicalPlan): ReadonlySet<number> {
  const free = new Set<number>();
  const available = new Set<number>(ownNames(plan).map((column) => column.id));
  for (const input of childPlans(plan)) {
    for (const id of freeColumns(input)) free.add(id);
    for (const column of input.columns) available.add(column.id);
  }
  if (plan.kind === 'apply' || plan.kind === 'mark') for (const column of plan.left.columns) free.delete(column.id);
  const used = new Set<number>();
  for (const expression of expressionsOf(plan)) collectColumns(expression, used);
  for (const id of used) if (!available.has(id)) free.add(id);
  return free;
}

/** The largest column id anywhere in the plan, subqueries included: fresh ids start above it. */
export function maxColumnId(plan: LogicalPlan): number {
  let max = 0;
  const see = (node: LogicalPlan): void => {
    for (const column of [...node.columns, ...ownNames(node)]) if (column.id > max) max = column.id;
    for (const expression of expressionsOf(node)) seeExpression(expression);
    for (const input of childPlans(node)) see(input);
  };
  const seeExpression = (expression: Expression): void => {
    if (expression.kind === 'column' && expression.id > max) max = expression.id;
    if (expression.kind === 'subquery') see(expression.plan);
    for (const child of childExpressions(expression)) seeExpression(child);
  };
  see(plan);
  return max;
}
