// Chooses the state for an aggregate call: kernels throughout, kernels with an exact finish, or JavaScript values.
import { Region } from '../../columns/region.ts';
import type { AggregateFunction, EvaluationContext } from '../../functions/function-definition.ts';
import { physicalOf, type SqlType } from '../../types/sql-type.ts';
import type { DatumOrder } from '../rows/datum-order.ts';
import {
  type AggregateContext,
  type AggregateState,
  ExtremeAggregate,
  KernelAggregate,
  type KernelState,
  kernelState,
} from './aggregate-state.ts';
import {
  CollectAggregate,
  floatVarianceState,
  intervalAverageState,
  momentsState,
  ObjectMoments,
} from './datum-aggregate.ts';
import { NumericSum } from './numeric-sum.ts';

export interface AggregateRequest {
  readonly definition: AggregateFunction;
  readonly argTypes: readonly SqlType[];
  readonly result: SqlType;
  /** ORDER BY of a collecting aggregate, whose keys follow the arguments in update */
  readonly order: readonly DatumOrder[];
}

/** Upper bound of the state bytes of any request; layouts are made before states. */
export function aggregateBytes(request: AggregateRequest): number {
  const { state } = request.definition;
  if (state.kind === 'collect') return 8;
  return state.operation === 'variance' ? 48 : state.operation.startsWith('count') ? 8 : 32;
}

/** The state at `offset` (from the row's start) of its group row. */
export function createAggregate(
  context: AggregateContext,
  request: AggregateRequest,
  offset: number,
  evaluation: EvaluationContext,
): AggregateState {
  const { definition, argTypes, result, order } = request;
  if (definition.state.kind === 'collect') {
    return new CollectAggregate(context, definition, result, offset, argTypes, order, evaluation);
  }
  const argument = argTypes[0] ?? null;
  const { operation } = definition.state;
  if (operation === 'min' || operation === 'max') {
    const long = new Region(context.arena, context.owner);
    return new ExtremeAggregate(context, result, offset, operation === 'min' ? -1 : 1, long);
  }
  const state = kernelState(context, definition, argument, result) ?? exactState(context, request, argument!);
  if (state !== null) return new KernelAggregate(context, result, offset, state);
  const State = operation === 'variance' ? ObjectMoments : NumericSum;
  return new State(context, definition, result, offset);
}

function exactState(context: AggregateContext, request: AggregateRequest, argument: SqlType): KernelState | null {
  const { definition, result } = request;
  const operation = definition.state.kind === 'vector' ? definition.state.operation : '';
  switch (physicalOf(argument)) {
    case 'f32':
    case 'f64':
      return operation === 'variance' ? floatVarianceState(context, definition, argument) : null;
    case 'interval':
      return intervalAverageState(context);
    default:
      return momentsState(context, definition, argument, result);
  }
}
