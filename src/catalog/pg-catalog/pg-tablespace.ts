// pg_tablespace: the data directory, under the two names that tools expect.
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID, DEFAULT_TABLESPACE_OID } from '../system-oids.ts';

const TABLESPACES: readonly (readonly [oid: number, name: string])[] = [
  [DEFAULT_TABLESPACE_OID, 'pg_default'],
  [1664, 'pg_global'],
];

export const PG_TABLESPACE = systemRelation(['pg_catalog', 'pg_tablespace', 1213, 'table'], () => TABLESPACES, [
  ['oid', 'oid!', ([oid]) => oid],
  ['spcname', 'name!', ([, name]) => name],
  ['spcowner', 'oid!', BOOTSTRAP_ROLE_OID],
  ['spcacl', 'aclitem[]'],
  ['spcoptions', 'text[]'],
]);
