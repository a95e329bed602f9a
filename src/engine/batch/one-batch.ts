// Plans whose rows come as one batch with nothing to pull: VALUES, rows by a unique key, and projections, filters and limits over those. They are
// the statements that clients send by the thousand, and a chain of async generators would cost more than all their work.
import { after, type Maybe } from '../../base/maybe.ts';
import type { Batch } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate } from '../expressions/compile-predicate.ts';
import { expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { lookupOne } from './index-lookup.ts';
import { limitBatch } from './pass-through.ts';
import { constantValues, narrowed } from './scan.ts';

/**
 * All rows of the plan, null: none; at once where they are in memory. undefined: the plan needs operators, nothing has been done.
 * The memory is the run's, which its owner frees.
 */
export function oneBatch(plan: BatchPlan, context: RunContext): Maybe<Batch | null> | undefined {
  switch (plan.kind) {
    case 'values':
      return constantValues(plan, new OperatorMemory(context).region);
    case 'index-lookup':
      return lookupOne(plan, context, new OperatorMemory(context));
    case 'project':
      return onRows(oneBatch(plan.input, context), (batch) => {
        const compiled = compileExpressions(plan.expressions, expressionContext(context, new OperatorMemory(context)));
        return { ...batch, columns: compiled.evaluate(batch, batch.selection, batch.count) };
      });
    case 'filter':
      return onRows(oneBatch(plan.input, context), (batch) =>
        narrowed(batch, compilePredicate(plan.condition, expressionContext(context, new OperatorMemory(context)))),
      );
    case 'limit': {
      const input = oneBatch(plan.input, context);
      return input === undefined ? undefined : after(input, (batch) => limitBatch(plan, batch, context));
    }
    default:
      return undefined;
  }
}

function onRows(
  input: Maybe<Batch | null> | undefined,
  then: (batch: Batch) => Batch | null,
): Maybe<Batch | null> | undefined {
  return input === undefined ? undefined : after(input, (batch) => (batch === null ? null : then(batch)));
}
