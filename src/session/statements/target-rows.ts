// The rows that UPDATE, DELETE and MERGE touch: their ids are column 0 of the input. A row that FROM or USING matches more than once
// counts once, with its first match.
import { after, type Maybe } from '../../base/maybe.ts';
import type { Batch } from '../../columns/batch.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { RowLockMode } from '../../storage/transactions/lock-modes.ts';
import type { SessionState } from '../session-state.ts';
import type { RowProgram } from './row-program.ts';
import { RowSet } from './row-set.ts';

/** A concurrent change was met: the statement starts again. No failure, so it carries no stack, which would cost more than the rest. */
export class RestartStatement {}

export class TargetRows {
  private readonly state: SessionState;
  private readonly program: RowProgram;
  private readonly relation: number;
  private readonly seen: RowSet;
  private readonly merging: boolean;

  /** `merged`: the rows that a MERGE has changed, which may be changed once. */
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
  lock(input: Batch, mode: RowLockMode): Maybe<number[]> {
    const rowIds: number[] = [];
    for (let i = 0; i < input.count; i++) rowIds.push(this.rowId(input, this.program.rowAt(input, i)));
    return after(this.state.transactions.transaction.lockRows(this.relation, rowIds, mode), (others) => {
      if (others.length > 0) throw new RestartStatement();
      return rowIds;
    });
  }

  private rowId(input: Batch, row: number): number {
    return Number(this.state.services.arena.shared.i64[(input.columns[0]!.data >>> 3) + row]!);
  }
}
