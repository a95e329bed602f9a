// Set-returning functions over numbers, times and arrays: generate_series, generate_subscripts, unnest.
import { elementForm, UUID_FORM } from '../../columns/value-bytes.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, Decimal, Interval, SqlArray } from '../../types/datum.ts';
import { add, compareDecimals, sign } from '../../types/decimal.ts';
import { intervalSpan } from '../../types/interval.ts';
import { NUMERIC, type SqlType } from '../../types/sql-type.ts';
import { list, oidOf } from '../define.ts';
import type { EvaluationContext, TableFunction } from '../function-definition.ts';
import { addInterval, addIntervalInZone } from '../scalar/time-arithmetic.ts';

export type RowsOf = TableFunction['rows'];

/** A function with one output column named after itself. */
export function tableFunction(
  name: string,
  parameters: string,
  result: SqlType | ((args: readonly SqlType[]) => SqlType),
  rows: RowsOf,
  more: Partial<TableFunction> = {},
): TableFunction {
  const id = `${name}(${parameters})`;
  return {
    id,
    name,
    parameters: list(parameters),
    outputs: (args) => [{ name, type: typeof result === 'function' ? result(args) : result }],
    strict: true,
    volatility: 'immutable',
    rows,
    oid: oidOf(id),
    ...more,
  };
}

const ZERO_STEP = () => sqlError('invalid_parameter_value', 'step size cannot equal zero');

function* integers([from, to, step = 1]: readonly (Datum | null)[]): Iterable<readonly Datum[]> {
  const by = step as number;
  if (by === 0) throw ZERO_STEP();
  for (let i = from as number; by > 0 ? i <= (to as number) : i >= (to as number); i += by) yield [i];
}

function* bigIntegers([from, to, step = 1n]: readonly (Datum | null)[]): Iterable<readonly Datum[]> {
  const by = step as bigint;
  if (by === 0n) throw ZERO_STEP();
  for (let i = from as bigint; by > 0n ? i <= (to as bigint) : i >= (to as bigint); i += by) yield [i];
}

const ONE: Decimal = { kind: 'decimal', coefficient: 1n, scale: 0 };

function* decimals([from, to, step = ONE]: readonly (Datum | null)[]): Iterable<readonly Datum[]> {
  const by = step as Decimal;
  for (const [value, label] of [
    [from, 'start value'],
    [to, 'stop value'],
    [by, 'step size'],
  ] as const) {
    const special = (value as Decimal).special;
    if (special === undefined) continue;
    throw sqlError('invalid_parameter_value', `${label} cannot be ${special === 'NaN' ? 'NaN' : 'infinity'}`);
  }
  const direction = sign(by);
  if (direction === 0) throw ZERO_STEP();
  let value = from as Decimal;
  for (; direction * compareDecimals(value, to as Decimal) <= 0; value = add(value, by)) yield [value];
}

function times(advance: (value: bigint, step: Interval, context: EvaluationContext) => bigint): RowsOf {
  return function* series([from, to, step], context) {
    const by = step as Interval;
    const span = intervalSpan(by);
    if (span === 0n) throw ZERO_STEP();
    let value = from as bigint;
    for (; span > 0n ? value <= (to as bigint) : value >= (to as bigint); value = advance(value, by, context))
      yield [value];
  };
}

function countOf(args: readonly (Datum | null)[]): number {
  if (args.some((arg) => arg === null)) return 0;
  const [from, to, step = 1] = args.map((arg) => (typeof arg === 'object' ? Number.NaN : Number(arg)));
  const count = Math.floor((to! - from!) / step) + 1;
  return Number.isNaN(count) ? 1000 : Math.max(0, count);
}

function* unnest([array]: readonly (Datum | null)[]): Iterable<readonly (Datum | null)[]> {
  for (const element of (array as SqlArray).elements) yield [element];
}

function* subscripts([array, dimension, reverse]: readonly (Datum | null)[]): Iterable<readonly Datum[]> {
  const { dimensions, lowerBounds } = array as SqlArray;
  const size = dimensions[(dimension as number) - 1];
  if (size === undefined) return;
  const low = lowerBounds[(dimension as number) - 1]!;
  for (let i = 0; i < size; i++) yield [reverse === true ? low + size - 1 - i : low + i];
}

const series = (types: string, result: SqlType, rows: RowsOf, kernel?: string) =>
  tableFunction('generate_series', types, result, rows, {
    estimate: countOf,
    ...(kernel === undefined ? {} : { kernel: () => kernel }),
  });

function unnestKernel(types: readonly SqlType[]): string | undefined {
  const form = elementForm(elementType(types));
  if (form === undefined) return undefined;
  return form === UUID_FORM ? 'unnest_uuid' : form === 0 ? 'unnest_view' : `unnest_${form}`;
}

const elementType = ([type]: readonly SqlType[]): SqlType =>
  type?.name === 'int2vector' ? { name: 'int2' } : type?.name === 'oidvector' ? { name: 'oid' } : type!.element!;

export const SERIES: readonly TableFunction[] = [
  series('int4,int4', { name: 'int4' }, integers, 'series_i32'),
  series('int4,int4,int4', { name: 'int4' }, integers, 'series_step_i32'),
  series('int8,int8', { name: 'int8' }, bigIntegers, 'series_i64'),
  series('int8,int8,int8', { name: 'int8' }, bigIntegers, 'series_step_i64'),
  series('numeric,numeric', NUMERIC, decimals),
  series('numeric,numeric,numeric', NUMERIC, decimals),
  series('timestamp,timestamp,interval', { name: 'timestamp' }, times(addInterval), 'series_step_timestamp'),
  tableFunction(
    'generate_series',
    'timestamptz,timestamptz,interval',
    { name: 'timestamptz' },
    times((value, step, { timeZone }) => addIntervalInZone(value, step, timeZone)),
    {
      volatility: 'stable',
      kernel: (_types, { timeZone }) => (timeZone === 'UTC' ? 'series_step_timestamp' : undefined),
    },
  ),
  tableFunction('unnest', 'anyarray', elementType, unnest, {
    kernel: unnestKernel,
    estimate: ([a]) => (a === null ? 0 : (a as SqlArray).elements.length),
  }),
  tableFunction('generate_subscripts', 'anyarray,int4', { name: 'int4' }, subscripts),
  tableFunction('generate_subscripts', 'anyarray,int4,bool', { name: 'int4' }, subscripts),
];
