// Columns that nobody above reads disappear, down to the attributes that scans fetch; so do aggregates and window calls whose
// result is not read. Volatile expressions are computed all the same.
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, collectColumns, expressionsOf, freeColumns, withChildren } from '../../plan/walk.ts';
import { keepsOnlyLeft, select } from './build-plan.ts';
import { isVolatile } from './expression-facts.ts';
import type { PlanOf, Rule, RuleContext } from './rule.ts';

export const PRUNE_COLUMNS: Rule = {
  name: 'prune-columns',
  reason: 'a column that is not fetched costs nothing; scans of wide tables read only what the query uses',
  apply: (plan, context) => exactly(plan, context),
};

type Needed = ReadonlySet<number>;

/** The plan with the same columns as before, pruned below. */
function exactly(plan: LogicalPlan, context: RuleContext): LogicalPlan {
  return select(prune(plan, new Set(plan.columns.map((column) => column.id)), context), plan.columns);
}

function reading(needed: Needed, expressions: readonly Expression[]): Set<number> {
  const all = new Set(needed);
  for (const expression of expressions) collectColumns(expression, all);
  return all;
}

/** An equivalent plan that produces at least the needed columns, perhaps more, in any order. */
function prune(plan: LogicalPlan, needed: Needed, context: RuleContext): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
    case 'table-function':
      return pruneScan(plan, reading(needed, plan.filters));
    case 'values': {
      const kept = positions(plan.columns, (column) => needed.has(column.id));
      if (kept.length === plan.columns.length) return plan;
      return { ...plan, columns: pick(plan.columns, kept), rows: plan.rows.map((row) => pick(row, kept)) };
    }
    case 'project':
      return pruneProject(plan, needed, context);
    case 'join':
    case 'apply':
      return pruneJoin(plan, needed, context);
    case 'aggregate':
      return pruneAggregate(plan, needed, context);
    case 'filter':
    case 'sort':
    case 'limit': {
      const input = prune(plan.input, reading(needed, expressionsOf(plan)), context);
      return { ...plan, columns: input.columns, input };
    }
    case 'distinct': {
      if (plan.on === null) return withChildren(plan, [exactly(plan.input, context)]);
      const input = prune(plan.input, reading(needed, expressionsOf(plan)), context);
      return { ...plan, columns: input.columns, input };
    }
    case 'window':
      return pruneWindow(plan, needed, context);
    case 'project-set':
    case 'window-assign': {
      const added = plan.columns.slice(plan.input.columns.length);
      const input = prune(plan.input, reading(needed, expressionsOf(plan)), context);
      return { ...plan, columns: [...input.columns, ...added], input };
    }
    case 'set-operation':
      return pruneSetOperation(plan, needed, context);
    case 'cte': {
      const body = prune(plan.body, needed, context);
      return { ...plan, columns: body.columns, definition: exactly(plan.definition, context), body };
    }
    default:
      return withChildren(
        plan,
        childPlans(plan).map((input) => exactly(input, context)),
      );
  }
}

function positions(columns: readonly PlanColumn[], keep: (column: PlanColumn, i: number) => boolean): number[] {
  return columns.flatMap((column, i) => (keep(column, i) ? [i] : []));
}

function pick<T>(list: readonly T[], kept: readonly number[]): readonly T[] {
  return kept.map((i) => list[i]!);
}

function pruneScan(plan: PlanOf<'scan'> | PlanOf<'table-function'>, needed: Needed): LogicalPlan {
  const kept = positions(plan.columns, (column) => needed.has(column.id));
  if (kept.length === plan.columns.length) return plan;
  return { ...plan, columns: pick(plan.columns, kept), attributes: pick(plan.attributes, kept) };
}

function pruneProject(plan: PlanOf<'project'>, needed: Needed, context: RuleContext): LogicalPlan {
  const kept = positions(
    plan.columns,
    (column, i) => needed.has(column.id) || isVolatile(plan.expressions[i]!, context.functions),
  );
  const expressions = pick(plan.expressions, kept);
  const input = prune(plan.input, reading(new Set(), expressions), context);
  return { ...plan, columns: pick(plan.columns, kept), expressions, input };
}

function pruneJoin(plan: PlanOf<'join'> | PlanOf<'apply'>, needed: Needed, context: RuleContext): LogicalPlan {
  const below = reading(needed, expressionsOf(plan));
  const right = prune(plan.right, below, context);
  const forLeft = plan.kind === 'apply' ? new Set([...below, ...freeColumns(right)]) : below;
  const left = prune(plan.left, forLeft, context);
  const columns = keepsOnlyLeft(plan.type) ? left.columns : [...left.columns, ...right.columns];
  return { ...plan, columns, left, right };
}

function pruneAggregate(plan: PlanOf<'aggregate'>, needed: Needed, context: RuleContext): LogicalPlan {
  const keys = plan.groupBy.length;
  const calls = positions(
    plan.aggregates.map((_, i) => plan.columns[keys + i]!),
    (column) => needed.has(column.id),
  );
  // Without keys and calls there would be nothing left to say that one row comes out.
  const kept = calls.length === 0 && keys === 0 && plan.aggregates.length > 0 ? [0] : calls;
  const columns = [
    ...plan.columns.slice(0, keys),
    ...kept.map((i) => plan.columns[keys + i]!),
    ...plan.columns.slice(keys + plan.aggregates.length),
  ];
  const pruned = { ...plan, columns, aggregates: pick(plan.aggregates, kept) };
  return { ...pruned, input: prune(plan.input, reading(new Set(), expressionsOf(pruned)), context) };
}

function pruneWindow(plan: PlanOf<'window'>, needed: Needed, context: RuleContext): LogicalPlan {
  const own = plan.columns.slice(plan.input.columns.length);
  const kept = positions(own, (column) => needed.has(column.id));
  if (kept.length === 0) return prune(plan.input, needed, context);
  const pruned = { ...plan, calls: pick(plan.calls, kept) };
  const input = prune(plan.input, reading(needed, expressionsOf(pruned)), context);
  return { ...pruned, columns: [...input.columns, ...pick(own, kept)], input };
}

function pruneSetOperation(plan: PlanOf<'set-operation'>, needed: Needed, context: RuleContext): LogicalPlan {
  const free = plan.operation === 'union' && plan.all;
  const kept = positions(plan.columns, (column) => !free || needed.has(column.id));
  const side = (input: LogicalPlan): LogicalPlan => {
    const columns = pick(input.columns, kept);
    return select(prune(input, new Set(columns.map((column) => column.id)), context), columns);
  };
  return { ...plan, columns: pick(plan.columns, kept), left: side(plan.left), right: side(plan.right) };
}
