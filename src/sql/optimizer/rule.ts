// What every optimizer rule is: a name, a reason, and a function from plan to plan. The context carries what rules need besides
// the plan: functions, statistics, constant folding, and fresh column and CTE ids.
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import type { SqlType } from '../../types/sql-type.ts';

export interface Rule {
  readonly name: string;
  /** One sentence: why the rule is worth its time. */
  readonly reason: string;
  /** true: cannot be switched off, because the planner needs its work */
  readonly mandatory?: boolean;
  readonly apply: (plan: LogicalPlan, context: RuleContext) => LogicalPlan;
}

export interface RuleContext {
  readonly functions: FunctionRegistry;
  /** estimated rows of a relation */
  readonly statistics: (relation: number) => number;
  /** estimated number of different values of a relation's column; undefined: unknown */
  readonly values: (relation: number, attribute: number) => number | undefined;
  /** The value of a constant expression as a constant; undefined where it cannot be known now. May throw SqlError. */
  readonly fold: (expression: Expression) => Expression | undefined;
  /** now() and the like may be computed too, because the plan runs once and at once */
  readonly foldStable: boolean;
  /** A column with an id that no other column of the statement has. */
  readonly column: (name: string, type: SqlType) => PlanColumn;
  /** An id that no other CTE of the statement has. */
  readonly cteId: () => number;
}

export type PlanOf<K extends LogicalPlan['kind']> = LogicalPlan & { readonly kind: K };
