// From a batch plan to a tree of operators: one async generator per node, pulled from the root. Nothing runs or allocates before
// the first pull.
import type { BatchPlan } from '../../plan/batch.ts';
import { sessionWindows } from '../../plan/session-windows.ts';
import { aggregateRows } from './aggregate.ts';
import { applyRows } from './apply.ts';
import type { Batches, RunContext } from './batch-context.ts';
import { joinRows } from './hash-join.ts';
import { lookupRows } from './index-lookup.ts';
import { buildJoin, joinSpec } from './join-table.ts';
import { measured } from './measured.ts';
import { assignWindows, filterRows, limitRows, portioned, projectRows, singleRow, unionRows } from './pass-through.ts';
import { pipelineOf, type Source } from './pipeline.ts';
import { projectSet, recursiveCte, scanCte, setDifference, udfProject, withCte } from './row-sources.ts';
import { scanTable, scanTableFunction, valuesRows } from './scan.ts';
import { distinctOnRows, sortedRows } from './sort.ts';
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
    pipeline: () =>
      pipelineOf(plan, context, (join) => buildJoin(joinSpec(join), sourceOf(join.right, context), context)),
  };
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
      const spec = joinSpec(plan);
      const build = () => buildJoin(spec, sourceOf(plan.right, context), context);
      return joinRows(spec, used, source(plan.left).rows(), build, context);
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
      return limitRows(plan, compile(plan.input), context);
    case 'union-all':
      return unionRows(plan.inputs.map(compile));
    case 'set-difference':
      return portioned(setDifference(plan, compile(plan.left), compile(plan.right), context), context);
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
