// INSERT, UPDATE, DELETE: the plan's input is read batch by batch, new rows are computed and checked, and the transaction's write
// set takes them; RETURNING rows are collected on the way. A row that FROM or USING matches more than once counts once, with its
// first match. Under READ COMMITTED a row that another transaction has changed in the meantime makes the statement start again
// on a fresh snapshot, with the locks it has already taken.

import type { Maybe } from '../../base/maybe.ts';
import type { Relation } from '../../catalog/objects.ts';
import type { Batch } from '../../columns/batch.ts';
import { batchRows } from '../../columns/batch-builder.ts';
import type { BatchContext } from '../../engine/batch/batch-context.ts';
import { runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan, ModifyPlan } from '../../plan/batch.ts';
import { bindModifyParameters, bindParameters } from '../../plan/bind-parameters.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Query } from '../../sql/ast.ts';
import type { Delete, Insert, Merge, Update } from '../../sql/ast-change.ts';
import { parseStatements } from '../../sql/parser/parse.ts';
import type { RowLockMode } from '../../storage/transactions/lock-modes.ts';
import type { Datum } from '../../types/datum.ts';
import { KeptRows } from '../kept-rows.ts';
import type { ParameterValue } from '../portals.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { openBatchContext } from './batch-context.ts';
import { ForeignKeys } from './foreign-keys.ts';
import { insertRows } from './insert-rows.ts';
import { withLockedSubqueries } from './locked-subqueries.ts';
import { openReads } from './open-reads.ts';
import { currentPlan, type PlannedStatement, type PlannedStep, planStatement, planUnlocked } from './plan-statement.ts';
import { RowChecks, RowProgram } from './row-program.ts';
import { RowSet } from './row-set.ts';
import type { RunOf } from './statement-run.ts';

const MAX_RESTARTS = 100;

type ReturnedRows = (Datum | null)[][];

/** A concurrent change was met: start the statement again. */
class RestartStatement extends Error {}

export async function runModify(run: RunOf<Insert | Update | Delete>): Promise<StatementResult> {
  const { state, statement } = run;
  state.transactions.requireWritable(statement.kind.toUpperCase());
  const planned = await planChange(run);
  const plan = bindModifyParameters(planned.plan as ModifyPlan, run.parameters);
  const returned = statement.returning.length === 0 ? null : new KeptRows(state.services, planned.fields);
  try {
    const count = await withRestarts(state, () => {
      returned?.close();
      return withReads(openReads(state, planned.bound.relations.read), async (reads) => {
        const { context } = await runSteps(state, planned.steps, run.parameters, reads);
        return modifyOnce(state, plan, context, (rows) => returned?.append(rows));
      });
    });
    const word = plan.kind === 'insert' ? `INSERT 0 ${count}` : `${plan.kind.toUpperCase()} ${count}`;
    return { rows: returned, tag: () => word };
  } catch (error) {
    returned?.close();
    throw error;
  }
}

/** The remembered plan, or a new one where subqueries that lock have become rows. */
async function planChange(run: RunOf<Insert | Update | Delete | Merge>): Promise<PlannedStatement> {
  const { state, statement, prepared } = run;
  const planned = await currentPlan(state, prepared, statement);
  if (planned.failure !== null) throw planned.failure;
  const replaced = withLockedSubqueries(run);
  return replaced === null ? planned : planStatement(state, await replaced, prepared.parameterTypes, { changes: true });
}

/** A SELECT whose WITH changes data: the changes are made, and the context in which it reads their rows is open. The caller releases its snapshot. */
export async function openWithChanges(run: RunOf<Query>, planned: PlannedStatement): Promise<BatchContext> {
  const { state, parameters } = run;
  state.transactions.requireWritable('SELECT');
  return withRestarts(state, async () => {
    const reads = await openReads(state, planned.bound.relations.read);
    try {
      return (await runSteps(state, planned.steps, parameters, reads)).context;
    } catch (error) {
      reads.snapshot.release();
      throw error;
    }
  });
}

/** MERGE is the join of its tables and a change per WHEN clause, as steps; a row of the target is changed once or it is an error. */
export async function runMerge(run: RunOf<Merge>): Promise<StatementResult> {
  const { state, parameters } = run;
  state.transactions.requireWritable('MERGE');
  const planned = await planChange(run);
  const { count } = await withRestarts(state, () =>
    withReads(openReads(state, planned.bound.relations.read), (reads) =>
      runSteps(state, planned.steps, parameters, reads, new RowSet()),
    ),
  );
  return tagOnly(`MERGE ${count}`);
}

