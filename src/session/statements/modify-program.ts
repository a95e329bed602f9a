// ModifyProgram: what was compiled of a plan that changes rows: new values, checks, RETURNING, ON CONFLICT. Plans of prepared statements
// keep theirs (engine/batch/kept-programs.ts), so nothing here may belong to one run.
import type { Relation } from '../../catalog/objects.ts';
import type { Program, SessionPrograms } from '../../engine/batch/kept-programs.ts';
import { capacityOf } from '../../engine/batch/one-batch.ts';
import type { ModifyPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { RowLockMode } from '../../storage/transactions/lock-modes.ts';
import type { ParameterValue } from '../portals.ts';
import type { SessionState } from '../session-state.ts';
import { RowChecks, RowProgram } from './row-program.ts';

type Evaluators = ReturnType<RowProgram['compile']>;

export class ModifyProgram implements Program {
  readonly plan: ModifyPlan;
  readonly relation: Relation;
  readonly rows: RowProgram;
  readonly returning: Evaluators;
  readonly checks: RowChecks;
  /** of UPDATE, or of ON CONFLICT DO UPDATE */
  readonly values: Evaluators;
  readonly conflict: { readonly where: Evaluators; readonly arbiters: readonly number[] | null } | null;
  /** the lock that an UPDATE takes on its rows */
  readonly lockMode: RowLockMode;

  private constructor(state: SessionState, plan: ModifyPlan, rows: RowProgram) {
    this.plan = plan;
    this.rows = rows;
    this.relation = state.catalog().relations.get(plan.relation)!;
    const { relation } = this;
    this.returning = rows.compile(plan.returning.expressions);
    this.checks = new RowChecks(rows, state, relation, plan.kind === 'delete' ? [] : plan.checks);
    const onConflict = plan.kind === 'insert' ? plan.onConflict : null;
    const update = onConflict?.update ?? null;
    this.values = rows.compile(plan.kind === 'update' ? plan.values : (update?.values ?? []));
    const arbiters = onConflict?.target == null ? null : indexesOn(state, relation, onConflict.target);
    this.conflict = onConflict && { where: rows.compile(update?.where == null ? [] : [update.where]), arbiters };
    this.lockMode = plan.kind === 'update' && !changesKey(state, relation, plan.values) ? 'no_key_update' : 'update';
  }

  /** The plan's program for a statement that begins now; `close` ends it. */
  static open(state: SessionState, plan: ModifyPlan, parameters: readonly ParameterValue[]): ModifyProgram {
    const kept = state.programs.take(plan) as ModifyProgram | undefined;
    const usable = kept?.rows.suits(state) === true ? kept : undefined;
    if (usable === undefined) kept?.free();
    const program = usable ?? ModifyProgram.compile(state, plan);
    program.rows.begin(state, parameters);
    return program;
  }

  private static compile(state: SessionState, plan: ModifyPlan): ModifyProgram {
    const rows = new RowProgram(state, capacityOf(plan.input));
    try {
      return new ModifyProgram(state, plan, rows);
    } catch (error) {
      rows.close();
      throw error;
    }
  }

  close(programs: SessionPrograms): void {
    programs.give(this.plan, this);
  }

  get isSmall(): boolean {
    return this.rows.isSmall;
  }

  free(): void {
    this.rows.close();
  }
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

/** Unique indexes of the relation over exactly these attributes, in any order. */
function indexesOn(state: SessionState, relation: Relation, target: readonly number[]): readonly number[] {
  const wanted = [...target].sort().join();
  return [...state.catalog().relations.values()].flatMap((one) =>
    one.kind === 'index' && one.table === relation.oid && one.unique && [...one.keyAttributes].sort().join() === wanted
      ? [one.oid]
      : [],
  );
}
