// The rows of INSERT into the write set: checks, ON CONFLICT, RETURNING. Conflicting rows are found by the unique keys of the
// table, committed or the transaction's own, and within the statement itself.
import { after, type Maybe } from '../../base/maybe.ts';
import type { Relation } from '../../catalog/objects.ts';
import type { Batch } from '../../columns/batch.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { PROVISIONAL } from '../../storage/transactions/own-table.ts';
import type { Datum } from '../../types/datum.ts';
import type { SessionState } from '../session-state.ts';
import type { ForeignKeys } from './foreign-keys.ts';
import type { ModifyProgram } from './modify-program.ts';
import type { RowProgram } from './row-program.ts';

export function insertRows(
  state: SessionState,
  program: ModifyProgram,
  foreignKeys: ForeignKeys | null,
  collect: (rows: Batch) => void,
): (batch: Batch) => Maybe<number> {
  const { checks, relation, rows } = program;
  const conflict = program.conflict === null ? null : new ConflictResolver(state, program, foreignKeys);
  return (input) => {
    checks.verify(input);
    if (conflict !== null) return conflict.insert(input, collect);
    return after(state.transactions.transaction.insert(relation.oid, input), () => {
      foreignKeys?.added(rows.rows(input));
      collect(input);
      return input.count;
    });
  };
}

/** INSERT ... ON CONFLICT, row by row: a row may conflict with the one before it. */
class ConflictResolver {
  private readonly state: SessionState;
  private readonly modify: ModifyProgram;
  private readonly program: RowProgram;
  private readonly relation: Relation;
  private readonly foreignKeys: ForeignKeys | null;
  private readonly updates: boolean;
  /** row ids from here on were made by this statement */
  private readonly firstOwn: number;
  private readonly touched = new Set<number>();

  constructor(state: SessionState, modify: ModifyProgram, foreignKeys: ForeignKeys | null) {
    this.state = state;
    this.modify = modify;
    this.program = modify.rows;
    this.relation = modify.relation;
    this.foreignKeys = foreignKeys;
    this.updates = modify.plan.kind === 'insert' && modify.plan.onConflict?.update != null;
    this.firstOwn = PROVISIONAL + (state.transactions.transaction.own.get(modify.relation.oid)?.rowCount ?? 0);
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
    this.program.nextBatch();
    const types = this.relation.columns.map((column) => column.type);
    const batch = buildBatch(this.program.scratch, types, [row]);
    const { conflicts } = await transaction.insertUnlessConflict(
      this.relation.oid,
      batch,
      this.modify.conflict!.arbiters,
    );
    const [conflict] = conflicts;
    if (conflict === undefined) {
      this.foreignKeys?.added([row]);
      collect(batch);
      return true;
    }
    if (!this.updates) {
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
    const { where } = this.modify.conflict!;
    if (where.length > 0) {
      const [keep] = this.program.rows(this.program.evaluate(where, both));
      if (keep![0] !== true) return false;
    }
    const next = this.program.evaluate(this.modify.values, both);
    this.modify.checks.verify(next);
    await transaction.update(this.relation.oid, [rowId], next);
    this.foreignKeys?.replaced([existing], this.program.rows(next));
    this.touched.add(rowId);
    collect(next);
    return true;
  }
}