/**
 * The queries of a WITH that changes data, in order and each to its end. All see what `reads` sees, and the rows of those before them.
 * `merged`: the rows that a MERGE has changed. Gives the context with their rows, and how many rows they changed.
 */
async function runSteps(
  state: SessionState,
  steps: readonly PlannedStep[],
  parameters: readonly ParameterValue[],
  reads: BatchContext,
  merged?: RowSet,
): Promise<{ context: BatchContext; count: number }> {
  const givenRows = new Map<number, ReturnedRows>();
  const context: BatchContext = { ...reads, givenRows };
  let count = 0;
  for (const { id, plan } of steps) {
    if (plan.kind === 'insert' || plan.kind === 'update' || plan.kind === 'delete') {
      const rows: ReturnedRows = [];
      const collect = (batch: Batch) => rows.push(...batchRows(state.services.arena.shared, batch));
      count += await modifyOnce(state, bindModifyParameters(plan, parameters), context, collect, merged);
      givenRows.set(id, rows);
    } else {
      const rows: ReturnedRows = [];
      await eachBatch(state, bindParameters(plan, parameters), context, async (batch) => {
        rows.push(...batchRows(state.services.arena.shared, batch));
      });
      givenRows.set(id, rows);
    }
  }
  return { context, count };
}

async function withRestarts<T>(state: SessionState, attempt: () => Promise<T>): Promise<T> {
  const { transaction } = state.transactions;
  for (let tries = 0; ; tries++) {
    const mark = transaction.mark();
    try {
      const result = await attempt();
      transaction.release(mark);
      return result;
    } catch (error) {
      if (!(error instanceof RestartStatement)) throw error;
      if (tries >= MAX_RESTARTS) {
        throw sqlError('serialization_failure', 'could not serialize access due to concurrent update');
      }
      transaction.rollbackTo(mark);
    }
  }
}

/** How many rows it changed; those of RETURNING are given to `returned`. */
async function modifyOnce(
  state: SessionState,
  plan: ModifyPlan,
  reads: BatchContext,
  returned: (rows: Batch) => void,
  merged?: RowSet,
): Promise<number> {
  const program = new RowProgram(state);
  let count = 0;
  const relation = state.catalog().relations.get(plan.relation)!;
  const foreignKeys = ForeignKeys.of(state, relation, (sql, parameters) => changeRows(state, sql, parameters));
  const apply = openModifier(state, program, plan, foreignKeys, returned, merged);
  try {
    await eachBatch(state, plan.input, reads, async (batch) => {
      program.nextBatch();
      count += await apply(batch);
    });
    await foreignKeys?.verify();
    return count;
  } finally {
    program.close();
  }
}

/** A change that a statement makes for itself, over what is committed by now. A concurrent change starts the whole statement again. */
async function changeRows(state: SessionState, sql: string, parameters: readonly ParameterValue[]): Promise<void> {
  const statement = parseStatements(sql)[0]!.statement as Update | Delete;
  const planned = await planUnlocked(state, statement, parameters.map((one) => one.type), { unchecked: true }); // biome-ignore format: one line
  const plan = bindModifyParameters(planned.plan as ModifyPlan, parameters);
  const now = openBatchContext(state, state.transactions.transaction.newestSnapshot());
  await withReads(now, (reads) => modifyOnce(state, plan, reads, () => {}));
}

/** Runs `body` with a context, and releases that. */
async function withReads<T>(opening: Maybe<BatchContext>, body: (reads: BatchContext) => Promise<T>): Promise<T> {
  const reads = await opening;
  try {
    return await body(reads);
  } finally {
    reads.snapshot.release();
  }
}

/** Reads a plan to its end. */
async function eachBatch(
  state: SessionState,
  plan: BatchPlan,
  reads: BatchContext,
  visit: (batch: Batch) => Promise<void>,
): Promise<void> {
  const cursor = runBatchPlan(plan, reads);
  try {
    for (let batch = await cursor.next(); batch !== null; batch = await cursor.next()) {
      state.checkCancelled();
      await visit(batch);
    }
  } finally {
    await cursor.close();
  }
}

type Modifier = (batch: Batch) => Promise<number>;

