// CREATE MATERIALIZED VIEW: a continuous query. The catalog keeps its text; the stream engine starts its job at commit.

import { relationKindWord } from '../../catalog/object-names.ts';
import type { EmitMode, MaterializedView } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { EmitClause } from '../../sql/ast.ts';
import type { CreateMaterializedView } from '../../sql/ast-definition.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { fixSessionValues, refuseSessionFunctions } from './continuous-definition.ts';
import { columnsOfQuery } from './create-view.ts';
import { dropObjects } from './drop.ts';
import { intervalMicros } from './interval-option.ts';
import { claimPlace } from './resolve-names.ts';
import type { RunOf } from './statement-run.ts';
import { withOids } from './stored-expressions.ts';
import { defineView } from './view-definition.ts';
import { atOptions, optionMap } from './with-options.ts';

const OUTPUT_MODES = ['append', 'update', 'complete'];
const SPARK_MODE = { on_window_close: 'append', changes: 'update', complete: 'complete' } as const;

export function runCreateMaterializedView(run: RunOf<CreateMaterializedView>): Promise<StatementResult> {
  return atOptions(run.statement.options, () => createMaterializedView(run));
}

async function createMaterializedView({ state, statement }: RunOf<CreateMaterializedView>): Promise<StatementResult> {
  state.transactions.requireWritable('CREATE MATERIALIZED VIEW');
  const { schemaOid, name } = await claimPlace(state, statement.name);
  const editor = state.transactions.transaction.edit();
  const existing = state.catalog().findRelation(schemaOid, name);
  if (existing !== undefined) {
    if (statement.ifNotExists) {
      state.notice('NOTICE', sqlError('duplicate_table', `relation "${name}" already exists, skipping`));
      return tagOnly('CREATE MATERIALIZED VIEW');
    }
    if (!statement.orReplace) throw sqlError('duplicate_table', `relation "${name}" already exists`);
    if (existing.kind !== 'materialized-view') {
      throw sqlError('wrong_object_type', `"${name}" is not a materialized view`, {
        detail: `It is a ${relationKindWord(existing)}.`,
      });
    }
    await dropObjects(state, [existing.oid], false);
  }
  const options = optionMap(statement.options);
  const query = fixSessionValues(state, withOids(state, { ...statement.query, emit: null }));
  const { planned, sql, needs } = await defineView(state, query);
  refuseSessionFunctions(state, planned.bound.plan);
  if (planned.bound.parameterTypes.length > 0) {
    throw sqlError('feature_not_supported', 'materialized views may not be defined using bound parameters', {
      position: statement.position,
    });
  }
  const view: MaterializedView = {
    kind: 'materialized-view',
    oid: editor.allocateOid(),
    name,
    schemaOid,
    owner: state.role.oid,
    columns: columnsOfQuery(planned.bound.columns, statement.columns),
    sql,
    searchPath: state.searchPath(),
    timeZone: state.settings.get('TimeZone'),
    emit: emitMode(state, statement.query.emit, options),
    options,
  };
  state.services.streams.checkView(view, planned.plan as BatchPlan);
  editor.putRelation(view, needs);
  return tagOnly('CREATE MATERIALIZED VIEW');
}

/** EMIT ..., or Spark's output_mode option. */
export function emitMode(
  state: SessionState,
  emit: EmitClause | null,
  options: Readonly<Record<string, string>>,
): EmitMode {
  const mode = options.output_mode;
  if (mode !== undefined && !OUTPUT_MODES.includes(mode)) {
    throw sqlError('invalid_parameter_value', `invalid value for option "output_mode": "${mode}"`, {
      hint: 'Use append, update or complete.',
      option: 'output_mode',
    });
  }
  const asked = emit?.mode ?? (mode === 'complete' ? 'complete' : 'changes');
  if (mode !== undefined && emit !== null && mode !== SPARK_MODE[emit.mode]) {
    throw sqlError('invalid_parameter_value', `output mode ${mode} contradicts the EMIT clause`, {
      hint: 'EMIT ON WINDOW CLOSE is append, EMIT CHANGES is update, EMIT COMPLETE is complete: say one of them.',
    });
  }
  if (emit === null && mode === 'append') return { kind: 'append' };
  if (asked === 'changes') return { kind: 'changes' };
  if (asked === 'complete') return { kind: 'complete' };
  const delay = emit?.delay ?? null;
  const timeout = emit?.timeout ?? null;
  return {
    kind: 'window-close',
    delayMicros: delay === null ? 0n : intervalMicros(state, delay),
    timeoutMicros: timeout === null ? null : intervalMicros(state, timeout),
  };
}
