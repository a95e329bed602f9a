// Casts among numbers and between integers and booleans. Numbers convert by the engine's 'convert' (rounding, range checks,
// typmod); int -> numeric gives a derived precision that holds every value.
import { sqlError } from '../../errors/sql-error.ts';
import type { Decimal } from '../../types/datum.ts';
import { coerceDecimal } from '../../types/numeric.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { kernel } from '../define.ts';
import type { CastFunction } from '../function-definition.ts';
import { type CastContext, cast, rowCast, sameBytes } from './define-cast.ts';

const NUMBERS = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'] as const;
const OIDS = [
  'oid',
  'regclass',
  'regtype',
  'regproc',
  'regprocedure',
  'regoperator',
  'regnamespace',
  'regrole',
] as const;

/** PostgreSQL: up the list int2 < int4 < int8 < numeric < float4 < float8 implicit, down by assignment. */
function numberContext(from: number, to: number): CastContext {
  return from < to ? 'implicit' : 'assignment';
}

const INTEGER_DIGITS: Readonly<Record<string, number>> = { int2: 5, int4: 10, int8: 19 };

function derived(from: string): ((args: readonly SqlType[]) => SqlType) | undefined {
  const precision = INTEGER_DIGITS[from];
  return precision === undefined ? undefined : () => ({ name: 'numeric', precision, scale: 0 });
}

const AMONG_NUMBERS: readonly CastFunction[] = NUMBERS.flatMap((from, i) =>
  NUMBERS.filter((to) => to !== from).map((to) =>
    cast(
      from,
      to,
      numberContext(i, NUMBERS.indexOf(to)),
      kernel('convert'),
      'immutable',
      to === 'numeric' ? derived(from) : undefined,
    ),
  ),
);

const TO_OID: readonly CastFunction[] = OIDS.flatMap((to) => [
  rowCast('int8', to, 'implicit', (value) => {
    const wide = value as bigint;
    if (wide < 0n || wide > 4294967295n) throw sqlError('numeric_value_out_of_range', 'OID out of range');
    return Number(wide);
  }),
  rowCast('int2', to, 'implicit', (value) => (value as number) >>> 0),
  rowCast('int4', to, 'implicit', (value) => (value as number) >>> 0),
  rowCast(to, 'int8', 'assignment', (value) => BigInt((value as number) >>> 0)),
  rowCast(to, 'int4', 'assignment', (value) => (value as number) | 0),
  ...(to === 'oid' ? [] : [sameBytes('oid', to, 'implicit'), sameBytes(to, 'oid', 'implicit')]),
]);

export const NUMBER_CASTS: readonly CastFunction[] = [
  ...AMONG_NUMBERS,
  cast('numeric', 'numeric', 'implicit', (_args, target) => ({
    kind: 'kernel',
    kernel: 'convert',
    slow: ([value]) => coerceDecimal(value as Decimal, target),
  })),
  rowCast('int4', 'bool', 'explicit', (value) => value !== 0),
  rowCast('bool', 'int4', 'explicit', (value) => (value ? 1 : 0)),
  ...TO_OID,
  sameBytes('regproc', 'regprocedure', 'implicit'),
  sameBytes('regprocedure', 'regproc', 'implicit'),
];
