// Date and time functions and operators.
import { sqlError } from '../../errors/sql-error.ts';
import {
  isFiniteDate,
  isFiniteTimestamp,
  MAX_DAY,
  MICROS_PER_DAY,
  MICROS_PER_SECOND,
  MIN_DAY,
} from '../../types/calendar.ts';
import { type Datum, type Interval, interval } from '../../types/datum.ts';
import {
  checkedInterval,
  divideInterval,
  negateInterval,
  scaleInterval,
  sumIntervals,
} from '../../types/interval-arithmetic.ts';
import { INTERVAL } from '../../types/sql-type.ts';
import { offsetAt } from '../../types/time-zone.ts';
import { checkTimestamp } from '../../types/timestamp.ts';
import { dateToTimestamp, toLocal, toZoned } from '../casts/date-casts.ts';
import { castToText } from '../casts/text-casts.ts';
import { type BodyFor, fn, kernel, op, row } from '../define.ts';
import type { EvaluationContext, ScalarFunction } from '../function-definition.ts';
import { age, fieldName, truncateInterval, truncateTimestamp, unknownUnit } from './date-fields.ts';
import { addInterval, addIntervalInZone, timestampDifference, withinDay } from './time-arithmetic.ts';

const stable = { volatility: 'stable' } as const;
const CLOCK_FIELDS = new Set(['hour', 'minute', 'second', 'milliseconds', 'microseconds']);

function truncIn(zone: string, unit: string, micros: bigint): bigint {
  const name = fieldName(unit);
  const local = truncateTimestamp(name, toLocal(micros, zone));
  if (local === undefined) unknownUnit(unit, 'timestamp with time zone');
  return CLOCK_FIELDS.has(name) ? truncateWithin(name, micros, zone) : toZoned(local, zone);
}

/** Units up to the hour keep the offset in force, so that both hours of an overlap stay apart. */
function truncateWithin(unit: string, micros: bigint, zone: string): bigint {
  const offset = BigInt(offsetAt(zone, micros)) * MICROS_PER_SECOND;
  return truncateTimestamp(unit, micros + offset)! - offset;
}

/** Units whose kernels need no look at the calendar's ends. */
const KERNEL_UNITS = new Set('microseconds milliseconds second minute hour day week month quarter year'.split(' '));

/** A constant unit is a kernel's, for instants where the zone is UTC. */
const truncationKernel =
  (zoned: boolean): ScalarFunction['specialised'] =>
  ([unit], { timeZone }) => {
    const name = unit === undefined ? '' : fieldName(unit as string);
    if (!KERNEL_UNITS.has(name) || (zoned && timeZone !== 'UTC')) return undefined;
    return { kernel: `date_trunc_${name}`, args: [1] };
  };

const TRUNCATION: readonly ScalarFunction[] = [
  fn(
    'date_trunc',
    'text,timestamp',
    'timestamp',
    row(
      ([unit, micros]) =>
        truncateTimestamp(fieldName(unit as string), micros as bigint) ??
        unknownUnit(unit as string, 'timestamp without time zone'),
    ),
    { specialised: truncationKernel(false) },
  ),
  fn(
    'date_trunc',
    'text,timestamptz',
    'timestamptz',
    row(([unit, micros], { timeZone }) => truncIn(timeZone, unit as string, micros as bigint)),
    { ...stable, specialised: truncationKernel(true) },
  ),
  fn(
    'date_trunc',
    'text,timestamptz,text',
    'timestamptz',
    row(([unit, micros, zone]) => truncIn(zone as string, unit as string, micros as bigint)),
  ),
  fn(
    'date_trunc',
    'text,interval',
    'interval',
    row(
      ([unit, value]) =>
        truncateInterval(fieldName(unit as string), value as Interval) ?? unknownUnit(unit as string, 'interval'),
    ),
  ),
  ...(['timestamp', 'timestamptz'] as const).map((type) =>
    fn(
      'date_bin',
      `interval,${type},${type}`,
      type,
      row(([stride, value, origin]) => {
        if (!isFiniteTimestamp(value as bigint)) return value!;
        if (!isFiniteTimestamp(origin as bigint)) throw sqlError('datetime_field_overflow', 'origin out of range');
        const { months, days, micros } = stride as Interval;
        if (months !== 0)
          throw sqlError(
            'feature_not_supported',
            'timestamps cannot be binned into intervals containing months or years',
          );
        const step = BigInt(days) * MICROS_PER_DAY + micros;
        if (step <= 0n) throw sqlError('datetime_field_overflow', 'stride must be greater than zero');
        const distance = (value as bigint) - (origin as bigint);
        const rest = ((distance % step) + step) % step;
        return (value as bigint) - rest;
      }),
    ),
  ),
];

const at = (f: (context: EvaluationContext) => Datum): BodyFor => row((_args, context) => f(context));
const clock = (): bigint => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));

