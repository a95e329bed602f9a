// Plans call user functions by "udf:<oid>" with datums; the sandbox speaks JavaScript values. This is the bridge, both ways.
import type { CatalogSnapshot } from '../catalog/objects.ts';
import type { UdfCaller } from '../engine/batch/batch-context.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { Datum, SqlArray } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import { typeOperations } from '../types/type-operations.ts';
import type { UdfHost } from '../udf/udf-host.ts';
import type { CancelFlag } from './session-state.ts';
import { udfDefinition } from './statements/user-functions.ts';

const DAY_MS = 86_400_000;
const MAX_INT8 = 9_223_372_036_854_775_807n;
const INFINITE_DATES: readonly number[] = [2_147_483_647, -2_147_483_648];

/** `cancel`: of the statement, which ends a call at once; a continuous query has none. */
export function udfCaller(host: UdfHost, catalog: CatalogSnapshot, cancel: CancelFlag | null): UdfCaller {
  return {
    async call(functionId, args, rows) {
      const one = catalog.functions.get(Number(functionId.slice('udf:'.length)));
      if (one === undefined) throw sqlError('undefined_function', `function ${functionId} does not exist`);
      const columns = args.map((column, i) => column.map((value) => toJavaScript(value, one.parameterTypes[i]!)));
      const call = (signal?: AbortSignal) => host.callRows(udfDefinition(one), columns, rows, signal);
      const results = await (cancel === null ? call() : cancellable(cancel, call));
      return results.map((value) => fromJavaScript(value, one.resultType));
    },
  };
}

async function cancellable<T>(cancel: CancelFlag, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  cancel.onCancel = () => controller.abort();
  try {
    if (cancel.cancelled) controller.abort();
    return await call(controller.signal);
  } finally {
    cancel.onCancel = null;
  }
}

function toJavaScript(value: Datum | null, type: SqlType): unknown {
  if (value === null) return null;
  switch (type.name) {
    case 'date':
      if (INFINITE_DATES.includes(value as number))
        return (value as number) > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      return (value as number) * DAY_MS;
    case 'timestamp':
    case 'timestamptz': {
      const micros = value as bigint;
      if (micros === MAX_INT8) return Number.POSITIVE_INFINITY;
      return micros === -MAX_INT8 - 1n ? Number.NEGATIVE_INFINITY : micros;
    }
    case 'numeric':
    case 'interval':
    case 'uuid':
      return typeOperations(type).formatText(value, type);
    case 'json':
    case 'jsonb':
      return JSON.parse(value as string);
    case 'array':
      return nested(value as SqlArray, type.element!);
    default:
      return value;
  }
}

/** Row-major elements to nested JavaScript arrays. */
function nested(array: SqlArray, element: SqlType): unknown[] {
  let level: unknown[] = array.elements.map((one) => toJavaScript(one, element));
  for (const size of array.dimensions.slice(1).reverse()) {
    const rows: unknown[] = [];
    for (let i = 0; i < level.length; i += size) rows.push(level.slice(i, i + size));
    level = rows;
  }
  return level;
}

function fromJavaScript(value: unknown, type: SqlType): Datum | null {
  if (value === null || value === undefined) return null;
  switch (type.name) {
    case 'date':
      if (typeof value === 'number') return INFINITE_DATES[value > 0 ? 0 : 1]!;
      return Math.floor((value as Date).getTime() / DAY_MS);
    case 'timestamp':
    case 'timestamptz':
      if (typeof value === 'number') return value > 0 ? MAX_INT8 : -MAX_INT8 - 1n;
      return BigInt((value as Date).getTime()) * 1000n;
    case 'numeric':
    case 'interval':
    case 'uuid':
    case 'varchar':
    case 'bpchar':
      return typeOperations(type).parseText(String(value), type);
    case 'json':
    case 'jsonb':
      return typeOperations(type).parseText(JSON.stringify(value), type);
    case 'array':
      return arrayOf(value as unknown[], type.element!);
    default:
      return value as Datum;
  }
}

function arrayOf(value: unknown[], element: SqlType): SqlArray {
  const dimensions: number[] = [];
  let level: unknown[] = value;
  while (level.length > 0) {
    dimensions.push(level.length);
    if (!Array.isArray(level[0])) break;
    const width = (level[0] as unknown[]).length;
    if (!level.every((row) => Array.isArray(row) && row.length === width)) {
      throw sqlError(
        'array_subscript_error',
        'multidimensional arrays must have array expressions with matching dimensions',
      );
    }
    level = level[0] as unknown[];
  }
  const flat = value.flat(Number.POSITIVE_INFINITY);
  const elements = flat.map((one) => fromJavaScript(one, element));
  return {
    kind: 'array',
    dimensions: elements.length === 0 ? [] : dimensions,
    lowerBounds: dimensions.map(() => 1),
    elements,
  };
}
