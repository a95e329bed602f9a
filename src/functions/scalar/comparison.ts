// = <> < <= > >= for every type, with commutators and negators. Fixed layouts and texts compare by kernel; bpchar, jsonb,
// arrays, records and mixed date/timestamp pairs by the type's own order.

import {
  DATE_INFINITY,
  DATE_MINUS_INFINITY,
  isFiniteTimestamp,
  MICROS_PER_DAY,
  TIMESTAMP_INFINITY,
  TIMESTAMP_MINUS_INFINITY,
} from '../../types/calendar.ts';
import type { Datum } from '../../types/datum.ts';
import { compareFloats } from '../../types/float.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { localToUtc } from '../../types/time-zone.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { type BodyFor, kernel, op, rowFor } from '../define.ts';
import type { EvaluationContext, ScalarFunction } from '../function-definition.ts';

interface Comparison {
  readonly symbol: string;
  readonly kernel: string;
  readonly commutator: string;
  readonly negator: string;
  readonly holds: (order: number) => boolean;
}

const COMPARISONS: readonly Comparison[] = [
  { symbol: '=', kernel: 'equal', commutator: '=', negator: '<>', holds: (order) => order === 0 },
  { symbol: '<>', kernel: 'not_equal', commutator: '<>', negator: '=', holds: (order) => order !== 0 },
  { symbol: '<', kernel: 'less', commutator: '>', negator: '>=', holds: (order) => order < 0 },
  { symbol: '<=', kernel: 'less_equal', commutator: '>=', negator: '>', holds: (order) => order <= 0 },
  { symbol: '>', kernel: 'greater', commutator: '<', negator: '<=', holds: (order) => order > 0 },
  { symbol: '>=', kernel: 'greater_equal', commutator: '<=', negator: '<', holds: (order) => order >= 0 },
];

type Compare = (a: Datum, b: Datum, context: EvaluationContext) => number;

function all(a: string, b: string, body: (comparison: Comparison) => BodyFor, volatility?: 'stable'): ScalarFunction[] {
  return COMPARISONS.map((c) =>
    op(c.symbol, `${a},${b}`, 'bool', body(c), {
      commutator: c.commutator,
      negator: c.negator,
      ...(volatility === undefined ? {} : { volatility }),
    }),
  );
}

/** Kernel comparisons of one physical type. */
function byKernel(type: string, physical: string): ScalarFunction[] {
  return all(type, type, (c) => kernel(`${c.kernel}_${physical}`));
}

/** Comparisons that the engine brings to a common layout. */
function aligned(a: string, b: string): ScalarFunction[] {
  return all(a, b, (c) => kernel(c.kernel, undefined, 'scale'));
}

function byRow(
  a: string,
  b: string,
  make: (types: readonly SqlType[]) => Compare,
  volatility?: 'stable',
): ScalarFunction[] {
  return all(
    a,
    b,
    (c) =>
      rowFor((types) => {
        const compare = make(types);
        return ([x, y], context) => c.holds(compare(x!, y!, context));
      }),
    volatility,
  );
}

const ownOrder = (types: readonly SqlType[]): Compare => {
  const type = types[0]!;
  const { compare } = typeOperations(type);
  return (a, b) => compare(a, b, type);
};

/** date, timestamp or timestamptz as an instant comparable with the others. */
function instant(type: SqlType, zoned: boolean): (datum: Datum, context: EvaluationContext) => bigint {
  if (type.name === 'timestamptz') return (datum) => datum as bigint;
  const local =
    type.name === 'date'
      ? (datum: Datum) =>
          datum === DATE_INFINITY
            ? TIMESTAMP_INFINITY
            : datum === DATE_MINUS_INFINITY
              ? TIMESTAMP_MINUS_INFINITY
              : BigInt(datum as number) * MICROS_PER_DAY
      : (datum: Datum) => datum as bigint;
  if (!zoned) return local;
  return (datum, context) => {
    const micros = local(datum);
    return isFiniteTimestamp(micros) ? localToUtc(context.timeZone, micros) : micros;
  };
}

function byInstant(types: readonly SqlType[]): Compare {
  const zoned = types.some((type) => type.name === 'timestamptz');
  const left = instant(types[0]!, zoned);
  const right = instant(types[1]!, zoned);
  return (a, b, context) => {
    const x = left(a, context);
    const y = right(b, context);
    return x < y ? -1 : x > y ? 1 : 0;
  };
}

const FAMILY_PAIRS: readonly (readonly [string, string])[] = [
  ['int2', 'int4'],
  ['int4', 'int2'],
];
const WIDENED_PAIRS: readonly (readonly [string, string])[] = [
  ['int2', 'int8'],
  ['int8', 'int2'],
  ['int4', 'int8'],
  ['int8', 'int4'],
];
const FLOAT_PAIRS = [
  ['float4', 'float8'],
  ['float8', 'float4'],
] as const;
const DATE_PAIRS = [
  ['date', 'timestamp'],
  ['timestamp', 'date'],
  ['date', 'timestamptz'],
  ['timestamptz', 'date'],
  ['timestamp', 'timestamptz'],
  ['timestamptz', 'timestamp'],
] as const;

const KERNEL_TYPES: readonly (readonly [string, string])[] = [
  ['bool', 'bool'],
  ['int2', 'i32'],
  ['int4', 'i32'],
  ['int8', 'i64'],
  ['float4', 'f32'],
  ['float8', 'f64'],
  ['oid', 'u32'],
  ['xid', 'u32'],
  ['date', 'i32'],
  ['time', 'i64'],
  ['timestamp', 'i64'],
  ['timestamptz', 'i64'],
  ['interval', 'interval'],
  ['uuid', 'i128'],
  ['text', 'view'],
  ['name', 'view'],
  ['char', 'view'],
  ['bytea', 'view'],
];

/** ~<~ and its kin compare by bytes, as < does under collation C. */
const BY_BYTES: readonly ScalarFunction[] = (
  [
    ['~<~', 'less_view'],
    ['~<=~', 'less_equal_view'],
    ['~>=~', 'greater_equal_view'],
    ['~>~', 'greater_view'],
  ] as const
).map(([symbol, name]) => op(symbol, 'text,text', 'bool', kernel(name)));

export const COMPARISON: readonly ScalarFunction[] = [
  ...BY_BYTES,
  ...KERNEL_TYPES.flatMap(([type, physical]) => byKernel(type, physical)),
  ...FAMILY_PAIRS.flatMap(([a, b]) => all(a, b, (c) => kernel(`${c.kernel}_i32`))),
  ...WIDENED_PAIRS.flatMap(([a, b]) => aligned(a, b)),
  ...[['name', 'text'] as const, ['text', 'name'] as const].flatMap(([a, b]) =>
    all(a, b, (c) => kernel(`${c.kernel}_view`)),
  ),
  ...aligned('numeric', 'numeric'),
  ...FLOAT_PAIRS.flatMap(([a, b]) => byRow(a, b, () => compareFloats)),
  ...DATE_PAIRS.flatMap(([a, b]) =>
    byRow(a, b, byInstant, a === 'timestamptz' || b === 'timestamptz' ? 'stable' : undefined),
  ),
  ...['bpchar', 'jsonb', 'anyarray', 'record', 'oidvector', 'int2vector'].flatMap((type) =>
    byRow(type, type, ownOrder),
  ),
];
