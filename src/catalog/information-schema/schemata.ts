// information_schema.schemata: the schemas.
import { systemRelation } from '../define-system-relation.ts';
import { roleName } from '../pg-catalog/relation-facts.ts';

export const INFORMATION_SCHEMATA = systemRelation(
  ['information_schema', 'schemata', 13382, 'view'],
  (context) => context.catalog.schemas.values(),
  [
    ['catalog_name', 'name', (_, c) => c.session.database],
    ['schema_name', 'name', (s) => s.name],
    ['schema_owner', 'name', (s, c) => roleName(c, s.owner)],
    ['default_character_set_catalog', 'name'],
    ['default_character_set_schema', 'name'],
    ['default_character_set_name', 'name'],
    ['sql_path', 'varchar'],
  ],
);
