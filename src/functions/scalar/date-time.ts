// Date and time functions and operators.
import { sqlError } from '../../errors/sql-error.ts';
import { daysFromCivil, daysInMonth, isFiniteDate, MICROS_PER_DAY, MICROS_PER_SECOND } from '../../types/calendar.ts';
import { type Datum, type Decimal, type Interval, interval } from '../../types/datum.ts';
import { decimalToNumber } from '../../types/decimal.ts';
import { formatGeneral } from '../../types/float.ts';
import { NUMERIC } from '../../types/sql-type.ts';
import { offsetAt } from '../../types/time-zone.ts';
import { checkTimestamp } from '../../types/timestamp.ts';
import { dateToTimestamp, toLocal, toZoned } from '../casts/date-casts.ts';
import { type BodyFor, type Evaluate, fn, kernel, op, row } from '../define.ts';
import type { EvaluationContext, ParameterType, ScalarFunction } from '../function-definition.ts';
import {
  age,
  clockField,
  fieldName,
  intervalField,
  timestampField,
  truncateInterval,
  truncateTimestamp,
  unknownField,
} from './date-fields.ts';
import {
  addInterval,
  addIntervalInZone,
  checkedInterval,
  negateInterval,
  scaleInterval,
  sumIntervals,
  timestampDifference,
} from './time-arithmetic.ts';

const stable = { volatility: 'stable' } as const;
type Field = (field: string, value: Datum, context: EvaluationContext) => Decimal | null | undefined;

const zonedField: Field = (field, value, { timeZone }) => {
  if (field === 'epoch') return timestampField('epoch', value as bigint);
  const seconds = () => offsetAt(timeZone, value as bigint);
  if (field === 'timezone') return { kind: 'decimal', coefficient: BigInt(seconds()), scale: 0 };
  if (field === 'timezone_hour')
    return { kind: 'decimal', coefficient: BigInt(Math.trunc(seconds() / 3600)), scale: 0 };
  if (field === 'timezone_minute')
    return { kind: 'decimal', coefficient: BigInt(Math.trunc((seconds() % 3600) / 60)), scale: 0 };
  return timestampField(field, toLocal(value as bigint, timeZone));
};

const CLOCK_FIELDS = new Set(['hour', 'minute', 'second', 'milliseconds', 'microseconds']);
const FIELD_SOURCES: readonly (readonly [type: ParameterType, label: string, read: Field])[] = [
  [
    'date',
    'date',
    (field, value) => {
      if (CLOCK_FIELDS.has(field)) unknownField(field, 'date', true);
      const result = timestampField(field, dateToTimestamp(value as number));
      if (field !== 'epoch' || !result || result.special !== undefined) return result;
      return { ...result, coefficient: result.coefficient / 1_000_000n, scale: 0 };
    },
  ],
  [
    'time',
    'time without time zone',
    (field, value) =>
      field === 'epoch'
        ? { kind: 'decimal', coefficient: value as bigint, scale: 6 }
        : clockField(field, value as bigint),
  ],
  ['timestamp', 'timestamp without time zone', (field, value) => timestampField(field, value as bigint)],
  ['timestamptz', 'timestamp with time zone', zonedField],
  ['interval', 'interval', (field, value) => intervalField(field, value as Interval)],
];

const EXTRACTION: readonly ScalarFunction[] = FIELD_SOURCES.flatMap(([type, label, read]) => {
  const numeric: Evaluate = ([field, value], context) => {
    const name = fieldName(field as string);
    const result = read(name, value!, context);
    return result === undefined ? unknownField(field as string, label) : result;
  };
  const double: Evaluate = (args, context) => {
    const result = numeric(args, context);
    return result === null ? null : decimalToNumber(result as Decimal);
  };
  const options = type === 'timestamptz' ? stable : {};
  return [
    fn('extract', `text,${type}`, 'numeric', row(numeric), { ...options, resultType: () => NUMERIC }),
    fn('date_part', `text,${type}`, 'float8', row(double), options),
  ];
});

function truncIn(zone: string, unit: string, micros: bigint): bigint {
  const name = fieldName(unit);
  const local = truncateTimestamp(name, toLocal(micros, zone));
  if (local === undefined) unknownField(unit, 'timestamp with time zone');
  const clock = CLOCK_FIELDS.has(name) || name === 'hour';
  return clock ? truncateWithin(name, micros, zone) : toZoned(local, zone);
}

/** Units up to the hour keep the offset in force, so that both hours of an overlap stay apart. */
function truncateWithin(unit: string, micros: bigint, zone: string): bigint {
  const offset = BigInt(offsetAt(zone, micros)) * MICROS_PER_SECOND;
  return truncateTimestamp(unit, micros + offset)! - offset;
}

