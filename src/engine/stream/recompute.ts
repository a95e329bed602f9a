// Recompute: a part of the plan that has no incremental form (recursion, what decorrelation left) or no input at all (VALUES) is run by the
// batch engine over its arranged inputs at each step that changes them; the difference to the last result goes on. Rule: emit
// f(A + dA) - f(A). An error of the run is the view's error until a run succeeds.
import type { Batch } from '../../columns/batch.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { type RecomputeDoors, runOverRows } from './arranged-snapshot.ts';
import { type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';
import { ReplacedRows } from './replaced-rows.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { WeightedRows } from './weighted-rows.ts';

export class RecomputeOperator implements Operator {
  readonly ageless = 'a recomputed part';
  private readonly context: JobContext;
  private readonly plan: BatchPlan;
  private readonly inputs: readonly WeightedRows[];
  private readonly result: ReplacedRows;
  private readonly doors: RecomputeDoors;
  private dirty = true;

  constructor(
    context: JobContext,
    outlet: Outlet,
    plan: BatchPlan,
    inputTypes: readonly (readonly SqlType[])[],
    doors: RecomputeDoors,
  ) {
    this.context = context;
    this.plan = plan;
    this.doors = doors;
    this.inputs = inputTypes.map((types) => new WeightedRows(context, types, 0, 'identity'));
    this.result = new ReplacedRows(context, outlet, plan.types);
  }

  *push(batch: Batch, port: number): Work {
    this.inputs[port]!.add(batch);
    this.dirty = true;
    yield pause(this.context);
  }

  *flush(): Work {
    if (!this.dirty) return;
    this.dirty = false;
    for (const input of this.inputs) yield* input.rest();
    let failure: unknown = null;
    const run = runOverRows(this.context, this.doors, this.plan, this.inputs, (batch) => this.result.add(batch));
    yield run.catch((error: unknown) => {
      failure = error;
    });
    if (failure !== null && !(failure instanceof SqlError)) throw failure;
    this.context.errors.set(this, failure as SqlError | null);
    if (failure !== null) yield* this.result.forgetNew();
    else yield* this.result.emitDifference();
  }

  *save(state: StateWriter): Work {
    for (const [port, input] of this.inputs.entries())
      yield* input.save(state, `input${port}`, [['weight', input.weightOffset]]);
    yield* this.result.save(state);
    state.value('dirty', this.dirty);
  }

  restore(state: StateReader): void {
    for (const [port, input] of this.inputs.entries())
      input.restore(state, `input${port}`, [['weight', input.weightOffset]]);
    this.result.restore(state);
    this.dirty = state.value('dirty') !== false;
  }

  release(): void {
    for (const input of this.inputs) input.release();
    this.result.release();
  }
}
