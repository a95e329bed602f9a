// SELECT ... FOR UPDATE and its kin. The query runs without its LIMIT and with the hidden row ids of the tables to lock; each row is
// locked as it comes, until the limit is reached. Under READ COMMITTED a row changed since the snapshot makes the statement
// start again on a fresh one, keeping its locks, so that every row it gives satisfies its condition.
import { batchRows } from '../../columns/batch-builder.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Query } from '../../sql/ast.ts';
import type { Datum } from '../../types/datum.ts';
import { INT8 } from '../../types/sql-type.ts';
import { DatumRowSource, type StatementResult } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { type LockTarget, lockTargets, lockWords } from './lock-targets.ts';
import { openQuery } from './open-query.ts';
import { type PlannedStatement, planStatement } from './plan-statement.ts';
import type { RunOf } from './statement-run.ts';

const MAX_RESTARTS = 100;
type Row = readonly (Datum | null)[];

export async function selectLocked(run: RunOf<Query>, planned: PlannedStatement): Promise<StatementResult> {
  const rows = new DatumRowSource(run.state.services.arena, planned.fields, await lockedRows(run, planned));
  return { rows, tag: (count) => `SELECT ${count}` };
}

/** All rows of the query, locked. */
export async function lockedRows(run: RunOf<Query>, planned: PlannedStatement): Promise<Row[]> {
  const { state, statement } = run;
  state.transactions.requireWritable(`SELECT ${lockWords(statement.locking[0]!)}`);
  const targets = lockTargets(state, statement, planned.bound.plan);
  const { rows, limit, offset } = await planLocked(run, planned, targets);
  for (let tries = 0; ; tries++) {
    const found = await lockRows(run, rows, targets, offset + limit);
    if (found !== null) return found.slice(offset);
    if (tries >= MAX_RESTARTS) {
      throw sqlError('serialization_failure', 'could not serialize access due to concurrent update');
    }
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

/** The first `wanted` rows that could be locked; null: one had changed. */
async function lockRows(
  run: RunOf<Query>,
  planned: PlannedStatement,
  targets: readonly LockTarget[],
  wanted: number,
): Promise<Row[] | null> {
  const { state } = run;
  const found: Row[] = [];
  if (wanted === 0) return found;
  const source = await openRows(run, planned);
  try {
    for (let batch = await source.next(); batch !== null; batch = await source.next()) {
      for (const row of batchRows(state.services.arena.shared, batch)) {
        const width = row.length - targets.length;
        const outcome = await lockRow(state, targets, row.slice(width));
        if (outcome === 'changed') return null;
        if (outcome === 'locked') found.push(row.slice(0, width));
        if (found.length === wanted) return found;
      }
    }
    return found;
  } finally {
    await source.close();
  }
}

async function lockRow(
  state: SessionState,
  targets: readonly LockTarget[],
  rowIds: Row,
): Promise<'locked' | 'skipped' | 'changed'> {
  const { transaction } = state.transactions;
  for (const [i, { relation, mode, wait, name }] of targets.entries()) {
    if (rowIds[i] === null) continue;
    const rowId = Number(rowIds[i]);
    const outcome =
      wait === 'block'
        ? await transaction.lockRow(relation, rowId, mode)
        : transaction.tryLockRow(relation, rowId, mode);
    if (typeof outcome === 'object') {
      if (wait === 'skip_locked') return 'skipped';
      throw sqlError('lock_not_available', `could not obtain lock on row in relation "${name}"`);
    }
    if (outcome !== 'locked') return 'changed';
  }
  return 'locked';
}
