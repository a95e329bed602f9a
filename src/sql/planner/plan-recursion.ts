// A recursive step's joins probe with the working table, so that the other side's table is built once for all rounds: inner hash joins that
// were planned the other way, because the working table seemed small, are turned.
import type { BatchPlan } from '../../plan/batch.ts';
import { streamsFrom } from '../../plan/recursion.ts';
import { swapped } from './plan-join.ts';

/** A larger side is better read once per round, for there may be few, than kept. */
const MOST_KEPT = 2_000_000;

export function probingStep(step: BatchPlan, id: number): BatchPlan {
  switch (step.kind) {
    case 'filter':
    case 'project':
      return { ...step, input: probingStep(step.input, id) };
    case 'hash-join': {
      if (step.type !== 'inner') return { ...step, left: probingStep(step.left, id) };
      const right = probingStep(step.right, id);
      if (!streamsFrom(right, id) || step.left.rows > MOST_KEPT) return { ...step, left: probingStep(step.left, id) };
      const keys = { left: step.leftKeys, right: step.rightKeys, nullsEqual: step.nullsEqual };
      const turned = swapped(step, step.left, right, keys, step.residual);
      return streamsFrom(turned, id) ? turned : step;
    }
    default:
      return step;
  }
}
