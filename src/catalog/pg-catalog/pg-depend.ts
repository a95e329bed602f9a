// pg_depend: indexes on their constraint or columns, owned sequences on their column, constraints and defaults on columns, views on
// what they read.
import { systemRelation } from '../define-system-relation.ts';
import { dependencies } from './dependency-rows.ts';

export const PG_DEPEND = systemRelation(['pg_catalog', 'pg_depend', 2608, 'table'], dependencies, [
  ['classid', 'oid!', (d) => d.catalog],
  ['objid', 'oid!', (d) => d.object],
  ['objsubid', 'int4!'],
  ['refclassid', 'oid!', (d) => d.onCatalog],
  ['refobjid', 'oid!', (d) => d.on],
  ['refobjsubid', 'int4!', (d) => d.part],
  ['deptype', 'char!', (d) => d.type],
]);
