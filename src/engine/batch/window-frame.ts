// Frames: for each position of the sorted rows the range [start, end) of positions its window function sees, by ROWS, GROUPS or RANGE
// bounds. Frames with EXCLUDE are ranges with a hole.
import { readDatum } from '../../columns/datum-vector.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { FrameBound } from '../../plan/logical.ts';
import type { Datum } from '../../types/datum.ts';
import { compileExpression } from '../expressions/compile-expression.ts';
import { expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { isNegative, RangeKeys } from './range-keys.ts';
import type { WindowPlan, WindowRows } from './window.ts';

export class FrameFinder {
  private readonly plan: WindowPlan;
  private readonly rows: WindowRows;
  /** rows or groups, 0 for bounds without an offset */
  private readonly startOffset: number;
  private readonly endOffset: number;
  /** of RANGE with offsets */
  private readonly range: RangeKeys | null;
  start = 0;
  end = 0;
  /** positions left out: [holeStart, holeEnd), and with TIES the row itself is inside after all */
  holeStart = 0;
  holeEnd = 0;

  constructor(plan: WindowPlan, rows: WindowRows, context: RunContext) {
    this.plan = plan;
    this.rows = rows;
    const { start, end, mode } = plan.frame;
    const offsets = [offsetOf(start, 'starting', context), offsetOf(end, 'ending', context)];
    const isRange = mode === 'range' && offsets.some((offset) => offset !== null);
    this.range = isRange ? new RangeKeys(rows, plan.orderBy[0]!.descending, offsets, context) : null;
    [this.startOffset, this.endOffset] = isRange ? [0, 0] : (offsets.map(Number) as [number, number]);
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
        if (this.range !== null) return this.range.bound(at, isStart, bound.kind === 'preceding', low, high);
        const signed = bound.kind === 'preceding' ? -offset : offset;
        if (this.plan.frame.mode === 'rows') return at + signed + (isStart ? 0 : 1);
        return this.groupBound(at, signed, low, high, isStart);
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
}

/** The offset of a bound; null: it has none. */
function offsetOf(bound: FrameBound, name: string, context: RunContext): Datum | null {
  if (bound.kind !== 'preceding' && bound.kind !== 'following') return null;
  using own = new OperatorMemory(context);
  const nothing = { columns: [], count: 1, selection: 0, weights: 0 };
  const vector = compileExpression(bound.offset, expressionContext(context, own)).evaluate(nothing, 0, 1);
  const value = readDatum(context.memory, vector, 0);
  if (value === null) throw sqlError('null_value_not_allowed', `frame ${name} offset must not be null`);
  if (isNegative(value)) {
    throw sqlError('invalid_preceding_or_following_size', `frame ${name} offset must not be negative`);
  }
  return value;
}
