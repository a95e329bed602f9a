// Functions as text, for pg_get_function_arguments and its kin: the built-in ones and those of users.
import type { UserFunction } from '../catalog/objects.ts';
import { type FunctionRow, functionRows } from '../catalog/pg-catalog/function-rows.ts';
import { quoteName } from '../catalog/pg-catalog/index-definition.ts';
import { sqlError } from '../errors/sql-error.ts';
import { typeNameOfOid } from '../types/pseudo-types.ts';
import { formatType } from '../types/type-table.ts';
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
  return typeNameOfOid(oid) ?? '-';
}

function userArguments({ parameterTypes, parameterNames }: UserFunction): string {
  return parameterTypes
    .map((type, i) => `${parameterNames[i] === '' ? '' : `${quoteName(parameterNames[i]!)} `}${formatType(type)}`)
    .join(', ');
}

function userResult({ returnsSet, resultColumns, resultType }: UserFunction): string {
  if (returnsSet !== true) return formatType(resultType);
  if (resultColumns === undefined) return `SETOF ${formatType(resultType)}`;
  return `TABLE(${resultColumns.map(({ name, type }) => `${quoteName(name)} ${formatType(type)}`).join(', ')})`;
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

function builtInDefinition(state: SessionState, oid: number): string | null {
  const row = builtInRow(state, oid);
  if (row === undefined) return null;
  if (row.kind === 'a') throw sqlError('wrong_object_type', `"${row.name}" is an aggregate function`);
  const words = [
    ...(row.kind === 'w' ? ['WINDOW'] : []),
    ...(row.volatility === 'volatile' ? [] : [row.volatility.toUpperCase()]),
    'PARALLEL SAFE',
    ...(row.strict ? ['STRICT'] : []),
  ];
  const name = `pg_catalog.${quoteName(row.name)}(${functionArguments(state, oid)})`;
  return [
    `CREATE OR REPLACE FUNCTION ${name}`,
    ` RETURNS ${functionResult(state, oid)}`,
    ' LANGUAGE internal',
    ` ${words.join(' ')}`,
    `AS $function$${row.source}$function$\n`,
  ].join('\n');
}

export function functionResult(state: SessionState, oid: number): string | null {
  const own = state.catalog().functions.get(oid);
  if (own !== undefined) return userResult(own);
  const row = builtInRow(state, oid);
  return row === undefined ? null : `${row.returnsSet ? 'SETOF ' : ''}${typeText(row.result)}`;
}

/** CREATE FUNCTION; null for an aggregate, and for what is no function. */
export function functionDefinition(state: SessionState, oid: number): string | null {
  const one = state.catalog().functions.get(oid);
  if (one === undefined) return builtInDefinition(state, oid);
  const schema = quoteName(state.catalog().schemas.get(one.schemaOid)!.name);
  const words = [one.volatility === 'volatile' ? '' : one.volatility.toUpperCase(), one.strict ? 'STRICT' : ''];
  const properties = words.filter((word) => word !== '').join(' ');
  const lines = [
    `CREATE OR REPLACE FUNCTION ${schema}.${quoteName(one.name)}(${userArguments(one)})`,
    ` RETURNS ${userResult(one)}`,
    ` LANGUAGE ${one.language}`,
    ...(properties === '' ? [] : [` ${properties}`]),
    `AS $function$${one.source}$function$`,
  ];
  return `${lines.join('\n')}\n`;
}
