// The optimizer's seam: an ordered list of rules, each of which can be traced, timed, switched off by name and verified (the
// columns produced stay the same, every id used is there). Un-nesting subqueries is not optional: plans have no algorithm
// for a subquery inside an expression.
import { sqlError } from '../../errors/sql-error.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { freeColumns, maxColumnId } from '../../plan/walk.ts';
import type { Datum } from '../../types/datum.ts';
import { sameType } from '../../types/sql-type.ts';
import type { Fresh } from './fresh.ts';
import { RULES } from './rules.ts';
import { subqueriesToApplies } from './subqueries-to-applies.ts';

export interface OptimizeOptions {
  readonly functions: FunctionRegistry;
  /** Row counts; undefined for unknown relations. */
  readonly statistics?: (relation: number) => number | undefined;
  /** Unique keys of a relation as lists of attnums. */
  readonly uniqueKeys?: (relation: number) => readonly (readonly number[])[];
  readonly disabledRules?: ReadonlySet<string>;
  /** Called after every rule that changed the plan. */
  readonly trace?: (rule: string, plan: LogicalPlan, milliseconds: number) => void;
  /** Checks every rule's result; a failure is XX000. For tests. */
  readonly verify?: boolean;
  /** Evaluates a call over constants: a value, or undefined to leave it (also for errors, which belong to run time). */
  readonly fold?: (e: Expression) => Datum | null | undefined;
}

export interface RuleContext {
  readonly fresh: Fresh;
  readonly functions: FunctionRegistry;
  readonly rows: (relation: number) => number | undefined;
  readonly uniqueKeys: (relation: number) => readonly (readonly number[])[];
  readonly fold: (e: Expression) => Datum | null | undefined;
}

export interface Rule {
  readonly name: string;
  readonly apply: (plan: LogicalPlan, context: RuleContext) => LogicalPlan;
}

/** A plan without subquery expressions that means the same and produces the same columns. */
export function optimize(plan: LogicalPlan, options: OptimizeOptions): LogicalPlan {
  const fresh: Fresh = { next: maxColumnId(plan) + 1 };
  const context: RuleContext = {
    fresh,
    functions: options.functions,
    rows: options.statistics ?? (() => undefined),
    uniqueKeys: options.uniqueKeys ?? (() => []),
    fold: options.fold ?? (() => undefined),
  };
  let current = plan;
  const rules: readonly Rule[] = [
    { name: 'subqueries-to-applies', apply: (p) => subqueriesToApplies(p, fresh) },
    ...RULES,
  ];
  for (const rule of rules) {
    if (rule.name !== 'subqueries-to-applies' && options.disabledRules?.has(rule.name) === true) continue;
    const started = performance.now();
    const next = rule.apply(current, context);
    if (options.verify === true) verifyRule(rule.name, current, next);
    if (next !== current) options.trace?.(rule.name, next, performance.now() - started);
    current = next;
  }
  return current;
}

/** Names of all rules that can be switched off, in order. */
export function ruleNames(): readonly string[] {
  return [...new Set(RULES.map((rule) => rule.name))];
}

function verifyRule(name: string, before: LogicalPlan, after: LogicalPlan): void {
  const same =
    before.columns.length === after.columns.length &&
    before.columns.every(
      (column, i) => column.id === after.columns[i]!.id && sameType(column.type, after.columns[i]!.type),
    );
  if (!same) throw sqlError('internal_error', `optimizer rule ${name} changed the plan's columns`);
  const free = freeColumns(after);
  if (free.size > 0)
    throw sqlError('internal_error', `optimizer rule ${name} left columns ${[...free].join(', ')} undefined`);
}
