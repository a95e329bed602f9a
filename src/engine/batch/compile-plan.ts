// From a batch plan to a tree of operators: one async generator per node, pulled from the root. Nothing runs or allocates before
// the first pull.
import type { BatchPlan } from '../../plan/batch.ts';
import { sessionWindows } from '../../plan/session-windows.ts';
import { aggregateRows } from './aggregate.ts';
import { applyRows } from './apply.ts';
import type { Batches, RunContext } from './batch-context.ts';
import { recursiveCte, scanCte, withCte } from './cte.ts';
import { lookupRows } from './index-lookup.ts';
import { type BuiltJoin, buildJoin, joinSpec, NO_OVERFLOW } from './join-table.ts';
import { forgetMeasures, measured } from './measured.ts';
import { assignWindows, filterRows, limitRows, portioned, projectRows, singleRow, unionRows } from './pass-through.ts';
import { isReplayable, type JoinPlan, pipelineOf, type Source } from './pipeline.ts';
import { projectSet, udfProject } from './row-sources.ts';
import { scanTable, scanTableFunction, valuesRows } from './scan.ts';
import { distinctOnRows, limitedSort, sortedRows } from './sort.ts';
import { differenceOrParts } from './spill-difference.ts';
import { joinOrParts } from './spill-join.ts';
import { PastMemory } from './spill-limit.ts';
import { SpillLevel } from './spill-partitions.ts';
import { topRows } from './top-n.ts';
import { ALL_COLUMNS, childColumns, type UsedColumns } from './used-columns.ts';
import { windowRows } from './window.ts';

/** `used`: the output columns that the operator above looks at. */
export function compilePlan(plan: BatchPlan, context: RunContext, used: UsedColumns = ALL_COLUMNS): Batches {
  const rows = operator(plan, context, used);
  const { analyze } = context.batch;
  return analyze === undefined ? rows : measured(rows, plan, analyze);
}

/** A plan as an operator above takes it: pulled here, or run by workers. */
function sourceOf(plan: BatchPlan, context: RunContext, used: UsedColumns = ALL_COLUMNS): Source {
  return {
    plan,
    rows: (within = context) => compilePlan(plan, within, used),
    pipeline: () => pipelineOf(plan, context, (join) => buildForWorkers(join, context)),
  };
}

/** A build side that workers are to probe; null where it does not fit into memory, and this thread is to do the join. */
async function buildForWorkers(join: JoinPlan, context: RunContext): Promise<BuiltJoin | null> {
  const overflow = isReplayable(join.right, context) ? NO_OVERFLOW : null;
  try {
    return await buildJoin(joinSpec(join), sourceOf(join.right, context), context, overflow);
  } catch (error) {
    if (!(error instanceof PastMemory)) throw error;
    forgetMeasures(join.right, context.batch.analyze);
    return null;
  }
}

function operator(plan: BatchPlan, context: RunContext, used: UsedColumns): Batches {
  const compile = (input: BatchPlan) => compilePlan(input, context);
  const source = (input: BatchPlan) => sourceOf(input, context, childColumns(plan, used));
  switch (plan.kind) {
    case 'table-scan':
      return scanTable(plan, context);
    case 'index-lookup':
      return lookupRows(plan, () => compile(plan.scan), context);
    case 'table-function-scan':
      return scanTableFunction(plan, context);
    case 'values':
      return valuesRows(plan, context);
    case 'filter':
      return filterRows(plan, source(plan.input).rows(), context);
    case 'project':
      return projectRows(plan.expressions, source(plan.input).rows(), context);
    case 'hash-join':
    case 'nested-loop-join': {
      const right = sourceOf(plan.right, context);
      return joinOrParts(joinSpec(plan), used, source(plan.left), right, new SpillLevel(plan, context), context);
    }
    case 'single-check':
      return singleRow(compile(plan.input));
    case 'aggregate':
      return portioned(aggregateRows(plan, source(plan.input), context), context);
    case 'distinct-on':
      return portioned(distinctOnRows(plan, source(plan.input), context), context);
    case 'sort':
      return sortedRows(plan, source(plan.input), context);
    case 'top-n':
      return topRows(plan, source(plan.input), context);
    case 'limit':
      if (plan.input.kind === 'sort' && context.batch.analyze === undefined) {
        return limitedSort(plan, plan.input, source(plan.input.input), context); // who analyzes wants all its rows counted
      }
      return limitRows(plan, compile(plan.input), context);
    case 'union-all':
      return unionRows(plan.inputs.map(compile));
    case 'set-difference':
      return portioned(
        differenceOrParts(plan, source(plan.left), source(plan.right), new SpillLevel(plan, context), context),
        context,
      );
    case 'window':
      return portioned(windowRows(plan, source(plan.input), context), context);
    case 'project-set':
      return portioned(projectSet(plan, compile(plan.input), context), context);
    case 'window-assign':
      if (plan.window.kind === 'session') return compile(sessionWindows(plan));
      return assignWindows(plan, compile(plan.input), context);
    case 'cte':
      return withCte(plan, () => compile(plan.definition), () => compile(plan.body), context); // biome-ignore format: one call
    case 'cte-scan':
      return portioned(scanCte(plan, context), context);
    case 'recursive-cte':
      return recursiveCte(plan, () => compile(plan.base), () => compile(plan.step), context); // biome-ignore format: one call
    case 'udf-project':
      return udfProject(plan, compile(plan.input), context);
    case 'apply':
      return applyRows(plan, compile(plan.left), compile, context);
  }
}
