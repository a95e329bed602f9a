// information_schema.view_table_usage: the relations that views read.
import { systemRelation } from '../define-system-relation.ts';
import type { Relation } from '../objects.ts';
import { schemaName, views } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';

function* usages(context: SystemContext): Generator<{ readonly view: Relation; readonly table: Relation }> {
  const { dependencies, relations } = context.catalog;
  for (const view of views(context)) {
    for (const oid of dependencies?.get(view.oid)?.dependsOn ?? []) {
      const table = relations.get(oid);
      if (table !== undefined) yield { view, table };
    }
  }
}

export const INFORMATION_VIEW_TABLE_USAGE = systemRelation(
  ['information_schema', 'view_table_usage', 13478, 'view'],
  usages,
  [
    ['view_catalog', 'name', (_, c) => c.session.database],
    ['view_schema', 'name', (u, c) => schemaName(c, u.view.schemaOid)],
    ['view_name', 'name', (u) => u.view.name],
    ['table_catalog', 'name', (_, c) => c.session.database],
    ['table_schema', 'name', (u, c) => schemaName(c, u.table.schemaOid)],
    ['table_name', 'name', (u) => u.table.name],
  ],
);
