// Functions as text, for pg_get_function_arguments and its kin: the built-in ones and those of users.
import type { UserFunction } from '../catalog/objects.ts';
import { type FunctionRow, functionRows } from '../catalog/pg-catalog/function-rows.ts';
import { quoteName } from '../catalog/pg-catalog/index-definition.ts';
import { formatType, typeFromOid } from '../types/type-table.ts';
import type { SessionState } from './session-state.ts';

const rowsByRegistry = new WeakMap<object, ReadonlyMap<number, FunctionRow>>();

function builtInRow(state: SessionState, oid: number): FunctionRow | undefined {
  const catalog = state.catalog();
  const functions = state.services.functions(catalog);
  let rows = rowsByRegistry.get(functions);
  if (rows === undefined) {
    rows = new Map([...functionRows({ catalog, functions })].map((row) => [row.oid, row]));
    rowsByRegistry.set(functions, rows);
  }
  return rows.get(oid);
}

function typeText(oid: number): string {
  const type = typeFromOid(oid);
  return type === undefined ? (oid === 2283 ? 'anyelement' : '-') : formatType(type);
}

function userArguments({ parameterTypes, parameterNames }: UserFunction): string {
  return parameterTypes
    .map((type, i) => `${parameterNames[i] === '' ? '' : `${quoteName(parameterNames[i]!)} `}${formatType(type)}`)
    .join(', ');
}

/** null: no such function. */
export function functionArguments(state: SessionState, oid: number): string | null {
  const own = state.catalog().functions.get(oid);
  if (own !== undefined) return userArguments(own);
  const row = builtInRow(state, oid);
  if (row === undefined) return null;
  const last = row.parameters.length - 1;
  return row.parameters
    .map((type, i) => `${row.variadic && i === last ? 'VARIADIC ' : ''}${typeText(type)}`)
    .join(', ');
}

export function functionResult(state: SessionState, oid: number): string | null {
  const own = state.catalog().functions.get(oid);
  if (own !== undefined) return formatType(own.resultType);
  const row = builtInRow(state, oid);
  return row === undefined ? null : `${row.returnsSet ? 'SETOF ' : ''}${typeText(row.result)}`;
}

/** CREATE FUNCTION for a user's function, null for others. */
export function functionDefinition(state: SessionState, oid: number): string | null {
  const one = state.catalog().functions.get(oid);
  if (one === undefined) return null;
  const schema = quoteName(state.catalog().schemas.get(one.schemaOid)!.name);
  const words = [one.volatility === 'volatile' ? '' : one.volatility.toUpperCase(), one.strict ? 'STRICT' : ''];
  const properties = words.filter((word) => word !== '').join(' ');
  const lines = [
    `CREATE OR REPLACE FUNCTION ${schema}.${quoteName(one.name)}(${userArguments(one)})`,
    ` RETURNS ${formatType(one.resultType)}`,
    ` LANGUAGE ${one.language}`,
    ...(properties === '' ? [] : [` ${properties}`]),
    `AS $function$${one.source}$function$`,
  ];
  return `${lines.join('\n')}\n`;
}
