// information_schema.collations: the names of the one order text has.
import { systemRelation } from '../define-system-relation.ts';

export const INFORMATION_COLLATIONS = systemRelation(
  ['information_schema', 'collations', 13265, 'view'],
  () => ['C', 'POSIX', 'ucs_basic'],
  [
    ['collation_catalog', 'name', (_, c) => c.session.database],
    ['collation_schema', 'name', 'pg_catalog'],
    ['collation_name', 'name', (name) => name],
    ['pad_attribute', 'varchar', 'NO PAD'],
  ],
);
