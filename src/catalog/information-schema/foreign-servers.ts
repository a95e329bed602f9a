// information_schema.foreign_servers: the connectors that streams use.
import { systemRelation } from '../define-system-relation.ts';
import { connectors } from '../pg-catalog/connector-rows.ts';
import { roleName } from '../pg-catalog/relation-facts.ts';
import { BOOTSTRAP_ROLE_OID } from '../system-oids.ts';

export const INFORMATION_FOREIGN_SERVERS = systemRelation(
  ['information_schema', 'foreign_servers', 13528, 'view'],
  connectors,
  [
    ['foreign_server_catalog', 'name', (_, c) => c.session.database],
    ['foreign_server_name', 'name', (name) => name],
    ['foreign_data_wrapper_catalog', 'name', (_, c) => c.session.database],
    ['foreign_data_wrapper_name', 'name', (name) => name],
    ['foreign_server_type', 'varchar'],
    ['foreign_server_version', 'varchar'],
    ['authorization_identifier', 'name', (_, c) => roleName(c, BOOTSTRAP_ROLE_OID)],
  ],
);
