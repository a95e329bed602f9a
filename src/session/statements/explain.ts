// EXPLAIN [ANALYZE]: the plan as PostgreSQL prints trees; VERBOSE adds what each operator puts out, STAGES the bound and the optimized
// plan. ANALYZE runs the statement and adds rows and time per operator.

import { runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { bindParameters } from '../../plan/bind-parameters.ts';
import { type ExplainSettings, explainBatch, explainJson, explainLogical } from '../../plan/explain.ts';
import type { DataStatement } from '../../sql/ast.ts';
import type { Option } from '../../sql/ast-definition.ts';
import type { Explain, ExplainableStatement } from '../../sql/ast-utility.ts';
import { DatumRowSource, type StatementResult } from '../row-source.ts';
import { booleanOption } from './boolean-option.ts';
import { findPreparedStatement } from './find-by-name.ts';
import { openReads } from './open-reads.ts';
import { type PlannedStatement, planStatement } from './plan-statement.ts';
import { plainField, type RunOf, unsupported } from './statement-run.ts';

interface ExplainOptions {
  analyze: boolean;
  verbose: boolean;
  /** the bound and the optimized plan too */
  stages: boolean;
  costs: boolean;
  /** what ANALYZE measured of each operator's time, and the times of all */
  timing: boolean;
  summary: boolean;
  format: 'text' | 'json';
}

const IGNORED: ReadonlySet<string> = new Set(['buffers', 'settings', 'wal', 'generic_plan', 'memory', 'serialize']);

function explainOptions(options: readonly Option[]): ExplainOptions {
  const found: ExplainOptions = {
    analyze: false,
    verbose: false,
    stages: false,
    costs: true,
    timing: true,
    summary: true,
    format: 'text',
  };
  for (const option of options) {
    const { name, position } = option;
    if (name === 'format') found.format = formatOf(option);
    else if (isSwitch(found, name)) found[name] = booleanOption(option);
    else if (!IGNORED.has(name)) throw sqlError('syntax_error', `unrecognized EXPLAIN option "${name}"`, { position });
  }
  return found;
}

function isSwitch(options: ExplainOptions, name: string): name is Exclude<keyof ExplainOptions, 'format'> {
  return Object.hasOwn(options, name);
}

function formatOf({ value, position }: Option): 'text' | 'json' {
  if (value === null) throw sqlError('syntax_error', 'format requires a parameter');
  const format = 'text' in value ? value.text.toLowerCase() : '';
  if (format === 'text' || format === 'json') return format;
  return unsupported(`EXPLAIN (FORMAT ${format.toUpperCase()})`, 'Use FORMAT TEXT or JSON.', position);
}

export async function runExplain(run: RunOf<Explain>): Promise<StatementResult> {
  const { state, statement } = run;
  const options = explainOptions(statement.options);
  const began = performance.now();
  const planned = await planStatement(
    state,
    explained(run, statement.statement),
    run.parameters.map((p) => p.type),
    { changes: true },
  );
  const planningMs = performance.now() - began;
  const settings = settingsOf(run, options);
  const lines = options.analyze
    ? await analyze(run, planned, options, settings, planningMs)
    : describePlan(planned, options, settings);
  return {
    rows: new DatumRowSource(
      state.services.arena,
      [plainField('QUERY PLAN')],
      lines.map((line) => [line]),
    ),
    tag: () => 'EXPLAIN',
  };
}

function explained(run: RunOf<Explain>, statement: ExplainableStatement): DataStatement {
  switch (statement.kind) {
    case 'query':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return statement;
    case 'create_materialized_view':
      return statement.query;
    case 'create_table_as':
      return statement.source.kind === 'query' ? statement.source : explained(run, statement.source);
    case 'declare_cursor':
      return explained(run, statement.query);
    case 'execute': {
      const prepared = findPreparedStatement(run.state, statement.name).parsed!.statement;
      return explained(run, prepared as ExplainableStatement);
    }
    case 'subscribe':
      if (statement.query !== null) return statement.query;
      return unsupported(
        'EXPLAIN SUBSCRIBE of a relation',
        'EXPLAIN the SELECT that the view is made of.',
        statement.position,
      );
    default:
      return unsupported(
        `EXPLAIN ${statement.kind.replaceAll('_', ' ').toUpperCase()}`,
        'EXPLAIN a SELECT, INSERT, UPDATE or DELETE.',
        statement.position,
      );
  }
}

function settingsOf({ state }: RunOf<Explain>, { verbose, costs, timing }: ExplainOptions): ExplainSettings {
  const { relations, schemas } = state.catalog();
  const relation = (oid: number): string | undefined => {
    const found = relations.get(oid);
    const schema = found === undefined || !verbose ? undefined : schemas.get(found.schemaOid)?.name;
    return schema === undefined ? found?.name : `${schema}.${found!.name}`;
  };
  return { verbose, costs, timing, relation };
}

function describePlan(planned: PlannedStatement, options: ExplainOptions, settings: ExplainSettings): string[] {
  if (options.format === 'json') {
    const steps = planned.steps.map(({ name, plan }) => ({
      'Subplan Name': `CTE ${name}`,
      ...explainJson(plan, settings),
    }));
    const Plan = { ...explainJson(planned.plan, settings), ...(steps.length > 0 && { CTEs: steps }) };
    return [JSON.stringify([planned.bound.emit === undefined ? { Plan } : { Emit: emitText(planned), Plan }], null, 2)];
  }
  const emit = planned.bound.emit === undefined ? [] : [`Emit: ${emitText(planned)}`];
  if (!options.stages) return [...explainBatch(planned.plan, settings), ...explainSteps(planned, settings), ...emit];
  return [
    'Bound plan:', ...explainLogical(planned.bound.plan).map((line) => `  ${line}`),
    'Optimized plan:', ...explainLogical(planned.optimized).map((line) => `  ${line}`),
    'Batch plan:', ...explainBatch(planned.plan, settings).map((line) => `  ${line}`), ...emit,
  ]; // biome-ignore format: a title and its lines
}

/** The queries of a WITH that changes data, which run before the plan. */
function explainSteps({ steps }: PlannedStatement, settings: ExplainSettings): string[] {
  return steps.flatMap(({ name, plan }) => [
    `  CTE ${name}`,
    ...explainBatch(plan, settings).map((line, i) => `    ${i === 0 ? '->  ' : '    '}${line}`),
  ]);
}

/** When a continuous query gives its rows. */
function emitText({ bound }: PlannedStatement): string {
  const { emit } = bound;
  const seconds = (micros: bigint) => `${Number(micros) / 1e6} s`;
  if (emit?.kind !== 'window-close') return emit?.kind.toUpperCase() ?? '';
  const delay = emit.delayMicros === 0n ? '' : ` after ${seconds(emit.delayMicros)}`;
  return `ON WINDOW CLOSE${delay}${emit.timeoutMicros === null ? '' : ` timeout ${seconds(emit.timeoutMicros)}`}`;
}

async function analyze(
  run: RunOf<Explain>,
  planned: PlannedStatement,
  options: ExplainOptions,
  settings: ExplainSettings,
  planningMs: number,
): Promise<string[]> {
  const { state } = run;
  if (planned.bound.kind !== 'query' || planned.steps.length > 0) {
    unsupported('EXPLAIN ANALYZE of a data change', 'EXPLAIN it without ANALYZE.', run.statement.position);
  }
  const context = await openReads(state, planned.bound.relations.read);
  const began = performance.now();
  const plan = bindParameters(planned.plan as BatchPlan, run.parameters);
  const cursor = runBatchPlan(plan, { ...context, profile: true });
  try {
    while ((await cursor.next()) !== null) state.checkCancelled();
    const executionMs = performance.now() - began;
    if (options.format === 'json') {
      const root = {
        Plan: explainJson(plan, { ...settings, actuals: cursor.profile() }),
        ...(options.summary ? { 'Planning Time': planningMs, 'Execution Time': executionMs } : {}),
      };
      return [JSON.stringify([root], null, 2)];
    }
    const lines = explainBatch(plan, { ...settings, actuals: cursor.profile() });
    if (!options.summary) return lines;
    return [...lines, `Planning Time: ${planningMs.toFixed(3)} ms`, `Execution Time: ${executionMs.toFixed(3)} ms`];
  } finally {
    await cursor.close();
    context.snapshot.release();
  }
}
