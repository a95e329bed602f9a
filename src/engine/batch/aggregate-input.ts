// Feeds batches to the group tables of an aggregation; `watch` is called after each.
import type { Batch, Vector } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { type Batches, expressionContext, type OperatorMemory, type RunContext } from './batch-context.ts';

interface GroupSink {
  update(batch: Batch, keys: readonly Vector[]): void;
}

export async function aggregateInput(
  plan: Extract<BatchPlan, { kind: 'aggregate' }>,
  sinks: readonly GroupSink[],
  input: Batches,
  context: RunContext,
  own: OperatorMemory,
  watch: () => void,
): Promise<void> {
  const keys = compileExpressions(plan.groupBy, expressionContext(context, own));
  for await (const batch of input) {
    own.heap.reset();
    const values = keys.evaluate(batch, batch.selection, batch.count);
    for (const sink of sinks) sink.update(batch, values);
    watch();
  }
}
