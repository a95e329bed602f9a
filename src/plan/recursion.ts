// Recursive steps whose rows are made one by one of the working table's: on the way from the step's top to that table are only projections,
// filters and joins that probe with its rows. Such a step needs no rounds (engine/batch/cte.ts), and what its joins build is built once.
import type { BatchPlan } from './batch.ts';

export function isStreamedRecursion({ step, id }: Extract<BatchPlan, { kind: 'recursive-cte' }>): boolean {
  return streamsFrom(step, id);
}

export function streamsFrom(plan: BatchPlan, id: number): boolean {
  switch (plan.kind) {
    case 'cte-scan':
      return plan.id === id;
    case 'filter':
    case 'project':
      return streamsFrom(plan.input, id);
    case 'hash-join':
    case 'nested-loop-join':
      return PROBES.has(plan.type) && streamsFrom(plan.left, id) && !reads(plan.right, id);
    default:
      return false;
  }
}

/** Whether a node of the plan is a scan of the working table. */
function reads(plan: BatchPlan, id: number): boolean {
  if (plan.kind === 'cte-scan' && plan.id === id) return true;
  return Object.values(plan)
    .flat()
    .some((part) => isPlan(part) && reads(part, id));
}

function isPlan(part: unknown): part is BatchPlan {
  return typeof part === 'object' && part !== null && 'kind' in part && 'types' in part;
}

/** Of other joins the rows without a match come at the end. */
const PROBES: ReadonlySet<string> = new Set(['inner', 'left', 'semi', 'anti']);
