// The relations of the schema information_schema, one line each.
import type { SystemRelationDefinition } from '../system-relation.ts';
import { INFORMATION_COLUMNS } from './columns.ts';
import { EMPTY_INFORMATION } from './empty-relations.ts';
import { INFORMATION_INFORMATION_SCHEMA_CATALOG_NAME } from './information-schema-catalog-name.ts';
import { INFORMATION_SCHEMATA } from './schemata.ts';
import { INFORMATION_TABLES } from './tables.ts';

export const INFORMATION_SCHEMA_RELATIONS: readonly SystemRelationDefinition[] = [
  INFORMATION_COLUMNS,
  INFORMATION_INFORMATION_SCHEMA_CATALOG_NAME,
  INFORMATION_SCHEMATA,
  INFORMATION_TABLES,
  ...EMPTY_INFORMATION,
];
