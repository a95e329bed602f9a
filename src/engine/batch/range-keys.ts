// Keys of RANGE frames with offsets: the order key of each position, and where the keys begin that lie an offset before or behind it. Numerics
// and int8 are integers of one scale, as doubles where these hold them and their sums, else as bigints; floats are added as PostgreSQL adds
// them; dates and timestamps are microseconds.
import { readDatum } from '../../columns/datum-vector.ts';
import { coefficientAt } from '../../columns/numeric-bytes.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { type Datum, type Decimal, decimal, type Interval } from '../../types/datum.ts';
import { RowReader } from '../rows/row-store.ts';
import { rowContext } from './aggregate-calls.ts';
import { OperatorMemory, type RunContext } from './batch-context.ts';
import type { WindowRows } from './window.ts';

const DAY_MICROS = 86_400_000_000;
const MAX_EXACT = 2n ** 53n;

/** Infinities are numbers, whatever the finite keys are; NaN stands for NULL and for NaN, which are in the range of their peers only. */
type Key = number | bigint;

export class RangeKeys {
  private readonly keys: Float64Array | readonly Key[];
  private readonly rows: WindowRows;
  private readonly sign: 1 | -1;
  /** offsets of the frame's bounds on the scale of the keys */
  private readonly offsets: readonly Key[];

  /** `offsets`: of the frame's start and end, null where they have none. */
  constructor(rows: WindowRows, descending: boolean, offsets: readonly (Datum | null)[], context: RunContext) {
    this.rows = rows;
    this.sign = descending ? -1 : 1;
    const { isExact, values } = orderValues(rows, context);
    if (!isExact) {
      this.keys = Float64Array.from(values, (value) => (value === null ? Number.NaN : asNumber(value)));
      this.offsets = offsets.map((offset) => (offset === null ? 0 : asNumber(offset)));
      return;
    }
    const scale = [...values, ...offsets].reduce((most: number, value) => Math.max(most, scaleOf(value)), 0);
    const keys = values.map((value) => (value === null ? Number.NaN : scaled(value, scale)));
    const steps = offsets.map((offset) => (offset === null ? 0n : scaled(offset, scale)));
    const fits = (list: readonly Key[]) =>
      list.every((key) => typeof key === 'number' || (key < MAX_EXACT / 2n && key > -MAX_EXACT / 2n));
    const isSmall = fits(keys) && fits(steps);
    this.keys = isSmall ? Float64Array.from(keys, Number) : keys;
    this.offsets = isSmall ? steps.map(Number) : steps;
  }

  /** First position of [low, high) whose key is not before (start) or is behind (end) that of `at` moved by the offset of this bound. */
  bound(at: number, isStart: boolean, preceding: boolean, low: number, high: number): number {
    const { keys, sign } = this;
    const { peerStart, peerEnd } = this.rows;
    const own = keys[at]!;
    if (Number.isNaN(own)) return isStart ? peerStart[at]! : peerEnd[at]!;
    let from = low;
    let to = high;
    while (from < to && Number.isNaN(keys[from]!)) from = peerEnd[from]!;
    while (to > from && Number.isNaN(keys[to - 1]!)) to = peerStart[to - 1]!;
    const wanted = moved(own, this.offsets[isStart ? 0 : 1]!, preceding === (sign === 1));
    while (from < to) {
      const middle = (from + to) >>> 1;
      const key = keys[middle]!;
      const isBefore = sign === 1 ? key < wanted : key > wanted;
      if (isBefore || (!isStart && key === wanted)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function moved(key: Key, offset: Key, back: boolean): Key {
  if (typeof key === 'bigint' && typeof offset === 'bigint') return back ? key - offset : key + offset;
  return back ? Number(key) - Number(offset) : Number(key) + Number(offset);
}

function scaleOf(value: Datum | null): number {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'decimal' ? value.scale : 0;
}

/** A number as an integer of this scale; NaN and infinities stay. */
function scaled(value: Datum, scale: number): Key {
  const exact = typeof value === 'object' ? (value as Decimal) : decimal(BigInt(value as number | bigint), 0);
  return exact.special === undefined ? coefficientAt(exact, scale) : Number(exact.special);
}

/** Whether an offset is less than nothing. */
export function isNegative(offset: Datum): boolean {
  return asNumber(offset) < 0;
}

/** Days of dates count as microseconds, so that they go with intervals. */
function asNumber(value: Datum): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object' && 'kind' in value && value.kind === 'decimal') {
    return value.special === undefined ? Number(`${value.coefficient}e-${value.scale}`) : Number(value.special);
  }
  if (typeof value === 'object' && 'kind' in value && value.kind === 'interval') return intervalNumber(value);
  throw sqlError(
    'feature_not_supported',
    'RANGE with offset PRECEDING/FOLLOWING is not supported for this column type',
  );
}

function intervalNumber(value: Interval): number {
  if (value.months !== 0) {
    throw sqlError('feature_not_supported', 'RANGE with an offset in months is not supported', {
      hint: 'Use an offset in days or smaller units.',
    });
  }
  return Number(value.micros) + value.days * DAY_MICROS;
}

function orderValues(rows: WindowRows, context: RunContext): { isExact: boolean; values: (Datum | null)[] } {
  const values: (Datum | null)[] = [];
  using own = new OperatorMemory(context);
  const reader = new RowReader(rowContext(context), own.region, rows.keyed.layout, [rows.orderColumn!]);
  const { name } = reader.vectors[0]!.type;
  for (let from = 0; from < rows.total; from += 2048) {
    const count = Math.min(2048, rows.total - from);
    const [vector] = reader.gather(rows.rows + from * 4, 0, count);
    for (let i = 0; i < count; i++) {
      const value = readDatum(context.memory, vector!, i);
      values.push(name === 'date' && value !== null ? (value as number) * DAY_MICROS : value);
    }
  }
  return { isExact: name === 'numeric' || name === 'int8', values };
}
