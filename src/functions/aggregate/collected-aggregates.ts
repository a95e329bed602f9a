// Aggregates over collected rows: strings, arrays, JSON, bit operations, statistics of pairs. Each gets all
// rows of its group (ordered, where ORDER BY says so) and computes the result at the end.

import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, Decimal, SqlArray } from '../../types/datum.ts';
import { sqlArray } from '../../types/datum.ts';
import { decimalToNumber } from '../../types/decimal.ts';
import { canonicalJsonb } from '../../types/json.ts';
import { quoteJson } from '../../types/json-value.ts';
import { arrayOf, type SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { castToText } from '../casts/text-casts.ts';
import { aggregate } from '../define.ts';
import type { AggregateFunction, EvaluationContext, ParameterType } from '../function-definition.ts';
import { toJsonText } from '../scalar/to-json.ts';

export type Rows = readonly (readonly (Datum | null)[])[];
export type Finish = (rows: Rows, context: EvaluationContext, types: readonly SqlType[]) => Datum | null;

export function collect(
  name: string,
  parameters: string,
  result: ParameterType,
  finish: Finish,
  more: Partial<AggregateFunction> = {},
): AggregateFunction {
  return aggregate(name, parameters, result, { kind: 'collect', finish }, more);
}

function stringAgg(rows: Rows): string | null {
  let out: string | null = null;
  for (const [value, separator] of rows) {
    if (value === null) continue;
    out = out === null ? (value as string) : out + ((separator as string | null) ?? '') + (value as string);
  }
  return out;
}

function byteaAgg(rows: Rows): Uint8Array | null {
  const parts: Uint8Array[] = [];
  for (const [value, separator] of rows) {
    if (value === null) continue;
    if (parts.length > 0 && separator !== null) parts.push(separator as Uint8Array);
    parts.push(value as Uint8Array);
  }
  return parts.length === 0 ? null : Uint8Array.from(Buffer.concat(parts));
}

function arrayAgg(rows: Rows): SqlArray | null {
  return rows.length === 0 ? null : sqlArray(rows.map(([value]) => value!));
}

/** array_agg of arrays adds a dimension. */
function nestedArrayAgg(rows: Rows): SqlArray | null {
  if (rows.length === 0) return null;
  const parts = rows.map(([value]) => {
    if (value === null) throw sqlError('null_value_not_allowed', 'cannot accumulate null arrays');
    return value as SqlArray;
  });
  const first = parts[0]!;
  if (first.dimensions.length === 0) throw sqlError('array_subscript_error', 'cannot accumulate empty arrays');
  if (parts.some((part) => part.dimensions.join() !== first.dimensions.join())) {
    throw sqlError('array_subscript_error', 'cannot accumulate arrays of different dimensionality');
  }
  return {
    kind: 'array',
    dimensions: [parts.length, ...first.dimensions],
    lowerBounds: [1, ...first.lowerBounds],
    elements: parts.flatMap((part) => part.elements),
  };
}

/** Arrays and records begin new lines. */
const jsonAgg: Finish = (rows, context, [type]) => {
  if (rows.length === 0) return null;
  const comma = type!.name === 'array' || type!.name === 'record' ? ', \n ' : ', ';
  return `[${rows.map(([value]) => toJsonText(value!, type!, context)).join(comma)}]`;
};

const jsonObjectAgg: Finish = (rows, context, [keyType, valueType]) => {
  if (rows.length === 0) return null;
  const fields = rows.map(([key, value]) => {
    if (key === null) throw sqlError('invalid_parameter_value', 'field name must not be null');
    return `${quoteJson(castToText(key!, keyType!, context))} : ${toJsonText(value!, valueType!, context)}`;
  });
  return `{ ${fields.join(', ')} }`;
};

const asJsonb =
  (finish: Finish): Finish =>
  (rows, context, types) => {
    const text = finish(rows, context, types);
    return text === null ? null : canonicalJsonb(text as string);
  };

function bits(combine: (a: bigint, b: bigint) => bigint): Finish {
  return (rows, _context, [type]) => {
    let total: bigint | null = null;
    for (const [value] of rows) {
      if (value !== null) total = total === null ? BigInt(value as number) : combine(total, BigInt(value as number));
    }
    return total === null || type!.name === 'int8' ? total : Number(total);
  };
}

export function asNumber(value: Datum): number {
  return typeof value === 'object' ? decimalToNumber(value as Decimal) : Number(value);
}

interface PairSums {
  readonly n: number;
  readonly sumX: number;
  readonly sumY: number;
  readonly meanX: number;
  readonly meanY: number;
  readonly sxx: number;
  readonly syy: number;
  readonly sxy: number;
}

/** Youngs-Cramer sums over the pairs (Y, X) without nulls. */
function pairSums(rows: Rows): PairSums {
  let [n, sumX, sumY, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
  for (const [yDatum, xDatum] of rows) {
    if (yDatum === null || xDatum === null) continue;
    const y = yDatum as number;
    const x = xDatum as number;
    n++;
    sumX += x;
    sumY += y;
    if (n > 1) {
      const dx = x * n - sumX;
      const dy = y * n - sumY;
      const scale = 1 / (n * (n - 1));
      sxx += dx * dx * scale;
      syy += dy * dy * scale;
      sxy += dx * dy * scale;
    } else if (!Number.isFinite(x) || !Number.isFinite(y)) {
      // an infinite or undefined value leaves nothing to compare the others with
      if (!Number.isFinite(x)) sxx = sxy = Number.NaN;
      if (!Number.isFinite(y)) syy = sxy = Number.NaN;
    }
  }
  return { n, sumX, sumY, meanX: sumX / n, meanY: sumY / n, sxx, syy, sxy };
}

function pairs(name: string, compute: (sums: PairSums) => number | null): AggregateFunction {
  return collect(name, 'float8,float8', 'float8', (rows) => {
    const sums = pairSums(rows);
    return sums.n === 0 ? null : compute(sums);
  });
}

const PAIRS: readonly AggregateFunction[] = [
  pairs('corr', ({ sxx, syy, sxy }) => (sxx === 0 || syy === 0 ? null : sxy / Math.sqrt(sxx * syy))),
  pairs('covar_pop', ({ n, sxy }) => sxy / n),
  pairs('covar_samp', ({ n, sxy }) => (n < 2 ? null : sxy / (n - 1))),
  collect('regr_count', 'float8,float8', 'int8', (rows) => BigInt(pairSums(rows).n)),
  pairs('regr_avgx', ({ meanX }) => meanX),
  pairs('regr_avgy', ({ meanY }) => meanY),
  pairs('regr_sxx', ({ sxx }) => sxx),
  pairs('regr_syy', ({ syy }) => syy),
  pairs('regr_sxy', ({ sxy }) => sxy),
  pairs('regr_slope', ({ sxx, sxy }) => (sxx === 0 ? null : sxy / sxx)),
  pairs('regr_intercept', ({ n, sxx, sxy, sumX, sumY }) => (sxx === 0 ? null : (sumY - (sumX * sxy) / sxx) / n)),
  pairs('regr_r2', ({ sxx, syy, sxy }) => (sxx === 0 ? null : syy === 0 ? 1 : (sxy * sxy) / (sxx * syy))),
];

function distinct(rows: Rows, type: SqlType): Datum[] {
  const { compare } = typeOperations(type);
  const sorted = rows.map(([value]) => value!).filter((value) => value !== null);
  sorted.sort((a, b) => compare(a, b, type));
  return sorted.filter((value, i) => i === 0 || compare(sorted[i - 1]!, value, type) !== 0);
}

/** The first value beside the greatest key (`direction` 1) or the smallest one (-1); rows without a key do not count. */
function beside(direction: 1 | -1): Finish {
  return (rows, _context, [, type]) => {
    const { compare } = typeOperations(type!);
    let best: Rows[number] | undefined;
    for (const row of rows) {
      const key = row[1]!;
      if (key === null) continue;
      if (best === undefined || direction * compare(key, best[1]!, type!) > 0) best = row;
    }
    return best?.[0] ?? null;
  };
}

/** Central moment ratios as Spark defines skewness and kurtosis (excess). */
function moments(order: 3 | 4): Finish {
  return (rows) => {
    const values = rows.map(([value]) => value!).filter((value) => value !== null) as number[];
    if (values.length === 0) return null;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const moment = (k: number) => values.reduce((sum, value) => sum + (value - mean) ** k, 0) / values.length;
    const spread = moment(2);
    if (spread === 0) return null;
    return order === 3 ? moment(3) / spread ** 1.5 : moment(4) / (spread * spread) - 3;
  };
}

const firstElement = { resultType: ([type]: readonly SqlType[]) => type! };
const arrayResult = { resultType: ([type]: readonly SqlType[]) => arrayOf(type!) };
const firstNonNull: Finish = (rows) => rows.find(([value]) => value !== null)?.[0] ?? null;

export const COLLECTED_AGGREGATES: readonly AggregateFunction[] = [
  collect('string_agg', 'text,text', 'text', stringAgg),
  collect('string_agg', 'bytea,bytea', 'bytea', byteaAgg),
  collect('array_agg', 'anynonarray', 'anyarray', arrayAgg, arrayResult),
  collect('array_agg', 'anyarray', 'anyarray', nestedArrayAgg, firstElement),
  collect('json_agg', 'anyelement', 'json', jsonAgg),
  collect('jsonb_agg', 'anyelement', 'jsonb', asJsonb(jsonAgg)),
  collect('json_object_agg', 'any,any', 'json', jsonObjectAgg),
  collect('jsonb_object_agg', 'any,any', 'jsonb', asJsonb(jsonObjectAgg)),
  ...(['int2', 'int4', 'int8'] as const).flatMap((type) => [
    collect(
      'bit_and',
      type,
      type,
      bits((a, b) => a & b),
    ),
    collect(
      'bit_or',
      type,
      type,
      bits((a, b) => a | b),
    ),
    collect(
      'bit_xor',
      type,
      type,
      bits((a, b) => a ^ b),
    ),
  ]),
  ...PAIRS,
  collect('any_value', 'anyelement', 'anyelement', firstNonNull, firstElement),
  collect('max_by', 'anyelement,any', 'anyelement', beside(1), firstElement),
  collect('min_by', 'anyelement,any', 'anyelement', beside(-1), firstElement),
  collect(
    'collect_list',
    'anyelement',
    'anyarray',
    (rows) => sqlArray(rows.map(([v]) => v!).filter((v) => v !== null)),
    arrayResult,
  ),
  collect('collect_set', 'anyelement', 'anyarray', (rows, _c, [type]) => sqlArray(distinct(rows, type!)), arrayResult),
  collect('approx_count_distinct', 'anyelement', 'int8', (rows, _c, [type]) => BigInt(distinct(rows, type!).length)),
  collect('skewness', 'float8', 'float8', moments(3)),
  collect('kurtosis', 'float8', 'float8', moments(4)),
];
