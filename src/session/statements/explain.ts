// EXPLAIN [ANALYZE]: the plan as PostgreSQL prints trees; VERBOSE shows every stage: the bound plan, the optimized one, the batch
// plan. ANALYZE runs the statement and adds rows and time per operator.

import { runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { bindParameters } from '../../plan/bind-parameters.ts';
import { explainBatch, explainJson, explainLogical } from '../../plan/explain.ts';
import type { DataStatement } from '../../sql/ast.ts';
import type { Option } from '../../sql/ast-definition.ts';
import type { Explain, ExplainableStatement } from '../../sql/ast-utility.ts';
import { DatumRowSource, type StatementResult } from '../row-source.ts';
import { openBatchContext } from './batch-context.ts';
import { findPreparedStatement } from './find-by-name.ts';
import { type PlannedStatement, planStatement } from './plan-statement.ts';
import { plainField, type RunOf, unsupported } from './statement-run.ts';

interface ExplainOptions {
  analyze: boolean;
  verbose: boolean;
  format: 'text' | 'json';
}

const IGNORED = new Set([
  'costs',
  'buffers',
  'timing',
  'summary',
  'settings',
  'wal',
  'generic_plan',
  'memory',
  'serialize',
]);

function explainOptions(options: readonly Option[]): ExplainOptions {
  const found: ExplainOptions = { analyze: false, verbose: false, format: 'text' };
  for (const option of options) {
    const text =
      option.value === null
        ? 'true'
        : 'text' in option.value
          ? option.value.text.toLowerCase()
          : option.value.kind === 'boolean'
            ? String(option.value.value)
            : '';
    const on = ['true', 'on', '1'].includes(text);
    if (option.name === 'analyze') found.analyze = on;
    else if (option.name === 'verbose') found.verbose = on;
    else if (option.name === 'format') {
      if (text !== 'text' && text !== 'json')
        unsupported(`EXPLAIN (FORMAT ${text.toUpperCase()})`, 'Use FORMAT TEXT or JSON.', option.position);
      found.format = text;
    } else if (!IGNORED.has(option.name)) {
      throw sqlError('syntax_error', `unrecognized EXPLAIN option "${option.name}"`, { position: option.position });
    }
  }
  return found;
}

export async function runExplain(run: RunOf<Explain>): Promise<StatementResult> {
  const { state, statement } = run;
  const options = explainOptions(statement.options);
  const began = performance.now();
  const planned = await planStatement(
    state,
    explained(run, statement.statement),
    run.parameters.map((p) => p.type),
  );
  const planningMs = performance.now() - began;
  const lines = options.analyze ? await analyze(run, planned, options, planningMs) : describePlan(planned, options);
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
      return statement;
    case 'create_materialized_view':
      return { ...statement.query, emit: null };
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

function describePlan(planned: PlannedStatement, options: ExplainOptions): string[] {
  if (options.format === 'json') return [JSON.stringify([{ Plan: explainJson(planned.plan) }], null, 2)];
  if (!options.verbose) return explainBatch(planned.plan);
  return [
    'Bound plan:', ...explainLogical(planned.bound.plan).map((line) => `  ${line}`),
    'Optimized plan:', ...explainLogical(planned.optimized).map((line) => `  ${line}`),
    'Batch plan:', ...explainBatch(planned.plan).map((line) => `  ${line}`),
  ]; // biome-ignore format: a title and its lines
}

async function analyze(
  run: RunOf<Explain>,
  planned: PlannedStatement,
  options: ExplainOptions,
  planningMs: number,
): Promise<string[]> {
  const { state } = run;
  if (planned.bound.kind !== 'query') {
    unsupported('EXPLAIN ANALYZE of a data change', 'EXPLAIN it without ANALYZE.', run.statement.position);
  }
  const context = openBatchContext(state);
  const began = performance.now();
  const plan = bindParameters(planned.plan as BatchPlan, run.parameters);
  const cursor = runBatchPlan(plan, { ...context, profile: true });
  try {
    while ((await cursor.next()) !== null) state.checkCancelled();
    const executionMs = performance.now() - began;
    if (options.format === 'json') {
      const root = {
        Plan: explainJson(plan, cursor.profile()),
        'Planning Time': planningMs,
        'Execution Time': executionMs,
      };
      return [JSON.stringify([root], null, 2)];
    }
    return [
      ...explainBatch(plan, cursor.profile()),
      `Planning Time: ${planningMs.toFixed(3)} ms`,
      `Execution Time: ${executionMs.toFixed(3)} ms`,
    ];
  } finally {
    await cursor.close();
    context.snapshot.release();
  }
}
