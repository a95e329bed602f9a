// Dates, times, timestamps and intervals: text forms, arithmetic, fields, truncation, constructors.
// biome-ignore-all format: long tables of short texts
import { calls, casts, literals, operators, texts } from './cross.ts';

const DATES = literals('date', ['2024-02-29', '1970-01-01', '0044-03-15 BC', '4713-01-01 BC', '5874897-12-31', 'infinity', '-infinity', '1999-12-31', null]);
const TIMES = literals('time', ['00:00', '13:14:15.678901', '24:00:00', null]);
const STAMPS = literals('timestamp', ['2024-02-29 13:14:15.678901', '1999-12-31 23:59:59.5', '0001-01-01 BC', '280000-12-31 23:59:59', '4713-01-01 00:00:00 BC', 'infinity', '-infinity', null]);
const ZONED = literals('timestamptz', ['2024-02-29 13:14:15.678901+00', '2024-07-01 12:00:00+02', '1883-11-18 12:00 America/New_York', 'infinity', '-infinity', null]);
const SPANS = literals('interval', ['1 year 2 mons 3 days 04:05:06.789', '-1 mons -5 days -26:03:04.5', '0', '100:00:00', '35 days', '-00:00:00.000001', '178000000 years', null]);
const FIELDS = texts('century', 'day', 'decade', 'dow', 'doy', 'epoch', 'hour', 'isodow', 'isoyear', 'julian', 'microseconds', 'millennium', 'milliseconds', 'minute', 'month', 'quarter', 'second', 'timezone', 'timezone_hour', 'timezone_minute', 'week', 'year', 'nonsense', 'yrs', 'DAYS');
const UNITS = texts('microseconds', 'milliseconds', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year', 'decade', 'century', 'millennium', 'dow', 'nonsense');
const RANGE_ENDS = literals('date', ['2024-02-29', '0044-03-15 BC', '5874897-12-31', 'infinity']);

const TEXT_FORMS = [
  ...['2024-02-29', '20240229', '2024.060', 'January 8, 1999', '8 Jan 99', 'Jan-08-1999', '1/8/1999', '99-Jan-08', 'J2451187', '2023-02-29', '2024-13-01', '2024-00-10', 'epoch', 'yesterdayx', '', 'abc', '2024-1-5', '1999-01-08 BC', '0000-01-01', '-44-01-01', '5874898-01-01', '4714-11-24 BC', '4714-11-23 BC', '2024-02-29 10:00', '08-Jan-1999', 'Thu Feb 29 2024', '2024 Feb 29', '12/31/70', '12/31/69'].flatMap((text) => [`date '${text}'`]),
  ...['12:34', '12:34:56.789', '24:00', '24:00:01', '25:00', '12:60', '12:34:60', '12:34:61', '1234', '123456.5', '040506', '4:05 PM', '12:00 AM', '04:05:06.7891234', '12:34:56+02', 'allballs', '', 'x', '13:00 PM', '23:59:59.9999999', 'T040506.789'].map((text) => `time '${text}'`),
  ...['2024-02-29 12:34:56', '2024-02-29T12:34:56.789', '2024-02-29 12:34:56.1234567', '20240229T123456', '2024-02-29', 'Feb 29 12:34:56 2024', '2024-02-29 24:00', '2024-02-29 25:00', 'infinity', '-infinity', 'epoch', '294277-01-01', '4713-01-01 BC', '4714-11-23 BC', '294246-12-31 23:59:59.999999', 'garbage', '2024-02-29 12:34:56+05:30', '2024-02-29 12:34 PM', '2024-02-30', '1/2/2024 3:04', '2024-02-29 12:34:56 BC', 'Thu Feb 29 12:34:56.5 2024'].flatMap((text) => [`timestamp '${text}'`, `timestamptz '${text}'`]),
  ...['2024-02-29 12:34:56 America/New_York', '2024-02-29 12:34:56 EST', '2024-02-29 12:34:56Z', '2024-02-29 12:34:56-08', '2024-02-29 12:34:56+053015', '2024-02-29 12:34:56 Mars/Base', '2024-07-01 12:00 PST8PDT', '2024-02-29 12:34:56 utc', '2024-03-10 02:30 America/New_York', '2024-11-03 01:30 America/New_York', '2024-02-29 12:00+16'].map((text) => `timestamptz '${text}'`),
  ...['1 day', '1 year 2 months', '-1 day', '1 day ago', '1.5 days', '1.5 months', '2.5 years', '04:05:06', '-04:05', '1 04:05:06', '1-2', '-1-2', '1-2 3 4:05:06', 'P1Y2M3DT4H5M6.7S', 'P0001-02-03T04:05:06', 'PT-5M', 'P1W', '@ 1 minute', '1 fortnight', '', 'abc', '1', '1.5', '1 week 1 hour', '1h', '90 minutes', '1 decade 1 century', '1.1 weeks', '100000000000 years', '1 day 1 day', '0.1 months', '3.7 hours', '1 month -1 day', '-0:00:01', '5:61', 'infinity', '1 mon 1:2:3.4567899', '+1 day', '1d 2h 3m 4s', '1y 2mon', '1e3 days', '2147483647 days', '2147483648 days', '12:34:56.789 5 days'].map((text) => `interval '${text}'`),
  ...["interval(0) '1.567 s'", "interval(3) '1.23456 s'", "interval(6) '1.1234567 s'", "'1.5678 s'::interval(2)", "timestamp(0) '2024-01-01 00:00:00.5'", "timestamp(2) '2024-01-01 00:00:00.987'", "timestamptz(1) '2024-01-01 00:00:00.95+00'", "time(1) '23:59:59.96'", "'2024-02-29 13:14:15.678'::timestamp::timestamp(1)"],
];

const ARITHMETIC = [
  ...operators('+ -', DATES.slice(0, 7), ['1', '-1', '0', '2147483647', 'NULL']),
  ...operators('-', DATES.slice(0, 7), [...RANGE_ENDS, ...STAMPS.slice(0, 3)]),
  ...operators('+ -', DATES, [...SPANS.slice(0, 4), "time '10:30'"]).filter((e) => !/- time/.test(e)),
  ...operators('+ -', STAMPS, SPANS),
  ...operators('+ -', ZONED, SPANS),
  ...operators('-', STAMPS, STAMPS.slice(0, 6)),
  ...operators('-', ZONED, ZONED.slice(0, 4)),
  ...operators('+ -', TIMES, [...SPANS.slice(0, 4)]),
  ...operators('-', TIMES, TIMES),
  ...operators('+ -', SPANS, SPANS),
  ...operators('* /', SPANS, ['2', '0.5', '-1.5', '0', "'Infinity'::float8", "'NaN'::float8", '7', 'NULL']),
  ...operators('*', ['2', '0.25'], SPANS.slice(0, 4)),
  ...operators('+', SPANS.slice(0, 3), [DATES[0]!, STAMPS[0]!, ZONED[0]!, TIMES[1]!]),
  ...calls('-', SPANS),
  ...operators('= < >=', DATES, [...RANGE_ENDS, ...STAMPS.slice(0, 2), ...ZONED.slice(0, 1)]),
  ...operators('= < >=', STAMPS, [...STAMPS.slice(0, 3), ...ZONED.slice(0, 2)]),
  ...operators('= < >', SPANS, [...SPANS, "'30 days'::interval", "'1 mon'::interval"]),
  ...operators('= < >', TIMES),
  ...operators('overlaps', ["(date '2024-01-01', date '2024-02-01')", "(date '2024-01-01', interval '3 days')", "(date '2024-02-01', date '2024-01-01')", "(NULL, date '2024-01-15')"], ["(date '2024-01-15', date '2024-03-01')", "(date '2024-02-01', interval '1 day')", "(date '2024-01-01', date '2024-01-01')", "(date '2024-01-10', NULL)"]).map((e) => e.includes('NULL') ? e.replace('NULL', 'NULL::date') : e),
  "(time '10:00', time '12:00') overlaps (time '11:00', interval '1 hour')",
  "(timestamp '2024-01-01', interval '1 day') overlaps (timestamp '2024-01-01 12:00', timestamp '2024-01-03')",
  "(timestamptz '2024-01-01', timestamptz '2024-01-02') overlaps (timestamptz '2024-01-02', interval '1 hour')",
];

const FIELD_CASES = [
  ...FIELDS.flatMap((field) => [...DATES.slice(0, 7), ...TIMES.slice(1, 3), ...STAMPS.slice(0, 7), ...ZONED.slice(0, 4), ...SPANS.slice(0, 3)].map((value) => `extract(${field} from ${value})`)),
  ...calls('date_part', FIELDS, [DATES[0]!, STAMPS[0]!, STAMPS[2]!, ZONED[0]!, SPANS[0]!, SPANS[1]!, TIMES[1]!, STAMPS[5]!, 'NULL::timestamp']),
  ...calls('date_trunc', UNITS, [...STAMPS.slice(0, 6), ...ZONED.slice(0, 4), ...SPANS.slice(0, 3), DATES[0]!, 'NULL::timestamp']),
  ...calls('date_trunc', UNITS, [ZONED[0]!, ZONED[1]!], texts('America/New_York', 'Asia/Kolkata', 'Nowhere')),
  ...calls('date_bin', literals('interval', ['15 minutes', '1 day', '7 days', '0', '-1 day', '1 mon']), [STAMPS[0]!, STAMPS[1]!, ZONED[0]!], ["timestamp '2001-01-01 00:02'"]).filter((e) => !e.includes('timestamptz')),
  ...calls('date_bin', literals('interval', ['15 minutes', '2.5 hours']), [ZONED[0]!, ZONED[1]!], ["timestamptz '2030-01-01 00:02+00'"]),
  ...calls('age', STAMPS.slice(0, 5), STAMPS.slice(0, 3)),
  ...calls('age', [...ZONED.slice(0, 3), 'NULL'], ZONED.slice(0, 3)),
  ...calls('isfinite', [...DATES, ...STAMPS, ...ZONED, ...SPANS]),
  ...calls('justify_days justify_hours justify_interval', SPANS),
  ...calls('make_date', ['2024', '-44', '0', '5874898'], ['2', '13'], ['29', '30', '0']),
  ...calls('make_time', ['0', '23', '24', '-1'], ['59', '60'], ['0', '59.999999', '60', '-1']),
  ...calls('make_timestamp', ['2024', '-1', '294277'], ['2'], ['29', '1'], ['13'], ['14'], ['15.678901', '60', '61']),
  ...calls('make_timestamptz', ['2024'], ['7'], ['1'], ['12'], ['30'], ['15.5'], texts('America/New_York', '+02', 'Nowhere', 'UTC')),
  "make_timestamptz(2024, 7, 1, 12, 30, 15.5)",
  ...['make_interval()', 'make_interval(days => 10)', 'make_interval(1, hours => 3)', 'make_interval(1, 2, 3, 4, 5, 6, 7.5)', 'make_interval(secs => 1.0000005)', 'make_interval(weeks => 2, mins => -90)', 'make_interval(months => NULL)', "make_interval(secs => 'NaN')", "make_interval(secs => 'Infinity')"],
  ...calls('timezone', texts('America/New_York', 'UTC', '+03', 'Asia/Kolkata', 'EST5EDT', 'nowhere'), [STAMPS[0]!, STAMPS[1]!, STAMPS[5]!, ZONED[0]!, ZONED[1]!, ZONED[3]!, 'NULL::timestamp']),
  ...calls('timezone', literals('interval', ['2 hours', '-05:30', '1 day']), [STAMPS[0]!, ZONED[0]!]),
  "timestamp '2024-03-10 02:30' at time zone 'America/New_York'", "timestamptz '2024-11-03 06:30+00' at time zone 'America/New_York'",
  ...calls('array', ["SELECT generate_series(timestamp '2024-01-30', '2024-04-01', '1 mon')", "SELECT generate_series(timestamptz '2024-03-09 12:00+00', '2024-03-11 12:00+00', '1 day')", "SELECT generate_series(timestamp '2024-01-02', '2024-01-01', '-6 hours')", "SELECT generate_series(timestamp '2024-01-02', '2024-01-01', '0')", 'SELECT generate_series(1.5, 4, 0.75)', 'SELECT generate_series(3, 1)', 'SELECT generate_series(3, 1, -1)', 'SELECT generate_series(1, 5, 0)', 'SELECT generate_series(9223372036854775806, 9223372036854775807)', "SELECT generate_series('NaN'::numeric, 4)", 'SELECT generate_series(2147483646, 2147483647)'].map((q) => q)),
];

const CAST_CASES = [
  ...casts(DATES, 'text', 'timestamp', 'timestamptz', 'date'),
  ...casts(STAMPS, 'text', 'date', 'time', 'timestamptz', 'timestamp(0)', 'timestamp(3)'),
  ...casts(ZONED, 'text', 'date', 'time', 'timestamp', 'timestamptz(0)'),
  ...casts(TIMES, 'text', 'interval', 'time(0)', 'time(3)'),
  ...casts(SPANS, 'text', 'time', 'interval(0)'),
];

export const DATE_CASES: readonly string[] = [...TEXT_FORMS, ...ARITHMETIC, ...FIELD_CASES, ...CAST_CASES];

/** Intervals restricted to some of their fields. */
export const INTERVAL_FIELD_CASES: readonly string[] = [
  ...['year', 'month', 'day', 'hour', 'minute', 'second', 'year to month', 'day to hour', 'day to minute', 'day to second', 'hour to minute', 'hour to second', 'minute to second', 'second(2)', 'day to second(1)'].flatMap((unit) => ['1', '1.5', '1 2:03:04.5678', '1-2', '5 days 3 hours', '2:03'].map((text) => `interval '${text}' ${unit}`)),
  ...casts(SPANS, 'interval year to month', 'interval day', 'interval hour to minute'),
  "interval '1 day 5.6 s'::interval second(0)", "cast('1 2:03' as interval day to minute)", "interval '1 day 5.67'::interval day to second(1)",
];
