// Row estimates of logical plans, rough on purpose: they order joins and need only be right about which input is much larger.
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { conjunctsOf } from '../../plan/walk-expression.ts';
import type { PlanOf, RuleContext } from './rule.ts';

const UNKNOWN_ROWS = 1000;

/** How many values a column, by id, may have; undefined: unknown. */
type Values = (id: number) => number | undefined;

const EQUALITY = 0.05;

export function selectivityOf(condition: Expression, values: Values = () => undefined): number {
  const of = (part: Expression): number => selectivityOf(part, values);
  switch (condition.kind) {
    case 'call':
      if (condition.function.startsWith('=(')) return equalitySelectivity(condition.args, values);
      return condition.function.startsWith('<>(') ? 0.9 : 0.33;
    case 'and':
      return condition.args.reduce((product, arg) => product * of(arg), 1);
    case 'or':
      return Math.min(
        1,
        condition.args.reduce((sum, arg) => sum + of(arg), 0),
      );
    case 'not':
      return 1 - of(condition.arg);
    case 'in-list':
      return Math.min(0.5, condition.items.length * equalitySelectivity([condition.arg], values));
    case 'is-null':
      return condition.negated ? 0.95 : 0.05;
    default:
      return 0.5;
  }
}

/** One value among those of the column that has the most. */
function equalitySelectivity(sides: readonly Expression[], values: Values): number {
  const counts = sides.flatMap((side) => (side.kind === 'column' ? (values(side.id) ?? []) : []));
  return counts.length === 0 ? EQUALITY : 1 / Math.max(1, ...counts);
}

function filtered(rows: number, conditions: readonly Expression[], values?: Values): number {
  return Math.max(
    1,
    conditions.reduce((left, condition) => left * selectivityOf(condition, values), rows),
  );
}

/** How many different values a column of the plan has before filters; at least 1. Unknown: as many as there are rows. */
export function valuesOf(plan: LogicalPlan, id: number, context: RuleContext): number {
  switch (plan.kind) {
    case 'scan': {
      const at = plan.columns.findIndex((column) => column.id === id);
      const known = at < 0 ? undefined : context.values(plan.relation, plan.attributes[at]!);
      return Math.max(1, known ?? context.statistics(plan.relation));
    }
    case 'project': {
      const expression = plan.expressions[plan.columns.findIndex((column) => column.id === id)];
      return expression?.kind === 'column' ? valuesOf(plan.input, expression.id, context) : baseRows(plan, context);
    }
    case 'filter':
    case 'sort':
    case 'window':
      return valuesOf(plan.input, id, context);
    case 'aggregate': {
      const key = plan.groupBy[plan.columns.findIndex((column) => column.id === id)];
      return key?.kind === 'column' ? valuesOf(plan.input, key.id, context) : estimatePlan(plan, context);
    }
    case 'join': {
      const side = plan.left.columns.some((column) => column.id === id) ? plan.left : plan.right;
      return valuesOf(side, id, context);
    }
    default:
      return baseRows(plan, context);
  }
}

/** Different values of several columns together. */
function groupsOf(keys: readonly Expression[], input: LogicalPlan, rows: number, context: RuleContext): number {
  const counts = keys.map((key) => (key.kind === 'column' ? valuesOf(input, key.id, context) : rows));
  return Math.max(
    1,
    Math.min(
      rows ** (counts.some((count) => count < rows) ? 1 : 0.8),
      counts.reduce((a, b) => a * b, 1),
    ),
  );
}

/** At least 1. */
export function estimatePlan(plan: LogicalPlan, context: RuleContext): number {
  const of = (input: LogicalPlan): number => estimatePlan(input, context);
  switch (plan.kind) {
    case 'scan':
      return filtered(context.statistics(plan.relation), plan.filters, (id) => scanValues(plan, id, context));
    case 'values':
      return Math.max(1, plan.rows.length);
    case 'filter':
      return filtered(of(plan.input), conjunctsOf(plan.condition));
    case 'join': {
      if (plan.rows !== undefined) return Math.max(1, plan.rows);
      if (plan.type === 'semi' || plan.type === 'anti' || plan.type === 'null-aware-anti')
        return Math.max(1, of(plan.left) / 2);
      if (plan.condition === null) return of(plan.left) * of(plan.right);
      return Math.max(of(plan.left), of(plan.right));
    }
    case 'apply':
      return plan.type === 'single' ? of(plan.left) : of(plan.left) * Math.max(1, of(plan.right) / 10);
    case 'aggregate':
      return plan.groupBy.length === 0 ? 1 : groupsOf(plan.groupBy, plan.input, of(plan.input), context);
    case 'distinct':
      return Math.max(1, of(plan.input) ** 0.8);
    case 'limit': {
      const limit = plan.limit?.kind === 'constant' && plan.limit.value !== null ? Number(plan.limit.value) : Infinity;
      return Math.max(1, Math.min(limit, of(plan.input)));
    }
    case 'set-operation':
      return plan.operation === 'union' ? of(plan.left) + of(plan.right) : of(plan.left);
    case 'project-set':
      return of(plan.input) * 10;
    case 'project':
    case 'sort':
    case 'window':
    case 'window-assign':
      return of(plan.input);
    case 'cte':
      return of(plan.body);
    default:
      return UNKNOWN_ROWS;
  }
}

function scanValues(plan: PlanOf<'scan'>, id: number, context: RuleContext): number | undefined {
  const at = plan.columns.findIndex((column) => column.id === id);
  return at < 0 ? undefined : context.values(plan.relation, plan.attributes[at]!);
}

/** Rows before any filter: how many values a key of this input may have. */
export function baseRows(plan: LogicalPlan, context: RuleContext): number {
  if (plan.kind === 'scan') return Math.max(1, context.statistics(plan.relation));
  if (plan.kind === 'filter' || plan.kind === 'project') return baseRows(plan.input, context);
  return estimatePlan(plan, context);
}