const CLOCKS: readonly ScalarFunction[] = [
  ...['now', 'transaction_timestamp', 'statement_timestamp', 'current_timestamp'].map((name) =>
    fn(
      name,
      '',
      'timestamptz',
      at(({ nowMicros }) => nowMicros),
      stable,
    ),
  ),
  fn('clock_timestamp', '', 'timestamptz', at(clock), { volatility: 'volatile' }),
  fn(
    'localtimestamp',
    '',
    'timestamp',
    at(({ nowMicros, timeZone }) => toLocal(nowMicros, timeZone)),
    stable,
  ),
  fn(
    'current_date',
    '',
    'date',
    at(({ nowMicros, timeZone }) => Number(toLocal(nowMicros, timeZone) / MICROS_PER_DAY)),
    stable,
  ),
  fn(
    'localtime',
    '',
    'time',
    at(({ nowMicros, timeZone }) => toLocal(nowMicros, timeZone) % MICROS_PER_DAY),
    stable,
  ),
  fn(
    'timeofday',
    '',
    'text',
    at(() => new Date().toUTCString()),
    { volatility: 'volatile' },
  ),
];

const RANGE = { 2: 'timestamp_range' } as const;
const zoned = (sign: 1 | -1): BodyFor =>
  row(([a, b], { timeZone }) =>
    addIntervalInZone(a as bigint, sign === 1 ? (b as Interval) : negateInterval(b as Interval), timeZone),
  );
const dated = (sign: 1 | -1): BodyFor =>
  row(([a, b]) =>
    addInterval(dateToTimestamp(a as number), sign === 1 ? (b as Interval) : negateInterval(b as Interval)),
  );
const flipped =
  (body: BodyFor): BodyFor =>
  (args, result) => {
    const inner = body([args[1]!, args[0]!], result);
    if (inner.kind !== 'row') throw new Error('only per-row bodies flip');
    return { kind: 'row', evaluate: ([a, b], context) => inner.evaluate([b!, a!], context) };
  };
const plusInterval: BodyFor = row(([a, b]) => addInterval(a as bigint, b as Interval));
const timePlus = (sign: 1n | -1n): BodyFor => row(([a, b]) => withinDay((a as bigint) + sign * (b as Interval).micros));
const dateTime: BodyFor = row(([a, b]) =>
  isFiniteDate(a as number)
    ? checkTimestamp(dateToTimestamp(a as number) + (b as bigint))
    : dateToTimestamp(a as number),
);
const scaled = (f: (value: Interval, by: number) => Interval): BodyFor =>
  row(([a, b]) => f(a as Interval, b as number));

const OPERATORS: readonly ScalarFunction[] = [
  op('+', 'date,int4', 'date', kernel('add_date_days')),
  op(
    '+',
    'int4,date',
    'date',
    row(([a, b]) => {
      const days = b as number;
      const moved = (a as number) + days;
      if (!isFiniteDate(days)) return days;
      if (moved >= MIN_DAY && moved <= MAX_DAY) return moved;
      throw sqlError('datetime_field_overflow', 'date out of range');
    }),
  ),
  op('-', 'date,int4', 'date', kernel('subtract_date_days')),
  op('-', 'date,date', 'int4', kernel('subtract_dates', { 2: 'infinite_dates' })),
  op('+', 'date,interval', 'timestamp', dated(1)),
  op('+', 'interval,date', 'timestamp', flipped(dated(1))),
  op('-', 'date,interval', 'timestamp', dated(-1)),
  op('+', 'date,time', 'timestamp', dateTime),
  op('+', 'time,date', 'timestamp', flipped(dateTime)),
  op('+', 'timestamp,interval', 'timestamp', kernel('add_timestamp_interval', RANGE)),
  op('+', 'interval,timestamp', 'timestamp', flipped(plusInterval)),
  op('-', 'timestamp,interval', 'timestamp', kernel('subtract_timestamp_interval', RANGE)),
  op(
    '-',
    'timestamp,timestamp',
    'interval',
    row(([a, b]) => timestampDifference(a as bigint, b as bigint)),
  ),
  op(
    '-',
    'timestamptz,timestamptz',
    'interval',
    row(([a, b]) => timestampDifference(a as bigint, b as bigint)),
  ),
  op('+', 'timestamptz,interval', 'timestamptz', zoned(1), stable),
  op('+', 'interval,timestamptz', 'timestamptz', flipped(zoned(1)), stable),
  op('-', 'timestamptz,interval', 'timestamptz', zoned(-1), stable),
  op('+', 'time,interval', 'time', timePlus(1n)),
  op('+', 'interval,time', 'time', flipped(timePlus(1n))),
  op('-', 'time,interval', 'time', timePlus(-1n)),
  op(
    '-',
    'time,time',
    'interval',
    row(([a, b]) => interval(0, 0, (a as bigint) - (b as bigint))),
  ),
  op(
    '+',
    'interval,interval',
    'interval',
    row(([a, b]) => sumIntervals(a as Interval, b as Interval)),
    { commutator: '+' },
  ),
  op(
    '-',
    'interval,interval',
    'interval',
    row(([a, b]) => sumIntervals(a as Interval, negateInterval(b as Interval))),
  ),
  op(
    '-',
    'interval',
    'interval',
    row(([a]) => negateInterval(a as Interval)),
  ),
  op('*', 'interval,float8', 'interval', scaled(scaleInterval)),
  op('*', 'float8,interval', 'interval', flipped(scaled(scaleInterval))),
  op('/', 'interval,float8', 'interval', scaled(divideInterval)),
];

