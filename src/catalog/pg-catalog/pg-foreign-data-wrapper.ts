// pg_foreign_data_wrapper: the connectors that streams use.
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID } from '../system-oids.ts';
import { connectors } from './connector-rows.ts';
import { connectorOid } from './derived-oids.ts';

export const PG_FOREIGN_DATA_WRAPPER = systemRelation(
  ['pg_catalog', 'pg_foreign_data_wrapper', 2328, 'table'],
  connectors,
  [
    ['oid', 'oid!', connectorOid],
    ['fdwname', 'name!', (name) => name],
    ['fdwowner', 'oid!', BOOTSTRAP_ROLE_OID],
    ['fdwhandler', 'oid!'],
    ['fdwvalidator', 'oid!'],
    ['fdwacl', 'aclitem[]'],
    ['fdwoptions', 'text[]'],
  ],
);
