// sum and avg of variable numerics: a kernel adds what stays within 127 bits to the group's row, {u32 index + 1 of an overflow sum, u32 scale,
// i64 count, i128 sum}; NaN, infinities and all that is too large go to overflow sums in JavaScript, and `finish` adds both.
import { allocateVector, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import type { AggregateFunction } from '../../functions/function-definition.ts';
import { STATUS, statusCode, statusRow } from '../../kernels/kernel-library.ts';
import { type Decimal, decimal } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { AggregateContext, AggregateState } from './aggregate-state.ts';
import { type FinishMoments, momentsFinish } from './datum-aggregate.ts';
import { addDecimal } from './decimal-arithmetic.ts';

interface Overflow {
  count: bigint;
  sum: Decimal;
}

const ZERO = decimal(0n, 0);

export class NumericSum implements AggregateState {
  readonly bytes = 32;
  readonly type: SqlType;
  readonly combines = false;
  private readonly context: AggregateContext;
  private readonly offset: number;
  private readonly finishOf: FinishMoments;
  private readonly overflows: Overflow[] = [];
  private readonly out: OwnedVector;
  private readonly scratch: number;

  constructor(context: AggregateContext, definition: AggregateFunction, type: SqlType, offset: number) {
    this.context = context;
    this.type = type;
    this.offset = offset;
    this.finishOf = momentsFinish(definition, type);
    this.out = allocateVector(context.region, type);
    this.scratch = context.region.allocate(32);
  }

  update(rows: number, args: readonly Vector[], selection: number, count: number, weights: number): void {
    const { memory, kernels } = this.context;
    const kernel = kernels.get('agg_sum_numeric');
    const vector = args[0]!;
    const { data, nulls } = vector;
    for (let start = 0; start < count; start++) {
      const status = kernel(rows, this.offset, data, nulls, selection, count, weights, start, this.scratch);
      if (status === STATUS.DONE) return;
      if (statusCode(status) !== STATUS.NEED_SLOW) throw new Error(`agg_sum_numeric: ${status}`);
      const row = statusRow(status);
      const value = readDatum(memory, vector, row) as Decimal;
      const weight = weights === 0 ? 1n : memory.i64[weights / 8 + row]!;
      this.overflow(memory.u32[(rows >>> 2) + row]! + this.offset, value, weight);
      if (selection === 0) start = row;
      else while (memory.u32[(selection >>> 2) + start] !== row) start++;
    }
  }

  private overflow(state: number, value: Decimal, weight: bigint): void {
    const { u32 } = this.context.memory;
    if (u32[state >>> 2] === 0) u32[state >>> 2] = this.overflows.push({ count: 0n, sum: ZERO });
    const group = this.overflows[u32[state >>> 2]! - 1]!;
    group.count += weight;
    const same = weight === 1n || value.special !== undefined;
    group.sum = addDecimal(group.sum, same ? value : decimal(value.coefficient * weight, value.scale));
  }

  combine(): void {
    throw new Error('overflow sums stay in their thread');
  }

  finish(rows: number, count: number): Vector {
    const { memory, heap } = this.context;
    this.out.nulls = 0;
    for (let i = 0; i < count; i++) {
      const state = memory.u32[(rows >>> 2) + i]! + this.offset;
      const total = (memory.i64[state / 8 + 3]! << 64n) | BigInt.asUintN(64, memory.i64[state / 8 + 2]!);
      const index = memory.u32[state >>> 2]!;
      const more = index === 0 ? undefined : this.overflows[index - 1]!;
      const scaled = decimal(total, memory.u32[(state >>> 2) + 1]!);
      const sum = more === undefined ? scaled : addDecimal(scaled, more.sum);
      const moments = { count: memory.i64[state / 8 + 1]! + (more?.count ?? 0n), sum, squares: ZERO };
      writeDatum(memory, this.out, i, this.finishOf(moments), heap);
    }
    return this.out;
  }

  release(): void {
    this.overflows.length = 0;
  }
}
