// pg_shadow: the roles that may log in, with their verifiers for superusers.
import { systemRelation } from '../define-system-relation.ts';
import type { Role } from '../objects.ts';
import type { SystemContext } from '../system-relation.ts';

function* users(context: SystemContext): Generator<Role> {
  for (const role of context.catalog.roles.values()) if (role.login) yield role;
}

export const PG_SHADOW = systemRelation(['pg_catalog', 'pg_shadow', 12005, 'view'], users, [
  ['usename', 'name', (r) => r.name],
  ['usesysid', 'oid', (r) => r.oid],
  ['usecreatedb', 'bool', (r) => r.createDatabase],
  ['usesuper', 'bool', (r) => r.superuser],
  ['userepl', 'bool', (r) => r.replication],
  ['usebypassrls', 'bool', (r) => r.superuser],
  ['passwd', 'text', (r, c) => (c.session.user.superuser ? r.verifier : null)],
  ['valuntil', 'timestamptz'],
  ['useconfig', 'text[]'],
]);
