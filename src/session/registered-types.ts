// Input and output of regclass, regtype, regnamespace, regrole, regproc: oids that read and print as names.
import { allTypeFunctions } from '../catalog/pg-catalog/type-functions.ts';
import { SqlError, sqlError } from '../errors/sql-error.ts';
import { pseudoTypeOid, typeNameOfOid } from '../types/pseudo-types.ts';
import { typeFromName, typeOid } from '../types/type-table.ts';
import { quoteIdentifier, relationOid, relationText } from './relation-names.ts';
import { splitIdentifiers } from './search-path.ts';
import type { SessionState } from './session-state.ts';
import type { SystemFunction } from './system-functions.ts';

function schemaOid(state: SessionState, name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const schema = state.catalog().findSchema(splitIdentifiers(name)[0] ?? '');
  if (schema === undefined) throw sqlError('invalid_schema_name', `schema "${name}" does not exist`);
  return schema.oid;
}

function roleOid(state: SessionState, name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const role = state.catalog().findRole(splitIdentifiers(name)[0] ?? '');
  if (role === undefined) throw sqlError('undefined_object', `role "${name}" does not exist`);
  return role.oid;
}

function namedTypeOid(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const bare = name
    .trim()
    .toLowerCase()
    .replace(/^pg_catalog\./, '');
  const type = typeFromName([bare]);
  const pseudo = pseudoTypeOid(bare.replaceAll('"', ''));
  if (type === undefined && pseudo !== undefined) return pseudo;
  if (type === undefined) throw sqlError('undefined_object', `type "${name}" does not exist`);
  return typeOid(type);
}

function functionOid(state: SessionState, name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const bare = splitIdentifiers(name.replace(/\(.*$/, '').replaceAll('.', ',')).at(-1) ?? '';
  const builtin = state.services.functions(state.catalog());
  const found = [
    ...state.catalog().findFunctions(bare),
    ...builtin.scalarsNamed(bare),
    ...builtin.aggregatesNamed(bare),
    ...builtin.windowFunctionsNamed(bare),
    ...builtin.tableFunctionsNamed(bare),
    ...allTypeFunctions().filter((one) => one.name === bare),
  ];
  if (found.length > 1 && !name.includes('('))
    throw sqlError('ambiguous_function', `more than one function named "${name}"`);
  if (found[0] === undefined) throw sqlError('undefined_function', `function "${name}" does not exist`);
  return found[0].oid;
}

function functionText(state: SessionState, oid: number): string {
  if (oid === 0) return '-';
  const builtin = state.services.functions(state.catalog());
  const sources = [
    () => builtin.allScalars(),
    allTypeFunctions,
    () => builtin.allAggregates(),
    () => builtin.allWindowFunctions(),
    () => builtin.allTableFunctions(),
  ];
  let name = state.catalog().functions.get(oid)?.name;
  for (const source of sources) name ??= source().find((one) => one.oid === oid)?.name;
  return name ?? String(oid);
}

/** `=(integer,integer)`; NONE stands for the left operand of a prefix operator. Throws 42883. */
function operatorOid(state: SessionState, text: string): number {
  const parts = /^\s*(?:pg_catalog\.)?([^\s(]+)\s*\(([^,]+),([^,]+)\)\s*$/.exec(text);
  if (parts === null) throw sqlError('syntax_error', 'expected a left parenthesis');
  const [, name, ...operands] = parts.map((part) => part.trim());
  const wanted = operands.filter((one) => one.toLowerCase() !== 'none').map((one) => namedTypeOid(one));
  const found = state.services
    .functions(state.catalog())
    .operatorsNamed(name!)
    .find(({ parameters }) => parameters.map(namedTypeOid).join() === wanted.join());
  if (found === undefined) throw sqlError('undefined_function', `operator does not exist: ${text}`);
  return found.oid;
}

function operatorText(state: SessionState, oid: number): string {
  const { functions } = state.services;
  const one = functions(state.catalog())
    .allScalars()
    .find((candidate) => candidate.operator !== undefined && candidate.oid === oid);
  if (one === undefined) return String(oid);
  const types = one.parameters.map((name) => typeNameOfOid(namedTypeOid(name)) ?? name);
  return `${one.operator}(${(types.length === 1 ? ['NONE', ...types] : types).join(',')})`;
}

/** to_reg...: what has no such object is NULL. */
function orNull(find: SystemFunction): SystemFunction {
  return (state, args) => {
    try {
      return find(state, args);
    } catch (error) {
      if (error instanceof SqlError) return null;
      throw error;
    }
  };
}

export const REGISTERED_TYPES: Readonly<Record<string, SystemFunction>> = {
  regclassin: (state, [name]) => {
    const oid = relationOid(state, name as string);
    if (oid === null) throw sqlError('undefined_table', `relation "${name}" does not exist`);
    return oid;
  },
  regclassout: (state, [oid]) => ((oid as number) === 0 ? '-' : relationText(state, oid as number)),
  regtypein: (_state, [name]) => namedTypeOid(name as string),
  to_regtype: orNull((_state, [name]) => namedTypeOid(name as string)),
  regtypeout: (_state, [oid]) => ((oid as number) === 0 ? '-' : (typeNameOfOid(oid as number) ?? String(oid))),
  regnamespacein: (state, [name]) => schemaOid(state, name as string),
  regnamespaceout: (state, [oid]) => {
    const schema = state.catalog().schemas.get(oid as number);
    return schema === undefined ? String(oid) : quoteIdentifier(schema.name);
  },
  regrolein: (state, [name]) => roleOid(state, name as string),
  regroleout: (state, [oid]) => {
    const role = state.catalog().roles.get(oid as number);
    return role === undefined ? String(oid) : quoteIdentifier(role.name);
  },
  regprocin: (state, [name]) => functionOid(state, name as string),
  regprocout: (state, [oid]) => functionText(state, oid as number),
  regprocedurein: (state, [name]) => functionOid(state, name as string),
  regprocedureout: (state, [oid]) => functionText(state, oid as number),
  regoperatorin: (state, [name]) => operatorOid(state, name as string),
  regoperatorout: (state, [oid]) => operatorText(state, oid as number),
};
