// Functions on dates and times of other dialects: units as words, counts of days, patterns. null: not one of these, or in a form
// we do not know.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../ast.ts';
import { binary, call, cast, extract, integer, text } from '../make-ast.ts';
import { datePicture } from './date-patterns.ts';
import type { DialectProfile } from './dialect-profile.ts';

const FIELDS: ReadonlyMap<string, string> = new Map([
  ['year', 'year'],
  ['quarter', 'quarter'],
  ['month', 'month'],
  ['week', 'week'],
  ['weekofyear', 'week'],
  ['day', 'day'],
  ['dayofmonth', 'day'],
  ['dayofyear', 'doy'],
  ['hour', 'hour'],
  ['minute', 'minute'],
  ['second', 'second'],
]);
const SECONDS: ReadonlyMap<string, number> = new Map([
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
  ['week', 604_800],
]);

/** Spark's TRUNC(date, 'MM') */
const TRUNC_UNITS: ReadonlyMap<string, string> = new Map([
  ['year', 'year'],
  ['yyyy', 'year'],
  ['yy', 'year'],
  ['quarter', 'quarter'],
  ['month', 'month'],
  ['mon', 'month'],
  ['mm', 'month'],
  ['week', 'week'],
]);

export function rewriteDateCall(
  name: string,
  args: readonly Expression[],
  profile: DialectProfile,
  at: number,
): Expression | null {
  const [first, second, third] = args;
  const field = args.length === 1 ? FIELDS.get(name) : undefined;
  if (field !== undefined) return cast(wholeField(field, first!, at), 'int4', at);
  switch (name) {
    case 'now':
    case 'getdate':
    case 'sysdate':
      return args.length === 0 ? { kind: 'sql_value', name: 'current_timestamp', precision: null, position: at } : null;
    case 'curdate':
      return args.length === 0 ? { kind: 'sql_value', name: 'current_date', precision: null, position: at } : null;
    case 'date_trunc':
    case 'timestamp_trunc':
    case 'datetime_trunc':
      return profile.name === 'bigquery' ? truncateTo(name, first, second, at) : null;
    case 'parse_date':
    case 'parse_timestamp':
      if (first === undefined || second === undefined) return null;
      return call(name === 'parse_date' ? 'to_date' : 'to_timestamp', [second, picture(first, profile)], at);
    case 'format_date':
    case 'format_timestamp':
    case 'format_datetime':
      if (first === undefined || second === undefined || profile.name !== 'bigquery') return null;
      return call('to_char', [cast(second, 'timestamp', at), picture(first, profile)], at);
    case 'strftime': {
      if (second === undefined || first?.kind !== 'string') return null;
      const pattern = datePicture(first.value, 'percent');
      return pattern === null ? null : call('to_char', [cast(second, 'timestamp', at), text(pattern, at)], at);
    }
    case 'dayofweek':
    case 'eomonth':
    case 'last_day':
    case 'trunc':
    case 'add_months':
      return rewriteCalendarCall(name, args, at);
    case 'to_date':
    case 'to_timestamp':
    case 'str_to_date':
      return readDate(name, args, profile, at);
    case 'date_format':
      return second === undefined
        ? null
        : call('to_char', [cast(first!, 'timestamp', at), picture(second, profile)], at);
    case 'from_unixtime':
    case 'unix_timestamp':
      return rewriteEpochCall(name, args, profile, at);
    case 'date_add':
    case 'dateadd':
    case 'timestampadd':
    case 'date_sub':
      return addToDate(name, [first, second, third], profile, at);
    case 'datediff':
    case 'date_diff':
    case 'timestampdiff':
      return difference(name, [first, second, third], profile, at);
    default:
      return null;
  }
}

/** Whole days and months: what stands for a date gives a date. */
function rewriteCalendarCall(
  name: string,
  [first, second, ...more]: readonly Expression[],
  at: number,
): Expression | null {
  if (first === undefined || more.length > 0) return null;
  switch (name) {
    case 'trunc': {
      const unit = second?.kind === 'string' ? TRUNC_UNITS.get(second.value.toLowerCase()) : undefined;
      if (unit === undefined) return null;
      return cast(call('date_trunc', [text(unit, at), cast(first, 'timestamp', at)], at), 'date', at);
    }
    case 'add_months':
      return second === undefined ? null : cast(addUnits('month', second, toDate(first), at), 'date', at);
    case 'dayofweek':
      return second === undefined ? cast(binary('+', extract('dow', first, at), integer(1, at), at), 'int4', at) : null;
    default: {
      if (second !== undefined) return null;
      const month = call('date_trunc', [text('month', at), cast(first, 'timestamp', at)], at);
      const next = binary('+', month, cast(text('1 month', at), 'interval', at), at);
      return binary('-', cast(next, 'date', at), integer(1, at), at);
    }
  }
}

/** Seconds since 1970 to and from dates. */
function rewriteEpochCall(
  name: string,
  [first, second]: readonly Expression[],
  profile: DialectProfile,
  at: number,
): Expression | null {
  if (name === 'from_unixtime') {
    if (first === undefined) return null;
    const moment = call('to_timestamp', [first], at);
    if (profile.name === 'trino' || profile.name === 'athena') return moment;
    const form = second === undefined ? text('YYYY-MM-DD HH24:MI:SS', at) : picture(second, profile);
    return call('to_char', [moment, form], at);
  }
  const now: Expression = { kind: 'sql_value', name: 'current_timestamp', precision: null, position: at };
  const moment =
    second === undefined
      ? cast(first ?? now, 'timestamptz', at)
      : call('to_timestamp', [first!, picture(second, profile)], at);
  return cast(call('floor', [extract('epoch', moment, at)], at), 'int8', at);
}

