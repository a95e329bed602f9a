// Where an aggregation can run as generated code: filters and projections between it and the rows below (a table scan, a join) are put
// into its own expressions, so that the code reads the columns below and no vector is made in between.
import type { Batch } from '../../columns/batch.ts';
import type { RowGroup } from '../../columns/row-group.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { AggregateCall, Expression } from '../../plan/expression.ts';
import { type AggregateProgram, aggregateProgram } from '../generated/aggregate-program.ts';
import { type ColumnFacts, columnFacts, typeBounds } from '../generated/bounds.ts';
import type { InputFacts } from '../generated/lower-expression.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import { GaveUp, GeneratedGroups, generatedInput } from './generated-groups.ts';
import { statisticsRow } from './group-statistics.ts';
import { measured, moveToRemoved } from './measured.ts';
import { isImmutable, type Source, scanColumn, type TableScan } from './pipeline.ts';
import { discardShares, mergeShares, runPipeline } from './run-pipeline.ts';
import { scanTable } from './scan.ts';
import { storedIndex } from './scan-pruning.ts';
import { GROUP_BYTES } from './spill-aggregate.ts';
import { memoryWatch, type SpillLimit } from './spill-limit.ts';
import type { WorkerShare } from './worker-job.ts';

type AggregatePlan = Extract<BatchPlan, { kind: 'aggregate' }>;

/** An aggregation over the rows of `base`, all of whose filters it applies itself. */
export interface FlatAggregation {
  readonly base: BatchPlan;
  readonly filters: readonly Expression[];
  readonly groupBy: readonly Expression[];
  readonly calls: readonly AggregateCall[];
}

const ANY_ROWS = 2 ** 40;
const MIN_GENERATED_ROWS = 20_000;
const MOST_DENSE_BYTES = 33_554_432;

/** Null where the aggregation is not for generated code whatever its expressions are. */
function flatAggregation(plan: AggregatePlan, context: RunContext): FlatAggregation | null {
  const { aggregates, groupingSets } = plan;
  if (groupingSets !== null || aggregates.some((call) => call.distinct || call.orderBy.length > 0)) return null;
  if (!isImmutable([plan.groupBy, aggregates.map((call) => [call.args, call.filter])], context)) return null;
  let base = plan.input;
  let filters: readonly Expression[] = [];
  let groupBy = plan.groupBy;
  let calls = aggregates;
  for (;;) {
    if (base.kind === 'filter' && isImmutable(base.condition, context)) {
      filters = [base.condition, ...filters];
    } else if (base.kind === 'project' && isImmutable(base.expressions, context)) {
      const { expressions } = base;
      filters = filters.map((each) => withInputs(each, expressions));
      groupBy = groupBy.map((each) => withInputs(each, expressions));
      calls = calls.map((each) => withInputs(each, expressions));
    } else break;
    base = base.input;
  }
  if (base.kind === 'table-scan') filters = [...base.filters, ...filters];
  return { base, filters, groupBy, calls };
}

/** The same expressions over what `below` computes its values from. */
function withInputs<T>(part: T, below: readonly Expression[]): T {
  if (Array.isArray(part)) return part.map((each) => withInputs(each, below)) as T;
  if (typeof part !== 'object' || part === null) return part;
  const { kind, index } = part as { kind?: unknown; index?: unknown };
  if (kind === 'input') return below[index as number] as T;
  if (kind === 'constant') return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, withInputs(value, below)])) as T;
}

/** The program for these row groups of the scan below; null where the code does not cover the aggregation. */
function scanProgram(
  flat: FlatAggregation,
  scan: TableScan,
  groups: readonly RowGroup[],
  context: RunContext,
): AggregateProgram | null {
  const isScan = flat.base === scan;
  const facts: InputFacts = (index, type) => {
    const column = scanColumn(flat.base, index);
    if (column !== null && column.scan === scan) {
      const known = columnFacts(type, groups, storedIndex(scan.attributes, column.at));
      return isScan ? known : { ...known, codeBytes: null }; // joins give values
    }
    if (isScan) return { bounds: typeBounds(type), nullable: false, codeBytes: null }; // the row id
    return unknownFacts(index, type);
  };
  const rows = isScan ? groups.reduce((sum, group) => sum + group.rowCount, 0) : ANY_ROWS;
  return aggregateProgram(
    { ...flat, rows, facts, denseBytes: denseBytes(context), mayGiveUp: true },
    context.functions,
  );
}

/** The program for rows of which nothing is known and that come only once. */
function rowsProgram(plan: AggregatePlan, context: RunContext): AggregateProgram | null {
  const shape = { filters: [], groupBy: plan.groupBy, calls: plan.aggregates, rows: ANY_ROWS, facts: unknownFacts };
  return aggregateProgram({ ...shape, denseBytes: denseBytes(context), mayGiveUp: false }, context.functions);
}

/** An eighth of the statement's memory, shared by all threads that hold groups. */
function denseBytes({ batch: { workers, memoryLimitBytes } }: RunContext): number {
  return Math.min(MOST_DENSE_BYTES, memoryLimitBytes / 8 / ((workers?.size ?? 0) + 1));
}

function unknownFacts(_index: number, type: Expression['type']): ColumnFacts {
  return { bounds: typeBounds(type), nullable: true, codeBytes: null };
}

