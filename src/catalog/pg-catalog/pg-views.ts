// pg_views: views by name, with their definitions.
import { systemRelation } from '../define-system-relation.ts';
import { roleName, schemaName, views } from './relation-facts.ts';

export const PG_VIEWS = systemRelation(
  ['pg_catalog', 'pg_views', 12028, 'view'],
  (context) => [...views(context)].filter((view) => view.kind === 'view'),
  [
    ['schemaname', 'name', (v, c) => schemaName(c, v.schemaOid)],
    ['viewname', 'name', (v) => v.name],
    ['viewowner', 'name', (v, c) => roleName(c, v.owner)],
    ['definition', 'text', (v) => ` ${v.sql};`],
  ],
);
