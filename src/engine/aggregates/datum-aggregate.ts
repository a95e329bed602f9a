// Aggregates whose results are made from JavaScript values: quotients and variances of exact numbers (their moments are summed by
// kernels where the values fit 64 bits; sums of variable numerics: numeric-sum.ts), and collecting aggregates (array_agg, string_agg, percentiles),
// whose argument rows are kept in a row store chained by group.
import { allocateVector, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import type { AggregateFunction, EvaluationContext } from '../../functions/function-definition.ts';
import { type Datum, type Decimal, decimal, type Interval } from '../../types/datum.ts';
import { divideInterval } from '../../types/interval-arithmetic.ts';
import { physicalOf, type SqlType } from '../../types/sql-type.ts';
import { compareDatumRows, type DatumOrder } from '../rows/datum-order.ts';
import { rowLayout } from '../rows/row-layout.ts';
import { RowReader, RowStore } from '../rows/row-store.ts';
import type { AggregateContext, AggregateState, KernelState } from './aggregate-state.ts';
import {
  addDecimal,
  decimalVariance,
  divideDecimal,
  multiplyDecimal,
  type VarianceVariant,
} from './decimal-arithmetic.ts';
import { type Pause, sortInPieces } from './sort-in-pieces.ts';

/** Count, sum and (variance) sum of squares of one group. */
interface Moments {
  count: bigint;
  sum: Decimal;
  squares: Decimal;
}

export type FinishMoments = (moments: Moments) => Datum | null;

export function momentsFinish(definition: AggregateFunction, result: SqlType): FinishMoments {
  const operation = definition.state.kind === 'vector' ? definition.state.operation : 'sum';
  if (operation === 'variance') {
    const variant = (definition.variant ?? definition.name) as VarianceVariant;
    return ({ count, sum, squares }) => decimalVariance(count, sum, squares, variant);
  }
  const average = operation === 'avg';
  return ({ count, sum }) => {
    if (count === 0n) return null;
    if (result.name === 'int8') return sum.coefficient;
    if (!average || sum.special !== undefined) return sum;
    return divideDecimal(sum, decimal(count, 0));
  };
}

/** Moments summed by kernels over i32 and i64 (sum: also i128) values, finished exactly. */
export function momentsState(
  context: AggregateContext,
  definition: AggregateFunction,
  argument: SqlType,
  result: SqlType,
): KernelState | null {
  const physical = physicalOf(argument);
  const operation = definition.state.kind === 'vector' ? definition.state.operation : '';
  const scale = argument.scale ?? 0;
  const { memory } = context;
  const finishOf = momentsFinish(definition, result);
  const wide = (at: number) => (memory.i64[at / 8 + 1]! << 64n) | BigInt.asUintN(64, memory.i64[at / 8]!);
  const write = (read: (state: number) => Moments): KernelState['finish'] => {
    return (out, rows, offset, count) => {
      for (let i = 0; i < count; i++) {
        const state = memory.u32[(rows >>> 2) + i]! + offset;
        writeDatum(memory, out, i, finishOf(read(state)), context.heap);
      }
    };
  };
  const none = decimal(0n, 0);
  if (operation === 'variance') {
    if (physical !== 'i32' && physical !== 'i64') return null;
    const finish = write((state) => ({
      count: memory.i64[state / 8]!,
      sum: decimal(wide(state + 16), scale),
      squares: decimal(wide(state + 32), scale * 2),
    }));
    return { bytes: 48, update: `agg_moments_${physical}`, combine: 'agg_moments_combine', finish };
  }
  if (physical === 'i32') {
    const finish = write((state) => ({
      count: memory.i64[state / 8]!,
      sum: decimal(memory.i64[state / 8 + 1]!, 0),
      squares: none,
    }));
    return { bytes: 16, update: 'agg_sum_i32', combine: 'agg_sum_i32_combine', finish };
  }
  if (physical !== 'i64' && physical !== 'i128') return null;
  const finish = write((state) => ({
    count: memory.i64[state / 8]!,
    sum: decimal(wide(state + 16), scale),
    squares: none,
  }));
  return { bytes: 32, update: `agg_sum_${physical}`, combine: 'agg_sum_i64_combine', finish };
}

/** Float variance from {f64 n, f64 sum, f64 squared deviations}; average of intervals. */
export function floatVarianceState(
  context: AggregateContext,
  definition: AggregateFunction,
  argument: SqlType,
): KernelState {
  const { memory, heap } = context;
  const variant = definition.variant ?? definition.name;
  const finish: KernelState['finish'] = (out, rows, offset, count) => {
    for (let i = 0; i < count; i++) {
      const at = (memory.u32[(rows >>> 2) + i]! + offset) / 8;
      const n = memory.f64[at]!;
      const divisor = variant.endsWith('samp') ? n - 1 : n;
      const variance = memory.f64[at + 2]! / divisor;
      writeDatum(
        memory,
        out,
        i,
        divisor <= 0 ? null : variant.startsWith('stddev') ? Math.sqrt(variance) : variance,
        heap,
      );
    }
  };
  return { bytes: 24, update: `agg_variance_${physicalOf(argument)}`, combine: 'agg_variance_f64_combine', finish };
}

/** avg(interval): the sum divided as / does it. */
export function intervalAverageState(context: AggregateContext): KernelState {
  const { memory, heap } = context;
  const finish: KernelState['finish'] = (out, rows, offset, count) => {
    for (let i = 0; i < count; i++) {
      const at = memory.u32[(rows >>> 2) + i]! + offset;
      const n = Number(memory.i64[at / 8]!);
      if (n === 0) {
        writeDatum(memory, out, i, null, heap);
        continue;
      }
      const sum: Interval = {
        kind: 'interval',
        months: memory.i32[(at + 28) >>> 2]!,
        days: memory.i32[(at + 24) >>> 2]!,
        micros: memory.i64[at / 8 + 2]!,
      };
      writeDatum(memory, out, i, divideInterval(sum, n), heap);
    }
  };
  return { bytes: 32, update: 'agg_sum_interval', combine: 'agg_sum_interval_combine', finish };
}

/** Variances of variable and wide numerics, by moments in JavaScript objects; the state is {u32 index + 1}. */
export class ObjectMoments implements AggregateState {
  readonly bytes = 8;
  readonly type: SqlType;
  readonly combines = false;
  private readonly context: AggregateContext;
  private readonly offset: number;
  private readonly finishOf: FinishMoments;
  private readonly groups: Moments[] = [];
  private readonly out: OwnedVector;

  constructor(context: AggregateContext, definition: AggregateFunction, type: SqlType, offset: number) {
    this.context = context;
    this.type = type;
    this.offset = offset;
    this.finishOf = momentsFinish(definition, type);
    this.out = allocateVector(context.region, type);
  }

  private group(state: number): Moments {
    const { u32 } = this.context.memory;
    const index = u32[state >>> 2]!;
    if (index !== 0) return this.groups[index - 1]!;
    const fresh = { count: 0n, sum: decimal(0n, 0), squares: decimal(0n, 0) };
    u32[state >>> 2] = this.groups.push(fresh);
    return fresh;
  }

  update(rows: number, args: readonly Vector[], selection: number, count: number, weights: number): void {
    const { memory } = this.context;
    for (let i = 0; i < count; i++) {
      const index = selection === 0 ? i : memory.u32[(selection >>> 2) + i]!;
      const value = readDatum(memory, args[0]!, index) as Decimal | null;
      if (value === null) continue;
      const weight = weights === 0 ? 1n : memory.i64[weights / 8 + index]!;
      const group = this.group(memory.u32[(rows >>> 2) + index]! + this.offset);
      const times = (each: Decimal) =>
        weight === 1n || each.special !== undefined ? each : decimal(each.coefficient * weight, each.scale);
      group.count += weight;
      group.sum = addDecimal(group.sum, times(value));
      if (value.special !== undefined) continue;
      group.squares = addDecimal(group.squares, times(multiplyDecimal(value, value)));
    }
  }

  combine(): void {
    throw new Error('object states stay in their thread');
  }

  finish(rows: number, count: number): Vector {
    const { memory, heap } = this.context;
    this.out.nulls = 0;
    for (let i = 0; i < count; i++) {
      const index = memory.u32[(memory.u32[(rows >>> 2) + i]! + this.offset) >>> 2]!;
      const empty = { count: 0n, sum: decimal(0n, 0), squares: decimal(0n, 0) };
      writeDatum(memory, this.out, i, this.finishOf(index === 0 ? empty : this.groups[index - 1]!), heap);
    }
    return this.out;
  }

  release(): void {
    this.groups.length = 0;
  }
}

/** Keeps every argument row, chained by group in arrival order; `finish` orders them and calls the function. */
export class CollectAggregate implements AggregateState {
  readonly bytes = 8;
  readonly type: SqlType;
  readonly combines = false;
  private readonly context: AggregateContext;
  private readonly offset: number;
  private readonly argTypes: readonly SqlType[];
  private readonly order: readonly DatumOrder[];
  private readonly definition: AggregateFunction;
  private readonly evaluation: EvaluationContext;
  private readonly store: RowStore;
  private readonly reader: RowReader;
  private readonly list: number;
  private readonly out: OwnedVector;

  /** Vectors given to update: the arguments, then the sort keys that `order` describes. */
  constructor(
    context: AggregateContext,
    definition: AggregateFunction,
    type: SqlType,
    offset: number,
    argTypes: readonly SqlType[],
    order: readonly DatumOrder[],
    evaluation: EvaluationContext,
  ) {
    this.context = context;
    this.definition = definition;
    this.type = type;
    this.offset = offset;
    this.argTypes = argTypes;
    this.order = order;
    this.evaluation = evaluation;
    this.store = new RowStore(context, rowLayout([...argTypes, ...order.map((key) => key.type)]));
    this.reader = new RowReader(context, context.region, this.store.layout);
    this.list = context.region.allocate(8192);
    this.out = allocateVector(context.region, type);
  }

  update(rows: number, args: readonly Vector[], selection: number, count: number): void {
    const made = this.store.append(args, selection, count);
    this.context.kernels.get('agg_collect')(rows, this.offset, made, selection, count);
  }

  combine(): void {
    throw new Error('collected rows stay in their thread');
  }

  finish(rows: number, count: number): Vector {
    this.out.nulls = 0;
    for (let i = 0; i < count; i++) {
      const collected: (Datum | null)[][] = [];
      for (let row = this.first(rows, i); row !== 0; ) row = this.collect(row, collected);
      collected.sort(this.compare);
      this.write(i, collected);
    }
    return this.out;
  }

  async finishInPieces(rows: number, count: number, pause: Pause): Promise<Vector> {
    this.out.nulls = 0;
    for (let i = 0; i < count; i++) {
      const collected: (Datum | null)[][] = [];
      for (let row = this.first(rows, i); row !== 0; ) {
        row = this.collect(row, collected);
        const paused = pause();
        if (paused !== undefined) await paused;
      }
      this.write(i, this.order.length === 0 ? collected : await sortInPieces(collected, this.compare, pause));
    }
    return this.out;
  }

  private readonly compare = (a: readonly (Datum | null)[], b: readonly (Datum | null)[]) =>
    compareDatumRows(a, b, this.order, this.argTypes.length);

  private write(at: number, collected: (Datum | null)[][]): void {
    const { memory, heap } = this.context;
    const { state } = this.definition;
    if (state.kind !== 'collect') throw new Error(`${this.definition.id} does not collect`);
    const values = this.order.length === 0 ? collected : collected.map((row) => row.slice(0, this.argTypes.length));
    writeDatum(memory, this.out, at, state.finish(values, this.evaluation, this.argTypes), heap);
  }

  /** The first collected row of the group at position `i`, 0: none. */
  private first(rows: number, i: number): number {
    const { memory } = this.context;
    return memory.u32[(memory.u32[(rows >>> 2) + i]! + this.offset) >>> 2]!;
  }

  /** Adds up to 2,048 rows from `first` on. Returns the one after them, 0 at the end. */
  private collect(first: number, into: (Datum | null)[][]): number {
    const { memory } = this.context;
    let row = first;
    let count = 0;
    for (; row !== 0 && count < 2048; row = memory.u32[(row + 4) >>> 2]!) {
      memory.u32[(this.list >>> 2) + count++] = row;
    }
    const vectors = this.reader.gather(this.list, 0, count);
    for (let i = 0; i < count; i++) into.push(vectors.map((vector) => readDatum(memory, vector, i)));
    return row;
  }

  release(): void {
    this.store.release();
  }
}
