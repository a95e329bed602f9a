// SUBSCRIBE: the changes of a view, table, stream or query, pushed as rows with _epoch and _diff in front.
import type { EmitMode } from '../../catalog/objects.ts';
import { runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import { envelopeColumns } from '../../engine/stream/envelope.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression, Query, Target } from '../../sql/ast.ts';
import type { QualifiedName } from '../../sql/ast-definition.ts';
import type { Subscribe } from '../../sql/ast-utility.ts';
import { fromTable, query, select } from '../../sql/make-ast.ts';
import { printQualifiedName } from '../../sql/parser/print-name.ts';
import { INT8, type SqlType } from '../../types/sql-type.ts';
import type { RowSource, StatementResult } from '../row-source.ts';
import type { ResultField } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { openBatchContext } from './batch-context.ts';
import { booleanOption } from './boolean-option.ts';
import { evaluateScalar } from './evaluate-scalar.ts';
import { planUnlocked } from './plan-statement.ts';
import { requireRelation } from './resolve-names.ts';
import { plainField, type RunOf, unsupported } from './statement-run.ts';
import { subscriptionPrefix } from './subscription-fields.ts';

interface SubscriptionPlan {
  readonly fields: readonly ResultField[];
  readonly parameterTypes: readonly SqlType[];
  readonly relation: number | null;
  readonly plan: BatchPlan;
  readonly emit: EmitMode | undefined;
  readonly progress: boolean;
  readonly snapshot: boolean;
}

/** `SUBSCRIBE v` is `SUBSCRIBE (SELECT * FROM v)`, but shares the view's own output. */
export async function planSubscription(
  state: SessionState,
  statement: Subscribe,
  declared: readonly (SqlType | undefined)[],
): Promise<SubscriptionPlan> {
  const options = booleanOptions(statement);
  const query = statement.query ?? wholeRelation(statement.relation!, statement.position);
  const planned = await planUnlocked(state, query, declared);
  if (planned.bound.parameterTypes.length > 0) {
    unsupported('a parameter in SUBSCRIBE', 'Write the value as a constant.', statement.position);
  }
  return {
    fields: [...subscriptionPrefix(options.progress), ...rowFields(statement, planned.fields)],
    parameterTypes: planned.bound.parameterTypes,
    relation: statement.relation === null ? null : requireRelation(state, statement.relation).oid,
    plan: planned.plan as BatchPlan,
    emit: planned.bound.emit,
    ...options,
  };
}

/** The query's own columns, as its envelope shows them. */
function rowFields({ envelope }: Subscribe, fields: readonly ResultField[]): readonly ResultField[] {
  if (envelope === null || envelope.kind === 'upsert') return fields;
  const names = fields.map((field) => field.name);
  const types = fields.map((field) => field.type);
  return envelopeColumns(envelope, names, types).map((column) => plainField(column.name, column.type));
}

/** SELECT * (or the targets) FROM a relation. */
export function wholeRelation(table: QualifiedName, position: number, targets: readonly Target[] = []): Query {
  return query(select(targets, [fromTable(table, position)], position), position);
}

function booleanOptions(statement: Subscribe): { snapshot: boolean; progress: boolean } {
  const found = { snapshot: true, progress: false };
  for (const option of statement.options) {
    const name = option.name.toLowerCase();
    if (name !== 'snapshot' && name !== 'progress') {
      throw sqlError('syntax_error', `unrecognized SUBSCRIBE option "${option.name}"`, {
        position: option.position,
        hint: 'Options are SNAPSHOT and PROGRESS.',
      });
    }
    found[name] = booleanOption(option);
  }
  return found;
}

export async function runSubscribe(run: RunOf<Subscribe>): Promise<StatementResult> {
  const rows = await openSubscription(run);
  adviseBufferingClient(run);
  return { rows, tag: (count) => `SUBSCRIBE ${count}` };
}

/** psql shows a query's rows when it has all of them, which is never: say so before it waits in silence. Other clients stream. */
function adviseBufferingClient({ state, statement, portal }: RunOf<Subscribe>): void {
  const isCursor = portal.name !== '';
  if (isCursor || statement.upTo !== null || state.settings.get('application_name') !== 'psql') return;
  const hint = `Cancel it and use ${copyForm(statement)}; psql 17 shows rows as they come after \\set FETCH_COUNT 1, too.`;
  state.notice(
    'NOTICE',
    sqlError('successful_completion', 'psql shows rows at the end of a query, and SUBSCRIBE has none', { hint }),
  );
}

function copyForm({ relation }: Subscribe): string {
  return `COPY (SUBSCRIBE ${relation === null ? '...' : printQualifiedName(relation)}) TO STDOUT`;
}

export async function openSubscription({ state, statement }: RunOf<Subscribe>): Promise<RowSource> {
  const planned = await planSubscription(state, statement, []);
  const epoch = (expression: Expression | null) =>
    expression === null ? null : (evaluateScalar(state, expression, INT8) as bigint | null);
  const subscription = await state.services.streams.subscribe({
    relation: planned.relation,
    plan: planned.plan,
    query: state.activity.entry.query,
    processId: state.startup.processId,
    snapshot: planned.snapshot,
    progress: planned.progress,
    ...(planned.emit === undefined ? {} : { emit: planned.emit }),
    envelope: statement.envelope,
    asOf: epoch(statement.asOf),
    upTo: epoch(statement.upTo),
    maxQueuedRows: state.settings.number('headrace.subscription_queue_rows'),
    timeZone: state.settings.get('TimeZone'),
    cancel: state.cancelFlag,
    rowsAt: (snapshot) => runBatchPlan(planned.plan, openBatchContext(state, snapshot)),
  });
  return {
    fields: planned.fields,
    get endless() {
      return !subscription.done;
    },
    next: (deadlineMs = null) => subscription.next(deadlineMs),
    close: () => subscription.close(),
  };
}
