// INTERSECT and EXCEPT whose rows do not fit into memory: both sides are dealt to parts by the hash of the whole row, and each part is a
// difference of its own.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Batches, RunContext } from './batch-context.ts';
import { keyedLayout } from './keyed-rows.ts';
import { forgetMeasures } from './measured.ts';
import { isReplayable, type Source } from './pipeline.ts';
import { setDifference } from './row-sources.ts';
import { memoryWatch, type SpillLimit, spillLimit, unlessPast } from './spill-limit.ts';
import { Partitions, type SpillLevel } from './spill-partitions.ts';

type DifferencePlan = Extract<BatchPlan, { kind: 'set-difference' }>;

/** Bytes per row beside the row: its counts, entries of a hash table that is about to grow. */
const ROW_WORK_BYTES = 80;

/** Inputs that cannot be read twice are dealt at once if they may not fit. */
export function differenceOrParts(
  plan: DifferencePlan,
  left: Source,
  right: Source,
  level: SpillLevel,
  context: RunContext,
): Batches {
  const limit = level.divides ? spillLimit(ROW_WORK_BYTES, context) : null;
  const whole = (within: SpillLimit | null) =>
    setDifference(plan, left.rows(), right.rows(), context, (count) => memoryWatch(within, count, context));
  if (limit === null) return whole(null);
  const parts = () => inParts(plan, left, right, level, context);
  if (isReplayable([left.plan, right.plan], context)) {
    return unlessPast(whole(limit), () => {
      forgetMeasures([left.plan, right.plan], context.batch.analyze);
      return parts();
    });
  }
  const { rowBytes } = keyedLayout(plan.types, []).layout;
  return limit.expectsPast(left.plan.rows + right.plan.rows, rowBytes) ? parts() : whole(null);
}

async function* inParts(
  plan: DifferencePlan,
  left: Source,
  right: Source,
  level: SpillLevel,
  context: RunContext,
): Batches {
  const { types } = plan;
  const columns = types.map((type, index): Expression => ({ kind: 'input', type, index }));
  const dealt: Partitions[] = [];
  try {
    for (const source of [left, right]) {
      const parts = await Partitions.open(keyedLayout(types, columns), level, context);
      dealt.push(parts);
      await parts.addAll(source);
      await parts.finish();
    }
    level.tell(dealt);
    const [lefts, rights] = dealt as [Partitions, Partitions];
    for (const part of lefts.numbers) {
      if (lefts.countOf(part) === 0) continue;
      const rows = lefts.countOf(part) + rights.countOf(part);
      const below = level.below(rows === lefts.count + rights.count);
      const [source, minus] = [lefts.source(part, types), rights.source(part, types)];
      yield* differenceOrParts({ ...plan, rows: Math.min(plan.rows, rows) }, source, minus, below, context);
    }
  } finally {
    for (const parts of dealt) await parts.close();
  }
}
