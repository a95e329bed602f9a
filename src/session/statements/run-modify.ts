// INSERT, UPDATE, DELETE: the plan's input is read batch by batch, new rows are computed and checked, and the transaction's write
// set takes them; RETURNING rows are collected on the way. Under READ COMMITTED a row that another transaction has changed in the
// meantime makes the statement start again on a fresh snapshot, with the locks it has already taken. A change by key that waits for
// nobody is done without one promise.
import { after, ensured, type Maybe, recovered, stepwise } from '../../base/maybe.ts';
import type { Relation } from '../../catalog/objects.ts';
import type { Batch } from '../../columns/batch.ts';
import { batchRows } from '../../columns/batch-builder.ts';
import type { BatchContext } from '../../engine/batch/batch-context.ts';
import { runBatchPlan } from '../../engine/batch/run-batch-plan.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan, ModifyPlan } from '../../plan/batch.ts';
import type { Query } from '../../sql/ast.ts';
import type { Delete, Insert, Merge, Update } from '../../sql/ast-change.ts';
import { parseStatements } from '../../sql/parser/parse.ts';
import type { Datum } from '../../types/datum.ts';
import { KeptRows } from '../kept-rows.ts';
import type { ParameterValue } from '../portals.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { requireWritableRelations } from '../temporary-schema.ts';
import { openBatchContext } from './batch-context.ts';
import { ForeignKeys } from './foreign-keys.ts';
import { insertRows } from './insert-rows.ts';
import { withLockedSubqueries } from './locked-subqueries.ts';
import { ModifyProgram } from './modify-program.ts';
import { openReads } from './open-reads.ts';
import { currentPlan, type PlannedStatement, type PlannedStep, planStatement, planUnlocked } from './plan-statement.ts';
import type { RowProgram } from './row-program.ts';
import { RowSet } from './row-set.ts';
import type { RunOf } from './statement-run.ts';
import { RestartStatement, TargetRows } from './target-rows.ts';

const MAX_RESTARTS = 100;

type ReturnedRows = (Datum | null)[][];

export function runModify(run: RunOf<Insert | Update | Delete>): Maybe<StatementResult> {
  const { state, statement, parameters } = run;
  return after(planChange(run), (planned) => {
    requireWritableRelations(state, statement.kind.toUpperCase(), planned.bound.relations.written);
    const plan = planned.plan as ModifyPlan;
    const returned = statement.returning.length === 0 ? null : new KeptRows(state.services, planned.fields);
    const attempt = () => {
      returned?.close();
      return withReads(openReads(state, planned.bound.relations.read), (reads) =>
        after(runSteps(state, planned.steps, parameters, reads), ({ context }) =>
          modifyOnce(state, plan, parameters, context, (rows) => returned?.append(rows)),
        ),
      );
    };
    const count = recovered(
      () => withRestarts(state, attempt),
      (error) => {
        returned?.close();
        throw error;
      },
    );
    const word = plan.kind === 'insert' ? 'INSERT 0' : plan.kind.toUpperCase();
    return after(count, (changed) => ({ rows: returned, tag: () => `${word} ${changed}` }));
  });
}

/** The remembered plan, or a new one where subqueries that lock have become rows. */
function planChange(run: RunOf<Insert | Update | Delete | Merge>): Maybe<PlannedStatement> {
  const { state, statement, prepared } = run;
  return after(currentPlan(state, prepared, statement), (planned) => {
    if (planned.failure !== null) throw planned.failure;
    const replaced = withLockedSubqueries(run);
    if (replaced === null) return planned;
    return replaced.then((one) => planStatement(state, one, prepared.parameterTypes, { changes: true }));
  });
}

/** A SELECT whose WITH changes data: the changes are made, and the context in which it reads their rows is open. The caller releases its snapshot. */
export async function openWithChanges(run: RunOf<Query>, planned: PlannedStatement): Promise<BatchContext> {
  const { state, parameters } = run;
  requireWritableRelations(state, 'SELECT', planned.bound.relations.written);
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
  const planned = await planChange(run);
  requireWritableRelations(state, 'MERGE', planned.bound.relations.written);
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
function runSteps(
  state: SessionState,
  steps: readonly PlannedStep[],
  parameters: readonly ParameterValue[],
  reads: BatchContext,
  merged?: RowSet,
): Maybe<{ context: BatchContext; count: number }> {
  return steps.length === 0 ? { context: reads, count: 0 } : runStepsInOrder(state, steps, parameters, reads, merged);
}

async function runStepsInOrder(
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
      count += await modifyOnce(state, plan, parameters, context, collect, merged);
      givenRows.set(id, rows);
    } else {
      const rows: ReturnedRows = [];
      await eachBatch(state, plan, parameters, context, (batch) => {
        rows.push(...batchRows(state.services.arena.shared, batch));
      });
      givenRows.set(id, rows);
    }
  }
  return { context, count };
}

