// Stateless operators. Rule: f(A + dA) = f(A) + f(dA), so each batch of changes is answered at once with the same weights.
// filter: rows for which the condition is true. project: expressions over each row. Rows that fail go to the job's errors.
import type { Batch, Vector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { Expression } from '../../plan/expression.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate, type Predicate } from '../expressions/compile-predicate.ts';
import { withoutFailing } from './job-errors.ts';
import { expressionContext, type JobContext, type Operator, type Outlet, type Work } from './operator.ts';

export class FilterOperator implements Operator {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly heap: Region;
  private readonly predicate: Predicate;

  constructor(context: JobContext, outlet: Outlet, condition: Expression) {
    this.context = context;
    this.outlet = outlet;
    this.heap = new Region(context.arena, context.owner);
    this.predicate = compilePredicate(condition, expressionContext(context, this.heap));
  }

  *push(batch: Batch): Work {
    this.heap.reset();
    let kept = { selection: 0, count: 0 };
    withoutFailing(this.context.memory, this.heap, batch, this.context.errors, (part) => {
      kept = this.predicate.select(part);
    });
    yield* this.outlet.emit({ ...batch, ...kept });
  }

  release(): void {
    this.heap.release();
  }
}

export class ProjectOperator implements Operator {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly heap: Region;
  private readonly program: { evaluate(batch: Batch, selection: number, count: number): Vector[] };

  constructor(context: JobContext, outlet: Outlet, expressions: readonly Expression[]) {
    this.context = context;
    this.outlet = outlet;
    this.heap = new Region(context.arena, context.owner);
    this.program = compileExpressions(expressions, expressionContext(context, this.heap));
  }

  *push(batch: Batch): Work {
    this.heap.reset();
    let columns: readonly Vector[] = [];
    const good = withoutFailing(this.context.memory, this.heap, batch, this.context.errors, (part) => {
      columns = this.program.evaluate(part, part.selection, part.count);
    });
    yield* this.outlet.emit({ ...good, columns });
  }

  release(): void {
    this.heap.release();
  }
}

/** Several inputs, one output: UNION ALL, and places where a flow is only passed on. */
export class PassOperator implements Operator {
  private readonly outlet: Outlet;

  constructor(outlet: Outlet) {
    this.outlet = outlet;
  }

  *push(batch: Batch): Work {
    yield* this.outlet.emit(batch);
  }
}
