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
  const extract = fn('extract', `text,${type}`, 'numeric', row(numeric), { ...options, resultType: () => NUMERIC });
  // date_part of a date is date_part of its midnight
  const ofMidnight: Evaluate = ([field, days]) => {
    const result = timestampFields(fieldName(field as string), dateToTimestamp(days as number), {} as never);
    if (result === undefined) unknownField(field as string, 'timestamp without time zone');
    return result === null ? null : decimalToNumber(result);
  };
  const body = row(type === 'date' ? ofMidnight : double);
  return [extract, fn('date_part', `text,${type}`, 'float8', body, options)];
}

export const DATE_EXTRACTION: readonly ScalarFunction[] = SOURCES.flatMap(extraction);
