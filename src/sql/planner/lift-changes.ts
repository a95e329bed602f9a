// WITH queries that change data run before the statement that reads them, each once and to its end: they become steps, and so does
// every other query of the same WITH that is left after inlining, because a step may read it.
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, withChildren } from '../../plan/walk.ts';

export interface LiftedStep {
  /** by which later steps and the main plan read its rows (cte-reference) */
  readonly id: number;
  readonly name: string;
  readonly plan: LogicalPlan;
}

export interface LiftedChanges {
  readonly steps: readonly LiftedStep[];
  readonly main: LogicalPlan;
}

/** No steps when WITH changes nothing. */
export function liftChanges(plan: LogicalPlan): LiftedChanges {
  const steps: LiftedStep[] = [];
  const main = lift(plan, steps);
  return steps.some((step) => isChange(step.plan)) ? { steps, main } : { steps: [], main: plan };
}

export function isChange(plan: LogicalPlan): boolean {
  const { kind } = plan;
  return kind === 'insert' || kind === 'update' || kind === 'delete';
}

/** WITH stands at the top, perhaps below what the optimizer has put over it. */
function lift(plan: LogicalPlan, steps: LiftedStep[]): LogicalPlan {
  if (plan.kind === 'cte') {
    steps.push({ id: plan.id, name: plan.name, plan: plan.definition });
    return lift(plan.body, steps);
  }
  const inputs = childPlans(plan);
  return inputs.length === 1 ? withChildren(plan, [lift(inputs[0]!, steps)]) : plan;
}
