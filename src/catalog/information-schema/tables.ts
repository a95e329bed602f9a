// information_schema.tables: tables, streams (FOREIGN) and views. Materialized views are views to the standard, so they are here too.
import { systemRelation } from '../define-system-relation.ts';
import type { Relation } from '../objects.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { isInsertable, tables, yesNo } from './column-facts.ts';

function tableType(relation: Relation): string {
  switch (relation.kind) {
    case 'table':
      return relation.temporary ? 'LOCAL TEMPORARY' : 'BASE TABLE';
    case 'stream':
      return 'FOREIGN';
    case 'system-table':
      return 'BASE TABLE';
    default:
      return 'VIEW';
  }
}

export const INFORMATION_TABLES = systemRelation(['information_schema', 'tables', 13425, 'view'], tables, [
  ['table_catalog', 'name', (_, c) => c.session.database],
  ['table_schema', 'name', (r, c) => schemaName(c, r.schemaOid)],
  ['table_name', 'name', (r) => r.name],
  ['table_type', 'varchar', tableType],
  ['self_referencing_column_name', 'name'],
  ['reference_generation', 'varchar'],
  ['user_defined_type_catalog', 'name'],
  ['user_defined_type_schema', 'name'],
  ['user_defined_type_name', 'name'],
  ['is_insertable_into', 'varchar', (r) => yesNo(isInsertable(r))],
  ['is_typed', 'varchar', 'NO'],
  ['commit_action', 'varchar', (r) => (r.kind === 'table' && r.temporary ? 'PRESERVE' : null)],
]);
