// sum and avg of numerics that carry their own scales, summed by generated code: state {i64 count, i64 scales seen, i128 sum}, the sum at
// the largest scale there can be, a bit 1 << scale for each that was met. The result has the largest scale met, as PostgreSQL's has.
import { allocateVector } from '../../columns/batch.ts';
import { writeDatum } from '../../columns/datum-vector.ts';
import { decimal } from '../../types/datum.ts';
import type { AggregateContext, AggregateState } from './aggregate-state.ts';
import type { AggregateRequest } from './create-aggregate.ts';
import { momentsFinish } from './datum-aggregate.ts';

/** `offset` of the state in its row, `scale` of the sum kept there. */
export function scaledFinish(
  context: AggregateContext,
  { definition, result }: AggregateRequest,
  offset: number,
  scale: number,
): Pick<AggregateState, 'finish' | 'release'> {
  const { memory } = context;
  const out = allocateVector(context.region, result);
  const finish = momentsFinish(definition, result);
  const none = decimal(0n, 0);
  return {
    finish(rows, count) {
      out.nulls = 0;
      for (let i = 0; i < count; i++) {
        const at = (memory.u32[(rows >>> 2) + i]! + offset) / 8;
        const sum = (memory.i64[at + 3]! << 64n) | BigInt.asUintN(64, memory.i64[at + 2]!);
        const met = memory.i64[at + 1]!.toString(2).length - 1;
        const value = decimal(sum / 10n ** BigInt(scale - met), met);
        writeDatum(memory, out, i, finish({ count: memory.i64[at]!, sum: value, squares: none }), context.heap);
      }
      return out;
    },
    release() {},
  };
}
