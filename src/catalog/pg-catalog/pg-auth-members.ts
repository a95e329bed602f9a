// pg_auth_members: which roles are members of which.
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID } from '../system-oids.ts';
import type { SystemContext } from '../system-relation.ts';

function* members(context: SystemContext): Generator<{ group: number; member: number; admin: boolean }> {
  for (const role of context.catalog.roles.values()) {
    for (const group of role.memberOf ?? [])
      yield { group, member: role.oid, admin: role.adminOf?.includes(group) === true };
  }
}

export const PG_AUTH_MEMBERS = systemRelation(['pg_catalog', 'pg_auth_members', 1261, 'table'], members, [
  ['roleid', 'oid!', (m) => m.group],
  ['member', 'oid!', (m) => m.member],
  ['grantor', 'oid!', BOOTSTRAP_ROLE_OID],
  ['admin_option', 'bool!', (m) => m.admin],
]);
