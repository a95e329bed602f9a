// CREATE ROLE, CREATE USER: passwords are kept as SCRAM-SHA-256 verifiers only.
import type { Role } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { CreateRole, Option } from '../../sql/ast-definition.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export function runCreateRole({ state, statement }: RunOf<CreateRole>): StatementResult {
  requireRoleAdmin(state);
  if (state.catalog().findRole(statement.name) !== undefined) {
    throw sqlError('duplicate_object', `role "${statement.name}" already exists`);
  }
  if (statement.name.startsWith('pg_')) {
    throw sqlError('invalid_name', `role name "${statement.name}" is reserved`, {
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

export function requireRoleAdmin(state: SessionState): void {
  if (!state.role.superuser && !state.role.createRole) {
    throw sqlError('insufficient_privilege', 'permission denied to create role', {
      detail: 'Only roles with the CREATEROLE attribute may create or change roles.',
    });
  }
}

/** The role with WITH-style options applied (superuser, nologin, password 'x', ...). */
export function withRoleOptions(state: SessionState, role: Role, options: readonly Option[]): Role {
  let next = role;
  for (const option of options) next = { ...next, ...roleOption(state, option) };
  return next;
}

function roleOption(state: SessionState, option: Option): Partial<Role> {
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
    case 'connectionlimit':
      return { connectionLimit: Number(text) };
    case 'password':
      return { verifier: text === null ? null : state.services.createVerifier(text) };
    default:
      return unsupported(`the role option ${option.name.toUpperCase()}`, 'Leave it out.', option.position);
  }
}
