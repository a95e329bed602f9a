// pg_matviews: materialized views by name, with their definitions. They are kept up to date, so always populated.
import { systemRelation } from '../define-system-relation.ts';
import { hasIndex, roleName, schemaName, views } from './relation-facts.ts';

export const PG_MATVIEWS = systemRelation(
  ['pg_catalog', 'pg_matviews', 12038, 'view'],
  (context) => [...views(context)].filter((view) => view.kind === 'materialized-view'),
  [
    ['schemaname', 'name', (v, c) => schemaName(c, v.schemaOid)],
    ['matviewname', 'name', (v) => v.name],
    ['matviewowner', 'name', (v, c) => roleName(c, v.owner)],
    ['tablespace', 'name'],
    ['hasindexes', 'bool', hasIndex],
    ['ispopulated', 'bool', true],
    ['definition', 'text', (v) => ` ${v.sql};`],
  ],
);
