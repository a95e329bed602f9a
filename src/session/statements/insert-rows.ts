// The rows of INSERT into the write set: checks, ON CONFLICT, RETURNING. Conflicting rows are found by the unique keys of the
// table, committed or the transaction's own, and within the statement itself.
import type { Relation } from '../../catalog/objects.ts';
import type { Batch } from '../../columns/batch.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { ModifyPlan } from '../../plan/batch.ts';
import { PROVISIONAL } from '../../storage/transactions/own-table.ts';
import type { Datum } from '../../types/datum.ts';
import type { SessionState } from '../session-state.ts';
import type { ForeignKeys } from './foreign-keys.ts';
import { RowChecks, type RowProgram } from './row-program.ts';

type InsertPlan = ModifyPlan & { readonly kind: 'insert' };

export function insertRows(
  state: SessionState,
  program: RowProgram,
  plan: InsertPlan,
  relation: Relation,
  foreignKeys: ForeignKeys | null,
  collect: (rows: Batch) => void,
): (batch: Batch) => Promise<number> {
  const checks = new RowChecks(program, state, relation, plan.checks);
  const conflict =
    plan.onConflict === null ? null : new ConflictResolver(state, program, plan, relation, checks, foreignKeys);
  return async (input) => {
    checks.verify(input);
    if (conflict !== null) return conflict.insert(input, collect);
    await state.transactions.transaction.insert(relation.oid, input);
    foreignKeys?.added(program.rows(input));
    collect(input);
    return input.count;
  };
}

/** INSERT ... ON CONFLICT, row by row: a row may conflict with the one before it. */
class ConflictResolver {
  private readonly state: SessionState;
  private readonly program: RowProgram;
  private readonly plan: InsertPlan;
  private readonly relation: Relation;
  private readonly checks: RowChecks;
  private readonly foreignKeys: ForeignKeys | null;
  private readonly values: ReturnType<RowProgram['compile']>;
  private readonly where: ReturnType<RowProgram['compile']>;
  /** index oids that decide a conflict; null: any unique key */
  private readonly arbiters: readonly number[] | null;
  /** row ids from here on were made by this statement */
  private readonly firstOwn: number;
  private readonly touched = new Set<number>();

  constructor(
    state: SessionState,
    program: RowProgram,
    plan: InsertPlan,
    relation: Relation,
    checks: RowChecks,
    foreignKeys: ForeignKeys | null,
  ) {
    this.state = state;
    this.program = program;
    this.plan = plan;
    this.relation = relation;
    this.checks = checks;
    this.foreignKeys = foreignKeys;
    const { target, update } = plan.onConflict!;
    this.firstOwn = PROVISIONAL + (state.transactions.transaction.own.get(relation.oid)?.rowCount ?? 0);
    this.arbiters = target === null ? null : indexesOn(state, relation, target);
    this.values = update === null ? [] : program.compile(update.values);
    this.where = update?.where == null ? [] : program.compile([update.where]);
  }

  async insert(input: Batch, collect: (rows: Batch) => void): Promise<number> {
    const rows = this.program.rows(input);
    let count = 0;
    for (const row of rows) {
      this.state.checkCancelled();
      if (await this.insertOne(row, collect)) count++;
    }
    return count;
  }

  private async insertOne(row: readonly (Datum | null)[], collect: (rows: Batch) => void): Promise<boolean> {
    const { transaction } = this.state.transactions;
    const { update } = this.plan.onConflict!;
    this.program.nextBatch();
    const types = this.relation.columns.map((column) => column.type);
    const batch = buildBatch(this.program.scratch, types, [row]);
    const { conflicts } = await transaction.insertUnlessConflict(this.relation.oid, batch, this.arbiters);
    const [conflict] = conflicts;
    if (conflict === undefined) {
      this.foreignKeys?.added([row]);
      collect(batch);
      return true;
    }
    if (update === null) {
      transaction.requireSeen(this.relation.oid, conflict.rowId);
      return false;
    }
    if (conflict.rowId >= this.firstOwn || this.touched.has(conflict.rowId)) {
      throw sqlError('cardinality_violation', 'ON CONFLICT DO UPDATE command cannot affect row a second time', {
        hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
      });
    }
    if ((await transaction.lockRow(this.relation.oid, conflict.rowId)) !== 'locked')
      return this.insertOne(row, collect);
    transaction.requireSeen(this.relation.oid, conflict.rowId);
    return this.updateExisting(conflict.rowId, row, types, collect);
  }

  /** The row's newest version: its lock is held, so a fresh snapshot sees it. */
  private async existingRow(rowId: number): Promise<readonly (Datum | null)[]> {
    const snapshot = this.state.transactions.transaction.snapshot();
    try {
      const attributes = this.relation.columns.map((column) => column.attribute);
      const vectors = await snapshot.rows(this.relation.oid, [rowId], attributes, this.program.scratch);
      return vectors.map((vector) => this.program.value(vector, 0));
    } finally {
      snapshot.release();
    }
  }

  private async updateExisting(
    rowId: number,
    row: readonly (Datum | null)[],
    types: readonly Relation['columns'][number]['type'][],
    collect: (rows: Batch) => void,
  ): Promise<boolean> {
    const { transaction } = this.state.transactions;
    const existing = await this.existingRow(rowId);
    const both = buildBatch(this.program.scratch, [...types, ...types], [[...existing, ...row]]);
    if (this.where.length > 0) {
      const [keep] = this.program.rows(this.program.evaluate(this.where, both));
      if (keep![0] !== true) return false;
    }
    const next = this.program.evaluate(this.values, both);
    this.checks.verify(next);
    await transaction.update(this.relation.oid, [rowId], next);
    this.foreignKeys?.replaced([existing], this.program.rows(next));
    this.touched.add(rowId);
    collect(next);
    return true;
  }
}

/** Unique indexes of the relation over exactly these attributes, in any order. */
function indexesOn(state: SessionState, relation: Relation, target: readonly number[]): readonly number[] {
  const wanted = [...target].sort().join();
  return [...state.catalog().relations.values()].flatMap((one) =>
    one.kind === 'index' && one.table === relation.oid && one.unique && [...one.keyAttributes].sort().join() === wanted
      ? [one.oid]
      : [],
  );
}
