// RowProgram: expressions over batches for INSERT, UPDATE and DELETE: new values, checks, RETURNING, in memory of their own.
import type { Relation } from '../../catalog/objects.ts';
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import { batchRows } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import type { Region } from '../../columns/region.ts';
import { StatementProgram } from '../../engine/batch/statement-program.ts';
import { compileExpression } from '../../engine/expressions/compile-expression.ts';
import type { Evaluator } from '../../engine/expressions/expression-context.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import type { RowCheck } from '../../plan/logical.ts';
import type { Datum } from '../../types/datum.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { ParameterValue } from '../portals.ts';
import type { SessionState } from '../session-state.ts';

export class RowProgram {
  private readonly program: StatementProgram;

  /** `capacity`: rows of a batch, at most. */
  constructor(state: SessionState, capacity: number = BATCH_ROWS) {
    const { arena, kernels } = state.services;
    const functions = state.services.functions(state.catalog());
    const memoryLimitBytes = state.settings.number('work_mem') * 1024;
    const parts = { arena, kernels, functions, evaluation: state.evaluation(), memoryLimitBytes };
    this.program = new StatementProgram(parts, capacity);
  }

  /** The next statement that runs what was compiled. */
  begin(state: SessionState, parameters: readonly ParameterValue[]): void {
    this.program.begin(
      state.evaluation(),
      parameters.map(({ value }) => value),
    );
  }

  compile(expressions: readonly Expression[]): readonly Evaluator[] {
    return expressions.map((expression) => compileExpression(expression, this.program.context));
  }

  /** A region for batches built by hand, reset with the heap. */
  get scratch(): Region {
    return this.program.rows;
  }

  /** Strings of the batch before are no longer needed. */
  nextBatch(): void {
    this.program.nextBatch();
  }

  /** The evaluators' vectors as a batch with the input's rows and selection. Valid until the next evaluation. */
  evaluate(evaluators: readonly Evaluator[], input: Batch): Batch {
    const columns = evaluators.map((evaluator) => evaluator.evaluate(input, input.selection, input.count));
    return { columns, count: input.count, selection: input.selection, weights: 0 };
  }

  rows(batch: Batch): (Datum | null)[][] {
    return batchRows(this.program.context.memory, batch);
  }

  value(vector: Vector, row: number): Datum | null {
    return readDatum(this.program.context.memory, vector, row);
  }

  /** The i-th selected row's index. */
  rowAt(batch: Batch, i: number): number {
    return batch.selection === 0 ? i : this.program.context.memory.u32[(batch.selection >>> 2) + i]!;
  }

  /** Whether it means the same for the session's settings of now. */
  suits(state: SessionState): boolean {
    return this.program.suits(state.evaluation());
  }

  get isSmall(): boolean {
    return this.program.isSmall;
  }

  close(): void {
    this.program.free();
  }
}

interface CompiledCheck {
  readonly check: RowCheck;
  readonly evaluator: Evaluator | null;
}

/** NOT NULL and CHECK constraints over new rows. */
export class RowChecks {
  private readonly program: RowProgram;
  private readonly relation: Relation;
  private readonly checks: readonly CompiledCheck[];
  private readonly state: SessionState;

  constructor(program: RowProgram, state: SessionState, relation: Relation, checks: readonly RowCheck[]) {
    this.program = program;
    this.state = state;
    this.relation = relation;
    this.checks = checks.map((check) => ({
      check,
      evaluator: check.condition === null ? null : program.compile([check.condition])[0]!,
    }));
  }

  /** Throws 23502, 23514 or 44000 for the first row that violates one. `rows` has the relation's columns in order. */
  verify(rows: Batch): void {
    for (const { check, evaluator } of this.checks) {
      const position = this.relation.columns.findIndex((column) => column.attribute === check.attribute);
      const vector =
        evaluator === null ? rows.columns[position]! : evaluator.evaluate(rows, rows.selection, rows.count);
      if (evaluator === null && vector.nulls === 0) continue;
      const bad = this.firstBad(rows, vector, evaluator === null);
      if (bad >= 0) throw this.violation(check, rows, bad, position);
    }
  }

  private firstBad(rows: Batch, vector: Vector, wantsNull: boolean): number {
    const { u8 } = this.state.services.arena.shared;
    for (let i = 0; i < rows.count; i++) {
      const row = this.program.rowAt(rows, i);
      const isNull = vector.nulls !== 0 && u8[vector.nulls + row] !== 0;
      if (wantsNull ? isNull : !isNull && u8[vector.data + row] === 0) return row;
    }
    return -1;
  }

  private violation(check: RowCheck, rows: Batch, row: number, position: number): Error {
    const { relation } = this;
    const detail = `Failing row contains (${rows.columns.map((vector) => this.text(vector, row)).join(', ')}).`;
    if (check.condition === null) {
      const column = relation.columns[position]!.name;
      return sqlError(
        'not_null_violation',
        `null value in column "${column}" of relation "${relation.name}" violates not-null constraint`,
        {
          detail,
          relation: relation.oid,
          column,
        },
      );
    }
    if (check.ofView === true) {
      const text = `new row violates check option for view "${check.constraint}"`;
      return sqlError('with_check_option_violation', text, { detail });
    }
    return sqlError(
      'check_violation',
      `new row for relation "${relation.name}" violates check constraint "${check.constraint}"`,
      {
        detail,
        relation: relation.oid,
        constraint: check.constraint,
      },
    );
  }

  private text(vector: Vector, row: number): string {
    const value = this.program.value(vector, row);
    if (value === null) return 'null';
    return typeOperations(vector.type).formatText(value, vector.type, this.state.typeSettings());
  }
}
