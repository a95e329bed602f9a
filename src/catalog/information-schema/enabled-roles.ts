// information_schema.enabled_roles: the roles the session acts for: superusers for all.
import { systemRelation } from '../define-system-relation.ts';

export const INFORMATION_ENABLED_ROLES = systemRelation(
  ['information_schema', 'enabled_roles', 13325, 'view'],
  (context) =>
    [...context.catalog.roles.values()].filter(
      ({ oid }) => context.session.user.superuser || oid === context.session.user.oid,
    ),
  [['role_name', 'name', (r) => r.name]],
);
