// EXPLAIN ANALYZE: rows, batches and time per plan node, measured where its batches are pulled: on this thread, or on workers, which report
// what the nodes of their pipeline did.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Batches, OperatorStatistics } from './batch-context.ts';

export type Measures = Map<BatchPlan, OperatorStatistics>;

export function nothingMeasured(): OperatorStatistics {
  return { rows: 0, batches: 0, milliseconds: 0, firstMilliseconds: 0, removed: 0 };
}

export async function* measured(rows: Batches, plan: BatchPlan, measures: Measures): Batches {
  const statistics = measures.get(plan) ?? nothingMeasured();
  measures.set(plan, statistics);
  try {
    for (;;) {
      const began = performance.now();
      const next = await rows.next();
      statistics.milliseconds += performance.now() - began;
      if (next.done) return;
      statistics.rows += next.value.count;
      if (statistics.batches++ === 0) statistics.firstMilliseconds = statistics.milliseconds;
      yield next.value;
    }
  } finally {
    await rows.return();
  }
}

/** The nodes of a pipeline from its top to its scan. */
export function pipelineNodes(plan: BatchPlan): BatchPlan[] {
  const nodes = [plan];
  for (let node = plan; ; nodes.push(node)) {
    if (node.kind === 'filter' || node.kind === 'project') node = node.input;
    else if (node.kind === 'hash-join' || node.kind === 'nested-loop-join') node = node.left;
    else return nodes;
  }
}

/** Adds what workers measured below `run`, in the order of pipelineNodes: rows of all, the time of the slowest. Projections above it, up to
 *  `top`, were part of the sink. */
export function addMeasures(
  top: BatchPlan,
  run: BatchPlan,
  shares: readonly { readonly measures: readonly OperatorStatistics[] }[],
  measures: Measures,
): void {
  const nodes = pipelineNodes(run);
  const above = pipelineNodes(top);
  const add = (node: BatchPlan, i: number) => {
    const before = measures.get(node) ?? nothingMeasured();
    const mine = shares.flatMap((share) => share.measures[i] ?? []);
    const total = (of: (one: OperatorStatistics) => number) => mine.reduce((sum, one) => sum + of(one), 0);
    const began = mine.filter(({ batches }) => batches > 0).map(({ firstMilliseconds }) => firstMilliseconds);
    measures.set(node, {
      rows: before.rows + total(({ rows }) => rows),
      batches: before.batches + total(({ batches }) => batches),
      milliseconds: before.milliseconds + Math.max(0, ...mine.map(({ milliseconds }) => milliseconds)),
      firstMilliseconds: before.batches > 0 || began.length === 0 ? before.firstMilliseconds : Math.min(...began),
      removed: before.removed + total(({ removed }) => removed),
    });
  };
  nodes.forEach(add);
  for (const node of above.slice(0, above.length - nodes.length)) if (node.kind === 'project') add(node, 0);
}

/** Rows that a scan gave to generated code and the code's filter took out are not the scan's. */
export function moveToRemoved(scan: BatchPlan, rows: number, measures: Measures | undefined): void {
  const statistics = scan.kind === 'table-scan' ? measures?.get(scan) : undefined;
  if (statistics === undefined) return;
  statistics.rows -= rows;
  statistics.removed += rows;
}

/** Before a plan is run once more: what its nodes have done so far does not count. */
export function forgetMeasures(part: unknown, measures: Measures | undefined): void {
  if (measures === undefined || typeof part !== 'object' || part === null) return;
  measures.delete(part as BatchPlan);
  for (const each of Object.values(part)) forgetMeasures(each, measures);
}
