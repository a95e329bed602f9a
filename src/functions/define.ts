// Short forms in which the families write their tables: one call per signature. Ids and oids follow from the name and the
// parameter types; oids are PostgreSQL's where it has the signature (postgres-oids.ts), else a stable number from 90000 up.

import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import { DEFAULT_SETTINGS, type TypeSettings } from '../types/type-settings.ts';
import type {
  AggregateFunction,
  EvaluationContext,
  KernelError,
  ParameterType,
  ScalarBody,
  ScalarFunction,
} from './function-definition.ts';
import { POSTGRES_OIDS } from './postgres-oids.ts';

export type Args = readonly (Datum | null)[];
export type Evaluate = (args: Args, context: EvaluationContext) => Datum | null;
export type BodyFor = (args: readonly SqlType[], result: SqlType) => ScalarBody;

/** PostgreSQL's oid of the signature, or one derived from the id (FNV-1a), always at least 90000. */
export function oidOf(id: string): number {
  const known = POSTGRES_OIDS.get(id);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return 90000 + ((hash >>> 0) % 900_000_000);
}

/** Everything the session settings say about values, for functions that print or read text. */
export function settingsOf(context: EvaluationContext): TypeSettings {
  return { ...DEFAULT_SETTINGS, timeZone: context.timeZone, nowMicros: context.nowMicros, ...context.settings };
}

/** A per-row body that does not depend on the argument types. */
export function row(evaluate: Evaluate): BodyFor {
  const body: ScalarBody = { kind: 'row', evaluate };
  return () => body;
}

/** A per-row body made for the actual types. */
export function rowFor(make: (args: readonly SqlType[], result: SqlType) => Evaluate): BodyFor {
  return (args, result) => ({ kind: 'row', evaluate: make(args, result) });
}

export function kernel(
  name: string,
  errors?: Readonly<Record<number, KernelError>>,
  align?: Extract<ScalarBody, { kind: 'kernel' }>['align'],
  slow?: Evaluate,
): BodyFor {
  const body: ScalarBody = {
    kind: 'kernel',
    kernel: name,
    ...(align === undefined ? {} : { align }),
    ...(errors === undefined ? {} : { errors }),
    ...(slow === undefined ? {} : { slow }),
  };
  return () => body;
}

/** The body for one row, where there is one. */
export function rowBody(body: ScalarBody): Evaluate | undefined {
  return body.kind === 'kernel' ? body.slow : body.evaluate;
}

/** A kernel that may answer NULL (it has null bytes to set), and its twin for the rows it declines. */
export function nullableKernel(name: string, slow: Evaluate): BodyFor {
  const body: ScalarBody = { kind: 'kernel', kernel: name, nullable: true, slow };
  return () => body;
}

export interface FunctionOptions {
  readonly strict?: boolean;
  readonly volatility?: 'immutable' | 'stable' | 'volatile';
  readonly variadic?: boolean;
  readonly parameterNames?: readonly string[];
  /** of the last parameters; together with names any of these may be left out */
  readonly defaults?: Args;
  readonly resultType?: (args: readonly SqlType[]) => SqlType;
  readonly commutator?: string;
  readonly negator?: string;
  readonly specialised?: ScalarFunction['specialised'];
}

function define(
  name: string,
  parameters: readonly ParameterType[],
  result: ParameterType,
  body: BodyFor,
  options: FunctionOptions,
  operator?: string,
): ScalarFunction {
  const id = `${name}(${parameters.join(',')})`;
  const { strict = true, volatility = 'immutable', ...rest } = options;
  return {
    id,
    name,
    parameters,
    result,
    strict,
    volatility,
    body,
    oid: oidOf(id),
    ...rest,
    ...(operator === undefined ? {} : { operator }),
  };
}

/** A function, strict and immutable unless the options say otherwise. Parameter types are given as one list "text,int4". */
export function fn(
  name: string,
  parameters: string,
  result: ParameterType,
  body: BodyFor,
  options: FunctionOptions = {},
): ScalarFunction {
  return define(name, list(parameters), result, body, options);
}

/** An operator; one parameter makes it a prefix operator. */
export function op(
  name: string,
  parameters: string,
  result: ParameterType,
  body: BodyFor,
  options: FunctionOptions = {},
): ScalarFunction {
  return define(name, list(parameters), result, body, options, name);
}

/** An aggregate; `state` says how it is computed. */
export function aggregate(
  name: string,
  parameters: string,
  result: ParameterType,
  state: AggregateFunction['state'],
  more: Partial<AggregateFunction> = {},
): AggregateFunction {
  const id = `${name}(${parameters})`;
  return { id, name, parameters: list(parameters), result, state, oid: oidOf(id), ...more };
}

export function list(parameters: string): readonly ParameterType[] {
  return parameters === '' ? [] : (parameters.split(',') as ParameterType[]);
}
