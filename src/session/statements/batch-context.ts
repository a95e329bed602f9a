// The BatchContext of a running statement: its snapshot, limits, clock, cancel flag, and the roads to files, system relations
// and user functions.
import type { Snapshot } from '../../columns/row-group.ts';
import type { BatchContext } from '../../engine/batch/batch-context.ts';
import type { SessionState } from '../session-state.ts';
import { systemRelationRows } from '../system-rows.ts';

/** A smaller work_mem counts as this much: what operators have for a batch alone is about a quarter of it. */
const LEAST_WORK_BYTES = 4_194_304;

/** `snapshot`: what is read; default: what the transaction sees. The caller releases it. */
export function openBatchContext(
  state: SessionState,
  snapshot: Snapshot = state.transactions.transaction.snapshot(),
): BatchContext {
  const { services } = state;
  const catalog = state.catalog();
  const generatedRows = state.settings.number('headrace.min_generated_rows');
  const fileLimit = state.settings.number('temp_file_limit');
  return {
    arena: services.arena,
    kernels: services.kernels,
    functions: services.functions(catalog),
    snapshot,
    evaluation: state.evaluation(),
    memoryLimitBytes: Math.max(LEAST_WORK_BYTES, state.settings.number('work_mem') * 1024),
    spill: services.spill.forStatement(fileLimit < 0 ? Number.POSITIVE_INFINITY : fileLimit * 1024),
    spillRows: state.settings.number('headrace.spill_rows'),
    workers: services.workers,
    batchRows: state.settings.number('headrace.batch_rows'),
    minWorkerRows: state.settings.number('headrace.min_worker_rows'),
    minGeneratedRows: generatedRows < 0 ? Number.POSITIVE_INFINITY : generatedRows,
    cancel: state.cancelFlag,
    externalTables: services.connectors.externalTables(state.services.options.serverFiles),
    systemRelation: (relation) => systemRelationRows(state, relation),
    udf: services.udfCaller(catalog, state.cancelFlag),
    programs: state.programs,
  };
}
