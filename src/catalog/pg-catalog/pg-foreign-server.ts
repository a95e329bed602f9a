// pg_foreign_server: the connectors that streams use, one server each.
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID } from '../system-oids.ts';
import { connectors } from './connector-rows.ts';
import { connectorOid } from './derived-oids.ts';

export const PG_FOREIGN_SERVER = systemRelation(['pg_catalog', 'pg_foreign_server', 1417, 'table'], connectors, [
  ['oid', 'oid!', connectorOid],
  ['srvname', 'name!', (name) => name],
  ['srvowner', 'oid!', BOOTSTRAP_ROLE_OID],
  ['srvfdw', 'oid!', connectorOid],
  ['srvtype', 'text'],
  ['srvversion', 'text'],
  ['srvacl', 'aclitem[]'],
  ['srvoptions', 'text[]'],
]);
