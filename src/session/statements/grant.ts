// GRANT and REVOKE: privileges on tables, sequences, schemas, functions and databases, and membership in roles.

import { relationKindWord } from '../../catalog/object-names.ts';
import type { AclItem, DatabaseObject, Relation, Role, Schema, UserFunction } from '../../catalog/objects.ts';
import {
  aclOf,
  hasPrivilege,
  type ObjectKind,
  type Protected,
  PUBLIC,
  privilegesOf,
  type Revocation,
  rolesOf,
  withGrant,
  withoutGrant,
} from '../../catalog/privileges.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { GrantPrivileges, GrantRole } from '../../sql/ast-alter.ts';
import { denied } from '../privileges.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { lockRolesNamed, requireRoleNamed } from './create-role.ts';
import { requireRelation } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { findUserFunction } from './user-functions.ts';

interface Target {
  readonly kind: ObjectKind;
  readonly object: Protected;
  /** for messages: 'table t' */
  readonly words: string;
  put(acl: readonly AclItem[]): void;
}

export async function runGrantPrivileges({ state, statement }: RunOf<GrantPrivileges>): Promise<StatementResult> {
  const tag = statement.grant ? 'GRANT' : 'REVOKE';
  state.transactions.requireWritable(tag);
  if (statement.privileges.some((one) => one.columns.length > 0))
    unsupported('a privilege on columns', 'Grant it on the table, or on a view of those columns.', statement.position);
  const named = statement.grantees.filter((name) => name !== 'public');
  const grantees = (await lockRolesNamed(state, named)).map(({ oid }) => oid);
  if (named.length < statement.grantees.length) grantees.push(PUBLIC);
  for (const target of targetsOf(state, statement)) change(state, statement, target, grantees);
  return tagOnly(tag);
}

function change(state: SessionState, statement: GrantPrivileges, target: Target, grantees: readonly number[]): void {
  const privileges = asked(statement, target.kind);
  const grantor = grantorOf(state, target);
  const mayGrant = privileges.filter((one) => passesOn(state, target, one));
  if (mayGrant.length === 0) throw denied(target.words);
  let acl = aclOf(target.kind, target.object);
  for (const grantee of grantees) {
    const grantable = statement.grantOption && statement.grant ? mayGrant : [];
    acl = statement.grant
      ? withGrant(acl, { grantee, grantor, privileges: mayGrant, grantable })
      : revoked(statement, acl, { grantee, grantor, privileges: mayGrant, optionOnly: statement.grantOption });
  }
  target.put(acl);
}

function revoked({ cascade }: GrantPrivileges, acl: readonly AclItem[], what: Revocation): readonly AclItem[] {
  const rest = withoutGrant(acl, what, cascade);
  if (rest !== null) return rest;
  throw sqlError('dependent_objects_still_exist', 'dependent privileges exist', {
    hint: 'Use CASCADE to revoke them too.',
  });
}

function passesOn(state: SessionState, { kind, object }: Target, privilege: string): boolean {
  return hasPrivilege(state.catalog(), state.role.oid, kind, object, privilege, true);
}

/** Grants are the owner's, unless the one who makes them has the right to pass them on only. */
function grantorOf(state: SessionState, { object }: Target): number {
  const { role } = state;
  return role.superuser || rolesOf(state.catalog(), role.oid).has(object.owner) ? object.owner : role.oid;
}

/** [] is ALL. Throws 0LP01 for a privilege that the kind of object does not have. */
function asked({ privileges, objectType }: GrantPrivileges, kind: ObjectKind): readonly string[] {
  if (privileges.length === 0) return privilegesOf(kind);
  return privileges.map(({ privilege }) => {
    const word = privilege.toUpperCase() === 'TEMP' ? 'TEMPORARY' : privilege.toUpperCase();
    const known = ['table', 'sequence', 'schema', 'function', 'database'] as const;
    if (!known.some((one) => privilegesOf(one).includes(word)))
      throw sqlError('syntax_error', `unrecognized privilege type "${privilege}"`);
    const valid = privilegesOf(kind).includes(word) || (kind === 'sequence' && objectType === 'table');
    if (!valid)
      throw sqlError('invalid_grant_operation', `invalid privilege type ${word} for ${kindName(objectType, kind)}`);
    return word;
  });
}

function kindName(objectType: string, kind: ObjectKind): string {
  return kind === 'table' ? 'relation' : objectType === 'routine' ? 'function' : kind;
}