/** Seconds have no fraction in these functions. */
function wholeField(field: string, source: Expression, at: number): Expression {
  const value = extract(field, source, at);
  return field === 'second' ? call('floor', [value], at) : value;
}

/** A pattern must be a literal: it is translated here. */
function picture(pattern: Expression, profile: DialectProfile): Expression {
  const { position } = pattern;
  if (pattern.kind !== 'string') {
    throw sqlError('feature_not_supported', `the pattern of a date must be a literal in the ${profile.name} dialect`, {
      position,
      hint: "Use to_char with PostgreSQL's own pictures under SET sql_dialect = 'postgres'.",
    });
  }
  const translated = datePicture(pattern.value, profile.datePatterns);
  if (translated !== null) return text(translated, position);
  throw sqlError('feature_not_supported', `date pattern "${pattern.value}" is not supported`, { position });
}

function readDate(name: string, args: readonly Expression[], profile: DialectProfile, at: number): Expression | null {
  const [first, second] = args;
  if (first === undefined || args.length > 2) return null;
  const moment = profile.types.get('TIMESTAMP') === 'timestamptz' ? 'timestamptz' : 'timestamp';
  if (second === undefined)
    return name === 'str_to_date' ? null : cast(first, name === 'to_date' ? 'date' : moment, at);
  if (name === 'to_date') return call('to_date', [first, picture(second, profile)], at);
  const parsed = call('to_timestamp', [first, picture(second, profile)], at);
  return name === 'to_timestamp' ? cast(parsed, moment, at) : cast(parsed, 'timestamp', at);
}

function toDate(operand: Expression): Expression {
  return cast(operand, 'date', operand.position);
}

/** A unit's name as a word or a string; null if it is none. */
function unitOf(e: Expression | undefined): string | null {
  const name = e?.kind === 'column' && e.parts.length === 1 ? e.parts[0]! : e?.kind === 'string' ? e.value : '';
  const unit = name.toLowerCase().replace(/s$/, '');
  return SECONDS.has(unit) || ['month', 'quarter', 'year', 'millisecond'].includes(unit) ? unit : null;
}

/** moment + count * 1 unit */
function addUnits(unit: string, count: Expression, moment: Expression, at: number): Expression {
  const one = cast(text(unit === 'quarter' ? '3 months' : `1 ${unit}`, at), 'interval', at);
  return binary('+', moment, binary('*', count, one, at), at);
}

/** TRUNC(value, UNIT) */
function truncateTo(
  name: string,
  value: Expression | undefined,
  unit: Expression | undefined,
  at: number,
): Expression | null {
  const word = unitOf(unit);
  if (value === undefined || word === null) return null;
  const type = name === 'date_trunc' ? 'date' : name === 'timestamp_trunc' ? 'timestamptz' : 'timestamp';
  return cast(call('date_trunc', [text(word, at), cast(value, type, at)], at), type, at);
}

type Three = readonly [Expression | undefined, Expression | undefined, Expression | undefined];

/** (date, days), (date, INTERVAL ..) and (unit, count, moment) */
function addToDate(
  name: string,
  [first, second, third]: Three,
  profile: DialectProfile,
  at: number,
): Expression | null {
  if (first === undefined || second === undefined) return null;
  const unit = unitOf(first);
  if (third !== undefined) return unit === null ? null : addUnits(unit, second, third, at);
  const operator = name === 'date_sub' ? '-' : '+';
  if (second.kind === 'typed_literal' || (second.kind === 'cast' && second.type.name.at(-1) === 'interval')) {
    // days keep a date a date; the smaller units make it a moment
    const moment = first.kind === 'string' ? cast(first, 'timestamp', at) : first;
    return binary(operator, moment, second, at);
  }
  return profile.datePatterns === 'java' ? binary(operator, toDate(first), second, at) : null;
}

/** (end, start) in days, (unit, start, end), BigQuery's (end, start, unit) */
function difference(
  name: string,
  [first, second, third]: Three,
  profile: DialectProfile,
  at: number,
): Expression | null {
  if (first === undefined || second === undefined) return null;
  if (third === undefined) return name === 'datediff' ? binary('-', toDate(first), toDate(second), at) : null;
  const leading = unitOf(first);
  if (leading === null) {
    const trailing = unitOf(third);
    return trailing === 'day' ? binary('-', toDate(first), toDate(second), at) : null;
  }
  // DATEDIFF counts the borders that are crossed: right here for days only; TIMESTAMPDIFF and date_diff count whole units
  const borders = name === 'datediff' && profile.name !== 'spark' && profile.name !== 'databricks';
  if (borders) return leading === 'day' ? binary('-', toDate(third), toDate(second), at) : null;
  return wholeUnits(leading, second, third, at);
}

function wholeUnits(unit: string, from: Expression, to: Expression, at: number): Expression | null {
  const start = cast(from, 'timestamp', at);
  const end = cast(to, 'timestamp', at);
  const seconds = SECONDS.get(unit);
  if (seconds !== undefined) {
    const elapsed = extract('epoch', binary('-', end, start, at), at);
    return cast(call('trunc', [binary('/', elapsed, integer(seconds, at), at)], at), 'int8', at);
  }
  const age = call('age', [end, start], at);
  const years = extract('year', age, at);
  if (unit === 'year') return cast(years, 'int8', at);
  if (unit !== 'month') return null;
  return cast(binary('+', binary('*', years, integer(12, at), at), extract('month', age, at), at), 'int8', at);
}
