// pg_shadow and pg_user: the roles that may log in; pg_shadow has their verifiers, for superusers.
import { type SystemColumn, systemRelation } from '../define-system-relation.ts';
import type { Role } from '../objects.ts';
import type { SystemContext } from '../system-relation.ts';

function* users(context: SystemContext): Generator<Role> {
  for (const role of context.catalog.roles.values()) if (role.login) yield role;
}

/** The columns, but for the password. */
function userColumns(password: SystemColumn<Role>): readonly SystemColumn<Role>[] {
  return [
    ['usename', 'name', (r) => r.name],
    ['usesysid', 'oid', (r) => r.oid],
    ['usecreatedb', 'bool', (r) => r.createDatabase],
    ['usesuper', 'bool', (r) => r.superuser],
    ['userepl', 'bool', (r) => r.replication],
    ['usebypassrls', 'bool', (r) => r.superuser],
    password,
    ['valuntil', 'timestamptz'],
    ['useconfig', 'text[]'],
  ];
}

export const PG_SHADOW = systemRelation(
  ['pg_catalog', 'pg_shadow', 12005, 'view'],
  users,
  userColumns(['passwd', 'text', (r, c) => (c.session.user.superuser ? r.verifier : null)]),
);
export const PG_USER = systemRelation(
  ['pg_catalog', 'pg_user', 12014, 'view'],
  users,
  userColumns(['passwd', 'text', '********']),
);
