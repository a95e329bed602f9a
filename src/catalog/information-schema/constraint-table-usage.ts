// information_schema.constraint_table_usage: the tables that keys are about; of a foreign key the one it refers to.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';
import { allTableConstraints, type TableConstraint } from './table-constraint-rows.ts';

function* usedTables(context: SystemContext): Generator<TableConstraint> {
  for (const one of allTableConstraints(context)) {
    const relation = one.foreign === null ? one.relation : context.catalog.relations.get(one.foreign.table);
    if (one.check === null && relation !== undefined) yield { ...one, relation };
  }
}

export const INFORMATION_CONSTRAINT_TABLE_USAGE = systemRelation(
  ['information_schema', 'constraint_table_usage', 13305, 'view'],
  usedTables,
  [
    ['table_catalog', 'name', (_, c) => c.session.database],
    ['table_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['table_name', 'name', (k) => k.relation.name],
    ['constraint_catalog', 'name', (_, c) => c.session.database],
    ['constraint_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['constraint_name', 'name', (k) => k.name],
  ],
);
