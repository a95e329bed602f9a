// pg_collation: text compares by the bytes of its UTF-8 form, under each of the names PostgreSQL has for that.
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID, C_COLLATION_OID, DEFAULT_COLLATION_OID, PG_CATALOG_OID } from '../system-oids.ts';

const COLLATIONS: readonly (readonly [oid: number, name: string, provider: string, locale: string | null])[] = [
  [DEFAULT_COLLATION_OID, 'default', 'd', null],
  [C_COLLATION_OID, 'C', 'c', 'C'],
  [951, 'POSIX', 'c', 'POSIX'],
  [12_340, 'ucs_basic', 'c', 'C'],
];

export const PG_COLLATION = systemRelation(['pg_catalog', 'pg_collation', 3456, 'table'], () => COLLATIONS, [
  ['oid', 'oid!', ([oid]) => oid],
  ['collname', 'name!', ([, name]) => name],
  ['collnamespace', 'oid!', PG_CATALOG_OID],
  ['collowner', 'oid!', BOOTSTRAP_ROLE_OID],
  ['collprovider', 'char!', ([, , provider]) => provider],
  ['collisdeterministic', 'bool!', true],
  ['collencoding', 'int4!', -1],
  ['collcollate', 'text', ([, , , locale]) => locale],
  ['collctype', 'text', ([, , , locale]) => locale],
  ['colliculocale', 'text'],
  ['collversion', 'text'],
]);
