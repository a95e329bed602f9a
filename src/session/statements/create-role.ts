// CREATE ROLE, CREATE USER: passwords are kept as SCRAM-SHA-256 verifiers only.
import type { Role } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { CreateRole, Option } from '../../sql/ast-definition.ts';
import { lockRelations, tryLockRelations } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { claimName } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export async function runCreateRole({ state, statement }: RunOf<CreateRole>): Promise<StatementResult> {
  requireRoleAdmin(state);
  await claimName(state, 'role', statement.name);
  if (state.catalog().findRole(statement.name) !== undefined) {
    throw sqlError('duplicate_object', `role "${statement.name}" already exists`);
  }
  if (statement.name.startsWith('pg_')) {
    throw sqlError('reserved_name', `role name "${statement.name}" is reserved`, {
      detail: 'Role names starting with "pg_" are reserved.',
    });
  }
  const editor = state.transactions.transaction.edit();
  const blank: Role = {
    oid: editor.allocateOid(),
    name: statement.name,
    superuser: false,
    login: statement.word === 'user',
    createRole: false,
    createDatabase: false,
    inherit: true,
    replication: false,
    connectionLimit: -1,
    verifier: null,
  };
  editor.putRole(withRoleOptions(state, blank, statement.options));
  return tagOnly('CREATE ROLE');
}

/** As requireRoleNamed, of several, which nobody drops from then on. */
export async function lockRolesNamed(state: SessionState, names: readonly string[]): Promise<Role[]> {
  for (;;) {
    const roles = names.map((name) => requireRoleNamed(state, name));
    const oids = roles.map(({ oid }) => oid);
    if (tryLockRelations(state, oids, 'access share')) return roles;
    await lockRelations(state, oids, 'access share');
  }
}

/** 42704 if there is none. */
export function requireRoleNamed(state: SessionState, name: string): Role {
  const current = name === 'current_user' || name === 'current_role' ? state.role : undefined;
  const role = current ?? (name === 'session_user' ? state.loginRole : state.catalog().findRole(name));
  if (role !== undefined) return role;
  throw sqlError('undefined_object', `role "${name}" does not exist`);
}

export function requireRoleAdmin(state: SessionState): void {
  if (!state.role.superuser && !state.role.createRole) {
    throw sqlError('insufficient_privilege', 'permission denied to create role');
  }
}

/** The role with WITH-style options applied (superuser, nologin, password 'x', ...). */
export function withRoleOptions(state: SessionState, role: Role, options: readonly Option[]): Role {
  let next = role;
  for (const option of options) {
    if (/^(no)?(superuser|replication|bypassrls)$/.test(option.name) && !state.role.superuser) {
      throw sqlError(
        'insufficient_privilege',
        'must be superuser to alter superuser roles or change superuser attribute',
      );
    }
    next = { ...next, ...roleOption(state, next, option) };
  }
  return next;
}

function listed({ value }: Option): readonly string[] {
  return value?.kind === 'list' ? value.items : value !== null && 'text' in value ? [value.text] : [];
}

function roleOption(state: SessionState, role: Role, option: Option): Partial<Role> {
  const text = option.value !== null && 'text' in option.value ? option.value.text : null;
  switch (option.name) {
    case 'superuser':
    case 'nosuperuser':
      return { superuser: option.name === 'superuser' };
    case 'login':
    case 'nologin':
      return { login: option.name === 'login' };
    case 'createrole':
    case 'nocreaterole':
      return { createRole: option.name === 'createrole' };
    case 'createdb':
    case 'nocreatedb':
      return { createDatabase: option.name === 'createdb' };
    case 'inherit':
    case 'noinherit':
      return { inherit: option.name === 'inherit' };
    case 'replication':
    case 'noreplication':
      return { replication: option.name === 'replication' };
    case 'bypassrls':
    case 'nobypassrls':
      return {};
    case 'inrole':
    case 'ingroup':
      return {
        memberOf: [...(role.memberOf ?? []), ...listed(option).map((name) => requireRoleNamed(state, name).oid)],
      };
    case 'connectionlimit':
      return { connectionLimit: Number(text) };
    case 'password':
      return { verifier: text === null ? null : state.services.createVerifier(text) };
    default:
      return unsupported(`the role option ${option.name.toUpperCase()}`, 'Leave it out.', option.position);
  }
}
