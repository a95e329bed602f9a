// EXTRACT and date_part over every date and time type; what the fields are is date-fields.ts.
import { DATE_MINUS_INFINITY, isFiniteDate, isFiniteTimestamp } from '../../types/calendar.ts';
import { type Datum, type Decimal, decimal, type Interval } from '../../types/datum.ts';
import { decimalToNumber } from '../../types/decimal.ts';
import { NUMERIC } from '../../types/sql-type.ts';
import { offsetAt } from '../../types/time-zone.ts';
import { dateToTimestamp, toLocal } from '../casts/date-casts.ts';
import { type Evaluate, fn, row } from '../define.ts';
import type { EvaluationContext, ParameterType, ScalarFunction } from '../function-definition.ts';
import {
  clockField,
  dayField,
  fieldName,
  infiniteField,
  intervalField,
  timestampField,
  unknownField,
} from './date-fields.ts';

const CLOCK_FIELDS = new Set(['hour', 'minute', 'second', 'milliseconds', 'microseconds']);
/** Fields that only a timestamptz has. */
const ZONE_FIELDS = new Set(['timezone', 'timezone_hour', 'timezone_minute']);
/** undefined: values of the type have no such field */
type Field = (field: string, value: Datum, context: EvaluationContext) => Decimal | null | undefined;

const whole = (n: number): Decimal => decimal(BigInt(Math.trunc(n)), 0);

const zonedField: Field = (field, value, { timeZone }) => {
  const micros = value as bigint;
  if (field === 'epoch') return timestampField('epoch', micros);
  if (!ZONE_FIELDS.has(field)) return timestampField(field, toLocal(micros, timeZone));
  if (!isFiniteTimestamp(micros)) return null;
  const seconds = offsetAt(timeZone, micros);
  if (field === 'timezone') return whole(seconds);
  return whole(field === 'timezone_hour' ? seconds / 3600 : (seconds % 3600) / 60);
};

/** Dates have no clock. */
const dateField: Field = (field, value) => {
  if (CLOCK_FIELDS.has(field) || ZONE_FIELDS.has(field)) return undefined;
  const days = value as number;
  if (!isFiniteDate(days)) return infiniteField(field, days === DATE_MINUS_INFINITY);
  if (field === 'epoch') return decimal(BigInt(days) * 86400n, 0);
  if (field === 'julian') return whole(days + 2440588);
  return dayField(field, days);
};

const timestampFields: Field = (field, value) =>
  ZONE_FIELDS.has(field) && isFiniteTimestamp(value as bigint) ? undefined : timestampField(field, value as bigint);

const timeField: Field = (field, value) =>
  field === 'epoch' ? decimal(value as bigint, 6) : clockField(field, value as bigint);

const SOURCES: readonly (readonly [type: ParameterType, label: string, read: Field])[] = [
  ['date', 'date', dateField],
  ['time', 'time without time zone', timeField],
  ['timestamp', 'timestamp without time zone', timestampFields],
  ['timestamptz', 'timestamp with time zone', zonedField],
  ['interval', 'interval', (field, value) => intervalField(field, value as Interval)],
];

/** The seconds of an interval as a double, summed up in PostgreSQL's order. */
function epochOf({ months, days, micros }: Interval): number {
  const years = Math.trunc(months / 12);
  return Number(micros) / 1e6 + 31557600 * years + 2592000 * (months % 12) + 86400 * days;
}

/** The kernels' numbers of the fields, and the scale that extract shows them with. */
const FIELD_NUMBERS: Readonly<Record<string, readonly [number: number, scale: number]>> = {
  year: [0, 0],
  month: [1, 0],
  day: [2, 0],
  quarter: [3, 0],
  dow: [4, 0],
  isodow: [5, 0],
  doy: [6, 0],
  week: [7, 0],
  isoyear: [8, 0],
  decade: [9, 0],
  century: [10, 0],
  millennium: [11, 0],
  hour: [12, 0],
  minute: [13, 0],
  second: [14, 6],
  milliseconds: [14, 3],
  microseconds: [14, 0],
  epoch: [15, 6],
};
const LAST_OF_DATES = 11;

/** A constant field of dates, timestamps, and instants in UTC is a kernel's; infinite values go through the per-row body. */
function specialised(type: ParameterType, numeric: boolean, evaluate: Evaluate): ScalarFunction['specialised'] {
  if (type === 'time' || type === 'interval' || (type === 'date' && !numeric)) return undefined;
  return ([field], { timeZone }) => {
    const [number, scale] = FIELD_NUMBERS[field === undefined ? '' : fieldName(field as string)] ?? [];
    if (number === undefined || scale === undefined || (type === 'timestamptz' && timeZone !== 'UTC')) return undefined;
    if (type === 'date' ? number > LAST_OF_DATES : !numeric && number > 13) return undefined;
    const slow: Evaluate = ([value], context) => evaluate([field!, value!], context);
    const kernel = numeric ? `extract_${type === 'date' ? 'date' : 'timestamp'}_numeric` : 'date_part_timestamp';
    return { kernel, args: [1], parameters: numeric && type !== 'date' ? [number, scale] : [number], slow };
  };
}

function extraction([type, label, read]: (typeof SOURCES)[number]): ScalarFunction[] {
  const numeric: Evaluate = ([field, value], context) => {
    const result = read(fieldName(field as string), value!, context);
    return result === undefined ? unknownField(field as string, label) : result;
  };
  const double: Evaluate = ([field, value], context) => {
    if (type === 'interval' && fieldName(field as string) === 'epoch') return epochOf(value as Interval);
    const result = numeric([field!, value!], context);
    return result === null ? null : decimalToNumber(result as Decimal);
  };
  const options = type === 'timestamptz' ? ({ volatility: 'stable' } as const) : {};
  const kernelOf = (isNumeric: boolean, evaluate: Evaluate) => {
    const found = specialised(type, isNumeric, evaluate);
    return found === undefined ? {} : { specialised: found };
  };
  const extract = fn('extract', `text,${type}`, 'numeric', row(numeric), {
    ...options,
    ...kernelOf(true, numeric),
    resultType: () => NUMERIC,
  });
  // date_part of a date is date_part of its midnight
  const ofMidnight: Evaluate = ([field, days]) => {
    const result = timestampFields(fieldName(field as string), dateToTimestamp(days as number), {} as never);
    if (result === undefined) unknownField(field as string, 'timestamp without time zone');
    return result === null ? null : decimalToNumber(result);
  };
  const body = row(type === 'date' ? ofMidnight : double);
  return [extract, fn('date_part', `text,${type}`, 'float8', body, { ...options, ...kernelOf(false, double) })];
}

export const DATE_EXTRACTION: readonly ScalarFunction[] = SOURCES.flatMap(extraction);