function targetsOf(state: SessionState, statement: GrantPrivileges): Target[] {
  const { objectType, objects } = statement;
  const editor = state.transactions.transaction.edit();
  const catalog = state.catalog();
  if (statement.allInSchema)
    return objects.flatMap(({ name }) => allIn(state, objectType, requireSchema(state, name.parts[0]!)));
  return objects.map((object): Target => {
    const name = object.name.parts.at(-1)!;
    switch (objectType) {
      case 'table':
      case 'sequence':
      case 'view':
      case 'foreign table':
        return ofRelation(state, requireRelation(state, object.name));
      case 'schema': {
        const schema = requireSchema(state, name);
        return {
          kind: 'schema',
          object: schema,
          words: `schema ${name}`,
          put: (acl) => editor.putSchema({ ...schema, acl }),
        };
      }
      case 'database': {
        const database = [...catalog.databases.values()].find((one) => one.name === name);
        if (database === undefined) throw sqlError('invalid_catalog_name', `database "${name}" does not exist`);
        return ofDatabase(state, database);
      }
      case 'function':
      case 'routine':
      case 'procedure': {
        const found = findUserFunction(state, object);
        if (found === undefined) throw sqlError('undefined_function', `function ${name} does not exist`);
        return ofFunction(state, found);
      }
      default:
        return unsupported(
          `GRANT ON ${objectType.toUpperCase()}`,
          'Grant on tables, schemas, functions.',
          object.position,
        );
    }
  });
}

function allIn(state: SessionState, objectType: string, schema: Schema): Target[] {
  const catalog = state.catalog();
  if (objectType === 'function' || objectType === 'routine' || objectType === 'procedure') {
    return [...catalog.functions.values()]
      .filter((one) => one.schemaOid === schema.oid)
      .map((one) => ofFunction(state, one));
  }
  const wanted = (relation: Relation) =>
    objectType === 'sequence'
      ? relation.kind === 'sequence'
      : relation.kind !== 'sequence' && relation.kind !== 'index';
  return [...catalog.relations.values()]
    .filter((one) => one.schemaOid === schema.oid && wanted(one))
    .map((one) => ofRelation(state, one));
}

function ofRelation(state: SessionState, relation: Relation): Target {
  if (relation.kind === 'index') throw sqlError('wrong_object_type', `"${relation.name}" is an index`);
  if (relation.kind === 'system-table' || relation.kind === 'system-view')
    throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
  return {
    kind: relation.kind === 'sequence' ? 'sequence' : 'table',
    object: relation,
    words: `${relationKindWord(relation)} ${relation.name}`,
    put: (acl) => state.transactions.transaction.edit().putRelation({ ...relation, acl }),
  };
}

function ofFunction(state: SessionState, one: UserFunction): Target {
  const put = (acl: readonly AclItem[]) => state.transactions.transaction.edit().putFunction({ ...one, acl });
  return { kind: 'function', object: one, words: `function ${one.name}`, put };
}

function ofDatabase(state: SessionState, one: DatabaseObject): Target {
  const put = (acl: readonly AclItem[]) => state.transactions.transaction.edit().putDatabase({ ...one, acl });
  return { kind: 'database', object: one, words: `database ${one.name}`, put };
}

function requireSchema(state: SessionState, name: string): Schema {
  const schema = state.catalog().findSchema(name);
  if (schema === undefined) throw sqlError('invalid_schema_name', `schema "${name}" does not exist`);
  return schema;
}

export async function runGrantRole({ state, statement }: RunOf<GrantRole>): Promise<StatementResult> {
  const tag = tagOnly(statement.grant ? 'GRANT ROLE' : 'REVOKE ROLE');
  const { roles, grantees } = statement;
  await lockRolesNamed(state, [...roles, ...grantees]);
  for (const name of roles) {
    const group = requireRoleNamed(state, name);
    requireAdmin(state, group);
    for (const grantee of grantees) member(state, statement, group, requireRoleNamed(state, grantee));
  }
  return tag;
}

function requireAdmin(state: SessionState, group: Role): void {
  const { role } = state;
  if (role.superuser || (role.createRole && !group.superuser) || role.adminOf?.includes(group.oid) === true) return;
  const text = group.superuser
    ? 'must be superuser to alter superusers'
    : `must have admin option on role "${group.name}"`;
  throw sqlError('insufficient_privilege', text);
}

function member(state: SessionState, statement: GrantRole, group: Role, grantee: Role): void {
  const editor = state.transactions.transaction.edit();
  const withAdmin = statement.options.some((option) => option.name === 'admin');
  const memberOf = (grantee.memberOf ?? []).filter((oid) => oid !== group.oid);
  const adminOf = (grantee.adminOf ?? []).filter((oid) => oid !== group.oid);
  if (!statement.grant) {
    if (!(grantee.memberOf ?? []).includes(group.oid)) {
      const text = `role "${grantee.name}" is not a member of role "${group.name}"`;
      return state.notice('WARNING', sqlError('warning', text));
    }
    editor.putRole(withAdmin ? { ...grantee, adminOf } : { ...grantee, memberOf, adminOf });
    return;
  }
  if (grantee.oid === group.oid || rolesOf(state.catalog(), group.oid, false).has(grantee.oid)) {
    throw sqlError('invalid_grant_operation', `role "${group.name}" is a member of role "${grantee.name}"`);
  }
  if (grantee.memberOf?.includes(group.oid) === true && !withAdmin) {
    const text = `role "${grantee.name}" is already a member of role "${group.name}"`;
    return state.notice('NOTICE', sqlError('successful_completion', text));
  }
  editor.putRole({
    ...grantee,
    memberOf: [...memberOf, group.oid],
    adminOf: withAdmin ? [...adminOf, group.oid] : adminOf,
  });
}
