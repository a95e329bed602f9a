// pg_opfamily: the families of the b-tree operator classes, each named after the first of them.
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID, PG_CATALOG_OID } from '../system-oids.ts';
import { OPERATOR_CLASSES } from './operator-classes.ts';

// reversed, so that the first of a family wins
const FAMILIES = new Map(OPERATOR_CLASSES.toReversed().map((one) => [one.family, one]));

export const PG_OPFAMILY = systemRelation(['pg_catalog', 'pg_opfamily', 2753, 'table'], () => FAMILIES.values(), [
  ['oid', 'oid!', (o) => o.family],
  ['opfmethod', 'oid!', 403],
  ['opfname', 'name!', (o) => o.name],
  ['opfnamespace', 'oid!', PG_CATALOG_OID],
  ['opfowner', 'oid!', BOOTSTRAP_ROLE_OID],
]);
