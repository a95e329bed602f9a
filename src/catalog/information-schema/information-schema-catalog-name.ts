// information_schema_catalog_name: the database one is connected to.
import { systemRelation } from '../define-system-relation.ts';

export const INFORMATION_INFORMATION_SCHEMA_CATALOG_NAME = systemRelation(
  ['information_schema', 'information_schema_catalog_name', 13227, 'view'],
  (context) => [context.session.database],
  [['catalog_name', 'name', (name) => name]],
);
