// count(*), count, min and max of a whole table, from what its row groups know of themselves: no row is read but the delete epochs of
// groups that have some.

import type { Batch } from '../../columns/batch.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import type { RowGroup } from '../../columns/row-group.ts';
import { scaledDecimal } from '../../columns/value-bytes.ts';
import type { AggregateCall } from '../../plan/expression.ts';
import type { Datum } from '../../types/datum.ts';
import { physicalOf, type SqlType } from '../../types/sql-type.ts';
import type { OperatorMemory, RunContext } from './batch-context.ts';
import type { FlatAggregation } from './generated-aggregate.ts';
import type { TableScan } from './pipeline.ts';
import { storedIndex } from './scan-pruning.ts';

/** Rows whose delete epochs are looked at in one call. */
const SLICE_ROWS = 2048;

/** The one row of the aggregation, or null: the groups do not tell. */
export async function statisticsRow(
  flat: FlatAggregation,
  scan: TableScan,
  groups: readonly RowGroup[],
  context: RunContext,
  own: OperatorMemory,
): Promise<Batch | null> {
  const { calls, filters, groupBy } = flat;
  if (flat.base !== scan || filters.length > 0 || groupBy.length > 0 || calls.length === 0) return null;
  const counts = calls.filter((call) => operationOf(call, context) === 'count-star').length;
  const values: (Datum | null)[] = [];
  for (const call of calls) {
    if (operationOf(call, context) === 'count-star') values.push(null);
    else {
      const value = groups.every(isWhole) ? columnValue(call, scan, groups, context) : undefined;
      if (value === undefined) return null;
      values.push(value);
    }
  }
  const rows = counts === 0 ? 0n : BigInt(await countRows(groups, context, own));
  const row = calls.map((call, i) => (operationOf(call, context) === 'count-star' ? rows : values[i]!));
  return buildBatch(
    own.region,
    calls.map((call) => call.type),
    [row],
  );
}

function operationOf(call: AggregateCall, { functions }: RunContext): string | null {
  const { state } = functions.aggregate(call.function);
  return state.kind === 'vector' && call.filter === null && !call.distinct ? state.operation : null;
}

/** Its ranges are those of the rows seen. */
function isWhole({ exactRanges, insertEpochs, deleteEpochs }: RowGroup): boolean {
  return exactRanges === true && insertEpochs === 0 && deleteEpochs === 0;
}

/** Undefined: unknown. */
function columnValue(
  call: AggregateCall,
  scan: TableScan,
  groups: readonly RowGroup[],
  context: RunContext,
): Datum | null | undefined {
  const [arg] = call.args;
  if (arg?.kind !== 'input' || call.args.length !== 1 || scan.attributes[arg.index] === 0) return undefined;
  const chunks = groups.map((group) => group.columns[storedIndex(scan.attributes, arg.index)]!);
  const operation = operationOf(call, context);
  if (operation === 'count') {
    if (chunks.some((chunk) => chunk.nulls !== 0)) return undefined;
    return BigInt(groups.reduce((sum, group) => sum + group.rowCount, 0));
  }
  const isInteger = ['i32', 'i64'].includes(physicalOf(call.type)) && physicalOf(arg.type) === physicalOf(call.type);
  if ((operation !== 'min' && operation !== 'max') || !isInteger || groups.length === 0) return undefined;
  let best: number | bigint | undefined;
  for (const chunk of chunks) {
    const value = chunk[operation];
    if (value === undefined || chunk.physical !== physicalOf(call.type)) return undefined;
    if (best === undefined || (operation === 'min' ? value < best : value > best)) best = value;
  }
  return datumOf(call.type, best!);
}

function datumOf(type: SqlType, value: number | bigint): Datum {
  if (type.name === 'numeric') return scaledDecimal(BigInt(value), type);
  return physicalOf(type) === 'i32' ? Number(value) : BigInt(value);
}

async function countRows(groups: readonly RowGroup[], context: RunContext, own: OperatorMemory): Promise<number> {
  const { memory, kernels } = context;
  const list = own.region.allocate(SLICE_ROWS * 4);
  const epoch = own.region.allocate(16);
  memory.i64[epoch / 8] = context.batch.snapshot.epoch;
  let rows = 0;
  for (const { rowCount, insertEpochs, deleteEpochs } of groups) {
    if (insertEpochs === 0 && deleteEpochs === 0) {
      rows += rowCount;
      continue;
    }
    for (let from = 0; from < rowCount; from += SLICE_ROWS) {
      const to = Math.min(rowCount, from + SLICE_ROWS);
      rows += kernels.get('visible_rows')(list, insertEpochs, deleteEpochs, epoch, from, to);
    }
    await context.pause();
  }
  return rows;
}
