// information_schema.constraint_column_usage: the columns that keys and checks are about; of a foreign key those it refers to.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { usedColumns } from './table-constraint-rows.ts';

export const INFORMATION_CONSTRAINT_COLUMN_USAGE = systemRelation(
  ['information_schema', 'constraint_column_usage', 13300, 'view'],
  usedColumns,
  [
    ['table_catalog', 'name', (_, c) => c.session.database],
    ['table_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['table_name', 'name', (k) => k.relation.name],
    ['column_name', 'name', (k) => k.column.name],
    ['constraint_catalog', 'name', (_, c) => c.session.database],
    ['constraint_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['constraint_name', 'name', (k) => k.name],
  ],
);
