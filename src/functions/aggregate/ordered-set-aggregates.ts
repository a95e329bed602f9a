// Ordered-set aggregates: percentile_cont, percentile_disc (one fraction or an array of them), mode. Rows come in order, the direct
// arguments first in each.
import { sqlError } from '../../errors/sql-error.ts';
import { type Datum, type Interval, interval, type SqlArray } from '../../types/datum.ts';
import { scaleInterval, sumIntervals } from '../../types/interval-arithmetic.ts';
import { arrayOf, type SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { AggregateFunction } from '../function-definition.ts';
import { asNumber, collect, type Finish, type Rows } from './collected-aggregates.ts';

type Pick = (values: readonly Datum[], fraction: number) => Datum;

function pickAt(values: readonly Datum[], fraction: Datum | null, pick: Pick): Datum | null {
  if (fraction === null) return null;
  const part = fraction as number;
  if (part >= 0 && part <= 1) return pick(values, part);
  throw sqlError('numeric_value_out_of_range', `percentile value ${part} is not between 0 and 1`);
}

/** The values in order; nulls do not count. */
const valuesOf = (rows: Rows): Datum[] => rows.map((row) => row[1]!).filter((value) => value !== null);

function single(pick: Pick): Finish {
  return (rows) => {
    const fraction = rows[0]?.[0] ?? null;
    const values = valuesOf(rows);
    if (values.length > 0) return pickAt(values, fraction, pick);
    pickAt([0], fraction, () => 0); // a bad fraction is an error of its own
    return null;
  };
}

/** One result for each fraction, in the shape of their array. */
function several(pick: Pick): Finish {
  return (rows) => {
    const fractions = (rows[0]?.[0] ?? null) as SqlArray | null;
    const values = valuesOf(rows);
    if (fractions === null || values.length === 0) return null;
    return { ...fractions, elements: fractions.elements.map((fraction) => pickAt(values, fraction, pick)) };
  };
}

/** Between the two neighbours of the place that the fraction falls on. */
function between(low: (value: Datum) => Datum, mix: (low: Datum, high: Datum, part: number) => Datum): Pick {
  return (values, fraction) => {
    const place = fraction * (values.length - 1);
    const [first, second] = [values[Math.floor(place)]!, values[Math.ceil(place)]!];
    return first === second ? low(first) : mix(first, second, place - Math.floor(place));
  };
}

const numbers = between(asNumber, (low, high, part) => {
  const [a, b] = [asNumber(low), asNumber(high)];
  return a + part * (b - a);
});
const negated = ({ months, days, micros }: Interval): Interval => interval(-months, -days, -micros);
const intervals = between(
  (value) => value,
  (low, high, part) => {
    const difference = sumIntervals(high as Interval, negated(low as Interval));
    return sumIntervals(low as Interval, scaleInterval(difference, part));
  },
);
const discrete: Pick = (values, fraction) => values[Math.max(0, Math.ceil(fraction * values.length) - 1)]!;

const mode: Finish = (rows, _context, types) => {
  const type = types[types.length - 1]!;
  const { compare } = typeOperations(type);
  let [best, bestCount, current, count]: [Datum | null, number, Datum | null, number] = [null, 0, null, 0];
  for (const row of rows) {
    const value = row[row.length - 1]!;
    if (value === null) continue;
    if (current !== null && compare(current, value, type) === 0) count++;
    else [current, count] = [value, 1];
    if (count > bestCount) [best, bestCount] = [current, count];
  }
  return best;
};

const ordered = { orderedSet: true } as const;
const ofLast = { orderedSet: true, resultType: (types: readonly SqlType[]) => types[types.length - 1]! } as const;
const arrayOfLast = { orderedSet: true, resultType: (types: readonly SqlType[]) => arrayOf(types[types.length - 1]!) };

export const ORDERED_SET_AGGREGATES: readonly AggregateFunction[] = [
  collect('percentile_cont', 'float8,float8', 'float8', single(numbers), ordered),
  collect('percentile_cont', 'float8,interval', 'interval', single(intervals), ordered),
  collect('percentile_cont', 'float8[],float8', 'float8[]', several(numbers), ordered),
  collect('percentile_cont', 'float8[],interval', 'interval[]', several(intervals), ordered),
  collect('percentile_disc', 'float8,anyelement', 'anyelement', single(discrete), ofLast),
  collect('percentile_disc', 'float8[],anyelement', 'anyarray', several(discrete), arrayOfLast),
  collect('mode', 'anyelement', 'anyelement', mode, ofLast),
];
