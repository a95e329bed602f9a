// The optimizer's door, between binder and planner: one ordered list of rules, each a function from plan to plan, run through one
// seam that can time, trace, switch off and verify them. The order matters and is explained where it does.
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, expressionsOf, maxColumnId } from '../../plan/walk.ts';
import { childExpressions } from '../../plan/walk-expression.ts';
import { DECORRELATE_APPLY } from './decorrelate-apply.ts';
import { INLINE_CTES } from './inline-ctes.ts';
import { LOWER_MARKS } from './lower-marks.ts';
import { ORDER_JOINS } from './order-joins.ts';
import { PRUNE_COLUMNS } from './prune-columns.ts';
import { PUSH_DOWN_FILTERS } from './push-down-filters.ts';
import { REMOVE_SUBQUERIES } from './remove-subqueries.ts';
import type { Rule, RuleContext } from './rule.ts';
import { SIMPLIFY_EXPRESSIONS } from './simplify-expressions.ts';
import { SIMPLIFY_OUTER_JOINS } from './simplify-outer-joins.ts';
import { TIDY_PROJECTS } from './tidy-projects.ts';
import { verifyPlan } from './verify-plan.ts';

export interface OptimizeOptions {
  /** names of rules to leave out; the mandatory ones run all the same */
  readonly disabledRules?: readonly string[];
  /** called after every rule that ran, with the time it took */
  readonly trace?: (rule: string, before: LogicalPlan, after: LogicalPlan, timeMs: number) => void;
  /** check every rule's result; a wrong one throws XX000 */
  readonly verify?: boolean;
  /** estimated rows of a relation, by oid */
  readonly statistics: (relation: number) => number;
  /** estimated number of different values of a relation's column; undefined: unknown */
  readonly values?: (relation: number, attribute: number) => number | undefined;
  readonly functions: FunctionRegistry;
  /** A constant expression computed now, if it can be; may throw SqlError: then it is left for run time. */
  readonly fold: (expression: Expression) => Expression | undefined;
  /** Stable functions are folded too: only for a plan that runs once, at once. A kept plan would keep an old now(). */
  readonly foldStable?: boolean;
}

export const RULES: readonly Rule[] = [
  REMOVE_SUBQUERIES,
  // Inlined definitions take part in everything that follows.
  INLINE_CTES,
  SIMPLIFY_EXPRESSIONS,
  // Before conditions go down: correlated ones are easiest to pull up from where they were written.
  DECORRELATE_APPLY,
  LOWER_MARKS,
  SIMPLIFY_OUTER_JOINS,
  // Gives joins their conditions, which the join order needs.
  PUSH_DOWN_FILTERS,
  ORDER_JOINS,
  PRUNE_COLUMNS,
  TIDY_PROJECTS,
];

/** An equivalent plan without subquery expressions. Throws 0A000 for subqueries in places that cannot have one. */
export function optimize(plan: LogicalPlan, options: OptimizeOptions): LogicalPlan {
  const rules = optimizing(plan, options);
  for (;;) {
    const { done, value } = rules.next();
    if (done === true) return value;
  }
}

/** As optimize, rule by rule: for who has something else to do between two of them. */
export function* optimizing(plan: LogicalPlan, options: OptimizeOptions): Generator<void, LogicalPlan, void> {
  const context = newContext(plan, options);
  let current = plan;
  for (const rule of RULES) {
    if (rule.mandatory !== true && options.disabledRules?.includes(rule.name)) continue;
    const start = performance.now();
    const next = rule.apply(current, context);
    options.trace?.(rule.name, current, next, performance.now() - start);
    if (options.verify === true && next !== current) verifyPlan(rule.name, current, next);
    current = next;
    yield;
  }
  return current;
}

function newContext(plan: LogicalPlan, options: OptimizeOptions): RuleContext {
  let lastColumn = maxColumnId(plan);
  let lastCte = maxCteId(plan);
  return {
    functions: options.functions,
    statistics: options.statistics,
    values: options.values ?? (() => undefined),
    fold: options.fold,
    foldStable: options.foldStable === true,
    column: (name, type) => ({ id: ++lastColumn, name, type }),
    cteId: () => ++lastCte,
  };
}

function maxCteId(plan: LogicalPlan): number {
  let max = 0;
  const see = (node: LogicalPlan): void => {
    if ((node.kind === 'cte' || node.kind === 'recursive-cte') && node.id > max) max = node.id;
    for (const expression of expressionsOf(node)) seeExpression(expression);
    for (const input of childPlans(node)) see(input);
  };
  const seeExpression = (expression: Expression): void => {
    if (expression.kind === 'subquery') see(expression.plan);
    for (const child of childExpressions(expression)) seeExpression(child);
  };
  see(plan);
  return max;
}