const TRUNCATION: readonly ScalarFunction[] = [
  fn(
    'date_trunc',
    'text,timestamp',
    'timestamp',
    row(
      ([unit, micros]) =>
        truncateTimestamp(fieldName(unit as string), micros as bigint) ??
        unknownField(unit as string, 'timestamp without time zone'),
    ),
  ),
  fn(
    'date_trunc',
    'text,timestamptz',
    'timestamptz',
    row(([unit, micros], { timeZone }) => truncIn(timeZone, unit as string, micros as bigint)),
    stable,
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
        truncateInterval(fieldName(unit as string), value as Interval) ?? unknownField(unit as string, 'interval'),
    ),
  ),
  ...(['timestamp', 'timestamptz'] as const).map((type) =>
    fn(
      'date_bin',
      `interval,${type},${type}`,
      type,
      row(([stride, value, origin]) => {
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
const ofDay = (micros: bigint) => ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
const plusInterval: BodyFor = row(([a, b]) => addInterval(a as bigint, b as Interval));
const timePlus = (sign: 1n | -1n): BodyFor => row(([a, b]) => ofDay((a as bigint) + sign * (b as Interval).micros));
const dateTime: BodyFor = row(([a, b]) =>
  isFiniteDate(a as number)
    ? checkTimestamp(dateToTimestamp(a as number) + (b as bigint))
    : dateToTimestamp(a as number),
);
const scaled = (f: (value: Interval, by: number) => Interval): BodyFor =>
  row(([a, b]) => f(a as Interval, b as number));

function divideInterval(value: Interval, by: number): Interval {
  if (by === 0) throw sqlError('division_by_zero', 'division by zero');
  return scaleInterval(value, 1 / by);
}

const OPERATORS: readonly ScalarFunction[] = [
  op('+', 'date,int4', 'date', kernel('add_date_days', RANGE)),
  op(
    '+',
    'int4,date',
    'date',
    row(([a, b]) => (isFiniteDate(b as number) ? (a as number) + (b as number) : b!)),
  ),
  op('-', 'date,int4', 'date', kernel('subtract_date_days', RANGE)),
  op('-', 'date,date', 'int4', kernel('subtract_dates', RANGE)),
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

function makeDate(year: number, month: number, day: number): number {
  const astronomical = year < 0 ? year + 1 : year;
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(astronomical, month)) {
    const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    throw sqlError('datetime_field_overflow', `date field value out of range: ${text}`);
  }
  return daysFromCivil(astronomical, month, day);
}

function makeTime(hour: number, minute: number, second: number): bigint {
  const outside = hour < 0 || hour > 24 || minute < 0 || minute > 59 || !(second >= 0 && second <= 60);
  if (outside || (hour === 24 && (minute > 0 || second > 0))) {
    const two = (n: number) => String(n).padStart(2, '0');
    throw sqlError(
      'datetime_field_overflow',
      `time field value out of range: ${two(hour)}:${two(minute)}:${two(second)}`,
    );
  }
  return BigInt(hour * 3600 + minute * 60) * MICROS_PER_SECOND + BigInt(Math.round(second * 1e6));
}

const makeTimestamp = (args: readonly (Datum | null)[]) => {
  const [year, month, day, hour, minute, second] = args as readonly number[];
  return checkTimestamp(dateToTimestamp(makeDate(year!, month!, day!)) + makeTime(hour!, minute!, second!));
};

const MAKERS: readonly ScalarFunction[] = [
  fn(
    'make_date',
    'int4,int4,int4',
    'date',
    row(([y, m, d]) => makeDate(y as number, m as number, d as number)),
  ),
  fn(
    'make_time',
    'int4,int4,float8',
    'time',
    row(([h, m, s]) => makeTime(h as number, m as number, s as number)),
  ),
  fn('make_timestamp', 'int4,int4,int4,int4,int4,float8', 'timestamp', row(makeTimestamp)),
  fn(
    'make_timestamptz',
    'int4,int4,int4,int4,int4,float8',
    'timestamptz',
    row((args, { timeZone }) => toZoned(makeTimestamp(args), timeZone)),
    stable,
  ),
  fn(
    'make_timestamptz',
    'int4,int4,int4,int4,int4,float8,text',
    'timestamptz',
    row((args) => toZoned(makeTimestamp(args), args[6] as string)),
    stable,
  ),
  fn(
    'make_interval',
    'int4,int4,int4,int4,int4,int4,float8',
    'interval',
    row((args) => {
      const [years, months, weeks, days, hours, minutes, seconds] = args as readonly number[];
      if (!Number.isFinite(seconds)) throw sqlError('datetime_field_overflow', 'interval out of range');
      const micros = BigInt(hours! * 3600 + minutes! * 60) * MICROS_PER_SECOND + BigInt(Math.round(seconds! * 1e6));
      return checkedInterval(years! * 12 + months!, weeks! * 7 + days!, micros);
    }),
    {
      parameterNames: ['years', 'months', 'weeks', 'days', 'hours', 'mins', 'secs'],
      defaults: [0, 0, 0, 0, 0, 0, 0],
    },
  ),
  fn(
    'to_timestamp',
    'float8',
    'timestamptz',
    row(([seconds]) => {
      const value = seconds as number;
      if (Number.isNaN(value)) throw sqlError('datetime_field_overflow', 'timestamp cannot be NaN');
      if (!Number.isFinite(value)) return value > 0 ? (1n << 63n) - 1n : -(1n << 63n);
      return checkTimestamp(BigInt(Math.round(value * 1e6)), `timestamp out of range: "${formatGeneral(value, 6)}"`);
    }),
  ),
];

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
    row(([by, local]) => checkTimestamp((local as bigint) - (by as Interval).micros)),
  ),
  fn(
    'timezone',
    'interval,timestamptz',
    'timestamp',
    row(([by, utc]) => checkTimestamp((utc as bigint) + (by as Interval).micros)),
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
  return local - ofDay(local);
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
  ...EXTRACTION,
  ...TRUNCATION,
  ...CLOCKS,
  ...OPERATORS,
  ...MAKERS,
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
