// information_schema.key_column_usage: the columns of primary, unique and foreign keys, in order.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { keyColumns } from './table-constraint-rows.ts';

export const INFORMATION_KEY_COLUMN_USAGE = systemRelation(
  ['information_schema', 'key_column_usage', 13329, 'view'],
  keyColumns,
  [
    ['constraint_catalog', 'name', (_, c) => c.session.database],
    ['constraint_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['constraint_name', 'name', (k) => k.name],
    ['table_catalog', 'name', (_, c) => c.session.database],
    ['table_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['table_name', 'name', (k) => k.relation.name],
    ['column_name', 'name', (k) => k.column.name],
    ['ordinal_position', 'int4', (k) => k.position],
    ['position_in_unique_constraint', 'int4', (k) => k.targetPosition],
  ],
);