/** Whether so many rows are worth the milliseconds that making code takes. */
function isWorthCode(rows: number, context: RunContext): boolean {
  return rows >= (context.batch.minGeneratedRows ?? MIN_GENERATED_ROWS);
}

/**
 * The aggregation's batches, if generated code covers it: on the workers, or on this thread over a scan or any other rows. Returns false,
 * with nothing yielded, where the interpreter is to do it, be it that the code gave up on a row.
 */
export async function* generatedAggregate(
  plan: AggregatePlan,
  input: Source,
  limit: SpillLimit | null,
  context: RunContext,
): AsyncGenerator<Batch, boolean, undefined> {
  const flat = flatAggregation(plan, context);
  if (flat === null) return false;
  using own = new OperatorMemory(context);
  const known = await fromStatistics(flat, context, own);
  if (known !== null) {
    const statistics = context.batch.analyze?.get(plan);
    if (statistics !== undefined) statistics.details = [['Answered By', 'statistics of row groups']];
    yield known;
    return true;
  }
  let groups: GeneratedGroups | null = null;
  try {
    groups = await aggregated(plan, flat, input, limit, context, own);
    if (groups === null) return false;
    const statistics = context.batch.analyze?.get(plan);
    if (statistics !== undefined) statistics.details = [['Generated Code', groups.description]];
    yield* groups.results(plan);
    return true;
  } catch (error) {
    if (error instanceof GaveUp) return false;
    throw error;
  } finally {
    groups?.release();
  }
}

async function fromStatistics(flat: FlatAggregation, context: RunContext, own: OperatorMemory): Promise<Batch | null> {
  const { base, filters, groupBy } = flat;
  if (base.kind !== 'table-scan' || filters.length + groupBy.length > 0) return null;
  const { snapshot, systemRelation } = context.batch;
  if (!isWorthCode(snapshot.rowCount(base.relation), context)) return null;
  if (systemRelation?.(base.relation) !== undefined) return null;
  const stored = base.attributes.filter((attribute) => attribute !== 0);
  if (snapshot.windows?.(base.relation, stored)) return null;
  const groups = await snapshot.rowGroups(base.relation, stored);
  return statisticsRow(flat, base, groups, context, own);
}

async function aggregated(
  plan: AggregatePlan,
  flat: FlatAggregation,
  input: Source,
  limit: SpillLimit | null,
  context: RunContext,
  own: OperatorMemory,
): Promise<GeneratedGroups | null> {
  const { base } = flat;
  const pipeline = input.pipeline();
  if (pipeline !== null && isWorthCode(context.batch.snapshot.rowCount(pipeline.scan.relation), context)) {
    let program: AggregateProgram | null = null;
    const shares = await runPipeline(
      { ...pipeline, plan: base },
      (rowGroups) => {
        program = scanProgram(flat, pipeline.scan, rowGroups, context);
        return program === null ? null : { plan: base, sink: { kind: 'generated-aggregate', program } };
      },
      context,
      limit?.workerBytes(GROUP_BYTES),
    );
    if (shares !== null) return mergedShares(program!, shares, limit, context, own);
  }
  if (base.kind !== 'table-scan') {
    if (!isWorthCode(plan.input.rows, context)) return null;
    return aggregatedHere(rowsProgram(plan, context), () => input.rows(), limit, context, own);
  }
  const { snapshot, systemRelation } = context.batch;
  if (systemRelation?.(base.relation) !== undefined || !isWorthCode(snapshot.rowCount(base.relation), context))
    return null;
  const stored = base.attributes.filter((attribute) => attribute !== 0);
  if (snapshot.windows?.(base.relation, stored)) {
    return aggregatedHere(rowsProgram(plan, context), () => input.rows(), limit, context, own); // of rows to come nothing is known
  }
  const rowGroups = await snapshot.rowGroups(base.relation, stored);
  const { analyze } = context.batch;
  const scanned = (groups: GeneratedGroups) => {
    const rows = scanTable(base, context, groups.rawScan);
    return analyze === undefined ? rows : measured(rows, base, analyze);
  };
  const groups = await aggregatedHere(scanProgram(flat, base, rowGroups, context), scanned, limit, context, own);
  if (groups !== null) moveToRemoved(base, groups.removed, analyze);
  return groups;
}

async function aggregatedHere(
  program: AggregateProgram | null,
  rows: (groups: GeneratedGroups) => Batches,
  limit: SpillLimit | null,
  context: RunContext,
  own: OperatorMemory,
): Promise<GeneratedGroups | null> {
  if (program === null) return null;
  const groups = new GeneratedGroups(program, context, own);
  try {
    await generatedInput(
      groups,
      rows(groups),
      own,
      memoryWatch(limit, () => groups.count, context),
    );
    return groups;
  } catch (error) {
    groups.release();
    throw error;
  }
}

/** The groups of all workers in one; null if one of them gave up. */
async function mergedShares(
  program: AggregateProgram,
  shares: readonly WorkerShare[],
  limit: SpillLimit | null,
  context: RunContext,
  own: OperatorMemory,
): Promise<GeneratedGroups | null> {
  if (shares.some((share) => share.gaveUp)) {
    discardShares(shares, context);
    return null;
  }
  const groups = new GeneratedGroups(program, context, own);
  try {
    const watch = memoryWatch(limit, () => groups.count, context);
    await mergeShares(shares, (rows) => groups.merge(rows, watch), context);
    return groups;
  } catch (error) {
    groups.release();
    throw error;
  }
}
