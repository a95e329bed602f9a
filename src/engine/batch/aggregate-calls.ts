// What aggregate calls of a plan ask of engine/aggregates, and the part of a run that row structures need.
import type { AggregateCall } from '../../plan/expression.ts';
import type { AggregateRequest } from '../aggregates/create-aggregate.ts';
import type { RunContext } from './batch-context.ts';

export function rowContext(context: RunContext) {
  return { arena: context.arena, memory: context.memory, kernels: context.kernels, owner: context.owner };
}

export function aggregateRequest(call: AggregateCall, context: RunContext): AggregateRequest {
  return {
    definition: context.functions.aggregate(call.function),
    argTypes: call.args.map((arg) => arg.type),
    result: call.type,
    order: call.orderBy.map((key) => ({
      type: key.expression.type,
      descending: key.descending,
      nullsFirst: key.nullsFirst,
    })),
  };
}
