// AggregateState: one aggregate call's part of a group row. All-zero bytes are the empty state; kernels update the states of a
// batch by group row address. Fixed-width operations live here; variable numerics and collecting ones in datum-aggregate.ts.
import { allocateVector, type OwnedVector, type Vector } from '../../columns/batch.ts';
import type { Region } from '../../columns/region.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { AggregateFunction } from '../../functions/function-definition.ts';
import { STATUS, statusCode } from '../../kernels/kernel-library.ts';
import { physicalOf, type SqlType } from '../../types/sql-type.ts';
import { widthShift } from '../rows/row-layout.ts';
import type { RowContext } from '../rows/row-store.ts';
import { rowKind, valueShape } from '../rows/value-kind.ts';
import type { Pause } from './sort-in-pieces.ts';

export interface AggregateContext extends RowContext {
  /** lives as long as the operator */
  readonly region: Region;
  /** bytes of result strings; the operator resets it between output batches */
  readonly heap: Region;
}

export interface AggregateState {
  /** bytes in the group row */
  readonly bytes: number;
  readonly type: SqlType;
  /** whether states made by other threads can be combined into these */
  readonly combines: boolean;
  /** `rows`: group row addresses by batch row index; `weights` 0: +1 each. */
  update(rows: number, args: readonly Vector[], selection: number, count: number, weights: number): void;
  /** Adds states of `from` to those of `into` (address lists by position, same layout). */
  combine(into: number, from: number, count: number): void;
  /** Results of the groups at `rows` (addresses by position), valid until the next call. */
  finish(rows: number, count: number): Vector;
  /** As finish, where a result can take long: `pause` is called between two pieces of the work. */
  finishInPieces?(rows: number, count: number, pause: Pause): Promise<Vector>;
  /** The state holds nothing outside its row, so its bytes may be zeroed to start again. */
  release(): void;
  /** Leaves the arena blocks that group rows point into to who combines these with others; absent: there are none. */
  handOver?(): readonly number[];
}

/** A state kept wholly in kernels: names of the kernels and how the result is read. */
export interface KernelState {
  readonly bytes: number;
  readonly update: string;
  readonly combine: string;
  readonly finish: (out: OwnedVector, rows: number, offset: number, count: number) => void;
}

export class KernelAggregate implements AggregateState {
  readonly bytes: number;
  readonly type: SqlType;
  readonly combines = true;
  private readonly context: AggregateContext;
  private readonly offset: number;
  private readonly state: KernelState;
  private readonly out: OwnedVector;

  constructor(context: AggregateContext, type: SqlType, offset: number, state: KernelState) {
    this.context = context;
    this.type = type;
    this.offset = offset;
    this.state = state;
    this.bytes = state.bytes;
    this.out = allocateVector(context.region, type);
  }

  update(rows: number, args: readonly Vector[], selection: number, count: number, weights: number): void {
    const arg = args[0];
    const kernel = this.context.kernels.get(this.state.update);
    this.check(kernel(rows, this.offset, arg?.data ?? 0, arg?.nulls ?? 0, selection, count, weights));
  }

  combine(into: number, from: number, count: number): void {
    this.check(this.context.kernels.get(this.state.combine)(into, from, this.offset, count));
  }

  finish(rows: number, count: number): Vector {
    this.out.nulls = 0;
    this.state.finish(this.out, rows, this.offset, count);
    return this.out;
  }

  private check(status: number): void {
    if (status === 0) return;
    if (statusCode(status) !== STATUS.OUT_OF_RANGE) throw new Error(`aggregate kernel ${this.state.update}: ${status}`);
    const isFloat = /_f(32|64)$/.test(this.state.update);
    const text = isFloat ? 'value out of range: overflow' : 'value overflows numeric format';
    throw sqlError('numeric_value_out_of_range', text);
  }

  release(): void {}
}

/** min and max over any ordered type. State {i64 count, i64 spare, value}. */
export class ExtremeAggregate implements AggregateState {
  readonly bytes = 32;
  readonly type: SqlType;
  readonly combines = true;
  private readonly context: AggregateContext;
  private readonly offset: number;
  private readonly wanted: number;
  private readonly kind: number;
  private readonly shift: number;
  private readonly shape: number;
  private readonly out: OwnedVector;
  private readonly window: number;
  private readonly long: Region;

  constructor(context: AggregateContext, type: SqlType, offset: number, wanted: -1 | 1, long: Region) {
    this.context = context;
    this.type = type;
    this.offset = offset;
    this.wanted = wanted;
    this.kind = rowKind(type);
    this.shift = widthShift(type);
    this.shape = valueShape(context.memory, context.region, type);
    this.out = allocateVector(context.region, type);
    this.window = context.region.allocateZeroed(16);
    this.long = long;
  }

