// Row estimates of logical plans, rough on purpose: they order joins and need only be right about which input is much larger.
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { conjunctsOf } from '../../plan/walk-expression.ts';
import type { RuleContext } from './rule.ts';

const UNKNOWN_ROWS = 1000;

export function selectivityOf(condition: Expression): number {
  switch (condition.kind) {
    case 'call':
      return condition.function.startsWith('=(') ? 0.05 : condition.function.startsWith('<>(') ? 0.9 : 0.33;
    case 'and':
      return condition.args.reduce((product, arg) => product * selectivityOf(arg), 1);
    case 'or':
      return Math.min(
        1,
        condition.args.reduce((sum, arg) => sum + selectivityOf(arg), 0),
      );
    case 'not':
      return 1 - selectivityOf(condition.arg);
    case 'in-list':
      return Math.min(0.5, condition.items.length * 0.05);
    case 'is-null':
      return condition.negated ? 0.95 : 0.05;
    default:
      return 0.5;
  }
}

function filtered(rows: number, conditions: readonly Expression[]): number {
  return Math.max(
    1,
    conditions.reduce((left, condition) => left * selectivityOf(condition), rows),
  );
}

/** At least 1. */
export function estimatePlan(plan: LogicalPlan, context: RuleContext): number {
  const of = (input: LogicalPlan): number => estimatePlan(input, context);
  switch (plan.kind) {
    case 'scan':
      return filtered(context.statistics(plan.relation), plan.filters);
    case 'values':
      return Math.max(1, plan.rows.length);
    case 'filter':
      return filtered(of(plan.input), conjunctsOf(plan.condition));
    case 'join': {
      if (plan.type === 'semi' || plan.type === 'anti' || plan.type === 'null-aware-anti')
        return Math.max(1, of(plan.left) / 2);
      if (plan.condition === null) return of(plan.left) * of(plan.right);
      return Math.max(of(plan.left), of(plan.right));
    }
    case 'apply':
      return plan.type === 'single' ? of(plan.left) : of(plan.left) * Math.max(1, of(plan.right) / 10);
    case 'aggregate':
      return plan.groupBy.length === 0 ? 1 : Math.max(1, of(plan.input) ** 0.8);
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

/** Rows before any filter: how many values a key of this input may have. */
export function baseRows(plan: LogicalPlan, context: RuleContext): number {
  if (plan.kind === 'scan') return Math.max(1, context.statistics(plan.relation));
  if (plan.kind === 'filter' || plan.kind === 'project') return baseRows(plan.input, context);
  return estimatePlan(plan, context);
}
