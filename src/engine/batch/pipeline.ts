// Pipelines: which part of a plan workers can run as a whole. A pipeline is a scan of a stored table under filters, projections and the
// probing sides of joins, with functions that need nothing of the session; it ends in a sink (worker-job.ts). The operators above ask
// a Source for its pipeline and fall back to pulling its rows on their own thread.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { ZONED } from '../expressions/date-units.ts';
import type { Batches, RunContext } from './batch-context.ts';
import type { BuiltJoin } from './join-table.ts';
import { projectRows } from './pass-through.ts';

export type TableScan = Extract<BatchPlan, { kind: 'table-scan' }>;
export type JoinPlan = Extract<BatchPlan, { kind: 'hash-join' | 'nested-loop-join' }>;

/** The input of an operator; nothing is compiled before it is asked for. */
export interface Source {
  readonly plan: BatchPlan;
  /** `within`: the run, with what the operator above has added */
  rows(within?: RunContext): Batches;
  /** null: workers cannot run it */
  pipeline(): Pipeline | null;
}

export interface Pipeline {
  readonly plan: BatchPlan;
  readonly scan: TableScan;
  readonly joins: readonly PipelineJoin[];
}

export interface PipelineJoin {
  readonly plan: JoinPlan;
  /** null: it does not fit into memory */
  build(): Promise<BuiltJoin | null>;
}

/** A source with expressions computed over its rows. */
export function projectedSource(expressions: readonly Expression[], source: Source, context: RunContext): Source {
  const types = expressions.map((each) => each.type);
  const { names, rows } = source.plan;
  const plan: BatchPlan = { kind: 'project', input: source.plan, expressions, types, names, rows };
  return {
    plan,
    rows: () => projectRows(expressions, source.rows(), context),
    pipeline: () => {
      const below = isImmutable(expressions, context) ? source.pipeline() : null;
      return below === null ? null : { ...below, plan };
    },
  };
}

/** `build` gives the build side of a join of the plan, on this thread. */
export function pipelineOf(
  plan: BatchPlan,
  context: RunContext,
  build: (join: JoinPlan) => Promise<BuiltJoin | null>,
): Pipeline | null {
  if (context.batch.workers === null) return null;
  const joins: PipelineJoin[] = [];
  for (let node = plan; ; ) {
    switch (node.kind) {
      case 'table-scan':
        return isImmutable(node.filters, context) ? { plan, scan: node, joins } : null;
      case 'filter':
        if (!isImmutable(node.condition, context)) return null;
        node = node.input;
        break;
      case 'project':
        if (!isImmutable(node.expressions, context)) return null;
        node = node.input;
        break;
      case 'hash-join':
      case 'nested-loop-join': {
        const join = node;
        if (!probesAlone(join, context)) return null;
        joins.push({ plan: join, build: () => build(join) });
        node = join.left;
        break;
      }
      default:
        return null;
    }
  }
}

/** Right and full joins end with the rows that no thread has met; NOT IN looks at the whole build side first. */
function probesAlone(join: JoinPlan, context: RunContext): boolean {
  if (join.type === 'right' || join.type === 'full' || join.type === 'null-aware-anti') return false;
  return join.kind === 'hash-join'
    ? isImmutable([join.leftKeys, join.residual], context)
    : isImmutable(join.condition, context);
}

/** Whether all functions in a part of a plan are immutable. */
export function isImmutable(part: unknown, context: RunContext): boolean {
  if (Array.isArray(part)) return part.every((each) => isImmutable(each, context));
  if (typeof part !== 'object' || part === null) return true;
  const { kind, function: id } = part as { kind?: unknown; function?: unknown };
  if (kind === 'constant') return true;
  // Workers know the time zone.
  if (kind === 'call' && typeof id === 'string' && !ZONED.has(id)) {
    if (context.functions.findScalar(id)?.volatility !== 'immutable') return false;
  }
  return Object.values(part).every((each) => isImmutable(each, context));
}

/** Whether a plan gives the same rows when it is run once more, and nobody can tell that it was. */
export function isReplayable(part: unknown, context: RunContext): boolean {
  if (Array.isArray(part)) return part.every((each) => isReplayable(each, context));
  if (typeof part !== 'object' || part === null) return true;
  const { kind, function: id } = part as { kind?: unknown; function?: unknown };
  if (kind === 'udf-project') return false;
  if (kind === 'call' && typeof id === 'string' && context.functions.findScalar(id)?.volatility === 'volatile')
    return false;
  return Object.values(part).every((each) => isReplayable(each, context));
}

/** A column of the scan that a plan's rows come from: `at` among the scan's attributes. */
export interface ScanColumn {
  readonly scan: TableScan;
  readonly at: number;
}

/** The scan column that column `index` of a plan's rows is, unchanged and in no row that the scan did not give; else null. */
export function scanColumn(plan: BatchPlan, index: number): ScanColumn | null {
  switch (plan.kind) {
    case 'table-scan':
      return plan.attributes[index] === 0 ? null : { scan: plan, at: index };
    case 'filter':
      return scanColumn(plan.input, index);
    case 'project': {
      const expression = plan.expressions[index]!;
      return expression.kind === 'input' ? scanColumn(plan.input, expression.index) : null;
    }
    case 'hash-join':
    case 'nested-loop-join': {
      const { type, left } = plan;
      return type === 'right' || type === 'full' || index >= left.types.length ? null : scanColumn(left, index);
    }
    default:
      return null;
  }
}
