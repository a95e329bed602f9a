// information_schema.views: views and materialized views with their definitions.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName, views } from '../pg-catalog/relation-facts.ts';
import { isInsertable, isUpdatable, yesNo } from './column-facts.ts';

export const INFORMATION_VIEWS = systemRelation(['information_schema', 'views', 13483, 'view'], views, [
  ['table_catalog', 'name', (_, c) => c.session.database],
  ['table_schema', 'name', (r, c) => schemaName(c, r.schemaOid)],
  ['table_name', 'name', (r) => r.name],
  ['view_definition', 'varchar', (r) => ` ${r.sql};`],
  ['check_option', 'varchar', (r) => (r.kind === 'view' ? (r.checkOption?.toUpperCase() ?? 'NONE') : 'NONE')],
  ['is_updatable', 'varchar', (r) => yesNo(isUpdatable(r))],
  ['is_insertable_into', 'varchar', (r) => yesNo(isInsertable(r))],
  ['is_trigger_updatable', 'varchar', 'NO'],
  ['is_trigger_deletable', 'varchar', 'NO'],
  ['is_trigger_insertable_into', 'varchar', 'NO'],
]);
