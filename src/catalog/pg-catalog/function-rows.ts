// The rows of pg_proc: the registry's functions, aggregates, window and table functions, the types' input and output functions,
// and the functions users made.
import type { ParameterType } from '../../functions/function-definition.ts';
import { typeFromName, typeOid } from '../../types/type-table.ts';
import type { UserFunction } from '../objects.ts';
import { BOOTSTRAP_ROLE_OID, PG_CATALOG_OID } from '../system-oids.ts';
import type { SystemContext } from '../system-relation.ts';
import { allTypeFunctions } from './type-functions.ts';
import { typeOidByName } from './type-rows.ts';

export interface FunctionRow {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  readonly language: number;
  /** f function, a aggregate, w window */
  readonly kind: 'f' | 'a' | 'w';
  readonly parameters: readonly number[];
  readonly parameterNames: readonly string[];
  readonly defaults: number;
  readonly variadic: boolean;
  readonly result: number;
  readonly returnsSet: boolean;
  readonly strict: boolean;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly source: string;
}

export const INTERNAL_LANGUAGE_OID = 12;
export const SQL_LANGUAGE_OID = 14;
export const JAVASCRIPT_LANGUAGE_OID = 13_563;
const RECORD_OID = 2249;

interface Signature {
  readonly oid: number;
  readonly name: string;
  readonly parameters: readonly string[];
  readonly variadic?: boolean;
}

function builtIn(one: Signature, rest: Partial<FunctionRow> & { readonly result: number }): FunctionRow {
  return {
    oid: one.oid,
    name: one.name,
    schemaOid: PG_CATALOG_OID,
    owner: BOOTSTRAP_ROLE_OID,
    language: INTERNAL_LANGUAGE_OID,
    kind: 'f',
    parameters: one.parameters.map(typeOidByName),
    parameterNames: [],
    defaults: 0,
    variadic: one.variadic === true,
    returnsSet: false,
    strict: true,
    volatility: 'immutable',
    source: one.name,
    ...rest,
  };
}

/** A table function gives a set of its only column's type, or of records. */
function tableResult(
  parameters: readonly ParameterType[],
  outputs: (args: never) => readonly { readonly type: unknown }[],
): number {
  const types = parameters.map((name) => typeFromName([name]));
  if (types.includes(undefined)) return typeOidByName('anyelement');
  const columns = outputs(types as never) as readonly { readonly type: Parameters<typeof typeOid>[0] }[];
  return columns.length === 1 ? typeOid(columns[0]!.type) : RECORD_OID;
}

function userRow(one: UserFunction): FunctionRow {
  return {
    oid: one.oid,
    name: one.name,
    schemaOid: one.schemaOid,
    owner: one.owner,
    language: one.language === 'sql' ? SQL_LANGUAGE_OID : JAVASCRIPT_LANGUAGE_OID,
    kind: 'f',
    parameters: one.parameterTypes.map(typeOid),
    parameterNames: one.parameterNames.some((name) => name !== '') ? one.parameterNames : [],
    defaults: 0,
    variadic: false,
    result: typeOid(one.resultType),
    returnsSet: one.returnsSet === true,
    strict: one.strict,
    volatility: one.volatility,
    source: one.source,
  };
}

/** Some casts are done by one function: it has one row, the first. */
export function* functionRows(context: Pick<SystemContext, 'functions' | 'catalog'>): Generator<FunctionRow> {
  const seen = new Set<number>();
  for (const row of signatures(context)) {
    if (seen.has(row.oid)) continue;
    seen.add(row.oid);
    yield row;
  }
}

function* signatures(context: Pick<SystemContext, 'functions' | 'catalog'>): Generator<FunctionRow> {
  const { functions, catalog } = context;
  for (const one of functions.allScalars()) {
    // operators are in pg_operator, casts below under the name of their target as in PostgreSQL; user functions are listed from the catalog, with their own source
    if (one.operator !== undefined || one.id.startsWith('cast(') || catalog.functions.has(one.oid)) continue;
    const { strict, volatility } = one;
    yield builtIn(one, { result: typeOidByName(one.result), strict, volatility, defaults: one.defaults?.length ?? 0 });
  }
  for (const { from, to, function: body } of functions.allCasts()) {
    if (body === 'binary-compatible' || from === to || from === 'array' || to === 'array') continue;
    yield builtIn(
      { oid: body.oid, name: to, parameters: [from] },
      { result: typeOidByName(to), volatility: body.volatility },
    );
  }
  for (const one of functions.allAggregates()) {
    yield builtIn(one, { result: typeOidByName(one.result), kind: 'a', strict: false, source: 'aggregate_dummy' });
  }
  for (const one of functions.allWindowFunctions()) {
    yield builtIn(one, { result: typeOidByName(one.result), kind: 'w', strict: false });
  }
  for (const one of functions.allTableFunctions()) {
    const { strict, volatility } = one;
    yield builtIn(one, { result: tableResult(one.parameters, one.outputs), returnsSet: true, strict, volatility });
  }
  for (const one of allTypeFunctions()) {
    yield builtIn(one, { result: typeOidByName(one.result), volatility: 'immutable' });
  }
  for (const one of catalog.functions.values()) yield userRow(one);
}

/** pg_proc.provolatile */
export const VOLATILITY_LETTERS = { immutable: 'i', stable: 's', volatile: 'v' } as const;
