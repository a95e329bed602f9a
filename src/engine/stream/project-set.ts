// Set-returning functions per row. Rule: stateless, as linear.ts: a retracted row is expanded again, so the functions must be
// deterministic. A row whose function fails is an error of the job; what it gave before goes out, and comes back when it is retracted.
import type { Batch, Vector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { SetExpander } from '../expressions/expand-sets.ts';
import { withoutFailing } from './job-errors.ts';
import { expressionContext, type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';

export class ProjectSetOperator implements Operator {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly heap: Region;
  private readonly expander: SetExpander;

  constructor(context: JobContext, outlet: Outlet, plan: Extract<BatchPlan, { kind: 'project-set' }>) {
    this.context = context;
    this.outlet = outlet;
    this.heap = new Region(context.arena, context.owner);
    const { functions } = context;
    this.expander = new SetExpander(plan, { ...expressionContext(context, this.heap), functions });
  }

  *push(batch: Batch): Work {
    this.heap.reset();
    const { memory, errors } = this.context;
    let args: readonly Vector[] = [];
    const good = withoutFailing(memory, this.heap, batch, errors, (part) => {
      args = this.expander.evaluateArguments(part);
    });
    const portions = this.expander.expand(good, args, (error, row) => {
      errors.add(error, good.weights === 0 ? 1n : memory.i64[good.weights / 8 + row]!);
    });
    for (const portion of portions) {
      yield* this.outlet.emit(portion);
      yield pause(this.context);
    }
  }

  release(): void {
    this.heap.release();
    this.expander.release();
  }
}
