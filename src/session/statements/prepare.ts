// PREPARE, EXECUTE, DEALLOCATE, DISCARD.
import { sqlError } from '../../errors/sql-error.ts';
import type { Deallocate, Discard, Execute, Prepare } from '../../sql/ast-utility.ts';
import type { ParameterValue, PreparedStatement } from '../portals.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { temporarySchemaName } from '../temporary-schema.ts';
import { describeStatement } from './describe-statement.ts';
import { evaluateScalar } from './evaluate-scalar.ts';
import { findPreparedStatement } from './find-by-name.ts';
import { resolveTypeName } from './resolve-names.ts';
import type { RunOf } from './statement-run.ts';

export async function runPrepare(run: RunOf<Prepare>): Promise<StatementResult> {
  const { state, statement, prepared } = run;
  if (state.prepared.has(statement.name)) {
    throw sqlError('duplicate_prepared_statement', `prepared statement "${statement.name}" already exists`);
  }
  const declared = statement.types.map((type) => resolveTypeName(type));
  const description = await describeStatement(state, statement.statement, declared);
  const text = prepared.text;
  const parsed = { statement: statement.statement, text, start: 0, end: text.length };
  state.prepared.set(statement.name, {
    name: statement.name,
    text,
    parsed,
    ...description,
    preparedAt: Date.now(),
    fromSql: true,
  });
  return tagOnly('PREPARE');
}

export async function runExecute(run: RunOf<Execute>): Promise<StatementResult> {
  const prepared = findPreparedStatement(run.state, run.statement.name);
  const parameters = executeParameters(run, prepared);
  return run.perform({ ...run, prepared, parameters }, prepared.parsed!.statement);
}

function executeParameters(run: RunOf<Execute>, prepared: PreparedStatement): ParameterValue[] {
  const { statement, state } = run;
  const expected = prepared.parameterTypes.length;
  if (statement.arguments.length !== expected) {
    throw sqlError('syntax_error', `wrong number of parameters for prepared statement "${statement.name}"`, {
      detail: `Expected ${expected} parameters but got ${statement.arguments.length}.`,
    });
  }
  return statement.arguments.map((argument, i) => {
    const type = prepared.parameterTypes[i]!;
    return { type, value: evaluateScalar(state, argument, type, run.parameters, 'EXECUTE parameter') };
  });
}

export function runDeallocate({ state, statement }: RunOf<Deallocate>): StatementResult {
  if (statement.name === null) {
    for (const name of [...state.prepared.keys()]) if (name !== '') state.prepared.delete(name);
    return tagOnly('DEALLOCATE ALL');
  }
  findPreparedStatement(state, statement.name);
  state.prepared.delete(statement.name);
  return tagOnly('DEALLOCATE');
}

export async function runDiscard({ state, statement }: RunOf<Discard>): Promise<StatementResult> {
  if (statement.what === 'all') {
    state.transactions.forbidBlock('DISCARD ALL');
    for (const name of [...state.portals.keys()]) await state.dropPortal(name);
    state.settings.resetAll();
    state.notifications.unlisten(null);
    state.setRole(state.loginRole.oid, false);
    state.prepared.clear();
    state.lastSequenceValues.clear();
    state.services.advisoryLocks.releaseSession(state.startup.processId);
  }
  if (statement.what === 'temp' || statement.what === 'all') discardTemporary(state);
  if (statement.what === 'plans') {
    for (const prepared of state.prepared.values()) prepared.plan = null;
  }
  if (statement.what === 'sequences') state.lastSequenceValues.clear();
  return tagOnly(`DISCARD ${statement.what.toUpperCase()}`);
}

function discardTemporary(state: SessionState): void {
  const schema = state.catalog().findSchema(temporarySchemaName(state.startup.processId));
  if (schema !== undefined) state.transactions.transaction.edit().drop([schema.oid], true);
}