function withRestarts<T>(state: SessionState, attempt: () => Maybe<T>): Maybe<T> {
  const { transaction } = state.transactions;
  const mark = transaction.mark();
  const again = (tries: number): Maybe<T> =>
    recovered(attempt, (error) => {
      if (!(error instanceof RestartStatement)) throw error;
      if (tries >= MAX_RESTARTS) {
        throw sqlError('serialization_failure', 'could not serialize access due to concurrent update');
      }
      transaction.rollbackTo(mark);
      return again(tries + 1);
    });
  return after(again(0), (result) => {
    transaction.release(mark);
    return result;
  });
}

/** How many rows it changed; those of RETURNING are given to `returned`. */
function modifyOnce(
  state: SessionState,
  plan: ModifyPlan,
  parameters: readonly ParameterValue[],
  reads: BatchContext,
  returned: (rows: Batch) => void,
  merged?: RowSet,
): Maybe<number> {
  const program = ModifyProgram.open(state, plan, parameters);
  let count = 0;
  const work = () => {
    const foreignKeys = ForeignKeys.of(state, program.relation, (sql, given) => changeRows(state, sql, given));
    const apply = openModifier(state, program, foreignKeys, returned, merged);
    const each = (batch: Batch) => {
      program.rows.nextBatch();
      return after(apply(batch), (changed) => {
        count += changed;
      });
    };
    return after(eachBatch(state, plan.input, parameters, reads, each), () =>
      after(foreignKeys?.verify(), () => count),
    );
  };
  return ensured(work, () => program.close(state.programs));
}

/** A change that a statement makes for itself, over what is committed by now. A concurrent change starts the whole statement again. */
async function changeRows(state: SessionState, sql: string, parameters: readonly ParameterValue[]): Promise<void> {
  const statement = parseStatements(sql)[0]!.statement as Update | Delete;
  const planned = await planUnlocked(state, statement, parameters.map((one) => one.type), { unchecked: true }); // biome-ignore format: one line
  const now = openBatchContext(state, state.transactions.transaction.newestSnapshot());
  await withReads(now, (reads) => modifyOnce(state, planned.plan as ModifyPlan, parameters, reads, () => {}));
}

/** Runs `body` with a context, and releases that. */
function withReads<T>(opening: Maybe<BatchContext>, body: (reads: BatchContext) => Maybe<T>): Maybe<T> {
  return after(opening, (reads) =>
    ensured(
      () => body(reads),
      () => reads.snapshot.release(),
    ),
  );
}

/** Reads a plan to its end. */
function eachBatch(
  state: SessionState,
  plan: BatchPlan,
  parameters: readonly ParameterValue[],
  reads: BatchContext,
  visit: (batch: Batch) => Maybe<void>,
): Maybe<void> {
  const cursor = runBatchPlan(plan, reads, parameters);
  const step = () =>
    after(cursor.next(), (batch) => {
      if (batch === null) return false;
      state.checkCancelled();
      return after(visit(batch), () => true);
    });
  return ensured(
    () => stepwise(step),
    () => cursor.close(),
  );
}

type Modifier = (batch: Batch) => Maybe<number>;

function openModifier(
  state: SessionState,
  program: ModifyProgram,
  foreignKeys: ForeignKeys | null,
  returned: (rows: Batch) => void,
  merged?: RowSet,
): Modifier {
  const { rows, relation, returning, plan } = program;
  const { transaction } = state.transactions;
  const collect = (input: Batch) => {
    if (returning.length > 0) returned(rows.evaluate(returning, input));
  };
  if (plan.kind === 'insert') return insertRows(state, program, foreignKeys, collect);
  const targets = new TargetRows(state, rows, relation.oid, merged);
  if (plan.kind === 'delete') {
    return (matched) => {
      const input = targets.firstMatches(matched);
      return after(targets.lock(input, 'update'), (rowIds) => {
        transaction.delete(relation.oid, rowIds);
        foreignKeys?.removed(oldRows(rows, relation, input));
        collect(input);
        return input.count;
      });
    };
  }
  return (matched) => {
    const input = targets.firstMatches(matched);
    return after(targets.lock(input, program.lockMode), (rowIds) => {
      const next = rows.evaluate(program.values, input);
      program.checks.verify(next);
      return after(transaction.update(relation.oid, rowIds, next), () => {
        foreignKeys?.replaced(oldRows(rows, relation, input), rows.rows(next));
        collect({ ...input, columns: [...next.columns, ...input.columns] });
        return input.count;
      });
    });
  };
}

/** Of UPDATE's and DELETE's input, the columns behind the row id: the rows as they were. */
function oldRows(program: RowProgram, relation: Relation, input: Batch): (Datum | null)[][] {
  return program.rows({ ...input, columns: input.columns.slice(1, 1 + relation.columns.length) });
}
