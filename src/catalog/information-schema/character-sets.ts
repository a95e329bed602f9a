// information_schema.character_sets: UTF8, the only one.
import { systemRelation } from '../define-system-relation.ts';

export const INFORMATION_CHARACTER_SETS = systemRelation(
  ['information_schema', 'character_sets', 13250, 'view'],
  (context) => [context.session.database],
  [
    ['character_set_catalog', 'name'],
    ['character_set_schema', 'name'],
    ['character_set_name', 'name', 'UTF8'],
    ['character_repertoire', 'name', 'UCS'],
    ['form_of_use', 'name', 'UTF8'],
    ['default_collate_catalog', 'name', (name) => name],
    ['default_collate_schema', 'name', 'pg_catalog'],
    ['default_collate_name', 'name', 'C'],
  ],
);
