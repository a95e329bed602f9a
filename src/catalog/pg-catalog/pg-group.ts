// pg_group: the roles that may not log in. There is no membership, so they are empty.

import { sqlArray } from '../../types/datum.ts';
import { systemRelation } from '../define-system-relation.ts';
import type { Role } from '../objects.ts';
import type { SystemContext } from '../system-relation.ts';

function* groups(context: SystemContext): Generator<Role> {
  for (const role of context.catalog.roles.values()) if (!role.login) yield role;
}

export const PG_GROUP = systemRelation(['pg_catalog', 'pg_group', 12010, 'view'], groups, [
  ['groname', 'name', (r) => r.name],
  ['grosysid', 'oid', (r) => r.oid],
  ['grolist', 'oid[]', () => sqlArray([])],
]);