  update(rows: number, args: readonly Vector[], selection: number, count: number): void {
    const { data, nulls } = args[0]!;
    const kernel = this.context.kernels.get('agg_extreme');
    const { u32 } = this.context.memory;
    const word = this.window >>> 2;
    let start = 0;
    for (;;) {
      const status = kernel(
        rows, this.offset, data, nulls, selection, count, this.kind, this.shift, this.shape, this.wanted, start, this.window,
      ); // biome-ignore format: one call
      if (status === 0) return;
      start = status >>> 8;
      if (u32[word + 1] !== 0) this.long.advance(u32[word]!);
      this.long.reserve(u32[word + 2]!);
      u32[word] = this.long.window.cursor;
      u32[word + 1] = this.long.window.limit;
    }
  }

  combine(into: number, from: number, count: number): void {
    const kernel = this.context.kernels.get('agg_extreme_combine');
    kernel(into, from, this.offset, count, this.kind, this.shape, this.wanted);
  }

  finish(rows: number, count: number): Vector {
    const kernel = this.context.kernels.get('agg_finish');
    const any = kernel(this.out.data, this.out.nullsRoom, rows, this.offset, 16, this.shift, count);
    this.out.nulls = any === 0 ? 0 : this.out.nullsRoom;
    return this.out;
  }

  release(): void {
    this.long.release();
  }

  handOver(): readonly number[] {
    return this.long.handOver();
  }
}

function copyFinish(context: AggregateContext, valueOffset: number, shift: number): KernelState['finish'] {
  return (out, rows, offset, count) => {
    const any = context.kernels.get('agg_finish')(out.data, out.nullsRoom, rows, offset, valueOffset, shift, count);
    out.nulls = any === 0 ? 0 : out.nullsRoom;
  };
}

function namedFinish(context: AggregateContext, kernel: string, every?: number): KernelState['finish'] {
  return (out, rows, offset, count) => {
    const run = context.kernels.get(kernel);
    const any =
      every === undefined
        ? run(out.data, out.nullsRoom, rows, offset, count)
        : run(out.data, out.nullsRoom, rows, offset, every, count);
    out.nulls = any === 0 ? 0 : out.nullsRoom;
  };
}

function countFinish(context: AggregateContext): KernelState['finish'] {
  return (out, rows, offset, count) => {
    context.kernels.get('agg_finish')(out.data, out.nullsRoom, rows, offset, 0, 3, count); // a count is never NULL
    out.nulls = 0;
  };
}

/** The kernel state for a call, or null where only the datum states of datum-aggregate.ts can compute it. */
export function kernelState(
  context: AggregateContext,
  definition: AggregateFunction,
  argument: SqlType | null,
  result: SqlType,
): KernelState | null {
  const { state } = definition;
  if (state.kind !== 'vector') return null;
  const combine = 'agg_count_combine';
  switch (state.operation) {
    case 'count-star':
    case 'count':
      return { bytes: 8, update: 'agg_count', combine, finish: countFinish(context) };
    case 'bool-and':
    case 'bool-or': {
      const finish = namedFinish(context, 'agg_finish_bool', state.operation === 'bool-and' ? 1 : 0);
      return { bytes: 16, update: 'agg_sum_bool', combine: 'agg_sum_i32_combine', finish };
    }
    case 'sum':
      return sumState(context, argument!, result);
    case 'avg':
      if (physicalOf(argument!) !== 'f32' && physicalOf(argument!) !== 'f64') return null;
      return {
        bytes: 16,
        update: `agg_sum_${physicalOf(argument!)}`,
        combine: 'agg_sum_f64_combine',
        finish: namedFinish(context, 'agg_finish_average'),
      };
    default:
      return null;
  }
}

function sumState(context: AggregateContext, argument: SqlType, result: SqlType): KernelState | null {
  const physical = physicalOf(argument);
  const target = physicalOf(result);
  switch (physical) {
    case 'i32':
      if (target !== 'i64') return null;
      return { bytes: 16, update: 'agg_sum_i32', combine: 'agg_sum_i32_combine', finish: copyFinish(context, 8, 3) };
    case 'i64':
    case 'i128': {
      const sameScale = (argument.scale ?? 0) === (result.scale ?? 0);
      if (target !== 'i128' || result.name !== 'numeric' || !sameScale) return null;
      return {
        bytes: 32,
        update: `agg_sum_${physical}`,
        combine: 'agg_sum_i64_combine',
        finish: copyFinish(context, 16, 4),
      };
    }
    case 'f32':
    case 'f64': {
      const finish = target === 'f32' ? namedFinish(context, 'agg_finish_f32') : copyFinish(context, 8, 3);
      return { bytes: 16, update: `agg_sum_${physical}`, combine: 'agg_sum_f64_combine', finish };
    }
    case 'interval':
      return {
        bytes: 32,
        update: 'agg_sum_interval',
        combine: 'agg_sum_interval_combine',
        finish: copyFinish(context, 16, 4),
      };
    default:
      return null;
  }
}
