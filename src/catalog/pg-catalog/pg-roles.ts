// pg_roles: the roles, for everyone to read: without passwords.
import { systemRelation } from '../define-system-relation.ts';

export const PG_ROLES = systemRelation(
  ['pg_catalog', 'pg_roles', 12000, 'view'],
  (context) => context.catalog.roles.values(),
  [
    ['rolname', 'name', (r) => r.name],
    ['rolsuper', 'bool', (r) => r.superuser],
    ['rolinherit', 'bool', (r) => r.inherit],
    ['rolcreaterole', 'bool', (r) => r.createRole],
    ['rolcreatedb', 'bool', (r) => r.createDatabase],
    ['rolcanlogin', 'bool', (r) => r.login],
    ['rolreplication', 'bool', (r) => r.replication],
    ['rolconnlimit', 'int4', (r) => r.connectionLimit],
    ['rolpassword', 'text', '********'],
    ['rolvaliduntil', 'timestamptz'],
    ['rolbypassrls', 'bool', (r) => r.superuser],
    ['rolconfig', 'text[]'],
    ['oid', 'oid', (r) => r.oid],
  ],
);
