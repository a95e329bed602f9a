// pg_opclass: the b-tree operator classes.
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID, PG_CATALOG_OID } from '../system-oids.ts';
import { OPERATOR_CLASSES } from './operator-classes.ts';

export const PG_OPCLASS = systemRelation(['pg_catalog', 'pg_opclass', 2616, 'table'], () => OPERATOR_CLASSES, [
  ['oid', 'oid!', (o) => o.oid],
  ['opcmethod', 'oid!', 403],
  ['opcname', 'name!', (o) => o.name],
  ['opcnamespace', 'oid!', PG_CATALOG_OID],
  ['opcowner', 'oid!', BOOTSTRAP_ROLE_OID],
  ['opcfamily', 'oid!', (o) => o.family],
  ['opcintype', 'oid!', (o) => o.type],
  ['opcdefault', 'bool!', true],
  ['opckeytype', 'oid!'],
]);
