// pg_opfamily: the families of the b-tree operator classes, most of them named after their only one.
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID, PG_CATALOG_OID } from '../system-oids.ts';
import { OPERATOR_CLASSES } from './operator-classes.ts';

const FAMILIES = new Map(OPERATOR_CLASSES.map((one) => [one.family, one]));
/** of several types */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1976, 'integer_ops'],
  [1970, 'float_ops'],
  [434, 'datetime_ops'],
  [1994, 'text_ops'],
]);

export const PG_OPFAMILY = systemRelation(['pg_catalog', 'pg_opfamily', 2753, 'table'], () => FAMILIES.values(), [
  ['oid', 'oid!', (o) => o.family],
  ['opfmethod', 'oid!', 403],
  ['opfname', 'name!', (o) => NAMES.get(o.family) ?? o.name],
  ['opfnamespace', 'oid!', PG_CATALOG_OID],
  ['opfowner', 'oid!', BOOTSTRAP_ROLE_OID],
]);
