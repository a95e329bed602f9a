// Frames: for each position of the sorted rows the range [start, end) of positions its window function sees, by ROWS, GROUPS or RANGE
// bounds. Frames with EXCLUDE are ranges with a hole.
import { readDatum } from '../../columns/datum-vector.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { FrameBound } from '../../plan/logical.ts';
import type { Datum, Decimal, Interval } from '../../types/datum.ts';
import { compileExpression } from '../expressions/compile-expression.ts';
import { RowReader } from '../rows/row-store.ts';
import { rowContext } from './aggregate-calls.ts';
import { expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import type { WindowPlan, WindowRows } from './window.ts';

const DAY_MICROS = 86_400_000_000;

export class FrameFinder {
  private readonly plan: WindowPlan;
  private readonly rows: WindowRows;
  private readonly startOffset: number;
  private readonly endOffset: number;
  /** RANGE with offsets: the order key of each position as a number, NaN for NULL */
  private readonly keys: Float64Array | null;
  start = 0;
  end = 0;
  /** positions left out: [holeStart, holeEnd), and with TIES the row itself is inside after all */
  holeStart = 0;
  holeEnd = 0;

  constructor(plan: WindowPlan, rows: WindowRows, context: RunContext) {
    this.plan = plan;
    this.rows = rows;
    const { start, end, mode } = plan.frame;
    this.startOffset = offsetOf(start, 'starting', context);
    this.endOffset = offsetOf(end, 'ending', context);
    const offsets =
      start.kind === 'preceding' || start.kind === 'following' || end.kind === 'preceding' || end.kind === 'following';
    this.keys = mode === 'range' && offsets ? orderKeys(rows, context) : null;
  }

  get excludes(): boolean {
    return this.plan.frame.exclude !== 'no others';
  }

  /** Sets start, end and the hole for a position. */
  find(at: number): void {
    const { frame } = this.plan;
    const low = this.rows.partitionStart[at]!;
    const high = this.rows.partitionEnd[at]!;
    this.start = Math.min(high, Math.max(low, this.bound(frame.start, this.startOffset, at, low, high, true)));
    this.end = Math.max(this.start, Math.min(high, this.bound(frame.end, this.endOffset, at, low, high, false)));
    const isGroup = frame.exclude === 'group' || frame.exclude === 'ties';
    this.holeStart = frame.exclude === 'no others' ? 0 : isGroup ? this.rows.peerStart[at]! : at;
    this.holeEnd = frame.exclude === 'no others' ? 0 : isGroup ? this.rows.peerEnd[at]! : at + 1;
  }

  /** Whether a position inside [start, end) belongs to the frame of `at`. */
  includes(position: number, at: number): boolean {
    if (position < this.holeStart || position >= this.holeEnd) return true;
    return this.plan.frame.exclude === 'ties' && position === at;
  }

  private bound(bound: FrameBound, offset: number, at: number, low: number, high: number, isStart: boolean): number {
    const { peerStart, peerEnd } = this.rows;
    switch (bound.kind) {
      case 'unbounded-preceding':
        return low;
      case 'unbounded-following':
        return high;
      case 'current-row':
        if (this.plan.frame.mode === 'rows') return isStart ? at : at + 1;
        return isStart ? peerStart[at]! : peerEnd[at]!;
      default: {
        const signed = bound.kind === 'preceding' ? -offset : offset;
        if (this.plan.frame.mode === 'rows') return at + signed + (isStart ? 0 : 1);
        if (this.plan.frame.mode === 'groups') return this.groupBound(at, signed, low, high, isStart);
        return this.rangeBound(at, signed, low, high, isStart);
      }
    }
  }

  private groupBound(at: number, groups: number, low: number, high: number, isStart: boolean): number {
    const { peerStart, peerEnd } = this.rows;
    let first = peerStart[at]!;
    let left = groups;
    for (; left < 0; left++) {
      if (first === low) return low;
      first = peerStart[first - 1]!;
    }
    for (; left > 0; left--) {
      if (peerEnd[first]! >= high) return high;
      first = peerEnd[first]!;
    }
    return isStart ? first : peerEnd[first]!;
  }

  private rangeBound(at: number, offset: number, low: number, high: number, isStart: boolean): number {
    const keys = this.keys!;
    const { peerStart, peerEnd } = this.rows;
    if (Number.isNaN(keys[at]!)) return isStart ? peerStart[at]! : peerEnd[at]!;
    const sign = this.plan.orderBy[0]!.descending ? -1 : 1;
    let from = low;
    let to = high;
    while (from < to && Number.isNaN(keys[from]!)) from = peerEnd[from]!;
    while (to > from && Number.isNaN(keys[to - 1]!)) to = peerStart[to - 1]!;
    const wanted = keys[at]! * sign + offset;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const key = keys[middle]! * sign;
      if (isStart ? key < wanted : key <= wanted) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function offsetOf(bound: FrameBound, name: string, context: RunContext): number {
  if (bound.kind !== 'preceding' && bound.kind !== 'following') return 0;
  using own = new OperatorMemory(context);
  const nothing = { columns: [], count: 1, selection: 0, weights: 0 };
  const vector = compileExpression(bound.offset, expressionContext(context, own)).evaluate(nothing, 0, 1);
  const value = readDatum(context.memory, vector, 0);
  if (value === null) throw sqlError('null_value_not_allowed', `frame ${name} offset must not be null`);
  const number = asNumber(value);
  if (number < 0) throw sqlError('invalid_preceding_or_following_size', `frame ${name} offset must not be negative`);
  return number;
}

/** Keys and offsets on one scale; differences of microsecond timestamps and of numbers up to 2^53 are exact. */
function asNumber(value: Datum): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object' && 'kind' in value && value.kind === 'decimal') return decimalNumber(value);
  if (typeof value === 'object' && 'kind' in value && value.kind === 'interval') return intervalNumber(value);
  throw sqlError(
    'feature_not_supported',
    'RANGE with offset PRECEDING/FOLLOWING is not supported for this column type',
  );
}

function decimalNumber(value: Decimal): number {
  return Number(`${value.coefficient}e-${value.scale}`);
}

function intervalNumber(value: Interval): number {
  if (value.months !== 0) {
    throw sqlError('feature_not_supported', 'RANGE with an offset in months is not supported', {
      hint: 'Use an offset in days or smaller units.',
    });
  }
  return Number(value.micros) + value.days * DAY_MICROS;
}

function orderKeys(rows: WindowRows, context: RunContext): Float64Array {
  const keys = new Float64Array(rows.total);
  using own = new OperatorMemory(context);
  const reader = new RowReader(rowContext(context), own.region, rows.input.keyed.layout, [rows.orderColumn!]);
  for (let from = 0; from < rows.total; from += 2048) {
    const count = Math.min(2048, rows.total - from);
    const [vector] = reader.gather(rows.rows + from * 4, 0, count);
    const isDate = vector!.type.name === 'date';
    for (let i = 0; i < count; i++) {
      const value = readDatum(context.memory, vector!, i);
      keys[from + i] = value === null ? Number.NaN : asNumber(value) * (isDate ? DAY_MICROS : 1);
    }
  }
  return keys;
}
