// (a, b) OVERLAPS (c, d): two periods given by their ends, or by a start and a length. The ends may come in either order, and an
// unknown end leaves the answer open only where it matters (SQL's rules).
import type { Datum, Interval } from '../../types/datum.ts';
import { type BodyFor, fn, row } from '../define.ts';
import type { EvaluationContext, ScalarFunction } from '../function-definition.ts';
import { addInterval, addIntervalInZone, withinDay } from './time-arithmetic.ts';

type Moment = bigint | null;

/** The ends in order; a start that is unknown is taken from the other end. */
function ordered(start: Moment, end: Moment): readonly [bigint, Moment] | null {
  if (start === null) return end === null ? null : [end, null];
  return end !== null && start > end ? [end, start] : [start, end];
}

function overlap(start1: Moment, end1: Moment, start2: Moment, end2: Moment): boolean | null {
  const [first, second] = [ordered(start1, end1), ordered(start2, end2)];
  if (first === null || second === null) return null;
  if (first[0] === second[0]) return first[1] === null || second[1] === null ? null : true;
  const [early, late] = first[0] < second[0] ? [first, second] : [second, first];
  if (early[1] === null) return null;
  if (late[0] < early[1]) return true;
  return late[1] === null ? null : false;
}

type Advance = (from: bigint, by: Interval, context: EvaluationContext) => bigint;
const TYPES: readonly (readonly ['time' | 'timestamp' | 'timestamptz', Advance])[] = [
  ['time', (from, by) => withinDay(from + by.micros)],
  ['timestamp', addInterval],
  ['timestamptz', (from, by, { timeZone }) => addIntervalInZone(from, by, timeZone)],
];

function body(advance: Advance, firstLength: boolean, secondLength: boolean): BodyFor {
  const end = (start: Moment, given: Datum | null, isLength: boolean, context: EvaluationContext): Moment => {
    if (given === null || !isLength) return given as Moment;
    return start === null ? null : advance(start, given as Interval, context);
  };
  return row(([a, b, c, d], context) => {
    const [start1, start2] = [a as Moment, c as Moment];
    return overlap(start1, end(start1, b!, firstLength, context), start2, end(start2, d!, secondLength, context));
  });
}

export const OVERLAPS: readonly ScalarFunction[] = TYPES.flatMap(([type, advance]) =>
  [false, true].flatMap((first) =>
    [false, true].map((second) => {
      const parameters = [type, first ? 'interval' : type, type, second ? 'interval' : type].join(',');
      const volatility = type === 'timestamptz' ? 'stable' : 'immutable';
      return fn('overlaps', parameters, 'bool', body(advance, first, second), { strict: false, volatility });
    }),
  ),
);
