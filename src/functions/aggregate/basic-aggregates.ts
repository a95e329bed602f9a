// Aggregates with vectorized states: count, sum, avg, min, max, bool_and/or, and the variance family.
import { NUMERIC, type SqlType } from '../../types/sql-type.ts';
import { aggregate } from '../define.ts';
import type { AggregateFunction, ParameterType } from '../function-definition.ts';

type Operation = Extract<AggregateFunction['state'], { kind: 'vector' }>['operation'];

function vector(
  name: string,
  parameters: string,
  result: ParameterType,
  operation: Operation,
  more: Partial<AggregateFunction> = {},
): AggregateFunction {
  return aggregate(name, parameters, result, { kind: 'vector', operation }, more);
}

/** sum(numeric(p,s)) is exact in numeric(38,s) while p leaves room for 10^9 rows. */
function sumResult([type]: readonly SqlType[]): SqlType {
  if (type?.precision === undefined || type.precision > 29) return NUMERIC;
  return { name: 'numeric', precision: 38, scale: type.scale ?? 0 };
}

const same = { resultType: ([type]: readonly SqlType[]) => type! };
const plain = { resultType: () => NUMERIC };

const ORDERED: readonly ParameterType[] = [
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'numeric',
  'text',
  'bpchar',
  'oid',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'uuid',
  'bytea',
  'anyarray',
  'record',
];

const VARIANCE = ['var_pop', 'var_samp', 'variance', 'stddev_pop', 'stddev_samp', 'stddev'] as const;
const VARIANTS: Readonly<Record<string, string>> = { variance: 'var_samp', stddev: 'stddev_samp' };

export const BASIC_AGGREGATES: readonly AggregateFunction[] = [
  vector('count', '', 'int8', 'count-star'),
  vector('count', 'any', 'int8', 'count'),
  vector('sum', 'int2', 'int8', 'sum'),
  vector('sum', 'int4', 'int8', 'sum'),
  vector('sum', 'int8', 'numeric', 'sum', { resultType: () => ({ name: 'numeric', precision: 38, scale: 0 }) }),
  vector('sum', 'numeric', 'numeric', 'sum', { resultType: sumResult }),
  vector('sum', 'float4', 'float4', 'sum'),
  vector('sum', 'float8', 'float8', 'sum'),
  vector('sum', 'interval', 'interval', 'sum'),
  ...(['int2', 'int4', 'int8', 'numeric'] as const).map((type) => vector('avg', type, 'numeric', 'avg', plain)),
  vector('avg', 'float4', 'float8', 'avg'),
  vector('avg', 'float8', 'float8', 'avg'),
  vector('avg', 'interval', 'interval', 'avg'),
  ...ORDERED.flatMap((type) => [vector('min', type, type, 'min', same), vector('max', type, type, 'max', same)]),
  vector('bool_and', 'bool', 'bool', 'bool-and'),
  vector('every', 'bool', 'bool', 'bool-and'),
  vector('bool_or', 'bool', 'bool', 'bool-or'),
  ...VARIANCE.flatMap((name) =>
    (['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'] as const).map((type) => {
      const float = type === 'float4' || type === 'float8';
      const variant = { variant: VARIANTS[name] ?? name };
      return vector(name, type, float ? 'float8' : 'numeric', 'variance', float ? variant : { ...variant, ...plain });
    }),
  ),
];
