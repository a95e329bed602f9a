// pg_authid: the roles as superusers see them. Others get no verifiers.
import { systemRelation } from '../define-system-relation.ts';

export const PG_AUTHID = systemRelation(
  ['pg_catalog', 'pg_authid', 1260, 'table'],
  (context) => context.catalog.roles.values(),
  [
    ['oid', 'oid!', (r) => r.oid],
    ['rolname', 'name!', (r) => r.name],
    ['rolsuper', 'bool!', (r) => r.superuser],
    ['rolinherit', 'bool!', (r) => r.inherit],
    ['rolcreaterole', 'bool!', (r) => r.createRole],
    ['rolcreatedb', 'bool!', (r) => r.createDatabase],
    ['rolcanlogin', 'bool!', (r) => r.login],
    ['rolreplication', 'bool!', (r) => r.replication],
    ['rolbypassrls', 'bool!', (r) => r.superuser],
    ['rolconnlimit', 'int4!', (r) => r.connectionLimit],
    ['rolpassword', 'text', (r, c) => (c.session.user.superuser ? r.verifier : null)],
    ['rolvaliduntil', 'timestamptz'],
  ],
);
