// Which aggregations workers can do: a scan under filters and projections, with functions that need nothing of the session.
import type { BatchPlan } from '../../plan/batch.ts';
import type { RunContext } from './batch-context.ts';

type AggregatePlan = Extract<BatchPlan, { kind: 'aggregate' }>;

/** The scan below filters and projections, or null when there is anything else or a function that needs the session. */
export function parallelScan(
  plan: AggregatePlan,
  context: RunContext,
): Extract<BatchPlan, { kind: 'table-scan' }> | null {
  const calls = plan.aggregates;
  if (plan.groupingSets !== null || calls.some((call) => call.distinct || call.orderBy.length > 0)) return null;
  if (!isImmutable([plan.groupBy, calls.map((call) => [call.args, call.filter])], context)) return null;
  let node: BatchPlan = plan.input;
  for (;;) {
    // Merging is sequential: with nearly as many groups as rows it would cost more than the workers save.
    if (node.kind === 'table-scan' && plan.rows * 16 > node.rows) return null;
    if (node.kind === 'table-scan') return isImmutable(node.filters, context) ? node : null;
    if (node.kind !== 'filter' && node.kind !== 'project') return null;
    if (!isImmutable(node.kind === 'filter' ? node.condition : node.expressions, context)) return null;
    node = node.input;
  }
}

function isImmutable(part: unknown, context: RunContext): boolean {
  if (Array.isArray(part)) return part.every((each) => isImmutable(each, context));
  if (typeof part !== 'object' || part === null) return true;
  const { kind, function: id } = part as { kind?: unknown; function?: unknown };
  if (kind === 'call' && typeof id === 'string' && context.functions.findScalar(id)?.volatility !== 'immutable')
    return false;
  return Object.values(part).every((each) => isImmutable(each, context));
}
