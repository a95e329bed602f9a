// information_schema.constraint_table_usage: the tables that keys are about.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { allTableConstraints } from './table-constraint-rows.ts';

export const INFORMATION_CONSTRAINT_TABLE_USAGE = systemRelation(
  ['information_schema', 'constraint_table_usage', 13305, 'view'],
  (context) => [...allTableConstraints(context)].filter((one) => one.check === null),
  [
    ['table_catalog', 'name', (_, c) => c.session.database],
    ['table_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['table_name', 'name', (k) => k.relation.name],
    ['constraint_catalog', 'name', (_, c) => c.session.database],
    ['constraint_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['constraint_name', 'name', (k) => k.name],
  ],
);
