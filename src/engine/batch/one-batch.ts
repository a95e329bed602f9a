// Plans whose rows come as one batch with nothing to pull: VALUES, the row under a unique key, and projections, filters and limits over those.
// They are the statements that clients send by the thousand, and a chain of async generators would cost more than all their work. Such
// a plan is compiled with its parameters in it, and what came of it runs for one statement after the other.
import { after, type Maybe } from '../../base/maybe.ts';
import { allocateVector, BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import { BatchBuilder } from '../../columns/batch-builder.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import type { Snapshot } from '../../columns/row-group.ts';
import type { EvaluationContext } from '../../functions/function-definition.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Datum } from '../../types/datum.ts';
import { compileExpression, compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate } from '../expressions/compile-predicate.ts';
import { fetchRows, otherConditions } from './index-lookup.ts';
import type { Program } from './kept-programs.ts';
import { limitBounds, sliceBatch } from './pass-through.ts';
import { narrowed } from './scan.ts';
import { type ProgramParts, StatementProgram } from './statement-program.ts';

/** VALUES of more rows are left to operators. */
const MOST_ROWS = 64;

type Plan<K extends BatchPlan['kind']> = Extract<BatchPlan, { kind: K }>;
type Rows = Maybe<Batch | null> | undefined;
type Step = (snapshot: Snapshot) => Rows;

const NOTHING: Batch = { columns: [], count: 1, selection: 0, weights: 0 };

export class OneBatchProgram implements Program {
  private readonly program: StatementProgram;
  private readonly step: Step;

  private constructor(program: StatementProgram, step: Step) {
    this.program = program;
    this.step = step;
  }

  /** null: the plan needs operators. */
  static compile(plan: BatchPlan, parts: ProgramParts): OneBatchProgram | null {
    if (!isOneBatch(plan)) return null;
    const program = new StatementProgram(parts, MOST_ROWS);
    try {
      return new OneBatchProgram(program, compileStep(plan, program));
    } catch (error) {
      program.free();
      throw error;
    }
  }

  /**
   * All rows of the plan, null: none; at once where they are in memory. Valid until the next run. undefined: the index cannot tell what
   * this snapshot sees, and operators must.
   */
  run(snapshot: Snapshot, evaluation: EvaluationContext, parameters: readonly (Datum | null)[]): Rows {
    this.program.begin(evaluation, parameters);
    return this.step(snapshot);
  }

  suits(evaluation: EvaluationContext): boolean {
    return this.program.suits(evaluation);
  }

  get isSmall(): boolean {
    return this.program.isSmall;
  }

  free(): void {
    this.program.free();
  }
}

function isOneBatch(plan: BatchPlan): boolean {
  switch (plan.kind) {
    case 'values':
      return plan.rowsOf.length <= MOST_ROWS;
    case 'index-lookup':
      return plan.index.unique && plan.key.every((values) => values.kind === 'items' && values.items.length === 1);
    case 'project':
    case 'filter':
    case 'limit':
      return isOneBatch(plan.input);
    default:
      return false;
  }
}

/** Rows of a batch of the plan, at most. */
export function capacityOf(plan: BatchPlan): number {
  return isOneBatch(plan) ? MOST_ROWS : BATCH_ROWS;
}

function compileStep(plan: BatchPlan, program: StatementProgram): Step {
  switch (plan.kind) {
    case 'values':
      return compileValues(plan, program);
    case 'index-lookup':
      return compileLookup(plan, program);
    case 'project': {
      const compiled = compileExpressions(plan.expressions, program.context);
      return onRows(plan.input, program, (batch) => ({
        ...batch,
        columns: compiled.evaluate(batch, batch.selection, batch.count),
      }));
    }
    case 'filter': {
      const predicate = compilePredicate(plan.condition, program.context);
      return onRows(plan.input, program, (batch) => narrowed(batch, predicate));
    }
    case 'limit':
      return compileLimit(plan, program);
    default:
      throw new Error(`${plan.kind} is not one batch`);
  }
}

function onRows(input: BatchPlan, program: StatementProgram, then: (batch: Batch) => Batch | null): Step {
  const rows = compileStep(input, program);
  return (snapshot) => {
    const batch = rows(snapshot);
    return batch === undefined ? undefined : after(batch, (found) => (found === null ? null : then(found)));
  };
}

function compileLimit(plan: Plan<'limit'>, program: StatementProgram): Step {
  const input = compileStep(plan.input, program);
  const limit = plan.limit === null ? null : compileValue(plan.limit, program);
  const offset = plan.offset === null ? null : compileValue(plan.offset, program);
  return (snapshot) => {
    const rows = input(snapshot);
    if (rows === undefined) return undefined;
    const { left, skip } = limitBounds(limit?.() ?? null, offset?.() ?? null);
    return after(rows, (batch) => {
      if (batch === null || left === 0 || skip >= batch.count) return null;
      const list = program.rows.allocate(MOST_ROWS * 4);
      return sliceBatch(batch, skip, Math.min(left, batch.count - skip), list, program.context.kernels);
    });
  };
}

/** An expression over nothing, as a value. */
function compileValue(expression: Expression, program: StatementProgram): () => Datum | null {
  if (expression.kind === 'constant') return () => expression.value;
  if (expression.kind === 'parameter') return () => program.parameters[expression.index]!;
  const evaluator = compileExpression(expression, program.context);
  const { memory } = program.context;
  return () => readDatum(memory, evaluator.evaluate(NOTHING, 0, 1), 0);
}

function compileValues(plan: Plan<'values'>, program: StatementProgram): Step {
  const { rowsOf, types } = plan;
  if (rowsOf.length === 0) return () => null;
  if (types.length === 0) return () => ({ ...NOTHING, count: rowsOf.length });
  if (rowsOf.length === 1) {
    const compiled = compileExpressions(rowsOf[0]!, program.context);
    return () => ({ ...NOTHING, columns: compiled.evaluate(NOTHING, 0, 1) });
  }
  const values = rowsOf.map((row) => row.map((each) => compileValue(each, program)));
  return () => {
    const builder = new BatchBuilder(program.rows, types, { capacity: rowsOf.length });
    for (const row of values) builder.append(row.map((value) => value()));
    return builder.batch();
  };
}

function compileLookup(plan: Plan<'index-lookup'>, program: StatementProgram): Step {
  const { index, scan } = plan;
  const { context } = program;
  const key = plan.key.map((values) => compileValue((values.kind === 'items' ? values.items : [])[0]!, program));
  const columns: readonly Vector[] = index.types.map((type) => allocateVector(context.region, type, 1));
  const predicate = otherConditions(plan, context);
  return (snapshot) => {
    if (snapshot.find === undefined || snapshot.rows === undefined) return undefined;
    for (let i = 0; i < key.length; i++) {
      const value = key[i]!();
      if (value === null) return null; // equals nothing
      writeDatum(context.memory, columns[i]!, 0, value, program.rows);
    }
    const rowIds = snapshot.find(scan.relation, index, columns, 0);
    if (rowIds instanceof Promise || rowIds === 'scan') return undefined;
    if (rowIds.length === 0) return null;
    const rows = fetchRows(plan, rowIds, program.rows, { snapshot, memory: context.memory });
    return after(rows, (batch) => narrowed(batch, predicate));
  };
}