const moved = (micros: bigint, by: bigint) => (isFiniteTimestamp(micros) ? checkTimestamp(micros + by) : micros);

/** A zone given as an interval east of Greenwich. */
function zoneMicros(zone: Interval): bigint {
  if (zone.months === 0 && zone.days === 0) return zone.micros;
  const shown = castToText(zone, INTERVAL, { nowMicros: 0n, timeZone: 'UTC' });
  const text = `interval time zone "${shown}" must not include months or days`;
  throw sqlError('invalid_parameter_value', text);
}

const ZONES: readonly ScalarFunction[] = [
  fn(
    'timezone',
    'text,timestamp',
    'timestamptz',
    row(([zone, local]) => toZoned(local as bigint, zone as string)),
  ),
  fn(
    'timezone',
    'text,timestamptz',
    'timestamp',
    row(([zone, utc]) => toLocal(utc as bigint, zone as string)),
  ),
  fn(
    'timezone',
    'interval,timestamp',
    'timestamptz',
    row(([by, local]) => moved(local as bigint, -zoneMicros(by as Interval))),
  ),
  fn(
    'timezone',
    'interval,timestamptz',
    'timestamp',
    row(([by, utc]) => moved(utc as bigint, zoneMicros(by as Interval))),
  ),
];

const AGES: readonly ScalarFunction[] = [
  fn(
    'age',
    'timestamp,timestamp',
    'interval',
    row(([a, b]) => age(a as bigint, b as bigint)),
  ),
  fn(
    'age',
    'timestamptz,timestamptz',
    'interval',
    row(([a, b], { timeZone }) => age(toLocal(a as bigint, timeZone), toLocal(b as bigint, timeZone))),
    stable,
  ),
  fn(
    'age',
    'timestamp',
    'interval',
    row(([a], context) => age(midnight(context), a as bigint)),
    stable,
  ),
  fn(
    'age',
    'timestamptz',
    'interval',
    row(([a], context) => age(midnight(context), toLocal(a as bigint, context.timeZone))),
    stable,
  ),
];

function midnight({ nowMicros, timeZone }: EvaluationContext): bigint {
  const local = toLocal(nowMicros, timeZone);
  return local - withinDay(local);
}

function justify(value: Interval, hours: boolean, days: boolean): Interval {
  let { months, days: d, micros } = value;
  if (hours) {
    d += Number(micros / MICROS_PER_DAY);
    micros %= MICROS_PER_DAY;
  }
  if (days) {
    months += Math.trunc(d / 30);
    d %= 30;
  }
  if (days && months > 0 && (d < 0 || (d === 0 && micros < 0n))) [months, d] = [months - 1, d + 30];
  else if (days && months < 0 && (d > 0 || (d === 0 && micros > 0n))) [months, d] = [months + 1, d - 30];
  if (hours && d > 0 && micros < 0n) [d, micros] = [d - 1, micros + MICROS_PER_DAY];
  else if (hours && d < 0 && micros > 0n) [d, micros] = [d + 1, micros - MICROS_PER_DAY];
  return checkedInterval(months, d, micros);
}

const one = (f: (value: Interval) => Interval): BodyFor => row(([value]) => f(value as Interval));

export const DATE_TIME: readonly ScalarFunction[] = [
  ...TRUNCATION,
  ...CLOCKS,
  ...OPERATORS,
  ...ZONES,
  ...AGES,
  fn(
    'justify_hours',
    'interval',
    'interval',
    one((value) => justify(value, true, false)),
  ),
  fn(
    'justify_days',
    'interval',
    'interval',
    one((value) => justify(value, false, true)),
  ),
  fn(
    'justify_interval',
    'interval',
    'interval',
    one((value) => justify(value, true, true)),
  ),
  fn(
    'isfinite',
    'date',
    'bool',
    row(([a]) => isFiniteDate(a as number)),
  ),
  fn(
    'isfinite',
    'timestamp',
    'bool',
    row(([a]) => (a as bigint) !== (1n << 63n) - 1n && (a as bigint) !== -(1n << 63n)),
  ),
  fn(
    'isfinite',
    'timestamptz',
    'bool',
    row(([a]) => (a as bigint) !== (1n << 63n) - 1n && (a as bigint) !== -(1n << 63n)),
  ),
  fn(
    'isfinite',
    'interval',
    'bool',
    row(() => true),
  ),
];
