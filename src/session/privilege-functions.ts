// has_table_privilege and its kin: (role, object, privilege) or (object, privilege) for the session's role; objects and roles by name
// or oid; privileges as a list, each perhaps WITH GRANT OPTION.
import type { Relation } from '../catalog/objects.ts';
import { hasPrivilege, type ObjectKind, type Protected, PUBLIC, privilegesOf, rolesOf } from '../catalog/privileges.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { Datum } from '../types/datum.ts';
import { kindOf } from './privileges.ts';
import { relationOid } from './relation-names.ts';
import { splitIdentifiers } from './search-path.ts';
import type { SessionState } from './session-state.ts';
import type { SystemFunction } from './system-functions.ts';

type Arguments = readonly (Datum | null)[];
type Find = (state: SessionState, object: Datum) => { readonly kind: ObjectKind; readonly object: Protected } | null;

/** `find` gives null for an oid that no object has: the answer is NULL then. */
function privilegeFunction(find: Find, kind: ObjectKind): SystemFunction {
  return (state, args) => {
    const privileges = privilegesIn(args.at(-1) as string, kind);
    const found = find(state, args.at(-2)!);
    if (found === null) return null;
    const role = args.length > 2 ? roleOf(state, args[0]!) : state.role.oid;
    return privileges.some(({ word, grantable }) => holds(state, role, found, word, grantable));
  };
}

function holds(
  state: SessionState,
  role: number,
  { kind, object }: { readonly kind: ObjectKind; readonly object: Protected },
  word: string,
  grantable: boolean,
): boolean {
  if (object.oid < 16_384 && kind === 'table') return word === 'SELECT' || state.role.superuser;
  return hasPrivilege(state.catalog(), role, kind, object, word, grantable);
}

function privilegesIn(text: string, kind: ObjectKind): { readonly word: string; readonly grantable: boolean }[] {
  return text.split(',').map((part) => {
    const upper = part.trim().toUpperCase();
    const grantable = upper.endsWith(' WITH GRANT OPTION');
    const plain = grantable ? upper.slice(0, -' WITH GRANT OPTION'.length).trim() : upper;
    const word = plain === 'TEMP' ? 'TEMPORARY' : plain;
    if (privilegesOf(kind).includes(word) || (kind === 'table' && word === 'RULE')) return { word, grantable };
    throw sqlError('invalid_parameter_value', `unrecognized privilege type: "${part.trim()}"`);
  });
}

function roleOf(state: SessionState, role: Datum): number {
  if (typeof role === 'number') return role;
  if (role === 'public') return PUBLIC;
  const found = state.catalog().findRole(String(role));
  if (found === undefined) throw sqlError('undefined_object', `role "${role}" does not exist`);
  return found.oid;
}

function findRelation(state: SessionState, object: Datum): Relation | null {
  const oid = typeof object === 'number' ? object : relationOid(state, String(object));
  if (oid === null) throw sqlError('undefined_table', `relation "${object}" does not exist`);
  return state.catalog().relations.get(oid) ?? null;
}

const onRelation: Find = (state, object) => {
  const relation = findRelation(state, object);
  return relation === null ? null : { kind: kindOf(relation), object: relation };
};

const onSchema: Find = (state, object) => {
  const { schemas } = state.catalog();
  const schema =
    typeof object === 'number' ? schemas.get(object) : [...schemas.values()].find((one) => one.name === object);
  if (schema !== undefined) return { kind: 'schema', object: schema };
  if (typeof object === 'number') return null;
  throw sqlError('invalid_schema_name', `schema "${object}" does not exist`);
};

const onDatabase: Find = (state, object) => {
  const found = [...state.catalog().databases.values()].find((one) => one.oid === object || one.name === object);
  if (found !== undefined) return { kind: 'database', object: found };
  if (typeof object === 'number') return null;
  throw sqlError('invalid_catalog_name', `database "${object}" does not exist`);
};

const BUILT_IN: Protected = { oid: 0, owner: 10 };

const onFunction: Find = (state, object) => {
  const catalog = state.catalog();
  const name = typeof object === 'number' ? '' : (splitIdentifiers(String(object).replace(/\(.*$/, ''))[0] ?? '');
  const found = typeof object === 'number' ? catalog.functions.get(object) : catalog.findFunctions(name)[0];
  return { kind: 'function', object: found ?? BUILT_IN };
};

/** A privilege on a table is one on all its columns; there are none on columns alone. */
const onColumns: SystemFunction = (state, args) => {
  const [object, , privilege] = args.length > 3 ? args.slice(1) : args;
  const role: Arguments = args.length > 3 ? [args[0]!] : [];
  return TABLE_PRIVILEGE(state, [...role, object!, privilege!]);
};

const TABLE_PRIVILEGE = privilegeFunction(onRelation, 'table');

function hasRole(state: SessionState, args: Arguments): boolean {
  const [role, privilege] = args.slice(-2);
  const user = args.length > 2 ? roleOf(state, args[0]!) : state.role.oid;
  const catalog = state.catalog();
  if (catalog.roles.get(user)?.superuser === true) return true;
  const inherited = String(privilege).toUpperCase().startsWith('USAGE');
  return rolesOf(catalog, user, inherited).has(roleOf(state, role!));
}

export const PRIVILEGE_FUNCTIONS: Readonly<Record<string, SystemFunction>> = {
  has_table_privilege: TABLE_PRIVILEGE,
  has_any_column_privilege: TABLE_PRIVILEGE,
  has_column_privilege: onColumns,
  has_sequence_privilege: privilegeFunction(onRelation, 'sequence'),
  has_schema_privilege: privilegeFunction(onSchema, 'schema'),
  has_database_privilege: privilegeFunction(onDatabase, 'database'),
  has_function_privilege: privilegeFunction(onFunction, 'function'),
  has_type_privilege: () => true,
  has_language_privilege: () => true,
  has_tablespace_privilege: () => true,
  has_foreign_data_wrapper_privilege: () => true,
  has_server_privilege: () => true,
  pg_has_role: hasRole,
};
