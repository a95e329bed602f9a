// SELECT ... FOR UPDATE and its kin. The query runs without its LIMIT and with the hidden row ids of the tables to lock; each row is
// locked as it comes, until the limit is reached. Under READ COMMITTED a row changed since the snapshot makes the statement
// start again on a fresh one, keeping its locks, so that every row it gives satisfies its condition.
import type { Maybe } from '../../base/maybe.ts';
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { batchRowIndexes, batchRows } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Query } from '../../sql/ast.ts';
import type { Datum } from '../../types/datum.ts';
import { INT8 } from '../../types/sql-type.ts';
import { KeptRows } from '../kept-rows.ts';
import type { StatementResult } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { requireWritableRelations } from '../temporary-schema.ts';
import { type LockTarget, lockTargets, lockWords } from './lock-targets.ts';
import { openQuery } from './open-query.ts';
import { type PlannedStatement, planStatement } from './plan-statement.ts';
import type { RunOf } from './statement-run.ts';

const MAX_RESTARTS = 100;
type Row = readonly (Datum | null)[];
type Outcome = 'locked' | 'skipped' | 'changed';

export async function selectLocked(run: RunOf<Query>, planned: PlannedStatement): Promise<StatementResult> {
  return { rows: await keptRows(run, planned), tag: (count) => `SELECT ${count}` };
}

/** All rows of the query, locked. */
export async function lockedRows(run: RunOf<Query>, planned: PlannedStatement): Promise<Row[]> {
  const kept = await keptRows(run, planned);
  const rows = kept.rows();
  kept.close();
  return rows;
}

async function keptRows(run: RunOf<Query>, planned: PlannedStatement): Promise<KeptRows> {
  const { state, statement } = run;
  const targets = lockTargets(state, statement, planned.bound.plan);
  const locked = targets.map(({ relation }) => relation);
  requireWritableRelations(state, `SELECT ${lockWords(statement.locking[0]!)}`, locked);
  const plan = await planLocked(run, planned, targets);
  const kept = new KeptRows(state.services, planned.fields);
  try {
    for (let tries = 0; !(await lockRows(run, plan, targets, kept)); tries++) {
      kept.close();
      if (tries >= MAX_RESTARTS) {
        throw sqlError('serialization_failure', 'could not serialize access due to concurrent update');
      }
    }
    return kept;
  } catch (error) {
    kept.close();
    throw error;
  }
}

interface LockedPlan {
  readonly rows: PlannedStatement;
  readonly limit: number;
  readonly offset: number;
}

async function planLocked(
  run: RunOf<Query>,
  planned: PlannedStatement,
  targets: readonly LockTarget[],
): Promise<LockedPlan> {
  const { state, statement } = run;
  const { body, position } = statement;
  if (body.kind !== 'select') throw new Error('only a SELECT has rows to lock');
  const rowIds = targets.map(({ alias }) => ({
    expression: { kind: 'column' as const, parts: [alias, '_row_id'], position },
    alias: null,
    position,
  }));
  const unlimited: Query = {
    ...statement,
    body: { ...body, targets: [...body.targets, ...rowIds] },
    limit: null,
    offset: null,
    locking: [],
  };
  const types = planned.bound.parameterTypes;
  const rows = await planStatement(state, unlimited, types, { rowIds: true });
  const bounds: Query = {
    ...unlimited,
    with: null,
    orderBy: [],
    body: { kind: 'values', rows: [[statement.limit, statement.offset].map(asCount)], position },
  };
  const source = await openRows(run, await planStatement(state, bounds, types));
  const [[limit, offset]] = (await readAll(state, source)) as [Row];
  return { rows, limit: limit === null ? Number.POSITIVE_INFINITY : Number(limit), offset: Number(offset ?? 0) };

  function asCount(expression: Query['limit']) {
    const type = { name: [INT8.name], modifiers: [], arrayBounds: [], setOf: false, intervalFields: null };
    const operand = expression ?? { kind: 'null' as const, position };
    return { kind: 'cast' as const, operand, type: { ...type, percentType: false, position }, position };
  }
}

function openRows(run: RunOf<Query>, planned: PlannedStatement) {
  return openQuery(run.state, planned.plan as BatchPlan, planned.fields, run.parameters, planned.bound.relations.read);
}

async function readAll(state: SessionState, source: Awaited<ReturnType<typeof openQuery>>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let batch = await source.next(); batch !== null; batch = await source.next()) {
    rows.push(...batchRows(state.services.arena.shared, batch));
  }
  return rows;
}

/** Keeps those of the rows wanted that could be locked; false: one had changed. */
async function lockRows(
  run: RunOf<Query>,
  { rows, limit, offset }: LockedPlan,
  targets: readonly LockTarget[],
  kept: KeptRows,
): Promise<boolean> {
  const { state } = run;
  const memory = state.services.arena.shared;
  let found = 0;
  if (limit === 0 && offset === 0) return true;
  const source = await openRows(run, rows);
  try {
    for (let batch = await source.next(); batch !== null; batch = await source.next()) {
      const ids = batch.columns.slice(-targets.length);
      const locked: number[] = [];
      for (const row of batchRowIndexes(memory, batch)) {
        const locking = lockRow(state, targets, ids.map((column) => readDatum(memory, column, row))); // biome-ignore format: one line
        const outcome = typeof locking === 'string' ? locking : await locking;
        if (outcome === 'changed') return false;
        if (outcome === 'locked' && ++found > offset) locked.push(row);
        if (found === offset + limit) break;
      }
      keep(kept, batch, locked, state);
      if (found === offset + limit) return true;
    }
    return true;
  } finally {
    await source.close();
  }
}

function keep(kept: KeptRows, batch: Batch, rows: readonly number[], { services: { arena } }: SessionState): void {
  if (rows.length === batch.count) return kept.append(batch);
  if (rows.length === 0) return;
  const owner = arena.addOwner(BATCH_ROWS * 16);
  try {
    const selection = arena.allocate(owner, BATCH_ROWS * 4).address;
    arena.shared.u32.set(rows, selection >>> 2);
    kept.append({ ...batch, selection, count: rows.length });
  } finally {
    arena.freeOwner(owner);
  }
}

/** At once, unless another transaction must be waited for. */
function lockRow(state: SessionState, targets: readonly LockTarget[], rowIds: Row): Maybe<Outcome> {
  const { transaction } = state.transactions;
  for (const [i, { relation, mode, wait, name }] of targets.entries()) {
    if (rowIds[i] === null) continue;
    const rowId = Number(rowIds[i]);
    const outcome = transaction.tryLockRow(relation, rowId, mode);
    if (typeof outcome === 'object') {
      if (wait === 'skip_locked') return 'skipped';
      if (wait === 'block') return waitForRow(state, targets.slice(i), rowIds.slice(i));
      throw sqlError('lock_not_available', `could not obtain lock on row in relation "${name}"`);
    }
    if (outcome !== 'locked') return 'changed';
  }
  return 'locked';
}

/** The first of the rows is another transaction's. */
async function waitForRow(state: SessionState, targets: readonly LockTarget[], rowIds: Row): Promise<Outcome> {
  const { relation, mode } = targets[0]!;
  const outcome = await state.transactions.transaction.lockRow(relation, Number(rowIds[0]), mode);
  return outcome === 'locked' ? lockRow(state, targets.slice(1), rowIds.slice(1)) : 'changed';
}
