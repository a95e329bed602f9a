// How long the rows of a join's sides can find partners: both sides' event times are tied together by a key (the same window, the same
// time) or by bounds in the condition (right BETWEEN left - x AND left + y). A row whose partners would all be late can be forgotten.
// Rule: with lo <= right - left <= hi, a left row is over when the watermark passes left + hi, a right row when it passes right - lo.
import type { Expression } from '../../plan/expression.ts';
import type { EventTimes } from './event-times.ts';
import type { WindowEnd } from './window-close.ts';

export interface JoinExpiry {
  readonly left: WindowEnd | null;
  readonly right: WindowEnd | null;
}

const DAY_MICROS = 86_400_000_000n;
const CLOCK_CHANGE_MICROS = 7_200_000_000n;

interface Length {
  readonly micros: bigint;
  readonly days: boolean;
}

/** A column of the joined row plus a constant. */
interface Shifted {
  readonly column: number;
  readonly plus: bigint;
  /** a day in it may be longer or shorter, where clocks change */
  readonly days: boolean;
}

export function joinExpiry(
  left: EventTimes,
  right: EventTimes,
  leftKeys: readonly Expression[],
  rightKeys: readonly Expression[],
  condition: Expression | null,
): JoinExpiry {
  for (const [i, key] of leftKeys.entries()) {
    const other = rightKeys[i]!;
    if (key.kind !== 'input' || other.kind !== 'input') continue;
    const role = left.roles[key.index] ?? null;
    if (role === null || role !== right.roles[other.index]) continue;
    if (role === 'start' && left.windowMicros !== right.windowMicros) continue;
    const plusMicros = role === 'end' ? 0n : role === 'start' ? (left.windowMicros ?? null) : 1n;
    if (plusMicros === null) continue;
    return { left: { column: key.index, plusMicros }, right: { column: other.index, plusMicros } };
  }
  return fromBounds(left, right, condition);
}

function fromBounds(left: EventTimes, right: EventTimes, condition: Expression | null): JoinExpiry {
  const width = left.roles.length;
  const isLeft = (column: number) => column < width && left.roles[column] === 'event';
  const isRight = (column: number) => column >= width && right.roles[column - width] === 'event';
  let leftEnd: WindowEnd | null = null;
  let rightEnd: WindowEnd | null = null;
  for (const { small, great } of comparisons(condition)) {
    // small.column + small.plus <= great.column + great.plus
    if (isRight(small.column) && isLeft(great.column)) {
      leftEnd = { column: great.column, plusMicros: distance(small, great) };
    } else if (isLeft(small.column) && isRight(great.column)) {
      rightEnd = { column: great.column - width, plusMicros: distance(small, great) };
    }
  }
  return { left: leftEnd, right: rightEnd };
}

/** Of one side's column `own` (counted over both sides): a column of the other side, plus something, that no partner's `own` lies behind. */
export function latestPartner(
  condition: Expression | null,
  own: number,
  isOther: (column: number) => boolean,
): WindowEnd | null {
  for (const { small, great } of comparisons(condition)) {
    if (small.column === own && isOther(great.column))
      return { column: great.column, plusMicros: distance(small, great) };
  }
  return null;
}

/** How far the smaller may lie behind the greater, and a microsecond. */
function distance(small: Shifted, great: Shifted): bigint {
  return great.plus - small.plus + 1n + (small.days || great.days ? CLOCK_CHANGE_MICROS : 0n);
}

function* comparisons(condition: Expression | null): Generator<{ small: Shifted; great: Shifted }> {
  if (condition === null) return;
  if (condition.kind === 'and') {
    for (const part of condition.args) yield* comparisons(part);
    return;
  }
  if (condition.kind !== 'call' || condition.args.length !== 2) return;
  const operator = /^(<=|>=|<|>|=)\(/.exec(condition.function)?.[1];
  if (operator === undefined) return;
  const pair = shiftedPair(condition.args[0]!, condition.args[1]!);
  if (pair === null) return;
  const [a, b] = pair;
  if (operator !== '>' && operator !== '>=') yield { small: a, great: b };
  if (operator !== '<' && operator !== '<=') yield { small: b, great: a };
}

/** Both sides of a comparison as shifted columns: a + x against b + y, or a - b against a constant. */
function shiftedPair(one: Expression, two: Expression): [Shifted, Shifted] | null {
  const a = shifted(one);
  const b = shifted(two);
  if (a !== null && b !== null) return [a, b];
  const difference = one.kind === 'call' ? columnDifference(one) : null;
  const constant = micros(two);
  if (difference !== null && constant !== null) return [difference[0], later(difference[1], constant)];
  const turned = two.kind === 'call' ? columnDifference(two) : null;
  const first = micros(one);
  if (turned === null || first === null) return null;
  return [later(turned[1], first), turned[0]];
}

function later(shift: Shifted, { micros, days }: Length, sign = 1n): Shifted {
  return { ...shift, plus: shift.plus + sign * micros, days: shift.days || days };
}

function columnDifference(call: Extract<Expression, { kind: 'call' }>): [Shifted, Shifted] | null {
  if (!/^-\(timestamp(tz)?,timestamp(tz)?\)$/.test(call.function)) return null;
  const a = shifted(call.args[0]!);
  const b = shifted(call.args[1]!);
  return a === null || b === null ? null : [a, b];
}

function shifted(expression: Expression): Shifted | null {
  if (expression.kind === 'input') return { column: expression.index, plus: 0n, days: false };
  if (expression.kind !== 'call') return null;
  const operator = /^([+-])\((timestamp(tz)?,interval|interval,timestamp(tz)?)\)$/.exec(expression.function)?.[1];
  if (operator === undefined) return null;
  const time = expression.args.map(shifted).find((one) => one !== null);
  const constant = expression.args.map(micros).find((one) => one !== null);
  if (time === undefined || constant === undefined || time === null || constant === null) return null;
  return later(time, constant, operator === '+' ? 1n : -1n);
}

/** An interval constant without months, which have no fixed length. */
function micros(expression: Expression): Length | null {
  if (expression.kind !== 'constant') return null;
  const { value } = expression;
  if (value === null || typeof value !== 'object' || !('kind' in value) || value.kind !== 'interval') return null;
  if (value.months !== 0) return null;
  return { micros: BigInt(value.days) * DAY_MICROS + value.micros, days: value.days !== 0 };
}
