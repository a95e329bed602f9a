// Ranking and value functions. Ranking writes numbers from the boundaries; value functions (lag, lead, first_value, last_value,
// nth_value) choose another row's address for each position (0 = NULL) and gather the argument from it.
import { allocateVector, BATCH_ROWS, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { RowReader } from '../rows/row-store.ts';
import { rowContext } from './aggregate-calls.ts';
import type { OperatorMemory, RunContext } from './batch-context.ts';
import type { WindowPlan, WindowRows, WindowRunner } from './window.ts';
import { FrameFinder } from './window-frame.ts';

export class WindowFunctionRunner implements WindowRunner {
  private readonly rows: WindowRows;
  private readonly context: RunContext;
  private readonly own: OperatorMemory;
  private readonly name: string;
  private readonly ignoresNulls: boolean;
  private readonly out: OwnedVector;
  private readonly args: RowReader;
  private readonly list: number;
  private readonly picked: RowReader | null;
  private readonly frames: FrameFinder;
  private readonly valueNull: number;
  private denseAt = -1;
  private dense = 0;

  constructor(plan: WindowPlan, call: number, rows: WindowRows, context: RunContext, own: OperatorMemory) {
    const { args, type, function: id, ignoreNulls } = plan.calls[call]!;
    this.rows = rows;
    this.context = context;
    this.own = own;
    this.name = context.functions.windowFunction(id).name;
    this.ignoresNulls = ignoreNulls;
    this.out = allocateVector(own.region, type);
    const { layout } = rows.keyed;
    const places = args.map((_, i) => rows.argument(call, i));
    this.args = new RowReader(rowContext(context), own.region, layout, places.slice(1));
    this.picked =
      places.length === 0 ? null : new RowReader(rowContext(context), own.region, layout, places.slice(0, 1));
    this.valueNull = places.length === 0 ? 0 : layout.columns[places[0]!]!.nullOffset;
    this.list = own.region.allocate(BATCH_ROWS * 4);
    this.frames = new FrameFinder(plan, rows, context);
  }

  compute(from: number, count: number): Vector {
    const { rows } = this;
    switch (this.name) {
      case 'row_number':
        return this.integers(from, count, (at) => at - rows.partitionStart[at]! + 1);
      case 'rank':
        return this.integers(from, count, (at) => rows.peerStart[at]! - rows.partitionStart[at]! + 1);
      case 'dense_rank':
        return this.integers(from, count, (at) => this.denseRank(at));
      case 'percent_rank':
        return this.floats(from, count, (at) => {
          const size = rows.partitionEnd[at]! - rows.partitionStart[at]!;
          return size === 1 ? 0 : (rows.peerStart[at]! - rows.partitionStart[at]!) / (size - 1);
        });
      case 'cume_dist':
        return this.floats(from, count, (at) => {
          const first = rows.partitionStart[at]!;
          return (rows.peerEnd[at]! - first) / (rows.partitionEnd[at]! - first);
        });
      case 'ntile':
        return this.ntile(from, count);
      case 'lag':
      case 'lead':
        return this.shifted(from, count, this.name === 'lag' ? -1 : 1);
      default:
        return this.framed(from, count);
    }
  }

  private integers(from: number, count: number, value: (at: number) => number): Vector {
    const { i32, u32 } = this.context.memory;
    const { data, physical } = this.out;
    for (let i = 0; i < count; i++) {
      const number = value(from + i);
      if (physical === 'i32') {
        i32[(data >>> 2) + i] = number;
        continue;
      }
      u32[(data >>> 2) + i * 2] = number;
      u32[(data >>> 2) + i * 2 + 1] = 0;
    }
    return this.out;
  }

  private floats(from: number, count: number, value: (at: number) => number): Vector {
    for (let i = 0; i < count; i++) this.context.memory.f64[this.out.data / 8 + i] = value(from + i);
    return this.out;
  }

  /** Positions are asked for in ascending order. */
  private denseRank(at: number): number {
    if (this.rows.partitionStart[at] === at) this.dense = 1;
    else if (this.rows.peerStart[at] === at && at !== this.denseAt) this.dense++;
    this.denseAt = at;
    return this.dense;
  }

  private ntile(from: number, count: number): Vector {
    const { memory } = this.context;
    const [buckets] = this.bucketArgument(from, count);
    this.out.nulls = 0;
    for (let i = 0; i < count; i++) {
      const at = from + i;
      const wanted = readDatum(memory, buckets!, i) as number | null;
      if (wanted !== null && wanted <= 0) {
        throw sqlError('invalid_argument_for_ntile_function', 'argument of ntile must be greater than zero');
      }
      const first = this.rows.partitionStart[at]!;
      const size = this.rows.partitionEnd[at]! - first;
      writeDatum(memory, this.out, i, wanted === null ? null : bucketOf(at - first, size, wanted), this.own.heap);
    }
    return this.out;
  }

  private bucketArgument(from: number, count: number): readonly Vector[] {
    return this.picked!.gather(this.rows.rows + from * 4, 0, count);
  }

  private shifted(from: number, count: number, direction: number): Vector {
    const { memory } = this.context;
    const [offsets, defaults] = this.args.gather(this.rows.rows + from * 4, 0, count);
    const missing: number[] = [];
    for (let i = 0; i < count; i++) {
      const at = from + i;
      const offset = offsets === undefined ? 1 : (readDatum(memory, offsets, i) as number | null);
      const target = offset === null ? -1 : this.shiftTarget(at, offset * direction);
      if (target < 0 && offset !== null) missing.push(i);
      memory.u32[(this.list >>> 2) + i] = target < 0 ? 0 : memory.u32[(this.rows.rows >>> 2) + target]!;
    }
    const [vector] = this.picked!.gather(this.list, 0, count) as readonly [OwnedVector];
    if (defaults === undefined) return vector;
    for (const i of missing) writeDatum(memory, vector, i, readDatum(memory, defaults, i), this.own.heap);
    return vector;
  }

  /** The position `steps` away inside the partition, or -1. IGNORE NULLS counts only rows with a value. */
  private shiftTarget(at: number, steps: number): number {
    const low = this.rows.partitionStart[at]!;
    const high = this.rows.partitionEnd[at]!;
    if (!this.ignoresNulls || steps === 0) {
      const target = at + steps;
      return target >= low && target < high ? target : -1;
    }
    const direction = steps < 0 ? -1 : 1;
    let left = Math.abs(steps);
    for (let position = at + direction; position >= low && position < high; position += direction) {
      if (!this.isNull(position) && --left === 0) return position;
    }
    return -1;
  }

  private isNull(position: number): boolean {
    const { memory } = this.context;
    return memory.u8[memory.u32[(this.rows.rows >>> 2) + position]! + this.valueNull] !== 0;
  }

  private framed(from: number, count: number): Vector {
    const { memory } = this.context;
    const nths = this.name === 'nth_value' ? this.args.gather(this.rows.rows + from * 4, 0, count)[0]! : null;
    for (let i = 0; i < count; i++) {
      const nth = nths === null ? 1 : (readDatum(memory, nths, i) as number | null);
      if (nth !== null && nth <= 0) {
        throw sqlError('invalid_argument_for_nth_value_function', 'argument of nth_value must be greater than zero');
      }
      const target = nth === null ? -1 : this.frameTarget(from + i, nth);
      memory.u32[(this.list >>> 2) + i] = target < 0 ? 0 : memory.u32[(this.rows.rows >>> 2) + target]!;
    }
    return this.picked!.gather(this.list, 0, count)[0]!;
  }

  private frameTarget(at: number, nth: number): number {
    this.frames.find(at);
    const { start, end } = this.frames;
    const isLast = this.name === 'last_value';
    if (!this.frames.excludes && !this.ignoresNulls) {
      const target = isLast ? end - 1 : start + nth - 1;
      return target >= start && target < end ? target : -1;
    }
    let left = nth;
    const direction = isLast ? -1 : 1;
    for (let position = isLast ? end - 1 : start; position >= start && position < end; position += direction) {
      if (!this.frames.includes(position, at) || (this.ignoresNulls && this.isNull(position))) continue;
      if (--left === 0) return position;
    }
    return -1;
  }

  release(): void {}
}

/** 1-based bucket of the `index`-th of `size` rows; the first size % buckets ones hold a row more. */
function bucketOf(index: number, size: number, buckets: number): number {
  const small = Math.floor(size / buckets);
  const large = size % buckets;
  const inLarge = large * (small + 1);
  return index < inLarge ? Math.floor(index / (small + 1)) + 1 : large + Math.floor((index - inLarge) / small) + 1;
}