function openModifier(
  state: SessionState,
  program: RowProgram,
  plan: ModifyPlan,
  foreignKeys: ForeignKeys | null,
  returned: (rows: Batch) => void,
  merged?: RowSet,
): Modifier {
  const relation = state.catalog().relations.get(plan.relation)!;
  const returning = program.compile(plan.returning.expressions);
  const collect = (input: Batch) => {
    if (returning.length > 0) returned(program.evaluate(returning, input));
  };
  switch (plan.kind) {
    case 'insert':
      return insertRows(state, program, plan, relation, foreignKeys, collect);
    case 'update': {
      const values = program.compile(plan.values);
      const checks = new RowChecks(program, state, relation, plan.checks);
      const targets = new TargetRows(state, program, plan.relation, merged);
      const mode = changesKey(state, relation, plan.values) ? 'update' : 'no_key_update';
      return async (matched) => {
        const input = targets.firstMatches(matched);
        const rowIds = await targets.lock(input, mode);
        const rows = program.evaluate(values, input);
        checks.verify(rows);
        await state.transactions.transaction.update(plan.relation, rowIds, rows);
        foreignKeys?.replaced(oldRows(program, relation, input), program.rows(rows));
        collect({ ...input, columns: [...rows.columns, ...input.columns] });
        return input.count;
      };
    }
    case 'delete': {
      const targets = new TargetRows(state, program, plan.relation, merged);
      return async (matched) => {
        const input = targets.firstMatches(matched);
        const rowIds = await targets.lock(input, 'update');
        state.transactions.transaction.delete(plan.relation, rowIds);
        foreignKeys?.removed(oldRows(program, relation, input));
        collect(input);
        return input.count;
      };
    }
  }
}

/** Of UPDATE's and DELETE's input, the columns behind the row id: the rows as they were. */
function oldRows(program: RowProgram, relation: Relation, input: Batch): (Datum | null)[][] {
  return program.rows({ ...input, columns: input.columns.slice(1, 1 + relation.columns.length) });
}

/** Whether an UPDATE assigns to a column of a unique key: then nobody may refer to the row meanwhile. */
function changesKey(state: SessionState, relation: Relation, values: readonly Expression[]): boolean {
  const indexes = state
    .catalog()
    .indexesOf(relation.oid)
    .filter((one) => one.unique);
  return relation.columns.some((column, i) => {
    const value = values[i]!;
    const kept = value.kind === 'input' && value.index === i + 1;
    return !kept && indexes.some((index) => index.keyAttributes.includes(column.attribute));
  });
}

/** The rows that UPDATE and DELETE touch: their ids are column 0 of the input. */
class TargetRows {
  private readonly state: SessionState;
  private readonly program: RowProgram;
  private readonly relation: number;
  private readonly seen: RowSet;
  private readonly merging: boolean;

  constructor(state: SessionState, program: RowProgram, relation: number, merged?: RowSet) {
    this.seen = merged ?? new RowSet();
    this.merging = merged !== undefined;
    this.state = state;
    this.program = program;
    this.relation = relation;
  }

  /** The input without rows whose target came before. */
  firstMatches(input: Batch): Batch {
    const rows: number[] = [];
    for (let i = 0; i < input.count; i++) {
      const row = this.program.rowAt(input, i);
      if (this.seen.add(this.rowId(input, row))) rows.push(row);
    }
    if (rows.length === input.count) return input;
    if (this.merging) {
      throw sqlError('cardinality_violation', 'MERGE command cannot affect row a second time', {
        hint: 'Ensure that not more than one source row matches any one target row.',
      });
    }
    const selection = this.program.scratch.allocate(Math.max(1, rows.length) * 4);
    this.state.services.arena.shared.u32.set(rows, selection >>> 2);
    return { ...input, selection, count: rows.length };
  }

  /** Their ids, locked; a row changed since the snapshot restarts the statement (or fails it, REPEATABLE READ). */
  async lock(input: Batch, mode: RowLockMode): Promise<number[]> {
    const rowIds: number[] = [];
    for (let i = 0; i < input.count; i++) rowIds.push(this.rowId(input, this.program.rowAt(input, i)));
    const others = await this.state.transactions.transaction.lockRows(this.relation, rowIds, mode);
    if (others.length > 0) throw new RestartStatement();
    return rowIds;
  }

  private rowId(input: Batch, row: number): number {
    return Number(this.state.services.arena.shared.i64[(input.columns[0]!.data >>> 3) + row]!);
  }
}
